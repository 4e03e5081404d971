import { expect, test } from "vitest";
import { mergeAccumulates } from "../../transformer/simplify/merge-accumulates.js";
import { recognizeAccumulate } from "../../transformer/simplify/recognize-accumulate.js";
import { run } from "./run-pass.js";

const recognize = (body: string): string =>
  run(
    `function f(a: Float64Array duplicated, x: number active, i: integer const, j: integer const) -> void {
      ${body}
      return
    }`,
    recognizeAccumulate,
  );

test("a[i] += v", () => {
  expect(recognize("t = load a[i]\nv = mul x x\nu = add t v\nstore a[i] u")).toMatchInlineSnapshot(`
    "
    function f(a: Float64Array duplicated, x: number active, i: integer const, j: integer const) -> void {
      v = mul x x
      accumulate a[i] v
      return
    }
    "
  `);
});

test("a[i] -= v adds the negation: the same to the last bit", () => {
  const text = recognize("t = load a[i]\nu = sub t x\nstore a[i] u");
  expect(text).toContain("neg x");
  expect(text).toContain("accumulate a[i]");
});

test.each([
  ["another element", "t = load a[i]\nu = add t x\nstore a[j] u"],
  ["the load is the second operand", "t = load a[i]\nu = add x t\nstore a[i] u"],
  ["the load has another use", "t = load a[i]\nu = add t x\nstore a[i] u\nstore a[j] t"],
  ["the sum has another use", "t = load a[i]\nu = add t x\nstore a[i] u\nstore a[j] u"],
  ["a store between that may write it", "t = load a[i]\nu = add t x\nstore a[j] x\nstore a[i] u"],
  ["doubled", "t = load a[i]\nu = add t t\nstore a[i] u"],
])("not %s", (_, body) => {
  expect(recognize(body)).toBe("unchanged");
});

test("additions to one element of a shadow are merged, unless it is read in between", () => {
  const merge = (between: string): string =>
    run(
      `function f(x: Float64Array duplicated, y: number active, i: integer const) -> Float64Array as gradient of g {
        n = length x
        x@adjoint: Float64Array = allocate zeros n
        accumulate x@adjoint[i] y
        z@adjoint = mul y y
        j = add i 1
        ${between}
        accumulate x@adjoint[i] z@adjoint
        return x@adjoint
      }`,
      mergeAccumulates,
    );
  expect(merge("accumulate x@adjoint[j] y")).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array duplicated, y: number active, i: integer const) -> Float64Array as gradient of g {
      n = length x
      x@adjoint: Float64Array = allocate zeros n
      z@adjoint = mul y y
      t0 = constant 1
      j = add i t0
      accumulate x@adjoint[j] y
      t1@adjoint = add y z@adjoint
      accumulate x@adjoint[i] t1@adjoint
      return x@adjoint
    }
    "
  `);
  expect(merge("w = load x@adjoint[j]\nstore x[i] w")).toContain("add y z@adjoint");
  expect(merge("w = load x@adjoint[i]\nstore x[i] w")).toBe("unchanged");
});
