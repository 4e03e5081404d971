/** What a call hands over, as one list: `...args`, `arguments`. */
import ts from "typescript";
import { numberType, type IRFunction, type Op, type Type, type Value } from "../ir/ir.js";
import { joinTypes } from "../ir/join-types.js";
import { walk } from "../ir/traverse.js";
import { spanOf } from "../syntax/span.js";
import { isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import { makeValue } from "../ir/build.js";
import { originOf, type Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";
import { unchangedParts } from "./unchanged-list.js";

/** An array where all are of one type, a tuple of unlike ones. How many there are is known. */
export function listOf(cursor: Cursor, parts: readonly Value[], node: ts.Node): Value {
  if (holdsFunctions(cursor.session, parts)) return functionList(cursor, parts, node);
  const [first, ...others] = parts.map(({ type }): Type => (type.kind === "integer" ? numberType : type));
  let element: Type | null = first ?? numberType;
  for (const one of others) element = element === null ? null : joinTypes(element, one);
  const all = element;
  const isUniform = all !== null && parts.every(({ type }) => type.kind === "integer" || sameKind(type, all));
  const type: Type = isUniform
    ? { kind: "array", element: all, storage: "Array" }
    : { kind: "tuple", elements: parts.map((one) => one.type) };
  const list = cursor.block.allocate(type, { kind: "parts", parts }, originOf(node));
  cursor.session.present.add(list);
  cursor.session.certain.add(list);
  noteGiven(cursor.session, list, parts);
  return list;
}

/** What a list is made of, and in which loop. */
export function noteGiven(session: LoweringSession, list: Value, parts: readonly Value[]): void {
  session.givenLists.set(list, parts);
  session.listDepths.set(list, session.loopDepth);
}

/** `[f, g]`: a mark in the place of an array of functions, or of lists of them. */
export function functionList({ session }: Cursor, parts: readonly Value[], node: ts.Node): Value {
  const list = makeValue({ kind: "tuple", elements: parts.map(({ type }) => type) }, originOf(node));
  session.present.add(list);
  session.certain.add(list);
  session.givenLists.set(list, parts);
  session.functionLists.set(list, node);
  return list;
}

export const holdsFunctions = (session: LoweringSession, parts: readonly Value[]): boolean =>
  parts.some((one) => session.functions.has(one) || session.functionLists.has(one));

/** Text, functions, or values of several kinds: what is done with one of them depends on which one it is. */
export function isMixed(session: LoweringSession, parts: readonly Value[]): boolean {
  if (parts.some(({ type }) => session.functionFields.has(type))) return true;
  const kinds = new Set(parts.map(({ type }) => (type.kind === "integer" ? "number" : type.kind)));
  return kinds.has("opaque") || kinds.size > 1;
}

/** An optional member, or an instance of its own class, would be lost among the others. */
const sameKind = (a: Type, b: Type): boolean =>
  a === b || (a.kind === b.kind && a.kind !== "record" && a.kind !== "optional");

/** What is in such a list, as long as nothing may have changed it: its name is only read, or it has none yet. */
export function givenParts(cursor: Cursor, list: Value, node: ts.Expression): readonly Value[] | null {
  const { session } = cursor;
  const given = session.argumentObjects.get(list)?.given;
  if (given !== undefined) return given.kind === "parts" ? given.parts : null;
  const parts = session.givenLists.get(list);
  // What would change it finds no memory.
  if (parts !== undefined && session.functionLists.has(list)) return parts;
  const at = unwrapped(node);
  if (parts !== undefined && (session.moduleValues.has(list) || ts.isArrayLiteralExpression(at))) return parts;
  // Nobody else has a name for what a call gives back, but the function that made it may have written it since.
  if (ts.isCallExpression(at)) return unchangedParts(cursor, list);
  if (parts === undefined || !ts.isIdentifier(at)) return null;
  const symbol = symbolAt(session, at);
  // An inner function reads what the one around it may write.
  const owner = ts.findAncestor(symbol?.declarations?.[0] ?? node, ts.isFunctionLike);
  if (owner === undefined) return null;
  const isChanged = (one: ts.Node): boolean =>
    (ts.isIdentifier(one) && one.text === at.text && symbolAt(session, one) === symbol && !isRead(one)) ||
    ts.forEachChild(one, (child) => isChanged(child) || undefined) === true;
  if (isChanged(owner)) return null;
  session.readLists.set(list, node);
  return parts;
}

/** Refuses what writes a list that was read by what is known of it: under another name, or by whoever handed it over. */
export function refuseWrittenLists({ body }: IRFunction, session: LoweringSession): void {
  walk(body, (op) => {
    const list = writtenBy(op);
    const read = list === null ? undefined : session.readLists.get(list);
    if (read === undefined) return;
    session.failures++;
    session.compilation.report("EZ2001", spanOf(read), {
      what: `reading \`${read.getText()}\`, which is written where it comes from,`,
      advice: "hand over what is read of it",
    });
  });
}

function writtenBy(op: Op): Value | null {
  if (op.kind === "store" || op.kind === "accumulate") return op.at.base;
  return op.kind === "push" || op.kind === "pop" || op.kind === "grow" ? op.array : null;
}

const harmless = new Set(
  "length map forEach reduce every some slice concat indexOf join filter find findIndex includes at".split(" "),
);

function isRead(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isParameter(parent) || ts.isSpreadElement(parent) || ts.isForOfStatement(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.name === node;
  if (ts.isVariableDeclaration(parent)) return parent.name === node || ts.isArrayBindingPattern(parent.name);
  if (isAskedAbout(node)) return true;
  if (ts.isPropertyAccessExpression(parent)) return harmless.has(parent.name.text) && !isTarget(parent);
  return ts.isElementAccessExpression(parent) && parent.expression === node && !isTarget(parent);
}

/** `list === null`, `!list`, `if (list)`, `list = other`: nobody gets hold of it. */
function isAskedAbout(node: ts.Identifier): boolean {
  const { parent } = node;
  // The variable gets another value.
  if (
    ts.isBinaryExpression(parent) &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    parent.left === node
  ) {
    return true;
  }
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isConditionalExpression(parent)) return parent.condition === node || staysUnderItsName(node, parent);
  return ts.isIfStatement(parent) || (ts.isBinaryExpression(parent) && comparisons.has(parent.operatorToken.kind));
}

/** `list = Array.isArray(list[0]) ? list[0] : list` */
function staysUnderItsName(node: ts.Identifier, choice: ts.ConditionalExpression): boolean {
  const { parent } = choice;
  if (!ts.isBinaryExpression(parent) || parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false;
  const isStatement = ts.isExpressionStatement(parent.parent);
  return isStatement && parent.right === choice && ts.isIdentifier(parent.left) && parent.left.text === node.text;
}

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

function isTarget(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return parent.left === node && isAssignmentOperator(parent.operatorToken.kind);
  return ts.isPostfixUnaryExpression(parent) || ts.isPrefixUnaryExpression(parent) || ts.isDeleteExpression(parent);
}
