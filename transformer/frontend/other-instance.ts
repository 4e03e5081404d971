/**
 * What a constructor hands out in the place of the instance that it makes.
 *
 *   constructor(r, g, b) { ...; return this.set(r, g, b); }        the instance after all
 *   constructor(c) { if (c instanceof Color) return c; ... }       the one that is there already
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { isPoisoned, poison, report, type Cursor, type Slot } from "./environment.js";
import { lowerExpression } from "./lower-expression.js";
import { isMixedValue, kindOf } from "./mixed-value.js";
import { selfOf } from "./open-object.js";

/** Where a constructor that `new` runs puts what it hands out, and where it does so. */
export interface Instead {
  readonly slot: Slot;
  readonly returns: ts.Node[];
}

export const instead = (): Instead => ({
  slot: { variable: null, key: {}, type: null, late: false, shared: false },
  returns: [],
});

/** Does a `return` here end a constructor? */
export function isOfConstructor({ session, frame }: Cursor): boolean {
  const open = frame.thisValue === null ? undefined : session.open.get(frame.thisValue);
  return open !== undefined && (ts.isConstructorDeclaration(frame.declaration) || open.maker === frame.declaration);
}

/** `return x` in a constructor: a number, a text or nothing leaves the instance what it is. */
export function returnInstead(cursor: Cursor, node: ts.Expression): void {
  const { env, frame } = cursor;
  const value = lowerExpression(cursor, node);
  if (isPoisoned(cursor, value) || value === frame.thisValue || value === selfOf(cursor)) return;
  const kind = isMixedValue(value) ? null : kindOf(value.type);
  switch (kind) {
    case "number":
    case "boolean":
    case "text":
    case "undefined":
    case "null":
      return;
    case "reference":
      if (frame.instead == null) break;
      env.set(frame.instead.slot, value);
      frame.instead.returns.push(node);
      return;
    case "error":
    case null:
      break;
  }
  refuseOther(cursor, node);
}

const refuseOther = (cursor: Cursor, node: ts.Node): void =>
  report(cursor, "EZ2001", node, {
    what: "a constructor that returns another object",
    advice: "make it in a function of its own",
  });

/** What was handed out; null: the instance. It has to be known which of the two. */
export function handedOutInstead(cursor: Cursor, { slot, returns }: Instead): Value | null {
  const value = cursor.env.get(slot);
  cursor.env.delete(slot);
  const [first, another] = returns;
  if (first === undefined) return null;
  // With several of them, one of the ways that are joined may be that of the instance.
  if (value !== undefined && another === undefined) return value;
  refuseOther(cursor, first);
  return poison(cursor, first);
}
