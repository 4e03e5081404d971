import { expect, test } from "vitest";
import { analyzeAliases } from "../../transformer/analyze/aliases.js";
import { isPure, isRemovable, mayWrite, WriteLog } from "../../transformer/analyze/effects.js";
import { Compilation } from "../../transformer/compilation.js";
import type { Location, Op } from "../../transformer/ir/ir.js";
import { parse } from "../../transformer/ir/parse.js";

function operations(body: string): { ops: readonly Op[]; aliases: ReturnType<typeof analyzeAliases> } {
  const fn =
    parse(`function f(a: Float64Array duplicated, b: Float64Array duplicated, p: number[] duplicated, x: number active, i: integer const) -> void {
    ${body}
    return
  }`);
  return { ops: fn.body.ops, aliases: analyzeAliases(fn, new Compilation()) };
}

/** Asks about the last operation. */
function last(body: string): { pure: boolean; removable: boolean } {
  const { ops, aliases } = operations(body);
  const op = ops.at(-1);
  if (op === undefined) throw new Error("no operation");
  return { pure: isPure(op), removable: isRemovable(op, aliases) };
}

test.each([
  ["t = mul x x", true, true],
  ["t = load a[i]", false, true],
  ["t: Float64Array = allocate zeros i", false, true],
  ["store a[i] x", false, false],
  ["t = random", false, false],
  ["t = push p x", false, false],
  ['t: number = opaque "g($0)" x', true, true],
  ['t: number = opaque "g($0)" x ; reads', false, true],
  ['opaque "console.log($0)" x ; reads observable', false, false],
  ["c = lt x 0\nt = if c {\ny = exp x\nyield y\n} else {\nyield x\n}", false, true],
  ["c = lt x 0\nif c {\nstore a[i] x\nyield\n} else {\nyield\n}", false, false],
  ["c = lt x 0\nif c {\nthrow x\n} else {\nyield\n}", false, false],
])("%s", (body, pure, removable) => {
  expect(last(body)).toEqual({ pure, removable });
});

test("an operation may write what overlaps, also from within a loop", () => {
  const { ops, aliases } = operations(`t = load a[i]
    u = load b[i]
    l = length p
    t0, t1 = loop k from 0 to 3 step 1 {
      store a[k] x
      q = push p x
      stop = constant false
      yield stop
    }`);
  const loop = ops.find(({ kind }) => kind === "loop");
  const at = ops.flatMap((op): Location[] => (op.kind === "load" ? [op.at] : []));
  const array = ops.flatMap((op) => (op.kind === "length" ? [op.array] : []));
  if (loop === undefined) throw new Error("no loop");
  expect(at.map((one) => mayWrite(loop, one, aliases))).toEqual([true, false]);
  const log = new WriteLog(aliases);
  log.record(loop);
  expect(array.map((one) => log.resizedSince(one))).toEqual([true]);
});

test("the log of writes tells what was written since a moment", () => {
  const { ops, aliases } = operations(`j = add i 1
    store a[i] x
    store a[j] x
    store b[0] x
    store b[1] x`);
  const log = new WriteLog(aliases);
  const times = ops.map((op) => {
    log.record(op);
    return log.now;
  });
  const stores = ops.flatMap((op, k) => (op.kind === "store" ? [{ at: op.at, time: times[k] ?? 0 }] : []));
  const [first, second, third, fourth] = stores;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error();
  expect(log.writtenSince(first.at)).toBe(true);
  expect(log.writtenSince(first.at, first.time)).toBe(false); // a[i + 1] is another cell
  expect(log.writtenSince(second.at, first.time)).toBe(true);
  expect(log.writtenSince(third.at, third.time)).toBe(false);
  expect(log.writtenSince(fourth.at, third.time)).toBe(true);
});

test("an opaque operation that writes may write what escapes, not what is local", () => {
  const { ops, aliases } = operations(`l: Float64Array = allocate zeros i
    t = load l[i]
    u = load a[i]
    opaque "step()" ; writes`);
  const opaque = ops.at(-1);
  if (opaque === undefined) throw new Error();
  const written = ops.flatMap((op) => (op.kind === "load" ? [mayWrite(opaque, op.at, aliases)] : []));
  expect(written).toEqual([false, true]);
});
