/** Comparing types, and the narrowest type of two. */
import {
  areUnrelated,
  isDictionary,
  isText,
  type ArrayType,
  type Field,
  type NumberType,
  type OpaqueType,
  type RecordType,
  type TupleType,
  type Type,
} from "./ir.js";
import { insideOf, isRecursive } from "./recursive.js";

/** `assumed`: pairs of records that are being compared further out; types may lead back to themselves. */
export function sameType(a: Type, b: Type, assumed: readonly (readonly [Type, Type])[] = []): boolean {
  if (a === b) return true;
  const same = (one: Type, other: Type | undefined): boolean => other !== undefined && sameType(one, other, assumed);
  switch (a.kind) {
    case "number":
    case "integer":
    case "boolean":
      return a.kind === b.kind;
    case "opaque":
      // What is nothing, and nothing else, is no text; null is not undefined.
      return b.kind === "opaque" && (isNothing(a) || isNothing(b) ? absenceOf(a) === absenceOf(b) : true);
    case "optional":
      return b.kind === "optional" && same(a.of, b.of);
    case "array":
      return (
        b.kind === "array" &&
        a.storage === b.storage &&
        a.identity === b.identity &&
        same(a.element, b.element) &&
        sameKeys(a, b)
      );
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.elements.length === b.elements.length &&
        a.elements.every((one, k) => same(one, b.elements[k]))
      );
    case "record": {
      if (b.kind !== "record") return false;
      if (assumed.some(([one, other]) => one === a && other === b)) return true;
      return sameRecord(a, b, [...assumed, [a, b]]);
    }
  }
}

const sameKeys = (a: ArrayType, b: ArrayType): boolean =>
  a.keys === b.keys || (a.keys !== undefined && b.keys !== undefined && sameType(a.keys, b.keys));

function sameRecord(a: RecordType, b: RecordType, assumed: readonly (readonly [Type, Type])[]): boolean {
  if (a.members !== undefined || b.members !== undefined) {
    const [left, right] = [a.members ?? [a], b.members ?? [b]];
    return left.length === right.length && left.every((one) => right.some((other) => sameType(one, other, assumed)));
  }
  return (
    a.instance?.identity === b.instance?.identity &&
    !areUnrelated(a.instance, b.instance) &&
    a.fields.length === b.fields.length &&
    a.fields.every((one) => {
      const other = b.fields.find(({ name }) => name === one.name);
      return other !== undefined && one.isConst === other.isConst && sameType(one.type, other.type, assumed);
    })
  );
}

/** The narrowest type that holds both, or null. */
export function joinTypes(a: Type, b: Type): Type | null {
  if (a.kind === "optional" || b.kind === "optional") {
    const inner = joinTypes(isNothing(a) ? b : present(a), isNothing(b) ? a : present(b));
    return inner === null || isNothing(inner)
      ? inner
      : optionalOf(present(inner), bothAbsences(absenceOf(a), absenceOf(b)));
  }
  if (a.kind === "opaque" && b.kind === "opaque") {
    if (!isNothing(a) && !isNothing(b)) return joinOpaque(a, b);
    if (sameType(a, b)) return a;
    if (isNothing(a) && isNothing(b)) return { kind: "opaque", text: "null | undefined" };
    return isNothing(a) ? partsOf(a).reduce(withAbsence, b) : partsOf(b).reduce(withAbsence, a);
  }
  if (a.kind === "record" && b.kind === "record" && sameType(a, b)) return sharedRecord(a, b);
  if (isNumeric(a) && isNumeric(b)) return joinNumbers(a, b);
  if (sameType(a, b) && sameTexts(a, b)) return a;
  if (isNothing(a) || isNothing(b)) return optionalOf(isNothing(a) ? b : a, bothAbsences(absenceOf(a), absenceOf(b)));
  if (a.kind === "array" && b.kind === "array") {
    if (isDictionary(a) || isDictionary(b) || a.identity !== b.identity) return null;
    const element = joinTypes(a.element, b.element);
    if (element === null) return null;
    const storage = a.storage === b.storage ? a.storage : "ArrayLike";
    return { kind: "array", element, storage, ...eitherReadonly(a, b) };
  }
  if (a.kind === "tuple" && b.kind === "tuple" && a.elements.length === b.elements.length) {
    const elements: Type[] = [];
    for (const [k, one] of a.elements.entries()) {
      const other = b.elements[k];
      const both = other === undefined ? null : joinTypes(one, other);
      if (both === null) return null;
      elements.push(both);
    }
    return { kind: "tuple", elements, ...eitherReadonly(a, b), ...bothLeavingOut(a, b) };
  }
  if (a.kind === "tuple" && b.kind === "array") return joinWithTuple(b, a.elements);
  if (b.kind === "tuple" && a.kind === "array") return joinWithTuple(a, b.elements);
  if (a.kind === "record" && b.kind === "record") return joinRecords(a, b);
  return null;
}

