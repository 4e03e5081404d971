/** What the records of a function hold: a record of something that the user did not name is called after it. */
import { isReference, type IRFunction, type Value } from "../ir/ir.js";
import { exitOperands, walk } from "../ir/traverse.js";

export interface Recorded {
  /** The value that is kept in a record, given by any of the values that stand for the record as it grows. */
  in(record: Value): Value | null;
  /** Is this value kept in a record? */
  has(value: Value): boolean;
}

/** Is it an array that keeps values for the reverse sweep? */
export const isRecord = ({ type, origin }: Value): boolean => origin.role === "residual" && isReference(type);

/** Finds what each record of a function keeps. */
export function findRecorded(fn: IRFunction): Recorded {
  const parents = new Map<Value, Value>();
  const find = (value: Value): Value => {
    const parent = parents.get(value);
    return parent === undefined ? value : find(parent);
  };
  const same = (a: Value | undefined, b: Value | undefined): void => {
    if (a === undefined || b === undefined || !isRecord(a) || !isRecord(b)) return;
    const [left, right] = [find(a), find(b)];
    if (left !== right) parents.set(right, left);
  };
  const stores: (readonly [record: Value, value: Value])[] = [];
  walk(fn.body, (op) => {
    switch (op.kind) {
      case "grow":
        same(op.array, op.results[0]);
        return;
      case "store":
        if (isRecord(op.at.base)) stores.push([op.at.base, op.value]);
        return;
      case "if":
        op.results.forEach((result, k) => {
          for (const { exit } of [op.then, op.else]) if (exit.kind === "yield") same(result, exit.values[k]);
        });
        return;
      case "loop":
        op.initial.forEach((initial, k) => {
          same(initial, op.body.params[k + 1]);
          same(initial, exitOperands(op.body.exit)[k + 1]);
          same(initial, op.results[k + 2]);
        });
        return;
      default:
        return;
    }
  });
  const kept = new Map<Value, Value>();
  for (const [record, value] of stores) if (!kept.has(find(record))) kept.set(find(record), value);
  const values = new Set(stores.map(([, value]) => value));
  return { in: (record) => kept.get(find(record)) ?? null, has: (value) => values.has(value) };
}
