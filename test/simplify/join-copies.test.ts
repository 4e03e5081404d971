import { expect, test } from "vitest";
import { joinCopies } from "../../transformer/simplify/join-copies.js";
import { run } from "./run-pass.js";

/** A copy of `x` in each iteration, kept in a record; what reads it in that iteration, and what is done when all is over. */
const join = (reads: string, behind = "", end = "m", size = "n"): string =>
  run(
    `function f(x: Float64Array const, y: Float64Array const, n: integer const) -> number as gradient of g {
      zero = constant 0
      kept@residual: array<Float64Array> = allocate zeros ${size}
      m = length x
      a, b = loop s from zero to n step 1 {
        c: Float64Array = allocate copy x zero ${end}
        store kept@residual[s] c
        ${reads}
        store x[zero] v
        stop = constant false
        yield stop
      }
      d: Float64Array = load kept@residual[zero]
      w = load d[n]
      ${behind}
      return w
    }`,
    joinCopies,
  );

test("copies lie end to end, and what runs forward reads the array itself", () => {
  expect(join("v = load c[n]")).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array const, y: Float64Array const, n: integer const) -> number as gradient of g {
      zero = constant 0
      t0 = length x
      t1 = mul n t0
      x@residual: Float64Array = allocate zeros t1
      m = length x
      a, b = loop s from zero to n step 1 {
        t2 = mul s t0
        opaque "$0.set($1, $2)" x@residual x t2 ; reads writes
        v = load x[n]
        store x[zero] v
        stop = constant false
        yield stop
      }
      t3 = mul zero t0
      t4 = constant 1
      t5 = add zero t4
      t6 = mul t5 t0
      d: Float64Array = opaque "$0.subarray($1, $2)" x@residual t3 t6
      w = load d[n]
      return w
    }
    "
  `);
});

test("copies stay apart where the array is written before they are read for the last time", () => {
  expect(join("u = load c[n]\nstore x[zero] u\nv = load c[s]")).toBe("unchanged");
});

test("copies stay apart where something else is done with one of them, or with their record", () => {
  expect(join("v = load c[n]\nstore c[zero] v")).toBe("unchanged");
  expect(join("v = load c[n]", "store d[zero] w")).toBe("unchanged");
  expect(join("v = load c[n]", "l = length kept@residual")).toBe("unchanged");
  expect(join("v = load c[n]", "store kept@residual[zero] x")).toBe("unchanged");
});

test("copies stay apart where their record grows as it is filled", () => {
  expect(join("v = load c[n]", "", "m", "zero")).toBe("unchanged");
});

test("copies of a part stay apart", () => {
  expect(join("v = load c[zero]", "", "n")).toBe("unchanged");
});
