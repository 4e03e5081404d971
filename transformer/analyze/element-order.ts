/** Whether one access to an element comes before another, or surely is to another element of the array. */
import type { LoopOp, Op, Region } from "../ir/ir.js";
import type { Bounds, Touching } from "./bounds.js";
import type { RegionTree } from "./region-tree.js";

/** From where on accesses count, each time that a region runs: behind an operation in it, or from its beginning on. */
export interface Beginning {
  readonly region: Region;
  readonly behind: Op | null;
}

/** Does `other`, an access to the same memory, surely not touch the element that `op` touches, before it does? */
export function isLaterOrElsewhere(
  other: Op,
  op: Touching,
  { region, behind }: Beginning,
  tree: RegionTree,
  bounds: Bounds,
): boolean {
  const [there, here] = [tree.placeOf(other), tree.placeOf(op)];
  if (!tree.isWithin(there.region, region) || (behind !== null && there.order < tree.placeOf(behind).order))
    return true;
  const repeats = tree
    .loopsAround(here.region)
    .filter(({ body }) => tree.isWithin(body, region) && body !== region && tree.isWithin(there.region, body));
  if (repeats.length === 0 && there.order >= here.order) return true;
  const isAccess = other.kind === "store" || other.kind === "accumulate" || other.kind === "load";
  if (!isAccess || other.at.base !== op.at.base) return false;
  const isApart = (loop: LoopOp | null): boolean => bounds.staysApart(loop, other, op);
  return repeats.every(isApart) && (there.order >= here.order || isApart(null));
}
