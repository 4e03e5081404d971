/** Calls of the user's functions that stay calls: the callee is lowered by itself. */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { isAssignable } from "../ir/assignable.js";
import { isAbsence, isNothing, sameType } from "../ir/join-types.js";
import type { Literal, Type, Value, Variable } from "../ir/ir.js";
import { isJavaScript, mayBeLeftOut } from "../syntax/javascript.js";
import { typeOf } from "../syntax/type-of.js";
import { assignedSymbols, resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, type Callable, type Closure, type Cursor } from "./environment.js";
import { mayThrow } from "./escape.js";
import { boxFor, takeOut, type Box } from "./captured-boxes.js";
import { settleInside } from "./pending-elements.js";
import { isKnownWhereMade, keepsMaps } from "./known-where-made.js";
import { knownField } from "./known-fields.js";
import { handedFunction, type HandedFunction } from "./handed-function.js";
import { asksForArguments } from "./lower-arguments.js";
import { declaredResult, isInstanceMember, lowerCallee, parametersOf, unwrapTo, type Given } from "./lower-function.js";
import { declaredParameter } from "./parameter-type.js";
import { isAtTop } from "./run-once.js";
import { isMark } from "./open-object.js";
import { isUntyped, lowerUntyped, untypedGiven, type UntypedGiven } from "./untyped-recursion.js";
import { saysThis } from "./says-this.js";
import { mentionsScratch } from "./scratch.js";
import type { CalleeSignature, LoweringSession } from "./session.js";
import { canName } from "./visible-types.js";
import type { Argument } from "./lower-call.js";

/** A call of a function lowered on its own; undefined: it has to be inlined. `leadsBack`: it cannot be, for it is being lowered. */
export function outlineCall(
  cursor: Cursor,
  { node: declaration, thisValue }: Closure,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
  { leadsBack = false, lifted = null }: { readonly leadsBack?: boolean; readonly lifted?: HandedFunction | null } = {},
): Value | null | undefined {
  const { session, frame } = cursor;
  if ((lifted === null && !isStandalone(session, declaration)) || asksForArguments(session, declaration))
    return undefined;
  const parameters = parametersOf(declaration);
  if (parameters.some((one) => one.dotDotDotToken !== undefined)) return undefined;
  if (thisValue !== null && isMark(session, thisValue)) return undefined;
  if (thisValue !== null && thisValue.type.kind !== "record") return undefined;
  if (thisValue !== null && !canName(thisValue.type, frame.outputFile, session)) return undefined;
  if (leadsBack) settleGiven(session, thisValue, args);
  const isDeclared = thisValue === null || isDeclaredSelf(cursor, declaration, thisValue);
  const self = isDeclared || !leadsBack ? null : untypedGiven(session, thisValue);
  if (!isDeclared && self === null) return undefined;
  const values: Value[] = [];
  const given: Given[] = [];
  const names = lifted === null ? [calleeName(declaration)] : [calleeName(frame.declaration), calleeName(declaration)];
  for (const [k, parameter] of parameters.entries()) {
    const argument = args[k];
    if (argument === undefined) {
      given.push("absent");
      continue;
    }
    if (argument.kind === "function") {
      const handed = leadsBack || callsItself(declaration) ? handedFunction(cursor, argument.callable) : null;
      if (handed === null || !isKept(session, declaration, parameter)) return undefined;
      given.push(handed);
      names.push(nameOfCallable(argument.callable) ?? parameter.name.getText());
      continue;
    }
    if (argument.kind !== "value") return undefined;
    if (isPoisoned(cursor, argument.value)) return poison(cursor, node);
    if (session.views.has(argument.value) || isMark(session, argument.value)) return undefined;
    if (isKnownWhereMade(session, argument.value)) return undefined;
    if (isSetting(cursor, declaration, argument.value)) return undefined;
    const fitted =
      fitting(cursor, parameter, argument.value) ?? untyped(cursor, declaration, argument.value, leadsBack);
    if (fitted === null || !canName(argument.value.type, frame.outputFile, session)) return undefined;
    given.push(fitted);
    values.push(argument.value);
  }
  if (lifted !== null) given.push(lifted);
  if (args.slice(parameters.length).some((one) => one.kind === "spread")) return undefined;
  if (self !== null) given.push(self);
  const isFound = declaredResult(declaration, session) === "unknown";
  if (isFound && !given.some((one) => typeof one !== "string" && one.kind === "untyped")) return undefined;
  if (session.lowering.has(declaration)) session.calledMeanwhile.add(declaration);
  else if (mentionsScratch(session, declaration)) return undefined;
  const handed = given.filter((one) => typeof one !== "string" && one.kind === "function");
  const name = names.join("_");
  const signature = given.some(isUntyped)
    ? lowerUntyped(declaration, name, given, frame.outputFile, session)
    : lowerCallee(declaration, name, given, frame.outputFile, session);
  if (signature === null) return undefined;
  // What it leaves in the module must be known here.
  if (session.scratchUsers.has(declaration) || givesAnother(session, signature)) return undefined;
  if (!signature.usable) return poison(cursor, node);
  if (cursor.handler !== null && mayThrow(signature.name, session.compilation)) return undefined;
  const boxes: Box[] = [];
  const captured = handed.flatMap((one) =>
    one.captured.map(({ value, slot, isBoxed }) => (isBoxed ? boxFor(cursor, slot, boxes, node) : value)),
  );
  if (captured.includes(null)) return undefined;
  const operands = [
    ...(thisValue === null ? [] : [thisValue]),
    ...values.map((value, k) => toParameter(cursor, given, value, k)),
    ...captured.filter((one) => one !== null),
  ];
  const results = signature.results.map((type) => makeValue(type, originOf(node, variable)));
  cursor.block.append({ kind: "call", results, callee: signature.name, args: operands });
  for (const one of results) {
    if (one.type.kind !== "optional") session.certain.add(one);
  }
  takeOut(cursor, boxes, node);
  return results[0] ?? null;
}

