/** Tests: what counts as true, what is absent. */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { booleanType, isReference, type Effects, type Type, type Value } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { isJavaScript } from "../syntax/javascript.js";
import { unwrapped } from "./assigned-symbols.js";
import { absenceOf, isAbsence, type Absence } from "../ir/join-types.js";
import { isPoisoned, originOf, type Callable, type Cursor } from "./environment.js";
import { errorName } from "./error-values.js";
import { choose, lowerMaybe } from "./lower-expression.js";
import { unwrapTo } from "./lower-function.js";
import { combineRulings, isOneOf, mixedTruth } from "./lower-mixed.js";
import { isGlobal } from "./module-constants.js";
import { isMixedValue } from "./mixed-value.js";

/** An expression as a test. */
export function lowerCondition(cursor: Cursor, node: ts.Expression): Value {
  const at = unwrapped(node);
  if (ts.isPrefixUnaryExpression(at) && at.operator === ts.SyntaxKind.ExclamationToken) {
    return negate(cursor, lowerCondition(cursor, at.operand), at);
  }
  if (ts.isBinaryExpression(at)) {
    const { kind } = at.operatorToken;
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) {
      const isAnd = kind === ts.SyntaxKind.AmpersandAmpersandToken;
      const left = lowerCondition(cursor, at.left);
      const right = (here: Cursor): Value => lowerCondition(here, at.right);
      const constant = (here: Cursor): Value => here.block.constant(!isAnd);
      const asked = [left];
      const noted = (here: Cursor): Value => {
        const value = right(here);
        // What is known decides nothing.
        if (here.block.literalOf(value) !== isAnd) asked.push(value);
        return value;
      };
      const test = choose(cursor, left, isAnd ? noted : constant, isAnd ? constant : noted, at, null);
      combineRulings(cursor.session, test, asked, asked.length === 1 ? "same" : isAnd ? "and" : "or");
      return test;
    }
  }
  if (isOfConsole(cursor, at)) return cursor.block.constant(true, originOf(node));
  return truthy(cursor, lowerMaybe(cursor, node), node);
}

/** `console && console.warn`: every engine has them. */
function isOfConsole({ session }: Cursor, node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return isGlobal(session, node.expression, "console") && node.name.text in console;
  }
  return isGlobal(session, node, "console");
}

export function negate(cursor: Cursor, test: Value, node: ts.Node): Value {
  const known = cursor.block.literalOf(test);
  if (typeof known === "boolean") return cursor.block.constant(!known);
  const negated = cursor.block.apply("not", [test], originOf(node));
  const where = cursor.session.elementTests.get(test);
  if (where !== undefined) cursor.session.elementTests.set(negated, !where);
  combineRulings(cursor.session, negated, [test], "not");
  return negated;
}

/** Is a value true in a test? */
export function truthy(cursor: Cursor, value: Value, node: ts.Node): Value {
  const { block } = cursor;
  const { type } = value;
  if (isPoisoned(cursor, value)) return poisonedTest(cursor, node);
  if (isMixedValue(value)) return mixedTruth(cursor, value, node);
  switch (type.kind) {
    case "boolean":
      return value;
    case "number":
    case "integer": {
      const known = block.literalOf(value);
      if (typeof known === "number") return block.constant(Boolean(known), originOf(node));
      // Neither 0 nor NaN.
      const size = block.apply("abs", [value], originOf(node));
      return block.apply("gt", [size, block.constant(0)], originOf(node));
    }
    case "array":
    case "tuple":
    case "record": {
      const test = isAbsent(cursor, value, node);
      return negate(cursor, test, node);
    }
    case "optional": {
      const test = isAbsent(cursor, value, node);
      if (isReference(type.of)) return negate(cursor, test, node);
      return choose(
        cursor,
        test,
        (at) => at.block.constant(false),
        (at) => truthy(at, unwrapTo(at, value, type.of), node),
        node,
        null,
      );
    }
    case "opaque": {
      const found = isFunctionThere(cursor, value, node);
      if (found !== null) return found;
      if (type.text === "function" || cursor.session.functions.has(value) || errorName(type) !== null)
        return block.constant(true);
      if (cursor.session.absent.has(value)) return block.constant(false);
      const known = block.literalOf(value);
      if (known !== undefined || type.text === "undefined") return block.constant(Boolean(known));
      return opaqueTest(cursor, "!!$0", [value], node);
    }
  }
}

