/**
 * Which objects may have a key with undefined under it: then its value does not tell whether it is there. Such objects come from
 * elsewhere, or the function makes them so. What it makes otherwise, and copies of that, lack the key if they lack the value.
 *
 *   { k: 2, rest: undefined }   spring.rest = perhaps;   (spring: Spring) => ...
 */
import type ts from "typescript";
import type { Field, Type, Value } from "../ir/ir.js";
import { isAbsence, presentOpaque } from "../ir/join-types.js";
import { recordsIn } from "../ir/recursive.js";
import { isStrict } from "../syntax/type-of.js";
import type { Cursor } from "./environment.js";
import { isWritten, noteFieldWrite } from "./known-fields.js";
import { isMixedValue } from "./mixed-value.js";

/** May an object have a key with undefined under it? */
export function mayHoldUndefined({ session }: Pick<Cursor, "session">, object: Value, field: Field): boolean {
  if (!mayTakeUndefined(session.types, field)) return false;
  if (isWritten(session, object, undefinedUnder(field.name))) return true;
  const made = session.complete.has(object) ? session.literalKeys.get(object) : undefined;
  if (made === undefined) return isWritten(session, object, foreign(field.name));
  return made.copied.get(field.name)?.some((one) => mayHoldUndefined({ session }, one.object, field)) === true;
}

/** Notes that an object of this type is given a value in a field: is it undefined, nobody can tell it from one that is not there. */
export function notePerhapsUndefined(cursor: Cursor, name: string, value: Value, node: ts.Node, into: Type): void {
  const { type } = value;
  const mayBe = isMixedValue(value) || (type.kind === "optional" && type.absence !== "null") || isVague(type);
  if (mayBe) noteFieldWrite(cursor, undefinedUnder(name), node, into);
}

/** Notes what an object that comes from elsewhere may hold, and those that it leads to. */
export function noteForeign(cursor: Cursor, type: Type, node: ts.Node): void {
  for (const record of recordsIn(type)) {
    for (const field of record.fields) {
      if (mayTakeUndefined(cursor.session.types, field)) noteFieldWrite(cursor, foreign(field.name), node, record);
    }
  }
}

/** Undefined never stands in what is declared `x?: number`, if the strictest checks say so. */
function mayTakeUndefined(reader: Parameters<typeof isStrict>[0], { type, isExact, mayBeLeftOut }: Field): boolean {
  if (isExact === true && isStrict(reader)) return false;
  if (type.kind === "optional") return type.absence !== "null";
  return type.kind === "opaque" && (mayBeLeftOut === true || isVague(type));
}

const isVague = (type: Type): boolean => type.kind === "opaque" && (presentOpaque(type) !== null || isAbsence(type));

const foreign = (name: string): string => `${name}? from elsewhere`;

const undefinedUnder = (name: string): string => `${name}?`;
