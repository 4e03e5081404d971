import { fieldCarries, type Type } from "./ir.js";
import { recordsIn } from "./recursive.js";

/** Private and protected members of a type that carry a derivative. */
export function hiddenMembers(type: Type): readonly string[] {
  return [...recordsIn(type)].flatMap(({ fields, instance }) =>
    fields.filter((field) => instance?.hidden.has(field.name) === true && fieldCarries(field)).map(({ name }) => name),
  );
}
