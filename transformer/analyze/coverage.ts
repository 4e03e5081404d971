/** Which elements of an array a store in loops surely writes, before or after something else touches them. */
import type { LoopOp, Op, Region, StoreOp } from "../ir/ir.js";
import type { Bounds, Touching } from "./bounds.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";

export interface Coverage {
  /** Has `store` surely written the element that `op` touches, earlier in the same iteration of `loop`? */
  hasWritten(store: StoreOp, op: Touching, loop: LoopOp): boolean;
  /** Will `store` surely write the element that `op` touches, later in the same iteration of `loop`? */
  willWrite(store: StoreOp, op: Touching, loop: LoopOp): boolean;
}

/** Answers which elements the stores of a function surely write. */
export function analyzeCoverage(tree: RegionTree, bounds: Bounds): Coverage {
  /** Does `op` stand in a region that also runs `other`, in the same iteration of everything around that region? Before it, or behind? */
  const sideOf = (op: Op, other: Op): "before" | "behind" | null => {
    const { region, position } = tree.placeOf(op);
    const path = tree.pathTo(tree.placeOf(other).region);
    const depth = path.indexOf(region);
    if (depth < 0) return null;
    const child: Region | undefined = path[depth + 1];
    const owner: Op | null = child === undefined ? other : tree.ownerOf(child);
    const there = owner === null ? position : tree.placeOf(owner).position;
    return there === position ? null : there > position ? "before" : "behind";
  };

  const writes = (store: StoreOp, op: Touching, loop: LoopOp, side: "before" | "behind"): boolean => {
    if (store.at.kind !== "element" || op.at.kind !== "element" || store.at.base !== op.at.base) return false;
    if (!tree.isWithin(tree.placeOf(store).region, loop.body)) return false;
    if (store.at.index === op.at.index && sideOf(store, op) === side) return true;
    const { type } = store.at.base;
    // behind the end of a typed array nothing is written, nor anything found
    if (type.kind !== "array" || (type.storage === "Array" && !bounds.isInside(store))) return false;
    const sweep: LoopOp[] = [];
    for (let { region } = tree.placeOf(store); region !== loop.body; region = tree.placeOf(sweep[0] ?? store).region) {
      const owner = tree.ownerOf(region);
      if (owner?.kind !== "loop" || mayStop(owner)) return false;
      sweep.unshift(owner);
      if (sideOf(owner, op) !== side) continue;
      if (bounds.isCovered(op, store, sweep) || bounds.coversAll(store, sweep)) return true;
    }
    return false;
  };

  return {
    hasWritten: (store, op, loop) => writes(store, op, loop, "before"),
    willWrite: (store, op, loop) => writes(store, op, loop, "behind"),
  };
}
