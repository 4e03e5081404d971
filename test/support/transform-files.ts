/** Small programs in memory, from source to what runs: transformed, type-checked, loaded. */
import ts from "typescript";
import { messageOf, transformProgram, type Diagnostic } from "../../transformer/index.js";
import type { Layout } from "../../transformer/emit/typescript/import-plan.js";
import { ModuleLoader, type Module } from "./load-module.js";
import { virtualProgram } from "./virtual-program.js";

export interface FilesOptions {
  /** Names of the files that are written; all of them where it is left out. */
  readonly outputs?: readonly string[];
  readonly compilerOptions?: ts.CompilerOptions;
  readonly layout?: Layout;
}

export interface TransformedFiles {
  readonly texts: Readonly<Record<string, string>>;
  /** `EZ2003 at the text: message`. */
  readonly diagnostics: readonly string[];
  readonly refused: readonly string[];
  /** What the compiler says of the outputs. */
  typeErrors(): readonly string[];
  load(file: string): Module;
}

export function transformFiles(files: Readonly<Record<string, string>>, options: FilesOptions = {}): TransformedFiles {
  const compilerOptions: ts.CompilerOptions = { noUncheckedIndexedAccess: false, ...options.compilerOptions };
  const program = virtualProgram(files, compilerOptions);
  const { outputs, layout = "ownLines" } = options;
  const result = transformProgram(program, {
    layout,
    checks: true,
    ...(outputs === undefined ? {} : { outputs: new Set(outputs.map((name) => `/${name}`)) }),
  });
  const texts: Record<string, string> = { ...files };
  for (const [name, { text }] of result.files) texts[name.slice(1)] = text;
  return {
    texts,
    diagnostics: result.diagnostics.map((one) => describe(one, program)),
    refused: [...result.refused].map((name) => name.slice(1)).sort(),
    typeErrors: () => typeErrors(texts, compilerOptions),
    load: (file) =>
      new ModuleLoader(new Map(Object.entries(texts).map(([name, text]) => [`/${name}`, text]))).load(`/${file}`),
  };
}

function describe(diagnostic: Diagnostic, program: ts.Program): string {
  const { span } = diagnostic;
  const text = span === null ? "" : (program.getSourceFile(span.file)?.text.slice(span.start, span.end) ?? "");
  return `${diagnostic.code} at ${text.split("\n")[0] ?? ""}: ${messageOf(diagnostic)}`;
}

function typeErrors(texts: Readonly<Record<string, string>>, options: ts.CompilerOptions): readonly string[] {
  const program = virtualProgram(texts, { ...options, noUnusedLocals: false });
  return program
    .getSourceFiles()
    .filter((file) => file.fileName.slice(1) in texts)
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map((one) => `${one.file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`);
}

/** A function of a loaded module. */
export function callIn(module: Module, name: string, ...args: readonly unknown[]): unknown {
  const fn = module[name];
  if (typeof fn !== "function") throw new Error(`the module exports no function ${name}`);
  return Reflect.apply(fn, undefined, args) as unknown;
}
