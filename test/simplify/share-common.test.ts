import { expect, test } from "vitest";
import { shareCommon } from "../../transformer/simplify/share-common.js";
import { run } from "./run-pass.js";

const share = (body: string): string =>
  run(
    `function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, p: number[] duplicated, i: integer const) -> number {
      ${body}
      return r
    }`,
    shareCommon,
  );
const shares = (body: string): boolean => share(body) !== "unchanged";

test("equal operations, operands of commutative ones in any order", () => {
  expect(share("t = mul x 2\nu = mul 2 x\nv = sub t u\nr = add v u")).toMatchInlineSnapshot(`
    "
    function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, p: number[] duplicated, i: integer const) -> number {
      t0 = constant 2
      t = mul x t0
      t1 = constant 2
      v = sub t t
      r = add v t
      return r
    }
    "
  `);
});

test("what is computed dominates regions within, not those beside", () => {
  expect(
    share(`t = mul x x
      c = lt t 1
      u = if c {
        v = mul x x
        w = exp x
        y = mul v w
        yield y
      } else {
        w2 = exp x
        yield w2
      }
      z = exp x
      r = add u z`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, a: Float64Array duplicated, b: Float64Array duplicated, p: number[] duplicated, i: integer const) -> number {
      t = mul x x
      t0 = constant 1
      c = lt t t0
      u = if c {
        w = exp x
        y = mul t w
        yield y
      } else {
        w2 = exp x
        yield w2
      }
      z = exp x
      r = add u z
      return r
    }
    "
  `);
});

test.each([
  ["the same element", "l = load a[i]\nm = load a[i]\nr = add l m", true],
  ["a store to another array between", "l = load a[i]\nstore b[i] x\nm = load a[i]\nr = add l m", true],
  ["a store to another element between", "j = add i 1\nl = load a[i]\nstore a[j] x\nm = load a[i]\nr = add l m", true],
  ["a store to some element between", "j = mul i 2\nl = load a[i]\nstore a[j] x\nm = load a[i]\nr = add l m", false],
  ["a store to the element between", "l = load a[i]\nstore a[i] x\nm = load a[i]\nr = add l m", false],
  ["what was stored in a plain array", "store p[i] x\nr = load p[i]", true],
  ["what was stored in a typed array, maybe behind its end", "store a[i] x\nr = load a[i]", false],
  ["lengths", "l = length p\nm = length p\nr = add l m", true],
  ["lengths around a push", "l = length p\nt = push p x\nm = length p\nr = add l m", false],
  [
    "loads around an opaque operation",
    'l = load a[i]\nopaque "step()" ; reads writes observable\nm = load a[i]\nr = add l m',
    false,
  ],
])("%s: %s", (_, body, expected) => {
  expect(shares(body)).toBe(expected);
});

test("a loop that writes the element anywhere is not looked through", () => {
  const loop = (index: string): string => `l = load a[i]
    t0, t1, s = loop k from 0 to 10 step 1 carrying s#1: number = l {
      m = load a[i]
      s#2 = add s#1 m
      ${index}
      store a[j] s#2
      f = constant false
      yield f s#2
    }
    r = mul s 2`;
  expect(shares(loop("j = add k 0"))).toBe(false);
  expect(shares(loop("j = add i 1"))).toBe(true);
});

test("what a loop stores into every element of an array is not loaded again", () => {
  const body = (length: string): string =>
    run(
      `function f(n: integer const, m: integer const, x: number active) -> number {
        zero = constant 0
        a: Float64Array = allocate zeros ${length}
        i, j = loop k from zero to n step 1 {
          store a[k] x
          y = load a[k]
          z = mul y y
          store a[k] z
          stop = constant false
          yield stop
        }
        r = load a[zero]
        return r
      }`,
      shareCommon,
    );
  expect(body("n")).toContain("mul x x");
  expect(body("m")).toBe("unchanged");
});
