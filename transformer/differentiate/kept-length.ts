/** Has the array that a loop goes on with after each step the length of the one before? */
import type { Aliases } from "../analyze/aliases.js";
import type { RegionTree } from "../analyze/region-tree.js";
import type { LoopOp, Value } from "../ir/ir.js";
import { yieldsOf } from "./facts.js";

/**
 * Known for what is made as long as the array that came in, or as the one before the loop:
 *
 *   loop carrying y = y0 { next = zeros (length y); ...; yield stop next }
 */
export function keepsLength(loop: LoopOp, position: number, tree: RegionTree, aliases: Aliases): boolean {
  const [param, initial] = [loop.body.params[position + 1], loop.initial[position]];
  const final = yieldsOf(loop.body.exit)[position + 1];
  if (param === undefined || initial === undefined || final === undefined) return false;
  const { resized, lengthened } = aliases.classOf(param);
  if (resized || lengthened) return false;
  const known = [param, initial].map((value) => lengthOf(value, tree));
  return ends(final, tree).every((end) => known.includes(lengthOf(end, tree)));
}

/** The arrays that a value may be, by the branches that it comes from. */
function ends(value: Value, tree: RegionTree): readonly Value[] {
  const { op } = tree.definitionOf(value);
  if (op?.kind !== "if") return [value];
  return [op.then, op.else].flatMap(({ exit }) => {
    const inner = yieldsOf(exit)[op.results.indexOf(value)];
    return inner === undefined ? [] : ends(inner, tree);
  });
}

/** The length of an array: a number, a value, or, as a value that stands for its length, an array of the same length. */
function lengthOf(array: Value, tree: RegionTree): Value | number {
  const { op } = tree.definitionOf(array);
  if (op?.kind !== "allocate") return array;
  const { initial } = op;
  switch (initial.kind) {
    case "parts":
      return initial.parts.length;
    case "zerosLike":
      return lengthOf(initial.of, tree);
    case "zeros":
    case "filled":
      return meant(initial.length, tree);
    case "copy":
      // `slice(0, n)` is shorter where its source is
      return meant(initial.from, tree) === 0 && meant(initial.to, tree) === lengthOf(initial.source, tree)
        ? lengthOf(initial.source, tree)
        : array;
  }
}

function meant(count: Value, tree: RegionTree): Value | number {
  const { op } = tree.definitionOf(count);
  if (op?.kind === "constant" && typeof op.value === "number") return op.value;
  return op?.kind === "length" ? lengthOf(op.array, tree) : count;
}
