/**
 * Copies a field of all objects of an array into an array of ours, once an iteration of the loops around, instead of
 * recording what is read from it again and again.
 *
 *   for s { for i { for j { .. bodies[j].x - bodies[i].x .. } }; for k { bodies[k].x = .. } }
 *     =>   xBefore = zeros (steps * n)
 *          for s { for k { xBefore[s * n + k] = bodies[k].x }; for i { for j { .. } }; .. }
 *
 * The primal goes on reading the objects. What is new is that a value which was read there also stands in the copy, at
 * the index of its object, when the reverse sweep asks: `kept` says where.
 */
import { analyzePresentElements, type PresentElements } from "../analyze/present-elements.js";
import { mayEverWrite, mayResize, writersIn } from "../analyze/effects.js";
import type { Recording } from "../analyze/to-be-recorded.js";
import { isKnownBefore } from "../analyze/trip-counts.js";
import { Block, element, field, makeValue } from "../ir/build.js";
import {
  float64Array,
  integerType,
  type LoadOp,
  type Location,
  type LoopOp,
  type Op,
  type Origin,
  type Value,
} from "../ir/ir.js";
import { iterationNumber, tripCountOf } from "./records.js";
import type { Facts } from "./facts.js";

/** A load of `array[index].name` in `quiet`, the outermost loop in which nobody writes what it reads. */
export interface FieldRead {
  readonly kind: "field";
  readonly load: LoadOp;
  readonly name: string;
  readonly array: Value;
  readonly index: Value;
  readonly quiet: LoopOp;
}

/** What goes into the primal before the operations that give these values, and where loaded values can be had again. */
export interface FieldCopies {
  readonly before: ReadonlyMap<Value, readonly Op[]>;
  readonly kept: ReadonlyMap<Value, Location>;
}

/** Recognizes the loads for which a copy can stand in. */
export function findFieldReads(facts: Facts, recording: Recording): (load: LoadOp) => FieldRead | null {
  const { tree, aliases, fn } = facts;
  const writers = writersIn(fn.body);
  let elements: PresentElements | null = null;

  /** May every element be looked into, at any time from the loop on, and is its place in the array a fixed one? */
  const isSteady = (array: Value, loop: LoopOp): boolean => {
    if (array.type.kind !== "array" || array.type.storage !== "Array") return false;
    if (writers.some((writer) => mayResize(writer, array, aliases))) return false;
    elements ??= analyzePresentElements(tree, aliases);
    return elements.areAllPresent(array, loop);
  };

  return (load) => {
    const [value] = load.results;
    if (load.at.kind !== "field" || typeof load.at.field !== "string" || value?.type.kind !== "number") return null;
    const { op: holder } = tree.definitionOf(load.at.base);
    if (holder?.kind !== "load" || holder.at.kind !== "element" || facts.shadowOps.has(load)) return null;
    const { base: array, index } = holder.at;
    const around = tree.loopsAround(tree.placeOf(load).region);
    const [root] = around;
    // both the field and which object it is of
    const isQuiet = (loop: LoopOp): boolean =>
      !writers.some(
        (writer) =>
          tree.isWithin(tree.placeOf(writer).region, loop.body) &&
          [load.at, holder.at].some((at) => mayEverWrite(writer, at, aliases)),
      );
    if (root === undefined || tree.isWithin(tree.definitionOf(array).region, root.body)) return null;
    if (around.some((loop) => recording.isReplayed(loop))) return null;
    const quiet = around.find(isQuiet);
    if (quiet === undefined) return null;
    const isCounted = around
      .slice(0, around.indexOf(quiet))
      .every(
        ({ range }) =>
          range !== null &&
          range.from.type.kind === "integer" &&
          Number.isInteger(range.step) &&
          [range.from, range.to].every((end) => isKnownBefore(end, root, tree)),
      );
    return isCounted && isSteady(array, root)
      ? { kind: "field", load, name: load.at.field, array, index, quiet }
      : null;
  };
}

/**
 * The reads of arrays that are worth a copy: where one goes through the whole array, and one stands in a loop within the
 * quiet one, elements are read again and again.
 */
export function worthCopying(reads: readonly FieldRead[], facts: Facts): readonly FieldRead[] {
  const { tree } = facts;
  const quietLoops = ({ load, quiet }: FieldRead): readonly LoopOp[] => {
    const around = tree.loopsAround(tree.placeOf(load).region);
    return around.slice(around.indexOf(quiet));
  };
  const goesThroughAll = (read: FieldRead): boolean =>
    quietLoops(read).some(
      ({ range, body }) =>
        body.params[0] === read.index &&
        range?.step === 1 &&
        !range.inclusive &&
        isLengthOf(range.to, read.array, facts),
    );
  return reads.filter((read) => {
    const group = reads.filter((other) => areTogether(read, other));
    return group.some(goesThroughAll) && group.some((other) => quietLoops(other).length >= 2);
  });
}

