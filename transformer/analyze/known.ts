/** What is known of integers at a place of a function, as polynomials. */
import { atomsIn, type Polynomial } from "./polynomials.js";

export interface Known {
  /** Bounds of atoms. */
  readonly upper: Map<number, Polynomial[]>;
  readonly lower: Map<number, Polynomial[]>;
  /** Of anything else: polynomials that are at least 0. */
  readonly nonNegative: Polynomial[];
  /** Polynomials that are greater than 0; of numbers that may have a fraction this says more than that they are not below it. */
  readonly positive: Polynomial[];
  /** Atoms that are not NaN, for a comparison came out true. */
  readonly compared: Set<number>;
}

/** What is known within a place where `outer` is known; null: nothing is. */
export const knownFrom = (outer: Known | null): Known => ({
  upper: new Map(outer?.upper),
  lower: new Map(outer?.lower),
  nonNegative: [...(outer?.nonNegative ?? [])],
  positive: [...(outer?.positive ?? [])],
  compared: new Set(outer?.compared),
});

/** Notes a bound of an atom; one that is made of the atom itself says nothing. */
export function addBound(bounds: Map<number, Polynomial[]>, number: number, bound: Polynomial): void {
  if (!atomsIn(bound).has(number)) bounds.set(number, [...(bounds.get(number) ?? []), bound]);
}
