import { expect, test } from "vitest";
import { carryReads } from "../../transformer/simplify/carry-reads.js";
import { run } from "./run-pass.js";

/** A loop over an array that is read; it yields the sum of `reads`. */
const carried = (inLoop: string, of = "Float64Array", range = "from one to last step 1", sum = "add s a"): string =>
  run(
    `function f(x: ${of} const, n: integer const, v: number const) -> number {
      zero = constant 0
      begin = constant 0
      one = constant 1
      last = sub n one
      y: Float64Array = allocate zeros n
      c, d, r = loop i ${range} carrying s = begin {
        stop = constant false
        before = sub i one
        next = add i one
        ${inLoop}
        t = ${sum}
        yield stop t
      }
      e = load y[zero]
      return r
    }`,
    carryReads,
  );

test("an element that was read is handed on to the iteration that would read it again", () => {
  expect(carried("a = load x[before]\nb = load x[i]\ng = load x[next]\nm = mul a b\nstore y[i] g"))
    .toMatchInlineSnapshot(`
    "
    function f(x: Float64Array const, n: integer const, v: number const) -> number {
      zero = constant 0
      begin = constant 0
      one = constant 1
      last = sub n one
      y: Float64Array = allocate zeros n
      before = sub one one
      a = load x[before]
      b = load x[one]
      c, d, r, a2, b2 = loop i from one to last step 1 carrying s = begin, a2#1 = a, b2#1 = b {
        stop = constant false
        before2 = sub i one
        next = add i one
        g = load x[next]
        m = mul a2#1 b2#1
        store y[i] g
        t = add s a2#1
        yield stop t b2#1 g
      }
      e = load y[zero]
      return r
    }
    "
  `);
});

test("a border that leads round begins with the other end", () => {
  expect(
    carried(
      "p = eq i zero\nleft: integer = if p {\nyield last\n} else {\nyield before\n}\na = load x[left]\nb = load x[i]\nm = mul a b",
      "Float64Array",
      "from zero to n step 1",
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array const, n: integer const, v: number const) -> number {
      zero = constant 0
      begin = constant 0
      one = constant 1
      last = sub n one
      y: Float64Array = allocate zeros n
      before = sub zero one
      p = eq zero zero
      left = if p {
        yield last
      } else {
        yield before
      }
      a = load x[left]
      c, d, r, a2 = loop i from zero to n step 1 carrying s = begin, a2#1 = a {
        stop = constant false
        before2 = sub i one
        next = add i one
        p2 = eq i zero
        left2 = if p2 {
          yield last
        } else {
          yield before2
        }
        b = load x[i]
        m = mul a2#1 b
        t = add s a2#1
        yield stop t b
      }
      e = load y[zero]
      return r
    }
    "
  `);
});

test("not where the array is written, the reads lie apart, or the loop does what takes longer", () => {
  const isKept = (...given: Parameters<typeof carried>): boolean => carried(...given) === "unchanged";
  expect(isKept("a = load x[before]\nb = load x[i]\nm = mul a b\nstore x[i] m")).toBe(true);
  expect(isKept("a = load x[before]\nb = load x[next]\nm = mul a b")).toBe(true);
  expect(isKept("a = load x[before]\nb = load x[i]\nm = sin b")).toBe(true);
  expect(isKept("a = load x[before]\nb = load x[i]\nm = mul a b", "number[]")).toBe(true);
  expect(isKept("a = load x[before]\nb = load x[i]\nm = mul a b\naccumulate y[i] m")).toBe(true);
});

test("not where it leads round in the middle of the range", () => {
  const text = carried(
    "p = eq i one\nleft: integer = if p {\nyield last\n} else {\nyield before\n}\na = load x[left]\nb = load x[i]\nm = mul a b",
    "Float64Array",
    "from zero to n step 1",
  );
  expect(text).toBe("unchanged");
});
