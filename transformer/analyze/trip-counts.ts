/** How many iterations a loop has, as an expression over values that are known before it starts. */
import type { Block } from "../ir/build.js";
import type { LoopOp, Range, Value } from "../ir/ir.js";
import { freeValues } from "../ir/traverse.js";
import type { Definitions } from "./definitions.js";
import type { RegionTree } from "./region-tree.js";

/**
 * exact: the number that `tripCount` builds. bounded: at most that many, as a stop may end the loop before.
 * unknown: there is no range.
 */
export type TripCount =
  | { readonly kind: "exact"; readonly range: Range }
  | { readonly kind: "bounded"; readonly range: Range }
  | { readonly kind: "unknown" };

/** How often a loop runs, if its range tells. */
export function tripCountOf(loop: LoopOp): TripCount {
  if (loop.range === null) return { kind: "unknown" };
  return { kind: mayStop(loop) ? "bounded" : "exact", range: loop.range };
}

/** Can the loop end before its range does: is its `stop` anything but the constant false? */
export function mayStop(loop: LoopOp): boolean {
  const { exit, ops } = loop.body;
  if (exit.kind !== "yield") return false;
  const [stop] = exit.values;
  for (const op of ops) if (op.results[0] === stop) return !(op.kind === "constant" && op.value === false);
  return true;
}

/**
 * Is the number of iterations of `inner` (somewhere within `outer`) the same in every iteration of `outer`: are
 * the ends of its range defined outside?
 */
export function isInvariantIn(inner: LoopOp, outer: LoopOp): boolean {
  if (inner.range === null || mayStop(inner)) return false;
  const free = new Set(freeValues(outer.body));
  return free.has(inner.range.from) && free.has(inner.range.to);
}

/** The number of iterations where both ends are literals; null where they are not. */
export function countStaticTrips(range: Range, definitions: Definitions): number | null {
  const [from, to] = [definitions.literalOf(range.from), definitions.literalOf(range.to)];
  return typeof from === "number" && typeof to === "number" ? countTrips(from, to, range) : null;
}

function countTrips(from: number, to: number, { step, inclusive }: Range): number {
  const span = (to - from) / step;
  const count = inclusive ? Math.floor(span) + 1 : Math.ceil(span);
  return count > 0 ? count : 0;
}

/**
 * Builds the number of iterations of a range, stops aside: zero where the range is empty.
 *
 * With the definitions of the function it can leave out what is not needed: from 0 to a length it is just that
 * length. A range that does not count integers is rounded as the loop itself would end.
 */
export function tripCount(block: Block, range: Range, definitions: Definitions | null = null): Value {
  const { from, to, step, inclusive } = range;
  const literal = (value: Value): unknown => block.literalOf(value) ?? definitions?.literalOf(value);
  const [start, end] = [literal(from), literal(to)];
  if (typeof start === "number" && typeof end === "number") return block.constant(countTrips(start, end, range));

  const integers = from.type.kind === "integer" && to.type.kind === "integer" && Number.isInteger(step);
  const isUp = step > 0;
  // of n + 1 integers every third begins n / 3, rounded down, and one more iterations: (n + 1) / 3, rounded up
  let span: Value;
  let offset = inclusive && integers ? 1 : 0;
  const [low, high] = isUp ? [from, to] : [to, from];
  const [lowest, highest] = isUp ? [start, end] : [end, start];
  if (typeof lowest === "number" && Number.isSafeInteger(lowest) && integers) {
    offset -= lowest;
    span = plus(block, high, offset);
  } else if (typeof highest === "number" && Number.isSafeInteger(highest) && integers) {
    span = block.apply("sub", [block.constant(highest + offset), low]);
  } else {
    span = plus(block, block.apply("sub", [high, low]), offset);
  }
  const size = Math.abs(step);
  let count = span;
  if (!integers) {
    const steps = size === 1 ? span : block.apply("div", [span, block.constant(size)]);
    count = inclusive
      ? block.apply("add", [block.apply("floor", [steps]), block.constant(1)])
      : block.apply("ceil", [steps]);
  } else if (size !== 1) {
    count = block.apply("ceil", [block.apply("div", [span, block.constant(size)])]);
  }
  const surely = definitions?.isNonNegative(to) === true && start === 0 && isUp;
  return surely && (integers || !inclusive) ? count : block.apply("max", [count, block.constant(0)]);
}

const plus = (block: Block, value: Value, offset: number): Value =>
  offset === 0 ? value : block.apply(offset > 0 ? "add" : "sub", [value, block.constant(Math.abs(offset))]);

/** Builds the counter's value in the last iteration of a range that is not empty: from + step * (trips - 1). */
export function lastCounter(block: Block, range: Range, definitions: Definitions | null = null): Value {
  const { from, to, step, inclusive } = range;
  const literal = (value: Value): unknown => block.literalOf(value) ?? definitions?.literalOf(value);
  const integers = from.type.kind === "integer" && to.type.kind === "integer";
  if (integers && Math.abs(step) === 1) {
    const end = literal(to);
    if (inclusive) return to;
    return typeof end === "number" ? block.constant(end - step) : plus(block, to, -step);
  }
  const last = plus(block, tripCount(block, range, definitions), -1);
  return counterAt(block, range, last, definitions);
}

/** Builds `from + step * iteration`: the counter in a given iteration, or behind the last one. */
export function counterAt(block: Block, range: Range, iteration: Value, definitions: Definitions | null = null): Value {
  const { from, step } = range;
  const start = block.literalOf(from) ?? definitions?.literalOf(from);
  const way = step === 1 ? iteration : step === -1 ? null : block.apply("mul", [iteration, block.constant(step)]);
  if (way === null) return block.apply("sub", [from, iteration]);
  return start === 0 ? way : block.apply("add", [from, way]);
}

/** The range of `counter`, where it counts up to `end` and never reaches it; null where it is no such counter. */
export function rangeUpTo(counter: Value, end: Value, tree: RegionTree): Range | null {
  const { op, region } = tree.definitionOf(counter);
  const owner = op === null ? tree.ownerOf(region) : null;
  if (owner?.kind !== "loop" || region.params[0] !== counter || owner.range === null) return null;
  const { range } = owner;
  return range.step > 0 && !range.inclusive && range.to === end ? range : null;
}

/** Is a value known before a loop begins: a literal, or defined outside? */
export function isKnownBefore(value: Value, loop: LoopOp, tree: RegionTree): boolean {
  const { op, region } = tree.definitionOf(value);
  return op?.kind === "constant" || !tree.isWithin(region, loop.body);
}
