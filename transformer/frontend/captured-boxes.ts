/**
 * Variables that functions assign which are handed to a recursion: while it runs they live in a box. They are put there
 * before each call and taken out behind it, and the callee takes them out where it begins and puts them back where it ends.
 *
 *   let sum = 0;                                          const box = { value: 0 };
 *   const visit = (n) => { sum += n.v; visit(n.next); }   =>   visit(n, box);   with box.value += n.v
 *   visit(n);                                             sum = box.value;
 */
import type ts from "typescript";
import { field } from "../ir/build.js";
import { isScalar, numberType, type RecordType, type Type, type Value } from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { originOf, refused, type Cursor, type Frame, type Slot } from "./environment.js";

/** A variable and the object that holds it. */
export interface Box {
  readonly slot: Slot;
  readonly value: Value;
}

/** The type of a box for a variable; null: it holds what none is made for. */
export const boxType = (type: Type): RecordType | null =>
  isScalar(type)
    ? { kind: "record", name: null, fields: [{ name: "value", type: type.kind === "boolean" ? type : numberType }] }
    : null;

/** The box of a variable that goes along with a call: one of them, however many functions assign it. */
export function boxFor({ block, env, session }: Cursor, slot: Slot, boxes: Box[], node: ts.Node): Value | null {
  const known = boxes.find((one) => one.slot === slot);
  if (known !== undefined) return known.value;
  const held = env.get(slot);
  const type = held === undefined ? null : boxType(held.type);
  if (held === undefined || type === null) return null;
  const value = block.allocate(type, { kind: "parts", parts: [held] }, originOf(node, slot.variable));
  session.present.add(value);
  boxes.push({ slot, value });
  return value;
}

/** What is in the boxes is what the variables hold from here on. */
export function takeOut({ block, env, session }: Cursor, boxes: readonly Box[], node: ts.Node): void {
  for (const { slot, value } of boxes) {
    const held = block.load(field(value, "value"), originOf(node, slot.variable));
    session.certain.add(held);
    env.set(slot, held);
  }
}

/** Puts what variables hold into their boxes, where a function ends. */
export function putBack(cursor: Cursor, { boxes = [] }: Frame, node: ts.Node): void {
  for (const { slot, value } of boxes) {
    const held = cursor.env.get(slot);
    const of = value.type.kind === "record" ? value.type.fields[0] : undefined;
    if (held === undefined || of === undefined || !isAssignable(held.type, of.type, false)) {
      refused(cursor, node, "EZ2026", { type: slot.variable?.name ?? "a variable" });
    } else cursor.block.store(field(value, "value"), held);
  }
}
