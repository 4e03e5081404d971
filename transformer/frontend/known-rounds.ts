/**
 * Loops over a list of which the elements are known, and are things of their own: the body is written once for each.
 *
 *   for (var i = 0; i < arguments.length; i++) s += arguments[i];   =>   s += a;  s += b
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { assignedSymbols, symbolAt, unwrapped } from "./assigned-symbols.js";
import { inner, outcome, resumed, type Cursor, type Outcome } from "./environment.js";
import { escaped } from "./escape.js";
import { continueAt, leaf, type Flow } from "./flow.js";
import { isMixed } from "./given-list.js";
import { contentsOf } from "./grown-list.js";
import { loadedConstant } from "./loaded-constant.js";
import { isObject } from "./loading/values.js";
import { isArguments } from "./lower-arguments.js";
import { lowerCondition } from "./lower-condition.js";
import { lowerEffect } from "./lower-expression.js";
import { inLoop } from "./lower-loop.js";
import { lowerStatement } from "./lower-statement.js";

type CountingLoop = ts.ForStatement | ts.WhileStatement;

const mostRounds = 32;

/** Writes the rounds out, as far as they are known; `asLoop` does the others. null: it is no such loop. */
export function lowerKnownRounds(
  cursor: Cursor,
  node: CountingLoop,
  next: Outcome,
  asLoop: (at: Cursor) => Flow,
): Flow | null {
  const test = testOf(node);
  if (test === undefined || !isCount(test) || !walksKnownList(cursor, node)) return null;
  return rounds(cursor, node, test, next, asLoop, 0);
}

const testOf = (node: CountingLoop): ts.Expression | undefined =>
  ts.isForStatement(node) ? node.condition : node.expression;

function rounds(
  cursor: Cursor,
  node: CountingLoop,
  test: ts.Expression,
  next: Outcome,
  asLoop: (at: Cursor) => Flow,
  round: number,
): Flow {
  const trial = inner(cursor);
  const isKnown = typeof trial.block.literalOf(lowerCondition(trial, test)) === "boolean";
  if (!isKnown || round > mostRounds) return asLoop(cursor);
  if (cursor.block.literalOf(lowerCondition(cursor, test)) === false) return leaf(cursor, next);
  const again = outcome("next round");
  const flow = lowerStatement(inLoop(cursor, node, next, again), node.statement, again);
  return continueAt(
    flow,
    again,
    (place) => {
      const here = resumed(cursor, place);
      if (ts.isForStatement(node) && node.incrementor !== undefined) lowerEffect(here, node.incrementor);
      return escaped(here, rounds(here, node, test, next, asLoop, round + 1));
    },
    false,
  );
}

/** `i < list.length`, `n--`, `++i < n`: it may be asked once more than it is. */
function isCount(node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isIdentifier(at) || ts.isNumericLiteral(at)) return true;
  if (ts.isPropertyAccessExpression(at)) return at.name.text === "length" && isPath(at.expression);
  if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) return ts.isIdentifier(at.operand);
  return ts.isBinaryExpression(at) && orders.has(at.operatorToken.kind) && isCount(at.left) && isCount(at.right);
}

const isPath = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node) && isPath(node.expression));

const orders: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** Is an element of such a list read at a position that the loop counts? A function that is made there keeps its round. */
function walksKnownList(cursor: Cursor, node: CountingLoop): boolean {
  const holds = (at: ts.Node, test: (one: ts.Node) => boolean): boolean =>
    test(at) || ts.forEachChild(at, (one) => holds(one, test) || undefined) === true;
  const isRead = (at: ts.Node): boolean =>
    ts.isElementAccessExpression(at) &&
    !ts.isNumericLiteral(unwrapped(at.argumentExpression)) &&
    isKnownList(cursor, at.expression, node);
  return holds(node, isRead) && !holds(node, ts.isFunctionLike);
}

function isKnownList(cursor: Cursor, node: ts.Expression, loop: ts.Node): boolean {
  const { session, scope, env, frame } = cursor;
  const at: ts.Node = unwrapped(node);
  if (isArguments(session, at)) return frame.given?.kind === "parts";
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const binding = symbol === null ? null : scope.get(symbol);
  if (binding === null && ts.isExpression(at) && isPath(at)) {
    const loaded = loadedConstant(inner(cursor), at);
    return loaded !== null && isListOfModule(cursor, loaded);
  }
  if (symbol === null || binding?.kind !== "variable" || assignedSymbols(session, loop).has(symbol)) return false;
  const held: Value | undefined = env.get(binding.slot);
  if (held === undefined) return false;
  if (isListOfModule(cursor, held)) return true;
  if (session.argumentObjects.get(held)?.given.kind === "parts") return true;
  const parts = session.givenLists.get(contentsOf(cursor, held));
  return parts !== undefined && isMixed(session, parts);
}

/** A list of functions, objects with functions and the like, which no memory holds. */
function isListOfModule({ session }: Cursor, value: Value): boolean {
  const elements = session.loadedMarks.get(value)?.object.elements ?? null;
  return elements !== null && elements.length <= mostRounds && elements.some(isObject);
}
