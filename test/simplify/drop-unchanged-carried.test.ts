import { expect, test } from "vitest";
import { dropUnchangedCarried } from "../../transformer/simplify/drop-unchanged-carried.js";
import { run } from "./run-pass.js";

test("what no path changes is the initial value, also when it changes hands", () => {
  expect(
    run(
      `function f(x: number active, n: integer const) -> number {
        t0, t1, a, b, s = loop i from 0 to n step 1 carrying a#1 = x, b#1 = x, s#1 = x {
          c = lt s#1 0
          a#2, s#2 = if c {
            s#3 = mul s#1 a#1
            yield b#1 s#3
          } else {
            s#4 = mul s#1 2
            yield b#1 s#4
          }
          t2 = constant false
          yield t2 a#2 a#1 s#2
        }
        t3 = mul a b
        r = mul t3 s
        return r
      }`,
      dropUnchangedCarried,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, n: integer const) -> number {
      t0 = constant 0
      t1, t2, s = loop i from t0 to n step 1 carrying s#1 = x {
        t3 = constant 0
        c = lt s#1 t3
        s#2 = if c {
          s#3 = mul s#1 x
          yield s#3
        } else {
          t4 = constant 2
          s#4 = mul s#1 t4
          yield s#4
        }
        t5 = constant false
        yield t5 s#2
      }
      t6 = mul x x
      r = mul t6 s
      return r
    }
    "
  `);
});

test("values that are exchanged but begin differently are carried", () => {
  expect(
    run(
      `function f(x: number active, y: number active, n: integer const) -> number {
        t0, t1, a, b = loop i from 0 to n step 1 carrying a#1 = x, b#1 = y {
          t2 = constant false
          yield t2 b#1 a#1
        }
        r = sub a b
        return r
      }`,
      dropUnchangedCarried,
    ),
  ).toBe("unchanged");
});
