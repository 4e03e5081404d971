/** Lowers a source text and runs it both ways: as JavaScript, and as IR by the interpreter. */
import { compileFunction } from "node:vm";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { messageOf } from "../../transformer/diagnostics/diagnostic.js";
import { interpret } from "../../transformer/ir/interpret.js";
import type { IRFunction } from "../../transformer/ir/ir.js";
import { print } from "../../transformer/ir/print.js";
import { verify } from "../../transformer/ir/verify.js";
import { lowerFunction } from "../../transformer/frontend/lower-function.js";
import { createLoweringSession } from "../../transformer/frontend/session.js";
import { deepClone } from "../support/shape.js";

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  allowJs: true,
  noEmit: true,
  types: [],
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
};

const libraries = new Map<string, ts.SourceFile | undefined>();

export type Files = Readonly<Record<string, string>>;

const brands = `
declare const constBrand: unique symbol; declare const intBrand: unique symbol;
export interface ConstBrand { readonly [constBrand]?: true }
export interface IntBrand extends ConstBrand { readonly [intBrand]?: true }
export type Const<T> = T & (ConstBrand | null | undefined);
export type int = number & IntBrand;
`;

export function programOf(files: Files): ts.Program {
  const all: Files = { "/enzyme.ts": brands, ...files };
  const host = ts.createCompilerHost(options);
  const real = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    const text = all[name];
    if (text !== undefined) return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
    if (!libraries.has(name)) libraries.set(name, real(name, ...rest));
    return libraries.get(name);
  };
  host.fileExists = (name) => name in all || ts.sys.fileExists(name);
  host.readFile = (name) => all[name] ?? ts.sys.readFile(name);
  host.getCurrentDirectory = () => "/";
  host.directoryExists = () => true;
  return ts.createProgram(Object.keys(all), options, host);
}

export interface Lowered {
  readonly fn: IRFunction | null;
  readonly compilation: Compilation;
  readonly messages: readonly string[];
  readonly text: string;
}

/** What is lowered here calls no derivatives. */
const noDerivatives = { derivativeOf: (): null => null, isMacro: (): boolean => false };

/** Lowers the function of this name in `/main.ts`. */
export function lower(source: string | Files, name: string): Lowered {
  const files = typeof source === "string" ? { "/main.ts": source } : source;
  const program = programOf(files);
  const compilation = new Compilation({ checks: true });
  const session = createLoweringSession(program, compilation, noDerivatives);
  const file = program.getSourceFile("/main.ts") ?? program.getSourceFile("/main.js");
  if (file === undefined) throw new Error("no main");
  const declaration = find(file, name);
  const fn = lowerFunction(declaration, name, session);
  const messages = compilation.diagnostics.map((one) => `${one.code}: ${messageOf(one)}`);
  if (fn !== null) for (const one of compilation.functions.values()) verify(one, "lowering", compilation.functions);
  return { fn, compilation, messages, text: fn === null ? "" : print(fn) };
}

function find(file: ts.SourceFile, name: string): ts.FunctionLikeDeclaration {
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return statement;
    if (!ts.isVariableStatement(statement)) continue;
    for (const one of statement.declarationList.declarations) {
      const { initializer } = one;
      if (one.name.getText() !== name || initializer === undefined) continue;
      if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) return initializer;
    }
  }
  throw new Error(`no function ${name}`);
}

/** Runs modules as JavaScript, with a `require` among them. */
function evaluateModules(files: Files): (path: string) => Record<string, unknown> {
  const known = evaluated.get(files);
  if (known !== undefined) return known;
  const load = loaderOf(files);
  evaluated.set(files, load);
  return load;
}

/** Instances in an example are of the very classes that the functions ask for. */
const evaluated = new WeakMap<Files, (path: string) => Record<string, unknown>>();

function loaderOf(files: Files): (path: string) => Record<string, unknown> {
  const loaded = new Map<string, Record<string, unknown>>();
  const load = (path: string): Record<string, unknown> => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const exports: Record<string, unknown> = {};
    loaded.set(path, exports);
    const text = files[path] ?? "";
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { ...options, noEmit: false, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
      fileName: path,
    });
    const require = (name: string): unknown => {
      const target = join(dirname(path), name).replace(/\.js$/, "");
      const found = [`${target}.ts`, `${target}.js`].find((one) => one in files);
      return found === undefined ? {} : load(found);
    };
    const locals =
      path === "/main.ts" || path === "/main.js"
        ? "\nexports.__read = (text) => { try { return eval(text); } catch { return exports[text]; } };"
        : "";
    const run = compileFunction(outputText + locals, ["exports", "require", "console"]) as (...args: unknown[]) => void;
    run(exports, require, quiet);
    return exports;
  };
  return load;
}

const log: string[] = [];
const quiet = {
  log: (...args: unknown[]) => log.push(args.map(String).join(" ")),
  warn: (...args: unknown[]) => log.push(args.map(String).join(" ")),
  error: (...args: unknown[]) => log.push(args.map(String).join(" ")),
};

/** A value with everything that `===` does not see: -0, NaN, the kind of container. */
function shown(value: unknown): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return value.map(shown);
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...Array.from(value as Float64Array, shown)];
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([key, one]) => [key, shown(one)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return value;
}

interface Outcome {
  readonly result: unknown;
  readonly args: unknown;
  readonly log: readonly string[];
}

