/** `var` belongs to the whole function, functions to their whole block. */
import ts from "typescript";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { originOf, placeholder, type Cursor } from "./environment.js";
import { declareSlot } from "./lower-function.js";

export const isFunctionValue = (node: ts.Expression | undefined): node is ts.ArrowFunction | ts.FunctionExpression => {
  if (node === undefined) return false;
  const at = unwrapped(node);
  return ts.isArrowFunction(at) || ts.isFunctionExpression(at);
};

/** Declares every `var` of a function body, unset. */
export function hoistVariables(cursor: Cursor, body: ts.Node): void {
  const declare = (name: ts.BindingName): void => {
    if (!ts.isIdentifier(name)) {
      for (const element of name.elements) if (ts.isBindingElement(element)) declare(element.name);
      return;
    }
    const symbol = symbolAt(cursor.session, name);
    if (symbol === null || cursor.scope.get(symbol) !== null) return;
    const slot = declareSlot(cursor, name);
    const type = slot.type ?? { kind: "opaque", text: "undefined" };
    cursor.env.set(slot, placeholder(cursor.block, type, originOf(name, slot.variable), NaN));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped)) {
      for (const one of node.declarations) if (!isFunctionValue(one.initializer)) declare(one.name);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
}

/** Makes the functions that a block declares known in all of it. */
export function hoistFunctions(cursor: Cursor, statements: readonly ts.Statement[]): void {
  for (const statement of statements) {
    if (!ts.isFunctionDeclaration(statement) || statement.name === undefined) continue;
    const symbol = symbolAt(cursor.session, statement.name);
    if (symbol === null || statement.body === undefined) continue;
    cursor.scope.set(symbol, {
      kind: "function",
      callable: { kind: "closure", node: statement, scope: cursor.scope, thisValue: null },
    });
  }
}
