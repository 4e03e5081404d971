/**
 * Old code without "use strict", where `arguments` shares its values with the parameters: it is what the call handed over
 * until a parameter is assigned.
 *
 *   function Box(options) { if (typeof arguments[0] === "number") ...; options = options || {}; ... }
 */
import ts from "typescript";
import { assignedSymbols, sharedSymbols, symbolAt } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

/** Is `arguments` looked at where no parameter can have been assigned yet, and not kept? */
export function isBeforeAssignments(
  session: LoweringSession,
  declaration: ts.FunctionLikeDeclaration,
  node: ts.Identifier,
): boolean {
  if (ts.findAncestor(node.parent, ts.isFunctionLike) !== declaration || !isLookedAt(node)) return false;
  return declaration.parameters.every(({ name }) => {
    const symbol = symbolAt(session, name);
    if (symbol === null || !assignedSymbols(session, declaration).has(symbol)) return true;
    // A function inside may run at any time, and what stands below in a loop runs before what stands above.
    if (sharedSymbols(session, declaration).has(symbol)) return false;
    const from = firstAssignment(session, declaration, symbol);
    return from !== null && from >= node.end && !isInLoopWith(session, declaration, node, symbol);
  });
}

/** `arguments[0]`, `arguments.length`, `f.apply(this, arguments)`: nobody has it afterwards. */
function isLookedAt(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) return parent.expression === node;
  return ts.isCallExpression(parent) && parent.expression !== node;
}

/** Where the text of the first expression begins that assigns a variable; what `=` assigns is evaluated before. */
function firstAssignment(session: LoweringSession, node: ts.Node, symbol: ts.Symbol): number | null {
  if (!assignedSymbols(session, node).has(symbol)) return null;
  const inside = ts.forEachChild(node, (child) => firstAssignment(session, child, symbol) ?? undefined);
  const isPlain = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return inside ?? (isPlain && ts.isIdentifier(node.left) ? node.end : node.getStart());
}

function isInLoopWith(session: LoweringSession, owner: ts.Node, node: ts.Node, symbol: ts.Symbol): boolean {
  for (let at = node.parent; at !== owner; at = at.parent) {
    if (ts.isIterationStatement(at, false) && assignedSymbols(session, at).has(symbol)) return true;
  }
  return false;
}
