/** Unary and binary operators on numbers, booleans and what is carried along. */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import {
  booleanType,
  isDictionary,
  isOpenRecord,
  isReference,
  isScalar,
  isText,
  type Literal,
  type RecordType,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { isAbsence } from "../ir/join-types.js";
import type { Primitive } from "../ir/primitives.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isAnyType, isVagueText } from "../syntax/type-of.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";
import { classNameIn } from "./call-by-class.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { isKeyOfTable } from "./function-table.js";
import { functionsIn } from "./function-value.js";
import { isThere } from "./holes.js";
import {
  classTest,
  isAbsent,
  isUndefined,
  mayBeNull,
  mayBeUndefined,
  lowerCondition,
  negate,
  opaqueTest,
} from "./lower-condition.js";
import { isInstanceOf, makerOf, memberOfMaker, type Maker } from "./class-members.js";
import { constructorCalled, makerOfCallable, sameFunction } from "./class-value.js";
import { isKeyTold } from "./key-of-copy.js";
import { holderOfKey } from "./known-fields.js";
import { hasMember, knownKey } from "./keyed-member.js";
import { lowerKey } from "./lower-dictionary.js";
import { callMember } from "./lower-call.js";
import { checkedType, lowerExpression, lowerMaybe } from "./lower-expression.js";
import { dateAsNumber, isDate } from "./lower-date.js";
import { exactClassOf } from "./lower-instance.js";
import { unwrapTo } from "./lower-function.js";
import { isOneOf, mixedEquality, mixedOperand, mixedTest } from "./lower-mixed.js";
import { arrayConstructor } from "./array-constructor.js";
import { intrinsicAt, isBuiltinName } from "./loading/builtins.js";
import { isMixedValue, kindOf } from "./mixed-value.js";
import { errorName } from "./error-values.js";
import { numberOfText } from "./number-text.js";
import { escapedText, lowerOpaqueText, opaqueText } from "./lower-opaque.js";
import { textsOf } from "../ir/literal-text.js";
import { isGlobal } from "./module-constants.js";
import { resolveCallable } from "./resolve-callable.js";

const arithmetic = new Map<ts.SyntaxKind, Primitive>([
  [ts.SyntaxKind.PlusToken, "add"],
  [ts.SyntaxKind.MinusToken, "sub"],
  [ts.SyntaxKind.AsteriskToken, "mul"],
  [ts.SyntaxKind.SlashToken, "div"],
  [ts.SyntaxKind.PercentToken, "mod"],
  [ts.SyntaxKind.AsteriskAsteriskToken, "pow"],
  [ts.SyntaxKind.AmpersandToken, "bitAnd"],
  [ts.SyntaxKind.BarToken, "bitOr"],
  [ts.SyntaxKind.CaretToken, "bitXor"],
  [ts.SyntaxKind.LessThanLessThanToken, "shl"],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, "shr"],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, "ushr"],
  [ts.SyntaxKind.LessThanToken, "lt"],
  [ts.SyntaxKind.LessThanEqualsToken, "le"],
  [ts.SyntaxKind.GreaterThanToken, "gt"],
  [ts.SyntaxKind.GreaterThanEqualsToken, "ge"],
]);

const assignments = new Map<ts.SyntaxKind, ts.SyntaxKind>([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AmpersandEqualsToken, ts.SyntaxKind.AmpersandToken],
  [ts.SyntaxKind.BarEqualsToken, ts.SyntaxKind.BarToken],
  [ts.SyntaxKind.CaretEqualsToken, ts.SyntaxKind.CaretToken],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, ts.SyntaxKind.LessThanLessThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken],
]);

export const operatorOfAssignment = (kind: ts.SyntaxKind): ts.SyntaxKind => assignments.get(kind) ?? kind;

