/** Methods, getters and setters: functions that take the instance first. */
import ts from "typescript";
import { numberType, type Value, type Variable } from "../ir/ir.js";
import { isAnyType, typeOf } from "../syntax/type-of.js";
import { isJavaScript } from "../syntax/javascript.js";
import { callByClass } from "./call-by-class.js";
import {
  baseExpression,
  findMember,
  hasSubclasses,
  makerOf,
  memberOfMaker,
  type Maker,
  type Member,
} from "./class-members.js";
import { isHeldClass, staticMethod } from "./class-value.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { knownKey, possibleKeys } from "./keyed-member.js";
import { lowerReference } from "./lower-assignment.js";
import {
  callCallable,
  callFirst,
  callMember,
  lowerArguments,
  lowerCall,
  type Argument,
  type Way,
} from "./lower-call.js";
import { isDate, lowerDateMethod } from "./lower-date.js";
import { exactClassOf } from "./lower-instance.js";
import { callableOf, functionField, onObject, setterOf } from "./function-value.js";
import { isKnownWhereMade } from "./known-where-made.js";
import { partsOfFunctions } from "./grown-list.js";
import { lowerExpression } from "./lower-expression.js";
import { lowerEquality } from "./lower-operator.js";
import { eachWay } from "./lower-mixed.js";
import { isMixedValue, type MixedValue } from "./mixed-value.js";
import { lowerMapMethod } from "./lower-map.js";
import { methodOfMark } from "./loaded-mark.js";
import { lowerMatch, lowerPatternMethod } from "./lower-pattern.js";
import { fieldName, selfOf } from "./open-object.js";
import { isOfOtherClass } from "./other-class.js";
import { numberExtension } from "./number-extension.js";
import { lowerTextMethod } from "./lower-text.js";

