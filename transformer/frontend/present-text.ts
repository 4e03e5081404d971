/** Texts, dates and the like that may be absent, where a test has told that they are there. */
import ts from "typescript";
import { pure } from "../ir/effects.js";
import type { Value } from "../ir/ir.js";
import { presentOpaque } from "../ir/join-types.js";
import type { Cursor } from "./environment.js";
import { opaque } from "./lower-opaque.js";

/** `last.length` behind `last !== null`: to the derivative, `last!.length`. */
export function presentText(cursor: Cursor, value: Value, node: ts.Expression): Value {
  const present = presentOpaque(value.type);
  if (present === null || mayBeAbsent(cursor.session.checker.getTypeAtLocation(node))) return value;
  return assertedText(cursor, value, node);
}

/** Is a value carried along that may be absent, by its type or by what the checker knows? */
export const mayLackText = (cursor: Cursor, value: Value, node: ts.Expression): boolean =>
  value.type.kind === "opaque" &&
  !cursor.session.functions.has(value) &&
  !cursor.session.present.has(value) &&
  (presentOpaque(value.type) !== null || mayBeAbsent(cursor.session.checker.getTypeAtLocation(node)));

/** `name!` where the derivative knows that it is there. */
export const assertedText = (cursor: Cursor, value: Value, node: ts.Expression): Value =>
  opaque(cursor, "$0!", [value], presentOpaque(value.type) ?? value.type, node, null, pure);

function mayBeAbsent(type: ts.Type): boolean {
  const absences = ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
  return (type.isUnion() ? type.types : [type]).some(({ flags }) => (flags & absences) !== 0);
}
