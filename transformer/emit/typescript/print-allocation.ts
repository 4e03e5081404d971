/** What is made anew as TypeScript text: arrays, objects, copies, and zeros in the shape of something else. */
import {
  assertNever,
  fieldCarries,
  isDictionary,
  isMap,
  isTyped as isTypedStorage,
  type ArrayType,
  type DictionaryType,
  type RecordType,
  type Type,
} from "../../ir/ir.js";
import { hiddenMembers, hides } from "../../ir/hidden-members.js";
import { isRecursive, recordsIn } from "../../ir/recursive.js";
import { omittedFields } from "../omitted-fields.js";
import { isLiteral, sameExpression, type Expression, type Fresh } from "../tree.js";
import { precedence } from "./primitives.js";
import { printedAt, printExpression } from "./print-expression.js";
import { printRecord } from "./print-object.js";
import { postfix, primary, type PrintContext, type Printed } from "./printed.js";
import { holdsBase, printKey, printType } from "./types.js";

const isTyped = (type: Type): type is ArrayType => type.kind === "array" && isTypedStorage(type.storage);

/** What `fresh` makes, of this type. */
export function printAllocation(type: Type, fresh: Fresh, context: PrintContext): Printed {
  const print = (one: Expression): string => printExpression(one, context);
  const emptyDictionary = (one: DictionaryType): Printed => {
    if (!isMap(one)) return primary("{}");
    return postfix(context.language === "typescript" ? `new ${printType(one, context.types)}()` : "new Map()");
  };
  const parameter = (element: Type): string =>
    context.language === "typescript" ? `<${printType(element, context.types)}>` : "";
  const zeros = (length: string): Printed => {
    if (type.kind !== "array") throw new Error(`zeros of type ${type.kind}`);
    if (isDictionary(type)) return emptyDictionary(type);
    if (type.storage !== "Array") return postfix(`new ${isTyped(type) ? type.storage : "Float64Array"}(${length})`);
    const array = `new Array${parameter(type.element)}(${length})`;
    const { kind } = type.element;
    if (fresh.kind === "zeros" && fresh.holes) return postfix(array);
    if (kind === "number" || kind === "integer") return postfix(`${array}.fill(0)`);
    return postfix(kind === "boolean" ? `${array}.fill(false)` : array);
  };
  switch (fresh.kind) {
    case "zeros":
      return zeros(print(fresh.length));
    case "parts": {
      const parts = fresh.parts.map(print);
      if (type.kind === "record") return printRecord(type, parts, fresh, context);
      if (isDictionary(type)) return emptyDictionary(type);
      const array = `[${parts.join(", ")}]`;
      if (fresh.maker !== undefined) return postfix(`Object.setPrototypeOf(${array}, ${fresh.maker}.prototype)`);
      if (!isTyped(type)) return primary(array);
      return fresh.parts.every((part) => isLiteral(part, 0))
        ? zeros(String(parts.length))
        : postfix(`${type.storage}.of(${parts.join(", ")})`);
    }
    case "filled": {
      if (type.kind !== "array") throw new Error(`filled of type ${type.kind}`);
      const [length, value] = [print(fresh.length), print(fresh.value)];
      if (isLiteral(fresh.value, 0)) return zeros(length);
      const array =
        type.storage === "Array"
          ? `new Array${parameter(type.element)}(${length})`
          : `new ${isTyped(type) ? type.storage : "Float64Array"}(${length})`;
      return postfix(`${array}.fill(${value})`);
    }
    case "copy":
      return printCopy(type, fresh, context);
    case "zerosLike":
      return printZerosLike(type, fresh, zeros, context);
    default:
      return assertNever(fresh);
  }
}

