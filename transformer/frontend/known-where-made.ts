/** Values that hold more than their declared types tell: only who sees where they were made knows what is in them. */
import { isMap, type Type, type Value } from "../ir/ir.js";
import { insideOf } from "../ir/recursive.js";
import { isMapText } from "../syntax/type-of.js";
import { carriesFunctions } from "./function-value.js";
import type { LoweringSession } from "./session.js";

/** Does a value hold functions, or Maps in the fields of objects? */
export const isKnownWhereMade = (session: LoweringSession, value: Value): boolean =>
  carriesFunctions(session, value) || keepsMaps(value.type);

/** Has an object a Map or Set in it that the function makes? Its declared type tells of one from outside. */
export function keepsMaps(of: Type): boolean {
  const seen = new Set<Type>();
  const visit = (type: Type): boolean => {
    if (seen.has(type)) return false;
    seen.add(type);
    return insideOf(type).some((one) => isMap(one) || visit(one));
  };
  return !isMap(of) && visit(of);
}

/** Has an object of this type a Map or Set in it that may be one from outside, or one that the function makes? */
export function tellsOfMaps(of: Type): boolean {
  const seen = new Set<Type>();
  const visit = (type: Type): boolean => {
    if (seen.has(type)) return false;
    seen.add(type);
    return insideOf(type).some((one) => (one.kind === "opaque" && isMapText(one.text)) || visit(one));
  };
  return visit(of);
}
