/**
 * Scratch arrays that belong to one iteration of a loop although they are made outside it: every
 * iteration writes a cell before it reads it, so no value passes from one iteration to the next
 * (array privatisation; Allen & Kennedy, Optimizing Compilers for Modern Architectures, ch. 6.6).
 *
 *   h = allocate zeros n
 *   for s { for i from 0 to n { store h[i] ... }; for i { ... load h[i] ... } }     h is private to the loop over s
 *
 * A cell counts as written where a loop over the whole length of the array stored it unconditionally, where a store of
 * the same index came before in the same iteration, or where loops before wrote the row that it lies in:
 *
 *   for s { for c { for i from 0 to d { store h[c * d + i] ... }; for j from 1 to d { ... load h[c * d + j] } } }
 */
import { operandsOf, walk } from "../ir/traverse.js";
import type { LoopOp, Op, StoreOp, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { Bounds, Touching } from "./bounds.js";
import { analyzeCoverage } from "./coverage.js";
import type { RegionTree } from "./region-tree.js";

export interface PrivateArrays {
  /** Is the array that `base` denotes private to each iteration of the loop: made in it, or written before read? */
  isPrivateTo(loop: LoopOp, base: Value): boolean;
}

/** Answers which arrays belong to one iteration of a loop. */
export function analyzePrivateArrays(tree: RegionTree, aliases: Aliases, bounds: Bounds): PrivateArrays {
  const coverage = analyzeCoverage(tree, bounds);
  const memo = new Map<LoopOp, Map<Value, boolean>>();

  const isPrivateTo = (loop: LoopOp, base: Value): boolean => {
    const known = memo.get(loop) ?? new Map<Value, boolean>();
    memo.set(loop, known);
    const before = known.get(base);
    if (before !== undefined) return before;
    const found = decide(loop, base);
    known.set(base, found);
    return found;
  };

  const decide = (loop: LoopOp, base: Value): boolean => {
    const { op: made, region: home } = tree.definitionOf(base);
    if (made?.kind !== "allocate" || aliases.classOf(base).escapes) return false;
    if (tree.isWithin(home, loop.body)) return true;
    if (made.initial.kind !== "zeros" && made.initial.kind !== "filled") return false;
    const memory = aliases.classOf(base);

    const reads: Touching[] = [];
    const stores: StoreOp[] = [];
    const surprises: Op[] = [];
    walk(loop.body, (op) => {
      if (op.kind === "load" || op.kind === "store" || op.kind === "accumulate") {
        if (!touches(op.at.base)) {
          if (op.kind === "store" && touches(op.value)) surprises.push(op);
          return;
        }
        if (op.at.base !== base || op.at.kind !== "element") surprises.push(op);
        if (op.kind === "store") stores.push(op);
        else reads.push(op);
      } else if (op.kind === "loop") {
        if (op.initial.some(touches)) surprises.push(op);
      } else if (op.kind !== "length" && operandsOf(op).some(touches)) {
        surprises.push(op);
      }
    });
    const isWritten = (read: Touching): boolean => stores.some((store) => coverage.hasWritten(store, read, loop));
    return surprises.length === 0 && reads.every(isWritten);

    function touches(value: Value): boolean {
      return value.type.kind === "array" && aliases.classOf(value) === memory;
    }
  };

  return { isPrivateTo };
}
