import type ts from "typescript";
import { adviceOf, categoryOf, messageOf, type Diagnostic } from "../diagnostics/diagnostic.js";

/** `TS92003` for EZ2003: outside of the numbers that the compiler uses. */
const firstNumber = 90_000;

/** A diagnostic of ours in the compiler's form. */
export function toTsDiagnostic(
  diagnostic: Diagnostic,
  fileOf: (name: string) => ts.SourceFile | undefined,
  categories: typeof ts.DiagnosticCategory,
): ts.Diagnostic {
  const { span } = diagnostic;
  const file = span === null ? undefined : fileOf(span.file);
  const category = categoryOf(diagnostic);
  return {
    category:
      category === "error" ? categories.Error : category === "warning" ? categories.Warning : categories.Message,
    code: firstNumber + Number(diagnostic.code.slice(2)),
    source: "enzyme-ts",
    file,
    start: file === undefined ? undefined : span?.start,
    length: file === undefined || span === null ? undefined : Math.max(1, span.end - span.start),
    messageText: `${diagnostic.code}: ${messageOf(diagnostic)} (${adviceOf(diagnostic)})`,
    relatedInformation: diagnostic.notes.map((note) => {
      const noteFile = note.span === null ? undefined : fileOf(note.span.file);
      return {
        category: categories.Message,
        code: firstNumber,
        file: noteFile,
        start: noteFile === undefined ? undefined : note.span?.start,
        length: noteFile === undefined || note.span === null ? undefined : note.span.end - note.span.start,
        messageText: note.text,
      };
    }),
  };
}
