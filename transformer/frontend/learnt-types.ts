/**
 * Types that were learnt while a function was lowered, for when it is lowered once more.
 *
 * What was learnt of an object may hold an object of the same make: a list, a tree. Such a type leads back to itself.
 */
import type { RecordType, Type } from "../ir/ir.js";
import { insideOf } from "../ir/recursive.js";
import { isAbsence, joinTypes, optionalOf } from "../ir/join-types.js";
import type { Shape } from "./given-later.js";
import { madeType, shapedType } from "./made-types.js";
import type { LoweringSession } from "./session.js";

/**
 * The type, with `own` where it has an object of that shape. `around`: the objects that it stands in; one that leads back to
 * one of them stays as it was learnt.
 */
export function tied(
  session: LoweringSession,
  type: Type,
  shape: Shape,
  own: RecordType,
  around: readonly Type[] = [],
): Type {
  if (around.includes(type) || !holds(session, type, shape)) return type;
  const inside = (one: Type): Type =>
    tied(session, one, shape, own, type.kind === "record" ? [...around, type] : around);
  switch (type.kind) {
    case "array":
      return { ...type, element: inside(type.element) };
    case "tuple":
      return { ...type, elements: type.elements.map(inside) };
    case "optional":
      return { ...type, of: inside(type.of) };
    case "record": {
      if (session.shapes.get(type) === shape) return own;
      const maker = session.makers.get(type);
      const fields = type.fields.map((one) => ({ ...one, type: inside(one.type) }));
      if (maker !== undefined) return madeType(session, maker, () => fields);
      const other = session.shapes.get(type);
      return other === undefined || type.members !== undefined ? type : shapedType(session, other, () => fields);
    }
    case "number":
    case "integer":
    case "boolean":
    case "opaque":
      return type;
  }
}

/** Does a type hold an object of a shape, at any depth? */
function holds(session: LoweringSession, type: Type, shape: Shape, seen = new Set<Type>()): boolean {
  if (session.shapes.get(type) === shape) return true;
  if (seen.has(type)) return false;
  seen.add(type);
  return insideOf(type).some((one) => holds(session, one, shape, seen));
}

/** One type for what was learnt before and what is seen now; of objects of one make the later type is right. */
export function joinLearnt(session: LoweringSession, known: Type, given: Type): Type | null {
  if (isAbsence(known) || isAbsence(given)) return joinTypes(known, given);
  const [one, other] = [presentOf(known), presentOf(given)];
  const shape = session.shapes.get(one);
  if (shape === undefined || shape !== session.shapes.get(other)) return joinTypes(known, given);
  return [known, given].reduce((all, type) => (type.kind === "optional" ? optionalOf(all, type.absence) : all), other);
}

const presentOf = (type: Type): Type => (type.kind === "optional" ? type.of : type);
