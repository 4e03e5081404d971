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
import type { LoopOp, Op, Region, StoreOp, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { Bounds, Touching } from "./bounds.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";

export interface PrivateArrays {
  /** Is the array that `base` denotes private to each iteration of the loop: made in it, or written before read? */
  isPrivateTo(loop: LoopOp, base: Value): boolean;
}

export function analyzePrivateArrays(tree: RegionTree, aliases: Aliases, bounds: Bounds): PrivateArrays {
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
    const length = made.initial.length;
    const memory = aliases.classOf(base);

    const reads: Op[] = [];
    const covers: Op[] = [];
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
        if (coversAll(op, base, length)) covers.push(op);
      } else if (op.kind !== "length" && operandsOf(op).some(touches)) {
        surprises.push(op);
      }
    });
    return surprises.length === 0 && reads.every((read) => isWrittenBefore(read, covers, stores, loop));

    function touches(value: Value): boolean {
      return value.type.kind === "array" && aliases.classOf(value) === memory;
    }
  };

  /** Does the loop store every cell of the array, whatever its tests say? */
  const coversAll = (loop: LoopOp, base: Value, length: Value): boolean => {
    const { range, body } = loop;
    if (range === null || range.step !== 1 || range.inclusive || range.to !== length || mayStop(loop)) return false;
    const { op: from } = tree.definitionOf(range.from);
    if (from?.kind !== "constant" || from.value !== 0) return false;
    return body.ops.some(
      (op) => op.kind === "store" && op.at.kind === "element" && op.at.base === base && op.at.index === body.params[0],
    );
  };

  const isWrittenBefore = (read: Op, covers: readonly Op[], stores: readonly StoreOp[], loop: LoopOp): boolean => {
    if (read.kind !== "load" && read.kind !== "accumulate") return false;
    const index = read.at.kind === "element" ? read.at.index : null;
    return (
      covers.some((cover) => precedes(cover, read)) ||
      stores.some((store) => store.at.kind === "element" && store.at.index === index && precedes(store, read)) ||
      stores.some((store) => isInRowOf(store, read, loop))
    );
  };

  /** Have loops in `loop` that ran before `read` stored, one iteration after the other, the cell that it reads? */
  const isInRowOf = (store: StoreOp, read: Touching, loop: LoopOp): boolean => {
    const { type } = store.at.base;
    // behind the end of a typed array nothing is written, nor anything found
    if (type.kind !== "array" || (type.storage === "Array" && !bounds.isInside(store))) return false;
    const sweep: LoopOp[] = [];
    for (let { region } = tree.placeOf(store); region !== loop.body; region = tree.placeOf(sweep[0] ?? store).region) {
      const owner = tree.ownerOf(region);
      if (owner?.kind !== "loop" || mayStop(owner)) return false;
      sweep.unshift(owner);
      if (precedes(owner, read) && bounds.isCovered(read, store, sweep)) return true;
    }
    return false;
  };

  /** Has `first` certainly run, in the same iteration of everything around it, when `then` runs? */
  const precedes = (first: Op, then: Op): boolean => {
    const { region, position } = tree.placeOf(first);
    const path = tree.pathTo(tree.placeOf(then).region);
    const depth = path.indexOf(region);
    if (depth < 0) return false;
    const child: Region | undefined = path[depth + 1];
    const owner: Op | null = child === undefined ? then : tree.ownerOf(child);
    return owner !== null && tree.placeOf(owner).position > position;
  };

  return { isPrivateTo };
}
