/**
 * Leaving from the middle of an expression: a `throw` of a function that is inlined into it, inside of a `try`.
 *
 * What stands behind such a place in its statement, and all that follows, goes on in a region nested behind a test. The
 * block and the environment that are at hand become those of that region, so that lowering an expression does not
 * notice; the statement collects the tests afterwards (`escaped`).
 *
 *   try { y = f(x) * 2; } catch { ... }   =>   [threw, r] = f inlined;  if threw { caught } else { y = r * 2; ... }
 */
import type ts from "typescript";
import { walk } from "../ir/traverse.js";
import { isReference, type IRFunction, type Op, type Value } from "../ir/ir.js";
import type { Compilation } from "../compilation.js";
import { inner, outcome, report, type Cursor, type Outcome } from "./environment.js";
import { fork, gather, leaf, outcomesOf, thrown, type Flag, type Flow, type Gathered } from "./flow.js";

/** A flow at the end of a statement, behind the ways out that its expressions have. */
export function escaped({ escapes, session }: Cursor, flow: Flow): Flow {
  return escapes
    .splice(0)
    .reduceRight<Flow>(
      (rest, at) => fork({ ...at, session }, at.test, at.holds ? at.way : rest, at.holds ? rest : at.way),
      flow,
    );
}

/** Control leaves here with an error: for the `catch` around, or out of the function. */
export function throwAt(cursor: Cursor, error: Value, node: ts.Node): Flow {
  const { handler } = cursor;
  if (handler === null) return thrown(cursor, error);
  if (handler.error !== null) {
    const isError = error.type.kind === "opaque" && error.type.text !== "string";
    if (!isError && !cursor.session.poisoned.has(error)) {
      report(cursor, "EZ2017", node, {
        why: "what is thrown here is no error, and the `catch` looks at it",
        advice: "throw an `Error`",
      });
    }
    cursor.env.set(handler.error, error);
  }
  return leaf(cursor, handler.caught);
}

/** Leaves from the middle of an expression where `flag` holds. */
function leaveIf(cursor: Cursor, flag: Flag): void {
  const { handler } = cursor;
  if (flag === false || handler === null) return;
  const test = flag === true ? cursor.block.constant(true) : flag;
  const env = new Map(cursor.env);
  const block = cursor.block.split();
  cursor.escapes.push({
    block,
    env,
    test,
    holds: true,
    way: leaf({ block: block.inner(), env: new Map(env), session: cursor.session }, handler.caught),
  });
}

/** Goes on at this cursor after a flow that may have begun before its block does. */
export function adopt({ block, env }: Cursor, flow: Flow): void {
  if (flow.block !== block) block.resume(flow.block);
  if (flow.env === env) return;
  env.clear();
  for (const [slot, value] of flow.env) env.set(slot, value);
}

/** Closes a flow in the middle of an expression; "left": its end is never reached. */
export function settle(cursor: Cursor, flow: Flow): Gathered | "left" {
  const { handler } = cursor;
  const end = gather(flow, handler === null ? [] : [(one) => one === handler.caught]);
  adopt(cursor, flow);
  if (end.kind === "thrown") {
    cursor.block.append({
      kind: "opaque",
      results: [],
      template: "(() => { throw $0; })()",
      operands: [end.value],
      effects: { reads: false, writes: false, observable: true },
    });
    return "left";
  }
  const [flag = false] = end.flags;
  leaveIf(cursor, flag);
  return flag === true ? "left" : end;
}

/**
 * Statements of another function in the middle of an expression. Where all but one way through them throw, what follows
 * goes on in that one, and no flag is needed.
 */
export function runInside(cursor: Cursor, body: (here: Cursor) => Flow): Gathered | "left" {
  const { handler, block, env } = cursor;
  if (handler === null) return settle(cursor, body({ ...cursor, escapes: [] }));
  let flow = body({ ...cursor, block: block.split(), env: new Map(env), escapes: [] });
  for (;;) {
    if (flow.kind !== "fork") break;
    const [then, otherwise] = [flow.then, flow.else].map((side) => leaves(side, handler.caught));
    if (then === otherwise) break;
    const { test } = flow;
    cursor.escapes.push({
      block: flow.block,
      env: flow.env,
      test,
      holds: then === true,
      way: then === true ? flow.then : flow.else,
    });
    flow = then === true ? flow.else : flow.then;
  }
  return settle(cursor, flow);
}

/** Does a flow end in no other way? */
const leaves = (flow: Flow, caught: Outcome): boolean => [...outcomesOf(flow)].every((one) => one === caught);

/** Joins the sides of a choice inside an expression. */
export function joinSides(cursor: Cursor, test: Value, then: Cursor, otherwise: Cursor): void {
  const end = outcome("joined");
  settle(cursor, fork(cursor, test, escaped(then, leaf(then, end)), escaped(otherwise, leaf(otherwise, end))));
}

/** Leaves for the `catch` around with an error of the language's own where `test` holds. */
export function throwIf(cursor: Cursor, test: Value, error: (at: Cursor) => Value, node: ts.Node): void {
  const known = cursor.block.literalOf(test);
  if (known === false || cursor.handler === null) return;
  const [then, otherwise] = [inner(cursor), inner(cursor)];
  settle(cursor, fork(cursor, test, throwAt(then, error(then), node), leaf(otherwise, outcome("went well"))));
}

/**
 * May a function throw, by itself or by using something that is not there? One that is still being lowered is taken to.
 */
export function mayThrow(name: string, compilation: Compilation, seen = new Set<string>()): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  const fn: IRFunction | undefined = compilation.functions.get(name);
  if (fn === undefined || fn.body.exit.kind === "throw") return true;
  const certain = new Set<Value>(fn.params.flatMap(({ value }) => (isReference(value.type) ? [value] : [])));
  let found = false;
  walk(fn.body, (op) => {
    found ||= throws(op, certain) || (op.kind === "call" && mayThrow(op.callee, compilation, seen));
    const [result] = op.results;
    if (result === undefined || result.type.kind === "optional") return;
    const isField = op.kind === "load" && op.at.kind === "field";
    const isMade = isField || op.kind === "allocate" || op.kind === "call" || op.kind === "opaque";
    const isLength = op.kind === "length" || (op.kind === "constant" && typeof op.value === "number" && op.value >= 0);
    if (isLength || (isMade && isReference(result.type))) certain.add(result);
  });
  return found;
}

/** `certain`: references that are there, and numbers that are no negative lengths. */
function throws(op: Op, certain: ReadonlySet<Value>): boolean {
  switch (op.kind) {
    case "if":
      return op.then.exit.kind === "throw" || op.else.exit.kind === "throw";
    case "loop":
      return op.body.exit.kind === "throw";
    case "opaque":
      return op.template.includes("throw $0");
    case "load":
    case "store":
    case "accumulate":
      return !certain.has(op.at.base);
    case "length":
    case "push":
    case "pop":
      return !certain.has(op.array);
    case "allocate": {
      const { initial } = op;
      if (initial.kind === "copy") return !certain.has(initial.source);
      return (initial.kind === "zeros" || initial.kind === "filled") && !certain.has(initial.length);
    }
    default:
      return false;
  }
}