/** A value as an operand of arithmetic. */
export function numericOperand(cursor: Cursor, value: Value, node: ts.Node): Value {
  if (isPoisoned(cursor, value)) return value;
  if (isMixedValue(value)) return mixedOperand(cursor, value, node);
  const { type } = value;
  switch (type.kind) {
    case "number":
    case "integer":
      return value;
    case "boolean":
      return cursor.block.apply("toNumber", [value], originOf(node));
    case "optional":
      // Undefined is NaN in arithmetic, in the user's program and here.
      return numericOperand(cursor, unwrapTo(cursor, value, type.of), node);
    case "opaque":
      if (type.text === "undefined") return cursor.block.constant(NaN, originOf(node));
      if (isDate(type)) return dateAsNumber(cursor, value, node);
      if (errorName(type) !== null) return cursor.block.constant(NaN, originOf(node));
      if (isText(type)) {
        return numberOfText(cursor, value, node) ?? refused(cursor, node, "EZ2016", { name: node.getText() });
      }
      return isVagueText(type.text)
        ? refused(cursor, node, "EZ1011", { name: node.getText(), type: type.text })
        : refused(cursor, node, "EZ2007", { type: type.text });
    case "array":
    case "tuple":
    case "record":
      return (
        ownNumber(cursor, value, node) ??
        refused(cursor, node, "EZ2001", { what: "arithmetic with an object", advice: "use its elements or fields" })
      );
  }
}

/** `+sum` of an instance of JavaScript whose method `valueOf` gives a number; null: it has none. */
function ownNumber(cursor: Cursor, value: Value, node: ts.Node): Value | null {
  const exact = exactClassOf(cursor, value);
  if (exact === null || exact.getText().includes("toPrimitive")) return null;
  const member = memberOfMaker(cursor.session, exact, "valueOf", "method");
  const result = member === null ? null : callMember(cursor, member, value, [], node, null, true);
  return result === null || isReference(result.type) ? null : numericOperand(cursor, result, node);
}

/** A primitive's result; it is certainly there. */
export function apply(
  cursor: Cursor,
  primitive: Primitive,
  args: readonly Value[],
  node: ts.Node,
  variable: Variable | null = null,
): Value {
  const result = cursor.block.apply(primitive, args, originOf(node, variable));
  cursor.session.present.add(result);
  return result;
}

/** `left operator right`, both evaluated already. */
export function binary(
  cursor: Cursor,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.BinaryExpression,
  variable: Variable | null,
): Value {
  const primitive = arithmetic.get(operator);
  if (isPoisoned(cursor, left, right)) return poison(cursor, node);
  if (primitive === undefined) {
    return refused(cursor, node, "EZ2001", {
      what: `the operator \`${node.operatorToken.getText()}\``,
      advice: "write it in another way",
    });
  }
  if (isText(left.type) || isText(right.type)) {
    const known = primitive === "add" ? joinedText(cursor, left, right) : null;
    if (known !== null) return cursor.block.constant(known, originOf(node, variable));
    if (primitive === "add") return opaqueText(cursor, "$0 + $1", [left, right], node, variable);
    if (["lt", "le", "gt", "ge"].includes(primitive)) {
      return opaqueTest(cursor, `$0 ${node.operatorToken.getText()} $1`, [left, right], node);
    }
  }
  const operands = [numericOperand(cursor, left, node.left), numericOperand(cursor, right, node.right)];
  if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
  const known = knownOrder(cursor, primitive, operands);
  if (known !== null) return cursor.block.constant(known, originOf(node));
  const result = apply(cursor, primitive, operands, node, variable);
  const count = knownCount(cursor, primitive, operands);
  if (count !== null) cursor.block.assume(result, count);
  return result;
}

/** `args.length - 1`, where the length is known: every engine computes the same. */
function knownCount({ block }: Cursor, primitive: Primitive, operands: readonly Value[]): number | null {
  const [a, b] = operands.map((one) => block.literalOf(one));
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b) || typeof a !== "number" || typeof b !== "number")
    return null;
  const count = primitive === "add" ? a + b : primitive === "sub" ? a - b : NaN;
  return Number.isSafeInteger(count) ? count : null;
}

/** `"a" + key`, where both sides are known. */
function joinedText({ block }: Cursor, left: Value, right: Value): string | null {
  const [a, b] = [left, right].map((one) => block.literalOf(one));
  const isKnown = [a, b].every((one) => typeof one === "string" || typeof one === "number");
  return isKnown ? `${String(a)}${String(b)}` : null;
}

/** `args.length > 1`, where both sides are known. */
function knownOrder({ block }: Cursor, primitive: Primitive, operands: readonly Value[]): boolean | null {
  const [a, b] = operands.map((one) => block.literalOf(one));
  if (typeof a !== "number" || typeof b !== "number") return null;
  switch (primitive) {
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    default:
      return null;
  }
}

