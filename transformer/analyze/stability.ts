/**
 * Does a cell still hold, when the forward sweep has ended, what was loaded from it, or stored there? Then the reverse
 * sweep may load it again. It does not if some operation that may run later, in this iteration or in a
 * later one of any loop around both, may write the cell.
 *
 *   for i { h[i] = tanh x[i]; s = add s h[i] }      h[i] is stable: later iterations write other cells
 *   for i { x = load a[0]; store a[0] (mul x x) }   a[0] is not
 */
import type { AccumulateOp, IRFunction, LengthOp, LoadOp, LoopOp, Op, Region, StoreOp, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import type { Bounds, Touching } from "./bounds.js";
import { findDistinctRows } from "./distinct-rows.js";
import { referencesHandedOn } from "./handed-on.js";
import { isOlder } from "./older-references.js";
import type { PrivateArrays } from "./private-arrays.js";
import type { RegionTree } from "./region-tree.js";
import { findWriters, firstFrom } from "./writers.js";

export interface Stability {
  /**
   * `replayed`: the innermost loop around whose iterations run again in the reverse sweep, or null. For an array
   * that is private to them, only what the same iteration writes later counts.
   */
  isStable(op: LoadOp | StoreOp | LengthOp, replayed: LoopOp | null): boolean;
}

/** The two sweeps are functions of their own, and others run in between: positions of parameters whose memory they leave as it is. */
export interface Apart {
  readonly stable: ReadonlySet<number>;
}

/** May others write this memory between the two sweeps? */
export const isExposed = ({ escapes, parameter }: MemoryClass, apart: Apart | null): boolean =>
  apart !== null && (parameter === null ? escapes : !apart.stable.has(parameter));

/** Answers which cells still hold what they held, once the forward sweep is over. */
export function analyzeStability(
  fn: IRFunction,
  tree: RegionTree,
  aliases: Aliases,
  arrays: PrivateArrays,
  bounds: Bounds,
  apart: Apart | null = null,
): Stability {
  const writers = findWriters(fn, aliases);
  const hasDistinctRows = findDistinctRows(tree, aliases);

  const handedOn = referencesHandedOn(fn);

  /**
   * Loops around a region in later iterations of which others may still know the object that is `base` in this one: an
   * object that is made in a loop and handed on to nobody is gone after its iteration.
   */
  const loopsSharing = (region: Region, base: Value, replayed: LoopOp | null): readonly LoopOp[] => {
    const { op: definition, region: home } = tree.definitionOf(base);
    if (definition?.kind !== "allocate" || handedOn.has(base)) return tree.loopsAround(region);
    const around = tree.loopsAround(region).filter((loop) => !tree.isWithin(home, loop.body));
    if (replayed === null || !arrays.isPrivateTo(replayed, base)) return around;
    return around.slice(around.indexOf(replayed) + 1);
  };

  /**
   * The innermost loop around a region of which snapshots are kept, among the one whose iterations run again and those
   * around it: a loop within these runs again as a whole, and memory is not brought back for it.
   */
  const checkpointedAround = (region: Region, replayed: LoopOp | null): LoopOp | null => {
    const around = tree.loopsAround(region);
    const inner = replayed === null ? -1 : around.indexOf(replayed);
    const outer = inner < 0 ? around : around.slice(0, inner + 1);
    return outer.findLast(({ checkpoint }) => checkpoint !== undefined) ?? null;
  };
  /** Is a loop within a region, and not the one whose body this is? */
  const isInner = (loop: LoopOp, within: Region | null): boolean =>
    within === null || tree.isWithin(tree.placeOf(loop).region, within);

  const isOverwrittenBy = (op: Touching, writer: Op, replayed: LoopOp | null): boolean => {
    const [from, to] = [tree.placeOf(op).region, tree.placeOf(writer).region];
    const [pathFrom, pathTo] = [tree.pathTo(from), tree.pathTo(to)];
    let depth = 0;
    while (depth + 1 < pathFrom.length && pathFrom[depth + 1] === pathTo[depth + 1]) depth++;
    const common = pathFrom[depth] ?? tree.root;
    const position = (path: readonly Region[], leaf: Op): number => {
      const child = path[depth + 1];
      const owner = child === undefined ? leaf : (tree.ownerOf(child) ?? leaf);
      return tree.placeOf(owner).position;
    };
    if (isWrite(writer) && isOlder(op.at.base, writer.at.base, tree)) return false;
    const home = checkpointedAround(from, replayed);
    // its iterations run again with the memory that they had
    if (home !== null && !tree.isWithin(to, home.body)) return false;
    const isAside = replayed !== null && !tree.isWithin(to, replayed.body) && arrays.isPrivateTo(replayed, op.at.base);
    if (isAside) return false;
    // the same iteration of all that is around both: there i and i + 1 are different cells
    const isElsewhere =
      isWrite(writer) && (!aliases.mayOverlap(writer.at, op.at) || writesOtherCells(null, op, writer));
    if (position(pathTo, writer) > position(pathFrom, op) && !isElsewhere) return true;
    const within = home === null ? null : home.body;
    return loopsSharing(common, op.at.base, replayed).some(
      (loop) => isInner(loop, within) && !writesNewObjects(loop, writer) && !writesOtherCells(loop, op, writer),
    );
  };

  /** Is it certain that `writer` touches other cells? `loop` as in `StaysApart`. */
  const writesOtherCells = (loop: LoopOp | null, op: Touching, writer: Op): boolean => {
    if (!isWrite(writer)) return false;
    return bounds.staysApart(loop, op, writer) || writesOtherRows(loop, op, writer);
  };

  /** Is what `writer` writes to made anew in each iteration of a loop? Nothing was loaded from it before. */
  const writesNewObjects = (loop: LoopOp, writer: Op): boolean => {
    if (!isWrite(writer)) return false;
    const { op: made, region } = tree.definitionOf(writer.at.base);
    return made?.kind === "allocate" && tree.isWithin(region, loop.body);
  };

  /** The same, where the cells are elements of rows that are different objects. */
  const writesOtherRows = (loop: LoopOp | null, op: Touching, writer: Touching): boolean => {
    const [row, written] = [tree.definitionOf(op.at.base).op, tree.definitionOf(writer.at.base).op];
    if (row?.kind !== "load" || written?.kind !== "load" || row.at.base !== written.at.base) return false;
    return hasDistinctRows(row.at.base) && bounds.staysApart(loop, row, written, [op, writer]);
  };

  const memo = new Map<LoopOp | null, Map<Op, boolean>>();
  const decide = (op: LoadOp | StoreOp | LengthOp, replayed: LoopOp | null): boolean => {
    if (isExposed(aliases.classOf(op.kind === "length" ? op.array : op.at.base), apart)) return false;
    if (op.kind === "length") return writers.ofLength(op.array).every((run) => run.length === 0);
    const { region, order } = tree.placeOf(op);
    const loop = tree.outermostLoopAround(region);
    // What stands before, and in no loop with it, has run.
    const first = loop === null ? order : tree.placeOf(loop).order;
    return !writers.of(op.at).some((run) => {
      for (let at = firstFrom(run, first, tree); at < run.length; at++) {
        const writer = run[at];
        if (writer !== undefined && isOverwrittenBy(op, writer, replayed)) return true;
      }
      return false;
    });
  };
  return {
    isStable: (op, replayed) => {
      const known = memo.get(replayed) ?? new Map<Op, boolean>();
      memo.set(replayed, known);
      const before = known.get(op);
      if (before !== undefined) return before;
      const stable = decide(op, replayed);
      known.set(op, stable);
      return stable;
    },
  };
}

const isWrite = (op: Op): op is StoreOp | AccumulateOp => op.kind === "store" || op.kind === "accumulate";
