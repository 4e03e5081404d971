/**
 * Which keys a copy has: those of its source, also where they hold undefined.
 *
 *   { ...options }   =>   { ...("rate" in options && { rate: options.rate }) }
 */
import type ts from "typescript";
import type { Field, Initial, KeyTest, Type, Value } from "../ir/ir.js";
import { pure, readsOnly } from "../ir/effects.js";
import { isJavaScript } from "../syntax/javascript.js";
import { originOf, type Cursor } from "./environment.js";
import { holderOfKey, isWritten, noteFieldWrite } from "./known-fields.js";
import { isAbsent, negate, opaqueTest } from "./lower-condition.js";
import { choose } from "./lower-expression.js";
import { unwrapTo } from "./lower-function.js";
import { mayHoldUndefined } from "./undefined-keys.js";
import { escapedText } from "./lower-opaque.js";

/** A field of an object that is copied. */
export interface CopiedField {
  readonly object: Value;
  readonly field: Field;
  /** Whether the object is nothing; null: it is there. */
  readonly isMissing: Value | null;
  /** Whether the copy has this key already, or the value that tells so; null: it has not. */
  readonly earlier: Value | null;
}

/** Has the copy a key of this name, in the end? null: its value tells. */
export function keyOfCopy(
  cursor: Cursor,
  { object, field, isMissing, earlier }: CopiedField,
  node: ts.Node,
): Value | null {
  const isTested = earlier?.type.kind === "boolean";
  if (!isTested && !mayHoldUndefined(cursor, object, field)) return null;
  const asked = (at: Cursor): Value => hasKey(at, object, field, node);
  const no = (at: Cursor): Value => at.block.constant(false, originOf(node));
  const test = isMissing === null ? asked(cursor) : choose(cursor, isMissing, no, asked, node, null);
  if (earlier === null) return test;
  const had = isTested ? earlier : negate(cursor, isAbsent(cursor, earlier, node), node);
  return choose(
    cursor,
    had,
    (at) => at.block.constant(true, originOf(node)),
    () => test,
    node,
    null,
  );
}

/** An object begins with these parts, and has these keys, of those that it need not have. */
export function madeOf(type: Type, parts: readonly Value[], keys: ReadonlyMap<string, Value>): Initial {
  const fields = type.kind === "record" ? type.fields : [];
  const tests = fields.flatMap(({ name, mayBeLeftOut, isExact }): readonly KeyTest[] => {
    const test = keys.get(name);
    return test === undefined || mayBeLeftOut !== true || isExact === true ? [] : [{ field: name, test }];
  });
  return tests.length === 0 ? { kind: "parts", parts } : { kind: "parts", parts, keys: tests };
}

function hasKey(cursor: Cursor, object: Value, { name }: Field, node: ts.Node): Value {
  const { type } = object;
  const holder = holderOfKey(cursor.session, object, name);
  const there = type.kind === "optional" ? unwrapTo(cursor, holder, type.of) : holder;
  // Where nobody writes such a field, an object has the same keys throughout.
  const effects = isWritten(cursor.session, holder, name) ? readsOnly : pure;
  return opaqueTest(cursor, `${escapedText(name)} in $0`, [there], node, effects);
}

/** Notes that an object is a copy of something of which the type need not tell all keys: it lacks those in the derivative. */
export function noteCopyOf(cursor: Cursor, sources: readonly Value[], type: Type, node: ts.Node): void {
  const { session } = cursor;
  if (!isJavaScript(node.getSourceFile().fileName) && !sources.every((one) => session.complete.has(one)))
    noteFieldWrite(cursor, otherKeys, node, type);
}

/** Is it known of a key that the type of an object does not tell of, whether the object has it? */
export function isKeyTold({ session }: Cursor, object: Value, name: string): boolean {
  const { type } = object;
  return (
    type.kind !== "record" || type.fields.some((one) => one.name === name) || !isWritten(session, object, otherKeys)
  );
}

const otherKeys = "any other key";
