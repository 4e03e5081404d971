/** Calls: of `Math`, of array methods, of the user's own functions. */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { isAssignable } from "../ir/assignable.js";
import { sameType } from "../ir/join-types.js";
import { booleanType, numberType, type Type, type Value, type Variable } from "../ir/ir.js";
import { capturesOf } from "../syntax/captures.js";
import { isJavaScript, mayBeLeftOut } from "../syntax/javascript.js";
import { declaresPackageFunction, isPackageFunction } from "../syntax/package-functions.js";
import { typeOf } from "../syntax/type-of.js";
import { assignedSymbols, resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { bindPattern } from "./bind-pattern.js";
import { callDerivative, callPullback } from "./call-derivative.js";
import { makerOf } from "./class-members.js";
import {
  branches,
  isPoisoned,
  originOf,
  outcome,
  poison,
  refused,
  Scope,
  type Callable,
  type Choice,
  type Closure,
  type Cursor,
  type Frame,
  type Slot,
} from "./environment.js";
import { fence } from "./fence.js";
import { escaped, mayThrow, runInside, settle, throwAt } from "./escape.js";
import { fork, leaf, type Flow } from "./flow.js";
import { callableOf, carriesFunctions, functionValue } from "./function-value.js";
import { handedFunction } from "./handed-function.js";
import { givenParts, listOf } from "./given-list.js";
import { lowerObjectQuestion } from "./keyed-member.js";
import { languageError } from "./implicit-throws.js";
import { lowerReference } from "./lower-assignment.js";
import { asksForArguments, lowerSliceOfArguments } from "./lower-arguments.js";
import { lowerArrayMethod } from "./lower-array-method.js";
import { lowerArrayStatic, lowerIsView } from "./lower-array-static.js";
import { truthy } from "./lower-condition.js";
import { settled, settledThere } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { checkedType, lowerExpression, lowerMaybe, narrowed } from "./lower-expression.js";
import {
  declaredResult,
  isInstanceMember,
  lowerCallee,
  lowerFunctionBody,
  makeFrame,
  parametersOf,
  returnedValues,
  tellIdleConst,
  unwrapTo,
  type Given,
} from "./lower-function.js";
import { isObjectStatic, lowerObjectStatic } from "./lower-dictionary.js";
import { lowerDateStatic } from "./lower-date.js";
import { finishReturned, lowerCreated, lowerSuperCall } from "./lower-instance.js";
import { copyOf, newArray } from "./lower-literal.js";
import { lowerMath, lowerNumberFunction } from "./lower-math.js";
import { lowerKeyedMethod, lowerMethodCall } from "./lower-method.js";
import { lowerConsole, opaqueText } from "./lower-opaque.js";
import { numericOperand, typeofText } from "./lower-operator.js";
import { isGlobal, refuseUnresolved } from "./module-constants.js";
import { callUndisclosed, callWithRule, declaredWithRule, ownRuleOf } from "./own-rules.js";
import { declaredParameter } from "./parameter-type.js";
import { resolveCallable } from "./resolve-callable.js";
import { isAtTop } from "./run-once.js";
import { loadedConstant } from "./loaded-constant.js";
import { isMark } from "./open-object.js";
import { mentionsScratch } from "./scratch.js";
import type { CalleeSignature, LoweringSession } from "./session.js";
import { lowerStopGradient } from "./stop-gradient.js";
import { canName, closedCircle, openingAdvice } from "./visible-types.js";

/** What a call hands over: a value, a function, or the elements of an array. */
export type Argument =
  | { readonly kind: "value"; readonly value: Value; readonly node: ts.Node }
  | { readonly kind: "function"; readonly callable: Callable; readonly node: ts.Node }
  | { readonly kind: "spread"; readonly value: Value; readonly node: ts.Node };

/** The result of a call, null where it has none. */
export function lowerCall(cursor: Cursor, node: ts.CallExpression, variable: Variable | null): Value | null {
  const callee = unwrapped(node.expression);
  if (node.questionDotToken !== undefined) {
    return refused(cursor, node, "EZ2001", { what: "an optional call", advice: "test for the function first" });
  }
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
    const borrowed = mathFunctionOf(cursor, callee, node);
    if (borrowed !== null) return lowerMath(cursor, borrowed, borrowedArguments(cursor, name, node), node, variable);
    if (isGlobal(cursor.session, callee.expression, "console")) {
      lowerConsole(cursor, node, name);
      return null;
    }
    if (isGlobal(cursor.session, callee.expression, "Number"))
      return lowerNumberFunction(cursor, name, lowerArguments(cursor, node), node, variable);
    if (isGlobal(cursor.session, callee.expression, "Date")) return lowerDateStatic(cursor, name, node, variable);
    const asked = lowerObjectQuestion(cursor, node);
    if (asked !== undefined) return asked;
    const made = lowerCreated(cursor, node) ?? lowerSliceOfArguments(cursor, node);
    if (made !== null) return made;
    if (name === "isView" && isGlobal(cursor.session, callee.expression, "ArrayBuffer"))
      return lowerIsView(cursor, node);
    if (isGlobal(cursor.session, callee.expression, "Array") || isTypedArrayName(cursor, callee.expression)) {
      return lowerArrayStatic(cursor, callee, node, variable);
    }
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

/** The function that a call gives back which has several ends: `bezier(...)(x)`. */
function givenBack(cursor: Cursor, callee: ts.Expression, before: number): Callable | null {
  if (!ts.isCallExpression(callee) || cursor.block.ops.length !== before) return null;
  if (
    !isJavaScript(callee.getSourceFile().fileName) &&
    cursor.session.checker.getTypeAtLocation(callee).getCallSignatures().length === 0
  )
    return null;
  return callableOf(cursor.session, lowerExpression(cursor, callee));
}

/** `max` of `Math.max.apply` and `Math.max.call`. */
function mathFunctionOf(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  { arguments: [self] }: ts.CallExpression,
): string | null {
  const of = unwrapped(callee.expression);
  const isNothing = self === undefined || ts.isIdentifier(self) || ts.isToken(self);
  if (!isNothing) return null;
  if (!["apply", "call"].includes(callee.name.text) || !ts.isPropertyAccessExpression(of)) return null;
  return isGlobal(cursor.session, of.expression, "Math") ? of.name.text : null;
}

/** `f.call(self, x, y)` and `f.apply(self, xs)`, where `self` is not looked at. */
function borrowedArguments(cursor: Cursor, name: string, node: ts.CallExpression): readonly Argument[] {
  const [, ...rest] = node.arguments;
  const [list] = rest;
  if (name === "call")
    return spreadOut(
      cursor,
      rest.map((one) => lowerArgument(cursor, one)),
    );
  if (list === undefined) return [];
  return spreadOut(cursor, [{ kind: "spread", value: lowerReference(cursor, list), node: list }]);
}

/** `f.call(self, x)`: f runs on an object of somebody else; undefined: it is no such call. */
function lowerBorrowedCall(
  cursor: Cursor,
  callee: ts.Expression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null | undefined {
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== "call") return undefined;
  const [first] = node.arguments;
  if (first === undefined || ts.isSpreadElement(first)) return undefined;
  const maker = makerOf(cursor.session, callee.expression);
  const callable =
    maker !== null && !ts.isClassLike(maker)
      ? ({ kind: "closure", node: maker, scope: null, thisValue: null } as const)
      : resolveCallable(cursor, callee.expression);
  if (callable?.kind !== "closure") return undefined;
  const [self, ...args] = lowerArguments(cursor, node);
  const thisValue = self?.kind === "value" && self.value.type.kind !== "opaque" ? self.value : null;
  return callCallable(cursor, { ...callable, thisValue: thisValue ?? callable.thisValue }, args, node, variable);
}

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

function lowerArgument(cursor: Cursor, one: ts.Expression): Argument {
  if (ts.isSpreadElement(one)) return { kind: "spread", value: lowerReference(cursor, one.expression), node: one };
  const at = unwrapped(one);
  if (cursor.session.checker.getTypeAtLocation(at).getCallSignatures().length > 0) {
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
    case "Number": {
      const [first] = node.arguments;
      if (first === undefined) return cursor.block.constant(0, originOf(node, variable));
      if (ts.isStringLiteralLike(first)) return cursor.block.constant(Number(first.text), originOf(node, variable));
      return numericOperand(cursor, lowerExpression(cursor, first), first);
    }
    case "Boolean": {
      const [first] = node.arguments;
      return first === undefined ? cursor.block.constant(false) : truthy(cursor, lowerMaybe(cursor, first), first);
    }
    case "String": {
      const [first] = node.arguments;
      if (first === undefined) return cursor.block.constant("", originOf(node, variable));
      return opaqueText(cursor, "String($0)", [lowerMaybe(cursor, first)], node, variable);
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
  if (declaresPackageFunction(callable.node, "stopGradient")) {
    const { name } = callable.node;
    return lowerStopGradient(cursor, name !== undefined && ts.isIdentifier(name) ? name : null, args, node, variable);
  }
  const rule = ownRuleOf(cursor.session, callable.node);
  if (rule !== null) return callWithRule(cursor, callable.node, rule, args, node, variable);
  const outline =
    callable.scope === null && callable.thisValue === null
      ? outlineCall(cursor, callable, args, node, variable)
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
  const isOpen = mustInline || isMark(cursor.session, self);
  const outline = isOpen ? undefined : outlineCall(cursor, closure, args, node, variable);
  return outline !== undefined ? outline : inlineCall(cursor, closure, args, node);
}

/** A call of a function lowered on its own; undefined: it has to be inlined. */
function outlineCall(
  cursor: Cursor,
  { node: declaration, thisValue }: Closure,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null | undefined {
  const { session, frame } = cursor;
  if (!isStandalone(session, declaration) || asksForArguments(session, declaration)) return undefined;
  const parameters = parametersOf(declaration);
  if (parameters.some((one) => one.dotDotDotToken !== undefined)) return undefined;
  if (thisValue !== null && isMark(session, thisValue)) return undefined;
  if (thisValue !== null && (!isInstanceMember(declaration) || thisValue.type.kind !== "record")) return undefined;
  if (thisValue !== null && !canName(thisValue.type, frame.outputFile, session)) return undefined;
  if (thisValue !== null && !isDeclaredSelf(cursor, declaration, thisValue)) return undefined;
  const values: Value[] = [];
  const given: Given[] = [];
  const names = [calleeName(declaration)];
  for (const [k, parameter] of parameters.entries()) {
    const argument = args[k];
    if (argument === undefined) {
      given.push("absent");
      continue;
    }
    if (argument.kind === "function") {
      const handed = callsItself(declaration) ? handedFunction(cursor, argument.callable) : null;
      if (handed === null || !isKept(session, declaration, parameter)) return undefined;
      given.push(handed);
      names.push(nameOfCallable(argument.callable) ?? parameter.name.getText());
      continue;
    }
    if (argument.kind !== "value") return undefined;
    if (isPoisoned(cursor, argument.value)) return poison(cursor, node);
    if (session.views.has(argument.value) || isMark(session, argument.value)) return undefined;
    if (carriesFunctions(session, argument.value)) return undefined;
    const fitted = fitting(cursor, parameter, argument.value) ?? untypedNumber(declaration, parameter, argument.value);
    if (fitted === null || !canName(argument.value.type, frame.outputFile, session)) return undefined;
    if (session.growable.has(argument.value) && writesElements(declaration, parameter)) return undefined;
    given.push(fitted);
    values.push(argument.value);
  }
  if (args.slice(parameters.length).some((one) => one.kind === "spread")) return undefined;
  const result = declaredResult(declaration, session);
  if (result === "unknown" && !given.includes("untyped number")) return undefined;
  if (session.lowering.has(declaration)) session.calledMeanwhile.add(declaration);
  else if (mentionsScratch(session, declaration)) return undefined;
  const handed = given.filter((one) => typeof one !== "string");
  const signature = lowerCallee(declaration, names.join("_"), given, frame.outputFile, session);
  // What it leaves in the module must be known here.
  if (session.scratchUsers.has(declaration) || givesTuple(session, signature)) return undefined;
  if (!signature.usable) return poison(cursor, node);
  if (cursor.handler !== null && mayThrow(signature.name, session.compilation)) return undefined;
  const operands = [
    ...(thisValue === null ? [] : [thisValue]),
    ...values.map((value, k) => toParameter(cursor, given, value, k)),
    ...handed.flatMap(({ captured }) => captured.map(({ value }) => value)),
  ];
  const results = signature.results.map((type) => makeValue(type, originOf(node, variable)));
  cursor.block.append({ kind: "call", results, callee: signature.name, args: operands });
  for (const one of results) {
    if (one.type.kind === "array") session.growable.add(one);
    if (one.type.kind !== "optional") session.certain.add(one);
  }
  return results[0] ?? null;
}

/** Does a function declared to give an array give a tuple? Who makes that longer has to know. */
function givesTuple({ compilation }: LoweringSession, { name, results }: CalleeSignature): boolean {
  const exit = compilation.functions.get(name)?.body.exit;
  const given = exit?.kind === "return" ? exit.values : [];
  return results.some((type, k) => type.kind === "array" && given[k]?.type.kind === "tuple");
}

/** Is an instance what its class is declared to be? One of JavaScript holds what it was given. */
function isDeclaredSelf({ session }: Cursor, declaration: ts.FunctionLikeDeclaration, { type }: Value): boolean {
  const owner = declaration.parent;
  const symbol =
    ts.isClassLike(owner) && owner.name !== undefined ? session.checker.getSymbolAtLocation(owner.name) : undefined;
  const declared = symbol === undefined ? null : typeOf(session.checker.getDeclaredTypeOfSymbol(symbol), session.types);
  return !isJavaScript(owner.getSourceFile().fileName) || (declared !== null && sameText(type, declared));
}

/** The same types, and the same text where they are only carried along. */
function sameText(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind === "opaque" && b.kind === "opaque") return a.text === b.text;
  if (a.kind !== "record" || b.kind !== "record") return sameType(a, b);
  return (
    a.fields.length === b.fields.length &&
    a.fields.every((one) => {
      const other = b.fields.find(({ name }) => name === one.name);
      return other !== undefined && sameText(one.type, other.type);
    })
  );
}

/** Does a function write to elements of a parameter? An array that may grow there is followed into it. */
function writesElements(declaration: ts.FunctionLikeDeclaration, parameter: ts.ParameterDeclaration): boolean {
  const name = parameter.name.getText();
  const visit = (at: ts.Node): boolean => {
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      let root = unwrapped(at.left);
      while (ts.isElementAccessExpression(root)) root = unwrapped(root.expression);
      if (root !== unwrapped(at.left) && ts.isIdentifier(root) && root.text === name) return true;
    }
    return ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  };
  return visit(declaration);
}

/** Does an argument fit a parameter's declared type, and is it certainly there? null: the callee is inlined for it. */
function fitting(cursor: Cursor, parameter: ts.ParameterDeclaration, value: Value): Given | null {
  const { types } = cursor.session;
  const declared = declaredParameter(cursor.session, parameter);
  if (declared.flags & ts.TypeFlags.TypeParameter) return null;
  const read = typeOf(declared, types);
  if (read === null) return null;
  const present = read.kind === "optional" ? read.of : read;
  const optional = mayBeLeftOut(parameter) || read.kind === "optional";
  const { type } = value;
  if (isNothing(type)) return optional ? "maybe" : null;
  if (type.kind === "optional") return optional && isExact(type.of, present) ? "maybe" : null;
  if (present.kind === "integer" && type.kind === "number") return "wide";
  return isExact(type, present) ? "given" : null;
}

/** A function without types that calls itself cannot be inlined; numbers it can be given all the same. */
function untypedNumber(
  declaration: ts.FunctionLikeDeclaration,
  parameter: ts.ParameterDeclaration,
  { type }: Value,
): Given | null {
  const isNumber = type.kind === "number" || type.kind === "integer";
  return isNumber && parameter.type === undefined && callsItself(declaration) ? "untyped number" : null;
}

/** Does the name of a parameter always mean what was handed over? */
function isKept(
  session: LoweringSession,
  declaration: ts.Node,
  { name, initializer }: ts.ParameterDeclaration,
): boolean {
  const symbol = session.checker.getSymbolAtLocation(name);
  const isPlain = ts.isIdentifier(name) && initializer === undefined && symbol !== undefined;
  return isPlain && !assignedSymbols(session, declaration).has(symbol);
}

/** What a function is called where it is written; null: nothing. */
function nameOfCallable(callable: Callable): string | null {
  if (callable.kind === "math") return callable.name;
  return callable.kind === "closure" && isNamed(callable.node) ? calleeName(callable.node) : null;
}

function callsItself(declaration: ts.FunctionLikeDeclaration): boolean {
  const name = calleeName(declaration);
  const visit = (at: ts.Node): boolean =>
    (ts.isCallExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === name) ||
    ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  return visit(declaration);
}

const isNothing = (type: Type): boolean =>
  type.kind === "opaque" && (type.text === "undefined" || type.text === "null");

/** Assignable without looking at the same memory under two shapes. */
function isExact(from: Type, to: Type): boolean {
  return isAssignable(from, to, false) && (from.kind === to.kind || from.kind === "integer");
}

function toParameter(cursor: Cursor, given: readonly Given[], value: Value, position: number): Value {
  const how = given.filter((one) => one !== "absent" && typeof one === "string")[position];
  if (how === undefined || how === "maybe" || value.type.kind !== "optional") return value;
  return unwrapTo(cursor, value, value.type.of);
}

/** At the top level of its file, so that it sees nothing but its parameters and the module. */
function isStandalone(session: LoweringSession, declaration: ts.FunctionLikeDeclaration): boolean {
  const isGeneric = (node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): boolean =>
    (node.typeParameters?.length ?? 0) > 0;
  if (isGeneric(declaration) || (ts.isClassLike(declaration.parent) && isGeneric(declaration.parent))) return false;
  const owner = ts.findAncestor(declaration.parent, ts.isFunctionLike);
  return (owner === undefined || isAtTop(session, declaration)) && isNamed(declaration);
}

const isNamed = (declaration: ts.FunctionLikeDeclaration): boolean =>
  declaration.name !== undefined ||
  ts.isVariableDeclaration(declaration.parent) ||
  ts.isPropertyAssignment(declaration.parent) ||
  assignedName(declaration) !== null;

/** `exports.f = function () {}`: f */
function assignedName({ parent }: ts.Node): string | null {
  if (!ts.isBinaryExpression(parent) || parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  return ts.isPropertyAccessExpression(parent.left) ? parent.left.name.text : null;
}

export function calleeName(declaration: ts.FunctionLikeDeclaration): string {
  const { name, parent } = declaration;
  if (ts.isClassLike(parent) && parent.name !== undefined) {
    const own = ts.isConstructorDeclaration(declaration) ? "new" : (name?.getText() ?? "member");
    return `${parent.name.text}_${own.replace(/\W/g, "_")}`;
  }
  if (name !== undefined) return name.getText().replace(/\W/g, "_");
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyAssignment(parent)) return parent.name.getText().replace(/\W/g, "_");
  return assignedName(declaration) ?? "callee";
}

/** Lowers the body of a function in place of a call of it. */
export function inlineCall(cursor: Cursor, closure: Closure, args: readonly Argument[], node: ts.Node): Value | null {
  const { node: declaration, scope } = closure;
  const { session, frame } = cursor;
  const name = calleeName(declaration);
  // `sum((i) => sum((j) => ...))` is no recursion; a function that calls itself is stopped soon.
  const depth = frame.inlining.filter((one) => one === declaration).length;
  if (depth > (args.some((one) => one.kind === "function") || isAnother(frame, closure) ? 3 : 0)) {
    return refused(cursor, node, "EZ2001", recursionDetails(cursor, closure, name));
  }
  fence(declaration, session);
  tellIdleConst(declaration, session);
  const inside = (at: Cursor): Cursor => ({
    ...at,
    scope: new Scope(scope),
    frame: {
      ...makeFrame(
        declaration,
        resultHere(cursor, declaration),
        false,
        [...frame.inlining, declaration],
        frame.outputFile,
        closure.thisValue,
      ),
      given: givenValues(args),
      entered: [...(frame.entered ?? []), closure],
    },
    targets: null,
  });
  let callee = cursor;
  const end = runInside(cursor, (at) => {
    callee = inside(at);
    bindArguments(callee, declaration, args, node);
    return lowerFunctionBody(callee, declaration);
  });
  if (end === "left") {
    return callee.frame.returnSlot === null ? null : placeholderFor(cursor, node);
  }
  const returned = returnedValues({ ...callee, block: cursor.block, env: cursor.env }, end, node)[0] ?? null;
  const value = returned === null ? null : finishReturned(cursor, returned, callee.frame.inlining.length, node);
  // Where it threw there is no value, but there we are no more.
  const left = value?.type.kind === "optional" && checkedType(cursor, node)?.kind !== "optional";
  return left && cursor.handler !== null ? unwrapTo(cursor, value, value.type.of) : value;
}

/** `scaled(scaled(f, a), b)(x)`: two functions of one text, each with variables of its own around it. */
const isAnother = ({ entered = [] }: Frame, { node, scope }: Closure): boolean =>
  scope !== null && entered.every((one) => one.node !== node || one.scope !== scope);

/** Why a function that calls itself is inlined, and what to do about it. */
function recursionDetails(
  { session, handler }: Cursor,
  { node: declaration, thisValue }: Closure,
  name: string,
): { readonly what: string; readonly advice: string } {
  const { captures } = capturesOf(declaration, session.checker);
  const values = captures.filter(({ kind }) => kind === "value").map((one) => `\`${one.name}\``);
  if (values.length > 0) {
    return {
      what: `the recursion of \`${name}\`, which captures ${values.join(", ")},`,
      advice: `move it to the top level of the file, and hand it ${values.join(", ")} as typed parameters`,
    };
  }
  if (handler !== null) {
    return {
      what: `the recursion of \`${name}\`, which throws, inside of a \`try\``,
      advice: "let it answer with NaN or undefined, and test that",
    };
  }
  const taken = declaration.parameters.map((one) => typeOf(declaredParameter(session, one), session.types));
  const self = thisValue === null ? [] : [thisValue.type];
  for (const type of [...self, ...taken]) {
    const closed = type === null ? undefined : closedCircle(type);
    if (closed === undefined) continue;
    const what = `the recursion of \`${name}\` over ${closed.name ?? "a class"}, which holds itself in private members,`;
    return { what, advice: openingAdvice(closed) };
  }
  return {
    what: `the recursion of \`${name}\`, which takes functions or has no types`,
    advice: "move it to the top level of the file, with typed parameters",
  };
}

/** Behind a call that always throws: never reached. */
function placeholderFor(cursor: Cursor, node: ts.Node): Value {
  const type = checkedType(cursor, node) ?? numberType;
  if (type.kind === "number") return cursor.block.constant(NaN, originOf(node));
  if (type.kind === "boolean") return cursor.block.constant(false, originOf(node), null, booleanType);
  return cursor.block.constant(undefined, originOf(node), null, { kind: "optional", of: type });
}

/** A generic function is inlined with the types at hand: what it declares is found in its body. */
function resultHere(cursor: Cursor, declaration: ts.FunctionLikeDeclaration): Type | "nothing" | "unknown" {
  const declared = declaredResult(declaration, cursor.session);
  return declared === "nothing" ? declared : "unknown";
}

/** What is handed over, one by one; null where that is not known. */
export function givenValues(args: readonly Argument[]): readonly (Value | null)[] | null {
  if (args.some((one) => one.kind === "spread")) return null;
  return args.map((one) => (one.kind === "value" ? one.value : null));
}

export function bindArguments(
  here: Cursor,
  declaration: ts.FunctionLikeDeclaration,
  args: readonly Argument[],
  node: ts.Node,
): void {
  parametersOf(declaration).forEach((parameter, k) => {
    if (parameter.dotDotDotToken !== undefined) {
      bindPattern(here, parameter.name, restArray(here, args.slice(k), node, parameter), null);
      return;
    }
    const argument = args[k];
    if (argument?.kind === "function") {
      const symbol = here.session.checker.getSymbolAtLocation(parameter.name);
      const isVariable = symbol !== undefined && assignedSymbols(here.session, declaration).has(symbol);
      if (isVariable) bindPattern(here, parameter.name, functionValue(here, argument.callable, argument.node), null);
      else if (symbol !== undefined) here.scope.set(symbol, { kind: "function", callable: argument.callable });
      return;
    }
    if (argument?.kind === "spread") {
      bindPattern(here, parameter.name, refused(here, argument.node, "EZ2010", { kind: "spread" }), null);
      return;
    }
    bindPattern(here, parameter.name, argument?.value ?? null, parameter.initializer ?? null);
  });
}

/** What a rest parameter collects. */
function restArray(here: Cursor, args: readonly Argument[], node: ts.Node, parameter: ts.ParameterDeclaration): Value {
  if (isJavaScript(parameter.getSourceFile().fileName)) {
    const values = plainArguments(spreadOut(here, args));
    if (values !== null) return listOf(here, values, node);
  }
  if (args.some((one) => one.kind === "function")) {
    const values = args.map((one) =>
      one.kind === "function" ? functionValue(here, one.callable, one.node) : one.kind === "value" ? one.value : null,
    );
    const known = values.filter((one) => one !== null);
    if (known.length === values.length) return listOf(here, known, node);
  }
  const [only] = args;
  if (args.length === 1 && only?.kind === "spread") return copyOf(here, only.value, node, null);
  const parts: Value[] = [];
  for (const one of args) {
    if (one.kind !== "value") return refused(here, one.node, "EZ2010", { kind: "spread" });
    parts.push(one.value);
  }
  const type = typeOf(here.session.checker.getTypeAtLocation(parameter), here.session.types);
  const arrayType: Type =
    type?.kind === "array" ? type : { kind: "array", element: parts[0]?.type ?? numberType, storage: "Array" };
  return here.block.allocate(arrayType, { kind: "parts", parts }, originOf(node));
}

/** `f(...args)` of a list of which the parts are known hands over those. */
function spreadOut({ session }: Cursor, args: readonly Argument[]): readonly Argument[] {
  return args.flatMap((one): readonly Argument[] => {
    const isSpread = one.kind === "spread" && ts.isSpreadElement(one.node);
    const parts = isSpread ? givenParts(session, one.value, one.node.expression) : null;
    return parts === null ? [one] : parts.map((value) => ({ kind: "value", value, node: one.node }));
  });
}

/** The values among arguments, or null if there is something else. */
export function plainArguments(args: readonly Argument[]): readonly Value[] | null {
  const values: Value[] = [];
  for (const one of args) {
    if (one.kind !== "value") return null;
    values.push(one.value);
  }
  return values;
}
