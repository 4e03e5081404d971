import { appendTo } from "../ir/grouped.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { Key, MemoryClass } from "../analyze/memory-class.js";
import { isRemovable } from "../analyze/effects.js";
import type { Definition } from "../analyze/definitions.js";
import type { Compilation } from "../compilation.js";
import {
  isReference,
  type IfOp,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { exitOperands, operandsOf, regionsOf } from "../ir/traverse.js";
import { withBody, withOps } from "./rewrite.js";

/**
 * Removes what nobody needs: operations without effect whose results are not used, results and carried values
 * that only feed themselves, loops and branches left without purpose, stores into local memory that is never
 * read, and the allocations that are then unused.
 *
 *   s, t = loop carrying s, t { ...; yield s' t' }; return s        =>   s = loop carrying s { ... }; return s
 *   a = allocate zeros n; store a[i] x; return x                    =>   return x
 *
 * A mark phase over values and operations, from what the caller can see: returned values, escaping memory,
 * effects, throws. Memory is marked when something needed reads it; only then are the stores into it needed.
 * Safe because a loop without effects and without used results is not observable (that it ends is taken for
 * granted).
 */
export function removeDead(fn: IRFunction, compilation: Compilation): IRFunction {
  const marking = new Marking(fn, analyzeAliases(fn, compilation));
  marking.run();
  return withBody(fn, marking.sweep(fn.body));
}

class Marking {
  private readonly live = new Set<Op>();
  private readonly used = new Set<Value>();
  private readonly owners = new Map<Op, Op | null>();
  /** Where operations stand in the text, and where the outermost of the loops around them ends. */
  private readonly positions = new Map<Op, { readonly at: number; readonly end: Op | null }>();
  private readonly ends = new Map<Op, number>();
  private readonly pending: (() => void)[] = [];
  /** Stores by what they write, while nobody needs it. */
  private readonly writers = new Map<MemoryClass, Map<Key | null, Op[]>>();
  /** Up to where the cells of a key are read, null: any of them. */
  private readonly read = new Map<MemoryClass, Map<Key | null, number>>();

  constructor(
    private readonly fn: IRFunction,
    private readonly aliases: Aliases,
  ) {}

  run(): void {
    this.roots(this.fn.body, null);
    for (let work = this.pending.pop(); work !== undefined; work = this.pending.pop()) work();
  }

  /** Finds what is needed whatever its results are. */
  private roots(region: Region, owner: Op | null, outermost: LoopOp | null = null): void {
    for (const op of region.ops) {
      this.owners.set(op, owner);
      this.positions.set(op, { at: this.positions.size, end: outermost });
      switch (op.kind) {
        case "store":
        case "accumulate":
          this.writer(op, op.at);
          break;
        case "push":
        case "pop":
          this.whole(op, op.array);
          break;
        case "if":
        case "loop":
          for (const inner of regionsOf(op)) this.roots(inner, op, outermost ?? (op.kind === "loop" ? op : null));
          this.ends.set(op, this.positions.size);
          break;
        default:
          if (!isRemovable(op, this.aliases)) this.markOp(op);
      }
    }
    const { exit } = region;
    if (exit.kind === "return") exit.values.forEach((value) => this.markValue(value));
    else if (exit.kind === "throw") {
      this.markValue(exit.value);
      if (owner !== null) this.markOp(owner);
    }
  }

  private writer(op: Op, at: Location): void {
    const cell = this.aliases.cellOf(at);
    this.register(op, cell.memory, cell.key);
  }

  private whole(op: Op, array: Value): void {
    this.register(op, this.aliases.classOf(array), null);
  }

  private register(op: Op, memory: MemoryClass, key: Key | null): void {
    if (memory.escapes) return this.markOp(op);
    let byKey = this.writers.get(memory);
    if (byKey === undefined) {
      byKey = new Map();
      this.writers.set(memory, byKey);
    }
    appendTo(byKey, key, op);
  }

  /**
   * Something needed reads these cells, null: any of them. What is read was written before it was, in the text or in an
   * earlier iteration of a loop around both.
   */
  private readCell(op: Op, memory: MemoryClass, key: Key | null): void {
    if (memory.escapes) return;
    let keys = this.read.get(memory);
    if (keys === undefined) {
      keys = new Map();
      this.read.set(memory, keys);
    }
    const until = this.readUntil(op);
    if (Math.max(keys.get(key) ?? -1, keys.get(null) ?? -1) >= until) return;
    keys.set(key, until);
    // writers were all found before marking began to follow them
    this.pending.push(() => {
      const byKey = this.writers.get(memory);
      if (byKey === undefined) return;
      for (const [written, ops] of byKey) {
        if (key !== null && written !== null && written !== key) continue;
        const later = ops.filter((one) => this.positionOf(one) >= until);
        for (const one of ops) if (this.positionOf(one) < until) this.markOp(one);
        byKey.set(written, later);
      }
    });
  }

  private positionOf(op: Op): number {
    return this.positions.get(op)?.at ?? 0;
  }

  /** Where the last operation stands that may run before this one does for the last time. */
  private readUntil(op: Op): number {
    const place = this.positions.get(op);
    if (place === undefined) return Infinity;
    return place.end === null ? place.at : (this.ends.get(place.end) ?? Infinity);
  }

  private markOp(op: Op): void {
    if (this.live.has(op)) return;
    this.live.add(op);
    this.pending.push(() => this.follow(op));
  }

  private follow(op: Op): void {
    const owner = this.owners.get(op);
    if (owner !== undefined && owner !== null) this.markOp(owner);
    switch (op.kind) {
      case "if":
        this.markValue(op.test);
        return;
      case "loop": {
        if (op.range !== null) {
          this.markValue(op.range.from);
          this.markValue(op.range.to);
        }
        const { exit } = op.body;
        if (exit.kind === "yield" && exit.values[0] !== undefined) this.markValue(exit.values[0]);
        return;
      }
      case "load": {
        const { memory, key } = this.aliases.cellOf(op.at);
        this.readCell(op, memory, key);
        break;
      }
      case "length":
        // a store may lengthen a plain array
        this.readAll(op, op.array);
        break;
      case "pop":
      case "push":
      case "grow":
        this.readAll(op, op.array);
        break;
      case "accumulate":
        // reads only what its own cell will be read for
        break;
      case "allocate":
        if (op.initial.kind === "copy") this.readAll(op, op.initial.source);
        if (op.initial.kind === "zerosLike") this.readReached(op, op.initial.of);
        break;
      case "call":
      case "opaque":
        for (const operand of operandsOf(op)) if (isReference(operand.type)) this.readReached(op, operand);
        break;
      default:
        break;
    }
    operandsOf(op).forEach((value) => this.markValue(value));
  }

  private readAll(op: Op, reference: Value): void {
    this.readCell(op, this.aliases.classOf(reference), null);
  }

  /** All that a reference leads to. */
  private readReached(op: Op, reference: Value): void {
    for (const memory of this.aliases.reachedFrom(reference)) this.readCell(op, memory, null);
  }

  private markValue(value: Value): void {
    if (this.used.has(value)) return;
    this.used.add(value);
    this.pending.push(() => {
      const definition = this.aliases.definitions.of(value);
      if (definition !== null) this.define(definition);
    });
  }

  private define(definition: Definition): void {
    if (definition.kind === "parameter") return;
    if (definition.kind === "body") {
      this.markOp(definition.loop);
      if (definition.position > 0) this.carried(definition.loop, definition.position - 1);
      return;
    }
    const { op, position } = definition;
    this.markOp(op);
    if (op.kind === "loop" && position > 1) this.carried(op, position - 2);
    if (op.kind === "if") {
      for (const branch of [op.then, op.else]) {
        const value = branch.exit.kind === "yield" ? branch.exit.values[position] : undefined;
        if (value !== undefined) this.markValue(value);
      }
    }
  }

  private carried(loop: LoopOp, k: number): void {
    const { exit } = loop.body;
    const next = exit.kind === "yield" ? exit.values[k + 1] : undefined;
    for (const value of [loop.initial[k], next]) if (value !== undefined) this.markValue(value);
  }

  private isKept(loop: LoopOp, k: number): boolean {
    const [param, result] = [loop.body.params[k + 1], loop.results[k + 2]];
    return (param !== undefined && this.used.has(param)) || (result !== undefined && this.used.has(result));
  }

  sweep(region: Region): Region {
    const ops: Op[] = [];
    for (const op of region.ops) {
      if (!this.live.has(op)) continue;
      if (op.kind === "if") ops.push(this.sweepIf(op));
      else if (op.kind === "loop") ops.push(this.sweepLoop(op));
      else ops.push(op);
    }
    return withOps(region, ops);
  }

  private sweepIf(op: IfOp): Op {
    const then = this.sweep(op.then);
    const otherwise = this.sweep(op.else);
    const kept = op.results.map((result) => this.used.has(result));
    if (kept.every(Boolean)) return then === op.then && otherwise === op.else ? op : { ...op, then, else: otherwise };
    const select = (values: readonly Value[]): readonly Value[] => values.filter((_, k) => kept[k] === true);
    return { ...op, results: select(op.results), then: pick(then, select), else: pick(otherwise, select) };
  }

  private sweepLoop(op: LoopOp): Op {
    const body = this.sweep(op.body);
    const kept = op.initial.map((_, k) => this.isKept(op, k));
    if (kept.every(Boolean)) return body === op.body ? op : { ...op, body };
    const after =
      (ahead: number) =>
      (values: readonly Value[]): readonly Value[] =>
        values.filter((_, k) => k < ahead || kept[k - ahead] === true);
    return {
      ...op,
      results: after(2)(op.results),
      initial: after(0)(op.initial),
      body: { ...pick(body, after(1)), params: after(1)(body.params) },
    };
  }
}

function pick(region: Region, select: (values: readonly Value[]) => readonly Value[]): Region {
  if (region.exit.kind !== "yield") return region;
  // a region that never reaches its end yields nothing
  if (exitOperands(region.exit).length === 0) return region;
  return { ...region, exit: { kind: "yield", values: select(region.exit.values) } };
}
