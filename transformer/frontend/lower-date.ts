/** Dates are carried along: what is asked of one is a number without a derivative. */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { numberType, type Effects, type Type, type Value, type Variable } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { lowerExpression } from "./lower-expression.js";

const dateType: Type = { kind: "opaque", text: "Date" };
const stringType: Type = { kind: "opaque", text: "string" };
/** The clock is asked once. */
const asksClock: Effects = { reads: false, writes: false, observable: true };

export const isDate = (type: Type): boolean => type.kind === "opaque" && type.text === "Date";

/** `new Date(...)`: a number that it is made of must carry no derivative. */
export function lowerNewDate(cursor: Cursor, node: ts.NewExpression, variable: Variable | null): Value {
  const args = node.arguments ?? [];
  return carried(cursor, "new Date", args, args.length === 0 ? asksClock : pure, dateType, node, variable);
}

/** `Date.now()`, `Date.UTC(...)` */
export function lowerDateStatic(
  cursor: Cursor,
  name: string,
  node: ts.CallExpression,
  variable: Variable | null,
): Value {
  if (name !== "now" && name !== "UTC") return refused(cursor, node, "EZ2014", { name, type: "Date" });
  const effects = name === "now" ? asksClock : pure;
  return carried(cursor, `Date.${name}`, node.arguments, effects, numberType, node, variable);
}

/** `date.getTime()`; what changes a date, or turns it into text of a place, is refused. */
export function lowerDateMethod(
  cursor: Cursor,
  date: Value,
  name: string,
  node: ts.CallExpression,
  variable: Variable | null,
): Value {
  const isNumber = name === "valueOf" || name.startsWith("get");
  const isKnown = name in Date.prototype && (isNumber || name === "toISOString") && node.arguments.length === 0;
  if (!isKnown) return refused(cursor, node, "EZ2014", { name, type: "Date" });
  return ask(cursor, `$0.${name}()`, date, isNumber ? numberType : stringType, node, variable);
}

/** A date in arithmetic: `end - start`. */
export const dateAsNumber = (cursor: Cursor, date: Value, node: ts.Node): Value =>
  ask(cursor, "$0.valueOf()", date, numberType, node, null);

function ask(
  cursor: Cursor,
  template: string,
  date: Value,
  type: Type,
  node: ts.Node,
  variable: Variable | null,
): Value {
  const value = makeValue(type, originOf(node, variable));
  cursor.block.append({ kind: "opaque", results: [value], template, operands: [date], effects: pure });
  cursor.session.present.add(value);
  return value;
}

function carried(
  cursor: Cursor,
  callee: string,
  args: readonly ts.Expression[],
  effects: Effects,
  type: Type,
  node: ts.Node,
  variable: Variable | null,
): Value {
  if (args.some(ts.isSpreadElement)) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const operands = args.map((one) => lowerExpression(cursor, one));
  if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
  const value = makeValue(type, originOf(node, variable));
  const template = `${callee}(${operands.map((_, k) => `$${k}`).join(", ")})`;
  cursor.block.append({ kind: "opaque", results: [value], template, operands, effects, keeps: callee });
  cursor.session.present.add(value);
  return value;
}
