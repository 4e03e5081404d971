import { describe, expect, test } from "vitest";
import { Definitions } from "../../transformer/analyze/definitions.js";
import { counterAt, lastCounter, mayStop, tripCount, tripCountOf } from "../../transformer/analyze/trip-counts.js";
import { Block, makeValue } from "../../transformer/ir/build.js";
import { interpret } from "../../transformer/ir/interpret.js";
import {
  integerType,
  numberType,
  type IRFunction,
  type LoopOp,
  type Range,
  type Value,
} from "../../transformer/ir/ir.js";
import { parse } from "../../transformer/ir/parse.js";

/** A function of the two ends that counts the iterations of a range. */
function counting(
  make: (block: Block, range: Range) => Value,
  range: { step: number; inclusive: boolean; from?: number; fractional?: boolean },
): IRFunction {
  const type = range.fractional === true ? numberType : integerType;
  const [from, to] = [makeValue(type), makeValue(type)];
  const block = new Block(true);
  const start = range.from === undefined ? from : block.constant(range.from);
  const result = make(block, { from: start, to, step: range.step, inclusive: range.inclusive });
  return {
    name: "count",
    params: [from, to].map((value, k) => ({ value, name: `p${k}`, activity: "const" as const, typeText: null })),
    results: [numberType],
    body: block.region([], { kind: "return", values: [result] }),
    derivation: null,
    span: null,
  };
}

function trips(from: number, to: number, step: number, inclusive: boolean): number[] {
  const counters: number[] = [];
  for (let i = from; step > 0 ? (inclusive ? i <= to : i < to) : inclusive ? i >= to : i > to; i += step)
    counters.push(i);
  return counters;
}

describe.each([true, false])("inclusive: %s", (inclusive) => {
  test.each([1, 2, 3, -1, -2])("step %d: as many as the loop itself", (step) => {
    for (const fixed of [undefined, 0, 2]) {
      const options = { step, inclusive, ...(fixed === undefined ? {} : { from: fixed }) };
      const count = counting((block, range) => tripCount(block, range), options);
      const last = counting((block, range) => lastCounter(block, range), options);
      for (const from of fixed === undefined ? [-2, 0, 3] : [fixed]) {
        for (let to = -4; to <= 6; to++) {
          const counters = trips(from, to, step, inclusive);
          expect(interpret(count, [from, to]).results[0], `${from} to ${to}`).toBe(counters.length);
          if (counters.length > 0) expect(Number(interpret(last, [from, to]).results[0]) + 0).toBe(counters.at(-1));
        }
      }
    }
  });

  test("ends that are not integers", () => {
    const count = counting((block, range) => tripCount(block, range), { step: 1, inclusive, fractional: true });
    for (const to of [-1.5, 0, 0.5, 2, 2.5]) {
      expect(interpret(count, [0, to]).results[0], String(to)).toBe(trips(0, to, 1, inclusive).length);
    }
  });
});

test("the counter of an iteration", () => {
  const fn = counting((block, range) => counterAt(block, range, range.to), { step: -2, inclusive: false });
  expect(interpret(fn, [10, 3]).results[0]).toBe(4);
});

function loops(text: string): { loop: LoopOp; definitions: Definitions } {
  const fn = parse(text);
  const loop = fn.body.ops.find((op): op is LoopOp => op.kind === "loop");
  if (loop === undefined) throw new Error("no loop");
  return { loop, definitions: new Definitions(fn) };
}

const counted = (stop: string): string => `function f(a: Float64Array duplicated, n: integer const) -> void {
  m = length a
  t0, t1 = loop i from 0 to m step 1 {
    c = lt i n
    stop = ${stop}
    yield stop
  }
  return
}`;

test("from 0 to a length it is just that length", () => {
  const { loop, definitions } = loops(counted("constant false"));
  if (loop.range === null) throw new Error("no range");
  const block = new Block(true);
  expect(tripCount(block, loop.range, definitions)).toBe(loop.range.to);
  expect(block.ops).toEqual([]);
});

test("a stop makes the count a bound", () => {
  const exact = loops(counted("constant false"));
  expect([mayStop(exact.loop), tripCountOf(exact.loop).kind]).toEqual([false, "exact"]);
  const bounded = loops(counted("not c"));
  expect([mayStop(bounded.loop), tripCountOf(bounded.loop).kind]).toEqual([true, "bounded"]);
});

test("what is built is no more than what is needed", () => {
  const fn = counting((block, range) => tripCount(block, range), { step: 1, inclusive: true, from: 1 });
  expect(fn.body.ops.filter(({ kind }) => kind === "apply").length).toBe(1); // max(n, 0)
});
