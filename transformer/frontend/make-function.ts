/**
 * A function that makes a function: its statements run where it is called, and the function that it gives back sees the
 * variables they leave behind.
 *
 *   const line = (a) => (x) => a * x;   const f = line(2); f(x)   =>   2 * x
 */
import ts from "typescript";
import { unwrapped } from "./assigned-symbols.js";
import { outcome, Scope, type Callable, type Closure, type Cursor } from "./environment.js";
import { adopt, escaped } from "./escape.js";
import { fence } from "./fence.js";
import { gather, outcomesOf } from "./flow.js";
import { hoistFunctions, hoistVariables } from "./hoist-variables.js";
import { asksForArguments } from "./lower-arguments.js";
import { lowerArguments } from "./lower-call.js";
import { lowerEffect } from "./lower-expression.js";
import { makeFrame } from "./lower-function.js";
import { lowerStatements } from "./lower-statement.js";
import { resolveCallable } from "./resolve-callable.js";
import { bindArguments, givenArguments } from "./bind-arguments.js";

/** The function that a call gives back; null: which one it is depends on what happens when the program runs. */
export function makeFunction(cursor: Cursor, maker: Closure, node: ts.CallExpression): Callable | null {
  const { node: declaration, scope } = maker;
  const { body } = declaration;
  const { frame, session } = cursor;
  if (body === undefined || frame.inlining.includes(declaration)) return null;
  const returned = ts.isBlock(body) ? lastReturned(body) : body;
  if (returned === null) return null;
  fence(declaration, session);
  const args = lowerArguments(cursor, node);
  const here: Cursor = {
    ...cursor,
    scope: new Scope(scope),
    frame: {
      ...makeFrame(declaration, "nothing", false, [...frame.inlining, declaration], frame.outputFile),
      given: asksForArguments(session, declaration) ? givenArguments(cursor, args) : null,
    },
    targets: null,
    // What it throws would have to be known before anything is called.
    handler: cursor.handler === null ? null : { caught: outcome("thrown"), error: null },
    escapes: [],
  };
  bindArguments(here, declaration, args, node);
  if (ts.isBlock(body)) {
    hoistVariables(here, body);
    hoistFunctions(here, body.statements);
    const end = outcome("made");
    const flow = escaped(here, lowerStatements(here, body.statements.slice(0, -1), end));
    if ([...outcomesOf(flow)].some((one) => one !== end)) return null;
    if (gather(flow, []).kind === "thrown") return null;
    adopt(here, flow);
  }
  return resolveCallable(here, lastOf(here, returned));
}

/** `a = +a, (t) => a * t`: what stands before the comma is done first. */
function lastOf(here: Cursor, node: ts.Expression): ts.Expression {
  const at = unwrapped(node);
  if (!ts.isBinaryExpression(at) || at.operatorToken.kind !== ts.SyntaxKind.CommaToken) return at;
  lowerEffect(here, at.left);
  return lastOf(here, at.right);
}

/** What the last statement gives back, if no other one gives anything back. */
function lastReturned(body: ts.Block): ts.Expression | null {
  const last = body.statements.at(-1);
  if (last === undefined || !ts.isReturnStatement(last) || last.expression === undefined) return null;
  const returns = (at: ts.Node): boolean =>
    ts.isReturnStatement(at) ||
    (!ts.isFunctionLike(at) && ts.forEachChild(at, (one) => returns(one) || undefined) === true);
  return body.statements.slice(0, -1).some(returns) ? null : unwrapped(last.expression);
}
