import { expect, test } from "vitest";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { run } from "./run-pass.js";

const sweep = (body: string, result = "x"): string =>
  run(
    `function f(x: number active, a: Float64Array duplicated, n: integer const) -> number {
      ${body}
      return ${result}
    }`,
    removeDead,
  );
const nothing =
  "\nfunction f(x: number active, a: Float64Array duplicated, n: integer const) -> number {\n  return x\n}\n";

test.each([
  ["operations", "t = mul x x\nu = exp t"],
  ["loads", "t = load a[n]"],
  ["a local array that is only written", "b: Float64Array = allocate zeros n\nstore b[0] x\naccumulate b[1] x"],
  ["a stack that is only pushed to", "b: number[] = allocate parts\nt = push b x"],
  [
    "a loop that only feeds itself",
    `b: Float64Array = allocate zeros n
    t0, t1, s = loop i from 0 to n step 1 carrying s#1 = x {
      v = load b[i]
      s#2 = add s#1 v
      store b[i] s#2
      t2 = constant false
      yield t2 s#2
    }`,
  ],
  ["a branch", "c = lt x 0\nt = if c {\ny = exp x\nyield y\n} else {\nyield x\n}"],
  [
    "a row of a local matrix",
    "r: Float64Array = allocate zeros n\nm: array<Float64Array> = allocate parts r\nstore r[0] x",
  ],
])("%s without use", (_, body) => {
  expect(sweep(body)).toBe(nothing);
});

test.each([
  ["a store into an argument", "store a[0] x"],
  ["a local array that is read", "b: Float64Array = allocate zeros n\nstore b[0] x\nr = load b[0]", "r"],
  ["a random number", "t = random"],
  ["what the outside sees", 'opaque "console.log($0)" x ; reads observable'],
  [
    "a row that is read through its matrix",
    "r: Float64Array = allocate zeros n\nm: array<Float64Array> = allocate parts r\nk = constant 0\nstore r[k] x\nr2 = load m[k]\ny = load r2[k]",
    "y",
  ],
  ["a throw", 'c = lt x 0\nif c {\ne: opaque"Error" = opaque "new Error()"\nthrow e\n} else {\nyield\n}'],
])("%s stays", (_, body, result = "x") => {
  expect(sweep(body, result)).toBe("unchanged");
});

test("carried values and results that only feed themselves go, what is needed stays", () => {
  expect(
    sweep(
      `t0, t1, s, u = loop i from 0 to n step 1 carrying s#1 = x, u#1 = x {
        v = load a[i]
        s#2 = mul s#1 v
        u#2 = mul u#1 s#2
        t2 = constant false
        yield t2 s#2 u#2
      }
      c = lt s 0
      y, z = if c {
        w = mul s 2
        w2 = exp s
        yield w w2
      } else {
        yield s x
      }`,
      "y",
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, a: Float64Array duplicated, n: integer const) -> number {
      t0 = constant 0
      t1, t2, s = loop i from t0 to n step 1 carrying s#1 = x {
        v = load a[i]
        s#2 = mul s#1 v
        t3 = constant false
        yield t3 s#2
      }
      t4 = constant 0
      c = lt s t4
      y = if c {
        t5 = constant 2
        w = mul s t5
        yield w
      } else {
        yield s
      }
      return y
    }
    "
  `);
});
