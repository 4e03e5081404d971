/**
 * Names of fields that hold numbers but carry no derivative, wherever in a type they occur: at run time they cannot be
 * told from the others.
 *
 *   { length: number; parent: int }   =>   parent
 */
import { carriesDerivative, type Type } from "../ir/ir.js";

export function omittedFields(type: Type): readonly string[] {
  const [without, other] = [new Set<string>(), new Set<string>()];
  const seen = new Set<Type>();
  const visit = (one: Type): void => {
    if (one.kind === "array") visit(one.element);
    if (one.kind === "optional") visit(one.of);
    if (one.kind === "tuple") one.elements.forEach(visit);
    if (one.kind !== "record" || seen.has(one)) return;
    seen.add(one);
    for (const field of one.fields) {
      if (carriesDerivative(field.type)) other.add(field.name);
      else if (hasNumbers(field.type)) without.add(field.name);
      visit(field.type);
    }
  };
  visit(type);
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
      return type.storage === "Array" || type.storage === "ArrayLike";
    case "tuple":
      return true;
    case "optional":
      return hasNumbers(type.of);
    case "boolean":
    case "opaque":
      return false;
  }
}
