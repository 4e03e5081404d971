/**
 * Computes the next value of a carried variable after the last use of the one before, so that one variable serves both:
 *
 *   y2 = mul y x; d2 = mul d y; z = sin y2; yield .. y2 d2   =>   d2 = mul d y; y2 = mul y x; z = sin y2; yield ..
 *
 * Only scalar operations move, and only past operations that do not use their result.
 */
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import { freeValues, operandsOf, rebuild, regionsOf } from "../ir/traverse.js";

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
  region.exit.values.forEach((value, k) => {
    const slot = slots[k];
    if (slot !== null && slot !== undefined) delay(ops, value, slot);
  });
  return { ...region, ops };
}

function delay(ops: Op[], value: Value, slot: Value): void {
  const from = ops.findIndex(({ results }) => results[0] === value);
  if (ops[from]?.kind !== "apply") return;
  // The value before, or another version of the same variable that is still to be read.
  const isOlder = (one: Value): boolean =>
    one === slot || (one !== value && slot.origin.variable !== null && isVersion(one, slot));
  const lastRead = Math.max(-1, ...ops.map((op, k) => (readsAny(op, isOlder) ? writtenAt(ops, k) : -1)));
  if (lastRead <= from) return;
  const delayed: Op[] = [];
  const results = new Set<Value>();
  const others: Op[] = [];
  for (const op of ops.slice(from, lastRead + 1)) {
    const depends = op === ops[from] || readsAny(op, (one) => results.has(one));
    if (!depends) {
      others.push(op);
      continue;
    }
    if (op.kind !== "apply" || (op !== ops[from] && readsAny(op, isOlder))) return;
    delayed.push(op);
    for (const result of op.results) results.add(result);
  }
  ops.splice(from, lastRead + 1 - from, ...others, ...delayed);
}

/** Where an operation will be written: at the one use of its result, or where it stands. */
function writtenAt(ops: readonly Op[], at: number): number {
  const op = ops[at];
  const [result] = op?.results ?? [];
  if (op?.kind !== "apply" || result === undefined) return at;
  if (result.origin.variable !== null && result.origin.role !== "adjoint") return at;
  const users = ops.flatMap((one, k) => (readsAny(one, (value) => value === result) ? [k] : []));
  const [user, second] = users;
  return user === undefined || second !== undefined || ops[user]?.kind === "loop" ? at : writtenAt(ops, user);
}

const isVersion = (a: Value, b: Value): boolean =>
  a.origin.variable?.name === b.origin.variable?.name &&
  a.origin.variable?.lane === b.origin.variable?.lane &&
  a.origin.role === b.origin.role;

function readsAny(op: Op, test: (value: Value) => boolean): boolean {
  return operandsOf(op).some(test) || regionsOf(op).some((region) => freeValues(region).some(test));
}
