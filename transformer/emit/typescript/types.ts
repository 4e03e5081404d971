/** IR types as TypeScript writes them. */
import { insideOf, isRecursive } from "../../ir/recursive.js";
import { assertNever, type Field, type OpaqueType, type RecordType, type TupleType, type Type } from "../../ir/ir.js";

/** What types can be called in a file. */
export interface TypeNames {
  /** May a name of an interface or class be used, or must the type be spelt out? */
  readonly isVisible: (name: string) => boolean;
  /** The interface that the output declares for a type without a name that holds itself. */
  readonly linked: (type: RecordType) => string | undefined;
}

/** A type as TypeScript text. */
export function printType(type: Type, names: TypeNames, outer: readonly RecordType[] = []): string {
  const inner = (one: Type): string => printType(one, names, outer);
  switch (type.kind) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      if (type.keys !== undefined) return `Map<${inner(type.keys)}, ${inner(type.element)}>`;
      if (type.storage === "Dictionary") return `Record<string, ${inner(type.element)}>`;
      if (type.storage === "ArrayLike") return "number[] | Float64Array | Float32Array";
      if (type.storage !== "Array") return type.storage;
      return `${type.isReadonly === true ? "readonly " : ""}${enclosed(type.element, inner(type.element))}[]`;
    case "tuple":
      return `${type.isReadonly === true ? "readonly " : ""}[${printElements(type, inner)}]`;
    case "record":
      return printRecordType(type, names, outer);
    case "optional":
      return `${inner(type.of)} | ${absences[type.absence ?? "undefined"]}`;
    case "opaque":
      return printOpaque(type);
    default:
      return assertNever(type);
  }
}

/** Elements of a tuple; those that may be left out with a question mark. */
function printElements({ elements, leftOut = 0, isExact }: TupleType, print: (type: Type) => string): string {
  const printed = elements.map((one, k) => {
    if (k < elements.length - leftOut) return print(one);
    const held = isExact === true ? presentPart(one) : one;
    return `${enclosed(held, print(held))}?`;
  });
  return printed.join(", ");
}

/** As messages show a type: by its name, where it has one. */
export const typeText = (type: Type): string => printType(type, { isVisible: () => true, linked: () => undefined });

function printRecordType(type: RecordType, names: TypeNames, outer: readonly RecordType[]): string {
  const { members } = type;
  const known = namedType(type, names, outer);
  if (known !== null) return known;
  if (outer.includes(type)) return "unknown";
  const inner = (one: Type): string => printType(one, names, [...outer, type]);
  if (members !== undefined) return members.map(inner).join(" | ");
  return `{ ${type.fields.map((field) => printMember(field, inner)).join("; ")} }`;
}

/** How a file calls a type; null: it has to spell it out. */
export function namedType(type: RecordType, names: TypeNames, outer: readonly RecordType[] = []): string | null {
  const { isVisible } = names;
  const { name, mirrors, instance } = type;
  if (name !== null && (instance === undefined ? isVisible(name) : isNominal(type, isVisible))) return name;
  if (type.spelling !== undefined) return type.spelling;
  // The shadow of a type that holds itself cannot be spelt out.
  const isSpelt = holdsBase(type) && !outer.includes(type);
  if (mirrors !== undefined && isVisible(mirrors) && isRecursive(type) && !isSpelt)
    return `import("enzyme-ts").Gradient<${mirrors}>`;
  return names.linked(type) ?? null;
}

/**
 * Has a record a field of a base class that has no numbers, without being one? The gradient of its type has no such field,
 * though the classes below have some.
 */
export const holdsBase = ({ members, fields }: RecordType): boolean =>
  members === undefined && fields.some(({ type }) => leadsToBase(type));

const leadsToBase = (type: Type): boolean =>
  type.kind === "record" ? type.tellsNothing === true : insideOf(type).some(leadsToBase);

/**
 * Are values of this type instances of their class? Where the class has nothing but public fields, and makes more of
 * its arguments than fields, an object with these fields does as well, if its type can be spelt out.
 */
export function isNominal(type: RecordType, isVisible: (name: string) => boolean): boolean {
  const { name, instance } = type;
  if (instance === undefined || name === null || !isVisible(name)) return false;
  return instance.hidden.size > 0 || instance.takesFields || isRecursive(type);
}

const absences = { undefined: "undefined", null: "null", either: "null | undefined" } as const;

/** What an augmented primal keeps for its reverse pass, or the shadow of that, as an interface. */
export function printTape({ name, fields, opened }: RecordType, names: TypeNames): string {
  const members = fields.map(
    (one) => `  ${opened === "shadow" ? "" : "readonly "}${printKey(one.name)}: ${printType(one.type, names)};\n`,
  );
  return `interface ${name ?? "Tape"} {\n${members.join("")}}\n`;
}

/** The members of an interface, one to a line. */
export const printMembers = (type: RecordType, names: TypeNames): string =>
  type.fields.map((one) => `  ${printMember(one, (inner) => printType(inner, names, [type]))};\n`).join("");

/** What its text says already is not said again. */
function printOpaque({ text, absence }: OpaqueType): string {
  const more = absence === undefined ? [] : absences[absence].split(" | ");
  return [text, ...more.filter((one) => !text.split(" | ").includes(one))].join(" | ");
}

function printMember({ name, type, mayBeLeftOut, isExact }: Field, print: (type: Type) => string): string {
  if (mayBeLeftOut !== true) return `${printKey(name)}: ${print(type)}`;
  return `${printKey(name)}?: ${print(isExact === true ? presentPart(type) : type)}`;
}

/** The type without undefined. */
function presentPart(type: Type): Type {
  if (type.kind === "optional") return type.absence === "either" ? { ...type, absence: "null" } : type.of;
  if (type.kind !== "opaque") return type;
  return { kind: "opaque", text: type.text, ...(type.absence === "either" ? { absence: "null" } : {}) };
}

function enclosed(type: Type, text: string): string {
  const isCompound =
    type.kind === "optional" ||
    (type.kind === "record" && type.members !== undefined) ||
    type.kind === "opaque" ||
    (type.kind === "array" && type.storage === "ArrayLike") ||
    ((type.kind === "array" || type.kind === "tuple") && type.isReadonly === true);
  return isCompound && !/^[\w$.<>()"-]+$/.test(text) ? `(${text})` : text;
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Can a name stand without quotes? */
export const isIdentifier = (name: string): boolean => identifier.test(name);

/** The name of a member, quoted where it has to be. */
export const printKey = (name: string): string => (isIdentifier(name) ? name : JSON.stringify(name));
