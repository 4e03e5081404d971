/**
 * What throws without saying so: a property of something that is not there, an array of negative length. Inside of a
 * `try` such an error is caught like any other, so there it becomes a test; elsewhere it leaves the function anyway.
 */
import type ts from "typescript";
import { isReference, type Value } from "../ir/ir.js";
import { originOf, type Cursor } from "./environment.js";
import { throwIf } from "./escape.js";
import { isAbsent } from "./lower-condition.js";
import { opaque } from "./lower-opaque.js";
import { apply } from "./lower-operator.js";
import { pure } from "../ir/effects.js";

/** A property or an element of a value is about to be used. */
export function mustBeThere(cursor: Cursor, value: Value, node: ts.Node): void {
  const { session, handler } = cursor;
  if (handler === null || session.certain.has(value) || session.present.has(value) || session.poisoned.has(value))
    return;
  if (value.type.kind !== "optional" && !isReference(value.type)) return;
  const test = isAbsent(cursor, value, node);
  throwIf(cursor, test, (at) => languageError(at, "TypeError", "Cannot read properties of undefined", node), node);
}

/** An array of this length is about to be made. */
export function mustBeLength(cursor: Cursor, length: Value, isTyped: boolean, node: ts.Node): void {
  if (cursor.handler === null) return;
  const known = cursor.block.literalOf(length);
  if (typeof known === "number" && Number.isInteger(known) && known >= 0) return;
  const zero = cursor.block.constant(0, originOf(node));
  const tooSmall = apply(cursor, isTyped ? "le" : "lt", [length, isTyped ? cursor.block.constant(-1) : zero], node);
  throwIf(cursor, tooSmall, (at) => languageError(at, "RangeError", "Invalid array length", node), node);
  if (isTyped || length.type.kind === "integer") return;
  const isWhole = apply(cursor, "isInteger", [length], node);
  const isBroken = apply(cursor, "not", [isWhole], node);
  throwIf(cursor, isBroken, (at) => languageError(at, "RangeError", "Invalid array length", node), node);
}

/** Something that throws in this case is about to be done. */
export function mustNot(cursor: Cursor, test: () => Value, error: string, message: string, node: ts.Node): void {
  if (cursor.handler === null) return;
  throwIf(cursor, test(), (at) => languageError(at, error, message, node), node);
}

/** An error as the language itself throws it. */
export function languageError(cursor: Cursor, name: string, message: string, node: ts.Node): Value {
  const type = { kind: "opaque", text: "Error" } as const;
  return opaque(cursor, `new ${name}(${JSON.stringify(message)})`, [], type, node, null, pure);
}
