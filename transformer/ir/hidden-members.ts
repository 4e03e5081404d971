import { carriesDerivative, type Type } from "./ir.js";

/** Private and protected members of a type that carry a derivative. */
export function hiddenMembers(type: Type): readonly string[] {
  switch (type.kind) {
    case "number":
    case "integer":
    case "boolean":
    case "opaque":
      return [];
    case "array":
      return hiddenMembers(type.element);
    case "tuple":
      return type.elements.flatMap(hiddenMembers);
    case "optional":
      return hiddenMembers(type.of);
    case "record":
      return type.fields
        .filter((field) => carriesDerivative(field.type))
        .flatMap(({ name, type: of }) => (type.instance?.hidden.has(name) === true ? [name] : hiddenMembers(of)));
  }
}
