/**
 * `a?.b.c[i]`, `a.b?.norm()`: the whole chain is undefined where what stands before a `?.` is absent, and nothing behind it is
 * evaluated.
 */
import ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { originOf, poison, type Cursor } from "./environment.js";
import { isAbsent } from "./lower-condition.js";
import { choose, elementOf, lowerMaybe } from "./lower-expression.js";
import { lowerCall } from "./lower-call.js";
import { unwrapTo } from "./lower-function.js";
import { settled } from "./lower-mixed.js";
import { lowerProperty } from "./lower-property.js";
import { isMixedValue } from "./mixed-value.js";
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

/** The value of a chain. */
export const lowerOptionalChain = (cursor: Cursor, node: Link, variable: Variable | null): Value =>
  linkOf(cursor, node, node, variable, (_, value) => value);

/** One link of a chain, and then what follows it. */
function linkOf(cursor: Cursor, node: ts.Expression, whole: Link, variable: Variable | null, then: Then): Value {
  if (!isLink(node)) return then(cursor, lowerMaybe(cursor, node));
  if (ts.isNonNullExpression(node)) return linkOf(cursor, node.expression, whole, variable, then);
  const own = ts.isCallExpression(node) ? unwrapped(node.expression) : node;
  if (!ts.isPropertyAccessExpression(own) && !ts.isElementAccessExpression(own)) return poison(cursor, node);
  const behind: Then = (at, base) => {
    const there = base.type.kind === "optional" ? unwrapTo(at, base, base.type.of) : settled(at, textOf(at, base, own));
    return then(at, linkBehind(at, node, own, there, variable));
  };
  return linkOf(cursor, own.expression, whole, variable, (at, base) => {
    // An element may lie outside of its array.
    const mayBeAbsent =
      base.type.kind === "optional" ||
      isMixedValue(base) ||
      ts.isElementAccessExpression(unwrapped(own.expression)) ||
      mayLackText(at, base, own.expression);
    if (own.questionDotToken === undefined || !mayBeAbsent) return behind(at, base);
    return choose(
      at,
      isAbsent(at, base, node),
      (here) => here.block.constant(undefined, originOf(node)),
      (here) => behind(here, base),
      whole,
      variable,
    );
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
