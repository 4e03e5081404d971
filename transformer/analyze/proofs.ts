/** Is a polynomial at least 0, or a number at all, by what is known at a place? */
import { isInteger, type Value } from "../ir/ir.js";
import type { Definitions } from "./definitions.js";
import type { Known } from "./known.js";
import {
  atom,
  atomsIn,
  constant,
  constantDistance,
  denominatorOf,
  hasNoMinus,
  minus,
  plus,
  powersOf,
  scaled,
  substituted,
  type Polynomial,
} from "./polynomials.js";
import type { RegionTree } from "./region-tree.js";
import { deepest, type Terms } from "./terms.js";

/** Steps of one proof. */
export const patience = 400;
/** Those of a proof that two cells are apart: there are many pairs, and what holds is soon shown. */
export const patienceApart = 60;

export interface Proofs {
  /** Is a polynomial at least 0, in so many steps? */
  readonly isNonNegative: (a: Polynomial, known: Known, steps?: number) => boolean;
  readonly isPositive: (a: Polynomial, known: Known) => boolean;
  /** Is it no NaN? */
  readonly isSurelyNumber: (a: Polynomial, known: Known) => boolean;
}

/** Proves what is asked of polynomials, by what is known where it is asked. */
export function proofsOf(tree: RegionTree, terms: Terms, definitions: Definitions): Proofs {
  const { atomAt, polynomialOf, isIntegral } = terms;

  /** What follows from how an atom is computed. */
  const ownBounds = (number: number, side: keyof Known): readonly Polynomial[] => {
    const one = atomAt(number);
    if (one === undefined) return [];
    if (one.kind === "length") return side === "lower" ? [constant(0)] : [];
    const { op } = tree.definitionOf(one.value);
    const found: Polynomial[] = side === "lower" && definitions.isNonNegative(one.value) ? [constant(0)] : [];
    if (op?.kind !== "apply") return found;
    const [a, b] = op.args;
    const divisor = b === undefined ? undefined : definitions.literalOf(b);
    if (op.primitive === (side === "upper" ? "min" : "max")) found.push(...op.args.map((arg) => polynomialOf(arg)));
    else if (a !== undefined && op.primitive === "floor") {
      const whole = polynomialOf(a);
      const factor = denominatorOf(whole);
      if (side === "upper") found.push(whole);
      else if (factor !== null && isIntegral(scaled(whole, factor))) {
        found.push(plus(whole, constant(1 / factor - 1)));
      } else found.push(plus(whole, constant(-1)));
    } else if (op.primitive === "mod" && typeof divisor === "number" && Number.isInteger(divisor) && divisor !== 0) {
      // as far from 0 as what is divided, and on its side
      const isWhole = a !== undefined && isIntegral(polynomialOf(a));
      if (isWhole && side === "upper") found.push(constant(Math.abs(divisor) - 1));
    } else if (op.primitive === "bitAnd" && typeof divisor === "number" && divisor >= 0) {
      found.push(constant(side === "upper" ? divisor : 0));
    }
    return found;
  };
  /**
   * Is a polynomial at least 0 at a place, by putting bounds in the place of its atoms? `used`: the bounds that have been
   * put in already; of two atoms that are equal each is a bound of the other.
   */
  const prove = (
    a: Polynomial,
    known: Known,
    budget: { left: number },
    used: ReadonlySet<Polynomial> = new Set(),
  ): boolean => {
    if (budget.left-- <= 0) return false;
    const involved = [...atomsIn(a)];
    const areNonNegative = (): boolean =>
      involved.every((one) => ownBounds(one, "lower").some((bound) => bound.size === 0));
    if (hasNoMinus(a) && (involved.length === 0 || areNonNegative())) return true;
    if (known.nonNegative.some((least) => (constantDistance(a, least) ?? -1) >= 0)) return true;
    // what is defined last depends on the others
    for (const one of involved.sort((x, y) => depthOf(y) - depthOf(x))) {
      const [, ...coefficients] = powersOf(a, one);
      const isLinear = coefficients.length === 1;
      for (const [side, sign] of [
        ["lower", 1],
        ["upper", -1],
      ] as const) {
        const candidates = [...(known[side].get(one) ?? []), ...ownBounds(one, side)].filter(
          (bound) => !used.has(bound),
        );
        if (candidates.length === 0) continue;
        const rises = coefficients.every((part) => prove(scaled(part, sign), known, budget, used));
        if (!rises || !(isLinear || prove(atom(one), known, budget, used))) continue;
        const holdsWith = (bound: Polynomial): boolean =>
          prove(substituted(a, one, bound), known, budget, new Set([...used, bound]));
        if (candidates.some(holdsWith)) return true;
      }
    }
    return false;
  };
  const isNonZeroLiteral = (value: Value | undefined): boolean => {
    const literal = value === undefined ? undefined : definitions.literalOf(value);
    return typeof literal === "number" && literal !== 0;
  };
  const isNeverNaN = (number: number): boolean => {
    const one = atomAt(number);
    return one?.kind === "length" || (one !== undefined && isNumber(one.value, deepest));
  };
  /** Is an integer surely no NaN, as `Math.floor(x)` may be? */
  const isNumber = (value: Value, depth: number): boolean => {
    if (depth === 0 || value.type.kind !== "integer") return false;
    const { op, region } = tree.definitionOf(value);
    if (op === null) return region === tree.root || region.params[0] === value;
    switch (op.kind) {
      case "constant":
      case "length":
        return true;
      case "load":
        return op.at.base.type.kind === "array" && isInteger(op.at.base.type.storage);
      case "apply":
        if (op.primitive.startsWith("bit") || op.primitive === "shl" || op.primitive === "shr") return true;
        // of a division by 0 nothing is left
        if (op.primitive === "mod" && !isNonZeroLiteral(op.args[1])) return false;
        if (op.primitive === "floor") return op.args.every((arg) => isIntegral(scaledUp(polynomialOf(arg))));
        return op.args.every((arg) => isNumber(arg, depth - 1));
      default:
        return false;
    }
  };
  const isSurelyNumber = (a: Polynomial, { compared }: Known): boolean =>
    [...atomsIn(a)].every((one) => compared.has(one) || isNeverNaN(one));
  const scaledUp = (a: Polynomial): Polynomial => scaled(a, denominatorOf(a) ?? 1);
  const depthOf = (number: number): number => {
    const value = atomAt(number)?.value;
    return value === undefined ? 0 : tree.pathTo(tree.definitionOf(value).region).length * 1000 + number;
  };

  const isNonNegative: Proofs["isNonNegative"] = (a, known, steps = patience) => prove(a, known, { left: steps });
  const isPositive = (a: Polynomial, known: Known): boolean =>
    (isIntegral(a) && isNonNegative(plus(a, constant(-1)), known)) ||
    known.positive.some((one) => isNonNegative(minus(a, one), known, patienceApart));

  return { isNonNegative, isPositive, isSurelyNumber };
}
