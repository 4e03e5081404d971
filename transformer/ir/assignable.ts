/** May a value of one type stand where another is expected? Lenient between integers and numbers only where asked. */
import type { Type } from "./ir.js";
import { isAbsence } from "./join-types.js";

/**
 * `narrowing`: a number may stand for an integer, as in a store to an Int32Array or for a parameter declared `int`.
 * Otherwise it may not: an integer never carries a derivative, so that would drop one silently.
 */
export function isAssignable(from: Type, to: Type, narrowing: boolean): boolean {
  if (to.kind === "optional") {
    if (from.kind === "optional") return isAssignable(from.of, to.of, narrowing);
    return isAbsence(from) || isAssignable(from, to.of, narrowing);
  }
  switch (from.kind) {
    case "integer":
      return to.kind === "integer" || to.kind === "number";
    case "number":
      return to.kind === "number" || (narrowing && to.kind === "integer");
    case "boolean":
      return to.kind === "boolean";
    case "opaque":
      return to.kind === "opaque" || isTape(to, from.text);
    case "optional":
      return false;
    case "array":
      return (
        to.kind === "array" &&
        (from.storage === to.storage || to.storage === "ArrayLike") &&
        isAssignable(from.element, to.element, true)
      );
    case "tuple":
      if (to.kind === "array")
        return to.storage === "Array" && from.elements.every((one) => isAssignable(one, to.element, true));
      return (
        to.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        from.elements.every((one, k) => {
          const other = to.elements[k];
          return other !== undefined && isAssignable(one, other, true);
        })
      );
    case "record":
      if (to.kind === "opaque") return isTape(from, to.text);
      return (
        to.kind === "record" &&
        to.fields.every((field) => {
          const own = from.fields.find(({ name }) => name === field.name);
          return own === undefined ? field.type.kind === "optional" : isAssignable(own.type, field.type, true);
        })
      );
  }
}

/** Whoever carries a tape knows no more of it than its name. */
const isTape = (type: Type, name: string): boolean =>
  type.kind === "record" && type.isTape === true && type.name === name;
