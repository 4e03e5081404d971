import { mayStop, tripCount } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import { Block } from "../ir/build.js";
import type { IRFunction, Op, Region } from "../ir/ir.js";
import { countUses, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * Says how often a counted loop runs by its range, where nothing stops it.
 *
 *   completed, started, s = loop i from 0 to n ...; use completed   =>   ...; use (max n 0)
 *
 * The number is known before the loop then: it can be shared, hoisted and folded.
 */
export function resolveCounts(fn: IRFunction, _compilation: Compilation): IRFunction {
  const uses = countUses(fn);
  const substitution = new Substitution();
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out: Op[]) => {
      if (op.kind === "loop" && op.range !== null && !mayStop(op)) {
        const counted = op.results.slice(0, 2).filter((result) => (uses.get(result) ?? 0) > 0);
        if (counted.length > 0) {
          const block = new Block(true);
          const count = tripCount(block, op.range);
          out.push(...block.ops);
          for (const result of counted) substitution.replace(result, count);
        }
      }
      out.push(withRegions(op, visit));
    });
  return withBody(fn, visit(fn.body));
}
