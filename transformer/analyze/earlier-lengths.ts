/** Lengths that an array which may be resized had before, where nothing has taken elements off since. */
import type { LengthOp, Op, Value } from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import { atom, type Polynomial } from "./polynomials.js";
import type { RegionTree } from "./region-tree.js";
import type { Terms } from "./terms.js";

/** Gives the lengths that `array` had at some time before an operation, and has not fallen below since. */
export function earlierLengthsOf(
  tree: RegionTree,
  terms: Terms,
  aliases: Aliases,
): (array: Value, at: Op) => readonly Polynomial[] {
  const earlierLengths = (base: Value, at: Op): readonly Polynomial[] => {
    const memory = aliases.classOf(base);
    const found: Polynomial[] = [];
    const { op: made } = tree.definitionOf(base);
    if (made?.kind === "allocate" && !isShortenedBetween(made, at, memory)) {
      const length = terms.lengthWhenMade(base);
      if (length !== null) found.push(length);
    }
    for (const asked of lengthsAsked()) {
      if (asked.array !== base || !encloses(asked, at) || isShortenedBetween(asked, at, memory)) continue;
      for (const length of asked.results) found.push(atom(terms.atomOf("value", length)));
    }
    return found;
  };
  const encloses = (outer: Op, inner: Op): boolean =>
    tree.isWithin(tree.placeOf(inner).region, tree.placeOf(outer).region);
  /** May elements be taken off between an operation and one that it dominates? */
  const isShortenedBetween = (from: Op, to: Op, memory: MemoryClass): boolean => {
    let { region, position } = tree.placeOf(to);
    const start = tree.placeOf(from);
    for (;;) {
      const first = region === start.region ? start.position + 1 : 0;
      if (region.ops.slice(first, position).some((op) => mayShorten(op, memory))) return true;
      if (region === start.region) return false;
      const owner = tree.ownerOf(region);
      if (owner === null || (owner.kind === "loop" && mayShorten(owner, memory))) return true;
      ({ region, position } = tree.placeOf(owner));
    }
  };
  const mayShorten = (op: Op, memory: MemoryClass): boolean => {
    switch (op.kind) {
      case "pop":
        return aliases.classOf(op.array) === memory;
      case "call":
        return aliases.effectsOfCall(op).resizes.includes(memory);
      case "opaque":
        return op.effects.writes;
      default:
        return regionsOf(op).some((inner) => inner.ops.some((one) => mayShorten(one, memory)));
    }
  };
  let asked: readonly LengthOp[] | null = null;
  const lengthsAsked = (): readonly LengthOp[] => {
    if (asked !== null) return asked;
    const found: LengthOp[] = [];
    walk(tree.root, (op) => {
      if (op.kind === "length") found.push(op);
    });
    asked = found;
    return found;
  };
  return earlierLengths;
}
