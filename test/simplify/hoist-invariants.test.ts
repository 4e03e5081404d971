import { expect, test } from "vitest";
import { hoistInvariants } from "../../transformer/simplify/hoist-invariants.js";
import { run } from "./run-pass.js";

const hoist = (body: string, before = ""): string =>
  run(
    `function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, rows: array<array<Float64Array>> duplicated, p: number[] duplicated, n: integer const) -> void {
      ${before}
      t0, t1 = loop i from 0 to n step 1 {
        ${body}
        stop = constant false
        yield stop
      }
      return
    }`,
    hoistInvariants,
  );

test("a pure operation moves, with the constants that it needs, out of two loops at once", () => {
  expect(
    hoist(`t2, t3 = loop j from 0 to n step 1 {
        y = mul x 2
        e = exp y
        store b[j] e
        s2 = constant false
        yield s2
      }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, rows: array<array<Float64Array>> duplicated, p: number[] duplicated, n: integer const) -> void {
      t0 = constant 0
      t1 = constant 2
      y = mul x t1
      e = exp y
      t2, t3 = loop i from t0 to n step 1 {
        t4 = constant 0
        t5 = constant 2
        t6, t7 = loop j from t4 to n step 1 {
          t8 = constant 2
          store b[j] e
          s2 = constant false
          yield s2
        }
        stop = constant false
        yield stop
      }
      return
    }
    "
  `);
});

test("a whole reduction moves: the quadratic becomes linear", () => {
  expect(
    hoist(`t2, t3, s = loop j from 0 to n step 1 carrying s#1: number = 0 {
        v = load a[j]
        p2 = mul v v
        s#2 = add s#1 p2
        s2 = constant false
        yield s2 s#2
      }
      r = sqrt s
      v2 = load a[i]
      q = div v2 r
      store b[i] q`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, rows: array<array<Float64Array>> duplicated, p: number[] duplicated, n: integer const) -> void {
      t0 = constant 0
      t1 = constant 0
      t2 = constant 0
      t3, t4, s = loop j from t1 to n step 1 carrying s#1 = t2 {
        v = load a[j]
        p2 = mul v v
        s#2 = add s#1 p2
        s2 = constant false
        yield s2 s#2
      }
      r = sqrt s
      t5, t6 = loop i from t0 to n step 1 {
        t7 = constant 0
        t8 = constant 0
        v2 = load a[i]
        q = div v2 r
        store b[i] q
        stop = constant false
        yield stop
      }
      return
    }
    "
  `);
});

test.each([
  ["a load of what the loop does not write", "y = load a[0]\nstore b[i] y", true],
  ["a load of an element that need not be there where the loop does not run", "y = load a[n]\nstore b[i] y", false],
  ["a load of what it may write", "y = load a[n]\nstore a[i] y", false],
  ["a load of another element than it writes", "m = add n 1\ny = load a[n]\nstore a[m] y", true],
  ["a load from a plain array that is pushed to", "y = load p[n]\nt9 = push p y", false],
  ["a length of an array that is pushed to", "y = length p\nt9 = push p x", false],
  ["an operation that may throw", 't9: number = opaque "check($0)" x ; observable\nstore b[i] t9', false],
  ["a random number", "t9 = random\nstore b[i] t9", false],
  ["an allocation", "t9: Float64Array = allocate zeros n\nstore t9[i] x", false],
])("%s", (_, body, moves) => {
  expect(hoist(body) !== "unchanged").toBe(moves);
});

test("a row that may not be there is not read through before the loop, unless it was before", () => {
  const body = "l = length row\nv: number = mul l 2\nstore b[i] v";
  expect(hoist(body, "row = load rows[n]")).toBe("unchanged");
  expect(hoist(body, "row = load rows[n]\nv0 = load row[0]")).not.toBe("unchanged");
});

test("what is dear leaves a branch only where the other branch leaves the loop", () => {
  const branches = (stop: string): string => `v = load a[i]
    c = lt v 0
    st = if c {
      k = constant ${stop}
      yield k
    } else {
      e = exp x
      store b[i] e
      k2 = constant false
      yield k2
    }`;
  const text = (
    stop: string,
  ): string => `function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, n: integer const) -> void {
    t0, t1 = loop i from 0 to n step 1 {
      ${branches(stop)}
      yield st
    }
    return
  }`;
  expect(run(text("true"), hoistInvariants)).not.toBe("unchanged");
  expect(run(text("false"), hoistInvariants)).toBe("unchanged");
});