const equalities: ReadonlyMap<ts.SyntaxKind, boolean> = new Map([
  [ts.SyntaxKind.EqualsEqualsToken, false],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, false],
  [ts.SyntaxKind.ExclamationEqualsToken, true],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, true],
]);

export function lowerBinaryOperator(cursor: Cursor, node: ts.BinaryExpression, variable: Variable | null): Value {
  const { kind } = node.operatorToken;
  const negated = equalities.get(kind);
  if (negated !== undefined) return lowerComparison(cursor, node, negated);
  if (kind === ts.SyntaxKind.InstanceOfKeyword) return lowerInstanceOf(cursor, node);
  if (kind === ts.SyntaxKind.InKeyword) {
    const ofTable = isKeyOfTable(cursor, node.right, node.left);
    if (ofTable !== null) return ofTable;
    const container = checkedType(cursor, node.right);
    if (container === null || !isOpenRecord(container)) return lowerIn(cursor, node);
    const key = lowerKey(cursor, node.left);
    return opaqueTest(cursor, "$0 in $1", [key, lowerExpression(cursor, node.right)], node, readsOnly);
  }
  const { checker } = cursor.session;
  if (kind === ts.SyntaxKind.PlusToken && checker.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike) {
    return lowerOpaqueText(cursor, node, variable);
  }
  const left = lowerExpression(cursor, node.left);
  const right = lowerExpression(cursor, node.right);
  return binary(cursor, kind, left, right, node, variable);
}

/** `===` and `!==`, and `typeof x === "number"` among them. */
function lowerComparison(cursor: Cursor, node: ts.BinaryExpression, negated: boolean): Value {
  const [a, b] = [unwrapped(node.left), unwrapped(node.right)];
  for (const [tested, text] of [
    [a, b],
    [b, a],
  ] as const) {
    if (ts.isTypeOfExpression(tested) && ts.isStringLiteralLike(text)) {
      const known = typeofGlobal(cursor, tested.expression);
      const test =
        known === null
          ? typeofTest(cursor, lowerMaybe(cursor, tested.expression), text.text, node)
          : cursor.block.constant(known === text.text, originOf(node));
      return negated ? negate(cursor, test, node) : test;
    }
  }
  const [one, other] = [arrayConstructor(cursor, a), arrayConstructor(cursor, b)];
  if (one !== null && other !== null) return cursor.block.constant((one === other) !== negated, originOf(node));
  const left = lowerMaybe(cursor, node.left);
  const right = lowerMaybe(cursor, node.right);
  const unlike = isMixedValue(left)
    ? mixedEquality(cursor, left, right, isStrict(node), node)
    : isMixedValue(right)
      ? mixedEquality(cursor, right, left, isStrict(node), node)
      : null;
  if (unlike !== null) return negated ? negate(cursor, unlike, node) : unlike;
  const same = sameFunction(cursor, left, right, node);
  if (same !== null) return negated ? negate(cursor, same, node) : same;
  const exact = isStrict(node) ? (exactAbsence(cursor, left, a, b) ?? exactAbsence(cursor, right, b, a)) : null;
  if (exact !== null) return negated ? negate(cursor, exact, node) : exact;
  return lowerEquality(cursor, left, right, negated, node);
}

const isStrict = ({ operatorToken: { kind } }: ts.BinaryExpression): boolean =>
  kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;

