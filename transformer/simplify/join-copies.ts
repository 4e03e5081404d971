import { appendTo } from "../ir/grouped.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { lengthOf } from "../analyze/array-length.js";
import { areDistinct } from "../analyze/distinct-references.js";
import { writersIn, writesClass } from "../analyze/effects.js";
import { exchangeOf } from "../analyze/exchanges.js";
import { buildRegionTree, type RegionTree } from "../analyze/region-tree.js";
import { isWholeCopy } from "../analyze/whole-copy.js";
import type { Compilation } from "../compilation.js";
import { Block } from "../ir/build.js";
import {
  isReference,
  integerType,
  isTyped,
  type AllocateOp,
  type IRFunction,
  type LoadOp,
  type Op,
  type Origin,
  type Region,
  type StoreOp,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { exitOperands, mapExit, operandsOf, rebuild, regionsOf } from "../ir/traverse.js";
import { withBody } from "./rewrite.js";

/**
 * Lays the copies of an array that a loop keeps, one for each iteration, end to end in one array.
 *
 *   kept = zeros n; for s { c = copy x; store kept[s] c; .. c[i] .. }; for s { c = load kept[s]; .. c[i] .. }
 *     =>   kept = zeros (n * length x)
 *          for s { kept.set(x, s * length x); .. x[i] .. }
 *          for s { c = kept.subarray(s * length x, (s + 1) * length x); .. c[i] .. }
 *
 * Where the array is one of several that change places, there is room for the longest of them, and where they may differ
 * in length it is kept which one it was:
 *
 *   kept.set(x, s * stride); lengths[s] = length x      c = kept.subarray(s * stride, s * stride + lengths[s])
 *
 * An array made in each iteration costs more than what is copied into it, unless it is long; and what runs forward reads
 * the array that the user wrote down. Safe where the copy is read only while nobody writes the array, which keeps its
 * length as all typed arrays do, and nothing else is done with the record. An index out of range reads nothing, as before:
 * a view is as long as the copy was.
 *
 * A step behind all analyses, as joinRecords is: two names for one memory stand in what is written down alone.
 */
export function joinCopies(fn: IRFunction, compilation: Compilation): IRFunction {
  const kept = findKept(fn);
  if (kept.size === 0) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  for (const [record, one] of kept) if (!canJoin(one, tree, aliases)) kept.delete(record);
  return kept.size === 0 ? fn : withBody(fn, rewrite(fn.body, joiningOf(kept, tree, aliases)));
}

type Initial<K extends AllocateOp["initial"]["kind"]> = AllocateOp & {
  readonly initial: Extract<AllocateOp["initial"], { kind: K }>;
};
type Zeros = Initial<"zeros">;
type Copy = Initial<"copy">;

/** A record of copies: where it is made, where one is put into it, and where they are taken out again. */
interface Kept {
  readonly made: Zeros;
  readonly copy: Copy;
  readonly store: StoreOp;
  /** Reads of the copy itself. */
  readonly reads: readonly LoadOp[];
  readonly views: readonly LoadOp[];
}

/** Records whose entries are whole copies of one typed array, and are only read. */
function findKept(fn: IRFunction): Map<Value, Kept> {
  const made = new Map<Value, Zeros>();
  const copies = new Map<Value, Copy>();
  const views = new Map<Value, LoadOp>();
  const stores = new Map<Value, StoreOp[]>();
  const reads = new Map<Value, LoadOp[]>();
  const spoiled = new Set<Value>();
  const isOurs = (value: Value): boolean => made.has(value) || copies.has(value) || views.has(value);
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      const [result] = op.results;
      const allowed = new Set<Value>();
      if (op.kind === "allocate" && result !== undefined) {
        if (isRecordOfArrays(op)) made.set(result, op);
        else if (isCopyOfNumbers(op)) copies.set(result, op);
      } else if (op.kind === "length") {
        if (!made.has(op.array)) allowed.add(op.array);
      } else if (op.kind === "load" && op.at.kind === "element") {
        const { base } = op.at;
        if (isOurs(base)) {
          allowed.add(base);
          appendTo(reads, base, op);
        }
        if (made.has(base) && result !== undefined) views.set(result, op);
      } else if (op.kind === "store" && op.at.kind === "element" && made.has(op.at.base) && copies.has(op.value)) {
        allowed.add(op.at.base).add(op.value);
        appendTo(stores, op.at.base, op);
      }
      for (const operand of operandsOf(op))
        if (isReference(operand.type) && !allowed.has(operand)) spoiled.add(operand);
      regionsOf(op).forEach(visit);
    }
    for (const value of exitOperands(region.exit)) if (isReference(value.type)) spoiled.add(value);
  };
  visit(fn.body);

  const storesOf = new Map<Value, number>();
  for (const { value } of [...stores.values()].flat()) storesOf.set(value, (storesOf.get(value) ?? 0) + 1);
  const kept = new Map<Value, Kept>();
  for (const [record, op] of made) {
    const [store, ...others] = stores.get(record) ?? [];
    const copy = store === undefined ? undefined : copies.get(store.value);
    if (store === undefined || copy === undefined || others.length > 0 || storesOf.get(store.value) !== 1) continue;
    const loads = reads.get(record) ?? [];
    if ([record, store.value, ...loads.flatMap(({ results }) => results)].some((value) => spoiled.has(value))) continue;
    kept.set(record, { made: op, copy, store, reads: reads.get(store.value) ?? [], views: loads });
  }
  return kept;
}

