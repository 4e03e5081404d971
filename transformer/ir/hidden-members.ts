import { fieldCarries, type RecordType, type Type } from "./ir.js";
import { recordsIn } from "./recursive.js";

/** Private and protected members of a type that carry a derivative. */
export function hiddenMembers(type: Type): readonly string[] {
  return [...recordsIn(type)].flatMap(({ fields, instance }) =>
    fields.filter((field) => instance?.hidden.has(field.name) === true && fieldCarries(field)).map(({ name }) => name),
  );
}

/** Is a member private or protected, to all or some of the classes that the instance may be of? */
export const hides = (type: RecordType, member: string): boolean =>
  type.instance?.hidden.has(member) === true || type.members?.some((one) => hides(one, member)) === true;