/** `x === null` where x can be undefined too, or only undefined; null: one test for absence will do. */
function exactAbsence(cursor: Cursor, value: Value, node: ts.Expression, sought: ts.Expression): Value | null {
  const { session, block } = cursor;
  const isNull = sought.kind === ts.SyntaxKind.NullKeyword;
  const isUndefined = ts.isIdentifier(sought) && sought.text === "undefined" && isGlobal(session, sought, "undefined");
  if ((!isNull && !isUndefined) || isPoisoned(cursor, value)) return null;
  const { type } = value;
  if (isAbsence(type)) {
    const isNullType = block.literalOf(value) === null || (type.kind === "opaque" && type.text === "null");
    return block.constant(isNullType ? isNull : isUndefined, originOf(node));
  }
  // A list of functions may have none at a position.
  if (session.functions.has(value)) {
    return isNull ? block.constant(false, originOf(node)) : isAbsent(cursor, value, node);
  }
  const asserted = session.asserted.get(value);
  if (asserted !== undefined) {
    const mayBeOther = isNull ? mayBeUndefined(asserted.type) : mayBeNull(asserted.type);
    if (!mayBeOther) return isAbsent(cursor, asserted, node);
    return opaqueTest(cursor, `$0 === ${isNull ? "null" : "undefined"}`, [asserted], node);
  }
  const isThere = block.literalOf(value) != null || session.present.has(value);
  if (isThere) return block.constant(false, originOf(node));
  if (session.absent.has(value)) return block.constant(isUndefined, originOf(node));
  const has = (flag: ts.TypeFlags): boolean => mayBe(session.checker.getTypeAtLocation(node), flag);
  // What JavaScript assigns is not checked.
  if (!isJavaScript(node.getSourceFile().fileName)) {
    if (isUndefined ? !has(ts.TypeFlags.Null) : has(ts.TypeFlags.Null) && !has(ts.TypeFlags.Undefined)) return null;
    // Only undefined is possible, where an element lies outside of its array or a parameter is left out. What a variable
    // holds when a loop begins is too narrow to TypeScript in the rounds after that (`state = next[state]`).
    if (isNull && !has(ts.TypeFlags.Null) && !mayBeDeclared(session, node, ts.TypeFlags.Null))
      return block.constant(false, originOf(node));
  }
  return opaqueTest(cursor, `$0 === ${isNull ? "null" : "undefined"}`, [value], node);
}

function mayBeDeclared(session: LoweringSession, node: ts.Expression, flag: ts.TypeFlags): boolean {
  const symbol = symbolAt(session, ts.isPropertyAccessExpression(node) ? node.name : node);
  return symbol !== null && mayBe(session.checker.getTypeOfSymbol(symbol), flag);
}

function mayBe(type: ts.Type, flag: ts.TypeFlags): boolean {
  if (isAnyType(type) || type.flags & ts.TypeFlags.TypeParameter) return true;
  return type.isUnion() ? type.types.some((one) => mayBe(one, flag)) : (type.flags & flag) !== 0;
}

export function lowerEquality(cursor: Cursor, left: Value, right: Value, negated: boolean, node: ts.Node): Value {
  const { block } = cursor;
  const turned = (test: Value): Value => (negated ? negate(cursor, test, node) : test);
  if (isPoisoned(cursor, left, right)) return poisonBoolean(cursor, node);
  if (isAbsence(right.type)) return turned(isAbsent(cursor, left, node));
  if (isAbsence(left.type)) return turned(isAbsent(cursor, right, node));
  const [one, other] = [block.literalOf(left), block.literalOf(right)];
  if (typeof one === typeof other && (typeof one === "string" || typeof one === "number")) {
    return block.constant((one === other) !== negated);
  }
  const [a, b] = [left.type, right.type];
  const { functions } = cursor.session;
  // A function is no number, and no other object.
  if (
    functions.has(left) !== functions.has(right) &&
    [a, b].some(({ kind }) => kind !== "opaque" && kind !== "optional")
  )
    return block.constant(negated);
  if (isNoneOf(a, other) || isNoneOf(b, one)) return block.constant(negated);
  if (errorName(a) !== null || errorName(b) !== null) {
    // Where it is read, an error is made again: it is another object.
    const [kind, unlike] = [kindOf(a), kindOf(b)];
    const isKnown = kind !== null && unlike !== null && kind !== unlike;
    return isKnown ? block.constant(negated) : refused(cursor, node, "EZ2026", { type: node.getText() });
  }
  // A number is no text, and TypeScript objects to the question. `true === 1` is false; `true == 1` makes a number of it first.
  const [leftKind, rightKind] = [kindOf(a), kindOf(b)];
  if (leftKind !== null && rightKind !== null && leftKind !== rightKind && !isLoose(node)) {
    return block.constant(negated, originOf(node));
  }
  if (a.kind === "opaque" || b.kind === "opaque") {
    const text = (value: Value, place: string): string => {
      const literal = block.literalOf(value);
      return typeof literal === "string" ? JSON.stringify(literal) : place;
    };
    const operands = [left, right].filter((value) => typeof block.literalOf(value) !== "string");
    const places = operands.length === 2 ? ["$0", "$1"] : ["$0", "$0"];
    const template = `${text(left, places[0] ?? "$0")} ${negated ? "!==" : "==="} ${text(right, places[1] ?? "$1")}`;
    return opaqueTest(cursor, template, operands, node);
  }
  const unlike = a.kind !== b.kind && [a, b].some(({ kind }) => kind === "boolean") && isScalar(a) && isScalar(b);
  const operands = unlike ? [left, right].map((one) => numericOperand(cursor, one, node)) : [left, right];
  return apply(cursor, negated ? "ne" : "eq", operands, node);
}

