import { expect, test } from "vitest";
import { carryWindows } from "../../transformer/simplify/carry-windows.js";
import { run } from "./run-pass.js";

/** A loop from n - 2 down to 0 over a shadow of zeros. */
const carried = (inLoop: string, of = "Float64Array", range = "from last to zero step -1 inclusive"): string =>
  run(
    `function f(x: ${of} const, n: integer const, p: Int32Array const, v: number const) -> number {
      zero = constant 0
      two = constant 2
      last = sub n two
      d@adjoint: ${of} = allocate zeros n
      a, b = loop i ${range} {
        stop = constant false
        one = constant 1
        next = add i one
        ${inLoop}
        yield stop
      }
      r = load d@adjoint[zero]
      return r
    }`,
    carryWindows,
  );

test("what is added to a neighbour is handed on to the iteration that goes on with it", () => {
  expect(carried("store d@adjoint[i] v\naccumulate d@adjoint[next] v")).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array const, n: integer const, p: Int32Array const, v: number const) -> number {
      zero = constant 0
      two = constant 2
      last = sub n two
      d@adjoint: Float64Array = allocate zeros n
      dCarried@adjoint = constant 0
      a, b, dCarried#1@adjoint = loop i from last to zero step -1 inclusive carrying dCarried#2@adjoint = dCarried@adjoint {
        stop = constant false
        one = constant 1
        next = add i one
        dCarried#3@adjoint = add dCarried#2@adjoint v
        store d@adjoint[next] dCarried#3@adjoint
        yield stop v
      }
      t0 = ge last zero
      if t0 {
        t1 = constant 0
        store d@adjoint[t1] dCarried#1@adjoint
      }
      r = load d@adjoint[zero]
      return r
    }
    "
  `);
});

test("upwards, the last element is written behind the loop", () => {
  const text = carried(
    "accumulate d@adjoint[i] v\naccumulate d@adjoint[next] v",
    "Float64Array",
    "from zero to n step 1",
  );
  expect(text).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array const, n: integer const, p: Int32Array const, v: number const) -> number {
      zero = constant 0
      two = constant 2
      last = sub n two
      d@adjoint: Float64Array = allocate zeros n
      dCarried@adjoint = constant 0
      a, b, dCarried#1@adjoint = loop i from zero to n step 1 carrying dCarried#2@adjoint = dCarried@adjoint {
        stop = constant false
        one = constant 1
        next = add i one
        dCarried#3@adjoint = add dCarried#2@adjoint v
        dCarried#4@adjoint = load d@adjoint[next]
        dCarried#5@adjoint = add dCarried#4@adjoint v
        store d@adjoint[i] dCarried#3@adjoint
        yield stop dCarried#5@adjoint
      }
      t0 = lt zero n
      if t0 {
        store d@adjoint[n] dCarried#1@adjoint
      }
      r = load d@adjoint[zero]
      return r
    }
    "
  `);
});

test("not where the loop may end early, elements lie far apart, or others may touch them", () => {
  const isCarried = (text: string, of?: string): boolean => carried(text, of).includes("carrying");
  expect(isCarried("accumulate d@adjoint[i] v\naccumulate d@adjoint[next] v")).toBe(true);
  expect(isCarried("k = load p[i]\naccumulate d@adjoint[next] v\naccumulate d@adjoint[k] v")).toBe(false);
  expect(isCarried("four = constant 4\nfar = add i four\naccumulate d@adjoint[i] v\naccumulate d@adjoint[far] v")).toBe(
    false,
  );
  expect(isCarried("accumulate d@adjoint[i] v")).toBe(false);
  expect(isCarried("s = eq i n\nstore d@adjoint[i] v\naccumulate d@adjoint[next] v\nt = load p[i]")).toBe(true);
  expect(isCarried("accumulate d@adjoint[i] v\naccumulate d@adjoint[next] v", "array<number>")).toBe(true);
});

test("of a plain array all elements have to be inside, or a write behind its end would be lost", () => {
  const far = "three = constant 3\nbehind = add i three\naccumulate d@adjoint[next] v\naccumulate d@adjoint[behind] v";
  expect(carried(far, "array<number>")).toBe("unchanged");
  expect(carried(far)).toContain("carrying");
});
