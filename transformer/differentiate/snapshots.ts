/**
 * Copies an array once instead of recording what is read from it again and again.
 *
 *   for s { for i { for j { ... x[j] ... } }; x[..] = ... }
 *     =>   for s { xCopy = copy x; for i { for j { ... xCopy[j] ... } }; x[..] = ... }
 *
 * The copy is never written, so the reverse sweep loads from it; what is recorded is one reference an
 * iteration of s. The values are those that `x` holds, and what flows to their adjoints goes to the
 * shadow of `x` itself, which the loop over i does not write either.
 */
import { areDistinct } from "../analyze/distinct-references.js";
import { mayEverWrite, writersIn } from "../analyze/effects.js";
import type { Recording } from "../analyze/to-be-recorded.js";
import { Block } from "../ir/build.js";
import { freeValues, operandsOf, rebuild, regionsOf } from "../ir/traverse.js";
import { isReference, type IRFunction, type LoadOp, type LoopOp, type Op, type Region, type Value } from "../ir/ir.js";
import type { Facts } from "./facts.js";

/** One copy: of `base`, before the loop whose first result is `loop`. */
interface Snapshot {
  readonly loop: Value;
  readonly base: Value;
}

/** The primal with the copies that spare it records; the same function where there is none to make. */
export function takeSnapshots(primal: IRFunction, facts: Facts, recording: Recording): IRFunction {
  const snapshots = chooseSnapshots(facts, recording);
  return snapshots.length === 0 ? primal : { ...primal, body: rewrite(primal.body, snapshots) };
}

function chooseSnapshots(facts: Facts, recording: Recording): readonly Snapshot[] {
  const { tree, fn } = facts;
  const writers = writersIn(fn.body);
  const chosen = new Map<LoopOp, Map<Value, { count: number; depth: number }>>();

  /** The outermost loop around a load in which nothing may write what it reads. */
  const quietLoop = (load: LoadOp): LoopOp | null => {
    const { base } = load.at;
    const loops = tree.loopsAround(tree.placeOf(load).region);
    return (
      loops.find(
        (loop) =>
          !tree.isWithin(tree.definitionOf(base).region, loop.body) &&
          !writers.some(
            (writer) => tree.isWithin(tree.placeOf(writer).region, loop.body) && mayWriteIn(loop, writer, load),
          ),
      ) ?? null
    );
  };
  /** May `writer` write, while the loop runs, what `load` reads in it? */
  const mayWriteIn = (loop: LoopOp, writer: Op, load: LoadOp): boolean => {
    if (!mayEverWrite(writer, load.at, facts.aliases)) return false;
    if (writer.kind !== "store" && writer.kind !== "accumulate") return true;
    // both arrays are what they are before the loop begins
    const isFixed = [writer.at.base, load.at.base].every(
      (base) => !tree.isWithin(tree.definitionOf(base).region, loop.body),
    );
    return !(isFixed && areDistinct(writer.at.base, load.at.base, tree, facts.aliases));
  };
  const isEligible = (load: LoadOp): LoopOp | null => {
    const { base } = load.at;
    const { type } = base;
    if (type.kind !== "array" || isReference(type.element) || facts.shadowOps.has(load)) return null;
    const loop = quietLoop(load);
    if (loop === null) return null;
    const around = tree.loopsAround(tree.placeOf(load).region);
    if (around.some((outer) => recording.isReplayed(outer) || facts.arrays.isPrivateTo(outer, base))) return null;
    return loop;
  };

  /** The loads that a recorded value comes from; null where something else would have to be recorded all the same. */
  const sourcesOf = (value: Value, scope: Region): readonly LoadOp[] | null => {
    const loads: LoadOp[] = [];
    const seen = new Set<Value>();
    const visit = (one: Value): boolean => {
      if (seen.has(one)) return true;
      seen.add(one);
      const { op, region } = tree.definitionOf(one);
      if (recording.scopeOf(region) !== scope) return true;
      if (op === null) return region.params[0] === one;
      if (op.kind === "load" && !facts.stability.isStable(op, null)) {
        loads.push(op);
        return operandsOf(op).every(visit);
      }
      if (!recording.isRecomputable(op, scope)) return false;
      const operands = op.kind === "if" ? [op.test, ...freeValues(op.then), ...freeValues(op.else)] : operandsOf(op);
      return operands.every(visit);
    };
    return visit(value) ? loads : null;
  };

  const visit = (region: Region): void => {
    for (const value of recording.recordedIn(region)) {
      const loads = sourcesOf(value, region);
      if (loads === null || loads.length === 0) continue;
      const loops = loads.map(isEligible);
      if (loops.some((loop) => loop === null)) continue;
      loads.forEach((load, index) => {
        const loop = loops[index];
        if (loop === null || loop === undefined) return;
        const bases = chosen.get(loop) ?? new Map<Value, { count: number; depth: number }>();
        chosen.set(loop, bases);
        const before = bases.get(load.at.base) ?? { count: 0, depth: 0 };
        const around = tree.loopsAround(tree.placeOf(load).region);
        const depth = around.length - around.indexOf(loop);
        bases.set(load.at.base, { count: before.count + 1, depth: Math.max(before.depth, depth) });
      });
    }
    for (const op of region.ops) regionsOf(op).forEach(visit);
  };
  visit(fn.body);
  // one reading of each element in one loop costs as much to record as to copy
  return [...chosen].flatMap(([loop, bases]) =>
    [...bases].flatMap(([base, { count, depth }]) => {
      const [first] = loop.results;
      return first !== undefined && (depth >= 2 || count >= 2) ? [{ loop: first, base }] : [];
    }),
  );
}

function rewrite(region: Region, snapshots: readonly Snapshot[]): Region {
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const here = op.kind === "loop" ? snapshots.filter(({ loop }) => op.results[0] === loop) : [];
    const inner = rebuild(op, { value: same, result: same, region: (one) => rewrite(one, snapshots) });
    if (here.length === 0) return [inner];
    const block = new Block(false);
    const copies = new Map<Value, Value>();
    for (const { base } of here) {
      const name = base.origin.variable?.name;
      const from = block.constant(0);
      const to = block.length(base);
      const copy = block.allocate(
        base.type,
        { kind: "copy", source: base, from, to, snapshot: true },
        { ...base.origin, variable: name === undefined ? null : { name: `${name}Copy` } },
      );
      copies.set(base, copy);
    }
    return [...block.ops, readFrom(inner, copies)];
  });
  return { ...region, ops };
}

const same = (value: Value): Value => value;

/** The operation with its loads from an array made loads from the copy. */
function readFrom(op: Op, copies: ReadonlyMap<Value, Value>): Op {
  if (op.kind === "load") {
    const copy = copies.get(op.at.base);
    return copy === undefined ? op : { ...op, at: { ...op.at, base: copy } };
  }
  return rebuild(op, {
    value: same,
    result: same,
    region: (region) => ({ ...region, ops: region.ops.map((inner) => readFrom(inner, copies)) }),
  });
}
