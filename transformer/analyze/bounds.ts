/**
 * Which indices are certainly inside their arrays. Indices and lengths are polynomials over counters, lengths and
 * parameters; a counter stands between the ends of its range, and what the tests around a place say holds there.
 *
 *   a = allocate zeros (mul n m)
 *   for i from 0 to n { for j from 0 to m { store a[i * m + j] v } }
 *
 * The largest index is (n - 1) * m + (m - 1), one less than the length. An index that may be NaN is nowhere inside.
 */
import { isReference, type Location, type Op, type Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import { hasFixedLength, staysAsLong } from "./length-changes.js";
import { cellsApart, type StaysApart } from "./cells-apart.js";
import { earlierLengthsOf } from "./earlier-lengths.js";
import { factsOf } from "./facts-at.js";
import type { MemoryClass } from "./memory-class.js";
import { constant, minus, plus, type Polynomial } from "./polynomials.js";
import { proofsOf } from "./proofs.js";
import type { RegionTree } from "./region-tree.js";
import { termsOf } from "./terms.js";
import { rangeUpTo } from "./trip-counts.js";
import { writtenBlocks, type WrittenBlocks } from "./written-blocks.js";

export interface Bounds extends WrittenBlocks {
  /** What is certain of the element that `op` touches, wherever that operation runs. */
  placeOf(op: Touching): Place;
  isInside(op: Touching): boolean;
  /** Is a cell at most just behind the end where an operation stands? */
  isReachedAt(op: Op, at: Location): boolean;
  /** Where a cell is when an operation begins that need not touch it. */
  placeAt(op: Op, at: Location): Place;
  isInsideAt(op: Op, at: Location): boolean;
  readonly staysApart: StaysApart;
  /** Is an array as long at every time as at any other? */
  keepsLength(array: Value): boolean;
}

/** An operation that touches one cell of memory. */
export type Touching = Op & { readonly at: Location };

export interface Place {
  readonly notBeforeStart: boolean;
  readonly notBehindEnd: boolean;
  /** At most just behind the end: a store there leaves no hole. */
  readonly notFarBehindEnd: boolean;
}
export const inside: Place = { notBeforeStart: true, notBehindEnd: true, notFarBehindEnd: true };
const isWithin = ({ notBeforeStart, notBehindEnd }: Place): boolean => notBeforeStart && notBehindEnd;
const anywhere: Place = { notBeforeStart: false, notBehindEnd: false, notFarBehindEnd: false };

/** Answers where indices lie, for one function. */
export function analyzeBounds(tree: RegionTree, aliases: Aliases): Bounds {
  const { definitions } = aliases;
  const memo = new Map<Op, Place>();

  /**
   * Arrays that every store is inside of, where they are taken to keep their lengths, do keep them: nothing could be the
   * first to make one of them longer. What turns out otherwise is put aside, and the others are asked again.
   */
  const lengthened = new Set<MemoryClass>();
  let isDecided = false;
  const keepsLength = (array: Value): boolean => {
    if (staysAsLong(array, aliases)) return true;
    const memory = aliases.classOf(array);
    return !memory.resized && !lengthened.has(memory);
  };
  /** Before anything is asked: what is known at a place rests on it. */
  const decideLengths = (): void => {
    if (isDecided) return;
    isDecided = true;
    const suspects: { readonly op: Touching; readonly memory: MemoryClass }[] = [];
    walk(tree.root, (op) => {
      if (op.kind === "call") for (const one of aliases.effectsOfCall(op).resizes) lengthened.add(one);
      if (op.kind !== "store" && op.kind !== "accumulate") return;
      // what is added to a shadow has its place there; a row that it is given may make it longer, as the primal's
      if (op.at.base.origin.role === "adjoint" && (op.kind === "accumulate" || !isReference(op.value.type))) return;
      const memory = aliases.classOf(op.at.base);
      if (memory.lengthened && !memory.resized && !hasFixedLength(op.at.base)) suspects.push({ op, memory });
    });
    for (let before = -1; before < lengthened.size;) {
      before = lengthened.size;
      for (const { op, memory } of suspects)
        if (!lengthened.has(memory) && !decided(op).notBehindEnd) lengthened.add(memory);
      if (before === lengthened.size) return;
      // what was found rests on an assumption that has fallen
      terms.forget();
      facts.forget();
      memo.clear();
    }
  };

  const terms = termsOf(tree, aliases, keepsLength);
  const proofs = proofsOf(tree, terms, definitions);
  const facts = factsOf(tree, terms, proofs);
  const earlierLengths = earlierLengthsOf(tree, terms, aliases);
  const staysApart = cellsApart(tree, terms, facts, proofs);
  const blocks = writtenBlocks(tree, terms, facts, proofs);

  const { polynomialOf, lengthOf } = terms;
  const { isNonNegative, isSurelyNumber } = proofs;

  const decide = (op: Op, at: Location): Place => {
    if (at.kind === "field" || at.base.type.kind === "tuple") return inside;
    const { base, index } = at;
    const place = polynomialOf(index);
    const known = facts.at(op);
    if (index.type.kind !== "integer" || !isSurelyNumber(place, known)) return anywhere;
    const isAtMost = (length: Polynomial): boolean => isNonNegative(minus(length, place), known);
    const isBelow = (length: Polynomial): boolean => isNonNegative(plus(minus(length, place), constant(-1)), known);
    const { op: made } = tree.definitionOf(base);
    const isCounted =
      made?.kind === "allocate" &&
      (made.initial.kind === "zeros" || made.initial.kind === "filled") &&
      keepsLength(base) &&
      isCountedUpTo(index, made.initial.length);
    const isEver = (holds: (length: Polynomial) => boolean): boolean =>
      holds(lengthOf(base)) || (!keepsLength(base) && earlierLengths(base, op).some(holds));
    const notBehindEnd = isCounted || isEver(isBelow);
    return {
      notBeforeStart: isNonNegative(place, known),
      notBehindEnd,
      notFarBehindEnd: notBehindEnd || isEver(isAtMost),
    };
  };
  /** Does a counter stop below a length, or below what the length is a ceiling of? */
  const isCountedUpTo = (index: Value, length: Value): boolean => {
    if (rangeUpTo(index, length, tree) !== null) return true;
    const { op } = tree.definitionOf(length);
    if (op?.kind !== "apply") return false;
    const passes = op.primitive === "max" || op.primitive === "ceil";
    return passes && op.args.some((arg) => isCountedUpTo(index, arg));
  };
  const placeOf: Bounds["placeOf"] = (op) => {
    decideLengths();
    return decided(op);
  };
  const placeAt: Bounds["placeAt"] = (op, at) => {
    decideLengths();
    return decide(op, at);
  };
  const decided = (op: Touching): Place => {
    const before = memo.get(op);
    if (before !== undefined) return before;
    const found = decide(op, op.at);
    memo.set(op, found);
    return found;
  };

  return {
    placeOf,
    staysApart: (loop, first, later, at) => {
      decideLengths();
      return staysApart(loop, first, later, at);
    },
    isCovered: (read, store, loops) => {
      decideLengths();
      return blocks.isCovered(read, store, loops);
    },
    coversAll: (store, loops) => {
      decideLengths();
      return blocks.coversAll(store, loops);
    },
    coverAllTogether: (array, stores) => {
      decideLengths();
      return blocks.coverAllTogether(array, stores);
    },
    keepsLength: (array) => {
      decideLengths();
      return keepsLength(array);
    },
    isInside: (op) => isWithin(placeOf(op)),
    isReachedAt: (op, at) => placeAt(op, at).notFarBehindEnd,
    placeAt,
    isInsideAt: (op, at) => isWithin(placeAt(op, at)),
  };
}
