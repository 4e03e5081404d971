/** Variables that count: a key that is one of them is a position, and finds no method. */
import ts from "typescript";
import { isAssignmentOperator, unwrapped } from "../assigned-symbols.js";
import type { Machine } from "./machine.js";

/**
 * Is a key the counter of a loop around it, that nothing in its function makes anything but a number?
 *
 *   for (let i = 0; i < fs.length; i++) fs[i](x)
 */
export function isCounter(machine: Machine, key: ts.Expression): boolean {
  const at = unwrapped(key);
  if (!ts.isIdentifier(at)) return false;
  const loop = ts.findAncestor(at, (node) => ts.isForStatement(node) && declares(node, at.text));
  if (loop === undefined) return false;
  const known = machine.counters.get(loop) ?? isOnlyCounted(loop, at.text);
  machine.counters.set(loop, known);
  return known;
}

/** `for (let i = 0; ...)`, with this variable alone. */
function declares({ initializer }: ts.ForStatement, name: string): boolean {
  if (initializer === undefined || !ts.isVariableDeclarationList(initializer)) return false;
  const [first] = initializer.declarations;
  if (first === undefined || !ts.isIdentifier(first.name) || first.name.text !== name) return false;
  return first.initializer !== undefined && isNumber(first.initializer);
}

/** No other variable of this name is asked for: each of them would have to be a counter as well. */
function isOnlyCounted(loop: ts.Node, name: string): boolean {
  const isIt = (node: ts.Node): boolean => ts.isIdentifier(node) && node.text === name;
  const visit = (node: ts.Node): boolean => {
    if ((ts.isParameter(node) || ts.isBindingElement(node) || ts.isCatchClause(node)) && holds(node, name))
      return false;
    if (ts.isVariableDeclaration(node) && isIt(node.name) && node.initializer !== undefined) {
      if (!isNumber(node.initializer)) return false;
    }
    if ((ts.isForOfStatement(node) || ts.isForInStatement(node)) && holds(node.initializer, name)) return false;
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      if (!isIt(unwrapped(node.left))) {
        if (!ts.isPropertyAccessExpression(node.left) && holds(node.left, name) && !isIndex(node.left)) return false;
      } else if (!isNumber(node.right)) return false;
    }
    return ts.forEachChild(node, (child) => !visit(child) || undefined) !== true;
  };
  return visit(ts.findAncestor(loop.parent, ts.isFunctionLike) ?? loop.getSourceFile());
}

const isIndex = (node: ts.Expression): boolean => ts.isElementAccessExpression(node);

function holds(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node)) return node.text === name;
  return ts.forEachChild(node, (child) => holds(child, name) || undefined) === true;
}

/** `0`, `n - 1`: a number, whatever the variables in it hold. */
function isNumber(node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isNumericLiteral(at)) return true;
  if (ts.isPrefixUnaryExpression(at)) return at.operator !== ts.SyntaxKind.ExclamationToken;
  if (!ts.isBinaryExpression(at)) return false;
  const { kind } = at.operatorToken;
  const isArithmetic =
    kind === ts.SyntaxKind.MinusToken ||
    kind === ts.SyntaxKind.AsteriskToken ||
    kind === ts.SyntaxKind.SlashToken ||
    kind === ts.SyntaxKind.PercentToken;
  if (isArithmetic) return true;
  return kind === ts.SyntaxKind.PlusToken && isNumber(at.left) && isNumber(at.right);
}
