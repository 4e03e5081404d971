import type { IRFunction, Op, Region } from "../ir/ir.js";
import { diverges, rewriteRegion, Substitution, withBody, withRegions, yieldedBy } from "./rewrite.js";

/**
 * Takes what follows a check out of its `else`.
 *
 *   r = if bad { throw e } else { B; yield v }; use r   =>   if bad { throw e } else { }; B; use v
 *
 * Safe because what stands behind such an `if` runs only if nothing was thrown. Loops behind a check of arguments
 * then stand in the function's own region, where other passes see what is the same before and after. The emitter
 * asks for it once more: it is how a check reads, whatever passes were run.
 */
export function flattenThrows(fn: IRFunction): IRFunction {
  return withBody(fn, flatten(fn.body, new Substitution()));
}

function flatten(region: Region, substitution: Substitution): Region {
  return rewriteRegion(region, substitution, (op, out: Op[]) => {
    const next = withRegions(op, (inner) => flatten(inner, substitution));
    if (next.kind !== "if") return void out.push(next);
    const [then, otherwise] = [diverges(next.then), diverges(next.else)];
    const kept = then ? next.else : next.then;
    const values = yieldedBy(kept);
    if (then === otherwise || values === null || (kept.ops.length === 0 && next.results.length === 0)) {
      return void out.push(next);
    }
    const empty: Region = { params: [], ops: [], exit: { kind: "yield", values: [] } };
    const thrower = then ? next.then : next.else;
    const thrown: Region =
      thrower.exit.kind === "throw" ? thrower : { ...thrower, exit: { kind: "yield", values: [] } };
    out.push({ ...next, results: [], then: then ? thrown : empty, else: then ? empty : thrown }, ...kept.ops);
    next.results.forEach((result, k) => {
      const value = values[k];
      if (value !== undefined) substitution.replace(result, value);
    });
  });
}
