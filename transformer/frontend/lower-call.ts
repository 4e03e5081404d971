/** Calls: of `Math`, of array methods, of the user's own functions. */
import ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { declaresPackageFunction, isPackageFunction } from "../syntax/package-functions.js";
import { lowerAssignToThis } from "./assign-to-this.js";
import { lowerAssignedObject } from "./assigned-object.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { callDerivative, callPullback } from "./call-derivative.js";
import {
  branches,
  outcome,
  refused,
  type Callable,
  type Choice,
  type Closure,
  type Cursor,
  type Slot,
} from "./environment.js";
import { escaped, settle, throwAt } from "./escape.js";
import { fork, leaf, type Flow } from "./flow.js";
import { callableOf, functionValue } from "./function-value.js";
import { lowerObjectQuestion } from "./keyed-member.js";
import { keptGenerator } from "./kept-generator.js";
import { languageError } from "./implicit-throws.js";
import { lowerIterable } from "./lower-iterable.js";
import { boundFunction, lowerBorrowedCall } from "./lower-borrowed.js";
import { lowerArrayMethod } from "./lower-array-method.js";
import { lowerArrayStatic, lowerIsView } from "./lower-array-static.js";
import { lowerStringified } from "./lower-text.js";
import { settled, settledThere } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { lowerExpression, lowerMaybe, narrowed } from "./lower-expression.js";
import { isObjectStatic, lowerObjectStatic } from "./lower-dictionary.js";
import { lowerDateStatic } from "./lower-date.js";
import { lowerCreated, lowerSuperCall } from "./lower-instance.js";
import { newArray } from "./lower-literal.js";
import { lowerMath, lowerNumberFunction } from "./lower-math.js";
import { lowerKeyedMethod, lowerMethodCall } from "./lower-method.js";
import { converted, isConversion } from "./lower-conversion.js";
import { lowerCompiled } from "./lower-compiled.js";
import { lowerConsole } from "./lower-opaque.js";
import { containerTest, typeofText } from "./lower-operator.js";
import { isGlobal, refuseUnresolved } from "./module-constants.js";
import { nativePath } from "./native-path.js";
import { callUndisclosed, callWithRule, declaredWithRule, ownRuleOf } from "./own-rules.js";
import { resolveCallable } from "./resolve-callable.js";
import { loadedConstant } from "./loaded-constant.js";
import { isMark } from "./open-object.js";
import { lowerOptionalCall } from "./optional-call.js";
import { lowerStopGradient } from "./stop-gradient.js";
import { outlineCall, outlineInner } from "./outline-call.js";
import { inlineCall } from "./inline-call.js";
import { spreadOut } from "./bind-arguments.js";

/** What a call hands over: a value, a function, or the elements of an array. */
export type Argument =
  | { readonly kind: "value"; readonly value: Value; readonly node: ts.Node }
  | { readonly kind: "function"; readonly callable: Callable; readonly node: ts.Node }
  | { readonly kind: "spread"; readonly value: Value; readonly node: ts.Node };

