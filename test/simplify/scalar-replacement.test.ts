import { expect, test } from "vitest";
import { scalarReplacement } from "../../transformer/simplify/scalar-replacement.js";
import { run } from "./run-pass.js";

const replace = (body: string, result = "r"): string =>
  run(
    `function f(x: number active, y: number active, n: integer const) -> number {
      ${body}
      return ${result}
    }`,
    scalarReplacement,
  );

test("a record that is written in a branch of a loop is carried through both", () => {
  expect(
    replace(`p: record P {x: number, y: number} = allocate parts x y
      t0, t1 = loop i from 0 to n step 1 {
        a = load p.x
        c = lt a 1
        if c {
          b = mul a 2
          store p.x b
          yield
        } else {
          yield
        }
        t2 = constant false
        yield t2
      }
      u = load p.x
      v = load p.y
      r = add u v`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, y: number active, n: integer const) -> number {
      t0 = constant 0
      t1, t2, pX = loop i from t0 to n step 1 carrying pX#1 = x {
        t3 = constant 1
        c = lt pX#1 t3
        pX#2 = if c {
          t4 = constant 2
          b = mul pX#1 t4
          yield b
        } else {
          yield pX#1
        }
        t5 = constant false
        yield t5 pX#2
      }
      r = add pX y
      return r
    }
    "
  `);
});

test("a tuple that flows out of a branch becomes its parts", () => {
  expect(
    replace(`c = lt x y
      t = if c {
        a: tuple<number, number> = allocate parts x y
        yield a
      } else {
        b: tuple<number, number> = allocate parts y x
        yield b
      }
      u = load t.0
      v = load t.1
      r = sub u v`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, y: number active, n: integer const) -> number {
      c = lt x y
      t0#0, t1#0 = if c {
        yield x y
      } else {
        yield y x
      }
      r = sub t0#0 t1#0
      return r
    }
    "
  `);
});

test("a small array of zeros that is added to", () => {
  expect(
    replace(`w: Float64Array = allocate zeros 2
      accumulate w[0] x
      accumulate w[0] y
      store w[1] y
      u = load w[0]
      v = load w[1]
      r = mul u v`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, y: number active, n: integer const) -> number {
      t0 = constant 2
      w0: number = constant 0
      w1: number = constant 0
      t1 = constant 0
      w0#1 = add w0 x
      t2 = constant 0
      w0#2 = add w0#1 y
      t3 = constant 1
      t4 = constant 0
      t5 = constant 1
      r = mul w0#2 y
      return r
    }
    "
  `);
});

test.each([
  ["an index that is not constant", "w: Float64Array = allocate zeros 2\nstore w[n] x\nr = load w[0]"],
  ["an index behind the end", "w: number[] = allocate parts x y\nr = load w[2]"],
  ["a Float32Array, which rounds", "w: Float32Array = allocate zeros 2\nstore w[0] x\nr = load w[0]"],
  ["an array that is pushed to", "w: number[] = allocate parts x\nt = push w y\nr = load w[0]"],
  [
    "an array that an opaque operation sees",
    'w: number[] = allocate parts x\nopaque "g($0)" w ; reads observable\nr = load w[0]',
  ],
  [
    "an object that is chosen and written",
    "c = lt x y\na: tuple<number> = allocate parts x\nb: tuple<number> = allocate parts y\nt = if c {\nyield a\n} else {\nyield b\n}\nstore t.0 x\nr = load a.0",
  ],
])("%s stays", (_, body) => {
  expect(replace(body)).toBe("unchanged");
});
