import { expect, test } from "vitest";
import { carryElements } from "../../transformer/simplify/carry-elements.js";
import { run } from "./run-pass.js";

/** A loop over j within one over i; the lines between its head and what comes behind it. */
const carried = (inLoop: string, of = "Float64Array"): string =>
  run(
    `function f(y: ${of} const, n: integer const, p: Int32Array const, v: number const) -> number {
      zero = constant 0
      one = constant 1
      stop = constant false
      a, b = loop i from zero to n step 1 {
        next = add i one
        c, d = loop j from next to n step 1 {
          ${inLoop}
          yield stop
        }
        yield stop
      }
      return v
    }`,
    carryElements,
  );

test("an element that is only added to is carried", () => {
  expect(carried("accumulate y[i] v")).toMatchInlineSnapshot(`
    "
    function f(y: Float64Array const, n: integer const, p: Int32Array const, v: number const) -> number {
      zero = constant 0
      one = constant 1
      stop = constant false
      a, b = loop i from zero to n step 1 {
        next = add i one
        ySum = load y[i]
        c, d, ySum#1 = loop j from next to n step 1 carrying ySum#2 = ySum {
          ySum#3 = add ySum#2 v
          yield stop ySum#3
        }
        store y[i] ySum#1
        yield stop
      }
      return v
    }
    "
  `);
});

test("others may be written and read, where they are surely others", () => {
  const isCarried = (text: string): boolean => carried(text).includes("carrying");
  expect(isCarried("accumulate y[i] v\naccumulate y[j] v")).toBe(true);
  expect(isCarried("t = load y[j]\naccumulate y[i] t")).toBe(true);
  expect(isCarried("k = load p[j]\naccumulate y[i] v\naccumulate y[k] v")).toBe(false);
  expect(isCarried("t = load y[i]\naccumulate y[i] t")).toBe(false);
  expect(isCarried("accumulate y[j] v")).toBe(false);
});

test("an element of a plain array stays where it is: beyond its end there would be one more", () => {
  expect(carried("accumulate y[i] v", "array<number>")).toBe("unchanged");
});

test("an element of an array of lesser precision stays where it is rounded", () => {
  expect(carried("accumulate y[i] v", "Float32Array")).toBe("unchanged");
});

test("nothing is held back where the loop may throw", () => {
  const thrown = "accumulate y[i] v\nt = lt v zero\nif t {\nthrow v\n} else {\nyield\n}";
  expect(carried(thrown)).toBe("unchanged");
});
