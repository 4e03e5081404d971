import { expect, test } from "vitest";
import { countLoops } from "../../transformer/simplify/count-loops.js";
import { dropUnchangedCarried } from "../../transformer/simplify/drop-unchanged-carried.js";
import { foldConstants } from "../../transformer/simplify/fold-constants.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { run } from "./run-pass.js";

const count = (text: string): string => run(text, countLoops, foldConstants, dropUnchangedCarried, removeDead);

/** `for (let i = 0; i < bound; i++) { body }`, as it is lowered. */
const loop = (head: string, test: string, step: string, body = ""): string => `
  s = constant 0
  ${head}
  t0, t1, s#1, i#1 = loop t2 carrying s#2: number = s, i#2: integer = i {
    ${test}
    stop, s#3, i#3: integer = if c {
      ${body}
      v = load x[i#2]
      s#4 = add s#2 v
      i#4 = ${step}
      t5 = constant false
      yield t5 s#4 i#4
    } else {
      t6 = constant true
      yield t6 s#2 i#2
    }
    yield stop s#3 i#3
  }`;

test("a length that the loop does not change is its end, also when it is read in the test", () => {
  expect(
    count(`function f(x: Float64Array duplicated) -> number {
      ${loop("i = constant 0", "n = length x\nc = lt i#2 n", "add i#2 1")}
      return s#1
    }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated) -> number {
      s = constant 0
      i = constant 0
      n = length x
      t0, t1, s#1 = loop i#1 from i to n step 1 carrying s#2 = s {
        v = load x[i#1]
        s#3 = add s#2 v
        t2 = constant false
        yield t2 s#3
      }
      return s#1
    }
    "
  `);
});

test("a store at the counter does not lengthen a plain array, one behind it might", () => {
  const f = (store: string): string => `function f(n: integer const) -> number {
    x: number[] = allocate zeros n
    ${loop("i = constant 0", "m = length x\nc = lt i#2 m", "add i#2 1", store)}
    return s#1
  }`;
  expect(count(f("w = constant 1\nstore x[i#2] w"))).toContain("from");
  expect(count(f("w = constant 1\nj = add i#2 1\nstore x[j] w"))).not.toContain("from");
});

test("downwards, inclusive, in steps; the counter afterwards", () => {
  expect(
    count(`function f(x: Float64Array duplicated, n: integer const) -> number {
      ${loop("i = mul n 2", "c = ge i#2 0", "sub i#2 2")}
      r = add s#1 i#1
      return r
    }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated, n: integer const) -> number {
      s = constant 0
      t0 = constant 2
      i = mul n t0
      t1 = constant 0
      t2, t3, s#1 = loop i#1 from i to t1 step -2 inclusive carrying s#2 = s {
        v = load x[i#1]
        s#3 = add s#2 v
        t4 = constant false
        yield t4 s#3
      }
      t5 = constant 2
      t6 = mul t2 t5
      i#2 = sub i t6
      r = add s#1 i#2
      return r
    }
    "
  `);
});

test("a break stays the stop of the loop", () => {
  expect(
    count(`function f(x: Float64Array duplicated, n: integer const) -> number {
      i = constant 0
      s = constant 0
      t0, t1, s#1, i#1 = loop t2 carrying s#2: number = s, i#2: integer = i {
        c = lt i#2 n
        stop, s#3, i#3: integer = if c {
          v = load x[i#2]
          big = gt v 10
          out, s#5, i#5: integer = if big {
            t3 = constant true
            yield t3 s#2 i#2
          } else {
            s#4 = add s#2 v
            i#4 = add i#2 1
            t5 = constant false
            yield t5 s#4 i#4
          }
          yield out s#5 i#5
        } else {
          t6 = constant true
          yield t6 s#2 i#2
        }
        yield stop s#3 i#3
      }
      r = add s#1 i#1
      return r
    }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated, n: integer const) -> number {
      i = constant 0
      s = constant 0
      t0, t1, s#1 = loop i#1 from i to n step 1 carrying s#2 = s {
        v = load x[i#1]
        t2 = constant 10
        big = gt v t2
        out, s#3 = if big {
          t3 = constant true
          yield t3 s#2
        } else {
          s#4 = add s#2 v
          t4 = constant false
          yield t4 s#4
        }
        yield out s#3
      }
      r = add s#1 t0
      return r
    }
    "
  `);
});

test("two tests joined by `and`: one is the range, the other stops", () => {
  expect(
    count(`function f(x: number active, n: integer const) -> number {
      i = constant 0
      t0, t1, x#1, i#1 = loop t2 carrying x#2 = x, i#2: integer = i {
        c1 = lt i#2 n
        c2 = lt x#2 100
        c = and c1 c2
        stop, x#3, i#3: integer = if c {
          x#4 = mul x#2 2
          i#4 = add i#2 1
          t5 = constant false
          yield t5 x#4 i#4
        } else {
          t6 = constant true
          yield t6 x#2 i#2
        }
        yield stop x#3 i#3
      }
      return x#1
    }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, n: integer const) -> number {
      i = constant 0
      t0, t1, x#1 = loop i#1 from i to n step 1 carrying x#2 = x {
        t2 = constant 100
        c2 = lt x#2 t2
        stop, x#3 = if c2 {
          t3 = constant 2
          x#4 = mul x#2 t3
          t4 = constant false
          yield t4 x#4
        } else {
          t5 = constant true
          yield t5 x#2
        }
        yield stop x#3
      }
      return x#1
    }
    "
  `);
});

test("the counter stepped before a break keeps its last value", () => {
  expect(
    count(`function f(x: Float64Array duplicated, n: integer const) -> number {
      i = constant 0
      t0, t1, i#1 = loop t2 carrying i#2: integer = i {
        c = lt i#2 n
        stop, i#3: integer = if c {
          v = load x[i#2]
          i#4 = add i#2 1
          big = gt v 10
          yield big i#4
        } else {
          t6 = constant true
          yield t6 i#2
        }
        yield stop i#3
      }
      return i#1
    }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated, n: integer const) -> number {
      i = constant 0
      t0, t1, i#1 = loop i#2 from i to n step 1 carrying i#3: integer = i {
        v = load x[i#2]
        t2 = constant 1
        i#4 = add i#2 t2
        t3 = constant 10
        big = gt v t3
        yield big i#4
      }
      return i#1
    }
    "
  `);
});

test.each([
  [
    "a bound that the loop changes",
    "i = constant 0",
    "k = load y[0]\nc = lt i#2 k",
    "add i#2 1",
    "w = constant 3\nstore y[0] w",
  ],
  ["steps that differ", "i = constant 0", "c = lt i#2 n", "add i#2 i#2", ""],
  ["steps away from the end", "i = constant 0", "c = lt i#2 n", "sub i#2 1", ""],
  ["an effect before the test", "i = constant 0", "w = constant 3\nstore y[0] w\nc = lt i#2 n", "add i#2 1", ""],
])("%s: stays as it is", (_, head, condition, step, body) => {
  const text = `function f(x: Float64Array duplicated, y: Int32Array const, n: integer const) -> number {
    ${loop(head, condition, step, body)}
    return s#1
  }`;
  expect(run(text, countLoops)).toBe("unchanged");
});
