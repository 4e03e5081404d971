/**
 * Members that an object is given after it was made, in whatever function that happens.
 *
 *   function inverse() { const r = solve(); r.azimuth = angle(r); }   =>   the literal in solve: { ..; azimuth?: number }
 *   function List() { this.first = null; }   list.first = { value: x };     =>   first: { value: number } | null
 *
 * The type of an object remembers what made it. What is seen where the member is given, the literal is made with when
 * the function that is differentiated is lowered once more.
 */
import type ts from "typescript";
import { numberType, type Field, type RecordType, type Type, type Value } from "../ir/ir.js";
import { isAbsence, joinTypes, optionalOf } from "../ir/join-types.js";
import { printType } from "../ir/print.js";
import { isJavaScript } from "../syntax/javascript.js";
import { joinLearnt, tied } from "./learnt-types.js";
import { isIdentical } from "./made-types.js";
import { isPoisoned, type Cursor } from "./environment.js";
import { callableOf } from "./function-value.js";
import { isMixedValue } from "./mixed-value.js";
import { isMark } from "./open-object.js";
import type { LoweringSession } from "./session.js";

/** Literals of one file with the same keys make objects of one shape; what makes instances is a shape of its own. */
export type Shape = string | ts.Node;

export const shapeOfLiteral = (node: ts.ObjectLiteralExpression, keys: readonly string[]): Shape =>
  keys.length === 0 ? node : `${node.getSourceFile().fileName} ${[...keys].sort().join(" ")}`;

/** The members that objects of a shape are given later: absent at first. `own`: the type of the object itself. */
export const givenLater = (session: LoweringSession, shape: Shape, own: RecordType): readonly Field[] =>
  [...(session.laterMembers.get(shape) ?? [])].map(([name, type]) => ({
    name,
    type: optionalOf(tied(session, type, shape, own)),
    mayBeLeftOut: true,
  }));

/** The type of a field that may hold something else later than what the object is made with. */
export function heldLater(session: LoweringSession, shape: Shape, own: RecordType, { name, type }: Field): Type {
  const learnt = session.laterMembers.get(shape)?.get(name);
  return (learnt === undefined ? null : joinTypes(type, tied(session, learnt, shape, own))) ?? type;
}

/** Notes what an object was made with where others of its shape hold something else later: all of them are alike. */
export function noteMadeWith(session: LoweringSession, shape: Shape, own: RecordType): void {
  const members = session.laterMembers.get(shape) ?? new Map<string, Type>();
  for (const { name, type } of own.fields) {
    const learnt = members.get(name);
    if (learnt === undefined || isIdentical(tied(session, learnt, shape, own), type)) continue;
    learn(session, shape, name, type);
  }
}

/** Notes that a member of an object is given what it has no room for; false: it is not known what made the object. */
export function noteGivenLater(cursor: Cursor, base: Value, name: string, value: Value): boolean {
  const { session } = cursor;
  const shape = session.shapes.get(base.type);
  if (shape === undefined || !canBeHeld(cursor, value)) return false;
  const known = session.laterMembers.get(shape)?.get(name);
  const given = value.type.kind === "integer" ? numberType : value.type;
  const type = known === undefined ? given : joinLearnt(session, known, given);
  if (type === null) return false;
  return learn(session, shape, name, type);
}

/**
 * One of two objects of JavaScript's literals: what only the other has, it may be asked for.
 *
 *   const u = c ? { kind: 1, r: x } : { kind: 2, w: x };   =>   { kind: number; r?: number; w?: number }
 */
export function noteAlternatives(session: LoweringSession, one: Type, other: Type, joined: Type | null): void {
  const [left, right] = [shapesOf(session, one), shapesOf(session, other)];
  if (left.length === 0 || right.length === 0) return;
  learnMissing(session, left, one, other);
  learnMissing(session, right, other, one);
  if (joined?.kind === "record" && !session.shapes.has(joined)) session.alternatives.set(joined, [...left, ...right]);
}

/** The literals that may have made an object of a type. */
function shapesOf(session: LoweringSession, type: Type): readonly string[] {
  const shape = session.shapes.get(type);
  if (typeof shape !== "string") return session.alternatives.get(type) ?? [];
  return isJavaScript(shape.slice(0, shape.indexOf(" "))) ? [shape] : [];
}

function learnMissing(session: LoweringSession, shapes: readonly string[], to: Type, from: Type): void {
  if (to.kind !== "record" || from.kind !== "record") return;
  for (const { name, type } of from.fields) {
    if (to.fields.some((field) => field.name === name)) continue;
    for (const shape of shapes) {
      const known = session.laterMembers.get(shape)?.get(name);
      const given = type.kind === "optional" ? type.of : type;
      const all = known === undefined ? given : joinLearnt(session, known, given);
      if (all !== null && !isAbsence(all)) learn(session, shape, name, all);
    }
  }
}

/** False: that was learnt once, and something else since. Objects of one make hold unlike things, and no type is right for all. */
function learn(session: LoweringSession, shape: Shape, name: string, type: Type): boolean {
  const members = session.laterMembers.get(shape) ?? new Map<string, Type>();
  const before = session.learntBefore.get(shape) ?? new Set<string>();
  const text = `${name}: ${printType(type)}`;
  if (before.has(text)) return false;
  session.learntBefore.set(shape, before.add(text));
  session.laterMembers.set(shape, members.set(name, type));
  session.learnt++;
  return true;
}

const canBeHeld = (cursor: Cursor, value: Value): boolean =>
  !isPoisoned(cursor, value) &&
  !isMixedValue(value) &&
  !isMark(cursor.session, value) &&
  callableOf(cursor.session, value) === null;
