/** May a value of one type stand where another is expected? Lenient between integers and numbers only where asked. */
import { areUnrelated, isDictionary, isTape, type RecordType, type Type } from "./ir.js";
import { absenceOf, bothAbsences, isNothing } from "./join-types.js";

/**
 * `narrowing`: a number may stand for an integer, as in a store to an Int32Array or for a parameter declared `int`.
 * Otherwise it may not: an integer never carries a derivative, so that would drop one silently.
 */
export function isAssignable(
  from: Type,
  to: Type,
  narrowing: boolean,
  assumed: readonly (readonly [Type, Type])[] = [],
): boolean {
  if (from === to) return true;
  const inside = (one: Type, other: Type): boolean => isAssignable(one, other, true, assumed);
  if (to.kind === "optional") {
    if (from.kind === "optional") return isAssignable(from.of, to.of, narrowing, assumed);
    return isNothing(from) || isAssignable(from, to.of, narrowing, assumed);
  }
  switch (from.kind) {
    case "integer":
      return to.kind === "integer" || to.kind === "number";
    case "number":
      return to.kind === "number" || (narrowing && to.kind === "integer");
    case "boolean":
      return to.kind === "boolean";
    case "opaque":
      // A place for null holds no text.
      if (to.kind !== "opaque") return isTapeOf(to, from.text);
      return !isNothing(to) || (isNothing(from) && bothAbsences(absenceOf(from), absenceOf(to)) === absenceOf(to));
    case "optional":
      return false;
    case "array":
      return (
        to.kind === "array" &&
        (from.storage === to.storage || (to.storage === "ArrayLike" && !isDictionary(from))) &&
        (to.identity === undefined || from.identity === to.identity) &&
        (from.keys === to.keys || (from.keys !== undefined && to.keys !== undefined && inside(from.keys, to.keys))) &&
        inside(from.element, to.element)
      );
    case "tuple":
      if (to.kind === "array")
        return (
          to.storage === "Array" && to.identity === undefined && from.elements.every((one) => inside(one, to.element))
        );
      return (
        to.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        from.elements.every((one, k) => {
          const other = to.elements[k];
          return other !== undefined && inside(one, other);
        })
      );
    case "record":
      if (to.kind === "opaque") return isTapeOf(from, to.text);
      if (to.kind !== "record") return false;
      if (assumed.some(([one, other]) => one === from && other === to)) return true;
      return isAssignableRecord(from, to, [...assumed, [from, to]]);
  }
}

function isAssignableRecord(from: RecordType, to: RecordType, assumed: readonly (readonly [Type, Type])[]): boolean {
  if (from.members !== undefined) return from.members.every((one) => isAssignable(one, to, true, assumed));
  if (to.members !== undefined) return to.members.some((one) => isAssignable(from, one, true, assumed));
  const { identity } = to.instance ?? {};
  if (identity !== undefined && from.instance?.identity !== identity) return false;
  if (areUnrelated(from.instance, to.instance)) return false;
  return to.fields.every((field) => {
    const own = from.fields.find(({ name }) => name === field.name);
    if (own === undefined) return field.type.kind === "optional" && from.instance?.computed?.has(field.name) !== true;
    // One shadow cannot have a place for it and have none.
    if (own.isConst !== field.isConst) return false;
    return isAssignable(own.type, field.type, true, assumed);
  });
}

/** Whoever carries a tape knows no more of it than its name. */
const isTapeOf = (type: Type, name: string): boolean => isTape(type) && type.name === name;
