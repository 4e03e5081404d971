/**
 * `try`: what is thrown inside of it, also by functions that are inlined there, is a jump to the `catch`. `finally` runs
 * once, behind a flag for each way in which the rest may end.
 *
 *   try { if (x < 0) throw e; y = f(x); } catch { y = 0; }   =>   if x < 0 { y = 0 } else { y = f(x) }
 */
import ts from "typescript";
import { symbolAt } from "./assigned-symbols.js";
import {
  originOf,
  outcome,
  refused,
  resumed,
  type Cursor,
  type Handler,
  type Outcome,
  type Slot,
} from "./environment.js";
import { throwAt } from "./escape.js";
import { continueAt, dispatch, gather, leaf, outcomesOf, thrown, type Flow, type Leaf } from "./flow.js";
import { isAtom, isSmall, lowerStatements } from "./lower-statement.js";

const errorType = { kind: "opaque", text: "Error" } as const;

export function lowerTry(cursor: Cursor, node: ts.TryStatement, next: Outcome): Flow {
  const { finallyBlock } = node;
  return finallyBlock === undefined ? lowerCaught(cursor, node, next) : lowerFinally(cursor, node, finallyBlock, next);
}

/** The body, and the `catch` where there is one. */
function lowerCaught(cursor: Cursor, { tryBlock, catchClause }: ts.TryStatement, next: Outcome): Flow {
  if (catchClause === undefined) return lowerStatements(cursor, tryBlock.statements, next);
  const handler: Handler = { caught: outcome("caught"), error: errorSlot(cursor, catchClause) };
  const body = lowerStatements({ ...cursor, handler }, tryBlock.statements, next);
  const { statements } = catchClause.block;
  return continueAt(
    body,
    handler.caught,
    (place) => lowerStatements(resumed(cursor, place), statements, next),
    isSmall(statements, 0) || isAssignment(statements),
  );
}

/** `y = 0;` and nothing else: better written twice than reached by a flag. */
function isAssignment([first, ...others]: readonly ts.Statement[]): boolean {
  if (first === undefined || others.length > 0 || !ts.isExpressionStatement(first)) return false;
  const { expression } = first;
  return (
    ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    isAtom(expression.left) &&
    isAtom(expression.right)
  );
}

/** The variable of a `catch` that uses it. */
function errorSlot(cursor: Cursor, { variableDeclaration, block }: ts.CatchClause): Slot | null {
  if (variableDeclaration === undefined) return null;
  const { name } = variableDeclaration;
  if (!ts.isIdentifier(name)) {
    refused(cursor, name, "EZ2010", { kind: "caught" });
    return null;
  }
  const symbol = symbolAt(cursor.session, name);
  if (symbol === null || !mentions(cursor, block, symbol)) return null;
  const slot = thrownSlot(name.text, symbol);
  cursor.scope.set(symbol, { kind: "variable", slot });
  return slot;
}

const thrownSlot = (name: string, key: object): Slot => ({
  variable: { name },
  key,
  type: errorType,
  late: true,
  shared: false,
});

function mentions(cursor: Cursor, node: ts.Node, symbol: ts.Symbol): boolean {
  if (ts.isIdentifier(node) && symbolAt(cursor.session, node) === symbol) return true;
  return ts.forEachChild(node, (child) => mentions(cursor, child, symbol) || undefined) === true;
}

/** Every way out leads through `finally`, and on from there. */
function lowerFinally(cursor: Cursor, node: ts.TryStatement, finallyBlock: ts.Block, next: Outcome): Flow {
  const { frame } = cursor;
  const error = thrownSlot("error", {});
  const handler: Handler = { caught: outcome("thrown"), error };
  // After a `return`, too, the variables are still of interest: it does not end the function yet.
  const returned = outcome("returned");
  const done = outcome("done");
  const flow = lowerCaught({ ...cursor, frame: { ...frame, returned }, handler }, node, done);
  const others = [...outcomesOf(flow)].filter((one) => one !== done);
  const gathered = gather(
    flow,
    others.map((other) => (one: Outcome) => one === other),
  );
  if (gathered.kind === "thrown") return thrown(flow, gathered.value);
  const here = resumed(cursor, flow);
  const after = outcome("after finally");
  const onwards = (end: Leaf): Flow => {
    const at = resumed(cursor, end);
    if (end.outcome === done) return leaf(at, next);
    if (end.outcome === returned) return leaf(at, frame.returned);
    if (end.outcome !== handler.caught) return end;
    return throwAt(at, at.env.get(error) ?? at.block.constant(undefined, originOf(node)), node);
  };
  return continueAt(
    lowerStatements(here, finallyBlock.statements, after),
    after,
    (place) =>
      atLeaves(
        dispatch(place, others, gathered.flags, (at) => leaf(at, done)),
        onwards,
      ),
    false,
  );
}

function atLeaves(flow: Flow, change: (end: Leaf) => Flow): Flow {
  if (flow.kind === "leaf") return change(flow);
  if (flow.kind === "thrown") return flow;
  return { ...flow, then: atLeaves(flow.then, change), else: atLeaves(flow.else, change) };
}
