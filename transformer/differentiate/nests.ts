/** Nested arrays in the shape of a container, with something in the place of each number: what tables are made of. */
import { element, type Block } from "../ir/build.js";
import {
  carriesDerivative,
  isReference,
  type Field,
  type Location,
  type Origin,
  type Type,
  type Value,
} from "../ir/ir.js";
import { forEachPart, type Step } from "./leaves.js";

/** A variable of a table. */
export const named = (name: string): Origin => ({ span: null, variable: { name }, role: "primal" });

/** The type of a nest: the shape of `outer` with `leaf` in the place of each number. */
export function nestType(outer: Type, leaf: Type): Type {
  switch (outer.kind) {
    case "array":
      return { kind: "array", element: nestType(outer.element, leaf), storage: "Array" };
    case "tuple":
      return {
        kind: "tuple",
        elements: outer.elements.map((part) => (carriesDerivative(part) ? nestType(part, leaf) : nothing)),
      };
    case "record": {
      const fields = outer.fields.flatMap(({ name, type }): readonly Field[] =>
        carriesDerivative(type) ? [{ name, type: nestType(type, leaf) }] : [],
      );
      return { kind: "record", name: null, fields };
    }
    default:
      return leaf;
  }
}
const nothing: Type = { kind: "opaque", text: "undefined" };

/**
 * Nests in the shape of a container, one for each of the `leaves`, filled number by number:
 * `fill` gives the leaves for the number at one place.
 */
export function nests(
  container: Value,
  leaves: readonly Type[],
  origins: readonly Origin[],
  block: Block,
  fill: (at: Location, block: Block) => readonly Value[],
): readonly Value[] {
  const { type } = container;
  const partAt = (step: Step, part: Type, inner: Block): readonly Value[] => {
    const at: Location =
      step.kind === "element" ? element(container, step.index) : { kind: "field", base: container, field: step.field };
    if (!isReference(part)) return fill(at, inner);
    return nests(
      inner.load(at),
      leaves,
      leaves.map(() => named("rows")),
      inner,
      fill,
    );
  };
  if (type.kind === "array") {
    const made = leaves.map((leaf, k) =>
      block.allocate(nestType(type, leaf), { kind: "parts", parts: [] }, origins[k] ?? named("rows")),
    );
    forEachPart(type, container, block, (step, part, inner) => {
      const values = partAt(step, part, inner);
      made.forEach((nest, k) => {
        const value = values[k];
        if (value !== undefined) inner.push(nest, value);
      });
    });
    return made;
  }
  const parts: (readonly Value[])[] = [];
  forEachPart(type, container, block, (step, part, inner) => void parts.push(partAt(step, part, inner)));
  return leaves.map((leaf, k) => {
    const own = parts.flatMap((values) => values[k] ?? []);
    const all =
      type.kind === "tuple" ? type.elements.map((part) => (carriesDerivative(part) ? own.shift() : undefined)) : own;
    return block.allocate(
      nestType(type, leaf),
      { kind: "parts", parts: all.map((part) => part ?? block.constant(undefined)) },
      origins[k] ?? named("rows"),
    );
  });
}
