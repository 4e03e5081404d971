/** Loops over the numbers inside a container, nested as its type is. */
import { element, field, makeValue, type Block } from "../ir/build.js";
import {
  carriesDerivative,
  integerType,
  isDictionary,
  isReference,
  type Location,
  type Type,
  type Value,
} from "../ir/ir.js";
import { Refusal } from "./refusal.js";

/** How a number is reached: an element by its index, a field by its name. */
export type Step =
  { readonly kind: "element"; readonly index: Value } | { readonly kind: "field"; readonly field: string | number };
export type Path = readonly Step[];

/** How many numbers a value of this type holds, where its type says so. */
export function countOf(type: Type): number | null {
  switch (type.kind) {
    case "number":
    case "integer":
      return 1;
    case "tuple":
    case "record": {
      const parts = type.kind === "tuple" ? type.elements : type.fields.map((one) => one.type);
      return parts
        .filter((part) => carriesDerivative(part))
        .reduce<number | null>((sum, part) => {
          const count = countOf(part);
          return sum === null || count === null ? null : sum + count;
        }, 0);
    }
    case "boolean":
    case "opaque":
      return 0;
    case "array":
    case "optional":
      return null;
  }
}

const locationOf = (base: Value, step: Step): Location =>
  step.kind === "element" ? element(base, step.index) : field(base, step.field);

/** The place of a number in a container. */
export function locate(container: Value, path: Path, block: Block): Location {
  const last = path.at(-1);
  if (last === undefined) throw new Error("a number has no place in itself");
  let base = container;
  for (const step of path.slice(0, -1)) base = block.load(locationOf(base, step));
  return locationOf(base, last);
}

const mayBeAbsent = (type: Type): boolean =>
  (type.kind === "optional" && carriesDerivative(type)) || (type.kind === "record" && type.members !== undefined);

/** A table has a place for each number, whether it is there or not. */
export function refuseAbsent(types: readonly Type[]): void {
  if (!types.some(mayBeAbsent)) return;
  throw new Refusal("EZ2001", {
    what: "a Jacobian or Hessian of what may be left out, or is one of several things,",
    advice: 'use "hvp", "forward" or "reverse"',
  });
}

/** The parts of a container that carry a derivative, each visited in a block of its own or one after the other. */
export function forEachPart(
  type: Type,
  container: Value,
  block: Block,
  visit: (step: Step, part: Type, block: Block) => void,
): void {
  if (isDictionary(type)) {
    throw new Refusal("EZ2095", {
      what: "A Jacobian, a Hessian or a seed",
      advice: "use gradient, forward or reverse",
    });
  }
  const parts =
    type.kind === "tuple" ? type.elements : type.kind === "record" ? type.fields.map((one) => one.type) : [];
  refuseAbsent([type, ...parts, ...(type.kind === "array" ? [type.element] : [])]);
  switch (type.kind) {
    case "array": {
      const index = makeValue(integerType);
      const inner = block.inner();
      visit({ kind: "element", index }, type.element, inner);
      const stop = inner.constant(false);
      const range = { from: block.constant(0), to: block.length(container), step: 1, inclusive: false };
      block.loop(range, [], inner.yield([index], [stop]), [makeValue(integerType), makeValue(integerType)]);
      return;
    }
    case "tuple":
      return type.elements.forEach((part, index) => {
        if (carriesDerivative(part)) visit({ kind: "field", field: index }, part, block);
      });
    case "record":
      return type.fields.forEach(({ name, type: part }) => {
        if (carriesDerivative(part)) visit({ kind: "field", field: name }, part, block);
      });
    default:
      throw new Error(`a value of type ${type.kind} has no parts`);
  }
}

/** Visits every number, with its place and the way to it. */
export function forEachLeaf(
  container: Value,
  block: Block,
  visit: (at: Location, path: Path, block: Block) => void,
  path: Path = [],
): void {
  forEachPart(container.type, container, block, (step, part, inner) => {
    const at = locationOf(container, step);
    const way = [...path, step];
    if (isReference(part)) forEachLeaf(inner.load(at), inner, visit, way);
    else visit(at, way, inner);
  });
}
