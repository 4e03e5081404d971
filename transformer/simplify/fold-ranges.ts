import { analyzeRanges } from "../analyze/ranges.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import type { IRFunction, Op, Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { Substitution, substituteRegion, withBody } from "./rewrite.js";

/**
 * Drops what the ranges of values decide.
 *
 *   n = length x; m = max n zero        =>   n
 *   e = exp x; f = add one e; g = guard f q   =>   q
 *
 * Safe because an interval holds whatever the inputs; NaN passes through either way. Bounds are only
 * dropped on integers, where `Math.max(-0, 0)` cannot tell.
 */
export function foldRanges(fn: IRFunction, _compilation: Compilation): IRFunction {
  const candidates: Op[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "apply" && (op.primitive === "max" || op.primitive === "min" || op.primitive === "guard"))
      candidates.push(op);
  });
  if (candidates.length === 0) return fn;
  const ranges = analyzeRanges(buildRegionTree(fn));
  const substitution = new Substitution();
  let changed = false;
  for (const op of candidates) {
    const [result] = op.results;
    const kept = result === undefined ? null : decided(op);
    if (result === undefined || kept === null) continue;
    substitution.replace(result, kept);
    changed = true;
  }
  return changed ? withBody(fn, substituteRegion(fn.body, substitution)) : fn;

  function decided(op: Op): Value | null {
    if (op.kind !== "apply") return null;
    const [a, b] = op.args;
    if (a === undefined || b === undefined || op.args.length !== 2) return null;
    if (op.primitive === "guard") return ranges.isNonzero(a) ? b : null;
    if (a.type.kind !== "integer" || b.type.kind !== "integer") return null;
    const [first, second] = [ranges.intervalOf(a), ranges.intervalOf(b)];
    const isMax = op.primitive === "max";
    if (isMax ? first.low >= second.high : first.high <= second.low) return a;
    return (isMax ? second.low >= first.high : second.high <= first.low) ? b : null;
  }
}
