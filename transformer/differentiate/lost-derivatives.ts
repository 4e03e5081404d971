/** What a derivative must not flow into, because nothing carries it on: `new Date(x)`. */
import { analyzeActivity, type Activity as ActivityFacts } from "../analyze/activity.js";
import { analyzeAliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import { isReference, type Activity, type IRFunction, type OpaqueOp, type Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { withActivities } from "./derivatives.js";
import { Refusal } from "./refusal.js";

/** Looks into callees too: to their callers, what they give there carries no derivative. */
export function refuseLostDerivatives(
  fn: IRFunction,
  activity: ActivityFacts,
  compilation: Compilation,
  visited = new Set<string>(),
  keysAreListed = listsKeys(fn, compilation),
): void {
  const activityOf = (arg: Value): Activity => {
    if (isReference(arg.type)) return activity.holdsVaried(arg) ? "duplicated" : "const";
    return activity.isVaried(arg) ? "active" : "const";
  };
  walk(fn.body, (op) => {
    if (op.kind === "opaque" && op.keeps !== undefined && (op.isKey !== true || keysAreListed)) {
      const lost = op.operands.find((value) => activityOf(value) !== "const");
      if (lost === undefined) return;
      throw new Refusal("EZ2071", { what: op.keeps }, op.results[0]?.origin.span ?? lost.origin.span);
    }
    const callee = op.kind === "call" ? compilation.functions.get(op.callee) : undefined;
    if (op.kind !== "call" || callee === undefined || callee.external !== undefined) return;
    const activities = op.args.map(activityOf);
    const key = `${op.callee} ${activities.join(" ")}`;
    if (visited.has(key) || activities.every((one) => one === "const") || !keepsNumbers(callee, compilation)) return;
    visited.add(key);
    const active = withActivities(callee, activities);
    const facts = analyzeActivity(active, analyzeAliases(active, compilation), { outputsInMemory: true });
    refuseLostDerivatives(active, facts, compilation, visited, keysAreListed);
  });
}

/** Does a function, or one that it calls, ask for the keys of an object or a Map? */
function listsKeys(fn: IRFunction, compilation: Compilation, visited = new Set<IRFunction>()): boolean {
  if (visited.has(fn)) return false;
  visited.add(fn);
  let found = false;
  walk(fn.body, (op) => {
    found ||= op.kind === "opaque" && op.listsKeys === true;
    const callee = op.kind === "call" ? compilation.functions.get(op.callee) : undefined;
    if (callee !== undefined) found ||= listsKeys(callee, compilation, visited);
  });
  return found;
}

/** Does a function, or one that it calls, make something of numbers that keeps no derivative? */
function keepsNumbers(fn: IRFunction, compilation: Compilation, visited = new Set<IRFunction>()): boolean {
  if (visited.has(fn)) return false;
  visited.add(fn);
  let found = false;
  const isKept = ({ keeps, operands }: OpaqueOp): boolean =>
    keeps !== undefined && operands.some(({ type }) => type.kind !== "opaque");
  walk(fn.body, (op) => {
    if (op.kind === "opaque") found ||= isKept(op);
    const callee = op.kind === "call" ? compilation.functions.get(op.callee) : undefined;
    if (callee !== undefined) found ||= keepsNumbers(callee, compilation, visited);
  });
  return found;
}
