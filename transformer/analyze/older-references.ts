/**
 * References that were there before something was made, and so are never that, in this iteration or in a later one.
 *
 *   loop k carrying h { y = allocate ..; for o { for i { .. load h[i] .. }; store y[o] .. }; yield y }
 *
 * What is written to `y` is never what was loaded through `h`: each `y` is made after the `h` of its iteration, and what
 * later iterations make was not there when it was loaded.
 */
import type { Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";

/** Is `made` an allocation, and `reference` known before it is made, in the same iteration of all loops around it? */
export function isOlder(reference: Value, made: Value, tree: RegionTree): boolean {
  const { op: allocation } = tree.definitionOf(made);
  if (allocation?.kind !== "allocate") return false;
  const { region, order } = tree.placeOf(allocation);
  const { op, region: home } = tree.definitionOf(reference);
  return tree.isWithin(region, home) && (op === null || tree.placeOf(op).last < order);
}
