/**
 * Arrays without holes: everything below their length was put there.
 *
 *   g = holes n; for i from 0 to n { store g[i] v }      behind the loop g is dense
 *   h = parts []; for .. { store h[k] v }                h may have holes: nothing says that k is no more than its length
 */
import {
  isReference,
  type AllocateOp,
  type CallOp,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import { askedForAnyHole, askedForHole } from "../ir/holes.js";
import { exitOperands, operandsOf, regionsOf, walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import { hasFixedLength } from "./length-changes.js";
import type { Bounds } from "./bounds.js";
import type { MemoryClass } from "./memory-class.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";
import type { Run } from "./written-blocks.js";

/** Is there something at all positions of an array when an operation begins? */
export type IsDense = (array: Value, when: Op) => boolean;

interface Touched {
  readonly made: readonly AllocateOp[];
  readonly stores: readonly StoreOp[];
  /** It comes from where nothing is known of it. */
  readonly isForeign: boolean;
}

/** `areGivenDense`: is what the function is handed? */
export function analyzeDensity(
  fn: IRFunction,
  tree: RegionTree,
  aliases: Aliases,
  bounds: Bounds,
  areGivenDense: boolean,
): IsDense {
  const touched = touchedIn(fn, aliases, areGivenDense);
  const handedOn = whereHandedOn(fn, tree);

  /**
   * The loops of which each iteration runs a store, up to the region in which the array is made. A test for a hole of an
   * array that is dense stands in no way.
   */
  const runOf = (store: StoreOp, home: AllocateOp, asked: ReadonlySet<MemoryClass>): Run | null => {
    const loops: LoopOp[] = [];
    const { region: outermost } = tree.placeOf(home);
    let at: Op = store;
    for (let { region } = tree.placeOf(at); region !== outermost; { region } = tree.placeOf(at)) {
      const owner = tree.ownerOf(region);
      if (owner === null || (owner.kind === "loop" && mayStop(owner))) return null;
      if (owner.kind === "loop") loops.unshift(owner);
      else if (region !== owner.then || !isSurelyThere(owner.test, asked)) return null;
      at = owner;
    }
    return { store, loops };
  };

  const isSurelyThere = (test: Value, asked: ReadonlySet<MemoryClass>): boolean => {
    const { op } = tree.definitionOf(test);
    const hole = op === null ? null : askedForHole(op);
    if (op === null || hole === null) return false;
    const { array, position } = hole;
    return isDense(array, op, asked) && bounds.isInsideAt(op, { kind: "element", base: array, index: position });
  };

  /** Where does an operation stand in a region, by what contains it there? Behind everything, if it is outside. */
  const positionIn = (outer: Region, op: Op): number => {
    for (let at = op; ;) {
      const { region, position } = tree.placeOf(at);
      if (region === outer) return position;
      const owner = tree.ownerOf(region);
      if (owner === null) return Infinity;
      at = owner;
    }
  };

  /** `isItself`: it is asked by the name under which it is made; others can see it only once it is handed on. */
  const isFilled = (array: Value, isItself: boolean, { home, stores, when, asked }: Question): boolean => {
    const later = isItself ? [when] : (handedOn.get(array) ?? []);
    const { region } = tree.placeOf(home);
    const end = Math.min(...later.map((op) => positionIn(region, op)));
    const runs = stores.flatMap((store) => {
      const run = store.at.base === array ? runOf(store, home, asked) : null;
      return run !== null && positionIn(region, run.loops[0] ?? store) < end ? [run] : [];
    });
    return bounds.coverAllTogether(array, runs);
  };

  const beginsDense = (array: Value, question: Question): boolean => {
    const { home } = question;
    const { initial } = home;
    switch (initial.kind) {
      case "parts":
      case "filled":
      case "zerosLike":
        return true;
      case "copy":
        return initial.spread === true || isDense(initial.source, home, question.asked);
      case "zeros":
        return initial.holes !== true || home.results.every((made) => isFilled(made, made === array, question));
    }
  };

  /** Of the classes in `asked` it is taken to be so: none of their arrays is the first that has a hole. */
  const isDense = (array: Value, when: Op, asked: ReadonlySet<MemoryClass>): boolean => {
    if (hasFixedLength(array)) return true;
    const memory = aliases.classOf(array);
    if (asked.has(memory)) return true;
    const { made, stores, isForeign } = touched.get(memory) ?? nowhere;
    if (isForeign) return false;
    const all = new Set([...asked, memory]);
    return (
      made.every((home) => beginsDense(array, { home, stores, when, asked: all })) &&
      stores.every((store) => leavesNoHole(store, made))
    );
  };

  const leavesNoHole = (store: StoreOp, made: readonly AllocateOp[]): boolean => {
    if (bounds.placeOf(store).notFarBehindEnd) return true;
    const { at } = store;
    const { op: home } = tree.definitionOf(at.base);
    if (at.kind !== "element" || aliases.classOf(at.base).resized) return false;
    if (home?.kind !== "allocate" || made.some((one) => one !== home)) return false;
    const { region } = tree.placeOf(store);
    const loop = tree.ownerOf(region);
    if (loop?.kind !== "loop" || region.params[0] !== at.index) return isNext(at, home, store);
    // each iteration goes on where the one before has ended
    return loop.range?.step === 1 && isNext({ ...at, index: loop.range.from }, home, loop);
  };

  /** `g[0] = a; g[1] = b`: does it stand at most where what was there before has ended? */
  const isNext = (at: Extract<Location, { kind: "element" }>, home: AllocateOp, when: Op): boolean => {
    if (bounds.isReachedAt(when, at)) return true;
    const position = aliases.definitions.literalOf(at.index);
    const first = home.initial.kind === "parts" ? home.initial.parts.length : 0;
    return typeof position === "number" && position <= countBefore(at.base, first, when);
  };

  /** How many elements are there for sure, by stores at literal positions in the same region, when an operation begins. */
  const countBefore = (array: Value, atFirst: number, when: Op): number => {
    const { region, position } = tree.placeOf(when);
    const known = new Set<number>();
    for (const op of region.ops.slice(0, position)) {
      if (op.kind !== "store" || op.at.kind !== "element" || op.at.base !== array) continue;
      const at = aliases.definitions.literalOf(op.at.index);
      if (typeof at === "number") known.add(at);
    }
    let count = atFirst;
    while (known.has(count)) count++;
    return count;
  };

  return (array, when) => isDense(array, when, nothing);
}

/** Does an array that is made at `home` have no holes when `when` begins? */
interface Question {
  readonly home: AllocateOp;
  readonly stores: readonly StoreOp[];
  readonly when: Op;
  readonly asked: ReadonlySet<MemoryClass>;
}

const nothing: ReadonlySet<MemoryClass> = new Set();
const nowhere: Touched = { made: [], stores: [], isForeign: true };

/** Where a value becomes known under another name: put into something else, given to a call, a branch, a loop. */
function whereHandedOn(fn: IRFunction, tree: RegionTree): ReadonlyMap<Value, readonly Op[]> {
  const found = new Map<Value, Op[]>();
  const note = (value: Value, op: Op): void => {
    if (isReference(value.type)) found.set(value, [...(found.get(value) ?? []), op]);
  };
  walk(fn.body, (op) => {
    for (const value of operandsOf(op)) if (!isOnlyUsed(op, value)) note(value, op);
    for (const region of regionsOf(op)) {
      const last = region.ops.at(-1) ?? op;
      for (const value of exitOperands(region.exit)) {
        if (tree.definitionOf(value).region !== region) note(value, last);
      }
    }
  });
  return found;
}

/** Does an operation do something with an array itself, and no more? */
function isOnlyUsed(op: Op, value: Value): boolean {
  switch (op.kind) {
    case "load":
    case "accumulate":
    case "length":
      return true;
    case "store":
    case "push":
      return op.value !== value;
    default:
      return askedForHole(op) !== null || askedForAnyHole(op) !== null;
  }
}

/** What makes and changes the arrays of each class of memory. */
function touchedIn(fn: IRFunction, aliases: Aliases, areGivenDense: boolean): ReadonlyMap<MemoryClass, Touched> {
  const made = new Map<MemoryClass, AllocateOp[]>();
  const stores = new Map<MemoryClass, StoreOp[]>();
  const foreign = new Set<MemoryClass>();
  const classes = new Set<MemoryClass>();
  const note = <T>(map: Map<MemoryClass, T[]>, memory: MemoryClass, one: T): void => {
    classes.add(memory);
    map.set(memory, [...(map.get(memory) ?? []), one]);
  };
  for (const { value } of fn.params) {
    if (!isReference(value.type)) continue;
    for (const memory of aliases.reachedFrom(value)) {
      classes.add(memory);
      if (!areGivenDense) foreign.add(memory);
    }
  }
  const called = (op: CallOp): void => {
    for (const memory of aliases.effectsOfCall(op).resizes) foreign.add(memory);
    for (const result of op.results) {
      if (isReference(result.type)) aliases.reachedFrom(result).forEach((memory) => foreign.add(memory));
    }
  };
  walk(fn.body, (op) => {
    if (op.kind === "allocate") {
      for (const result of op.results) if (isReference(result.type)) note(made, aliases.classOf(result), op);
    } else if (op.kind === "store" && op.at.kind === "element") note(stores, aliases.classOf(op.at.base), op);
    else if (op.kind === "call") called(op);
    else if (op.kind === "opaque") {
      for (const result of op.results) if (isReference(result.type)) foreign.add(aliases.classOf(result));
    }
  });
  return new Map(
    [...classes].map((memory) => [
      memory,
      { made: made.get(memory) ?? [], stores: stores.get(memory) ?? [], isForeign: foreign.has(memory) },
    ]),
  );
}
