/** `arguments.length` and `arguments[2]`, where the call is known: in a function that is lowered in its place. */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { assignedSymbols, symbolAt, unwrapped } from "./assigned-symbols.js";
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
