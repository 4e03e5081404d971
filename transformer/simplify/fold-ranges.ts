import { analyzeRanges } from "../analyze/ranges.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { rangeUpTo } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { walk } from "../ir/traverse.js";
import { constantOp, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

const decidable: ReadonlySet<Primitive> = new Set(["max", "min", "guard", "lt"]);

/**
 * Drops what the ranges of values decide.
 *
 *   n = length x; m = max n zero        =>   n
 *   e = exp x; f = add one e; g = guard f q   =>   q
 *   for i from 0 to n { c = lt i n; d = lt i 0 }   =>   c = true; d = false
 *
 * Safe because an interval holds whatever the inputs; NaN passes through either way. Bounds are only
 * dropped on integers, where `Math.max(-0, 0)` cannot tell.
 */
export function foldRanges(fn: IRFunction, _compilation: Compilation): IRFunction {
  const candidates: Op[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "apply" && decidable.has(op.primitive)) candidates.push(op);
  });
  if (candidates.length === 0) return fn;
  const tree = buildRegionTree(fn);
  const ranges = analyzeRanges(tree);
  const substitution = new Substitution();
  const certain = new Map<Value, boolean>();
  for (const op of candidates) {
    const [result] = op.results;
    if (result === undefined) continue;
    const kept = decided(op);
    if (kept !== null) substitution.replace(result, kept);
    else if (isCounterBelowItsEnd(op)) certain.set(result, true);
    else if (isNeverBelow(op)) certain.set(result, false);
  }
  if (substitution.isEmpty && certain.size === 0) return fn;
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out: Op[]) => {
      const [result] = op.results;
      const truth = result === undefined ? undefined : certain.get(result);
      if (result !== undefined && truth !== undefined) out.push(constantOp(truth, result));
      else out.push(withRegions(op, visit));
    });
  return withBody(fn, visit(fn.body));

  /** `i < n` in `for i from a to n`. */
  function isCounterBelowItsEnd(op: Op): boolean {
    const [counter, end] = op.kind === "apply" && op.primitive === "lt" ? op.args : [];
    if (counter === undefined || end === undefined) return false;
    return rangeUpTo(counter, end, tree) !== null;
  }

  /** `i < 0` of a counter that begins at 0. That NaN is below nothing is true as well. */
  function isNeverBelow(op: Op): boolean {
    const [a, b] = op.kind === "apply" && op.primitive === "lt" ? op.args : [];
    if (a?.type.kind !== "integer" || b?.type.kind !== "integer") return false;
    return ranges.intervalOf(a).low >= ranges.intervalOf(b).high;
  }

  function decided(op: Op): Value | null {
    if (op.kind !== "apply") return null;
    const [a, b] = op.args;
    if (a === undefined || b === undefined || op.args.length !== 2 || op.primitive === "lt") return null;
    if (op.primitive === "guard") return ranges.isNonzero(a) ? b : null;
    if (a.type.kind !== "integer" || b.type.kind !== "integer") return null;
    const [first, second] = [ranges.intervalOf(a), ranges.intervalOf(b)];
    const isMax = op.primitive === "max";
    if (isMax ? first.low >= second.high : first.high <= second.low) return a;
    return (isMax ? second.low >= first.high : second.high <= first.low) ? b : null;
  }
}