function attempt(run: () => unknown, args: readonly unknown[]): Outcome {
  log.length = 0;
  let result: unknown;
  try {
    result = shown(run());
  } catch (error) {
    result = `throws ${String(shown(error))}`;
  }
  return { result, args: shown(args), log: [...log] };
}

/** The lowered function must answer what JavaScript answers, write what it writes and print what it prints. */
export function agrees(source: string | Files, name: string, ...samples: readonly (readonly unknown[])[]): Lowered {
  const files = typeof source === "string" ? { "/main.ts": source } : source;
  const lowered = lower(files, name);
  const { fn } = lowered;
  expect(lowered.messages.filter((one) => !one.startsWith("EZ3"))).toEqual([]);
  if (fn === null) throw new Error("not lowered");
  for (const sample of samples) {
    const load = evaluateModules(files);
    const main = load("/main.js" in files ? "/main.js" : "/main.ts");
    const read = main["__read"] as (text: string) => unknown;
    const original = main[name] ?? read(name);
    if (typeof original !== "function") throw new Error(`${name} is not exported`);
    const [left, right] = [deepClone([...sample]), deepClone([...sample])];
    const hasRest = fn.params.at(-1)?.rest === true;
    const spread = (args: readonly unknown[]): readonly unknown[] =>
      hasRest ? args.flatMap((arg, k) => (k === fn.params.length - 1 ? (arg as unknown[]) : [arg])) : args;
    const expected = attempt(() => (original as (...args: unknown[]) => unknown)(...spread(left)), left);
    const actual = attempt(() => {
      const opaque = (template: string, operands: readonly unknown[]): unknown => {
        const names = operands.map((_, k) => `$${k}`);
        // `$0!` is TypeScript, as what is written down is.
        const body = `${visibleNames(files)} return (${template.replace(/(\$\d+)!(?!=)/g, "$1")});`;
        const evaluate = compileFunction(body, [...names, "console", "read"]) as (...args: unknown[]) => unknown;
        return evaluate(...operands, quiet, read);
      };
      const given = right.concat(Array.from({ length: fn.params.length - right.length }, () => undefined));
      return interpret(fn, given, { opaque, functions: lowered.compilation.functions, limit: 1e6 }).results[0];
    }, right);
    expect(actual, lowered.text).toEqual(expected);
  }
  return lowered;
}

/** Top-level names of the main file, so that templates can mention them. */
function visibleNames(files: Files): string {
  const text = files["/main.ts"] ?? files["/main.js"] ?? "";
  const file = ts.createSourceFile("main.ts", text, ts.ScriptTarget.ES2022, true);
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const one of statement.declarationList.declarations) if (ts.isIdentifier(one.name)) names.add(one.name.text);
    } else if ((ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) && statement.name !== undefined) {
      names.add(statement.name.text);
    } else if (ts.isImportDeclaration(statement) && statement.importClause !== undefined) {
      const { namedBindings } = statement.importClause;
      if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
    }
  }
  return [...names].map((name) => `const ${name} = read(${JSON.stringify(name)});`).join(" ");
}

/** Arguments for a function of the main file: its `example`, or its part of `examples`. */
export function exampleOf(files: Files, name: string): readonly unknown[] {
  const { example: one, examples } = evaluateModules(files)("/main.ts");
  const all =
    typeof examples === "object" && examples !== null ? new Map<string, unknown>(Object.entries(examples)) : null;
  const example = one ?? all?.get(name);
  if (typeof example !== "object" || example === null || !("args" in example) || !Array.isArray(example.args))
    return [];
  return example.args;
}

/** Names of functions that stand below `@enzyme`. */
export const markedFunctions = (source: string): readonly string[] =>
  [...source.matchAll(/@enzyme[^*]*\*\/\s*export function ([\p{L}\p{N}_$]+)/gu)].flatMap((one) => one[1] ?? []);

/** As `agrees`, for many functions of one file at once. */
export function agreeAll(functions: readonly string[], samples: readonly (readonly unknown[])[]): void {
  const files = { "/main.ts": functions.join("\n") };
  const program = programOf(files);
  const file = program.getSourceFile("/main.ts");
  if (file === undefined) throw new Error("no main");
  const main = evaluateModules(files)("/main.ts");
  functions.forEach((source, k) => {
    const name = /function (\w+)/.exec(source)?.[1] ?? `f${k}`;
    const compilation = new Compilation({ checks: true });
    const fn = lowerFunction(find(file, name), name, createLoweringSession(program, compilation, noDerivatives));
    expect(compilation.diagnostics.map(messageOf), source).toEqual([]);
    if (fn === null) throw new Error(source);
    for (const one of compilation.functions.values()) verify(one, "lowering", compilation.functions);
    const original = main[name] as (...args: readonly unknown[]) => unknown;
    for (const sample of samples) {
      const [left, right] = [deepClone([...sample]), deepClone([...sample])];
      const expected = attempt(() => original(...left), left);
      const opaque = (template: string, operands: readonly unknown[]): unknown => {
        const names = operands.map((_, position) => `$${position}`);
        return (compileFunction(`return (${template});`, names) as (...args: unknown[]) => unknown)(...operands);
      };
      const actual = attempt(
        () => interpret(fn, right, { opaque, functions: compilation.functions, limit: 1e6 }).results[0],
        right,
      );
      expect(actual, `${source}\n${print(fn)}`).toEqual(expected);
    }
  });
}
