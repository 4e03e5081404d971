/** Has the array that a loop goes on with after each step the length of the one before? */
import type { Aliases } from "../analyze/aliases.js";
import { lengthOf } from "../analyze/array-length.js";
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
  const known = [param, initial].map((value) => lengthOf(value, tree, aliases));
  return ends(final, tree).every((end) => known.includes(lengthOf(end, tree, aliases)));
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
