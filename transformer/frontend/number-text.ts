/** Numbers that are text for a while, or may be: `parseFloat(x)`, `Number(x.toString().trim())`. */
import type ts from "typescript";
import { isText, numberType, type Value, type Variable } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { eachWay } from "./lower-mixed.js";
import { opaque } from "./lower-opaque.js";
import { apply, numericOperand } from "./lower-operator.js";
import { isMixedValue } from "./mixed-value.js";

/** What arithmetic makes of a text: of one that is known, or that a number was turned into; null: it may be any. */
export function numberOfText(cursor: Cursor, text: Value, node: ts.Node): Value | null {
  const literal = cursor.block.literalOf(text);
  if (typeof literal === "string") return cursor.block.constant(Number(literal), originOf(node));
  const number = cursor.session.numberTexts.get(text);
  return number === undefined ? null : readAgain(cursor, number, node, null);
}

/** A number that becomes text and a number again is the same number, but for -0, which becomes 0. */
const readAgain = (cursor: Cursor, number: Value, node: ts.Node, variable: Variable | null): Value =>
  apply(cursor, "add", [number, cursor.block.constant(0)], node, variable);

/** `parseFloat(value)` */
export function parsedFloat(cursor: Cursor, value: Value, node: ts.Node, variable: Variable | null): Value {
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  if (isMixedValue(value)) return eachWay(cursor, value, node, (at, one) => parsedFloat(at, one, node, variable));
  const literal = cursor.block.literalOf(value);
  if (typeof literal === "string") return cursor.block.constant(parseFloat(literal), originOf(node, variable));
  const { type } = value;
  if (isText(type)) return numberOfText(cursor, value, node) ?? refused(cursor, node, "EZ2016", { name: "parseFloat" });
  switch (type.kind) {
    case "boolean":
      return cursor.block.constant(NaN, originOf(node, variable));
    case "number":
    case "integer":
    case "optional":
    case "opaque":
      return readAgain(cursor, numericOperand(cursor, value, node), node, variable);
    case "array":
    case "tuple":
    case "record":
      return refused(cursor, node, "EZ2016", { name: "parseFloat" });
  }
}

/** `parseInt(value)`, `parseInt(value, 10)`: the digits in front of a number, which have no derivative. */
export function parsedInt(
  cursor: Cursor,
  value: Value,
  radix: Value | null,
  node: ts.Node,
  variable: Variable | null,
): Value {
  const { block } = cursor;
  const base = radix === null ? undefined : block.literalOf(radix);
  const literal = block.literalOf(value);
  if (radix !== null && typeof base !== "number") return refused(cursor, node, "EZ2016", { name: "parseInt" });
  if (typeof literal === "string") {
    const digits = parseInt(literal, typeof base === "number" ? base : undefined);
    return block.constant(digits, originOf(node, variable));
  }
  if (isMixedValue(value)) return eachWay(cursor, value, node, (at, one) => parsedInt(at, one, radix, node, variable));
  const isDecimal = base === undefined || base === 10;
  if (!isDecimal || (value.type.kind !== "number" && value.type.kind !== "integer")) {
    return refused(cursor, node, "EZ2016", { name: "parseInt" });
  }
  const result = opaque(cursor, "parseInt(String($0), 10)", [value], numberType, node, variable, pure);
  cursor.session.present.add(result);
  return result;
}
