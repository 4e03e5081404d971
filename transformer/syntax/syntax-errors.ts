import type ts from "typescript";
import type { Compilation } from "../compilation.js";

/** Reports what the parser found wrong in a file; true where it is sound. */
export function reportSyntaxErrors(file: ts.SourceFile, program: ts.Program, compilation: Compilation): boolean {
  const errors = program.getSyntacticDiagnostics(file);
  for (const error of errors) {
    const text = typeof error.messageText === "string" ? error.messageText : error.messageText.messageText;
    const span = { file: file.fileName, start: error.start, end: error.start + error.length };
    compilation.report("EZ1019", span, { text: text.replace(/\.$/, "") });
  }
  return errors.length === 0;
}