const isNumeric = (type: Type): type is NumberType => type.kind === "number" || type.kind === "integer";

function joinNumbers(a: NumberType, b: NumberType): NumberType {
  const wider = a.kind === "integer" ? b : a;
  if (a.literals === b.literals) return wider;
  const literals = a.literals && b.literals && [...new Set([...a.literals, ...b.literals])];
  return literals === undefined ? { kind: wider.kind } : { kind: wider.kind, literals };
}

/** How a value of a type can be absent: as undefined, as null, as either, or not at all. */
export type Absence = "undefined" | "null" | "either" | "no";

/** How what has this type can be absent. */
export function absenceOf(type: Type): Absence {
  if (type.kind === "opaque") {
    if (type.text === "null | undefined") return "either";
    return type.text === "undefined" || type.text === "null" ? type.text : "no";
  }
  return type.kind === "optional" ? (type.absence ?? "undefined") : "no";
}

/** How something can be absent that is one or the other. */
export function bothAbsences(a: Absence, b: Absence): Absence {
  if (a === "no" || a === b) return b;
  return b === "no" ? a : "either";
}

/** undefined, or null, or it is not known which of them. */
export const isNothing = (type: Type): boolean => type.kind === "opaque" && absenceOf(type) !== "no";

/** undefined or null, and nothing else. */
export const isAbsence = (type: Type): boolean =>
  type.kind === "opaque" && (type.text === "undefined" || type.text === "null");

const partsOf = ({ text }: OpaqueType): readonly string[] => text.split(" | ");
const isNothingText = (text: string): boolean => text === "undefined" || text === "null";

/** `string` of `string | undefined`; null: of what is never absent, or nothing else. */
export function presentOpaque(type: Type): OpaqueType | null {
  if (type.kind !== "opaque") return null;
  const parts = partsOf(type).filter((one) => !isNothingText(one));
  const isBoth = parts.length > 0 && parts.length < partsOf(type).length;
  return isBoth ? { kind: "opaque", text: parts.join(" | ") } : null;
}

/** `string` and `string | undefined`: what one of them may lack, both may lack. */
function joinOpaque(a: OpaqueType, b: OpaqueType): OpaqueType {
  const [one, other] = [presentOpaque(a) ?? a, presentOpaque(b) ?? b];
  const joined = isText(one) && isText(other) ? { ...one, text: bothTexts(one.text, other.text) } : one;
  const absences = new Set([...partsOf(a), ...partsOf(b)].filter(isNothingText));
  const all = [...absences].reduce(withAbsence, joined.text === a.text ? a : joined);
  return printedAbsent(printedAbsent(all, a.absence ?? "no"), b.absence ?? "no");
}

function printedAbsent(type: OpaqueType, more: Absence): OpaqueType {
  const absence = bothAbsences(type.absence ?? "no", more);
  return absence === "no" || absence === type.absence ? type : { ...type, absence };
}

/** `"up"` and `"down"`: `"down" | "up"`, in an order that no other file of the program has a say in. */
function bothTexts(a: string, b: string): string {
  if (a === "string" || b === "string") return "string";
  return [...new Set([...a.split(" | "), ...b.split(" | ")])].sort().join(" | ");
}

const present = (type: Type): Type => (type.kind === "optional" ? type.of : type);

