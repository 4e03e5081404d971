/** References that a loop hands on from one of its variables to another, and nothing else: buffers that change places. */
import { isReference, type LoopOp, type Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";

/**
 * Variables that every iteration permutes, so that the iterations can be gone back through from what they hold at the end.
 *
 *   for s carrying u, next { .. ; yield next, u }      before the iteration u held what next holds after it
 */
export interface Exchange {
  readonly loop: LoopOp;
  readonly members: readonly Exchanged[];
}

export interface Exchanged {
  /** What the variable holds when an iteration begins. */
  readonly param: Value;
  /** What it holds when the loop is over. */
  readonly result: Value;
  /** The parameter of the variable that holds the same when the iteration is over. */
  readonly heldBy: Value;
}

/** The exchange that a parameter of a loop takes part in; null where something else may become of it, or the loop may stop early. */
export function exchangeOf(param: Value, tree: RegionTree): Exchange | null {
  const { op: by, region } = tree.definitionOf(param);
  const loop = by === null ? tree.ownerOf(region) : null;
  if (loop?.kind !== "loop" || loop.range === null || mayStop(loop) || region.exit.kind !== "yield") return null;
  const { values } = region.exit;
  const members: Exchanged[] = [];
  let current = param;
  do {
    const position = region.params.indexOf(current);
    const [holder, ...others] = values.flatMap((value, k) => (value === current ? [k] : []));
    const [result, heldBy] = [loop.results[position + 1], holder === undefined ? undefined : region.params[holder]];
    if (position < 1 || result === undefined || heldBy === undefined || others.length > 0) return null;
    if (!isReference(current.type)) return null;
    members.push({ param: current, result, heldBy });
    current = heldBy;
  } while (current !== param);
  return { loop, members };
}
