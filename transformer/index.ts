import type ts from "typescript";
import { Compilation, type CompilationOptions } from "./compilation.js";
import type { DerivativeRequest, DeriveFunctions, GeneratedFunction } from "./derivative-request.js";
import { firstLine, isError, type Diagnostic } from "./diagnostics/diagnostic.js";
import type { EditMap } from "./emit/typescript/edit-text.js";
import type { Layout } from "./emit/typescript/import-plan.js";
import { rewriteFile, type MacroAnswer } from "./emit/typescript/rewrite.js";
import { deriveFunctions } from "./pipeline.js";
import { isInPackage } from "./syntax/implementations.js";
import { findRequests, type Requests } from "./syntax/find-requests.js";
import { reportSyntaxErrors } from "./syntax/syntax-errors.js";

export type { CompilationOptions } from "./compilation.js";
export type { DerivativeRequest, GeneratedFunction, Primal, RequestMode } from "./derivative-request.js";
export { adviceOf, categoryOf, isError, kindOf, messageOf } from "./diagnostics/diagnostic.js";
export type { Details, Diagnostic, Note, SourceSpan } from "./diagnostics/diagnostic.js";
export { formatDiagnostic, formatDiagnostics } from "./diagnostics/format.js";

export interface TransformOptions extends Partial<CompilationOptions> {
  /** The files that are transformed; all source files of the program where it is left out. */
  readonly outputs?: ReadonlySet<string>;
  /** `keepLines` (the default): no line of the user moves. `ownLines`: new imports get lines of their own. */
  readonly layout?: Layout;
}

export interface TransformedFile {
  readonly text: string;
  /** From the new text to the old one. */
  readonly map: EditMap;
  /** Where a character of the new text stood in the old one; null: it is new. */
  readonly originalOffset: (offset: number) => number | null;
}

export interface TransformResult {
  /** By file name; files in which nothing changes are not here. */
  readonly files: ReadonlyMap<string, TransformedFile>;
  /** Files that ask for, or hold the primal of, a derivative that could not be made. */
  readonly refused: ReadonlySet<string>;
  readonly generated: readonly GeneratedFunction[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Generates the derivatives that a program asks for, and splices them into its files. The program is not touched. */
export function transformProgram(program: ts.Program, options: TransformOptions = {}): TransformResult {
  return transformProgramWith(deriveFunctions, program, options);
}

/** The same, with the road from requests to texts given: for tests of the surfaces alone. */
export function transformProgramWith(
  derive: DeriveFunctions<Compilation>,
  program: ts.Program,
  options: TransformOptions = {},
): TransformResult {
  const { outputs, layout = "keepLines", ...compilationOptions } = options;
  const compilation = new Compilation(compilationOptions);
  const refused = new Set<string>();
  const sourceFiles = program
    .getSourceFiles()
    .filter((file) => isOurs(file) && (outputs?.has(file.fileName) ?? !isInPackage(file, program)))
    .filter((file) => {
      const sound = reportSyntaxErrors(file, program, compilation);
      if (!sound) refused.add(file.fileName);
      return sound;
    });

  const found = findRequests(sourceFiles, program, compilation);
  const inReach = found.requests.filter(({ primal: { sourceFile } }) => {
    // The primal of another file, which this run does not write, has to be sound as well.
    return sourceFiles.includes(sourceFile) || reportSyntaxErrors(sourceFile, program, compilation);
  });
  const generated =
    inReach.length === 0 ? [] : deriveSafely(derive, inReach, program, compilation, new Set(sourceFiles));
  const answers = new Map(generated.map((one) => [one.request, one]));

  for (const request of found.requests) {
    if (answers.has(request)) continue;
    refused.add(request.standsIn.fileName);
    for (const { span } of request.origins) refused.add(span.file);
  }
  const { diagnostics } = compilation;
  for (const diagnostic of diagnostics) {
    if (diagnostic.span !== null && isError(diagnostic)) refused.add(diagnostic.span.file);
  }

  const files = new Map<string, TransformedFile>();
  for (const sourceFile of sourceFiles) {
    const functions = generated.filter((one) => one.file === sourceFile.fileName).sort(byPlaceOfPrimal);
    const macros = answersIn(sourceFile, found, answers);
    if (functions.length === 0 && macros.length === 0) continue;
    files.set(sourceFile.fileName, rewriteFile(sourceFile, { functions, macros }, program, layout));
  }
  return { files, refused, generated, diagnostics };
}

/** Written by the user, and part of this build. */
function isOurs(file: ts.SourceFile): boolean {
  return !file.isDeclarationFile && !file.fileName.endsWith(".json");
}

/** A fault of ours in one run must not end the user's build with a stack trace. */
function deriveSafely(
  derive: DeriveFunctions<Compilation>,
  requests: readonly DerivativeRequest[],
  program: ts.Program,
  compilation: Compilation,
  outputs: ReadonlySet<ts.SourceFile>,
): readonly GeneratedFunction[] {
  try {
    return derive(requests, program, compilation, outputs);
  } catch (fault) {
    const text = firstLine(fault);
    for (const { primal } of requests) compilation.report("EZ9001", primal.nameSpan, { name: primal.name, text });
    return [];
  }
}

/** In the order of the primals; of one primal, in the order of the requests. */
function byPlaceOfPrimal(a: GeneratedFunction, b: GeneratedFunction): number {
  if (a.request.primal.sourceFile !== b.request.primal.sourceFile) return 0;
  return a.request.primal.node.pos - b.request.primal.node.pos;
}

function answersIn(
  sourceFile: ts.SourceFile,
  found: Requests,
  answers: ReadonlyMap<DerivativeRequest, GeneratedFunction>,
): readonly MacroAnswer[] {
  const macros: MacroAnswer[] = [];
  for (const [call, request] of found.byCall) {
    const generated = answers.get(request);
    if (generated !== undefined && call.getSourceFile() === sourceFile) macros.push({ call, generated });
  }
  return macros;
}
