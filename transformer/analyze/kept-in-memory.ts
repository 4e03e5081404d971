/**
 * Values that the program itself keeps: what was stored in a cell that nobody overwrites can be loaded again,
 * instead of being recorded beside it.
 *
 *   for i { e = exp x[i]; store y[i] e; s = add s (mul e e) }      e is y[i] whenever the reverse sweep asks
 *
 * `copies`: where we keep values ourselves.
 */
import { appendTo } from "../ir/grouped.js";
import { walk } from "../ir/traverse.js";
import { typeAt } from "../ir/build.js";
import { sameType } from "../ir/join-types.js";
import {
  isReference,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import type { Bounds } from "./bounds.js";
import type { RegionTree } from "./region-tree.js";
import type { Stability } from "./stability.js";

export interface KeptInMemory {
  /** Where a value stands from its own iteration on; `replayed` as in `Stability`. */
  placeOf(value: Value, replayed: LoopOp | null): Location | null;
}

/** Finds for values of a function where they can be loaded again. */
export function findKeptInMemory(
  fn: IRFunction,
  tree: RegionTree,
  stability: Stability,
  bounds: Bounds,
  shadowOps: ReadonlySet<Op>,
  copies: ReadonlyMap<Value, Location>,
): KeptInMemory {
  const stores = new Map<Value, StoreOp[]>();
  walk(fn.body, (op, region) => {
    // in the region that defines the value: it is stored whenever it is computed
    if (op.kind !== "store" || !holdsExactly(op) || tree.definitionOf(op.value).region !== region) return;
    // adjoints come and go in the reverse sweep; which object holds them does not change
    if (shadowOps.has(op) && !isReference(op.value.type)) return;
    appendTo(stores, op.value, op);
  });
  const holds = (op: StoreOp, replayed: LoopOp | null): boolean => {
    const { type } = op.at.base;
    // what is written behind the end of a typed array is lost
    const isThere = (type.kind === "array" && type.storage === "Array") || bounds.isInside(op);
    return isThere && stability.isStable(op, replayed);
  };
  return {
    placeOf: (value, replayed) => copies.get(value) ?? stores.get(value)?.find((op) => holds(op, replayed))?.at ?? null,
  };
}

/** Does the cell give back just what was stored: no number that was rounded or cut? */
function holdsExactly({ at, value }: StoreOp): boolean {
  const { type } = at.base;
  const keepsAll = type.kind !== "array" || type.storage === "Array" || type.storage === "Float64Array";
  return keepsAll && sameType(typeAt(at), value.type);
}
