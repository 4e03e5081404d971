/**
 * `{ ...defaults, ...options }`: what the later object has counts, and what it does not have is left as it was.
 *
 *   { rate: 2, ...options }   =>   rate: "rate" in options ? options.rate : 2
 */
import type ts from "typescript";
import { field } from "../ir/build.js";
import { booleanType, type Field, type Type, type Value } from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { isPoisoned, originOf, refused, type Callable, type Cursor } from "./environment.js";
import { functionsIn } from "./function-value.js";
import { isAbsent } from "./lower-condition.js";
import { choose, lowerMaybe, narrowed } from "./lower-expression.js";
import { unwrapTo } from "./lower-function.js";
import { opaque } from "./lower-opaque.js";
import { isMark } from "./open-object.js";

/** Puts the fields of an object among `parts`; null where that was refused. */
export function spreadObject(
  cursor: Cursor,
  node: ts.Expression,
  parts: Map<string, Value>,
  functions: Map<string, Callable>,
): Value | null {
  const given = lowerMaybe(cursor, node);
  const source = given.type.kind === "optional" ? given : narrowed(cursor, node, given);
  const type = source.type.kind === "optional" ? source.type.of : source.type;
  // Of what stands for an object that is not written where it is needed, the fields are not known.
  if (type.kind !== "record" || isMark(cursor.session, source)) {
    if (!isPoisoned(cursor, source)) refused(cursor, node, "EZ2010", { kind: "spread" });
    return null;
  }
  for (const [name, held] of functionsIn(cursor.session, source) ?? []) {
    functions.set(name, held);
    parts.delete(name);
  }
  const isMissing = source.type.kind === "optional" ? isAbsent(cursor, source, node) : null;
  for (const one of type.fields) {
    const before = parts.get(one.name) ?? null;
    const held = (at: Cursor): Value => fieldOver(at, source, type, one, before, node);
    const value =
      isMissing === null
        ? held(cursor)
        : choose(cursor, isMissing, (at) => before ?? at.block.constant(undefined, originOf(node)), held, node, null);
    functions.delete(one.name);
    parts.set(one.name, value);
  }
  return source;
}

/** A field of an object that is there, over what was there before. */
function fieldOver(
  cursor: Cursor,
  source: Value,
  type: Type,
  { name, type: held, mayBeLeftOut }: Field,
  before: Value | null,
  node: ts.Expression,
): Value {
  const object = source.type.kind === "optional" ? unwrapTo(cursor, source, type) : source;
  const load = (at: Cursor): Value => at.block.load(field(object, name), originOf(node));
  if (before === null || mayBeLeftOut !== true) return load(cursor);
  const test = opaque(cursor, `${JSON.stringify(name)} in $0`, [object], booleanType, node, null, readsOnly);
  // What has a default is taken to be there: so does its type say.
  const given = (at: Cursor): Value => {
    const value = load(at);
    return held.kind === "optional" ? unwrapTo(at, value, held.of) : value;
  };
  return choose(cursor, test, given, () => before, node, null);
}
