import { expect, test } from "vitest";
import { unrollLoops } from "../../transformer/simplify/unroll-loops.js";
import { run } from "./run-pass.js";

const unrolled = (body: string): string =>
  run(
    `function f(x: Float64Array duplicated, y: number active, n: integer const) -> number {
      ${body}
      return s
    }`,
    unrollLoops,
  );
const summing = (range: string, body = "v = load x[i]\nt = add s1 v", stop = "false"): string =>
  unrolled(`completed, started, s = loop i ${range} carrying s1 = y {
    ${body}
    yield ${stop} t
  }`);

test("a short loop of few iterations is written out", () => {
  expect(summing("from 4 to 0 step -2")).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated, y: number active, n: integer const) -> number {
      t0 = constant 4
      t1 = constant 0
      t2 = constant 4
      v = load x[t2]
      t = add y v
      t3 = constant false
      t4 = constant 2
      v2 = load x[t4]
      t2#0 = add t v2
      t5 = constant false
      t6 = constant 2
      return t2#0
    }
    "
  `);
});

test("how often it ran is known, too", () => {
  const text = unrolled(`completed, started = loop i from 0 to 3 step 1 {
    accumulate x[i] y
    yield false
  }
  s = add started y`);
  expect(text).not.toContain("loop");
  expect(text).toContain("constant 3");
});

test.each([
  ["many iterations", summing("from 0 to 5 step 1")],
  ["an unknown number of them", summing("from 0 to n step 1")],
  ["a condition that ends it", summing("from 0 to 3 step 1", "v = load x[i]\nt = add s1 v\nc = lt t 9", "c")],
  ["fractions", summing("from 0.5 to 3 step 1")],
  [
    "a test that data decide",
    summing("from 0 to 3 step 1", "v = load x[i]\nc = lt v 0\nt = if c {\nyield s1\n} else {\nyield v\n}"),
  ],
  ["much to do", summing("from 0 to 3 step 1", `v0 = load x[i]\n${chain(14)}\nt = add s1 v14`)],
])("a loop with %s stays", (_, text) => {
  expect(text).toBe("unchanged");
});

test("a branch that the counter decides is no obstacle", () => {
  const text = summing(
    "from 0 to 3 step 1",
    "v = load x[i]\nc = eq i 1\nt = if c {\nyield s1\n} else {\nu = add s1 v\nyield u\n}",
  );
  expect(text).not.toContain("loop");
});

test("a longer loop is written out where it names elements of a small array by its counter", () => {
  const text = unrolled(`a: number[] = allocate zeros 3
    completed, started, s = loop i from 0 to 3 step 1 carrying s1 = y {
      v0 = load x[i]
      ${chain(14)}
      store a[i] v14
      t = add s1 v14
      yield false t
    }`);
  expect(text).not.toContain("loop");
});

/** v1 = sin v0, and so on. */
function chain(length: number): string {
  return Array.from({ length }, (_, k) => `v${k + 1} = sin v${k}`).join("\n");
}