const isLoose = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) &&
  [ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken].includes(node.operatorToken.kind);

/** Is a text that is one of some certainly none of them? */
function isNoneOf(type: Type, literal: Literal): boolean {
  const texts = type.kind === "opaque" && typeof literal === "string" ? textsOf(type.text) : null;
  return texts !== null && typeof literal === "string" && !texts.includes(literal);
}

function poisonBoolean(cursor: Cursor, node: ts.Node): Value {
  const value = makeValue(booleanType, originOf(node));
  cursor.block.append({ kind: "constant", results: [value], value: false, text: null });
  cursor.session.poisoned.add(value);
  return value;
}

// ---- Tests of types --------------------------------------------------------------------------------

/** What `typeof` says of what the language brings along, as every engine does: `Float32Array`, `Math`. */
function typeofGlobal({ session }: Cursor, node: ts.Expression): string | null {
  const at = unwrapped(node);
  if (!ts.isIdentifier(at) || !isGlobal(session, at, at.text)) return null;
  // No language has them, every engine does.
  if (at.text === "console" || at.text === "globalThis") return "object";
  return !isBuiltinName(at.text) ? null : typeof intrinsicAt(at.text);
}

/** What `typeof` says of a value of this type, null where that is open. */
function typeofName(type: Type): string | null {
  switch (type.kind) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
    case "tuple":
    case "record":
      return "object";
    case "opaque":
      if (errorName(type) !== null) return "object";
      return isText(type) ? "string" : ["undefined", "function"].includes(type.text) ? type.text : null;
    case "optional":
      return null;
  }
}

export function typeofText(cursor: Cursor, value: Value, node: ts.Node): Value {
  const name = typeofName(value.type);
  return name === null
    ? opaqueText(cursor, "typeof $0", [value], node, null)
    : cursor.block.constant(name, originOf(node));
}

function typeofTest(cursor: Cursor, value: Value, text: string, node: ts.Node): Value {
  const { block } = cursor;
  const { type } = value;
  if (isPoisoned(cursor, value)) return poisonBoolean(cursor, node);
  if (isMixedValue(value)) {
    const nameOf = (one: Value): string | null =>
      one.type.kind === "opaque" && one.type.text === "null" ? "object" : typeofName(one.type);
    return isOneOf(cursor, value, node, (one) => nameOf(one) === text);
  }
  if (type.kind === "opaque" && typeofName(type) === null) {
    return opaqueTest(cursor, `typeof $0 === ${JSON.stringify(text)}`, [value], node);
  }
  // An element read from outside its array is undefined, whatever its type says.
  const absent = text === "undefined" ? isUndefined(cursor, value, node) : isAbsent(cursor, value, node);
  const { elements, elementTests } = cursor.session;
  // JavaScript asks what it was given: a number, or an array of them?
  if (text === "undefined" && elements.has(value) && isJavaScript(node.getSourceFile().fileName)) {
    elementTests.set(absent, true);
  }
  if (text === "undefined") return absent;
  const name = typeofName(type.kind === "optional" ? type.of : type);
  if (text === "object" && name !== "object" && mayBeNull(type))
    return opaqueTest(cursor, "$0 === null", [value], node);
  return name === text ? negate(cursor, absent, node) : block.constant(false, originOf(node));
}

function lowerInstanceOf(cursor: Cursor, node: ts.BinaryExpression): Value {
  // A function that is called without `new` asks for it in this way.
  if (node.left.kind === ts.SyntaxKind.ThisKeyword && cursor.frame.thisValue === null) {
    return cursor.block.constant(false, originOf(node));
  }
  const value = lowerMaybe(cursor, node.left);
  if (isMixedValue(value)) return mixedTest(cursor, value, node, (at, one) => instanceTest(at, one, node));
  return instanceTest(cursor, value, node);
}