/** The result of a call, null where it has none. */
export function lowerCall(cursor: Cursor, node: ts.CallExpression, variable: Variable | null): Value | null {
  const callee = unwrapped(node.expression);
  if (node.questionDotToken !== undefined) return lowerOptionalCall(cursor, node, variable);
  if (callee.kind === ts.SyntaxKind.SuperKeyword) {
    lowerSuperCall(cursor, node);
    return null;
  }
  if (ts.isPropertyAccessExpression(callee)) {
    const name = callee.name.text;
    const parted = callEachWay(cursor, callee, node, variable);
    if (parted !== undefined) return parted;
    if (isGlobal(cursor.session, callee.expression, "Math"))
      return lowerMath(cursor, name, lowerArguments(cursor, node), node, variable);
    if (isGlobal(cursor.session, callee.expression, "console")) {
      lowerConsole(cursor, node, name);
      return null;
    }
    if (isGlobal(cursor.session, callee.expression, "Number"))
      return lowerNumberFunction(cursor, name, lowerArguments(cursor, node), node, variable);
    if (isGlobal(cursor.session, callee.expression, "Date")) return lowerDateStatic(cursor, name, node, variable);
    const asked = lowerObjectQuestion(cursor, node);
    if (asked !== undefined) return asked;
    const made = lowerCreated(cursor, node);
    if (made !== null) return made;
    if (name === "stringify" && isGlobal(cursor.session, callee.expression, "JSON"))
      return lowerStringified(cursor, node, variable);
    if (name === "isView" && isGlobal(cursor.session, callee.expression, "ArrayBuffer"))
      return lowerIsView(cursor, node);
    if (isGlobal(cursor.session, callee.expression, "Array") || isTypedArrayName(cursor, callee.expression)) {
      return lowerArrayStatic(cursor, callee, node, variable);
    }
  }
  const made = lowerAssignToThis(cursor, node) ?? lowerAssignedObject(cursor, node) ?? lowerCompiled(cursor, node);
  if (made !== undefined) return made;
  const [asked] = node.arguments;
  if (asked !== undefined && !ts.isSpreadElement(asked) && nativePath(cursor, callee) === "Array.isArray") {
    return containerTest(cursor, lowerExpression(cursor, asked), "Array", "Array.isArray($0)", node);
  }
  // How compilers write `typeof` for old engines.
  if (ts.isIdentifier(callee) && callee.text === "_typeof" && isJavaScript(node.getSourceFile().fileName)) {
    const [first] = node.arguments;
    if (first !== undefined) return typeofText(cursor, lowerMaybe(cursor, first), node);
  }
  if (ts.isIdentifier(callee)) {
    const known = lowerGlobalCall(cursor, callee, node, variable);
    if (known !== undefined) return known;
  }
  if (isPackageFunction(callee, "stopGradient", cursor.session.checker)) {
    return lowerStopGradient(cursor, callee, lowerArguments(cursor, node), node, variable);
  }
  const bound = boundFunction(cursor, node);
  if (bound !== null) return functionValue(cursor, bound, node);
  const borrowed = lowerBorrowedCall(cursor, callee, node, variable);
  if (borrowed !== undefined) return borrowed;
  const before = cursor.block.ops.length;
  const callable = resolveCallable(cursor, callee) ?? givenBack(cursor, callee, before);
  if (callable !== null) return callCallable(cursor, callable, lowerArguments(cursor, node), node, variable);
  // `Object.keys(table)` of a table that is known
  const known = /^Object\.(keys|values|entries)\b/.test(callee.getText()) ? loadedConstant(cursor, node) : null;
  if (known !== null) return known;
  const listed = isObjectStatic(cursor, node) ? lowerObjectStatic(cursor, node, variable) : undefined;
  if (listed !== undefined) return listed;
  const declared = declaredWithRule(cursor, callee);
  if (declared !== null) {
    return callWithRule(cursor, declared.declaration, declared.rule, lowerArguments(cursor, node), node, variable);
  }
  if (ts.isPropertyAccessExpression(callee)) {
    const result = lowerArrayMethod(cursor, callee, node, variable);
    return result === undefined ? lowerMethodCall(cursor, callee, node, variable) : result;
  }
  const keyed = ts.isElementAccessExpression(callee) ? lowerKeyedMethod(cursor, callee, node, variable) : undefined;
  if (keyed !== undefined) return keyed;
  const undisclosed = callUndisclosed(cursor, callee, node, variable);
  if (undisclosed !== undefined) return undisclosed;
  const name = callee.getText();
  const symbol = cursor.session.checker.getSymbolAtLocation(callee);
  lowerArguments(cursor, node);
  const isNamed = !ts.isElementAccessExpression(callee) && !ts.isCallExpression(callee);
  const unknown = isNamed && (symbol === undefined || isUnresolved(cursor, symbol));
  const isKnown = symbol === undefined || hasSource(resolveAlias(cursor.session, symbol));
  if (unknown) return refuseUnresolved(cursor, node, name, symbol);
  return refused(cursor, node, isKnown ? "EZ2013" : "EZ2008", { name });
}

