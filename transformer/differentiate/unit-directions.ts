/** Sweeps along one number of an argument after the other, several at once where they are elements of an array. */
import { makeValue, type Block } from "../ir/build.js";
import {
  integerType,
  isReference,
  numberType,
  type IRFunction,
  type Parameter,
  type Range,
  type Value,
} from "../ir/ir.js";
import { forEachLeaf, locate, type Path } from "./leaves.js";
import { beside, shadowType } from "./shadow-type.js";

/** How many directions along an array go together: with eight, the output is twice as long and hardly faster. */
export const columnsAtOnce = 4;

/** A derivative along one direction, and along several: null where that is not possible. */
export interface Part {
  readonly single: IRFunction;
  readonly wide: IRFunction | null;
}

/** A tangent or adjoint that is handed over, all zeros: of a number the number itself. */
export function zeroOf(value: Value, role: "adjoint" | "tangent", block: Block, lane?: number): Value {
  const { variable, ...origin } = beside(value, role);
  const own = { ...origin, variable: variable === null || lane === undefined ? variable : { ...variable, lane } };
  return isReference(value.type)
    ? block.allocate(shadowType(value.type), { kind: "zerosLike", of: value }, own)
    : block.constant(0, own, null, numberType);
}

/** `columns[k]` is the place where direction k is 1, and all others are 0. */
export type Sweep = (directions: readonly Value[], columns: readonly Path[], block: Block) => void;

/**
 * Sweeps along every number of a slot. Of an array several at once:
 *
 *   whole = n - n % 4
 *   for j from 0 to whole step 4 { xDot0[j] = 1; xDot1[j + 1] = 1; ...; sweep; xDot0[j] = 0; ... }
 *   for j from whole to n { xDot0[j] = 1; sweep; xDot0[j] = 0 }
 */
export function forEachDirection(slot: Parameter, part: Part, block: Block, sweep: (part: IRFunction) => Sweep): void {
  const { value } = slot;
  const { single, wide } = part;
  if (wide === null || value.type.kind !== "array") {
    const direction = zeroOf(value, "tangent", block);
    forEachLeaf(direction, block, (_, column, inner) => moved([direction], [column], inner, sweep(single)));
    return;
  }
  const lanes = Array.from({ length: columnsAtOnce }, (_, lane) => lane);
  const directions = lanes.map((lane) => zeroOf(value, "tangent", block, lane));
  const [first] = directions;
  if (first === undefined) return;
  const length = block.length(value);
  const left = block.apply("mod", [length, block.constant(columnsAtOnce)]);
  const whole = block.apply("sub", [length, left], { span: null, variable: { name: "whole" }, role: "primal" });
  overRange({ from: block.constant(0), to: whole, step: columnsAtOnce }, block, (index, inner) => {
    const columns = lanes.map((lane): Path => {
      const at = lane === 0 ? index : inner.apply("add", [index, inner.constant(lane)]);
      return [{ kind: "element", index: at }];
    });
    moved(directions, columns, inner, sweep(wide));
  });
  overRange({ from: whole, to: length, step: 1 }, block, (index, inner) =>
    moved([first], [[{ kind: "element", index }]], inner, sweep(single)),
  );
}

/** Sets each direction to 1 in its column, for the time of a sweep. */
function moved(directions: readonly Value[], columns: readonly Path[], block: Block, sweep: Sweep): void {
  const set = (to: number): void =>
    directions.forEach((direction, k) => {
      const column = columns[k];
      if (column !== undefined) block.store(locate(direction, column, block), block.constant(to));
    });
  set(1);
  sweep(directions, columns, block);
  set(0);
}

/** A counted loop. */
export function overRange(
  range: Omit<Range, "inclusive">,
  block: Block,
  visit: (index: Value, inner: Block) => void,
): void {
  const index = makeValue(integerType);
  const inner = block.inner();
  visit(index, inner);
  const stop = inner.constant(false);
  const results = [makeValue(integerType), makeValue(integerType)];
  block.loop({ ...range, inclusive: false }, [], inner.yield([index], [stop]), results);
}
