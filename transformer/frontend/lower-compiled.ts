/** Calls of functions that compilers write, which do what the language does: see compiled-helpers.ts. */
import ts from "typescript";
import { field } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { unwrapped } from "./assigned-symbols.js";
import { isFieldHelper, isReadHelper } from "./compiled-helpers.js";
import { isPoisoned, originOf, poison, type Cursor } from "./environment.js";
import { lowerReference } from "./lower-assignment.js";
import { lowerExpression } from "./lower-expression.js";
import { copyOf } from "./lower-literal.js";
import { exactValue, isGlobal } from "./module-constants.js";
import { fieldName, isMark, memberSlot } from "./open-object.js";

/** undefined: it is none of these, or nothing that can be followed so. */
export function lowerCompiled(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const callee = unwrapped(node.expression);
  const name = ts.isIdentifier(callee) ? callee.text : ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
  if (!isJavaScript(node.getSourceFile().fileName) || node.arguments.some(ts.isSpreadElement)) return undefined;
  if (isReadHelper(name)) return lowerRead(cursor, node);
  if (name === "defineProperty") return lowerDefined(cursor, node);
  return isFieldHelper(name) ? lowerField(cursor, node) : undefined;
}

/** `__read(p, 2)` */
function lowerRead(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const [list] = node.arguments;
  if (list === undefined) return undefined;
  const source = lowerReference(cursor, list);
  const { type } = source;
  if (isPoisoned(cursor, source)) return poison(cursor, node);
  if (isMark(cursor.session, source)) return source;
  if (type.kind === "array") return copyOf(cursor, source, node, null);
  if (type.kind !== "tuple") return undefined;
  const parts = type.elements.map((_, k) => cursor.block.load(field(source, k), originOf(node)));
  const copy = cursor.block.allocate(type, { kind: "parts", parts }, originOf(node));
  cursor.session.present.add(copy);
  cursor.session.certain.add(copy);
  return copy;
}

/** `_defineProperty(this, "scale", 2)`, `__publicField(this, "scale", 2)` of an instance that its constructor is making. */
function lowerField(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const [owner, key, given] = node.arguments;
  return owner === undefined || key === undefined ? undefined : giveField(cursor, node, owner, key, given);
}

/**
 * `Object.defineProperty(this, "scale", { enumerable: true, configurable: true, writable: true, value: 2 })`, as compilers
 * write `class V { scale = 2; }` for older engines: nobody can tell it from a field.
 */
function lowerDefined(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const [owner, key, given] = node.arguments;
  const callee = unwrapped(node.expression);
  const descriptor = given === undefined ? null : unwrapped(given);
  if (owner === undefined || key === undefined || descriptor === null) return undefined;
  if (!ts.isPropertyAccessExpression(callee) || !isGlobal(cursor.session, callee.expression, "Object"))
    return undefined;
  if (!ts.isObjectLiteralExpression(descriptor)) return undefined;
  const parts = new Map(
    descriptor.properties.map((one) => [
      one.name === undefined ? "" : one.name.getText(),
      ts.isPropertyAssignment(one) ? one.initializer : ts.isShorthandPropertyAssignment(one) ? one.name : null,
    ]),
  );
  const isTrue = (name: string): boolean => parts.get(name)?.kind === ts.SyntaxKind.TrueKeyword;
  const value = parts.get("value");
  const isField = isTrue("enumerable") && isTrue("configurable") && isTrue("writable") && parts.size === 4;
  return isField && value != null ? giveField(cursor, node, owner, key, value) : undefined;
}

function giveField(
  cursor: Cursor,
  node: ts.CallExpression,
  owner: ts.Expression,
  key: ts.Expression,
  given: ts.Expression | undefined,
): Value | undefined {
  const text = exactValue(cursor.session, unwrapped(key));
  if (typeof text !== "string") return undefined;
  if (owner.kind !== ts.SyntaxKind.ThisKeyword && !ts.isIdentifier(owner)) return undefined;
  const base = lowerReference(cursor, owner);
  const name = fieldName(text);
  const slot = cursor.session.open.has(base) ? memberSlot(cursor, base, node, name) : null;
  if (slot === null) return undefined;
  const value = given === undefined ? cursor.block.constant(undefined, originOf(node)) : lowerExpression(cursor, given);
  cursor.env.set(slot, value);
  return base;
}
