/** Which type an expression has that names a field or a position. */
import ts from "typescript";
import { assignedSymbols, symbolAt, unwrapped } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

/**
 * Of a variable that gets other values what it is declared to be counts: the checker does not see what functions inside
 * assign, and finds too little in a loop that reads the next key under the one before (`state = next[state]`).
 */
export function typeOfKey(session: LoweringSession, node: ts.Expression): ts.Type {
  return declaredKey(session, node) ?? session.checker.getTypeAtLocation(node);
}

function declaredKey(session: LoweringSession, node: ts.Expression): ts.Type | null {
  const at = unwrapped(node);
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const declaration = symbol?.valueDeclaration;
  if (symbol === null || declaration === undefined) return null;
  if (!assignedSymbols(session, at.getSourceFile()).has(symbol)) {
    const isInferred = ts.isVariableDeclaration(declaration) && declaration.type === undefined;
    return isInferred && declaration.initializer !== undefined ? declaredKey(session, declaration.initializer) : null;
  }
  return session.checker.getTypeOfSymbolAtLocation(symbol, declaration);
}
