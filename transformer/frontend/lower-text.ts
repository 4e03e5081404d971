/** Methods of text, and those that make text of a number: carried along as they are written. */
import type ts from "typescript";
import {
  booleanType,
  integerType,
  isScalar,
  isText,
  type Literal,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { foldText } from "./known-text.js";
import { textsOf } from "../ir/literal-text.js";
import { type Argument } from "./lower-call.js";
import { lowerReference } from "./lower-assignment.js";
import { lowerExpression } from "./lower-expression.js";
import { listOfTexts, textList } from "./lower-iterable.js";
import { opaque, opaqueText } from "./lower-opaque.js";
import { isMixedValue } from "./mixed-value.js";
import { isElementThere } from "./known-bounds.js";
import { optionalOf } from "../ir/join-types.js";
import { pure } from "../ir/effects.js";
import { plainArguments } from "./bind-arguments.js";

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
  if (name === "split" && isText(type)) return splitText(cursor, base, args, node, variable);
  const result = isText(type) ? ofText.get(name) : isScalar(type) && ofNumber.has(name) ? stringType : undefined;
  if (result === undefined) return null;
  const values = plainArguments(args);
  if (values === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const literals = values.map((one) => cursor.block.literalOf(one));
  const isKnown = literals.every((one, k) => one !== undefined || isUndefined(values[k]));
  const folded = isKnown ? foldAll(textsHere(cursor, base), name, literals) : null;
  if (folded !== null) return cursor.block.constant(folded, originOf(node, variable));
  const places = values.map((_, k) => `$${k + 1}`).join(", ");
  const text = opaque(cursor, `$0.${name}(${places})`, [base, ...values], result, node, variable, {
    reads: false,
    writes: false,
    observable: false,
  });
  const number = numberIn(cursor, base, name, values);
  if (number !== undefined) cursor.session.numberTexts.set(text, number);
  return text;
}

/** `text.split(",")`: a list of texts. */
function splitText(
  cursor: Cursor,
  base: Value,
  args: readonly Argument[],
  node: ts.CallExpression,
  variable: Variable | null,
): Value {
  const values = plainArguments(args);
  if (values === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const [text, separator] = [base, values[0]].map((one) => one && cursor.block.literalOf(one));
  if (typeof text === "string" && typeof separator === "string" && values.length === 1)
    return textList(cursor, text.split(separator), node, variable);
  const places = values.map((_, k) => `$${k + 1}`).join(", ");
  return listOfTexts(cursor, `$0.split(${places})`, [base, ...values], node, variable);
}

/** The number that a text stands for: `x.toString()`, `x.toString().trim()`. */
function numberIn({ session }: Cursor, base: Value, name: string, args: readonly Value[]): Value | undefined {
  if (args.length > 0) return undefined;
  if (isScalar(base.type) && base.type.kind !== "boolean") return name === "toString" ? base : undefined;
  return ["trim", "trimStart", "trimEnd", "toString"].includes(name) ? session.numberTexts.get(base) : undefined;
}

const isUndefined = (value: Value | undefined): boolean =>
  value?.type.kind === "opaque" && value.type.text === "undefined";

/** What a value of text can be; null: any text. */
function textsHere({ block }: Cursor, value: Value): readonly string[] | null {
  const literal = block.literalOf(value);
  if (typeof literal === "string") return [literal];
  return value.type.kind === "opaque" ? textsOf(value.type.text) : null;
}

/** What a method answers of all of some texts; null: they differ, or it is not known. */
function foldAll(
  texts: readonly string[] | null,
  name: string,
  args: readonly Literal[],
): string | number | boolean | null {
  const [first, ...others] = (texts ?? []).map((one) => foldText(one, name, args));
  return first !== undefined && others.every((one) => one === first) ? first : null;
}

/** `text[i]`: a text; behind the end there is none. */
export function characterOf(
  cursor: Cursor,
  text: Value,
  node: ts.ElementAccessExpression,
  variable: Variable | null,
): Value {
  const index = lowerExpression(cursor, node.argumentExpression);
  const [known, position] = [text, index].map((one) => cursor.block.literalOf(one));
  if (typeof known === "string" && typeof position === "number") {
    return cursor.block.constant(known[position], originOf(node, variable));
  }
  const type = isElementThere(cursor.session, node) ? text.type : optionalOf(text.type);
  // Where it is there, its type says so, whatever the options of the program.
  const template = type === text.type ? "$0.charAt($1)" : "$0[$1]";
  return opaque(cursor, template, [text, index], type, node, variable, pure);
}

/** `JSON.stringify(x)`: text, of which nothing is differentiated. Of an instance it depends on what its class says. */
export function lowerStringified(cursor: Cursor, node: ts.CallExpression, variable: Variable | null): Value {
  const operands = node.arguments.map((one) => lowerReference(cursor, one));
  if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
  const isInstance = operands.some(({ type }) => type.kind === "record" && type.instance !== undefined);
  if (isInstance || operands.some(isMixedValue)) return refused(cursor, node, "EZ2008", { name: "JSON.stringify" });
  const places = operands.map((_, k) => `$${k}`).join(", ");
  return opaqueText(cursor, `JSON.stringify(${places})`, operands, node, variable);
}