function instanceTest(cursor: Cursor, value: Value, node: ts.BinaryExpression): Value {
  const at = unwrapped(node.right);
  const maker = makerAskedFor(cursor, at);
  const made = maker === null ? null : madeByTest(cursor, value, maker, node);
  if (made !== null) return made;
  const exact = maker === null ? undefined : cursor.session.exactClasses.get(value);
  if (maker !== null && exact !== undefined)
    return cursor.block.constant(isInstanceOf(cursor.session, exact, maker), originOf(node));
  const name = maker === null || !ts.isClassLike(maker) ? null : classNameIn(cursor, maker);
  const kind = kindOf(value.type.kind === "optional" ? value.type.of : value.type);
  const isHeld = isVariable(cursor, at) && (kind === null || kind === "reference");
  if ((name === null && isHeld) || (maker === null && isComputedClass(at))) {
    return refused(cursor, node, "EZ2001", { what: `\`instanceof ${at.getText()}\``, advice: "name the class" });
  }
  const text = name ?? at.getText();
  return containerTest(cursor, value, text, `$0 instanceof ${text}`, node, name === null ? null : maker);
}

function isVariable({ session, scope }: Cursor, node: ts.Expression): boolean {
  const symbol = ts.isIdentifier(node) ? symbolAt(session, node) : null;
  return symbol !== null && scope.get(symbol) !== null;
}

/** The function that a parameter stands for: `function check(instance, Constructor) { instance instanceof Constructor }` */
function handedMaker(cursor: Cursor, node: ts.Expression): Maker | null {
  const maker = ts.isIdentifier(unwrapped(node)) ? makerOfCallable(resolveCallable(cursor, node)) : null;
  return typeof maker === "string" ? null : maker;
}

/** `this` in a static method, `this.constructor`: the class that something is called on, or was made by. */
const isComputedClass = (node: ts.Expression): boolean =>
  node.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(node) && node.name.text === "constructor");

/** The class or function that `instanceof` asks for; null: it is not known. */
function makerAskedFor(cursor: Cursor, node: ts.Expression): Maker | null {
  if (!isComputedClass(node)) return makerOf(cursor.session, node) ?? handedMaker(cursor, node);
  const maker = makerOfCallable(constructorCalled(cursor, node));
  return typeof maker === "string" ? null : maker;
}

/** Is something an instance of a class or function of JavaScript? null: it depends. */
function madeByTest(cursor: Cursor, value: Value, maker: Maker, node: ts.Node): Value | null {
  const { session, block } = cursor;
  if (!isJavaScript(maker.getSourceFile().fileName)) return null;
  // What a module exports was made by no function.
  const loaded = session.loadedMarks.get(value)?.object;
  if (
    loaded !== undefined &&
    loaded.maker === null &&
    loaded.run === null &&
    (loaded.prototype?.node ?? null) === null
  ) {
    return block.constant(false, originOf(node));
  }
  const exact = exactClassOf(cursor, value);
  const isThere = value.type.kind !== "optional";
  if (exact !== null) {
    const isOne = isInstanceOf(session, exact, maker);
    if (!isOne) return block.constant(false, originOf(node));
    return isThere ? block.constant(true, originOf(node)) : negate(cursor, isAbsent(cursor, value, node), node);
  }
  return value.type.kind === "record" && session.complete.has(value) ? block.constant(false, originOf(node)) : null;
}

