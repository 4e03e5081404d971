/** Objects as TypeScript text: literals, instances of classes, and fields that are there only if their value is. */
import type { RecordType } from "../../ir/ir.js";
import { heldIn } from "../literal-types.js";
import { isLiteral, type Expression, type Fresh } from "../tree.js";
import { precedence } from "./primitives.js";
import { printedAt, printExpression } from "./print-expression.js";
import { postfix, primary, type PrintContext, type Printed } from "./printed.js";
import { isNominal, namedType, printKey, printType, type TypeNames } from "./types.js";

/** `{ x: a, y: b }`, or the instance of a class that has these fields. */
export function printRecord(
  type: RecordType,
  parts: readonly string[],
  { parts: given, maker, hides, keys }: Extract<Fresh, { kind: "parts" }>,
  context: PrintContext,
): Printed {
  const fields = type.fields.flatMap(({ name, mayBeLeftOut }, k) => {
    const [part = "undefined", value] = [parts[k], given[k]];
    const key = keys?.find(({ field }) => field === name);
    if (key !== undefined) return printFieldIf(key.test, printField(name, part), context);
    return mayBeLeftOut === true && value !== undefined
      ? printFieldIfThere(name, value, context)
      : [printField(name, part)];
  });
  const object = fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  const { name, instance } = type;
  // The constructor has run already.
  const madeBy = (text: string): Printed => {
    const made = `Object.assign(Object.create(${text}.prototype), ${object})`;
    const isNamed = context.language === "typescript" && context.types.isVisible(text);
    if (!isNamed) return postfix(made);
    const fieldsOf = hides === undefined ? null : printType({ ...type, name: null }, context.types);
    const typeText = fieldsOf === null ? text : hides === "private" ? fieldsOf : `${text} & ${fieldsOf}`;
    return { text: `${made} as ${typeText}`, level: precedence.relation };
  };
  if (maker === undefined && context.language === "typescript" && lacksGetters(type, context.types))
    return { text: `${object} as ${printType(type, context.types)}`, level: precedence.relation };
  if (name === null || instance === undefined || !isNominal(type, context.types.isVisible))
    return maker === undefined ? primary(object) : madeBy(maker);
  const isTyped = context.language === "typescript";
  if (!context.isClass(name)) return isTyped ? postfix(`(${object} as unknown as ${name})`) : primary(object);
  if (instance.takesFields) return postfix(`new ${name}(${parts.join(", ")})`);
  return madeBy(name);
}

/** `...("rate" in options && { rate })`: a member that is there where something else is, whatever it holds. */
function printFieldIf(test: Expression, member: string, context: PrintContext): readonly string[] {
  if (isLiteral(test, false)) return [];
  if (isLiteral(test, true)) return [member];
  return [`...(${printedAt(test, precedence.and, context)} && { ${member} })`];
}

/** `...(rate !== undefined && { rate })`: a member that is there only if its value is. */
function printFieldIfThere(name: string, value: Expression, context: PrintContext): readonly string[] {
  if (isLiteral(value, undefined)) return [];
  if (value.kind === "conditional") {
    const [then, otherwise] = [value.then, value.otherwise].map((one) => printFieldIfThere(name, one, context));
    const test = printedAt(value.test, precedence.or, context);
    const object = (members: readonly string[] = []): string =>
      members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
    if (mayBeUndefined(value)) return [`...(${test} ? ${object(then)} : ${object(otherwise)})`];
  }
  const text = printExpression(value, context);
  if (!mayBeUndefined(value)) return [printField(name, text)];
  // TypeScript does not keep in mind what a test has told of a member of what is taken for another type.
  const isForgotten = context.language === "typescript" && text.startsWith("(");
  return [`...(${text} !== undefined && { ${printField(name, isForgotten ? `${text}!` : text)} })`];
}

/** Does only a test tell whether it is there? */
function mayBeUndefined(value: Expression): boolean {
  if (value.kind === "literal") return value.value === undefined;
  if (value.kind === "conditional") return mayBeUndefined(value.then) || mayBeUndefined(value.otherwise);
  const type = value.kind === "local" ? value.local.type : value.kind === "load" ? heldIn(value.place) : undefined;
  if (type?.kind === "opaque") return true;
  return type?.kind === "optional" && type.absence !== "null";
}

/** Is a shadow printed as the gradient of a class, which has getters that the shadow has not? */
export const lacksGetters = (type: RecordType, names: TypeNames): boolean =>
  type.computes === true && type.mirrors !== undefined && namedType(type, names) !== null;

const printField = (name: string, text: string): string => (text === name ? name : `${printKey(name)}: ${text}`);
