/** The type of the shadow of a value: the same container, without the fields that carry no derivative. */
import { carriesDerivative, type Origin, type Role, type Type, type Value } from "../ir/ir.js";

/** What stands in a tuple's shadow where there is no derivative: positions are kept. */
const nothing: Type = { kind: "opaque", text: "undefined" };

export function shadowType(type: Type): Type {
  switch (type.kind) {
    case "number":
    case "integer":
    case "boolean":
    case "opaque":
      return type;
    case "array":
      return { ...type, element: shadowType(type.element) };
    case "tuple":
      return {
        kind: "tuple",
        elements: type.elements.map((part) => (carriesDerivative(part) ? shadowType(part) : nothing)),
      };
    case "record":
      return {
        kind: "record",
        name: null,
        fields: type.fields
          .filter((field) => carriesDerivative(field.type))
          .map(({ name, type: part }) => ({ name, type: shadowType(part) })),
      };
    case "optional":
      return { ...type, of: shadowType(type.of) };
  }
}

/** The origin of something that stands beside a primal value: same variable and span, another role. */
export const beside = (value: Value, role: Role): Origin => ({ ...value.origin, role });
