/** Emits a function written as IR text, compiles it under the strictest options, and runs it. */
import { runInThisContext } from "node:vm";
import ts from "typescript";
import { expect } from "vitest";
import type { IRFunction } from "../../transformer/ir/ir.js";
import { interpret } from "../../transformer/ir/interpret.js";
import { parse } from "../../transformer/ir/parse.js";
import { emitFunction, type EmitOptions } from "../../transformer/emit/typescript/emit-function.js";

export const plainOptions: EmitOptions = {
  exported: false,
  reservedNames: new Set(),
  uncheckedIndexedAccess: false,
  language: "typescript",
  doc: null,
};

/** The text of one function, without the final newline. */
export function emitText(ir: string, options: Partial<EmitOptions> = {}): string {
  return emitFunction(parse(ir), { ...plainOptions, ...options }).text.trimEnd();
}

const strictest: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  skipLibCheck: true,
  types: [],
  noEmit: true,
};

const libraries = new Map<string, ts.SourceFile | undefined>();

/** What TypeScript has to say about a file of this text. */
export function typeErrors(text: string): readonly string[] {
  const host = ts.createCompilerHost(strictest);
  const original = host.getSourceFile.bind(host);
  host.getSourceFile = (file, version) => {
    if (file === "emitted.ts") return ts.createSourceFile(file, text, version);
    if (!libraries.has(file)) libraries.set(file, original(file, version));
    return libraries.get(file);
  };
  const program = ts.createProgram(["emitted.ts"], strictest, host);
  return ts.getPreEmitDiagnostics(program).map((one) => {
    const line = one.file === undefined ? 0 : one.file.getLineAndCharacterOfPosition(one.start ?? 0).line;
    return `${ts.flattenDiagnosticMessageText(one.messageText, "\n")}: ${text.split("\n")[line] ?? ""}`;
  });
}

const isFunction = (value: unknown): value is (...args: readonly unknown[]) => unknown => typeof value === "function";

/** Runs the emitted function itself. */
export function runEmitted(
  fn: IRFunction,
  args: readonly unknown[],
  options: Partial<EmitOptions> = { uncheckedIndexedAccess: true },
): unknown {
  const { text } = emitFunction(fn, { ...plainOptions, ...options });
  const script = ts.transpile(`(() => { ${text} return ${fn.name}; })()`, { target: ts.ScriptTarget.ES2022 });
  const made: unknown = runInThisContext(script);
  if (!isFunction(made)) throw new Error("no function");
  return made(...args);
}

const copy = (value: unknown): unknown => structuredClone(value);

/** Emitted code and interpreter agree: what they return, what they throw, and what they leave in their arguments. */
export function expectAgreement(fn: IRFunction, ...calls: readonly (readonly unknown[])[]): void {
  expectSame((args) => runEmitted(fn, args), fn, calls);
}

/** The same of a function that is cut into small parts. */
export function expectAgreementInParts(fn: IRFunction, ...calls: readonly (readonly unknown[])[]): void {
  expectSame((args) => runEmitted(fn, args, { partSizes: { largest: 40, part: 40 } }), fn, calls);
}

function expectSame(
  run: (args: readonly unknown[]) => unknown,
  fn: IRFunction,
  calls: readonly (readonly unknown[])[],
): void {
  for (const args of calls) {
    const [ours, theirs] = [args.map(copy), args.map(copy)];
    const outcome = (act: () => unknown): unknown => {
      try {
        return { returned: act() };
      } catch (thrown) {
        return { thrown: thrown instanceof Error ? thrown.message : thrown };
      }
    };
    const expected = outcome(() => {
      const { results } = interpret(fn, theirs);
      return results.length > 1 ? results : results[0];
    });
    expect(outcome(() => run(ours))).toEqual(expected);
    expect(ours).toEqual(theirs);
  }
}