/** What is carried along may be absent, too: nobody looks into it. */
export function optionalOf(type: Type, absence: Absence = "undefined"): Type {
  if (absence === "no") return type;
  if (type.kind === "opaque") return isText(type) ? printedAbsent(type, absence) : type;
  const all = bothAbsences(absenceOf(type), absence);
  const of = present(type);
  return all === "undefined" || all === "no" ? { kind: "optional", of } : { kind: "optional", of, absence: all };
}

/** A text, a date, or nothing. A function is nothing that could be asked for when the program runs. */
function withAbsence(type: OpaqueType, absence: string): OpaqueType {
  const isKnown = type.text === "function" || type.text.split(" | ").includes(absence);
  return isKnown ? type : { kind: "opaque", text: `${type.text} | ${absence}` };
}

function joinWithTuple(array: ArrayType, elements: readonly Type[]): Type | null {
  if (array.identity !== undefined) return null;
  let element: Type | null = array.element;
  for (const one of elements) element = element === null ? null : joinTypes(element, one);
  return element === null ? null : { ...array, element };
}

/**
 * Do types with the same parts say the same of texts in them? Of `{ kind: "a" }` and `{ kind: "b" }` a value that is one of
 * both says less.
 */
export function sameTexts(a: Type, b: Type, assumed: readonly (readonly [Type, Type])[] = []): boolean {
  if (a === b) return true;
  if (a.kind === "opaque" && b.kind === "opaque") return a.text === b.text;
  if (a.kind === "record" && b.kind === "record") {
    if (assumed.some(([one, other]) => one === a && other === b)) return true;
    const further = [...assumed, [a, b] as const];
    const [left, right] = [a.members ?? [], b.members ?? []];
    return (
      left.every((one) => right.some((other) => sameType(one, other) && sameTexts(one, other, further))) &&
      a.fields.every((one) => {
        const other = b.fields.find(({ name }) => name === one.name);
        return (
          other === undefined || (one.mayBeLeftOut === other.mayBeLeftOut && sameTexts(one.type, other.type, further))
        );
      })
    );
  }
  if (isReadonly(a) !== isReadonly(b) || leftOutOf(a) !== leftOutOf(b) || isExact(a) !== isExact(b)) return false;
  const [inA, inB] = [insideOf(a), insideOf(b)];
  return inA.every((one, k) => {
    const other = inB[k];
    return other === undefined || sameTexts(one, other, assumed);
  });
}

/**
 * Does a type say nothing of the texts and classes in a value but what is so? One with the field `"a"` says too much of a
 * value that has `"b"` there.
 */
export function isTrueOf(type: Type, value: Type, assumed: readonly (readonly [Type, Type])[] = []): boolean {
  if (type === value) return true;
  if (type.kind === "opaque" && value.kind === "opaque") {
    const said = partsOf(type);
    return partsOf(value).every(
      (one) => said.includes(one) || (said.includes("string") && isText({ kind: "opaque", text: one })),
    );
  }
  const [there, given] = [present(type), present(value)];
  if (there.kind !== "record" || given.kind !== "record") {
    if (isReadonly(given) && !isReadonly(there)) return false;
    if (leftOutOf(given) > leftOutOf(there) || (isExact(there) && !isExact(given))) return false;
    const [inThere, inGiven] = [insideOf(there), insideOf(given)];
    return inGiven.every((one, k) => {
      const other = inThere[k];
      return other === undefined || isTrueOf(other, one, assumed);
    });
  }
  if (there === given || assumed.some(([one, other]) => one === there && other === given)) return true;
  const further = [...assumed, [there, given] as const];
  if (there.members !== undefined) {
    const { members } = there;
    return (given.members ?? [given]).every((one) =>
      members.some((other) => sameType(other, one) && isTrueOf(other, one, further)),
    );
  }
  if (there.instance !== undefined && (given.instance === undefined || given.name !== there.name)) return false;
  return there.fields.every((one) => {
    const other = given.fields.find(({ name }) => name === one.name);
    if (other?.mayBeLeftOut === true && one.mayBeLeftOut !== true) return false;
    return other === undefined || isTrueOf(one.type, other.type, further);
  });
}

