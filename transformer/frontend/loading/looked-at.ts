/** Parameters that a function only looks at: what they are given does not get away. */
import ts from "typescript";
import { isWrapper } from "../assigned-symbols.js";
import type { Machine } from "./machine.js";

/**
 * Does a function only ask what kind of thing it was given?
 *
 *   function _classCallCheck(instance, Constructor) { if (!(instance instanceof Constructor)) throw new TypeError(""); }
 */
export function isLookedAt(machine: Machine, fn: ts.Node, position: number): boolean {
  const known = machine.lookedAt.get(fn) ?? lookedAtIn(fn);
  machine.lookedAt.set(fn, known);
  return known.has(position);
}

function lookedAtIn(fn: ts.Node): ReadonlySet<number> {
  const found = new Set<number>();
  if (!ts.isFunctionDeclaration(fn) && !ts.isFunctionExpression(fn) && !ts.isArrowFunction(fn)) return found;
  const { body, parameters } = fn;
  if (body === undefined || parameters.some((one) => !ts.isIdentifier(one.name))) return found;
  const kept = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isNameOfMember(node) && !isTested(node)) kept.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(body);
  for (const { initializer } of parameters) if (initializer !== undefined) visit(initializer);
  // `arguments` holds them all, and code made from text finds them.
  if (kept.has("arguments") || kept.has("eval")) return found;
  parameters.forEach(({ name, dotDotDotToken }, k) => {
    if (dotDotDotToken === undefined && ts.isIdentifier(name) && !kept.has(name.text)) found.add(k);
  });
  return found;
}

const isNameOfMember = (node: ts.Identifier): boolean =>
  ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;

const tests: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InstanceOfKeyword,
]);

/** `x instanceof C`, `typeof x`, `!x`, `x === y`, `if (x)` */
function isTested(node: ts.Expression): boolean {
  let at = node;
  while (isWrapper(at.parent)) at = at.parent;
  const { parent } = at;
  if (ts.isTypeOfExpression(parent)) return true;
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isIfStatement(parent)) return parent.expression === at;
  return ts.isBinaryExpression(parent) && tests.has(parent.operatorToken.kind);
}
