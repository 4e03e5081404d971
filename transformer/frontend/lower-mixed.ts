/**
 * What is asked of a value that is one of several things: which of them it is. The answer holds in the branches behind it.
 *
 *   if (typeof x === "number") { A } else { B }   =>   in A, x is the number; in B, what else it may be
 */
import type ts from "typescript";
import type { Literal, Value } from "../ir/ir.js";
import { isAbsence } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import { inner, isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { unwrapTo } from "./lower-function.js";
import { isAbsent, truthy } from "./lower-condition.js";
import { checkedType, choose } from "./lower-expression.js";
import { lowerEquality, numericOperand } from "./lower-operator.js";
import { isMixedValue, kindOf, mixedOf, settledAs, type MixedValue, type Way } from "./mixed-value.js";
import type { LoweringSession } from "./session.js";

/** What a test tells that is made of others. */
export function combineRulings(
  { rulings }: LoweringSession,
  test: Value,
  of: readonly Value[],
  how: "same" | "not" | "and" | "or",
): void {
  const known = of.flatMap((one) => rulings.get(one) ?? []);
  if (known.length === 0) return;
  const [whenTrue, whenFalse] = [known.flatMap((one) => one.whenTrue), known.flatMap((one) => one.whenFalse)];
  if (how === "not") rulings.set(test, { whenTrue: whenFalse, whenFalse: whenTrue });
  else rulings.set(test, { whenTrue: how === "or" ? [] : whenTrue, whenFalse: how === "and" ? [] : whenFalse });
}

/** What a value is where it is read, as far as that is known there. */
export function settled(cursor: Cursor, value: Value): Value {
  if (!isMixedValue(value)) return value;
  const { block } = cursor;
  const ways = value.ways.filter(({ test }) => block.literalOf(test) !== false);
  const [only] = ways;
  if (only !== undefined && ways.length === 1) {
    alongWay(cursor, only);
    return only.value;
  }
  return ways.length === value.ways.length ? value : mixedOf(ways, value.isNumeric, value.origin);
}

/** After a test of TypeScript's, the checker knows which it is. */
export function settledByChecker(cursor: Cursor, node: ts.Expression, value: MixedValue): Value {
  const isUntold = value.ways.some((way) => cursor.session.untold.has(way.value));
  if (isUntold || isJavaScript(node.getSourceFile().fileName)) return value;
  const narrow = checkedType(cursor, node);
  return narrow === null ? value : settledAs(value, narrow);
}

/** Is a value one of those ways that `holds` answers for? */
export function isOneOf(cursor: Cursor, value: MixedValue, node: ts.Node, holds: (value: Value) => boolean): Value {
  const { block, session } = cursor;
  const [yes, no] = [value.ways.filter((way) => holds(way.value)), value.ways.filter((way) => !holds(way.value))];
  const [first, ...others] = yes.map((way) => way.test);
  if (first === undefined || no.length === 0) return block.constant(first !== undefined, originOf(node));
  const test = others.reduce((all, one) => block.apply("or", [all, one], originOf(node)), first);
  const tests = (ways: readonly Way[]): readonly Value[] => ways.map((way) => way.test);
  session.rulings.set(test, { whenTrue: tests(no), whenFalse: tests(yes) });
  return test;
}

/** Does something with what a value is, one way after the other. */
export function eachWay(
  cursor: Cursor,
  value: MixedValue,
  node: ts.Node,
  then: (at: Cursor, value: Value) => Value,
  ways: readonly Way[] = value.ways,
): Value {
  const [first, ...others] = ways;
  if (first === undefined) return refused(cursor, node, "EZ2026", { type: node.getText() });
  if (others.length === 0) return then(alongWay(cursor, first), first.value);
  return choose(
    cursor,
    first.test,
    (at) => then(alongWay(at, first), first.value),
    (at) => eachWay(at, value, node, then, others),
    node,
    null,
  );
}

/** Where a value is an object that no memory holds, the members are there that it was given before the branches joined. */
function alongWay(cursor: Cursor, { members }: Way): Cursor {
  const { env } = cursor;
  for (const slot of members ?? []) {
    const value = env.get(slot);
    if (value?.type.kind === "optional") env.set(slot, unwrapTo(cursor, value, value.type.of));
  }
  return cursor;
}

/** What a value is where a member of it is used: reading one of undefined throws. */
export function settledThere(value: MixedValue): Value {
  const ways = value.ways.filter((way) => !isAbsence(way.value.type));
  const [only] = ways;
  if (only !== undefined && ways.length === 1) return only.value;
  return ways.length === value.ways.length ? value : mixedOf(ways, value.isNumeric, value.origin);
}

/** A test that is asked of each way; which it is, is known behind it where every way knows its answer. */
export function mixedTest(
  cursor: Cursor,
  value: MixedValue,
  node: ts.Node,
  ask: (at: Cursor, value: Value) => Value,
): Value {
  const answers = new Map<Value, boolean>();
  for (const way of value.ways) {
    const here = inner(cursor);
    const known = here.block.literalOf(ask(here, way.value));
    if (typeof known === "boolean") answers.set(way.value, known);
  }
  if (answers.size === value.ways.length) return isOneOf(cursor, value, node, (one) => answers.get(one) === true);
  const test = eachWay(cursor, value, node, ask);
  const answering = (answer: boolean): readonly Value[] =>
    value.ways.filter((way) => answers.get(way.value) === answer).map((way) => way.test);
  cursor.session.rulings.set(test, { whenTrue: answering(false), whenFalse: answering(true) });
  return test;
}

/** Is a value true in a test? */
export function mixedTruth(cursor: Cursor, value: MixedValue, node: ts.Node): Value {
  const { session, block } = cursor;
  // An error is true, the NaN that arithmetic makes of it is not.
  const isNumeric = value.isNumeric && value.ways.every((way) => kindOf(way.value.type) !== "error");
  const number = isNumeric ? value.ways.find((way) => kindOf(way.value.type) === "number") : undefined;
  const test =
    number === undefined
      ? eachWay(cursor, value, node, (at, one) => truthy(at, one, node))
      : truthy(cursor, number.value, node);
  const sure = (outcome: boolean): readonly Value[] =>
    value.ways.filter((way) => truthOf(block.literalOf(way.value), way.value) === !outcome).map((way) => way.test);
  session.rulings.set(test, { whenTrue: sure(true), whenFalse: sure(false) });
  return test;
}

/** Is it known whether a value is true in a test? */
function truthOf(literal: Literal, { type }: Value): boolean | null {
  if (isAbsence(type)) return false;
  if (kindOf(type) === "reference" || kindOf(type) === "error") return true;
  return literal === undefined ? null : Boolean(literal);
}

/** What arithmetic makes of a value. */
export function mixedOperand(cursor: Cursor, value: MixedValue, node: ts.Node): Value {
  const number = value.isNumeric ? value.ways.find((way) => kindOf(way.value.type) === "number") : undefined;
  if (number !== undefined) return number.value;
  if (value.ways.every((way) => kindOf(way.value.type) !== "reference" && kindOf(way.value.type) !== "text")) {
    return eachWay(cursor, value, node, (at, one) => numericOperand(at, one, node));
  }
  return refused(cursor, node, "EZ2026", { type: node.getText() });
}

/** `x === other`; null: not even that can be told. */
export function mixedEquality(
  cursor: Cursor,
  value: MixedValue,
  other: Value,
  strict: boolean,
  node: ts.BinaryExpression,
): Value {
  const { block } = cursor;
  if (isPoisoned(cursor, other)) return poison(cursor, node);
  if (isAbsence(other.type) && !strict) return isAbsent(cursor, value, node);
  if (isMixedValue(other))
    return eachWay(cursor, other, node, (at, one) => mixedEquality(at, value, one, strict, node));
  const kind = kindOf(other.type);
  if (kind === null || (!strict && value.ways.some((way) => kindOf(way.value.type) !== kind))) {
    return refused(cursor, node, "EZ2026", { type: node.getText() });
  }
  const alike = (one: Value): boolean => kindOf(one.type) === kind;
  const literal = block.literalOf(other);
  const decides = isAbsence(other.type) || typeof literal === "boolean";
  const isKnown = (one: Value): boolean => isAbsence(one.type) || block.literalOf(one) !== undefined;
  if (decides && value.ways.every((way) => !alike(way.value) || isKnown(way.value))) {
    return isOneOf(
      cursor,
      value,
      node,
      (one) => alike(one) && (isAbsence(one.type) || block.literalOf(one) === literal),
    );
  }
  return eachWay(cursor, value, node, (at, one) =>
    alike(one) ? lowerEquality(at, one, other, false, node) : at.block.constant(false),
  );
}

/** Reports a value that is used as if it were one thing. */
export function reportMixed({ session }: Pick<Cursor, "session">, value: MixedValue): void {
  session.failures++;
  session.compilation.report("EZ2026", value.origin.span, { type: value.origin.variable?.name ?? "one of two things" });
}
