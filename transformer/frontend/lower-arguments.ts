/**
 * `arguments`, in a function that stands in the place of a call, or of which the parameters are all there are.
 *
 *   function sum() { var s = 0; for (var i = 0; i < arguments.length; i++) s += arguments[i]; return s; }
 *   sum(x, y)   =>   s = x;  s += y
 *
 * It is a mark: no memory holds it. It is read, walked, copied into an array and handed on; where it is written, or kept,
 * the function is refused. So it is always what the call handed over.
 */
import ts from "typescript";
import type { Type, Value } from "../ir/ir.js";
import { element, makeValue } from "../ir/build.js";
import { isJavaScript, isModuleSyntax, mayBeLeftOut } from "../syntax/javascript.js";
import { assignedSymbols, symbolAt, unwrapped } from "./assigned-symbols.js";
import { listOf } from "./given-list.js";
import { originOf, refused, type Cursor, type Frame, type GivenArguments } from "./environment.js";
import { isBeforeAssignments } from "./linked-arguments.js";
import { lowerEquality } from "./lower-operator.js";
import { choose } from "./lower-expression.js";
import { spreadOf } from "./lower-literal.js";
import type { LoweringSession } from "./session.js";

/** The object of all arguments, not a variable of that name. */
export function isArguments(session: LoweringSession, node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node) || node.text !== "arguments") return false;
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) return false;
  const symbol = session.checker.getSymbolAtLocation(node);
  return symbol === undefined || (symbol.declarations?.length ?? 0) === 0;
}

/** Does a function ask how it was called? */
export function asksForArguments(session: LoweringSession, declaration: ts.Node): boolean {
  const visit = (node: ts.Node): boolean =>
    isArguments(session, node) || ts.forEachChild(node, (child) => visit(child) || undefined) === true;
  return declaration.getSourceFile().text.includes("arguments") && visit(declaration);
}

const unknown = {
  notCalled: "of a function that can be called with more or fewer arguments than it has parameters",
  arrow: "of the function around an arrow function",
  linked: 'that changes with a parameter which is assigned (it does not under "use strict")',
} as const;

/** What the function was called with; a text: why that is not known. */
function givenHere(
  session: LoweringSession,
  { given, declaration }: Frame,
  node: ts.Identifier,
): GivenArguments | string {
  if (ts.isArrowFunction(declaration)) return unknown.arrow;
  if (given === null) return unknown.notCalled;
  const isChanged = declaration.parameters.some((parameter) => {
    const symbol = symbolAt(session, parameter.name);
    return symbol !== null && assignedSymbols(session, declaration).has(symbol);
  });
  const isLater = isChanged && isLinked(declaration) && !isBeforeAssignments(session, declaration, node);
  return isLater ? unknown.linked : given;
}

/** Do parameters and `arguments` share their values? Only in old code, and only where all parameters are plain names. */
function isLinked(declaration: ts.FunctionLikeDeclaration): boolean {
  const isPlain = declaration.parameters.every(
    ({ name, initializer, dotDotDotToken }) =>
      ts.isIdentifier(name) && initializer === undefined && dotDotDotToken === undefined,
  );
  return isPlain && !isStrict(declaration);
}

function isStrict(declaration: ts.Node): boolean {
  for (let at = declaration; ; at = at.parent) {
    if (ts.isClassLike(at)) return true;
    const statements = ts.isSourceFile(at) || ts.isBlock(at) ? at.statements : undefined;
    const body = ts.isFunctionLike(at) && "body" in at && at.body !== undefined ? at.body : undefined;
    const first = statements ?? (body !== undefined && ts.isBlock(body) ? body.statements : []);
    if (first.some((one) => isDirective(one))) return true;
    if (ts.isSourceFile(at)) return at.statements.some(isModuleSyntax);
  }
}

const isDirective = (node: ts.Statement): boolean =>
  ts.isExpressionStatement(node) && ts.isStringLiteral(node.expression) && node.expression.text === "use strict";

/** `arguments` of a function that is differentiated itself: where it can only be called with what it declares. */
export function ownArguments(declaration: ts.FunctionLikeDeclaration, values: readonly Value[]): GivenArguments | null {
  const { parameters } = declaration;
  if (isJavaScript(declaration.getSourceFile().fileName) || parameters.some((one) => mayBeLeftOut(one))) return null;
  if (parameters.length === 0 || parameters.some((one) => one.dotDotDotToken !== undefined)) return null;
  return values.length === parameters.length ? { kind: "parts", parts: values } : null;
}

