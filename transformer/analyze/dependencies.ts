/**
 * Everything that a set of values depends on: through operands, through the regions that yield them,
 * through memory (whatever may write what is loaded), and through the control around each.
 */
import { operandsOf } from "../ir/traverse.js";
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import { mayEverWrite, mayResize, takenIn, writersIn, writesClass } from "./effects.js";
import type { RegionTree } from "./region-tree.js";

export interface Dependencies {
  /** The values themselves and all that they depend on. */
  of(roots: Iterable<Value>): ReadonlySet<Value>;
}

export function analyzeDependencies(fn: IRFunction, tree: RegionTree, aliases: Aliases): Dependencies {
  const writers = writersIn(fn.body);
  const writersOf = new Map<Op, readonly Op[]>();
  const writersFor = (op: Op): readonly Op[] => {
    const known = writersOf.get(op);
    if (known !== undefined) return known;
    const taken = takenIn(op, aliases);
    const found = writers.filter((writer) =>
      op.kind === "load"
        ? mayEverWrite(writer, op.at, aliases)
        : op.kind === "pop"
          ? writer !== op && writesClass(writer, aliases.classOf(op.array), aliases)
          : op.kind === "length"
            ? mayResize(writer, op.array, aliases)
            : !tree.isOverBefore(op, writer) && taken.some((memory) => writesClass(writer, memory, aliases)),
    );
    writersOf.set(op, found);
    return found;
  };

  const of = (roots: Iterable<Value>): ReadonlySet<Value> => {
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
    for (const value of seen) {
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
        writersFor(op).forEach(write);
      }
    }
    return seen;
  };
  return { of };
}
