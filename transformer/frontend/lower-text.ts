/** Methods of text, and those that make text of a number: carried along as they are written. */
import type ts from "typescript";
import { booleanType, integerType, isText, type Type, type Value, type Variable } from "../ir/ir.js";
import { refused, type Cursor } from "./environment.js";
import { plainArguments, type Argument } from "./lower-call.js";
import { opaque } from "./lower-opaque.js";

const stringType: Type = { kind: "opaque", text: "string" };

/** What methods of strings answer. Numbers among it are positions and counts, which carry no derivative. */
const ofText: ReadonlyMap<string, Type> = new Map<string, Type>([
  ...(
    "toLowerCase toUpperCase trim trimStart trimEnd slice substring substr padStart padEnd repeat replace replaceAll " +
    "concat charAt toString normalize"
  )
    .split(" ")
    .map((name) => [name, stringType] as const),
  ...["startsWith", "endsWith", "includes"].map((name) => [name, booleanType] as const),
  ...["indexOf", "lastIndexOf", "charCodeAt", "codePointAt", "localeCompare", "search"].map(
    (name) => [name, integerType] as const,
  ),
]);

const ofNumber: ReadonlySet<string> = new Set([
  "toFixed",
  "toPrecision",
  "toExponential",
  "toString",
  "toLocaleString",
]);

/** null: not a method of text. */
export function lowerTextMethod(
  cursor: Cursor,
  base: Value,
  name: string,
  args: readonly Argument[],
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null {
  const { type } = base;
  const isScalar = type.kind === "number" || type.kind === "integer" || type.kind === "boolean";
  const result = isText(type) ? ofText.get(name) : isScalar && ofNumber.has(name) ? stringType : undefined;
  if (result === undefined) return null;
  const values = plainArguments(args);
  if (values === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const places = values.map((_, k) => `$${k + 1}`).join(", ");
  return opaque(cursor, `$0.${name}(${places})`, [base, ...values], result, node, variable, {
    reads: false,
    writes: false,
    observable: false,
  });
}
