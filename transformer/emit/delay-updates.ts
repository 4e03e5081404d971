/**
 * Computes the next value of a carried variable after the last use of the one before, so that one variable serves both:
 *
 *   y2 = mul y x; d2 = mul d y; z = sin y2; yield .. y2 d2   =>   d2 = mul d y; y2 = mul y x; z = sin y2; yield ..
 *
 * Only scalar operations move, and only past operations that do not use their result.
 */
import type { IRFunction, Op, Region, Value, Variable } from "../ir/ir.js";
import { freeValues, operandsOf, rebuild, regionsOf } from "../ir/traverse.js";

/** Updates of carried variables => the same as late as they can be. */
export function delayUpdates(fn: IRFunction): IRFunction {
  return { ...fn, body: inRegion(fn.body, []) };
}

/** `slots`: for each value that the region's exit hands over, the variable that it will be put into. */
function inRegion(region: Region, slots: readonly (Value | null)[]): Region {
  const ops = region.ops.map((op): Op => {
    if (op.kind === "loop") {
      const [, ...params] = op.body.params;
      return { ...op, body: inRegion(op.body, [null, ...params]) };
    }
    if (op.kind !== "if") return op;
    const targets = op.results.map((result) => {
      const position = region.exit.kind === "yield" ? region.exit.values.indexOf(result) : -1;
      return slots[position] ?? null;
    });
    return rebuild(op, { value: (one) => one, region: (inner) => inRegion(inner, targets), result: (one) => one });
  });
  if (region.exit.kind !== "yield") return { ...region, ops };
  const changing = region.exit.values.some(
    (value, k) => slots[k] !== null && slots[k] !== undefined && slots[k] !== value,
  );
  if (!changing) return { ...region, ops };
  const readers = new Readers(ops);
  region.exit.values.forEach((value, k) => {
    const slot = slots[k];
    if (slot !== null && slot !== undefined) delay(ops, value, slot, readers);
  });
  return { ...region, ops };
}

/** Who reads what in a region, and where it stands. Operations move, but what they read stays the same. */
class Readers {
  private readonly definitions = new Map<Value, Op>();
  private readonly readers = new Map<Value, Op[]>();
  private readonly positions = new Map<Op, number>();
  /** The values read that are versions of one variable. */
  private readonly versions = new Map<Variable["name"], Value[]>();

  constructor(private readonly ops: readonly Op[]) {
    this.renumber(0, ops.length);
    for (const op of ops) {
      const [result] = op.results;
      if (result !== undefined) this.definitions.set(result, op);
      for (const value of new Set([...operandsOf(op), ...regionsOf(op).flatMap((inner) => [...freeValues(inner)])])) {
        const known = this.readers.get(value);
        if (known !== undefined) {
          known.push(op);
          continue;
        }
        this.readers.set(value, [op]);
        const { variable } = value.origin;
        if (variable === null) continue;
        const versions = this.versions.get(variable.name);
        if (versions === undefined) this.versions.set(variable.name, [value]);
        else versions.push(value);
      }
    }
  }

  /** Takes notice that the operations from one position up to another have moved. */
  renumber(from: number, to: number): void {
    for (const [k, op] of this.ops.slice(from, to).entries()) this.positions.set(op, from + k);
  }

  definitionOf(value: Value): number {
    return this.positionOf(this.definitions.get(value));
  }

  of(value: Value): readonly Op[] {
    return this.readers.get(value) ?? [];
  }

  versionsOf(value: Value): readonly Value[] {
    const { variable } = value.origin;
    const versions = variable === null ? [] : (this.versions.get(variable.name) ?? []);
    return versions.filter(
      ({ origin }) => origin.role === value.origin.role && origin.variable?.lane === variable?.lane,
    );
  }

  /** Where an operation will be written: at the one use of its result, or where it stands. */
  writtenAt(op: Op): number {
    for (let at = op; ;) {
      const [result] = at.results;
      const isNamed = result?.origin.variable !== null && result?.origin.role !== "adjoint";
      if (at.kind !== "apply" || result === undefined || isNamed) return this.positionOf(at);
      const [reader, second] = this.of(result);
      if (reader === undefined || second !== undefined || reader.kind === "loop") return this.positionOf(at);
      at = reader;
    }
  }

  private positionOf(op: Op | undefined): number {
    return op === undefined ? -1 : (this.positions.get(op) ?? -1);
  }
}

function delay(ops: Op[], value: Value, slot: Value, readers: Readers): void {
  const from = readers.definitionOf(value);
  const first = ops[from];
  if (first?.kind !== "apply") return;
  // The value before, or another version of the same variable that is still to be read.
  const older = new Set([slot, ...readers.versionsOf(slot).filter((one) => one !== value)]);
  const isOlder = (one: Value): boolean => older.has(one);
  let lastRead = -1;
  for (const one of older) {
    for (const op of readers.of(one)) lastRead = Math.max(lastRead, readers.writtenAt(op));
  }
  if (lastRead <= from) return;
  const delayed: Op[] = [];
  const results = new Set<Value>();
  const others: Op[] = [];
  for (const op of ops.slice(from, lastRead + 1)) {
    const depends = op === first || readsAny(op, (one) => results.has(one));
    if (!depends) {
      others.push(op);
      continue;
    }
    if (op.kind !== "apply" || (op !== first && readsAny(op, isOlder))) return;
    delayed.push(op);
    for (const result of op.results) results.add(result);
  }
  ops.splice(from, lastRead + 1 - from, ...others, ...delayed);
  readers.renumber(from, lastRead + 1);
}

function readsAny(op: Op, test: (value: Value) => boolean): boolean {
  return operandsOf(op).some(test) || regionsOf(op).some((region) => freeValues(region).some(test));
}
