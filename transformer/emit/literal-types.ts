/** Expressions whose type TypeScript takes to be one of a few numbers: `o.degree`, declared `1 | 2`. */
import type { Type } from "../ir/ir.js";
import type { Expression, Local, Place } from "./tree.js";

/** These numbers; null where it may be any, as it may of a variable that is declared with `let`. */
export function literalsOf(expression: Expression, isMutable: (local: Local) => boolean): readonly number[] | null {
  switch (expression.kind) {
    case "local": {
      const { local } = expression;
      return local.kind === "parameter" || isMutable(local) ? null : literalsIn(local.type);
    }
    case "load":
      return literalsIn(heldIn(expression.place));
    case "unwrap":
      return literalsOf(expression.value, isMutable);
    case "conditional": {
      const [then, otherwise] = [literalsOf(expression.then, isMutable), literalsOf(expression.otherwise, isMutable)];
      return then === null || otherwise === null ? null : [...then, ...otherwise];
    }
    default:
      return null;
  }
}

function literalsIn(type: Type | undefined): readonly number[] | null {
  if (type?.kind === "optional") return literalsIn(type.of);
  return type?.kind === "number" || type?.kind === "integer" ? (type.literals ?? null) : null;
}

/** The type of a part of what is made of parts. */
export function typeOfPart(type: Type, k: number): Type | undefined {
  if (type.kind === "array") return type.element;
  return type.kind === "tuple" ? type.elements[k] : type.kind === "record" ? type.fields[k]?.type : undefined;
}

/** The type of what an array holds. */
export function elementOf(array: Expression): Type | undefined {
  const type = array.kind === "local" ? array.local.type : array.kind === "load" ? heldIn(array.place) : undefined;
  return type?.kind === "array" ? type.element : undefined;
}

/** The type of what a place holds. */
export function heldIn({ of, ...place }: Place): Type | undefined {
  if (of.kind === "array") return of.element;
  if (of.kind === "tuple") return place.kind === "field" ? of.elements[Number(place.field)] : undefined;
  if (of.kind !== "record" || place.kind !== "field") return undefined;
  return of.fields.find(({ name }) => name === place.field)?.type;
}
