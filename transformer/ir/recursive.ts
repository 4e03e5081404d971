/** Types that hold themselves: lists, trees, graphs. */
import type { RecordType, Type } from "./ir.js";

/** The types right inside another one. */
export function insideOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "number":
    case "integer":
    case "boolean":
    case "opaque":
      return [];
    case "array":
      return [type.element];
    case "tuple":
      return type.elements;
    case "optional":
      return [type.of];
    case "record":
      return type.members ?? type.fields.map((field) => field.type);
  }
}

/** Does a value of this type lead to others of it? */
export function isRecursive(type: RecordType): boolean {
  const seen = new Set<Type>();
  const leadsBack = (one: Type): boolean => {
    if (one === type) return true;
    if (seen.has(one)) return false;
    seen.add(one);
    return insideOf(one).some(leadsBack);
  };
  return insideOf(type).some(leadsBack);
}

/** All records in a type, itself included. */
export function recordsIn(type: Type): ReadonlySet<RecordType> {
  const records = new Set<RecordType>();
  const visit = (one: Type): void => {
    if (one.kind === "record") {
      if (records.has(one)) return;
      records.add(one);
    }
    insideOf(one).forEach(visit);
  };
  visit(type);
  return records;
}