/** `"r" in shape`: which member of a union it is; `key in table`, where the key is known. */
function lowerIn(cursor: Cursor, node: ts.BinaryExpression): Value {
  const named = lowerMaybe(cursor, node.left);
  const value = lowerExpression(cursor, node.right);
  if (isPoisoned(cursor, named, value)) return poisonBoolean(cursor, node);
  const isPosition = named.type.kind === "number" || named.type.kind === "integer";
  if (value.type.kind === "array" && !isDictionary(value.type) && isPosition) {
    return isThere(cursor, value, named, node);
  }
  const key = knownKey(cursor, named);
  if (key === null) {
    refused(cursor, node, "EZ2001", { what: "`in`", advice: "test the field for undefined" });
    return poisonBoolean(cursor, node);
  }
  // Functions stand in no object of the derivative.
  const isKept = !isJavaScript(node.getSourceFile().fileName) && functionsIn(cursor.session, value) === undefined;
  const known = !isKept ? hasMember(cursor, value, key, false) : null;
  if (known !== null) return cursor.block.constant(known, originOf(node));
  if (!isKeyTold(cursor, value, key)) {
    refused(cursor, node, "EZ2001", {
      what: "`in` of a copy, for a key that no type tells of,",
      advice: "declare the field, or ask the object that was copied",
    });
    return poisonBoolean(cursor, node);
  }
  const asked = holderOfKey(cursor.session, value, key);
  return opaqueTest(cursor, `${escapedText(key)} in $0`, [asked], node, readsOnly);
}

/** Is a value a container of this name? Known from its type, unless that leaves the container open. */
/** `of`: a class of the program. */
export function containerTest(
  cursor: Cursor,
  value: Value,
  name: string,
  template: string,
  node: ts.Node,
  of: ts.Node | null = null,
): Value {
  if (isPoisoned(cursor, value)) return poisonBoolean(cursor, node);
  if (isMixedValue(value)) {
    // Where one of several things may be nothing, that is a thing of its own.
    for (const way of value.ways) if (isReference(way.value.type)) cursor.session.present.add(way.value);
    return mixedTest(cursor, value, node, (at, one) => containerTest(at, one, name, template, node, of));
  }
  const mayExtend = of !== null && ts.isClassLike(of) && of.heritageClauses !== undefined;
  if (isDate(value.type) && !mayExtend)
    return cursor.block.constant(name === "Date" || name === "Object", originOf(node));
  const error = errorName(value.type);
  if (error !== null && (name === "Error" || name === error)) return cursor.block.constant(true, originOf(node));
  if (kindOf(value.type) !== "reference" && kindOf(value.type) !== null)
    return cursor.block.constant(false, originOf(node));
  if (cursor.session.argumentObjects.has(value)) return cursor.block.constant(name === "Object", originOf(node));
  const type = value.type.kind === "optional" ? value.type.of : value.type;
  const present = (): Value => negate(cursor, isAbsent(cursor, value, node), node);
  if (type.kind === "array") {
    if (type.storage === "ArrayLike") return opaqueTest(cursor, template, [value], node);
    return type.storage === name ? present() : cursor.block.constant(false, originOf(node));
  }
  if (type.kind === "tuple") return name === "Array" ? present() : cursor.block.constant(false, originOf(node));
  if (isScalar(type)) return cursor.block.constant(false, originOf(node));
  if (type.kind === "record" && type.name === name) return present();
  if (type.kind === "record" && /Array$/.test(name) && hasFieldOfItsOwn(type))
    return cursor.block.constant(false, originOf(node));
  return of === null ? opaqueTest(cursor, template, [value], node) : classTest(cursor, value, of, name, node);
}

/** Does a type ask for something that arrays do not have? */
const hasFieldOfItsOwn = ({ members, fields }: RecordType): boolean =>
  members === undefined &&
  fields.some(
    ({ name, type }) => type.kind !== "optional" && !(name in Array.prototype) && !(name in Float64Array.prototype),
  );

// ---- Unary -----------------------------------------------------------------------------------------

export function lowerPrefix(cursor: Cursor, node: ts.PrefixUnaryExpression, variable: Variable | null): Value {
  const { operator, operand } = node;
  if (operator === ts.SyntaxKind.ExclamationToken) {
    return negate(cursor, lowerCondition(cursor, operand), node);
  }
  const bare = unwrapped(operand);
  if (operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(bare)) {
    return cursor.block.constant(-Number(bare.text), originOf(node, variable));
  }
  const value = numericOperand(cursor, lowerExpression(cursor, operand), operand);
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return value;
    case ts.SyntaxKind.MinusToken:
      return apply(cursor, "neg", [value], node, variable);
    case ts.SyntaxKind.TildeToken:
      return apply(cursor, "bitNot", [value], node, variable);
    default:
      return refused(cursor, node, "EZ2001", { what: `\`${node.getText()}\``, advice: "write it in another way" });
  }
}
