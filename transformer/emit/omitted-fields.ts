/**
 * Names of fields that hold numbers but carry no derivative (`int`, `Const`), wherever in a type they occur: at run time they cannot be
 * told from the others.
 *
 *   { length: number; parent: int }   =>   parent
 */
import { fieldCarries, isInteger, type Type } from "../ir/ir.js";
import { recordsIn } from "../ir/recursive.js";

/** The names that are numbers without a derivative wherever they occur. */
export function omittedFields(type: Type): readonly string[] {
  const [without, other] = [new Set<string>(), new Set<string>()];
  for (const { fields } of recordsIn(type)) {
    for (const field of fields) {
      if (fieldCarries(field)) other.add(field.name);
      else if (hasNumbers(field.type)) without.add(field.name);
    }
  }
  return [...without].filter((name) => !other.has(name));
}

/** Could a shadow be made of a value of this type at run time? */
function hasNumbers(type: Type): boolean {
  switch (type.kind) {
    case "number":
    case "integer":
    case "record":
      return true;
    case "array":
      return !isInteger(type.storage);
    case "tuple":
      return true;
    case "optional":
      return hasNumbers(type.of);
    case "boolean":
    case "opaque":
      return false;
  }
}
