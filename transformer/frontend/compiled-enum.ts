/** Enums as compilers write them in JavaScript. */
import ts from "typescript";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { exactValue } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/**
 * The value of a member of a compiled enum, or undefined.
 *
 *   var Kind;
 *   (function (Kind) { Kind["Begin"] = "begin"; Kind[Kind["End"] = 1] = "End"; })(Kind || (Kind = {}));
 *
 *   Kind.End   =>   1
 */
export function compiledEnumMember(
  session: LoweringSession,
  node: ts.PropertyAccessExpression,
): number | boolean | string | undefined {
  const at = unwrapped(node.expression);
  const symbol = ts.isIdentifier(at) || ts.isPropertyAccessExpression(at) ? symbolAt(session, nameOf(at)) : null;
  const declaration = symbol === null ? undefined : resolveAlias(session, symbol).declarations?.find(isEmptyVariable);
  if (declaration === undefined || !ts.isIdentifier(declaration.name)) return undefined;
  const fillers = declaration.getSourceFile().statements.flatMap((one) => fillerOf(one, declaration.name.getText()));
  const [body] = fillers;
  if (body === undefined || fillers.length > 1) return undefined;
  for (const statement of body.statements) {
    if (!ts.isExpressionStatement(statement)) return undefined;
    const member = memberOf(statement.expression);
    if (member === null) return undefined;
    if (member.name === node.name.text) return exactValue(session, member.value);
  }
  return undefined;
}

const nameOf = (node: ts.Identifier | ts.PropertyAccessExpression): ts.Node =>
  ts.isIdentifier(node) ? node : node.name;

const isEmptyVariable = (node: ts.Node): node is ts.VariableDeclaration =>
  ts.isVariableDeclaration(node) && node.initializer === undefined;

/** The body of `(function (E) { ... })(E || (E = {}))`. */
function fillerOf(statement: ts.Statement, name: string): readonly ts.Block[] {
  if (!ts.isExpressionStatement(statement)) return [];
  const call = unwrapped(statement.expression);
  if (!ts.isCallExpression(call) || call.arguments.length !== 1) return [];
  const fn = unwrapped(call.expression);
  const argument = call.arguments[0];
  if (!ts.isFunctionExpression(fn) || argument === undefined || !ts.isBinaryExpression(argument)) return [];
  const isOr = argument.operatorToken.kind === ts.SyntaxKind.BarBarToken;
  return isOr && ts.isIdentifier(argument.left) && argument.left.text === name ? [fn.body] : [];
}

/** `E["A"] = value`, `E[E["A"] = value] = "A"` */
function memberOf(node: ts.Expression): { readonly name: string; readonly value: ts.Expression } | null {
  if (!ts.isBinaryExpression(node) || !ts.isElementAccessExpression(node.left)) return null;
  const key = unwrapped(node.left.argumentExpression);
  if (ts.isStringLiteralLike(key)) return { name: key.text, value: node.right };
  return ts.isBinaryExpression(key) ? memberOf(key) : null;
}