/** Of one of several functions, of which a key or a position decides: is there one for it? null: there surely is. */
function isFunctionThere(cursor: Cursor, value: Value, node: ts.Node): Value | null {
  const callable = cursor.session.functions.get(value)?.callable;
  return callable !== undefined && mayBeNone(callable) ? isChosen(cursor, callable, node) : null;
}

const mayBeNone = (callable: Callable): boolean =>
  callable.kind === "choice" &&
  (callable.otherwise === null || [...callable.ways.map((one) => one.callable), callable.otherwise].some(mayBeNone));

function isChosen(cursor: Cursor, callable: Callable, node: ts.Node): Value {
  if (callable.kind !== "choice") return cursor.block.constant(true, originOf(node));
  const { ways, otherwise } = callable;
  const last = otherwise === null ? cursor.block.constant(false, originOf(node)) : isChosen(cursor, otherwise, node);
  return ways.reduceRight((below, way) => {
    const own = isChosen(cursor, way.callable, node);
    return choose(
      cursor,
      way.test,
      () => own,
      () => below,
      node,
      null,
    );
  }, last);
}

function poisonedTest(cursor: Cursor, node: ts.Node): Value {
  const value = makeValue(booleanType, originOf(node));
  cursor.block.append({ kind: "opaque", results: [value], template: "", operands: [], effects: pure });
  cursor.session.poisoned.add(value);
  return value;
}

export function opaqueTest(
  cursor: Cursor,
  template: string,
  operands: readonly Value[],
  node: ts.Node,
  effects: Effects = pure,
): Value {
  const value = makeValue(booleanType, originOf(node));
  cursor.block.append({ kind: "opaque", results: [value], template, operands, effects });
  return value;
}

/** Is an instance one of a class, which the output file calls `name`? */
export function classTest(cursor: Cursor, value: Value, of: ts.Node, name: string, node: ts.Node): Value {
  const answer = makeValue(booleanType, originOf(node));
  const template = `$0 instanceof ${name}`;
  cursor.block.append({ kind: "opaque", results: [answer], template, operands: [value], effects: pure, asksFor: of });
  return answer;
}

/** How a value of this type can be absent; a text may be too. */
const absenceIn = (type: Type): Absence => (type.kind === "opaque" ? type.absence : undefined) ?? absenceOf(type);

/** May a value of this type be null? */
export const mayBeNull = (type: Type): boolean => ["null", "either"].includes(absenceIn(type));

/** May a value of this type be undefined? */
export const mayBeUndefined = (type: Type): boolean => ["undefined", "either"].includes(absenceIn(type));

/** `value === undefined`, where null is something else. */
export function isUndefined(cursor: Cursor, given: Value, node: ts.Node): Value {
  const value = cursor.session.asserted.get(given) ?? given;
  if (!mayBeNull(value.type) || cursor.session.absent.has(value)) return isAbsent(cursor, value, node);
  return opaqueTest(cursor, "$0 === undefined", [value], node);
}

/** Is a value undefined or null? Known where the value cannot be, asked otherwise: an element may lie outside its array. */
export function isAbsent(cursor: Cursor, value: Value, node: ts.Node): Value {
  const { block, session } = cursor;
  const { type } = value;
  if (isMixedValue(value)) return isOneOf(cursor, value, node, (one) => isAbsence(one.type));
  const asserted = session.asserted.get(value);
  if (asserted !== undefined) return isAbsent(cursor, asserted, node);
  if (session.absent.has(value)) return block.constant(true, originOf(node));
  const found = isFunctionThere(cursor, value, node);
  if (found !== null) return negate(cursor, found, node);
  const literal = block.literalOf(value);
  // JavaScript asks what it was given: a field that is declared, or was given to the instance, is there.
  const isThere = isReference(type) && session.certain.has(value) && isJavaScript(node.getSourceFile().fileName);
  if (isThere || session.present.has(value) || (literal !== undefined && literal !== null)) {
    return block.constant(false, originOf(node));
  }
  if (type.kind === "opaque") {
    if (type.text === "undefined" || type.text === "null") return block.constant(true, originOf(node));
    if (errorName(type) !== null) return block.constant(false, originOf(node));
    return opaqueTest(cursor, "$0 == null", [value], node);
  }
  const result = makeValue(booleanType, originOf(node));
  block.append({ kind: "isAbsent", results: [result], value });
  return result;
}
