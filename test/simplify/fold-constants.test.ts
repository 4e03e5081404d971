import { describe, expect, test } from "vitest";
import { foldConstants } from "../../transformer/simplify/fold-constants.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { run } from "./run-pass.js";

/** The body of `f(x, n)` after folding, without what is dead then. */
const fold = (body: string, result = "r"): string =>
  run(
    `function f(x: number active, n: integer const, b: boolean const) -> number {
      ${body}
      return ${result}
    }`,
    foldConstants,
    removeDead,
  );

describe("exact arithmetic", () => {
  test.each([
    ["r = mul 6 7", "constant 42"],
    ["t = add 0.5 0.25\nr = mul x t", "constant 0.75"],
    ["t: number = constant -0\nr = add x t", "return x"],
    ["r = mul x 1", "return x"],
    ["r = sub x 0", "return x"],
    ["r = pow x 2", "mul x x"],
    ["r = pow x 1", "return x"],
    ["t = neg x\nr = neg t", "return x"],
    ["r = mul -1 x", "neg x"],
    ["r = floor n", "return n"],
    ["t = sub n 1\nr = sub t 1", "constant 2"],
    ["t = min 3 4\nr = mul x t", "constant 3"],
  ])("%s => %s", (body, expected) => {
    expect(fold(body)).toContain(expected);
  });

  test.each([
    "r = mul x 0",
    "r = add x 0",
    "r = sub x x",
    "r = div x x",
    "r = exp 1",
    "r = pow x 3",
    "r = div 1 3",
    "t = add n 5\nr = sub 7 t",
  ])("%s stays", (body) => {
    expect(fold(body)).toBe("unchanged");
  });

  test("constants with a name stay, but decide tests", () => {
    expect(fold('t: number = constant 3.141592653589793 "Math.PI"\nr = mul 2 t')).toBe("unchanged");
    expect(
      fold('t: number = constant 3 "LIMIT"\nc = lt t 4\nr: number = if c {\nyield x\n} else {\nyield n\n}'),
    ).toContain("return x");
  });
});

test("a branch within a branch on the same test", () => {
  expect(
    fold(`c = lt x n
      r = if c {
        t1 = if c {
          a = mul x 2
          yield a
        } else {
          yield x
        }
        yield t1
      } else {
        d = not c
        t2 = if d {
          yield x
        } else {
          a2 = mul x 3
          yield a2
        }
        yield t2
      }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, n: integer const, b: boolean const) -> number {
      c = lt x n
      r = if c {
        t0 = constant 2
        a = mul x t0
        yield a
      } else {
        yield x
      }
      return r
    }
    "
  `);
});

test("a flag set by a branch is its test", () => {
  expect(
    fold(`c = lt x n
      depth = if c {
        t0 = constant 1
        yield t0
      } else {
        t1 = constant 0
        yield t1
      }
      s = ne depth 0
      r = if s {
        yield x
      } else {
        y = mul x x
        yield y
      }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, n: integer const, b: boolean const) -> number {
      c = lt x n
      r = if c {
        yield x
      } else {
        y = mul x x
        yield y
      }
      return r
    }
    "
  `);
});

test("a range that is empty, and a loop that runs once", () => {
  expect(
    fold(`t0, t1, r = loop i from 3 to 3 step 1 carrying a = x {
        a2 = mul a 2
        t2 = constant false
        yield t2 a2
      }`),
  ).toContain("return x");
  expect(
    fold(`t0, t1, r = loop i carrying a = x {
        a2 = mul a 2
        t2 = constant true
        yield t2 a2
      }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, n: integer const, b: boolean const) -> number {
      t0 = constant 2
      a2 = mul x t0
      return a2
    }
    "
  `);
});

test("a branch that throws, if it is surely taken, ends the function", () => {
  expect(
    fold(`c = constant true
      r = if c {
        e: opaque"Error" = opaque "new Error(\\"no\\")"
        throw e
      } else {
        yield x
      }`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, n: integer const, b: boolean const) -> number {
      e: opaque"Error" = opaque "new Error(\\"no\\")"
      throw e
    }
    "
  `);
});

test("sums of numbers are not regrouped", () => {
  expect(fold("t = add x 1\nr = add t 1")).toBe("unchanged");
});
