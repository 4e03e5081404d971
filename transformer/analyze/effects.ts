/** What operations do besides computing their results: which cells they write, whether they may be removed or moved. */
import type { Compilation } from "../compilation.js";
import { isReference, type Location, type Op, type Region, type Value } from "../ir/ir.js";
import { operandsOf, regionsOf, walk } from "../ir/traverse.js";
import type { Aliases, Cell } from "./aliases.js";
import { hasFixedLength } from "./length-changes.js";
import type { Key, MemoryClass } from "./memory-class.js";

/**
 * Free of effects, and its result depends on its operands alone: may be removed, moved, repeated, shared.
 * Loads are not (memory changes), nor are allocations (each gives another object). Ask the operation's own
 * regions with `isRemovable`.
 */
export function isPure(op: Op): boolean {
  switch (op.kind) {
    case "constant":
    case "apply":
    case "isAbsent":
    case "unwrap":
      return true;
    case "opaque":
      return !op.effects.reads && !op.effects.writes && !op.effects.observable;
    default:
      return false;
  }
}

/** Nothing is lost if it goes, provided that nobody uses its results: regions and callees included. */
export function isRemovable(op: Op, aliases: Aliases): boolean {
  switch (op.kind) {
    case "constant":
    case "apply":
    case "isAbsent":
    case "unwrap":
    case "allocate":
    case "length":
    case "load":
    case "grow":
      return true;
    case "opaque":
      return !op.effects.writes && !op.effects.observable;
    case "call": {
      const effects = aliases.effectsOfCall(op);
      return (
        !effects.observable && !effects.writesEverything && effects.writes.length === 0 && effects.resizes.length === 0
      );
    }
    case "if":
    case "loop":
      return regionsOf(op).every(
        (region) => region.exit.kind === "yield" && region.ops.every((inner) => isRemovable(inner, aliases)),
      );
    case "store":
    case "accumulate":
    case "push":
    case "pop":
    case "random":
      return false;
  }
}

/** May an operation leave the function by throwing on purpose, draw random numbers, or do what the outside sees? */
export function isObservable(op: Op, aliases: Aliases): boolean {
  switch (op.kind) {
    case "random":
      return true;
    case "opaque":
      return op.effects.observable;
    case "call":
      return aliases.effectsOfCall(op).observable;
    default:
      return regionsOf(op).some(
        (region) => region.exit.kind === "throw" || region.ops.some((inner) => isObservable(inner, aliases)),
      );
  }
}

interface KeyLog {
  /** The last write at an index that is not known. */
  whole: number;
  /** The last write with any root, and the last with another root than that one. */
  last: number;
  lastRoot: Value | null;
  lastOther: number;
  readonly at: Map<Value | null, Map<number, number>>;
}

interface ClassLog {
  /** The last write that may touch every field. */
  whole: number;
  latest: number;
  resized: number;
  readonly keys: Map<Key, KeyLog>;
}

/**
 * When each class of memory was last written, in a walk through a function in program order. One query costs
 * the same however many writes there are, so passes that ask for each load stay linear.
 *
 * Indices are compared as `root + offset`, which holds where at least one of the two cells does not change
 * between the two moments: between two operations of one region, or between an operation outside a loop and
 * those within.
 */
export class WriteLog {
  private clock = 0;
  private everything = 0;
  private readonly classes = new Map<MemoryClass, ClassLog>();

  constructor(private readonly aliases: Aliases) {}

  get now(): number {
    return this.clock;
  }

  private classLog(memory: MemoryClass): ClassLog {
    const known = this.classes.get(memory);
    if (known !== undefined) return known;
    const made: ClassLog = { whole: 0, latest: 0, resized: 0, keys: new Map() };
    this.classes.set(memory, made);
    return made;
  }

  private writeCell({ memory, key, index }: Cell): void {
    const time = ++this.clock;
    const log = this.classLog(memory);
    log.latest = time;
    if (key === null) {
      log.whole = time;
      return;
    }
    let entry = log.keys.get(key);
    if (entry === undefined) {
      entry = { whole: 0, last: 0, lastRoot: null, lastOther: 0, at: new Map() };
      log.keys.set(key, entry);
    }
    if (index === null) {
      entry.whole = time;
      return;
    }
    if (entry.lastRoot !== index.root) {
      entry.lastOther = entry.last;
      entry.lastRoot = index.root;
    }
    entry.last = time;
    let offsets = entry.at.get(index.root);
    if (offsets === undefined) {
      offsets = new Map();
      entry.at.set(index.root, offsets);
    }
    offsets.set(index.offset, time);
  }

  private resize(memory: MemoryClass): void {
    this.writeCell({ memory, key: null, index: null });
    this.classLog(memory).resized = this.clock;
  }

  /** Notes everything that an operation writes, what is nested in it and callees included. */
  record(op: Op): void {
    switch (op.kind) {
      case "store":
      case "accumulate":
        this.writeCell(this.aliases.cellOf(op.at));
        if (this.aliases.mayLengthen(op.at)) this.classLog(this.aliases.classOf(op.at.base)).resized = this.clock;
        return;
      case "push":
      case "pop":
      case "grow":
        this.resize(this.aliases.classOf(op.array));
        return;
      case "opaque":
        if (op.effects.writes) this.everything = ++this.clock;
        return;
      case "call": {
        const effects = this.aliases.effectsOfCall(op);
        if (effects.writesEverything) this.everything = ++this.clock;
        for (const { memory, key } of effects.writes) this.writeCell({ memory, key, index: null });
        for (const memory of effects.resizes) this.resize(memory);
        return;
      }
      default:
        for (const region of regionsOf(op)) this.recordRegion(region);
    }
  }

