/**
 * Arrays of zeros that every iteration of a loop leaves as it found them: whatever it adds to an element, a zero is stored
 * there later in the same iteration. The shadow of an array that the primal overwrites in each iteration is one.
 *
 *   d = zeros n; for s { for i { accumulate d[i] .. }; for i { .. load d[i] ..; store d[i] 0 } }
 *
 * Nobody touches such an array outside of the loop, so that what is in it when the loop is over matters to nobody.
 */
import type { LoopOp, StoreOp, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { Bounds, Touching } from "./bounds.js";
import { analyzeCoverage } from "./coverage.js";
import type { LocalArray } from "./local-arrays.js";
import type { RegionTree } from "./region-tree.js";

/** By array, the innermost such loop. */
export function findCleaningLoops(
  arrays: ReadonlyMap<Value, LocalArray>,
  tree: RegionTree,
  { definitions }: Pick<Aliases, "definitions">,
  bounds: Bounds,
): ReadonlyMap<Value, LoopOp> {
  const coverage = analyzeCoverage(tree, bounds);
  const isClear = (op: Touching): op is StoreOp => op.kind === "store" && definitions.isLiteral(op.value, 0);
  const loops = new Map<Value, LoopOp>();
  for (const [array, { made, accesses }] of arrays) {
    const clears = accesses.filter(isClear);
    if (clears.length === 0 || (made.initial.kind !== "zeros" && made.initial.kind !== "zerosLike")) continue;
    const isCleared = (write: Touching, loop: LoopOp): boolean =>
      clears.some((clear) => coverage.willWrite(clear, write, loop));
    const found = loopsAroundAll(accesses, array, tree).findLast((loop) =>
      accesses.every((op) => op.kind === "load" || isClear(op) || isCleared(op, loop)),
    );
    if (found !== undefined) loops.set(array, found);
  }
  return loops;
}

/** The loops behind the making of the array that contain everything that touches it, outermost first. */
function loopsAroundAll(accesses: readonly Touching[], array: Value, tree: RegionTree): readonly LoopOp[] {
  const [first] = accesses;
  const home = tree.definitionOf(array).region;
  const around = first === undefined ? [] : tree.loopsAround(tree.placeOf(first).region);
  return around.filter(
    ({ body }) =>
      body !== home &&
      tree.isWithin(body, home) &&
      accesses.every((op) => tree.isWithin(tree.placeOf(op).region, body)),
  );
}