export function lowerMethodCall(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null {
  const { session, frame } = cursor;
  const { checker } = session;
  if (callee.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const member = memberAbove(cursor, callee.name) ?? checker.getSymbolAtLocation(callee.name)?.valueDeclaration;
    const thisValue = selfOf(cursor);
    if (member === undefined || !ts.isMethodDeclaration(member) || member.body === undefined || thisValue === null) {
      return refused(cursor, node, "EZ2011", { name: frame.declaration.name?.getText() ?? "it" });
    }
    return callMember(
      cursor,
      member,
      thisValue,
      lowerArguments(cursor, node),
      node,
      variable,
      exactClassOf(cursor, thisValue) !== null,
    );
  }
  const declared = checker.getTypeAtLocation(callee.expression);
  const isOfDate = isDate(typeOf(declared, cursor.session.types) ?? numberType);
  const isOfPattern = declared.getSymbol()?.name === "RegExp";
  const external = isOfDate || isOfPattern ? null : externalMethod(cursor, callee);
  if (external !== null && !isKnown(declared) && !isVariable(cursor, callee.expression)) {
    lowerArguments(cursor, node);
    const advice = "call it outside, and pass what it gives as a parameter";
    return refused(cursor, node, "EZ2008", {
      name: callee.getText(),
      ...(node.arguments.length === 0 ? { advice } : {}),
    });
  }
  const base = lowerReference(cursor, callee.expression);
  if (isMixedValue(base)) return callOnEach(cursor, base, callee, node, variable);
  const asked = lowerMapMethod(cursor, base, callee, node, variable);
  if (asked !== undefined) return asked;
  const isMade = exactClassOf(cursor, base) !== null || callableOf(cursor.session, base) !== null;
  if (external !== null && !isKnown(declared) && !isMade) {
    // Of something that was refused where it was made, no more is said.
    if (isPoisoned(cursor, base)) return poison(cursor, node);
    lowerArguments(cursor, node);
    return refused(cursor, node, "EZ2008", { name: callee.getText() });
  }
  return callMethod(cursor, callee, node, base, lowerArguments(cursor, node), variable);
}

/** `make(x).area()` of one of several things: a call for each of them. */
export function callOnEach(
  cursor: Cursor,
  base: MixedValue,
  { expression }: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value {
  return eachWay(cursor, base, node, (at, one) => {
    const ahead = new Map(at.frame.ahead).set(expression, one).set(unwrapped(expression), one);
    const value = lowerCall({ ...at, frame: { ...at.frame, ahead } }, node, variable);
    return value ?? at.block.constant(undefined, originOf(node));
  });
}

/**
 * `this["scale"](2)`, `methods[options.method](x)`, `parsers[i][0](x)` of JavaScript, where it is known what the key is, or
 * which names it is one of; undefined: it is no function that is known.
 */
export function lowerKeyedMethod(
  cursor: Cursor,
  callee: ts.ElementAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null | undefined {
  if (!isJavaScript(node.getSourceFile().fileName)) return undefined;
  const base = lowerReference(cursor, callee.expression);
  const key = lowerExpression(cursor, callee.argumentExpression);
  if (isPoisoned(cursor, base, key)) return poison(cursor, node);
  const known = knownKey(cursor, key);
  const names = known === null ? possibleKeys(cursor, key, callee.argumentExpression) : [known];
  const found = (names ?? []).map((name) => ({ name, call: memberNamed(cursor, base, name, node, variable) }));
  const ways = found.flatMap(({ name, call }): Way[] => {
    const test = (at: Cursor): Value => lowerEquality(at, key, at.block.constant(name), false, node);
    return call === null ? [] : [{ test, call: (at) => call(at, args) }];
  });
  if (ways.length === 0 || ways.length < found.length) return undefined;
  const args = lowerArguments(cursor, node);
  const last = ways.pop();
  return last === undefined
    ? undefined
    : ways.length === 0
      ? last.call(cursor)
      : callFirst(cursor, ways, last.call, node, variable);
}

type MemberCall = (at: Cursor, args: readonly Argument[]) => Value | null;

/** How the member of an object or a list is called that has a name; null: it is not known. */
function memberNamed(
  cursor: Cursor,
  base: Value,
  name: string,
  node: ts.Node,
  variable: Variable | null,
): MemberCall | null {
  const { session } = cursor;
  const parts = partsOfFunctions(cursor, base);
  const part = /^\d+$/.test(name) ? parts?.[Number(name)] : undefined;
  const held = callableOf(session, part) ?? functionField(cursor, base, name) ?? methodOfMark(cursor, base, name);
  if (held !== null) return (at, args) => callCallable(at, onObject(held, base), args, node, variable);
  const exact = exactClassOf(cursor, base);
  const member = exact === null ? null : memberOfMaker(session, exact, name, "method");
  return member === null ? null : (at, args) => callMember(at, member, base, args, node, variable, true);
}

/** What `super.name` means in a method of JavaScript. */
function memberAbove(
  { session, frame }: Cursor,
  name: ts.MemberName,
  kind: "method" | "get" = "method",
): ts.Node | undefined {
  const owner = frame.declaration.parent;
  const base = ts.isClassLike(owner) ? baseExpression(owner) : null;
  const maker = base === null ? null : makerOf(session, base);
  return maker === null ? undefined : (memberOfMaker(session, maker, name.text, kind) ?? undefined);
}

/** `super.area`, which a getter of the class above computes. */
export function lowerSuperGetter(cursor: Cursor, node: ts.PropertyAccessExpression): Value {
  const self = selfOf(cursor);
  const declared = cursor.session.checker.getSymbolAtLocation(node.name)?.declarations?.find(ts.isGetAccessor);
  const member = memberAbove(cursor, node.name, "get") ?? declared;
  if (member === undefined || !ts.isGetAccessor(member) || member.body === undefined || self === null) {
    return refused(cursor, node, "EZ2011", { name: cursor.frame.declaration.name?.getText() ?? "it" });
  }
  return callMember(cursor, member, self, [], node, null, true) ?? poison(cursor, node);
}

/** Is it a variable of the function that is lowered? It may hold a function, which has members. */
function isVariable({ session, scope }: Cursor, node: ts.Expression): boolean {
  const symbol = symbolAt(session, node);
  return symbol !== null && scope.get(symbol) !== null;
}

/** Calls a method of an object that is lowered already. */
export function callMethod(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  base: Value,
  args: readonly Argument[],
  variable: Variable | null,
): Value | null {
  if (isDate(base.type)) return lowerDateMethod(cursor, base, callee.name.text, node, variable);
  const { session } = cursor;
  const { checker } = session;
  const name = callee.name.text;
  const declared = checker.getTypeAtLocation(callee.expression);
  if (isPoisoned(cursor, base)) return poison(cursor, node);
  const held =
    functionField(cursor, base, name) ?? methodOfMark(cursor, base, name) ?? staticMethod(cursor, base, name);
  if (held !== null) return callCallable(cursor, held, args, node, variable);
  const extension = base.type.kind === "number" || base.type.kind === "integer" ? numberExtension(session, name) : null;
  if (extension !== null) return callMember(cursor, extension, base, args, node, variable, true);
  const text = lowerTextMethod(cursor, base, name, args, node, variable);
  if (text !== null) return text;
  const matched =
    name === "match"
      ? lowerMatch(cursor, base, args, node, variable)
      : lowerPatternMethod(cursor, base, name, args, node, variable);
  if (matched !== undefined) return matched;
  const exact = exactClassOf(cursor, base);
  const found = findMember(session, declared, exact, name, "method");
  if (isHeldClass(cursor, callee.expression)) {
    const what = `a method of \`${callee.expression.getText()}\`, which may be any class,`;
    return refused(cursor, node, "EZ2001", { what, advice: "name the class" });
  }
  if (found?.kind === "found") {
    if (isOfOtherClass(cursor, base, found.member)) return refuseOther(cursor, name, found.member, node);
    return callMember(cursor, found.member, base, args, node, variable, mustInline(cursor, exact, base));
  }
  const byClass = callByClass(cursor, declared, base, name, "method", args, node, variable);
  if (byClass !== undefined) return byClass;
  const type = isAnyType(declared) ? "such a value" : checker.typeToString(declared);
  if (found?.kind === "open") {
    const which = declared.isUnion() ? "of which each class has its own," : "which subclasses override,";
    return refused(cursor, node, "EZ2014", { name, type: `${type}, ${which}` });
  }
  return refused(cursor, node, "EZ2014", { name, type });
}

const refuseOther = (cursor: Cursor, name: string, { parent }: Member, node: ts.Node): Value =>
  refused(cursor, node, "EZ2001", {
    what: `\`${name}\` of what is no instance of \`${ts.isClassLike(parent) ? (parent.name?.text ?? "its class") : "its class"}\``,
    advice: "declare an interface with the method, and let both classes implement it",
  });

/**
 * Where the class is known exactly and others extend it, the knowledge would be lost in a function of its own; so would be
 * which functions the fields of the instance hold.
 */
const mustInline = (cursor: Cursor, exact: Maker | null, base: Value): boolean =>
  isKnownWhereMade(cursor.session, base) ||
  (exact !== null &&
    (isJavaScript(exact.getSourceFile().fileName) ||
      !ts.isClassLike(exact) ||
      hasSubclasses(cursor.session, exact) ||
      exact.heritageClauses !== undefined));

/** A method without source, of an object that is not the user's: `performance.now()`. */
function externalMethod(cursor: Cursor, callee: ts.PropertyAccessExpression): ts.Declaration | null {
  const declaration = cursor.session.checker.getSymbolAtLocation(callee.name)?.declarations?.[0];
  if (declaration?.getSourceFile().isDeclarationFile !== true) return null;
  return ts.isIdentifier(callee.expression) ? declaration : null;
}

const isKnown = (type: ts.Type): boolean =>
  (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike)) !== 0 || type.isUnion();

/** A property that a getter computes; null: there is no getter. */
export function lowerGetter(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression): Value | null {
  const { session } = cursor;
  const exact = exactClassOf(cursor, base);
  const declared = session.checker.getTypeAtLocation(node.expression);
  const found = findMember(session, declared, exact, node.name.text, "get");
  if (found?.kind === "found") {
    if (isOfOtherClass(cursor, base, found.member)) return refuseOther(cursor, node.name.text, found.member, node);
    return callMember(cursor, found.member, base, [], node, null, mustInline(cursor, exact, base));
  }
  if (exact !== null && isJavaScript(exact.getSourceFile().fileName)) return null;
  const byClass = callByClass(cursor, declared, base, node.name.text, "get", [], node, null);
  if (byClass !== undefined) return byClass;
  if (found?.kind === "open")
    return refused(cursor, node, "EZ2014", { name: node.name.text, type: "a class that subclasses override" });
  return null;
}

/** Assigns through a setter; false: there is none. */
export function lowerSetter(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression, value: Value): boolean {
  const { session } = cursor;
  const args: readonly Argument[] = [{ kind: "value", value, node }];
  const own = setterOf(session, base, fieldName(node.name.text));
  if (own !== null) {
    callCallable(cursor, own, args, node, null);
    return true;
  }
  const exact = exactClassOf(cursor, base);
  const declared = session.checker.getTypeAtLocation(node.expression);
  const found = findMember(session, declared, exact, node.name.text, "set");
  if (found?.kind !== "found") return false;
  callMember(cursor, found.member, base, args, node, null, mustInline(cursor, exact, base));
  return true;
}

export function hasSetter(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression): boolean {
  const exact = exactClassOf(cursor, base);
  if (exact !== null && isJavaScript(exact.getSourceFile().fileName)) {
    return memberOfMaker(cursor.session, exact, node.name.text, "set") !== null;
  }
  const symbol = cursor.session.checker.getSymbolAtLocation(node.name);
  return symbol?.declarations?.some(ts.isSetAccessor) === true;
}