/** `arguments` as a value. */
export function lowerAllArguments(cursor: Cursor, node: ts.Identifier): Value {
  const { session, frame } = cursor;
  const given = givenHere(session, frame, node);
  if (typeof given === "string") return refused(cursor, node, "EZ2012", { why: given });
  const type: Type =
    given.kind === "list" ? given.list.type : { kind: "tuple", elements: given.parts.map((one) => one.type) };
  const mark = makeValue(type, originOf(node));
  session.present.add(mark);
  session.certain.add(mark);
  session.argumentObjects.set(mark, { node, given });
  return mark;
}

/** `arguments.length`, `arguments[2]`, which need not the whole of it; null: something else. */
export function lowerArgumentsRead(
  cursor: Cursor,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): Value | null {
  const { session, frame, block } = cursor;
  const { declaration, given } = frame;
  const { expression: all } = node;
  if (!isArguments(session, all) || ts.isArrowFunction(declaration) || given?.kind !== "parts") return null;
  if (ts.isPropertyAccessExpression(node))
    return node.name.text === "length" ? block.constant(given.parts.length, originOf(node)) : null;
  const position = writtenPosition(cursor, node);
  const parameter = position === null ? undefined : declaration.parameters[position];
  const symbol = parameter === undefined ? null : symbolAt(session, parameter.name);
  const isChanged = symbol !== null && assignedSymbols(session, declaration).has(symbol) && isLinked(declaration);
  if (position === null || (isChanged && !isBeforeAssignments(session, declaration, all))) return null;
  return given.parts[position] ?? block.constant(undefined, originOf(node));
}

/** What an object of arguments holds as an array of its own, any other value as it is. */
export function argumentsAsArray(cursor: Cursor, value: Value, node: ts.Node): Value {
  const given = cursor.session.argumentObjects.get(value)?.given;
  if (given === undefined) return value;
  return given.kind === "parts" ? listOf(cursor, given.parts, node) : spreadOf(cursor, given.list, node, null);
}

/** `arguments.length`; null: something else. */
export function lengthOfArguments({ session, block }: Cursor, value: Value, node: ts.Node): Value | null {
  const given = session.argumentObjects.get(value)?.given;
  if (given === undefined) return null;
  if (given.kind === "parts") return block.constant(given.parts.length, originOf(node));
  const length = block.length(given.list, originOf(node));
  session.present.add(length);
  return length;
}

/** `arguments[i]`, evaluated; null: it is an element of something else, or a member of another name. */
export function argumentAt(cursor: Cursor, value: Value, index: Value, node: ts.Node): Value | null {
  const { session, block } = cursor;
  const given = session.argumentObjects.get(value)?.given;
  const isNumber = index.type.kind === "number" || index.type.kind === "integer";
  if (given === undefined || !isNumber) return null;
  if (given.kind === "list") return block.load(element(given.list, index), originOf(node));
  const literal = block.literalOf(index);
  if (typeof literal === "number") return given.parts[literal] ?? block.constant(undefined, originOf(node));
  return oneOf(cursor, given.parts, index, 0, node);
}

/** `i === 0 ? a : i === 1 ? b : undefined` */
function oneOf(cursor: Cursor, parts: readonly Value[], index: Value, from: number, node: ts.Node): Value {
  const [part] = parts.slice(from);
  if (part === undefined) return cursor.block.constant(undefined, originOf(node));
  return choose(
    cursor,
    lowerEquality(cursor, index, cursor.block.constant(from), false, node),
    () => part,
    (at) => oneOf(at, parts, index, from + 1, node),
    node,
    null,
  );
}

/** The position that is written, or that a variable is known to hold: `arguments[2]`, `arguments[i]`; null: it is not known. */
function writtenPosition({ session, scope, env, block }: Cursor, node: ts.ElementAccessExpression): number | null {
  const at = unwrapped(node.argumentExpression);
  if (ts.isNumericLiteral(at)) return Number(at.text);
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const binding = symbol === null ? null : scope.get(symbol);
  const held = binding?.kind === "variable" ? env.get(binding.slot) : undefined;
  const known = held === undefined ? undefined : block.literalOf(held);
  return typeof known === "number" && Number.isInteger(known) && known >= 0 ? known : null;
}