function printCopy(type: Type, fresh: Extract<Fresh, { kind: "copy" }>, context: PrintContext): Printed {
  const { source, sourceType, from, to } = fresh;
  if (fresh.spread) return primary(`[...${printedAt(source, precedence.postfix, context)}]`);
  const base = printedAt(source, precedence.postfix, context);
  const all = isLiteral(from, 0) && to.kind === "length" && sameExpression(to.array, source);
  const isToEnd = to.kind === "length" && sameExpression(to.array, source);
  const range = all
    ? ""
    : isToEnd
      ? printExpression(from, context)
      : `${printExpression(from, context)}, ${printExpression(to, context)}`;
  const into = type.kind === "array" && type.storage !== "ArrayLike" ? type.storage : null;
  const sourceStorage = sourceType.kind === "array" ? sourceType.storage : "Array";
  if (sourceStorage !== "ArrayLike" && (into === null || into === sourceStorage || sourceType.kind !== "array")) {
    return postfix(`${base}.slice(${range})`);
  }
  const container = into ?? "Float64Array";
  if (all) return postfix(`${container}.from(${printExpression(source, context)})`);
  if (sourceStorage === "ArrayLike") {
    return postfix(`${container}.from(${printExpression(source, context)}).slice(${range})`);
  }
  return postfix(`${container}.from(${base}.slice(${range}))`);
}

/** What the shadow of a private member is no type tells from outside, nor what classes have that extend an abstract one. */
export const isAsserted = (type: Type): boolean =>
  hiddenMembers(type).length > 0 ||
  [...recordsIn(type)].some((one) => hasMoreBelow(one) || isPerhapsNull(one)) ||
  (type.kind === "record" && isRecursive(type) && holdsBase(type));

/** Of `{ w: null } | { w: number }` the gradient that the macro's types tell of lacks what is null in one of them. */
const isPerhapsNull = ({ ofUnion, fields }: RecordType): boolean =>
  ofUnion === true &&
  fields.some((one) => one.type.kind === "optional" && one.type.absence === "null" && fieldCarries(one));

function hasMoreBelow(type: RecordType): boolean {
  const { name, members, isBase } = type;
  if (isBase !== true || members === undefined || isRecursive(type)) return false;
  return members.every((one) => one.name !== name && one.fields.some((field) => fieldCarries(field)));
}

function printZerosLike(
  type: Type,
  { of, ofType }: Extract<Fresh, { kind: "zerosLike" }>,
  zeros: (length: string) => Printed,
  context: PrintContext,
): Printed {
  const isNumber = (one: Type): boolean => one.kind === "number" || one.kind === "integer";
  if (isMap(type) && isNumber(type.element)) {
    return postfix(`new Map(Array.from(${printedAt(of, precedence.postfix, context)}.keys(), (key) => [key, 0]))`);
  }
  if (isDictionary(type) && isNumber(type.element)) {
    return postfix(`Object.fromEntries(Object.keys(${printExpression(of, context)}).map((key) => [key, 0]))`);
  }
  if (type.kind === "array" && type.storage !== "ArrayLike" && isNumber(type.element)) {
    return zeros(`${printedAt(of, precedence.postfix, context)}.length`);
  }
  const flat = printZero(type);
  if (flat !== null) return primary(flat);
  const zerosLike = context.imported("enzyme-ts/shadow", "zerosLike");
  const args = [printExpression(of, context), ...omittedFields(ofType).map((name) => JSON.stringify(name))];
  const call = `${zerosLike}(${args.join(", ")})`;
  if (context.language === "javascript" || !isAsserted(ofType)) return postfix(call);
  const through = [...recordsIn(ofType)].some(sharesNothing) ? "unknown as " : "";
  return { text: `${call} as ${through}${printType(type, context.types)}`, level: precedence.relation };
}

/** Has what all classes below one have no derivative that is public? Its getters say nothing of the shadow. */
function sharesNothing(type: RecordType): boolean {
  const isShared = (name: string): boolean =>
    type.members?.every(({ fields }) => fields.some((field) => field.name === name)) === true;
  return (
    type.members !== undefined &&
    !type.fields.some((field) => fieldCarries(field) && isShared(field.name) && !hides(type, field.name))
  );
}

/** A zero of a type whose shape says all: numbers, and records and tuples of them. */
function printZero(type: Type): string | null {
  if (type.kind === "number" || type.kind === "integer") return "0";
  if (type.kind === "tuple") {
    const parts = type.elements.map(printZero);
    return parts.includes(null) ? null : `[${parts.join(", ")}]`;
  }
  if (type.kind !== "record" || type.members !== undefined) return null;
  const fields = type.fields.map(({ name, type: of }) => ({ name, zero: printZero(of) }));
  if (fields.some(({ zero }) => zero === null)) return null;
  return fields.length === 0
    ? "{}"
    : `{ ${fields.map(({ name, zero }) => `${printKey(name)}: ${zero ?? ""}`).join(", ")} }`;
}
