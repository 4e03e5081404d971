/**
 * Holes of arrays: positions below the length where nothing was ever put. Methods with a callback leave them out.
 *
 *   const g = new Array(3); g[1] = x; g.forEach(f)   =>   for i { if (i in g) f(g[i], i, g) }
 *
 * The test is there only in functions that may make holes; where every element turns out to be written, it goes again
 * (simplify/fold-holes).
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { anyHoleTest, holeTest } from "../ir/holes.js";
import { unwrapped } from "./assigned-symbols.js";
import { inner, originOf, type Cursor, type Outcome } from "./environment.js";
import { fork, leaf, type Flow } from "./flow.js";
import { noteAsked, noteHoles } from "./hole-notes.js";
import { isElementThere } from "./known-bounds.js";
import { throwWhere } from "./throw-where.js";
import type { LoweringSession } from "./session.js";

/** `new Array(n)` was made at `node`: filled at once, spread, or with holes. */
export function noteUnfilled(session: LoweringSession, node: ts.Expression): void {
  let at: ts.Node = node;
  while (ts.isExpression(at.parent) && unwrapped(at.parent) === node) at = at.parent;
  const { parent } = at;
  if (ts.isPropertyAccessExpression(parent) && parent.name.text === "fill") return;
  if (ts.isSpreadElement(parent)) return;
  const isFrom = ts.isCallExpression(parent) && /^(?:Array|\w+Array)\.from$/.test(parent.expression.getText());
  if (!isFrom) noteHoles(session);
}

/** `a[i] = v` where nothing says that `a` is that long; what is only changed was there, or is no number afterwards. */
export function noteStore(session: LoweringSession, array: Value, node: ts.Node): void {
  if (array.type.kind !== "array" || array.type.storage !== "Array" || session.fixedParameters.has(array)) return;
  if (!ts.isElementAccessExpression(node) || !isElementThere(session, node)) noteHoles(session);
}

/** May an array have holes? What the caller hands in has none. */
export function mayHaveHoles(session: LoweringSession, array: Value): boolean {
  if (array.type.kind !== "array" || array.type.storage !== "Array" || session.fixedParameters.has(array)) return false;
  noteAsked(session);
  return session.holes.left;
}

/** `position in array` */
export function isThere(cursor: Cursor, array: Value, position: Value, node: ts.Node): Value {
  const test = holeTest(array, position, originOf(node));
  cursor.block.append(test.op);
  return test.isThere;
}

/** One round of a method over an array: at a hole it goes on with the next. */
export function leavingHoles(
  at: Cursor,
  array: Value,
  position: Value,
  again: Outcome,
  node: ts.Node,
  round: (at: Cursor) => Flow,
): Flow {
  const walk = (here: Cursor): Flow => {
    const { walked } = here.session.holes;
    walked.push(array);
    const flow = round(here);
    walked.pop();
    return flow;
  };
  if (!mayHaveHoles(at.session, array)) return walk(at);
  const test = isThere(at, array, position, node);
  const [then, otherwise] = [inner(at), inner(at)];
  return fork(at, test, walk(then), leaf(otherwise, again));
}

/** Elements of an array are about to change places, or to go into another one: holes are not followed there. */
export function mustBeDense(cursor: Cursor, array: Value, what: string, node: ts.Node): void {
  if (!mayHaveHoles(cursor.session, array)) return;
  const test = anyHoleTest(array, originOf(node));
  cursor.block.append(test.op);
  throwWhere(cursor, test.has, `\`${what}\` of an array with holes, which a derivative cannot follow`, node);
}