  recordRegion(region: Region): void {
    for (const op of region.ops) this.record(op);
  }

  /** May the cell have been written after that moment (0: ever)? */
  writtenSince(at: Location, time = 0): boolean {
    return this.cellWrittenSince(this.aliases.cellOf(at), time);
  }

  cellWrittenSince({ memory, key, index }: Cell, time = 0): boolean {
    if (this.everything > time && memory.escapes) return true;
    const log = this.classes.get(memory);
    if (log === undefined || log.latest <= time) return false;
    if (key === null || log.whole > time) return true;
    const entry = log.keys.get(key);
    if (entry === undefined) return false;
    if (entry.whole > time) return true;
    if (index === null) return entry.last > time;
    if ((entry.lastRoot === index.root ? entry.lastOther : entry.last) > time) return true;
    return (entry.at.get(index.root)?.get(index.offset) ?? 0) > time;
  }

  /** May any cell of the class have been written after that moment? */
  classWrittenSince(memory: MemoryClass, time = 0): boolean {
    if (this.everything > time && memory.escapes) return true;
    return (this.classes.get(memory)?.latest ?? 0) > time;
  }

  /** May the array's length have changed after that moment? */
  resizedSince(array: Value, time = 0): boolean {
    if (hasFixedLength(array)) return false;
    const memory = this.aliases.classOf(array);
    if (this.everything > time && memory.escapes) return true;
    return (this.classes.get(memory)?.resized ?? 0) > time;
  }
}

/** All that a region writes, callees included; ask it with time 0. */
export function writesOf(region: Region, aliases: Aliases): WriteLog {
  const log = new WriteLog(aliases);
  log.recordRegion(region);
  return log;
}

/** May executing this operation (regions and callees included) write the location? Both at one time. */
export function mayWrite(op: Op, at: Location, aliases: Aliases, _compilation?: Compilation): boolean {
  const log = new WriteLog(aliases);
  log.record(op);
  return log.writtenSince(at);
}

/** May executing this operation at any time, in any iteration, write the location as it is at any other? */
export function mayEverWrite(op: Op, at: Location, aliases: Aliases): boolean {
  return op.kind === "store" || op.kind === "accumulate"
    ? aliases.mayEverOverlap(op.at, at)
    : mayWrite(op, at, aliases);
}

/** The operations of a region, and of all within it, that may write memory. */
export function writersIn(region: Region): readonly Op[] {
  const writers: Op[] = [];
  walk(region, (op) => {
    if (op.kind === "store" || op.kind === "accumulate" || op.kind === "push" || op.kind === "pop") writers.push(op);
    else if (op.kind === "call" || (op.kind === "opaque" && op.effects.writes)) writers.push(op);
  });
  return writers;
}

/** May executing this operation change the array's length? */
export function mayResize(op: Op, array: Value, aliases: Aliases): boolean {
  const log = new WriteLog(aliases);
  log.record(op);
  return log.resizedSince(array);
}

/** May executing this operation write any cell of the class? */
export function writesClass(op: Op, memory: MemoryClass, aliases: Aliases): boolean {
  const log = new WriteLog(aliases);
  log.record(op);
  return log.classWrittenSince(memory);
}

/**
 * The memory whose content, as a whole, an operation takes in: a copy, and a call of what it is handed. Loads take
 * single cells.
 */
export function takenIn(op: Op, aliases: Aliases): readonly MemoryClass[] {
  const isCopy = op.kind === "allocate" && op.initial.kind === "copy";
  if (!isCopy && op.kind !== "call") return [];
  const cells = readsOf(op, aliases);
  const memories =
    cells === null
      ? operandsOf(op)
          .filter(({ type }) => isReference(type))
          .map((value) => aliases.classOf(value))
      : cells.map(({ memory }) => memory);
  return [...new Set(memories)];
}

/** What an operation itself reads from memory; regions are not entered. null: whatever is visible outside. */
export function readsOf(op: Op, aliases: Aliases): readonly Cell[] | null {
  const whole = (value: Value): Cell => ({ memory: aliases.classOf(value), key: null, index: null });
  switch (op.kind) {
    case "load":
    case "accumulate":
      return [aliases.cellOf(op.at)];
    case "length":
    case "pop":
    case "grow":
      return [whole(op.array)];
    case "allocate":
      if (op.initial.kind === "copy") return [whole(op.initial.source)];
      return op.initial.kind === "zerosLike" ? [whole(op.initial.of)] : [];
    case "call": {
      const effects = aliases.effectsOfCall(op);
      if (effects.writesEverything) return null;
      return effects.reads.map(({ memory, key }) => ({ memory, key, index: null }));
    }
    case "opaque":
      return op.effects.reads ? null : [];
    default:
      return [];
  }
}
