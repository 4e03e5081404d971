/**
 * Maps and Sets of JavaScript, of which nothing says what they hold: what is put in tells, and the function is lowered
 * once more.
 *
 *   const seen = new Map();  seen.set(i, x * i);   =>   Map<number, number>
 */
import type ts from "typescript";
import { booleanType, isScalar, isText, numberType, type MapType, type Type, type Value } from "../ir/ir.js";
import { isAbsence, joinTypes } from "../ir/join-types.js";
import { insideOf } from "../ir/recursive.js";
import { printType } from "../ir/print.js";
import { isPoisoned, type Cursor } from "./environment.js";
import { callableOf } from "./function-value.js";
import { textType } from "./lower-dictionary.js";
import { isMixedValue } from "./mixed-value.js";
import { isMark } from "./open-object.js";
import type { LoweringSession } from "./session.js";

/**
 * What a Map holds that a node makes, as far as it was learnt. Its type is changed where the Map is made once more:
 * whoever still has it from before sees the same.
 */
export interface LearntMap {
  readonly type: { -readonly [K in keyof MapType]: MapType[K] };
  keys: Type | null;
  held: Type | null;
  /** What was learnt before: no type is right for all if it comes again. */
  readonly before: Set<string>;
}

/** The type of a Map or Set that is made without types. */
export function learntMapType({ session }: Cursor, node: ts.Node, isSet: boolean): MapType {
  const known = session.learntMaps.get(node);
  if (known !== undefined) {
    if (known.keys !== null) known.type.keys = known.keys;
    if (known.held !== null) known.type.element = known.held;
    return known.type;
  }
  const type = { kind: "array", storage: "Map", keys: textType, element: isSet ? booleanType : numberType } as const;
  const learnt: LearntMap = { type: { ...type }, keys: null, held: null, before: new Set() };
  session.learntMaps.set(node, learnt);
  session.mapsOfType.set(learnt.type, learnt);
  return learnt.type;
}

/** Notes the key of a question, or with a value what is put in: where that is news, the function is lowered once more. */
export function learnMap(cursor: Cursor, map: Value, key: Value, value: Value | null): void {
  const { session } = cursor;
  const known = session.mapsOfType.get(map.type);
  const given = [key, ...(value === null ? [] : [value])];
  if (known === undefined || !given.every((one) => canBeHeld(cursor, one))) return;
  const keys = joined(known.keys, key.type);
  const held = value === null ? known.held : joined(known.held, presentOf(value.type));
  if (keys !== null && (value === null || held !== null)) learn(session, known, keys, held);
}

/** One Map is put where another may be: what is learnt of either holds for both. */
export function learnTogether(session: LoweringSession, value: Type, expected: Type): void {
  const [one, other] = [session.mapsOfType.get(value), session.mapsOfType.get(expected)];
  if (one === undefined || other === undefined) return;
  const both = (a: Type | null, b: Type | null): Type | null => (a === null || b === null ? (a ?? b) : joinTypes(a, b));
  const [keys, held] = [both(one.keys, other.keys), both(one.held, other.held)];
  if (keys === null) return;
  learn(session, one, keys, held);
  learn(session, other, keys, held);
}

function learn(session: LoweringSession, known: LearntMap, keys: Type, held: Type | null): void {
  const text = `${printType(keys)}: ${held === null ? "" : printType(held)}`;
  if (known.before.has(text) || !(isScalar(keys) || isText(keys))) return;
  known.before.add(text);
  known.keys = keys;
  known.held = held;
  session.learnt++;
}

function joined(known: Type | null, given: Type): Type | null {
  const type = given.kind === "integer" ? numberType : isText(given) ? textType : given;
  if (isAbsence(type)) return null;
  return known === null ? type : joinTypes(known, type);
}

const presentOf = (type: Type): Type => (type.kind === "optional" ? type.of : type);

const canBeHeld = (cursor: Cursor, value: Value): boolean =>
  (cursor.session.pendingElements.has(value.type) || !isOpen(cursor.session, value.type)) &&
  !isPoisoned(cursor, value) &&
  !isMixedValue(value) &&
  !isMark(cursor.session, value) &&
  callableOf(cursor.session, value) === null;

/** Is there an empty list in it, of which it is not known yet what it will hold? */
function isOpen(session: LoweringSession, type: Type, seen = new Set<Type>()): boolean {
  if (session.pendingElements.has(type)) return true;
  if (seen.has(type)) return false;
  seen.add(type);
  return insideOf(type).some((one) => isOpen(session, one, seen));
}
