/** `arguments.length` and `arguments[2]`, where the call is known: in a function that is lowered in its place. */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { assignedSymbols, symbolAt, unwrapped } from "./assigned-symbols.js";
import { listOf } from "./given-list.js";
import { originOf, refused, type Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";

/** The object of all arguments, not a variable of that name. */
export function isArguments(session: LoweringSession, node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node) || node.text !== "arguments") return false;
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) return false;
  const symbol = session.checker.getSymbolAtLocation(node);
  return symbol === undefined || (symbol.declarations?.length ?? 0) === 0;
}

/** `arguments.length`, `arguments[2]`: other uses need the object itself. */
export function isReadOfArguments(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node && parent.name.text === "length";
  return ts.isElementAccessExpression(parent) && parent.expression === node && positionOf(parent) !== null;
}

/** `Array.from(arguments)`, `[...arguments]`, `f(...arguments)`, `[].slice.call(arguments)`: a list of them. */
export function isListOfArguments(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isSpreadElement(parent)) return true;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  const callee = parent.expression.getText();
  return callee === "Array.from" || isSliceCall(callee);
}

const isSliceCall = (callee: string): boolean => callee === "Array.prototype.slice.call" || callee === "[].slice.call";

/** `[].slice.call(arguments, 1)`, which JavaScript wrote before it had `...args`; null: something else. */
export function lowerSliceOfArguments(cursor: Cursor, node: ts.CallExpression): Value | null {
  const [first, from] = node.arguments;
  if (first === undefined || !isArguments(cursor.session, first) || !isSliceCall(node.expression.getText()))
    return null;
  const list = lowerAllArguments(cursor, first);
  const start = from === undefined ? 0 : ts.isNumericLiteral(from) ? Number(from.text) : null;
  const parts = cursor.session.givenLists.get(list);
  if (parts === undefined || start === null) return refused(cursor, first, "EZ2012");
  return listOf(cursor, parts.slice(start), node);
}

function positionOf(node: ts.ElementAccessExpression): number | null {
  const at = unwrapped(node.argumentExpression);
  return ts.isNumericLiteral(at) ? Number(at.text) : null;
}

/** Does a function ask how it was called? */
export function asksForArguments(session: LoweringSession, declaration: ts.Node): boolean {
  const visit = (node: ts.Node): boolean =>
    isArguments(session, node) || ts.forEachChild(node, (child) => visit(child) || undefined) === true;
  return declaration.getSourceFile().text.includes("arguments") && visit(declaration);
}

/** `arguments` as a list of what was handed over, for a function that is lowered in place of a call. */
export function lowerAllArguments(cursor: Cursor, node: ts.Identifier): Value {
  const { session, frame } = cursor;
  const { given, declaration } = frame;
  const values = given?.flatMap((one) => (one === null ? [] : [one]));
  const isChanged = declaration.parameters.some((parameter) => {
    const symbol = symbolAt(session, parameter.name);
    return symbol !== null && assignedSymbols(session, declaration).has(symbol);
  });
  if (values === undefined || values.length !== given?.length || ts.isArrowFunction(declaration) || isChanged) {
    return refused(cursor, node, "EZ2012");
  }
  return listOf(cursor, values, node);
}

/** null: something else. */
export function lowerArgumentsRead(
  cursor: Cursor,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): Value | null {
  const { session, frame, block } = cursor;
  if (!isArguments(session, node.expression)) return null;
  const { given, declaration } = frame;
  const unknown = (): Value => refused(cursor, node.expression, "EZ2012");
  if (given === null || ts.isArrowFunction(declaration)) return unknown();
  if (ts.isPropertyAccessExpression(node)) return block.constant(given.length, originOf(node));
  const position = positionOf(node) ?? 0;
  const parameter = declaration.parameters[position];
  const symbol = parameter === undefined ? null : symbolAt(session, parameter.name);
  // What is assigned to a parameter may show in `arguments` as well.
  if (symbol !== null && assignedSymbols(session, declaration).has(symbol)) return unknown();
  const value = given[position];
  if (value === null) return unknown();
  return value ?? block.constant(undefined, originOf(node));
}
