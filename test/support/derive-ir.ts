/** Derivatives of IR functions as functions that run, by the interpreter. */
import { sharesMemory } from "../../src/shadow.js";
import { compileFunction } from "node:vm";
import type { Compilation } from "../../transformer/compilation.js";
import { Derivatives as CalleeDerivatives } from "../../transformer/differentiate/derivatives.js";
import { differentiateForward } from "../../transformer/differentiate/forward.js";
import type { DerivedFunction, ResultShape } from "../../transformer/differentiate/derivative.js";
import { differentiateReverse } from "../../transformer/differentiate/reverse.js";
import { interpret } from "../../transformer/ir/interpret.js";
import type { IRFunction } from "../../transformer/ir/ir.js";
import { verify } from "../../transformer/ir/verify.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import type { AnyFunction, Derivatives } from "./gradient-check.js";

/** What the emitted code would return. */
function assemble(shape: ResultShape, results: unknown[]): unknown {
  switch (shape.kind) {
    case "bare":
      return results.shift();
    case "none":
      return undefined;
    case "function":
      throw new Error("pullbacks are tested as text");
    case "tuple":
      return shape.entries.map((entry) => assemble(entry, results));
    case "object":
      return Object.fromEntries(shape.entries.map((entry) => [entry.name, assemble(entry.shape, results)]));
  }
}

const compiled = new Map<string, unknown>();

/** The meaning of opaque operations: their text, run as JavaScript, with the one helper that they may call. */
export function evaluateOpaque(template: string, operands: readonly unknown[]): unknown {
  const names = operands.map((_, k) => `$${k}`);
  const key = `${names.length} ${template}`;
  if (!compiled.has(key)) compiled.set(key, compileFunction(`return (${template});`, [...names, "$sharesMemory"]));
  const fn = compiled.get(key);
  if (typeof fn !== "function") throw new Error(`${template} cannot be run`);
  return Reflect.apply(fn, undefined, [...operands, sharesMemory]);
}

export const runnable =
  (fn: IRFunction, compilation: Compilation, shape: ResultShape = { kind: "bare" }): AnyFunction =>
  (...args) =>
    assemble(shape, [
      ...interpret(fn, args, { functions: compilation.functions, limit: 2_000_000, opaque: evaluateOpaque }).results,
    ]);

/** All modes of a function, cleaned as the pipeline does it; `finish` is what else is done to each derivative. */
export function deriveIR(
  primal: IRFunction,
  compilation: Compilation,
  finish: (fn: IRFunction) => IRFunction = (fn) => fn,
): { readonly derivatives: Derivatives; readonly functions: ReadonlyMap<string, IRFunction> } {
  const functions = new Map<string, IRFunction>();
  const callees = new CalleeDerivatives(new Set(), compilation.functions);
  const run = (mode: string, { fn, shape }: DerivedFunction): AnyFunction => {
    const pruned = removeDead(fn, compilation);
    verify(pruned, mode, compilation.functions);
    const finished = finish(pruned);
    functions.set(mode, finished);
    return runnable(finished, compilation, shape);
  };
  const reverse = (mode: "gradient" | "valueAndGradient" | "reverse" | "reverseWithPrimal"): AnyFunction =>
    run(mode, differentiateReverse(primal, mode, mode, compilation, callees));
  const forward = (mode: "forward" | "forwardWithPrimal"): AnyFunction =>
    run(mode, differentiateForward(primal, mode, mode, compilation, callees));
  return {
    derivatives: {
      gradient: reverse("gradient"),
      valueAndGradient: reverse("valueAndGradient"),
      reverse: reverse("reverse"),
      reverseWithPrimal: reverse("reverseWithPrimal"),
      forward: forward("forward"),
      forwardWithPrimal: forward("forwardWithPrimal"),
    },
    functions,
  };
}
