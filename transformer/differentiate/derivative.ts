/** What differentiation makes of one function: its derivative, and how its results are handed to the caller. */
import type { Block } from "../ir/build.js";
import type { Derivation, IRFunction, Mode, Parameter, Value } from "../ir/ir.js";
import { sharingOf } from "./shared-arguments.js";

/** How the results of a derivative, in order, are put together. */
export type ResultShape =
  | { readonly kind: "bare" }
  | { readonly kind: "none" }
  | { readonly kind: "tuple"; readonly entries: readonly ResultShape[] }
  /** The function that the callee makes of one result: `f_pullback(tape)`; where it needs none, the callee itself. */
  | { readonly kind: "function"; readonly callee: string; readonly takesTape: boolean }
  | { readonly kind: "object"; readonly entries: readonly { readonly name: string; readonly shape: ResultShape }[] };

export interface DerivedFunction {
  readonly fn: IRFunction;
  readonly shape: ResultShape;
  /** Parameters that the caller may leave out, with the text of their default. */
  readonly defaults: ReadonlyMap<Value, string>;
}

/** A derivative and those of the callees that it calls. */
export interface Derived extends DerivedFunction {
  readonly helpers: readonly IRFunction[];
  /** In mode vjp: the function that makes the pullback, and how the gradient that it gives is put together. */
  readonly pullback?: DerivedFunction;
}

/** A derivative that gives `returned`; where the primal always throws, it throws the same. */
export function asDerivative(
  primal: IRFunction,
  mode: Mode,
  name: string,
  params: readonly Parameter[],
  block: Block,
  returned: readonly Value[],
): IRFunction {
  const { exit } = primal.body;
  return {
    name,
    params,
    results: returned.map(({ type }) => type),
    body: block.region([], exit.kind === "throw" ? exit : { kind: "return", values: returned }),
    derivation: { of: primal.name, mode, ...sharedMemory(primal) },
    span: primal.span,
    ...sharingOf(primal),
  };
}

/** The derivative of a function whose parameters may be the same memory has such parameters too. */
export const sharedMemory = ({ derivation }: IRFunction): Pick<Derivation, "sharesMemory"> =>
  derivation?.sharesMemory === true ? { sharesMemory: true } : {};

/** Nothing, one value as it is, or a tuple of several. */
export const shapeOfMany = (count: number): ResultShape =>
  count === 0
    ? { kind: "none" }
    : count === 1
      ? { kind: "bare" }
      : { kind: "tuple", entries: Array.from({ length: count }, () => ({ kind: "bare" })) };
