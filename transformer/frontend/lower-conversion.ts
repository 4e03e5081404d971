/** `Number(x)`, `Boolean(x)`, `String(x)`, and the functions that ask of a number: called, or handed over as they are. */
import ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { originOf, type Callable, type Cursor } from "./environment.js";
import { truthy } from "./lower-condition.js";
import { opaqueText } from "./lower-opaque.js";
import { numericOperand } from "./lower-operator.js";
import { isGlobal } from "./module-constants.js";

const conversions = { Number: 0, Boolean: false, String: "" } as const;
export type Conversion = keyof typeof conversions;

export const isConversion = (name: string): name is Conversion => Object.hasOwn(conversions, name);

/** What `Number`, `Boolean` or `String` makes of a value; null: it is called without one. */
export function converted(
  cursor: Cursor,
  to: Conversion,
  value: Value | null,
  node: ts.Node,
  variable: Variable | null,
): Value {
  const { block, session } = cursor;
  if (value === null) return block.constant(conversions[to], originOf(node, variable));
  switch (to) {
    case "Number": {
      const text = block.literalOf(value);
      if (typeof text === "string") return block.constant(Number(text), originOf(node, variable));
      return numericOperand(cursor, value, node);
    }
    case "Boolean":
      return truthy(cursor, value, node);
    case "String": {
      const text = opaqueText(cursor, "String($0)", [value], node, variable);
      if (value.type.kind === "number" || value.type.kind === "integer") session.numberTexts.set(text, value);
      return text;
    }
  }
}

/** `isNaN`, `Number.isFinite`: a function that asks of a number, handed over. `parseInt` would take the position for a base. */
export function numberFunction({ session }: Cursor, node: ts.Expression): Callable | null {
  const text = node.getText();
  const [, owner, name] = /^(Number\.)?(isNaN|isFinite|isInteger|isSafeInteger|parseFloat)$/.exec(text) ?? [];
  if (name === undefined) return null;
  const isOfNumber = owner !== undefined;
  if (!isOfNumber && name.startsWith("is") && name.endsWith("Integer")) return null;
  const global = isOfNumber && ts.isPropertyAccessExpression(node) ? node.expression : node;
  if (!isGlobal(session, global, isOfNumber ? "Number" : name)) return null;
  return { kind: "ofNumber", name, isConverting: !isOfNumber };
}
