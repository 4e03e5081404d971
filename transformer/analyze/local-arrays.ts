/** Arrays that are made in a function and of which nothing is kept but what loads give, with all that touch their elements. */
import { hasFixedLength } from "./length-changes.js";
import type { Touching } from "./bounds.js";
import type { AllocateOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import { exitOperands, operandsOf, regionsOf } from "../ir/traverse.js";

export interface LocalArray {
  readonly made: AllocateOp;
  /** In the order of the text. */
  readonly accesses: readonly Touching[];
}

/** Typed arrays of one name: no other value denotes them, and nobody outside of the region that makes them sees them. */
export function findLocalArrays(fn: IRFunction): ReadonlyMap<Value, LocalArray> {
  const arrays = new Map<Value, { readonly made: AllocateOp; readonly accesses: Touching[] }>();
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      const [result] = op.results;
      if (op.kind === "allocate" && result?.type.kind === "array" && hasFixedLength(result))
        arrays.set(result, { made: op, accesses: [] });
      if (isAccess(op)) arrays.get(op.at.base)?.accesses.push(op);
      for (const value of operandsOf(op)) if (!isAccessTo(value, op) && op.kind !== "length") arrays.delete(value);
      regionsOf(op).forEach(visit);
    }
    for (const value of exitOperands(region.exit)) arrays.delete(value);
  };
  visit(fn.body);
  return arrays;
}

const isAccess = (op: Op): op is Touching =>
  (op.kind === "load" || op.kind === "store" || op.kind === "accumulate") && op.at.kind === "element";

const isAccessTo = (array: Value, op: Op): boolean =>
  isAccess(op) && op.at.base === array && !(op.kind === "store" && op.value === array);