function isRecordOfArrays(op: AllocateOp): op is Zeros {
  const [result] = op.results;
  if (op.initial.kind !== "zeros" || result?.origin.role !== "residual" || result.type.kind !== "array") return false;
  const { storage, element: entry } = result.type;
  return storage === "Array" && entry.kind === "array" && isTyped(entry.storage);
}

/** A copy of a typed array in one of its kind. */
function isCopyOfNumbers(op: AllocateOp): op is Copy {
  const [result] = op.results;
  if (op.initial.kind !== "copy" || result?.type.kind !== "array") return false;
  const { type } = op.initial.source;
  return type.kind === "array" && type.storage === result.type.storage && isTyped(type.storage);
}

/** Is all of the array copied? What remembers values takes all. */
const isWhole = ({ initial }: Copy, { definitions }: Aliases): boolean =>
  initial.snapshot === true || isWholeCopy(initial, definitions);

/**
 * Is the length known where the record is made, which does not grow as it is filled, and does the array stay as it is
 * while its copy is read?
 */
function canJoin({ made, copy, store, reads }: Kept, tree: RegionTree, aliases: Aliases): boolean {
  const { source } = copy.initial;
  const [home, here] = [tree.placeOf(made), tree.placeOf(copy)];
  const isKnown = arraysBehind(source, tree).every((array) => {
    const from = tree.definitionOf(array);
    return tree.isWithin(home.region, from.region) && (from.op === null || tree.placeOf(from.op).order < home.order);
  });
  // a record that grows begins empty; any other is as long as it will be
  const grows = aliases.definitions.isLiteral(made.initial.length, 0);
  if (grows || !isWhole(copy, aliases)) return false;
  const uses = [store, ...reads].map((op) => tree.placeOf(op));
  if (!isKnown || uses[0]?.region !== here.region) return false;
  if (!uses.every(({ region }) => tree.isWithin(region, here.region))) return false;
  const last = Math.max(...uses.map(({ order }) => order));
  return here.region.ops.every((op) => {
    const { order } = tree.placeOf(op);
    return order <= here.order || order > last || !mayWriteInto(source, op, tree, aliases);
  });
}

/** May an operation write an array, what is nested in it included? Those that change places with it are others. */
function mayWriteInto(array: Value, op: Op, tree: RegionTree, aliases: Aliases): boolean {
  const memory = aliases.classOf(array);
  const writers = [op, ...regionsOf(op).flatMap(writersIn)];
  return writers.some((writer) => {
    if (regionsOf(writer).length > 0) return false;
    if (!writesClass(writer, memory, aliases)) return false;
    return !(
      (writer.kind === "store" || writer.kind === "accumulate") &&
      areDistinct(writer.at.base, array, tree, aliases)
    );
  });
}

/** The arrays that one may be: those that change places with it, as they are before the loop. */
function arraysBehind(array: Value, tree: RegionTree): readonly Value[] {
  const exchange = exchangeOf(array, tree);
  if (exchange === null) return [array];
  const { loop, members } = exchange;
  return members.flatMap(({ param }) => loop.initial[loop.body.params.indexOf(param) - 1] ?? []);
}

/** What stands for the operations of a record, and in the place of values. */
interface Joining {
  readonly made: ReadonlyMap<Op, Kept>;
  readonly stores: ReadonlyMap<Op, Kept>;
  readonly views: ReadonlyMap<Op, Kept>;
  /** Copies that are not made, with the arrays that are read instead. */
  readonly sources: ReadonlyMap<Value, Value>;
  /** Of records that were made: what they are now. */
  readonly laid: Map<Kept, Laid>;
  readonly tree: RegionTree;
  readonly aliases: Aliases;
}

interface Laid {
  readonly record: Value;
  /** How far apart entries begin. */
  readonly stride: Value;
  /** How long each entry is; null: as long as the stride. */
  readonly lengths: Value | null;
}

