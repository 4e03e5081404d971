/**
 * Sums of products as data: what `collectTerms` makes of an expression before it changes it.
 *
 *   2 * a * b / c - d   is   [{ 2, [a, b], [c] }, { -1, [d], [] }]
 */
import type { Value } from "../ir/ir.js";

/** A factor is a value, or a sum that is not multiplied out. */
export type Factor = Value | Sum;

/** coefficient * factors / divisors */
export interface Term {
  readonly coefficient: number;
  readonly factors: readonly Factor[];
  readonly divisors: readonly Value[];
}

export class Sum {
  constructor(readonly terms: readonly Term[]) {}
}

export const isSum = (factor: Factor): factor is Sum => factor instanceof Sum;

/** The empty product, 1. */
export const unit: Term = { coefficient: 1, factors: [], divisors: [] };

export const negate = (term: Term): Term => ({ ...term, coefficient: -term.coefficient });

/** A sum as one term: its only one, or a product of which it is the one factor. */
export function asTerm(terms: readonly Term[]): Term {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { ...unit, factors: [new Sum(terms)] };
}

/** The product of two sums, which is not multiplied out. */
export function product(left: readonly Term[], right: readonly Term[]): Term {
  const [a, b] = [asTerm(left), asTerm(right)];
  return {
    coefficient: a.coefficient * b.coefficient,
    factors: [...a.factors, ...b.factors],
    divisors: [...a.divisors, ...b.divisors],
  };
}
