/**
 * `a?.b.c[i]`, `a.b?.norm()`: the whole chain is undefined where what stands before a `?.` is absent, and nothing behind it is
 * evaluated.
 */
import ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isAnyType, mayBeNothing } from "../syntax/type-of.js";
import { unwrapped } from "./assigned-symbols.js";
import { originOf, poison, type Cursor } from "./environment.js";
import { isAbsent } from "./lower-condition.js";
import { choose, elementOf, lowerExpression, lowerMaybe } from "./lower-expression.js";
import { lowerCall } from "./lower-call.js";
import { unwrapTo } from "./lower-function.js";
import { settled } from "./lower-mixed.js";
import { lowerProperty } from "./lower-property.js";
import { assertedText, mayLackText } from "./present-text.js";

type Then = (at: Cursor, value: Value) => Value;

type Member = ts.PropertyAccessExpression | ts.ElementAccessExpression;
type Link = ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression;

/** Is it undefined where something before it in its chain is absent? */
export const isInChain = ({ frame }: Cursor, node: Link): boolean =>
  ts.isOptionalChain(node) && isLink(node) && frame.ahead?.has(receiverOf(node)) !== true;

const isLink = (node: ts.Expression): boolean => {
  if (ts.isNonNullExpression(node)) return isLink(node.expression);
  if (!ts.isOptionalChain(node)) return false;
  // `f?.(x)` is no link of a chain that is followed.
  if (ts.isCallExpression(node)) return node.questionDotToken === undefined && isLink(node.expression);
  const isMember = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
  return isMember && (node.questionDotToken !== undefined || isLink(node.expression));
};

/** What a link is a member of; of a call, what the method is. */
function receiverOf(node: Link): ts.Expression {
  const callee = ts.isCallExpression(node) ? unwrapped(node.expression) : node;
  return ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee) ? callee.expression : callee;
}

/** A whole chain: what it is part of, and what its value is where something is absent. */
interface Chain {
  readonly node: ts.Expression;
  readonly variable: Variable | null;
  readonly absent: (at: Cursor) => Value;
}

/** The value of a chain. */
export function lowerOptionalChain(cursor: Cursor, node: Link, variable: Variable | null): Value {
  const absent = ({ block }: Cursor): Value => block.constant(undefined, originOf(node));
  return linkOf(cursor, node, { node, variable, absent }, (_, value) => value);
}

/**
 * `a?.b ?? c`, with one question where two are not needed; null: it is not that simple.
 *
 *   list[i]?.x ?? 0   =>   isAbsent(list[i]) ? 0 : list[i].x
 */
export function lowerChainOr(cursor: Cursor, node: ts.BinaryExpression, variable: Variable | null): Value | null {
  const [chain, otherwise] = [unwrapped(node.left), unwrapped(node.right)];
  if (!ts.isPropertyAccessExpression(chain) || !isInChain(cursor, chain) || !isBrief(otherwise)) return null;
  const { checker } = cursor.session;
  const field = checker.getSymbolAtLocation(chain.name);
  if (field === undefined || isJavaScript(node.getSourceFile().fileName)) return null;
  const isField = (field.flags & ts.SymbolFlags.Property) !== 0 && (field.flags & ts.SymbolFlags.Optional) === 0;
  const type = checker.getTypeOfSymbol(field);
  if (!isField || isAnyType(type) || mayBeNothing(type)) return null;
  const absent = (at: Cursor): Value => lowerExpression(at, node.right);
  return linkOf(cursor, chain, { node, variable, absent }, (_, value) => value);
}

/** May it be written once for each link? */
const isBrief = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) ||
  ts.isNumericLiteral(node) ||
  (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand));

/** One link of a chain, and then what follows it. */
function linkOf(cursor: Cursor, node: ts.Expression, chain: Chain, then: Then): Value {
  if (!isLink(node)) return then(cursor, lowerMaybe(cursor, node));
  if (ts.isNonNullExpression(node)) return linkOf(cursor, node.expression, chain, then);
  const own = ts.isCallExpression(node) ? unwrapped(node.expression) : node;
  if (!ts.isPropertyAccessExpression(own) && !ts.isElementAccessExpression(own)) return poison(cursor, node);
  const behind: Then = (at, base) => {
    const there = base.type.kind === "optional" ? unwrapTo(at, base, base.type.of) : settled(at, textOf(at, base, own));
    return then(at, linkBehind(at, node, own, there, chain.variable));
  };
  return linkOf(cursor, own.expression, chain, (at, base) => {
    if (own.questionDotToken === undefined) return behind(at, base);
    // Whatever its type says, an element may lie outside of its array.
    const test = isAbsent(at, base, node);
    if (at.block.literalOf(test) === false) return behind(at, base);
    return choose(at, test, chain.absent, (here) => behind(here, base), chain.node, chain.variable);
  });
}

/** The text, or whatever is carried along, behind the question whether it is there. */
const textOf = (at: Cursor, base: Value, { expression, questionDotToken }: Member): Value =>
  questionDotToken !== undefined && mayLackText(at, base, expression) ? assertedText(at, base, expression) : base;

/** A member or a method call of something that is there. */
function linkBehind(
  at: Cursor,
  node: ts.Expression,
  own: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  base: Value,
  variable: Variable | null,
): Value {
  if (ts.isCallExpression(node)) {
    const ahead = new Map(at.frame.ahead).set(own.expression, base).set(unwrapped(own.expression), base);
    const value = lowerCall({ ...at, frame: { ...at.frame, ahead } }, node, variable);
    return value ?? at.block.constant(undefined, originOf(node));
  }
  return ts.isElementAccessExpression(own)
    ? elementOf(at, base, own, variable)
    : lowerProperty(at, own, variable, base);
}
