import { appendTo } from "./grouped.js";
import type { IRFunction, Op, Region, Value } from "./ir.js";
import { exitOperands, operandsOf, regionsOf } from "./traverse.js";

/** The operations that use each value of a function, each once; null where the value leaves a region. */
export function usersIn({ body }: IRFunction): ReadonlyMap<Value, readonly (Op | null)[]> {
  const found = new Map<Value, (Op | null)[]>();
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      for (const value of new Set(operandsOf(op))) appendTo(found, value, op);
      regionsOf(op).forEach(visit);
    }
    for (const value of exitOperands(region.exit)) appendTo(found, value, null);
  };
  visit(body);
  return found;
}
