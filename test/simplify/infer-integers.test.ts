import { expect, test } from "vitest";
import { inferIntegers } from "../../transformer/simplify/infer-integers.js";
import { run } from "./run-pass.js";

test("a counter that goes round in a loop is an integer; a sum of numbers is none", () => {
  expect(
    run(
      `function f(x: Float64Array duplicated, n: integer const) -> number {
        i = constant 0
        s = constant 0
        t0, t1, i#1, s#1 = loop t2 carrying i#2: number = i, s#2: number = s {
          v = load x[i#2]
          s#3 = add s#2 v
          i#3: number = add i#2 2
          stop = ge i#3 n
          yield stop i#3 s#3
        }
        r = mul s#1 i#1
        return r
      }`,
      inferIntegers,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated, n: integer const) -> number {
      i = constant 0
      s = constant 0
      t0, t1, i#1, s#1 = loop t2 carrying i#2: integer = i, s#2 = s {
        v = load x[i#2]
        s#3 = add s#2 v
        t3 = constant 2
        i#3 = add i#2 t3
        stop = ge i#3 n
        yield stop i#3 s#3
      }
      r = mul s#1 i#1
      return r
    }
    "
  `);
});

test("what may be fractional, or is divided, stays a number", () => {
  expect(
    run(
      `function f(a: number const, n: integer const) -> number {
        h: number = div n 2
        k: number = floor h
        m: number = mul k 3
        c = lt a 0
        r: number = if c {
          yield m
        } else {
          yield a
        }
        return r
      }`,
      inferIntegers,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(a: number const, n: integer const) -> number {
      t0 = constant 2
      h = div n t0
      k = floor h
      t1 = constant 3
      m = mul k t1
      t2 = constant 0
      c = lt a t2
      r = if c {
        yield m
      } else {
        yield a
      }
      return r
    }
    "
  `);
});

test("a counter that is halved once is no integer", () => {
  expect(
    run(
      `function f(n: integer const) -> number {
        i = constant 0
        t0, t1, i#1 = loop t2 carrying i#2: number = i {
          h = div i#2 2
          i#3 = add h 1
          stop = ge i#3 n
          yield stop i#3
        }
        return i#1
      }`,
      inferIntegers,
    ),
  ).toBe("unchanged");
});