/** A call of a function inside of others that calls itself: what it captures goes along; undefined: it has to be inlined. */
export function outlineInner(
  cursor: Cursor,
  closure: Closure,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null | undefined {
  const { node: declaration } = closure;
  // One that others lead back to is found when it is met again.
  const isCircle = callsItself(declaration) || cursor.frame.inlining.includes(declaration);
  if (isGeneric(declaration) || !isNamed(declaration) || !isCircle) return undefined;
  const bare = { ...closure, thisValue: null };
  const lifted = saysThis(declaration) ? null : handedFunction(cursor, bare);
  const { outputFile } = cursor.frame;
  if (lifted?.captured.every(({ type }) => canName(type, outputFile, cursor.session)) !== true) return undefined;
  return outlineCall(cursor, bare, args, node, variable, { lifted });
}

/** Does an object have members that its declared type does not tell of? JavaScript gives them later. */
const hasMore = (own: Type, declared: Type): boolean =>
  own.kind === "record" &&
  declared.kind === "record" &&
  declared.members === undefined &&
  own.fields.some((one) => one.mayBeLeftOut === true && !declared.fields.some(({ name }) => name === one.name));

/** Does a function give a tuple where it is declared to give an array, or the other way round? Who has it must know. */
function givesAnother({ compilation, functionFields }: LoweringSession, { name, results }: CalleeSignature): boolean {
  const exit = compilation.functions.get(name)?.body.exit;
  const given = exit?.kind === "return" ? exit.values : [];
  const isList = ({ kind }: Type): boolean => kind === "array" || kind === "tuple";
  return results.some((type, k) => {
    const own = given[k]?.type;
    if (own === undefined) return false;
    // No type tells of the functions in an object.
    if (functionFields.has(own)) return true;
    return isList(type) && isList(own) ? own.kind !== type.kind : !isAssignable(own, type, true) || hasMore(own, type);
  });
}

/** Is an instance what its class is declared to be? One of JavaScript holds what it was given. */
function isDeclaredSelf({ session }: Cursor, declaration: ts.FunctionLikeDeclaration, { type }: Value): boolean {
  if (!isInstanceMember(declaration)) return false;
  if (keepsMaps(type)) return false;
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
  if (isAbsence(type)) return optional ? "maybe" : null;
  if (holdsNothingYet(cursor, parameter, type) || lacksMember(parameter, type, present)) return null;
  if (hasHiddenMembers(cursor.session, type, present)) return null;
  if (type.kind === "optional") return optional && isExact(type.of, present) ? "maybe" : null;
  if (present.kind === "integer" && type.kind === "number") return "wide";
  return isExact(type, present) ? "given" : null;
}

/** An object of JavaScript that holds nothing in a field may be given something there: its declared type has no room for that. */
function holdsNothingYet({ session }: Cursor, parameter: ts.Node, type: Type): boolean {
  const of = type.kind === "optional" ? type.of : type;
  if (of.kind !== "record" || !isJavaScript(parameter.getSourceFile().fileName)) return false;
  return session.shapes.has(of) && of.fields.some((one) => isNothing(one.type));
}

/** A text by which JavaScript decides what it does, or options that are there or not: `distance(a, b, { units: "miles" })`. */
function isSetting(cursor: Cursor, declaration: ts.FunctionLikeDeclaration, value: Value): boolean {
  if (!isJavaScript(declaration.getSourceFile().fileName) || leadsToItself(cursor.session, declaration)) return false;
  const isKnown = (literal: Literal): boolean => typeof literal === "string";
  if (isKnown(cursor.block.literalOf(value))) return true;
  const { type } = value;
  if (type.kind !== "record" || !cursor.session.complete.has(value)) return false;
  return type.fields.some((one) => one.mayBeLeftOut === true || isKnown(knownField(cursor, value, one.name)));
}

/** Is something an instance of JavaScript, with members that its declarations keep to themselves? */
function hasHiddenMembers(session: LoweringSession, type: Type, declared: Type): boolean {
  if (type.kind === "optional") return hasHiddenMembers(session, type.of, declared);
  if (type.kind === "array" && declared.kind === "array")
    return hasHiddenMembers(session, type.element, declared.element);
  if (type.kind !== "record" || declared.kind !== "record" || !session.makers.has(type)) return false;
  return type.fields.some(({ name }) => !declared.fields.some((one) => one.name === name));
}

/** What a function calls itself with is as it is: nobody sees in it what is put into empty arrays later. */
function settleGiven(session: LoweringSession, thisValue: Value | null, args: readonly Argument[]): void {
  if (thisValue !== null) settleInside(session, thisValue.type);
  for (const one of args) if (one.kind === "value") settleInside(session, one.value.type);
}

/** Does an object of JavaScript lack what it may lack? Where it is asked for that, it is undefined. */
function lacksMember(parameter: ts.Node, type: Type, declared: Type): boolean {
  const of = type.kind === "optional" ? type.of : type;
  if (of.kind !== "record" || declared.kind !== "record" || !isJavaScript(parameter.getSourceFile().fileName))
    return false;
  return declared.fields.some(({ name }) => !of.fields.some((one) => one.name === name));
}

/** A function that calls itself cannot be inlined: where its types say too little, it is lowered for what it is given. */
function untyped(
  { session, frame }: Cursor,
  declaration: ts.FunctionLikeDeclaration,
  value: Value,
  leadsBack: boolean,
): UntypedGiven | null {
  if (leadsBack || callsItself(declaration)) return untypedGiven(session, value);
  if (value.type.kind !== "number" && value.type.kind !== "integer") return null;
  // Of one that others lead back to, it may be that it never comes to that.
  const isSure = frame.inlining.includes(declaration) || answersNumber(session, declaration);
  return isSure && leadsToItself(session, declaration) ? untypedGiven(session, value) : null;
}

function answersNumber({ checker }: LoweringSession, declaration: ts.FunctionLikeDeclaration): boolean {
  const signature = checker.getSignatureFromDeclaration(declaration);
  return signature !== undefined && (checker.getReturnTypeOfSignature(signature).flags & ts.TypeFlags.NumberLike) !== 0;
}

/** Does the name of a parameter always mean what was handed over? */
function isKept(session: LoweringSession, declaration: ts.Node, { name }: ts.ParameterDeclaration): boolean {
  const symbol = session.checker.getSymbolAtLocation(name);
  return ts.isIdentifier(name) && symbol !== undefined && !assignedSymbols(session, declaration).has(symbol);
}

/** What a function is called where it is written; null: nothing. */
function nameOfCallable(callable: Callable): string | null {
  if (callable.kind === "math" || callable.kind === "ofNumber") return callable.name;
  return callable.kind === "closure" && isNamed(callable.node) ? calleeName(callable.node) : null;
}

/** Does a function call itself, or others that call it in the end? */
function leadsToItself(session: LoweringSession, declaration: ts.FunctionLikeDeclaration): boolean {
  const known = session.circles.get(declaration);
  if (known !== undefined) return known;
  const seen = new Set<ts.Node>();
  const leads = (node: ts.Node): boolean => {
    const callee = ts.isCallExpression(node) ? unwrapped(node.expression) : null;
    const symbol = callee !== null && ts.isIdentifier(callee) ? symbolAt(session, callee) : null;
    for (const one of symbol === null ? [] : (resolveAlias(session, symbol).declarations ?? [])) {
      if (one === declaration) return true;
      if (!ts.isFunctionDeclaration(one) || seen.has(one)) continue;
      seen.add(one);
      if (leads(one)) return true;
    }
    return ts.forEachChild(node, (child) => leads(child) || undefined) === true;
  };
  const answer = callsItself(declaration) || leads(declaration);
  session.circles.set(declaration, answer);
  return answer;
}

function callsItself(declaration: ts.FunctionLikeDeclaration): boolean {
  const name = calleeName(declaration);
  const visit = (at: ts.Node): boolean =>
    (ts.isCallExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === name) ||
    ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  return visit(declaration);
}

/** Assignable without looking at the same memory under two shapes. */
function isExact(from: Type, to: Type): boolean {
  return isAssignable(from, to, false) && (from.kind === to.kind || from.kind === "integer");
}

function toParameter(cursor: Cursor, given: readonly Given[], value: Value, position: number): Value {
  const how = given.filter((one) => one !== "absent" && (typeof one === "string" || isUntyped(one)))[position];
  if (how === undefined || how === "maybe" || isUntyped(how) || value.type.kind !== "optional") return value;
  return unwrapTo(cursor, value, value.type.of);
}

/** At the top level of its file, so that it sees nothing but its parameters and the module. */
function isStandalone(session: LoweringSession, declaration: ts.FunctionLikeDeclaration): boolean {
  if (isGeneric(declaration) || (ts.isClassLike(declaration.parent) && isGeneric(declaration.parent))) return false;
  const owner = ts.findAncestor(declaration.parent, ts.isFunctionLike);
  return (owner === undefined || isAtTop(session, declaration)) && isNamed(declaration);
}

const isGeneric = (node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): boolean =>
  (node.typeParameters?.length ?? 0) > 0;

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
