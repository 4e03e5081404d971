/** Comparing types, and the narrowest type of two. */
import type { Field, RecordType, Type } from "./ir.js";

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "number":
    case "integer":
    case "boolean":
      return a.kind === b.kind;
    case "opaque":
      return b.kind === "opaque";
    case "optional":
      return b.kind === "optional" && sameType(a.of, b.of);
    case "array":
      return b.kind === "array" && a.storage === b.storage && sameType(a.element, b.element);
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.elements.length === b.elements.length &&
        a.elements.every((one, k) => {
          const other = b.elements[k];
          return other !== undefined && sameType(one, other);
        })
      );
    case "record":
      return (
        b.kind === "record" &&
        a.fields.length === b.fields.length &&
        a.fields.every((one) => {
          const other = b.fields.find(({ name }) => name === one.name);
          return other !== undefined && sameType(one.type, other.type);
        })
      );
  }
}

/** The narrowest type that holds both, or null. */
export function joinTypes(a: Type, b: Type): Type | null {
  if (sameType(a, b)) return a.kind === "record" && b.kind === "record" ? shared(a, b) : a;
  if (a.kind === "opaque" && (a.text === "undefined" || a.text === "null")) return optionalOf(b);
  if (b.kind === "opaque" && (b.text === "undefined" || b.text === "null")) return optionalOf(a);
  if (a.kind === "optional" || b.kind === "optional") {
    const inner = joinTypes(a.kind === "optional" ? a.of : a, b.kind === "optional" ? b.of : b);
    return inner === null ? null : optionalOf(inner);
  }
  if (a.kind === "integer" && b.kind === "number") return b;
  if (a.kind === "number" && b.kind === "integer") return a;
  if (a.kind === "array" && b.kind === "array") {
    const element = joinTypes(a.element, b.element);
    if (element === null) return null;
    return { kind: "array", element, storage: a.storage === b.storage ? a.storage : "ArrayLike" };
  }
  if (a.kind === "tuple" && b.kind === "tuple" && a.elements.length === b.elements.length) {
    const elements: Type[] = [];
    for (const [k, one] of a.elements.entries()) {
      const other = b.elements[k];
      const both = other === undefined ? null : joinTypes(one, other);
      if (both === null) return null;
      elements.push(both);
    }
    return { kind: "tuple", elements };
  }
  if (a.kind === "tuple" && b.kind === "array") return joinWithTuple(b, a.elements);
  if (b.kind === "tuple" && a.kind === "array") return joinWithTuple(a, b.elements);
  if (a.kind === "record" && b.kind === "record") return joinRecords(a, b);
  return null;
}

const optionalOf = (type: Type): Type =>
  type.kind === "optional" || type.kind === "opaque" ? type : { kind: "optional", of: type };

function joinWithTuple(array: Type & { readonly kind: "array" }, elements: readonly Type[]): Type | null {
  let element: Type | null = array.element;
  for (const one of elements) element = element === null ? null : joinTypes(element, one);
  return element === null ? null : { ...array, element };
}

/** Of two types with the same fields: no class where they are not instances of one. */
function shared(a: RecordType, b: RecordType): RecordType {
  if (a.instance === undefined || (b.instance !== undefined && a.name === b.name)) return a;
  return b.instance === undefined ? b : { kind: "record", name: null, fields: a.fields };
}

/** Records of the same keys; unlike records have no common type here. */
function joinRecords(a: RecordType, b: RecordType): Type | null {
  if (a.fields.length !== b.fields.length) return null;
  const fields: Field[] = [];
  for (const one of a.fields) {
    const other = b.fields.find(({ name }) => name === one.name);
    const type = other === undefined ? null : joinTypes(one.type, other.type);
    if (type === null) return null;
    fields.push({ name: one.name, type });
  }
  return {
    kind: "record",
    name: a.instance === undefined && b.instance === undefined ? (a.name ?? b.name) : null,
    fields,
  };
}
