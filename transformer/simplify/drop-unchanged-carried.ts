import type { Compilation } from "../compilation.js";
import type { IfOp, IRFunction, LoopOp, Op, Region, Value } from "../ir/ir.js";
import {
  rewriteRegion,
  substituteRegion,
  Substitution,
  withBody,
  withBranches,
  withLoopBody,
  yieldedBy,
} from "./rewrite.js";

/**
 * Replaces what a loop carries but never changes by its initial value, and what an `if` yields on both sides by
 * that value.
 *
 *   r = loop carrying a = a0 { ...; yield stop a }; use r      =>   loop { ... }; use a0
 *   r = if c { yield v } else { yield v }; use r               =>   use v
 *
 * Safe because a value is defined once. A branch that throws has no say. Several carried values that are only
 * exchanged with each other and begin with one value are that value, too.
 */
export function dropUnchangedCarried(fn: IRFunction, _compilation: Compilation): IRFunction {
  return withBody(fn, walkRegion(fn.body, new Substitution()));
}

function walkRegion(region: Region, substitution: Substitution): Region {
  return rewriteRegion(region, substitution, (op, out) => {
    if (op.kind === "if") out.push(dropEqualResults(op, substitution));
    else if (op.kind === "loop") out.push(dropUnchanged(op, substitution));
    else out.push(op);
  });
}

const keep = <T>(values: readonly T[], gone: ReadonlySet<number>, ahead: number): readonly T[] =>
  values.filter((_, k) => !gone.has(k - ahead));

function withYield(region: Region, gone: ReadonlySet<number>, ahead: number): Region {
  const values = yieldedBy(region);
  return values === null ? region : { ...region, exit: { kind: "yield", values: keep(values, gone, ahead) } };
}

function dropEqualResults(op: IfOp, substitution: Substitution): Op {
  const inside = definedWithin(op.then, op.else);
  const next = withBranches(op, walkRegion(op.then, substitution), walkRegion(op.else, substitution));
  const [then, otherwise] = [yieldedBy(next.then), yieldedBy(next.else)];
  const gone = new Set<number>();
  next.results.forEach((result, k) => {
    const left = then === null ? otherwise?.[k] : then[k];
    const right = otherwise === null ? then?.[k] : otherwise[k];
    if (left === undefined || left !== right || inside.has(left) || left.type.kind !== result.type.kind) return;
    substitution.replace(result, left);
    gone.add(k);
  });
  if (gone.size === 0) return next;
  return {
    ...next,
    results: keep(next.results, gone, 0),
    then: withYield(next.then, gone, 0),
    else: withYield(next.else, gone, 0),
  };
}

/** What the regions' own operations define: out of sight behind them. */
function definedWithin(...regions: readonly Region[]): ReadonlySet<Value> {
  const defined = new Set<Value>();
  for (const region of regions) for (const op of region.ops) op.results.forEach((value) => defined.add(value));
  return defined;
}

function dropUnchanged(op: LoopOp, substitution: Substitution): Op {
  const next = withLoopBody(op, walkRegion(op.body, substitution));
  const yielded = yieldedBy(next.body);
  if (yielded === null) return next;
  const carried = next.body.params.slice(1);
  const position = new Map(carried.map((param, k) => [param, k]));
  // optimistic: all that begin with one value are taken for it until a yield proves otherwise
  const unchanged = new Set(carried.keys());
  const isSame = (k: number): boolean => {
    const value = yielded[k + 1];
    if (value === undefined) return false;
    if (value === next.initial[k]) return true;
    const source = position.get(value);
    return source !== undefined && unchanged.has(source) && next.initial[source] === next.initial[k];
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const k of unchanged) {
      if (isSame(k)) continue;
      unchanged.delete(k);
      changed = true;
    }
  }
  if (unchanged.size === 0) return next;
  const within = new Substitution();
  for (const k of unchanged) {
    const [param, initial, result] = [carried[k], next.initial[k], next.results[k + 2]];
    if (param === undefined || initial === undefined || result === undefined) continue;
    within.replace(param, initial);
    substitution.replace(result, initial);
  }
  return {
    ...next,
    results: keep(next.results, unchanged, 2),
    initial: keep(next.initial, unchanged, 0),
    body: substituteRegion(
      { ...withYield(next.body, unchanged, 1), params: keep(next.body.params, unchanged, 1) },
      within,
    ),
  };
}
