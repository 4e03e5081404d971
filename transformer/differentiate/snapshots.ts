/**
 * Copies an array once instead of recording what is read from it again and again.
 *
 *   for s { for i { for j { ... x[j] ... } }; x[..] = ... }
 *     =>   for s { xCopy = copy x; for i { for j { ... xCopy[j] ... } }; x[..] = ... }
 *
 * The copy is never written, so the reverse sweep loads from it; what is recorded is one reference an
 * iteration of s. The values are those that `x` holds, and what flows to their adjoints goes to the
 * shadow of `x` itself, which the loop over i does not write either.
 *
 * Fields of objects in an array are copied too, as field-snapshots.ts says.
 */
import { areDistinct } from "../analyze/distinct-references.js";
import { mayEverWrite, writersIn } from "../analyze/effects.js";
import type { Recording } from "../analyze/to-be-recorded.js";
import { Block } from "../ir/build.js";
import { freeValues, operandsOf, rebuild, regionsOf, walk } from "../ir/traverse.js";
import {
  isDictionary,
  isReference,
  type IRFunction,
  type LoadOp,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import type { Facts } from "./facts.js";
import { copyFields, findFieldReads, worthCopying, type FieldRead } from "./field-snapshots.js";

/** One copy: of `base`, before the loop whose first result is `loop`. */
interface Snapshot {
  readonly loop: Value;
  readonly base: Value;
}

/** The primal with the copies that spare it records, and where loaded values stand besides; the same primal where there is none to make. */
export function takeSnapshots(
  primal: IRFunction,
  facts: Facts,
  recording: Recording,
): { readonly primal: IRFunction; readonly kept: ReadonlyMap<Value, Location> } {
  const { snapshots, fields } = chooseSnapshots(facts, recording);
  const { before, kept } = copyFields(fields, facts);
  if (snapshots.length === 0 && kept.size === 0) return { primal, kept };
  return { primal: { ...primal, body: insertBefore(rewrite(primal.body, snapshots), before) }, kept };
}

/** A load of an element in `quiet`, or of a field of an object in an array. */
type Read = { readonly kind: "element"; readonly load: LoadOp; readonly quiet: LoopOp } | FieldRead;

interface Chosen {
  readonly snapshots: readonly Snapshot[];
  readonly fields: readonly FieldRead[];
}

function chooseSnapshots(facts: Facts, recording: Recording): Chosen {
  const { tree, fn } = facts;
  const writers = writersIn(fn.body);
  const fieldReadOf = findFieldReads(facts, recording);

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
  /** Does the loop read another part of the array each time that it is come to? To copy all of it might cost far more. */
  const readsPart = ({ at }: LoadOp, quiet: LoopOp): boolean => {
    if (at.kind !== "element") return false;
    const seen = new Set<Value>();
    const changes = (value: Value): boolean => {
      if (seen.has(value)) return false;
      seen.add(value);
      const { op, region } = tree.definitionOf(value);
      const follows = op?.kind === "apply" || op?.kind === "length" || op?.kind === "constant";
      if (!follows && !tree.isWithin(region, quiet.body))
        return tree.loopsAround(region).some(({ body }) => !tree.isWithin(tree.definitionOf(at.base).region, body));
      const owner = op ?? tree.ownerOf(region);
      if (owner?.kind === "loop" && owner.range !== null && value === owner.body.params[0])
        return changes(owner.range.from) || changes(owner.range.to);
      return owner !== null && operandsOf(owner).some(changes);
    };
    return changes(at.index);
  };
  const readOf = (load: LoadOp): Read | null => {
    const { base } = load.at;
    const { type } = base;
    if (type.kind !== "array") return fieldReadOf(load);
    if (isReference(type.element) || isDictionary(type) || facts.shadowOps.has(load)) return null;
    const quiet = quietLoop(load);
    if (quiet === null) return null;
    const around = tree.loopsAround(tree.placeOf(load).region);
    if (around.some((outer) => recording.isReplayed(outer) || facts.arrays.isPrivateTo(outer, base))) return null;
    return readsPart(load, quiet) ? null : { kind: "element", load, quiet };
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

  /** For each recorded value the copies that would spare it. */
  const candidates: (readonly Read[])[] = [];
  const visit = (region: Region): void => {
    for (const value of recording.recordedIn(region)) {
      const reads = sourcesOf(value, region)?.map(readOf) ?? [];
      if (reads.length > 0 && reads.every((read) => read !== null)) candidates.push(reads);
    }
    for (const op of region.ops) regionsOf(op).forEach(visit);
  };
  visit(fn.body);

  const isField = (read: Read): read is FieldRead => read.kind === "field";
  // What was recorded here may be computed from others that the same copies serve.
  const all = candidates.flat().some(isField) ? worthCopying(fieldReadsIn(fn, fieldReadOf), facts) : [];
  const areAlike = (one: FieldRead, other: FieldRead): boolean =>
    one.name === other.name && one.array === other.array && one.quiet === other.quiet;
  const isWorth = (read: Read): boolean => !isField(read) || all.some((one) => areAlike(one, read));
  const accepted = candidates.filter((reads) => reads.every(isWorth)).flat();
  const fields = all.filter((read) => accepted.some((one) => isField(one) && areAlike(one, read)));

  const chosen = new Map<LoopOp, Map<Value, { count: number; depth: number }>>();
  for (const read of accepted) {
    if (isField(read)) continue;
    const { load, quiet } = read;
    const bases = chosen.get(quiet) ?? new Map<Value, { count: number; depth: number }>();
    chosen.set(quiet, bases);
    const before = bases.get(load.at.base) ?? { count: 0, depth: 0 };
    const around = tree.loopsAround(tree.placeOf(load).region);
    const depth = around.length - around.indexOf(quiet);
    bases.set(load.at.base, { count: before.count + 1, depth: Math.max(before.depth, depth) });
  }
  // one reading of each element in one loop costs as much to record as to copy
  const snapshots = [...chosen].flatMap(([loop, bases]) =>
    [...bases].flatMap(([base, { count, depth }]) => {
      const [first] = loop.results;
      return first !== undefined && (depth >= 2 || count >= 2) ? [{ loop: first, base }] : [];
    }),
  );
  return { snapshots, fields };
}

function fieldReadsIn(fn: IRFunction, readOf: (load: LoadOp) => FieldRead | null): readonly FieldRead[] {
  const reads: FieldRead[] = [];
  walk(fn.body, (op) => {
    const read = op.kind === "load" ? readOf(op) : null;
    if (read !== null) reads.push(read);
  });
  return reads;
}

/** Puts operations before those whose first result is the key. */
function insertBefore(region: Region, before: ReadonlyMap<Value, readonly Op[]>): Region {
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const [first] = op.results;
    const inserted = first === undefined ? undefined : before.get(first);
    const inner = rebuild(op, { value: same, result: same, region: (one) => insertBefore(one, before) });
    return [...(inserted ?? []), inner];
  });
  return { ...region, ops };
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
