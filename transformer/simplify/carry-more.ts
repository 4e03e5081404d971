/** What passes share that carry numbers through loops in the place of elements of arrays. */
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { analyzeBounds, type Bounds } from "../analyze/bounds.js";
import { buildRegionTree, type RegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import type { IRFunction, LoopOp, Op, Region, Value } from "../ir/ir.js";
import { withBody, withOps, withRegions } from "./rewrite.js";

export interface MemoryFacts {
  readonly tree: RegionTree;
  readonly aliases: Aliases;
  readonly bounds: Bounds;
}

/** Puts other operations in the places of loops, the innermost first; `inner`: the loop with those in it rewritten. */
export function rewriteLoops(
  fn: IRFunction,
  compilation: Compilation,
  rewrite: (loop: LoopOp, inner: LoopOp, facts: MemoryFacts) => readonly Op[],
): IRFunction {
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  const facts = { tree, aliases, bounds: analyzeBounds(tree, aliases) };
  const visit = (region: Region): Region =>
    withOps(
      region,
      region.ops.flatMap((op): readonly Op[] => {
        const inner = withRegions(op, visit);
        return op.kind === "loop" && inner.kind === "loop" ? rewrite(op, inner, facts) : [inner];
      }),
    );
  return withBody(fn, visit(fn.body));
}

/** A number that a loop carries: as it begins, as an iteration finds it and leaves it, and as it is in the end. */
export interface Carried {
  readonly initial: Value;
  readonly param: Value;
  readonly next: Value;
  readonly result: Value;
}

/** The loop with another body, and with more that it carries. `yielded`: the stop, and what it carried before. */
export const carryMore = (
  loop: LoopOp,
  ops: readonly Op[],
  yielded: readonly Value[],
  more: readonly Carried[],
): LoopOp => ({
  ...loop,
  initial: [...loop.initial, ...more.map(({ initial }) => initial)],
  results: [...loop.results, ...more.map(({ result }) => result)],
  body: {
    params: [...loop.body.params, ...more.map(({ param }) => param)],
    ops,
    exit: { kind: "yield", values: [...yielded, ...more.map(({ next }) => next)] },
  },
});
