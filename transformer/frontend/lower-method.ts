/** Classes: instances are records, methods are functions that take the instance first. */
import type ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { refused, type Cursor } from "./environment.js";
import { lowerArguments } from "./lower-call.js";
import { lowerExpression } from "./lower-expression.js";

export function lowerMethodCall(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  _variable: Variable | null,
): Value | null {
  lowerExpression(cursor, callee.expression);
  lowerArguments(cursor, node);
  const { checker } = cursor.session;
  const type = checker.typeToString(checker.getTypeAtLocation(callee.expression));
  return refused(cursor, node, "EZ2014", { name: callee.name.text, type });
}

export function lowerGetter(_cursor: Cursor, _base: Value, _node: ts.PropertyAccessExpression): Value | null {
  return null;
}

export function lowerInstance(cursor: Cursor, node: ts.NewExpression, _variable: Variable | null): Value {
  lowerArguments(cursor, node);
  return refused(cursor, node, "EZ2001", { what: `\`new ${node.expression.getText()}\``, advice: "use an object literal" });
}
