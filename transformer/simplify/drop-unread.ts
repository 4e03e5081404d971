import { analyzeAliases } from "../analyze/aliases.js";
import { analyzeBounds, type Touching } from "../analyze/bounds.js";
import { findCleaningLoops } from "../analyze/clean-arrays.js";
import { isLaterOrElsewhere, type Beginning } from "../analyze/element-order.js";
import { findLocalArrays } from "../analyze/local-arrays.js";
import { analyzePrivateArrays } from "../analyze/private-arrays.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import type { IRFunction, Op, Region } from "../ir/ir.js";
import { withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Does not write an element that is not read again, or not before it is written again.
 *
 *   d = zeros n; for s { for i { store d[i] e }; for i { f = load d[i]; store d[i] 0; .. } }
 *     =>   d = zeros n; for s { for i { store d[i] e }; for i { f = load d[i]; .. } }
 *
 * What an adjoint leaves behind is a zero, which nobody needs where storeFirst has made a store of the next addition. Safe
 * where nothing reads the element afterwards, in the same iteration or in one after it; what each iteration of a loop
 * writes before it reads it (private-arrays.ts) is read in no other.
 */
export function dropUnread(fn: IRFunction, compilation: Compilation): IRFunction {
  const locals = findLocalArrays(fn);
  if (![...locals.values()].some(({ accesses }) => accesses.some(isWrite))) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  const bounds = analyzeBounds(tree, aliases);
  const arrays = analyzePrivateArrays(tree, aliases, bounds);
  const cleaning = findCleaningLoops(locals, tree, aliases, bounds);
  const idle = new Set<Op>();
  for (const [array, { made, accesses }] of locals) {
    const loop = cleaning.get(array);
    const beginnings: Beginning[] = [{ region: tree.placeOf(made).region, behind: made }];
    if (loop !== undefined && arrays.isPrivateTo(loop, array)) beginnings.push({ region: loop.body, behind: null });
    const isUnread = (write: Touching): boolean =>
      beginnings.some((from) =>
        accesses.every(
          (read) =>
            read === write ||
            read.kind === "store" ||
            idle.has(read) ||
            isLaterOrElsewhere(write, read, from, tree, bounds),
        ),
      );
    // what only adds to what is unread goes too
    for (const write of accesses.filter(isWrite).toReversed()) if (isUnread(write)) idle.add(write);
  }
  if (idle.size === 0) return fn;
  const rewrite = (region: Region): Region => {
    const ops = region.ops.filter((op) => !idle.has(op)).map((op) => withRegions(op, rewrite));
    return withOps(region, ops);
  };
  return withBody(fn, rewrite(fn.body));
}

const isWrite = (op: Touching): boolean => op.kind === "store" || op.kind === "accumulate";
