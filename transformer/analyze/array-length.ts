/** How long an array is, told by what else is as long. */
import type { Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import { staysAsLong } from "./length-changes.js";
import type { RegionTree } from "./region-tree.js";

/**
 * The length of an array as it is made: a number, a value, or, as a value that stands for its length, an array of the
 * same length.
 */
export function lengthOf(array: Value, tree: RegionTree, aliases: Aliases): Value | number {
  const { op } = tree.definitionOf(array);
  if (op?.kind !== "allocate") return array;
  const { initial } = op;
  switch (initial.kind) {
    case "parts":
      return initial.parts.length;
    case "zerosLike":
      return staysAsLong(initial.of, aliases) ? lengthOf(initial.of, tree, aliases) : array;
    case "zeros":
    case "filled":
      return meant(initial.length, tree, aliases);
    case "copy": {
      // `slice(0, n)` is shorter where its source is
      const { source, from, to } = initial;
      if (!staysAsLong(source, aliases)) return array;
      const length = lengthOf(source, tree, aliases);
      return meant(from, tree, aliases) === 0 && meant(to, tree, aliases) === length ? length : array;
    }
  }
}

function meant(count: Value, tree: RegionTree, aliases: Aliases): Value | number {
  const { op } = tree.definitionOf(count);
  if (op?.kind === "constant" && typeof op.value === "number") return op.value;
  return op?.kind === "length" && staysAsLong(op.array, aliases) ? lengthOf(op.array, tree, aliases) : count;
}
