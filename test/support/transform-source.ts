/** From source text to functions that run: transforms files, loads the outputs, and finds primals and derivatives. */
import type ts from "typescript";
import { formatDiagnostics, isError, transformProgram, type TransformOptions } from "../../transformer/index.js";
import { checkGradient, type AnyFunction, type Derivatives, type GradientReport } from "./gradient-check.js";
import { ModuleLoader, type Module } from "./load-module.js";
import { createProgram, type FunctionShape } from "./program.js";
import { isContainer } from "./shape.js";

export const derivativeModes = [
  ...(["gradient", "valueAndGradient", "reverse", "reverseWithPrimal", "forward", "forwardWithPrimal"] as const),
];
export type DerivativeMode = (typeof derivativeModes)[number];

const isFunction = (value: unknown): value is AnyFunction => typeof value === "function";

/** Every mode that fits a function with this result, as the words of its marker. */
export function modesFor({ result, rest }: FunctionShape): readonly DerivativeMode[] {
  if (rest === true) return ["gradient", "valueAndGradient"];
  return derivativeModes.filter((mode) => result.kind === "number" || !/gradient/i.test(mode));
}

/** The generated functions of one primal in a module: `loss_gradient`, `loss_reverse`, ... */
export function derivativesIn(module: Module, name: string, rest = false): Derivatives {
  const found: Partial<Record<DerivativeMode, AnyFunction>> = {};
  for (const mode of derivativeModes) {
    const fn = module[`${name}_${mode}`];
    if (isFunction(fn)) found[mode] = rest ? spreadsLast(fn) : fn;
  }
  return found;
}

export function functionIn(module: Module, name: string): AnyFunction {
  const fn = module[name];
  if (!isFunction(fn)) throw new Error(`the module exports no function ${name}`);
  return fn;
}

/** What a program becomes: texts, and for each file that is refused why. */
export interface Transformed {
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: ReadonlyMap<string, string>;
}

export function transformTexts(program: ts.Program, options: TransformOptions = {}): Transformed {
  const { files, diagnostics } = transformProgram(program, { checks: true, ...options });
  const textOf = (file: string): string | undefined => program.getSourceFile(file)?.text;
  const problems = new Map<string, string>();
  for (const diagnostic of diagnostics.filter(isError)) {
    const file = diagnostic.span?.file ?? "";
    problems.set(file, `${problems.get(file) ?? ""}${formatDiagnostics([diagnostic], { textOf })}\n`);
  }
  return { texts: new Map([...files].map(([name, { text }]) => [name, text])), problems };
}

/** Texts that can be loaded as they are: where a primal asks for derivatives itself, its file has to be transformed. */
export function loadableTexts(
  files: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
): ReadonlyMap<string, string> {
  const asking = [...files].filter(([, text]) => /\benzyme\(/.test(text)).map(([file]) => file);
  const { texts } = transformTexts(createProgram(asking, files, options));
  return new Map([...files].map(([file, text]) => [file, texts.get(file) ?? text]));
}

/** Takes the arguments of a rest parameter as one array. */
const spreadsLast =
  (fn: AnyFunction): AnyFunction =>
  (...args) => {
    const last = args.at(-1);
    return fn(...args.slice(0, -1), ...(Array.isArray(last) ? (last as readonly unknown[]) : []));
  };

export interface ExampleRun {
  readonly args: readonly unknown[];
  readonly gradient?: unknown;
  readonly differences?: boolean;
  readonly single?: boolean;
}

/** `example` of a module, or its part of `examples`. */
export function exampleIn(module: Module, fn: string): ExampleRun {
  const { example, examples } = module;
  const one = example ?? (isContainer(examples) ? examples[fn] : undefined);
  if (!isContainer(one) || !Array.isArray(one["args"])) throw new Error(`no example for ${fn}`);
  const { args, gradient, differences, single } = one;
  return {
    args,
    ...(gradient === undefined ? {} : { gradient }),
    ...(typeof differences === "boolean" ? { differences } : {}),
    ...(typeof single === "boolean" ? { single } : {}),
  };
}

/**
 * Checks all derivatives of one function of a transformed module. Primal and arguments are that module's own: an
 * instance is one of its classes, to which derivatives may ask whether it is.
 */
export function checkFunction(
  { texts, problems }: Transformed,
  fileName: string,
  shape: FunctionShape,
  exampleOf: (module: Module) => ExampleRun,
  derivedName = shape.name,
): GradientReport {
  const problem = problems.get(fileName);
  if (problem !== undefined) throw new Error(problem);
  const derived = new ModuleLoader(texts).load(fileName);
  const primal = functionIn(derived, shape.name);
  const example = exampleOf(derived);
  const text = texts.get(fileName) ?? "";
  return checkGradient({
    primal: shape.rest === true ? spreadsLast(primal) : primal,
    derivatives: derivativesIn(derived, derivedName, shape.rest),
    parameters: shape.parameters,
    result: shape.result,
    args: example.args,
    single: /Float32Array|fround/.test(text),
    ...(example.gradient === undefined ? {} : { gradient: example.gradient }),
    ...(example.differences === undefined ? {} : { differences: example.differences }),
  });
}
