/**
 * Who may write a cell of memory, at any time: the operations of a function sorted by what they write, in program
 * order, so that nobody has to look through all of them for each load.
 */
import { isReference, type IRFunction, type Location, type Op, type Type, type Value } from "../ir/ir.js";
import { typesMayAlias, type Aliases, type Cell } from "./aliases.js";
import { hasFixedLength } from "./length-changes.js";
import type { Key, MemoryClass } from "./memory-class.js";
import { writersIn } from "./effects.js";
import type { RegionTree } from "./region-tree.js";

/** Operations in program order. */
export type Run = readonly Op[];

export interface Writers {
  /** All that may write the location as it is at any time: each in one of the runs, or in several. */
  of(at: Location): readonly Run[];
  /** All that may write any cell of a class. */
  ofClass(memory: MemoryClass): readonly Run[];
  /** All that may change the length of an array. */
  ofLength(array: Value): readonly Run[];
}

/** Where those of a run begin that stand at `order` in the program, or behind. */
export function firstFrom(run: Run, order: number, tree: RegionTree): number {
  let [low, high] = [0, run.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const op = run[middle];
    if (op !== undefined && tree.placeOf(op).order < order) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Writers of some cells of a class, by the type of the reference through which they write. */
type Runs = Map<string, OfType>;

interface OfType {
  /** Null where the operation does not write through a reference of its own. */
  readonly type: Type | null;
  readonly ops: Op[];
}

const noRuns = (): Runs => new Map<string, OfType>();

interface OfKey {
  readonly all: Runs;
  /** At an index that is not a constant, or at any. */
  readonly varying: Runs;
  readonly constant: Map<number, Runs>;
}

interface OfClass {
  readonly all: Op[];
  /** Of any of its cells. */
  readonly whole: Runs;
  readonly keys: Map<Key, OfKey>;
  readonly resizers: Op[];
}

/** Sorts the operations of a function by what they write. */
export function findWriters(fn: IRFunction, aliases: Aliases): Writers {
  const classes = new Map<MemoryClass, OfClass>();
  /** These may write whatever others can see. */
  const anywhere: Op[] = [];

  const entryOf = (memory: MemoryClass): OfClass => {
    const known = classes.get(memory);
    if (known !== undefined) return known;
    const made: OfClass = { all: [], whole: noRuns(), keys: new Map(), resizers: [] };
    classes.set(memory, made);
    return made;
  };
  const append = (ops: Op[], op: Op): void => {
    if (ops.at(-1) !== op) ops.push(op);
  };
  const put = (runs: Runs, op: Op, type: Type | null): void => {
    const name = type === null ? "" : kindOf(type);
    const known = runs.get(name);
    if (known === undefined) runs.set(name, { type, ops: [op] });
    else append(known.ops, op);
  };
  /** `type`: of the reference through which it writes, where it is one that is seen here. */
  const add = (op: Op, { memory, key, index }: Cell, type: Type | null): void => {
    const entry = entryOf(memory);
    append(entry.all, op);
    if (key === null) return put(entry.whole, op, type);
    const ofKey: OfKey = entry.keys.get(key) ?? { all: noRuns(), varying: noRuns(), constant: new Map<number, Runs>() };
    entry.keys.set(key, ofKey);
    put(ofKey.all, op, type);
    if (index === null || index.root !== null) return put(ofKey.varying, op, type);
    const runs = ofKey.constant.get(index.offset) ?? noRuns();
    ofKey.constant.set(index.offset, runs);
    put(runs, op, type);
  };
  const addResizer = (op: Op, memory: MemoryClass): void => {
    add(op, { memory, key: null, index: null }, null);
    append(entryOf(memory).resizers, op);
  };

  for (const op of writersIn(fn.body)) {
    if (op.kind === "store" || op.kind === "accumulate") {
      add(op, aliases.cellOf(op.at), op.at.base.type);
      if (aliases.mayLengthen(op.at)) append(entryOf(aliases.classOf(op.at.base)).resizers, op);
    } else if (op.kind === "push" || op.kind === "pop") addResizer(op, aliases.classOf(op.array));
    else if (op.kind === "opaque") anywhere.push(op);
    else if (op.kind === "call") {
      const effects = aliases.effectsOfCall(op);
      if (effects.writesEverything) anywhere.push(op);
      for (const { memory, key } of effects.writes) add(op, { memory, key, index: null }, null);
      for (const memory of effects.resizes) addResizer(op, memory);
    }
  }

  const seenOutside = (memory: MemoryClass): readonly Run[] => (memory.escapes ? [anywhere] : []);
  return {
    of(at) {
      const { memory, key, index } = aliases.cellOf(at);
      const entry = classes.get(memory);
      if (entry === undefined) return seenOutside(memory);
      const ofKey = key === null ? undefined : entry.keys.get(key);
      const fitting = (runs: Runs | undefined): readonly Run[] =>
        [...(runs?.values() ?? [])]
          .filter(({ type }) => type === null || typesMayAlias(type, at.base.type))
          .map(({ ops }) => ops);
      const ofKeys =
        key === null
          ? [...entry.keys.values()].flatMap(({ all }) => fitting(all))
          : index?.root === null
            ? [...fitting(ofKey?.varying), ...fitting(ofKey?.constant.get(index.offset))]
            : fitting(ofKey?.all);
      return [...fitting(entry.whole), ...ofKeys, ...seenOutside(memory)];
    },
    ofClass: (memory) => [classes.get(memory)?.all ?? [], ...seenOutside(memory)],
    ofLength(array) {
      if (hasFixedLength(array)) return [];
      const memory = aliases.classOf(array);
      return [classes.get(memory)?.resizers ?? [], ...seenOutside(memory)];
    },
  };
}

/** The same for types of which `typesMayAlias` says the same. */
function kindOf(type: Type): string {
  if (type.kind === "optional") return kindOf(type.of);
  return type.kind === "array" ? `array ${type.storage} ${String(isReference(type.element))}` : type.kind;
}
