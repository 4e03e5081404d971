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
import { fieldName, isMark, memberSlot } from "./open-object.js";

/** undefined: it is none of these, or nothing that can be followed so. */
export function lowerCompiled(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const callee = unwrapped(node.expression);
  const name = ts.isIdentifier(callee) ? callee.text : ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
  if (!isJavaScript(node.getSourceFile().fileName) || node.arguments.some(ts.isSpreadElement)) return undefined;
  if (isReadHelper(name)) return lowerRead(cursor, node);
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
  const text = key === undefined ? null : unwrapped(key);
  if (owner === undefined || text === null || !ts.isStringLiteralLike(text)) return undefined;
  if (owner.kind !== ts.SyntaxKind.ThisKeyword && !ts.isIdentifier(owner)) return undefined;
  const base = lowerReference(cursor, owner);
  const name = fieldName(text.text);
  const slot = cursor.session.open.has(base) ? memberSlot(cursor, base, node, name) : null;
  if (slot === null) return undefined;
  const value = given === undefined ? cursor.block.constant(undefined, originOf(node)) : lowerExpression(cursor, given);
  cursor.env.set(slot, value);
  return base;
}