/** Of two records with the same fields; null: they are unions, or hold themselves, and say different things of texts. */
function sharedRecord(a: RecordType, b: RecordType): RecordType | null {
  const both = shared(a, b);
  if (sameTexts(a, b)) return both;
  if (a.members !== undefined || b.members !== undefined || isRecursive(a) || isRecursive(b)) return null;
  const joined = joinFields(a, b);
  return joined === null ? null : { ...both, fields: joined };
}

/** Of two types with the same fields: no class where they are not instances of one. */
function shared(a: RecordType, b: RecordType): RecordType {
  if (a.instance === undefined || (b.instance !== undefined && a.name === b.name)) return a;
  return b.instance === undefined ? b : { kind: "record", name: null, fields: a.fields };
}

/** Is one of two types a union that the other is a member of, or some members? */
function wider(a: RecordType, b: RecordType): RecordType | null {
  const holds = ({ members }: RecordType, one: RecordType): boolean =>
    members !== undefined &&
    (one.members ?? [one]).every((other) => members.some((own) => sameType(own, other) && sameTexts(own, other)));
  return holds(a, b) ? a : holds(b, a) ? b : null;
}

/** Records of the same keys; unlike records have no common type here. */
function joinRecords(a: RecordType, b: RecordType): Type | null {
  if (a.members !== undefined || b.members !== undefined) return wider(a, b);
  if (isRecursive(a) || isRecursive(b) || areUnrelated(a.instance, b.instance)) return null;
  const fields = joinFields(a, b);
  if (fields === null) return null;
  return {
    kind: "record",
    name: a.instance === undefined && b.instance === undefined ? (a.name ?? b.name) : null,
    fields,
  };
}

function joinFields(a: RecordType, b: RecordType): readonly Field[] | null {
  if (a.fields.length !== b.fields.length) return null;
  const fields: Field[] = [];
  for (const one of a.fields) {
    const other = b.fields.find(({ name }) => name === one.name);
    const type = other === undefined ? null : joinTypes(one.type, other.type);
    if (type === null || one.isConst !== other?.isConst) return null;
    const mayBeLeftOut = one.mayBeLeftOut === true || other?.mayBeLeftOut === true;
    fields.push({
      name: one.name,
      type,
      ...(one.isConst === true ? { isConst: true } : {}),
      ...(mayBeLeftOut ? { mayBeLeftOut } : {}),
      ...(one.isExact === true && other?.isExact === true ? { isExact: true } : {}),
    });
  }
  return fields;
}

/** The type of something that is made here: it may be written. */
export function writable(type: Type): Type {
  if ((type.kind !== "array" && type.kind !== "tuple") || type.isReadonly !== true) return type;
  const { isReadonly: _, ...own } = type;
  return own;
}

const isReadonly = (type: Type): boolean =>
  (type.kind === "array" || type.kind === "tuple") && type.isReadonly === true;
const eitherReadonly = (a: Type, b: Type): { readonly isReadonly?: true } =>
  isReadonly(a) || isReadonly(b) ? { isReadonly: true } : {};

const leftOutOf = (type: Type): number => (type.kind === "tuple" ? (type.leftOut ?? 0) : 0);
/** Is nothing in a tuple undefined where it may be left out? So of one with nothing of that kind. */
const isExact = (type: Type): boolean => type.kind !== "tuple" || type.leftOut === undefined || type.isExact === true;
/** What a tuple's type says of elements that may be left out. */
const bothLeavingOut = (a: TupleType, b: TupleType): Pick<TupleType, "leftOut" | "isExact"> => {
  const leftOut = Math.max(leftOutOf(a), leftOutOf(b));
  return leftOut === 0 ? {} : { leftOut, ...(isExact(a) && isExact(b) ? { isExact: true } : {}) };
};

/** What an array or a tuple holds at a position that is not known; null: things that have no type in common. */
export function elementTypeOf(type: Type): Type | null {
  if (type.kind === "array") return type.element;
  if (type.kind !== "tuple") return null;
  const [first, ...others] = type.elements;
  return others.reduce<Type | null>((all, one) => all && joinTypes(all, one), first ?? null);
}
