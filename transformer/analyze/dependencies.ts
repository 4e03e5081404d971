/**
 * Everything that a set of values depends on: through operands, through the regions that yield them,
 * through memory (whatever may have written what is loaded), and through the control around each.
 */
import { operandsOf } from "../ir/traverse.js";
import type { IRFunction, LoopOp, Op, Region, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import { takenIn } from "./effects.js";
import type { RegionTree } from "./region-tree.js";
import { findWriters, type Run } from "./writers.js";

export interface Dependencies {
  /** The values themselves and all that they depend on. */
  of(roots: Iterable<Value>): ReadonlySet<Value>;
  /** Does a value that a loop computes depend on one of these, of that loop too? */
  reach(roots: Iterable<Value>, targets: ReadonlySet<Value>, loop: LoopOp): boolean;
}

/** Answers what values of a function depend on. */
export function analyzeDependencies(fn: IRFunction, tree: RegionTree, aliases: Aliases): Dependencies {
  const writers = findWriters(fn, aliases);
  const runsFor = (op: Op): readonly Run[] => {
    switch (op.kind) {
      case "load":
        return writers.of(op.at);
      case "pop":
        return writers.ofClass(aliases.classOf(op.array));
      case "length":
        return writers.ofLength(op.array);
      default:
        return takenIn(op, aliases).flatMap((memory) => writers.ofClass(memory));
    }
  };
  /** What stands behind the loops around an operation, or behind itself where there are none, has not run yet. */
  const lastBefore = (op: Op): number => {
    const { region, order } = tree.placeOf(op);
    const loop = tree.outermostLoopAround(region);
    return loop === null ? order : tree.placeOf(loop).last;
  };
  /** Where a value is defined in the text of the function. */
  const orderOf = (value: Value): number => {
    const { op, region } = tree.definitionOf(value);
    const at = op ?? tree.ownerOf(region);
    return at === null ? -1 : tree.placeOf(at).order;
  };

  /** `isOf`: which values are followed further. */
  function* follow(roots: Iterable<Value>, isOf: (value: Value) => boolean): Iterable<Value> {
    const seen = new Set<Value>(roots);
    const add = (value: Value | undefined): void => {
      if (value !== undefined) seen.add(value);
    };
    const yielded = (region: Region, index: number): void => {
      if (region.exit.kind === "yield") add(region.exit.values[index]);
    };
    const controls = new Set<Region>();
    const control = (region: Region): void => {
      if (controls.has(region)) return;
      controls.add(region);
      const owner = tree.ownerOf(region);
      const parent = tree.parentOf(region);
      if (owner?.kind === "if") add(owner.test);
      if (owner?.kind === "loop") {
        add(owner.range?.from);
        add(owner.range?.to);
        yielded(region, 0);
      }
      if (parent !== null) control(parent);
    };
    const written = new Set<Op>();
    const write = (op: Op): void => {
      if (written.has(op)) return;
      written.add(op);
      operandsOf(op).forEach(add);
      control(tree.placeOf(op).region);
    };
    /** How many of a run have been looked at: the next load of the same memory goes on from there. */
    const progress = new Map<Run, number>();
    const memory = (op: Op): void => {
      const runs = runsFor(op);
      if (runs.length === 0) return;
      const last = lastBefore(op);
      for (const run of runs) {
        let at = progress.get(run) ?? 0;
        for (let writer = run[at]; writer !== undefined && tree.placeOf(writer).order <= last; writer = run[++at]) {
          write(writer);
        }
        progress.set(run, at);
      }
    };
    for (const value of seen) {
      if (!isOf(value)) continue;
      yield value;
      const { op, region } = tree.definitionOf(value);
      control(region);
      if (op === null) {
        const owner = tree.ownerOf(region);
        if (owner?.kind !== "loop") continue;
        const position = region.params.indexOf(value);
        if (position === 0) continue;
        add(owner.initial[position - 1]);
        yielded(region, position);
        continue;
      }
      const position = op.results.indexOf(value);
      if (op.kind === "if") {
        add(op.test);
        for (const branch of [op.then, op.else]) {
          yielded(branch, position);
          control(branch);
        }
      } else if (op.kind === "loop") {
        control(op.body);
        if (position >= 2) {
          add(op.initial[position - 2]);
          yielded(op.body, position - 1);
        }
      } else {
        operandsOf(op).forEach(add);
        memory(op);
      }
    }
  }

  return {
    of: (roots) => new Set(follow(roots, () => true)),
    reach(roots, targets, loop) {
      if (targets.size === 0) return false;
      // What stands before the outermost loop around them depends on nothing in it.
      const around = tree.outermostLoopAround(loop.body) ?? loop;
      const first = tree.placeOf(around).order;
      for (const value of follow(roots, (one) => orderOf(one) >= first)) if (targets.has(value)) return true;
      return false;
    },
  };
}
