/**
 * A loop of which snapshots are kept, within a loop that is recorded: each of its runs has snapshots of its own, and the
 * runs are reversed from the last to the first.
 *
 *   runs = []; for k { checkpoints = []; for i { ... }; runs.push(checkpoints) }
 *     =>   for k backwards { checkpoints = runs.pop(); for i backwards { ... } }
 *
 * Within a loop whose iterations run again, a run is reversed right where it ran, and needs no more than one alone.
 */
import type { LoopOp, Region } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { isCheckpointed } from "./checkpoints.js";
import { refuseAt, stateOf } from "./loop-state.js";
import type { Site, Sweep } from "./sweep.js";

/** Makes the list of runs of each loop with snapshots in a recorded loop, before the outermost of these. */
export function openRuns(sweep: Sweep, outer: LoopOp, site: Site): void {
  for (const loop of checkpointedIn(sweep, outer.body)) {
    checkReversed(sweep, loop, outer);
    const key = sweep.runsKey(loop);
    if (site.cells.get(key) !== null) continue;
    const { snapshot } = stateOf(loop, sweep.facts, sweep.recording);
    const list = { kind: "array", element: snapshot, storage: "Array" } as const;
    const runs = { kind: "array", element: list, storage: "Array" } as const;
    const origin = { span: null, variable: { name: "runs" }, role: "primal" } as const;
    site.cells.set(key, site.block.allocate(runs, { kind: "parts", parts: [] }, origin));
  }
}

/** The loops with snapshots in a region, those aside that stand in loops whose iterations run again. */
const checkpointedIn = (sweep: Sweep, region: Region): readonly LoopOp[] =>
  region.ops.flatMap((op) => {
    if (op.kind !== "loop") return regionsOf(op).flatMap((inner) => checkpointedIn(sweep, inner));
    if (isCheckpointed(sweep, op)) return [op];
    return sweep.recording.isReplayed(op) ? [] : checkpointedIn(sweep, op.body);
  });

/**
 * The iteration that ends a recorded loop may change nothing, and is not reversed then: what runs in it must not leave
 * snapshots behind.
 */
function checkReversed({ facts: { tree }, stops }: Sweep, loop: LoopOp, outer: LoopOp): void {
  const shape = stops.shapes.get(outer);
  if (shape?.kind !== "idle") return;
  const path = tree.pathTo(tree.placeOf(loop).region);
  const isOnlyOnGoing = path.some((region) => {
    const owner = tree.ownerOf(region);
    if (owner?.kind !== "if" || !tree.isWithin(region, outer.body) || shape.notTaken.has(region)) return false;
    return [owner.then, owner.else].some((other) => other !== region && shape.notTaken.has(other));
  });
  if (!isOnlyOnGoing)
    refuseAt(loop)("it stands in a loop that may end behind it", "end that loop before, or mark it as well");
}

/** After a run in a recorded loop: its snapshots are put aside. */
export function keepRun(sweep: Sweep, loop: LoopOp, { block, cells }: Site): void {
  const [list, runs] = [cells.get(sweep.snapshotsKey(loop)), cells.get(sweep.runsKey(loop))];
  if (list !== null && runs !== null) block.push(runs, list);
}

/** Before a run is reversed: its snapshots are the last that were put aside. */
export function takeRun(sweep: Sweep, loop: LoopOp, { block, cells }: Site): void {
  const runs = cells.get(sweep.runsKey(loop));
  if (runs?.type.kind === "array") cells.set(sweep.snapshotsKey(loop), block.pop(runs, runs.type.element));
}