/** Does one loop copy what both read? */
const areTogether = (one: FieldRead, other: FieldRead): boolean =>
  one.array === other.array && one.quiet === other.quiet;

function isLengthOf(value: Value, array: Value, facts: Facts): boolean {
  const { op } = facts.tree.definitionOf(value);
  return value === lengthGiven(array, facts) || (op?.kind === "length" && op.array === array);
}

/** The length that an array was made with. */
function lengthGiven(array: Value, { tree }: Facts): Value | null {
  const { op } = tree.definitionOf(array);
  return op?.kind === "allocate" && op.initial.kind === "zeros" ? op.initial.length : null;
}

/** Emits the copies, and says where each value that was read stands in them. */
export function copyFields(reads: readonly FieldRead[], facts: Facts): FieldCopies {
  const before = new Map<Value, readonly Op[]>();
  const kept = new Map<Value, Location>();
  const pending = new Set(reads);
  for (const first of pending) {
    const group = [...pending].filter((one) => areTogether(first, one));
    for (const one of group) pending.delete(one);
    copyGroup(first, group, facts, before, kept);
  }
  return { before, kept };
}

/** One loop that copies all fields which a quiet loop reads of the objects in one array. */
function copyGroup(
  { array, quiet, load }: FieldRead,
  group: readonly FieldRead[],
  { tree, ...facts }: Facts,
  before: Map<Value, readonly Op[]>,
  kept: Map<Value, Location>,
): void {
  const around = tree.loopsAround(tree.placeOf(load).region);
  const outer = around.slice(0, around.indexOf(quiet));
  const [root = quiet] = outer;

  // before all loops: as long as the array, for each iteration of the loops around the quiet one
  const outside = new Block(true);
  const known = (value: Value): Value => {
    const { op } = tree.definitionOf(value);
    return op?.kind === "constant" ? outside.constant(op.value) : value;
  };
  const length = lengthGiven(array, { tree, ...facts }) ?? outside.length(array);
  const counts = outer.map((loop) => {
    const { range } = loop;
    const count = range === null ? null : tripCountOf(outside, loop, known(range.from), known(range.to));
    if (count === null) throw new Error("a loop around a copy has no count");
    return count;
  });
  const [most, ...others] = [...counts, length];
  const total = others.reduce((product, count) => outside.apply("mul", [product, count]), most);
  const copies = new Map<string, Value>();
  for (const { name } of group) {
    if (copies.has(name)) continue;
    const origin: Origin = { span: null, variable: { name }, role: "residual" };
    copies.set(name, outside.allocate(float64Array, { kind: "zeros", length: total }, origin));
  }

  // before the quiet loop: where the entries of this iteration begin
  const inside = root === quiet ? outside : new Block(true);
  const flat = outer.reduce<Value | null>((before, loop, depth) => {
    const [counter] = loop.body.params;
    const count = counts[depth];
    if (counter === undefined || count === undefined) return before;
    const number = iterationNumber(inside, loop, counter, loop.range?.from ?? null);
    return before === null ? number : inside.apply("add", [inside.apply("mul", [before, count]), number]);
  }, null);
  const begin = flat === null ? null : inside.apply("mul", [flat, length]);
  const at = (block: Block, index: Value): Value => (begin === null ? index : block.apply("add", [begin, index]));

  const body = inside.inner();
  const counter = makeValue(integerType);
  const object = body.load(element(array, counter));
  const index = at(body, counter);
  for (const [name, copy] of copies) body.store(element(copy, index), body.load(field(object, name)));
  const results = [makeValue(integerType), makeValue(integerType)];
  const range = { from: inside.constant(0), to: length, step: 1, inclusive: false };
  inside.loop(range, [], body.yield([counter], [body.constant(false)]), results);

  insert(before, root, outside);
  if (inside !== outside) insert(before, quiet, inside);
  for (const read of group) {
    const [value] = read.load.results;
    const copy = copies.get(read.name);
    if (value === undefined || copy === undefined) continue;
    const place = new Block(true);
    kept.set(value, element(copy, at(place, read.index)));
    insert(before, read.load, place);
  }
}

function insert(before: Map<Value, readonly Op[]>, op: Op, { ops }: Block): void {
  const [first] = op.results;
  if (first !== undefined) before.set(first, [...(before.get(first) ?? []), ...ops]);
}
