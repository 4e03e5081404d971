/** Calls of the language that make an array of the elements of another: who has what comes out has no part in that one. */
import ts from "typescript";
import { storageNamed } from "./array-constructor.js";
import { isGlobal } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** Is an array the one that `Float64Array.from(list)`, `Array.from(list, f)` or `new Float64Array(list)` copies? */
export function isCopiedByCall(session: LoweringSession, list: ts.Node): boolean {
  const { parent } = list;
  if (!(ts.isCallExpression(parent) || ts.isNewExpression(parent)) || parent.arguments?.[0] !== list) return false;
  const callee = parent.expression;
  // `new Array(list)` holds the list itself.
  if (ts.isNewExpression(parent)) return isArrayClass(session, callee) && callee.getText() !== "Array";
  return (
    ts.isPropertyAccessExpression(callee) && callee.name.text === "from" && isArrayClass(session, callee.expression)
  );
}

const isArrayClass = (session: LoweringSession, node: ts.Expression): boolean =>
  ts.isIdentifier(node) && storageNamed(node.text) !== null && isGlobal(session, node, node.text);
