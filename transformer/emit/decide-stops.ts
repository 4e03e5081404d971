/**
 * Lets the branches of a loop's last `if` say whether the loop ends, where its test decides that:
 *
 *   v' = if t { B; yield v2 } else { yield v }; s = not t; yield s v'
 *   =>   s, v' = if t { B; yield false v2 } else { yield true v }; yield s v'
 *
 * so that it prints as `if (!t) break;`.
 */
import { booleanType, inventedOrigin, type IfOp, type IRFunction, type Op, type Region, type Value } from "../ir/ir.js";
import { operandsOf, rebuild } from "../ir/traverse.js";
import { findUses, type Uses } from "./uses.js";

/** Loops that end by a test of their last `if` => loops whose branches say it. */
export function decideStops(fn: IRFunction): IRFunction {
  const uses = findUses(fn);
  return { ...fn, body: inRegion(fn.body, uses) };
}

function inRegion(region: Region, uses: Uses): Region {
  const ops = region.ops.map((op) => {
    if (op.kind !== "if" && op.kind !== "loop") return op;
    const next = rebuild(op, { value: (one) => one, region: (inner) => inRegion(inner, uses), result: (one) => one });
    return next.kind === "loop" ? { ...next, body: decide(next.body, 0, uses) } : next;
  });
  return { ...region, ops };
}

/** `position`: where the region's exit says whether to stop. */
function decide(region: Region, position: number, uses: Uses): Region {
  if (region.exit.kind !== "yield") return region;
  const stop = region.exit.values[position];
  const found = lastIf(region);
  if (stop === undefined || found === null) return region;
  const { op, before, after } = found;
  const known = op.results.indexOf(stop);
  const stopOf = testOf(stop, uses);
  const test = testOf(op.test, uses);
  // The test's own value, or its opposite.
  const stopsThen = stopOf.negated === test.negated;
  if (known < 0 && (stopOf.value !== test.value || op.then.exit.kind === "throw" || op.else.exit.kind === "throw")) {
    return region;
  }
  const isOnlyStop = uses.of(stop).length === 1;
  const kept = after.filter((one) => !isOnlyStop || !one.results.includes(stop));
  const depends = new Set(op.results);
  for (const one of kept) {
    if (one.kind !== "apply" && one.kind !== "constant") return region;
    if (operandsOf(one).some((operand) => depends.has(operand))) return region;
  }
  if (known >= 0 && region.exit.values.indexOf(stop) !== region.exit.values.lastIndexOf(stop)) {
    return decide(withStopApart(region, position, [...before, ...kept], op, known), position, uses);
  }
  if (known >= 0) {
    const next: IfOp = { ...op, then: decide(op.then, known, uses), else: decide(op.else, known, uses) };
    return { ...region, ops: [...before, ...kept, next] };
  }
  const result: Value = { type: booleanType, origin: inventedOrigin };
  const next: IfOp = {
    ...op,
    results: [...op.results, result],
    then: withLiteral(op.then, stopsThen),
    else: withLiteral(op.else, !stopsThen),
  };
  const values = region.exit.values.map((value, k) => (k === position ? result : value));
  return { ...region, ops: [...before, ...kept, next], exit: { kind: "yield", values } };
}

function lastIf(
  region: Region,
): { readonly op: IfOp; readonly before: readonly Op[]; readonly after: readonly Op[] } | null {
  const at = region.ops.findLastIndex(({ kind }) => kind === "if");
  const op = region.ops[at];
  return op?.kind === "if" ? { op, before: region.ops.slice(0, at), after: region.ops.slice(at + 1) } : null;
}

/** A boolean without the negations around it. */
function testOf(value: Value, uses: Uses): { readonly value: Value; readonly negated: boolean } {
  const op = uses.definition(value)?.op;
  if (op?.kind !== "apply" || op.primitive !== "not" || op.args[0] === undefined) return { value, negated: false };
  const inner = testOf(op.args[0], uses);
  return { value: inner.value, negated: !inner.negated };
}

/** Gives the stop a result of its own, where one result is both the stop and a carried value. */
function withStopApart(region: Region, position: number, before: readonly Op[], op: IfOp, known: number): Region {
  if (region.exit.kind !== "yield") return region;
  const stop: Value = { type: booleanType, origin: inventedOrigin };
  const twice = (branch: Region): Region => {
    const value = branch.exit.kind === "yield" ? branch.exit.values[known] : undefined;
    if (branch.exit.kind !== "yield" || value === undefined) return branch;
    return { ...branch, exit: { kind: "yield", values: [...branch.exit.values, value] } };
  };
  const next: IfOp = { ...op, results: [...op.results, stop], then: twice(op.then), else: twice(op.else) };
  return {
    ...region,
    ops: [...before, next],
    exit: { kind: "yield", values: region.exit.values.map((value, k) => (k === position ? stop : value)) },
  };
}

function withLiteral(region: Region, value: boolean): Region {
  if (region.exit.kind !== "yield") return region;
  const result: Value = { type: booleanType, origin: inventedOrigin };
  return {
    ...region,
    ops: [...region.ops, { kind: "constant", results: [result], value, text: null }],
    exit: { kind: "yield", values: [...region.exit.values, result] },
  };
}
