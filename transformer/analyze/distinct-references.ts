/**
 * References that are certainly not the same object at one time, though they share a memory class:
 * buffers that a loop swaps.
 *
 *   loop carrying u = a, v = b { ... yield v u }     a and b distinct, so u and v are in every iteration
 *
 * If what a loop begins with is pairwise distinct and every iteration hands it on in another order,
 * it stays so.
 */
import type { Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { RegionTree } from "./region-tree.js";

/** Are two references surely different objects, whenever both are asked at one time? */
export function areDistinct(a: Value, b: Value, tree: RegionTree, aliases: Aliases): boolean {
  if (a === b) return false;
  const [first, second] = [tree.definitionOf(a), tree.definitionOf(b)];
  if (isFresh(a, tree) && isFresh(b, tree)) return true;
  if (first.op?.kind === "loop" && first.op === second.op) {
    // behind the loop as after each of its iterations
    const { results, body } = first.op;
    const [one, other] = [a, b].map((result) => body.params[results.indexOf(result) - 1]);
    return one !== undefined && other !== undefined && areDistinct(one, other, tree, aliases);
  }
  if (first.op !== null || second.op !== null || first.region !== second.region)
    return aliases.classOf(a) !== aliases.classOf(b);
  const loop = tree.ownerOf(first.region);
  if (loop?.kind !== "loop") return aliases.classOf(a) !== aliases.classOf(b);
  const { params, exit } = loop.body;
  if (exit.kind !== "yield") return false;
  // the positions that the two pass through
  const circle = new Set<number>();
  const pending = [params.indexOf(a), params.indexOf(b)];
  for (let position = pending.pop(); position !== undefined; position = pending.pop()) {
    if (circle.has(position)) continue;
    circle.add(position);
    const value = exit.values[position];
    const from = value === undefined ? -1 : params.indexOf(value);
    if (from < 1) return false;
    pending.push(from);
  }
  const handed = [...circle].map((position) => exit.values[position]);
  if (new Set(handed).size !== circle.size) return false;
  const begins = [...circle].map((position) => loop.initial[position - 1]);
  return begins.every(
    (one, index) =>
      one !== undefined &&
      begins.every((other, at) => at <= index || (other !== undefined && areDistinct(one, other, tree, aliases))),
  );
}

/** Made by an allocation that is none of the same object's other names. */
function isFresh(value: Value, tree: RegionTree): boolean {
  return tree.definitionOf(value).op?.kind === "allocate";
}