function joiningOf(kept: ReadonlyMap<Value, Kept>, tree: RegionTree, aliases: Aliases): Joining {
  const all = [...kept.values()];
  return {
    made: new Map(all.map((one) => [one.made, one])),
    stores: new Map(all.map((one) => [one.store, one])),
    views: new Map(all.flatMap((one) => one.views.map((view): [Op, Kept] => [view, one]))),
    sources: new Map(all.map(({ copy, store }) => [store.value, copy.initial.source])),
    laid: new Map(),
    tree,
    aliases,
  };
}

function rewrite(region: Region, joining: Joining): Region {
  const look = (value: Value): Value => joining.sources.get(value) ?? value;
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const [result] = op.results;
    if (result !== undefined && joining.sources.has(result)) return [];
    const made = joining.made.get(op);
    if (made !== undefined) return make(made, joining);
    const stored = joining.stores.get(op);
    if (stored !== undefined) return put(stored, joining);
    const seen = joining.views.get(op);
    if (seen !== undefined) return view(op, seen, joining);
    return [rebuild(op, { value: look, result: (value) => value, region: (inner) => rewrite(inner, joining) })];
  });
  return { params: region.params, ops, exit: mapExit(region.exit, look) };
}

/** As long as all copies together. */
function make(kept: Kept, joining: Joining): readonly Op[] {
  const { laid, tree, aliases } = joining;
  const { made, copy } = kept;
  const { source } = copy.initial;
  const block = new Block(true);
  const { variable } = source.origin;
  const residual = (name: Variable | null): Origin => ({ span: null, variable: name, role: "residual" });
  const [first = source, ...others] = arraysBehind(source, tree);
  const differing = others.filter((array) => lengthOf(array, tree, aliases) !== lengthOf(first, tree, aliases));
  let stride = others.length === 0 ? block.length(first) : lengthValue(first, block, joining);
  for (const array of differing) {
    const longest: Origin = { span: null, variable: variable && { name: `${variable.name}Stride` }, role: "primal" };
    stride = block.apply("max", [stride, lengthValue(array, block, joining)], longest);
  }
  const total = block.apply("mul", [made.initial.length, stride]);
  const record = block.allocate(source.type, { kind: "zeros", length: total }, residual(variable));
  const lengths =
    differing.length === 0
      ? null
      : block.allocate(
          { kind: "array", storage: "Int32Array", element: integerType },
          { kind: "zeros", length: made.initial.length },
          residual(variable && { name: `${variable.name}Length` }),
        );
  laid.set(kept, { record, stride, lengths });
  return block.ops;
}

/** The length of an array as it is written down elsewhere already, if it is. */
function lengthValue(array: Value, block: Block, { tree, aliases }: Joining): Value {
  const length = lengthOf(array, tree, aliases);
  if (typeof length === "number") return Number.isInteger(length) ? block.constant(length) : block.length(array);
  if (isReference(length.type)) return block.length(length);
  // `new Float64Array(2.5)` holds two
  return length.type.kind === "integer" ? length : block.length(array);
}

/** Copies the array to where the entry begins. */
function put(kept: Kept, { laid }: Joining): readonly Op[] {
  const { store, copy } = kept;
  const { source } = copy.initial;
  const place = laid.get(kept);
  if (place === undefined || store.at.kind !== "element") throw new Error("a record is written before it is made");
  const { index } = store.at;
  const block = new Block(true);
  block.append({
    kind: "opaque",
    results: [],
    template: "$0.set($1, $2)",
    operands: [place.record, source, block.apply("mul", [index, place.stride])],
    effects: { reads: true, writes: true, observable: false },
    writesInto: 0,
  });
  if (place.lengths !== null) block.store({ kind: "element", base: place.lengths, index }, block.length(source));
  return block.ops;
}

/** The stretch of an entry, as an array. */
function view(load: Op, kept: Kept, { laid, tree }: Joining): readonly Op[] {
  const place = laid.get(kept);
  if (place === undefined || load.kind !== "load" || load.at.kind !== "element")
    throw new Error("a record is read before it is made");
  const { index } = load.at;
  const block = new Block(true);
  const from = block.apply("mul", [index, place.stride]);
  const to =
    place.lengths === null
      ? block.apply("mul", [next(index, block, tree), place.stride])
      : block.apply("add", [from, block.load({ kind: "element", base: place.lengths, index })]);
  block.append({
    kind: "opaque",
    results: load.results,
    template: "$0.subarray($1, $2)",
    operands: [place.record, from, to],
    effects: { reads: false, writes: false, observable: false },
  });
  return block.ops;
}

/** `i + 1`; what follows on `i - 1` is `i`. */
function next(index: Value, block: Block, tree: RegionTree): Value {
  const { op } = tree.definitionOf(index);
  const [counted, step] = op?.kind === "apply" && op.primitive === "sub" ? op.args : [];
  const by = step === undefined ? null : tree.definitionOf(step).op;
  return counted !== undefined && by?.kind === "constant" && by.value === 1
    ? counted
    : block.apply("add", [index, block.constant(1)]);
}