/** `shape.area()` of a variable that is one of several things; undefined: it is one. */
function callEachWay(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null | undefined {
  const { session, scope, env } = cursor;
  const at = unwrapped(callee.expression);
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const binding = symbol === null ? null : scope.get(symbol);
  const held = binding?.kind === "variable" ? env.get(binding.slot) : undefined;
  if (held === undefined || !isMixedValue(held) || !ts.isExpression(at)) return undefined;
  const value = narrowed(cursor, at, settled(cursor, held));
  const there = isMixedValue(value) ? settledThere(value) : value;
  if (!isMixedValue(there)) return undefined;
  const call = (here: Cursor): Value | null => lowerCall(here, node, variable);
  const ways = there.ways.map(({ test }) => {
    const others = held.ways.flatMap((way) => (way.test === test ? [] : [way.test]));
    session.rulings.set(test, { whenTrue: others, whenFalse: [test] });
    return { test: () => test, call };
  });
  return callFirst(cursor, ways.slice(0, -1), call, node, variable);
}

/** The function that a call gives back which has several ends: `bezier(...)(x)`, `(f || (f = make()))(x)`. */
function givenBack(cursor: Cursor, callee: ts.Expression, before: number): Callable | null {
  if (!ts.isCallExpression(callee) && !isChoice(callee)) return null;
  if (cursor.block.ops.length !== before) return null;
  if (
    !isJavaScript(callee.getSourceFile().fileName) &&
    cursor.session.checker.getTypeAtLocation(callee).getCallSignatures().length === 0
  )
    return null;
  return callableOf(cursor.session, lowerExpression(cursor, callee));
}

/** `f || (f = make())`, `typeof x === "number" ? f : typeof x === "string" ? g : h` */
const isChoice = (node: ts.Expression): boolean =>
  ts.isConditionalExpression(node) ||
  (ts.isBinaryExpression(node) &&
    (node.operatorToken.kind === ts.SyntaxKind.BarBarToken ||
      node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken));

/** An import that leads nowhere. */
const isUnresolved = (cursor: Cursor, symbol: ts.Symbol): boolean =>
  (resolveAlias(cursor.session, symbol).declarations?.length ?? 0) === 0;

const hasSource = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some(
    (one) =>
      !one.getSourceFile().isDeclarationFile && (!ts.isFunctionLike(one) || ("body" in one && one.body !== undefined)),
  ) === true;

export function isTypedArrayName(cursor: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  return (
    ts.isIdentifier(at) && /^(Float|Int|Uint)\d+(Clamped)?Array$/.test(at.text) && isGlobal(cursor.session, at, at.text)
  );
}

/** Evaluates arguments from left to right; functions are kept as functions. */
export function lowerArguments(cursor: Cursor, node: ts.CallExpression | ts.NewExpression): readonly Argument[] {
  return spreadOut(
    cursor,
    (node.arguments ?? []).map((one) => lowerArgument(cursor, one)),
  );
}

export function lowerArgument(cursor: Cursor, one: ts.Expression): Argument {
  if (ts.isSpreadElement(one)) return { kind: "spread", value: lowerIterable(cursor, one.expression), node: one };
  const at = unwrapped(one);
  const { checker } = cursor.session;
  if (checker.getNonNullableType(checker.getTypeAtLocation(at)).getCallSignatures().length > 0) {
    const callable = resolveCallable(cursor, at);
    if (callable !== null) return { kind: "function", callable, node: one };
  }
  const value = lowerExpression(cursor, one);
  const held = callableOf(cursor.session, value);
  return held === null ? { kind: "value", value, node: one } : { kind: "function", callable: held, node: one };
}

/** `isNaN(x)`, `Number(x)`, `Boolean(x)`, `Array(n)`, ...; undefined: not one of these. */
function lowerGlobalCall(
  cursor: Cursor,
  callee: ts.Identifier,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | undefined {
  const name = callee.text;
  if (!isGlobal(cursor.session, callee, name)) return undefined;
  switch (name) {
    case "isNaN":
    case "isFinite":
    case "parseFloat":
    case "parseInt": {
      const args = lowerArguments(cursor, node);
      const [first] = args;
      // The position of a `for-in`.
      if (name === "parseInt" && first?.kind === "value" && first.value.type.kind === "integer") return first.value;
      return lowerNumberFunction(cursor, name, args, node, variable, true);
    }
    case "Array":
      return newArray(cursor, node, "Array", node.arguments, variable);
    case "Number":
    case "Boolean":
    case "String": {
      const [first] = node.arguments;
      const lowered = name === "Number" ? lowerExpression : lowerMaybe;
      return converted(cursor, name, first === undefined ? null : lowered(cursor, first), first ?? node, variable);
    }
    default:
      return undefined;
  }
}

// ---- The user's functions --------------------------------------------------------------------------------

/** Calls a function that is known. */
export function callCallable(
  cursor: Cursor,
  callable: Callable,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  if (callable.kind === "math") return lowerMath(cursor, callable.name, args, node, variable);
  if (callable.kind === "choice") return callChoice(cursor, callable, args, node, variable);
  if (callable.kind === "derivative") return callDerivative(cursor, callable, args, node, variable);
  if (callable.kind === "pullback") return callPullback(cursor, callable, args, node, variable);
  if (callable.kind === "ofNumber") {
    return lowerNumberFunction(cursor, callable.name, args, node, variable, callable.isConverting);
  }
  if (callable.kind === "class") {
    const [first] = args;
    if (
      typeof callable.of === "string" &&
      isConversion(callable.of) &&
      (first === undefined || first.kind === "value")
    ) {
      return converted(cursor, callable.of, first?.value ?? null, node, variable);
    }
    return refused(cursor, node, "EZ2001", { what: "a class that is called without `new`", advice: "write `new`" });
  }
  if (callable.kind === "list") return refused(cursor, node, "EZ2013", { name: "a list of functions" });
  const generator = keptGenerator(cursor, callable, args, node);
  if (generator !== null) return generator;
  if (declaresPackageFunction(callable.node, "stopGradient")) {
    const { name } = callable.node;
    return lowerStopGradient(cursor, name !== undefined && ts.isIdentifier(name) ? name : null, args, node, variable);
  }
  const rule = ownRuleOf(cursor.session, callable.node);
  if (rule !== null) return callWithRule(cursor, callable.node, rule, args, node, variable);
  const outline =
    callable.scope === null && callable.thisValue === null
      ? outlineCall(cursor, callable, args, node, variable)
      : callable.scope !== null && callable.scope.loaded === null
        ? outlineInner(cursor, callable, args, node, variable)
        : undefined;
  return outline !== undefined ? outline : inlineCall(cursor, callable, args, node);
}

/** Calls one of several functions. */
function callChoice(
  cursor: Cursor,
  { ways, otherwise }: Choice,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const calling =
    (callable: Callable): Way["call"] =>
    (at) =>
      callCallable(at, callable, args, node, variable);
  const known = ways.map(({ test, callable }) => ({ test: () => test, call: calling(callable) }));
  const last = otherwise === null ? "not a function" : calling(otherwise);
  return callFirst(cursor, known, last, node, variable);
}

export interface Way {
  readonly test: (at: Cursor) => Value;
  readonly call: (at: Cursor) => Value | null;
}

/** The first call whose test holds: a chain of ifs. `otherwise` may be the text of the TypeError that is thrown. */
export function callFirst(
  cursor: Cursor,
  ways: readonly Way[],
  otherwise: Way["call"] | string,
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const slot: Slot = { variable, key: {}, type: null, late: true, shared: false };
  const end = outcome("called");
  const called = (at: Cursor, call: Way["call"]): Flow => {
    const value = call(at);
    if (value !== null) at.env.set(slot, value);
    return escaped(at, leaf(at, end));
  };
  const chain = (at: Cursor, position: number): Flow => {
    const way = ways[position];
    if (way !== undefined) {
      const test = way.test(at);
      const [then, below] = branches(at, test);
      return fork(at, test, called(then, way.call), chain(below, position + 1));
    }
    if (typeof otherwise !== "string") return called(at, otherwise);
    return throwAt(at, languageError(at, "TypeError", otherwise, node), node);
  };
  settle(cursor, chain(cursor, 0));
  const value = cursor.env.get(slot) ?? null;
  cursor.env.delete(slot);
  return value;
}

/** Calls a member of a class on an instance. */
export function callMember(
  cursor: Cursor,
  member: ts.FunctionLikeDeclaration,
  self: Value,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
  mustInline: boolean,
): Value | null {
  const closure: Closure = { kind: "closure", node: member, scope: null, thisValue: self };
  const generator = keptGenerator(cursor, closure, args, node);
  if (generator !== null) return generator;
  const isOpen = mustInline || isMark(cursor.session, self);
  const outline = isOpen ? undefined : outlineCall(cursor, closure, args, node, variable);
  return outline !== undefined ? outline : inlineCall(cursor, closure, args, node);
}
