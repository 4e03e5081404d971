/**
 * Empty arrays of which nothing says what they will hold: their elements have the type of what is first put in.
 *
 *   var rows = [];  do { rows[i] = []; ... rows[i][j] = x * y ... }   =>   rows: number[][]
 *
 * One from which something is taken ahead of that counts as an array of numbers.
 */
import { numberType, type ArrayType, type Region, type Type, type Value } from "../ir/ir.js";
import { isAbsence } from "../ir/join-types.js";
import { insideOf } from "../ir/recursive.js";
import { walk } from "../ir/traverse.js";
import { learnTogether } from "./learnt-map.js";
import type { LoweringSession } from "./session.js";

/** Arrays that are known to hold the same. */
export interface PendingElements {
  readonly types: { -readonly [K in keyof ArrayType]: ArrayType[K] }[];
  /** What stands for their elements until they are known. */
  readonly placeholder: Type;
}

export function pendingArray(session: LoweringSession): ArrayType {
  const placeholder: Type = { kind: "number" };
  const type = { kind: "array" as const, element: placeholder, storage: "Array" as const };
  session.pendingElements.set(type, { types: [type], placeholder });
  session.placeholders.add(placeholder);
  return type;
}

/** Something of type `held` is put into an array, or is meant to be what the array holds. */
export function settleElements(session: LoweringSession, array: Type, held: Type): void {
  const pending = session.pendingElements.get(array);
  if (pending === undefined || session.placeholders.has(held)) return;
  if (isAbsence(held)) return;
  for (const type of pending.types) {
    session.pendingElements.delete(type);
    type.element = held.kind === "integer" ? numberType : held;
  }
}

/** A value is put where another type is expected: where one of them is still open, it follows the other. */
export function settleTogether(session: LoweringSession, value: Type, expected: Type): void {
  const to = expected.kind === "optional" ? expected.of : expected;
  if (value.kind !== "array" || to.kind !== "array" || value === to) return;
  learnTogether(session, value, to);
  const [one, other] = [session.pendingElements.get(value), session.pendingElements.get(to)];
  if (one !== undefined && other !== undefined) {
    if (one === other) return;
    const both: PendingElements = { types: [...one.types, ...other.types], placeholder: other.placeholder };
    for (const type of both.types) {
      type.element = both.placeholder;
      session.pendingElements.set(type, both);
    }
  } else if (one !== undefined) settleElements(session, value, to.element);
  else if (other !== undefined) settleElements(session, to, value.element);
}

/** Empty arrays in what is handed over count as arrays of numbers from there on. */
export function settleInside(session: LoweringSession, type: Type, seen = new Set<Type>()): void {
  if (seen.has(type)) return;
  seen.add(type);
  settleElements(session, type, numberType);
  for (const one of insideOf(type)) settleInside(session, one, seen);
}

/** What was taken as a number from an array that turned out to hold something else. */
export function takenTooEarly(session: LoweringSession, body: Region): Value | null {
  let found: Value | null = null;
  walk(body, (op) => {
    if (op.kind !== "load" && op.kind !== "pop") return;
    const array = op.kind === "pop" ? op.array.type : op.at.base.type;
    const [result] = op.results;
    if (array.kind !== "array" || result === undefined || !session.placeholders.has(result.type)) return;
    if (array.element.kind !== "number") found ??= result;
  });
  return found;
}
