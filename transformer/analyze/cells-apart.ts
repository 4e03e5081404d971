/** Which operations surely touch different cells. */
import type { LoopOp, Op, Region } from "../ir/ir.js";
import type { Touching } from "./bounds.js";
import type { Facts } from "./facts-at.js";
import { addBound, knownFrom, type Known } from "./known.js";
import {
  atom,
  atomsIn,
  constant,
  constantOf,
  minus,
  plus,
  powersOf,
  substituted,
  type Polynomial,
} from "./polynomials.js";
import { patienceApart, type Proofs } from "./proofs.js";
import type { RegionTree } from "./region-tree.js";
import type { Terms } from "./terms.js";

/**
 * Has every element that `later` touches in iterations of `loop` after this one (`null`: in the same iteration of all
 * loops around both) another index than the one that `first` touched? `at`: where the two are used, and more may be known
 * of their indices.
 */
export type StaysApart = (
  loop: LoopOp | null,
  first: Touching,
  later: Touching,
  at?: readonly [first: Op, later: Op],
) => boolean;

/** Can it be shown that two operations touch different cells? */
export function cellsApart(tree: RegionTree, terms: Terms, facts: Facts, proofs: Proofs): StaysApart {
  const { atomAt, copyOf, polynomialOf, isIntegral, isDefinedIn } = terms;
  const { isNonNegative, isPositive, isSurelyNumber } = proofs;

  /** The values inside of a loop that change by themselves: the counters of the loops in it, and its own. */
  const isCounter = (number: number): boolean => {
    const one = atomAt(number);
    if (one?.kind !== "value") return false;
    const { op, region } = tree.definitionOf(one.value);
    const owner = tree.ownerOf(region);
    return op === null && owner?.kind === "loop" && owner.range !== null && region.params[0] === one.value;
  };

  /**
   * What holds where `there` does, in another iteration of the loop with this body, is noted in `known`; `rename` puts the
   * counters of that iteration into a polynomial, and gives null where it has other values of that iteration in it.
   */
  const inOtherIteration = (body: Region, there: Known, known: Known): ((a: Polynomial) => Polynomial | null) => {
    const others = new Map<number, number>();
    const otherOf = (number: number): number => {
      const before = others.get(number);
      if (before !== undefined) return before;
      const other = copyOf(number);
      others.set(number, other);
      for (const side of ["upper", "lower"] as const) {
        for (const bound of there[side].get(number) ?? []) {
          const renamed = rename(bound);
          if (renamed !== null) addBound(known[side], other, renamed);
        }
      }
      return other;
    };
    const rename = (a: Polynomial): Polynomial | null => {
      let renamed = a;
      for (const number of atomsIn(a)) {
        if (!isDefinedIn(number, body)) continue;
        if (!isCounter(number)) return null;
        renamed = substituted(renamed, number, atom(otherOf(number)));
      }
      return renamed;
    };
    for (const side of ["nonNegative", "positive"] as const) {
      for (const one of there[side]) {
        const renamed = rename(one);
        if (renamed !== null) known[side].push(renamed);
      }
    }
    return rename;
  };
  /** Do two indices surely differ, by a whole number? */
  const differ = (a: Polynomial, b: Polynomial, known: Known): boolean => {
    const distance = minus(a, b);
    if (!isIntegral(distance)) return false;
    const constantDistance = constantOf(distance);
    if (constantDistance !== null) return constantDistance !== 0;
    return isPositive(minus(a, b), known) || isPositive(minus(b, a), known);
  };

  /**
   * The same of `row * width + column`, where both columns are inside of their rows: the cells are one only where rows
   * and columns are the same (delinearization; Maslov, PLDI 1992). Rows are whole numbers; a width need not be, for rows
   * that differ are at least a width apart.
   */
  const differByRows = (a: Polynomial, b: Polynomial, body: Region | null, known: Known): boolean => {
    const isInRow = (column: Polynomial, width: Polynomial): boolean =>
      isNonNegative(column, known, patienceApart) && isPositive(minus(width, column), known);
    return [...atomsIn(a)].some((width) => {
      if (body !== null && isDefinedIn(width, body)) return false;
      const [[column, row, ...higher], [otherColumn, otherRow, ...otherHigher]] = [
        powersOf(a, width),
        powersOf(b, width),
      ];
      if (column === undefined || row === undefined || otherColumn === undefined || otherRow === undefined)
        return false;
      if (higher.length > 0 || otherHigher.length > 0) return false;
      if (![row, column, otherRow, otherColumn].every(isIntegral)) return false;
      if (!differ(row, otherRow, known) && !differ(column, otherColumn, known)) return false;
      return isInRow(column, atom(width)) && isInRow(otherColumn, atom(width));
    });
  };
  return (loop, first, later, at = [first, later]) => {
    if (first.at.kind !== "element" || later.at.kind !== "element") return false;
    const [here, there] = [facts.in(tree.placeOf(at[0]).region), facts.in(tree.placeOf(at[1]).region)];
    const [one, other] = [polynomialOf(first.at.index), polynomialOf(later.at.index)];
    if (!isSurelyNumber(one, here) || !isSurelyNumber(other, there)) return false;
    const known = knownFrom(here);
    if (loop === null) {
      for (const side of ["upper", "lower"] as const)
        for (const [number, bounds] of there[side]) for (const bound of bounds) addBound(known[side], number, bound);
      known.nonNegative.push(...there.nonNegative);
      known.positive.push(...there.positive);
      return differ(one, other, known) || differByRows(one, other, null, known);
    }
    const { range, body } = loop;
    const [counter] = body.params;
    if (range === null || counter?.type.kind !== "integer") return false;
    const rename = inOtherIteration(body, there, known);
    const number = polynomialOf(counter);
    const next = rename(number);
    const [renamed] = next === null ? [] : atomsIn(next);
    const moved = rename(other);
    if (renamed === undefined || moved === null) return false;
    // a later iteration is at least one step away
    addBound(known[range.step > 0 ? "lower" : "upper"], renamed, plus(number, constant(range.step)));
    if (differ(one, moved, known) || differByRows(one, moved, body, known)) return true;
    // `if (i === j)` holds for one j of a loop: there is no later iteration that gets there
    const ahead = range.step > 0 ? minus(number, atom(renamed)) : minus(atom(renamed), number);
    return isNonNegative(ahead, known, patienceApart);
  };
}
