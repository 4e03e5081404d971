/**
 * Where recorded values live: an array for each value recorded in a loop, indexed by iteration.
 *
 *   counted: every loop around, up to where the record is made, has a count known there: the record
 *            has exactly as many entries, and the iterations of nested loops are flattened;
 *   summed:  the count of a loop depends on the counter of a loop around it, but their sum is known: the
 *            record has exactly as many entries, and a position says where the current run begins;
 *   grown:   otherwise it is made longer as the loop runs, and a loop within loops has such a position.
 */
import type { Recording } from "../analyze/to-be-recorded.js";
import { isKnownBefore, tripCount } from "../analyze/trip-counts.js";
import { type Block, element, makeValue } from "../ir/build.js";
import {
  float64Array,
  integerType,
  isScalar,
  type ArrayType,
  type LoopOp,
  type Range,
  type Region,
  type Value,
} from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import type { Facts } from "./facts.js";
import { beside } from "./shadow-type.js";
import { triangleOf, type Triangle } from "./triangle.js";

/** One loop with recorded values. Objects of this type are the keys of positions. */
export interface LoopRecord {
  readonly loop: LoopOp;
  /** From the outermost loop that is not replayed down to the loop itself. */
  readonly chain: readonly LoopOp[];
  readonly values: readonly Value[];
  readonly layout: "counted" | "summed" | "grown";
  /** How many entries there are: the product of these. Of a record that grows, none. */
  readonly factors: readonly Factor[];
}

/** How often a loop runs, or a loop within another altogether. */
export type Factor = LoopOp | Triangle;

/** The loops with records in a nest, its root first. */
export function recordsOf(
  root: LoopOp,
  recording: Recording,
  { tree, aliases: { definitions } }: Pick<Facts, "tree" | "aliases">,
): readonly LoopRecord[] {
  const found: LoopRecord[] = [];
  const visit = (loop: LoopOp, chain: readonly LoopOp[]): void => {
    if (recording.isReplayed(loop)) return;
    const here = [...chain, loop];
    const values = recording.recordedIn(loop.body);
    if (values.length > 0) {
      const factors = factorsOf(here);
      const isCounted = factors?.every((factor) => !("inner" in factor)) === true;
      const layout = factors === null ? "grown" : isCounted ? "counted" : "summed";
      found.push({ loop, chain: here, values, layout, factors: factors ?? [] });
    }
    loopsDirectlyIn(loop.body).forEach((inner) => visit(inner, here));
  };
  const factorsOf = (chain: readonly LoopOp[]): readonly Factor[] | null => {
    const isFixed = (one: LoopOp): boolean => one.range !== null && chain.every((other) => isFixedIn(one, other));
    const triangles = chain.flatMap((inner, k): Triangle[] => {
      const around = chain[k - 1];
      if (isFixed(inner) || around === undefined || tree.placeOf(inner).region !== around.body) return [];
      const outer = chain.slice(0, k).find((one) => inner.range !== null && isSteppedBy(inner.range, one));
      const triangle = outer === undefined || !isFixed(outer) ? null : triangleOf(outer, inner, definitions);
      return triangle === null ? [] : [triangle];
    });
    const paired = new Set(triangles.flatMap(({ outer, inner }) => [outer, inner]));
    // each loop is fixed by itself, or one of a pair
    if (paired.size < 2 * triangles.length || !chain.every((one) => paired.has(one) || isFixed(one))) return null;
    return [...chain.filter((one) => !paired.has(one)), ...triangles];
  };
  /** Does an end of the range follow from the counter of `loop`? */
  const isSteppedBy = ({ from, to }: Range, { body }: LoopOp): boolean =>
    [from, to].some((end) => definitions.affine(end).root === body.params[0]);
  /** Is the range of `one` known before `other` begins? */
  const isFixedIn = (one: LoopOp, other: LoopOp): boolean =>
    one.range !== null &&
    [one.range.from, one.range.to].every((bound) => one === other || isKnownBefore(bound, other, tree));
  visit(root, []);
  return found;
}

function loopsDirectlyIn(region: Region): readonly LoopOp[] {
  return region.ops.flatMap((op) => (op.kind === "loop" ? [op] : regionsOf(op).flatMap(loopsDirectlyIn)));
}

/**
 * The nests whose records are made anew in every iteration of a replayed loop: the outermost loops in
 * it that are not replayed themselves. Their records can be made once, before it.
 */
export function nestsWithin(loop: LoopOp, recording: Recording): readonly LoopOp[] {
  return loopsDirectlyIn(loop.body).flatMap((inner) =>
    recording.isReplayed(inner) ? nestsWithin(inner, recording) : [inner],
  );
}

/** What a record of a value is made of: numbers in a typed array, what else there is and what may be undefined in a plain one. */
function recordType(value: Value, layout: LoopRecord["layout"], mayBeAbsent: boolean): ArrayType {
  if (!isScalar(value.type) || mayBeAbsent) return { kind: "array", element: value.type, storage: "Array" };
  return value.type.kind === "boolean" && layout !== "grown"
    ? { kind: "array", element: integerType, storage: "Uint8Array" }
    : float64Array;
}

/** Emits that a value is kept in its record. */
export function writeRecord(block: Block, record: Value, index: Value, value: Value): void {
  const stored = value.type.kind === "boolean" ? block.apply("toNumber", [value]) : value;
  block.store(element(record, index), stored);
}

/** Emits that it is taken out again. */
export function readRecord(block: Block, record: Value, index: Value, value: Value): Value {
  if (value.type.kind !== "boolean") return block.load(element(record, index), value.origin, value.type);
  const stored = block.load(element(record, index), beside(value, "residual"), integerType);
  return block.apply("ne", [stored, block.constant(0)], value.origin);
}

/** The values that the length of a record is computed from. */
export function endsOf({ factors }: LoopRecord): readonly Value[] {
  return factors.flatMap((factor) => {
    const { range } = "inner" in factor ? factor.outer : factor;
    return range === null ? [] : [range.from, range.to];
  });
}

/** A fresh record of a value: exactly as long as the loops around it run, or empty to be grown. */
export function makeRecord(
  block: Block,
  value: Value,
  layout: LoopRecord["layout"],
  counts: readonly Value[],
  mayBeAbsent: boolean,
): Value {
  const [first, ...others] = counts;
  const length =
    first === undefined
      ? block.constant(0)
      : others.reduce((product, count) => block.apply("mul", [product, count]), first);
  const type = recordType(value, layout, mayBeAbsent);
  return block.allocate(type, { kind: "zeros", length }, beside(value, "residual"));
}

/** The number of the current iteration, from 0. */
export function iterationNumber(block: Block, loop: LoopOp, counter: Value, from: Value | null): Value {
  if (loop.range === null || from === null) return counter;
  const { step } = loop.range;
  if (step === -1) return block.apply("sub", [from, counter]);
  const distance = block.apply("sub", [counter, from]);
  if (step === 1) return distance;
  const quotient = makeValue(integerType);
  block.append({ kind: "apply", results: [quotient], primitive: "div", args: [distance, block.constant(step)] });
  return quotient;
}

/** Emits how often a loop runs; null where its range does not tell. */
export const tripCountOf = (block: Block, loop: LoopOp, from: Value, to: Value): Value | null =>
  loop.range === null ? null : tripCount(block, { ...loop.range, from, to });
