/**
 * The indices that a nest of loops writes without gaps.
 *
 *   for c from 0 to k { for i from 0 to d { store a[c * d + i] } }      [0, k * d)
 */
import type { LoopOp, Range, Value } from "../ir/ir.js";
import type { Touching } from "./bounds.js";
import type { Facts } from "./facts-at.js";
import {
  atomsIn,
  constant,
  isSame,
  minus,
  plus,
  powersOf,
  scaled,
  substituted,
  type Polynomial,
} from "./polynomials.js";
import type { Proofs } from "./proofs.js";
import type { RegionTree } from "./region-tree.js";
import type { Terms } from "./terms.js";

export interface WrittenBlocks {
  /**
   * Is the element that `read` touches among those that `store` has written when `loops` around it, outermost first, have
   * run? Every iteration of them stores; together they write a block without gaps.
   */
  isCovered(read: Touching, store: Touching, loops: readonly LoopOp[]): boolean;
  /** Is that block the whole array? */
  coversAll(store: Touching, loops: readonly LoopOp[]): boolean;
  /** Are the blocks of several stores, each with the loops around it, the whole array together? */
  coverAllTogether(array: Value, stores: readonly Run[]): boolean;
}

/** A store that every iteration of some loops runs, outermost first; no loops: it runs once. */
export interface Run {
  readonly store: Touching;
  readonly loops: readonly LoopOp[];
}

/** Answers which indices a nest of loops writes without gaps. */
export function writtenBlocks(tree: RegionTree, terms: Terms, facts: Facts, proofs: Proofs): WrittenBlocks {
  const { atomOf, polynomialOf, lengthOf, isIntegral, isDefinedIn } = terms;
  const { isNonNegative, isSurelyNumber } = proofs;

  /** From the first index to the one behind the last: the block of the inner loops, row after row. */
  const blockOf = (store: Touching, loops: readonly LoopOp[]): readonly [Polynomial, Polynomial] | null => {
    if (store.at.kind !== "element" || store.at.index.type.kind !== "integer") return null;
    let from = polynomialOf(store.at.index);
    let to = plus(from, constant(1));
    for (const { range, body } of loops.toReversed()) {
      const [counter] = body.params;
      const ends = range === null ? null : endsOf(range);
      if (ends === null || counter === undefined) return null;
      const number = atomOf("value", counter);
      const [, slope, ...higher] = powersOf(from, number);
      if (slope === undefined || higher.length > 0 || !isSame(slope, minus(to, from))) return null;
      to = substituted(from, number, ends[1]);
      from = substituted(from, number, ends[0]);
      if ([...atomsIn(from), ...atomsIn(to)].some((one) => isDefinedIn(one, body))) return null;
    }
    return [from, to];
  };

  /** The first number that a counter takes, upwards, and the one behind the last. */
  const endsOf = ({ from, to, step, inclusive }: Range): readonly [Polynomial, Polynomial] | null => {
    const [start, end] = [polynomialOf(from), polynomialOf(to)];
    if (step === 1) return [start, inclusive ? plus(end, constant(1)) : end];
    return step === -1 ? [inclusive ? end : plus(end, constant(1)), plus(start, constant(1))] : null;
  };
  const coversAll: WrittenBlocks["coversAll"] = (store, loops) => {
    const block = blockOf(store, loops);
    if (block === null) return false;
    const [from, to] = block;
    const known = facts.in(tree.root);
    // of a length that is no number there is no array with an element
    const behind = minus(to, lengthOf(store.at.base));
    if (![from, behind].every((one) => isIntegral(one) && isSurelyNumber(one, known))) return false;
    return [scaled(from, -1), behind].every((one) => isNonNegative(one, known));
  };

  /** From the start, each time by a block that begins at or before the place reached, to where none goes on. */
  const coverAllTogether: WrittenBlocks["coverAllTogether"] = (array, stores) => {
    const known = facts.in(tree.root);
    const isAtLeast = (a: Polynomial, b: Polynomial): boolean => {
      const difference = minus(a, b);
      return isIntegral(difference) && isSurelyNumber(difference, known) && isNonNegative(difference, known);
    };
    const left = stores.map(({ store, loops }) => blockOf(store, loops)).filter((block) => block !== null);
    const end = lengthOf(array);
    for (let reached = constant(0); !isAtLeast(reached, end);) {
      const next = left.findIndex(([from]) => isAtLeast(reached, from));
      const [block] = next < 0 ? [] : left.splice(next, 1);
      if (block === undefined) return false;
      if (isAtLeast(block[1], end)) return true;
      // a block that may be empty takes nothing back
      if (isAtLeast(block[1], reached)) reached = block[1];
    }
    return true;
  };

  const isCovered: WrittenBlocks["isCovered"] = (read, store, loops) => {
    const block = blockOf(store, loops);
    if (block === null || read.at.kind !== "element" || read.at.index.type.kind !== "integer") return false;
    const known = facts.in(tree.placeOf(read).region);
    const at = polynomialOf(read.at.index);
    const [from, to] = block;
    if (![at, from, to].every((one) => isIntegral(one) && isSurelyNumber(one, known))) return false;
    return isNonNegative(minus(at, from), known) && isNonNegative(plus(minus(to, at), constant(-1)), known);
  };

  return { isCovered, coversAll, coverAllTogether };
}
