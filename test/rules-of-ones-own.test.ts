/** Rules of one's own, as types and at run time. What they mean to a derivative is in fixtures/rules. */
import { expect, expectTypeOf, test } from "vitest";
import { stopGradient } from "../src/index.js";

test("stopGradient gives the value itself, under its own type", () => {
  const weights = new Float64Array([1, 2]);
  expect(stopGradient(weights)).toBe(weights);
  expect(stopGradient(3)).toBe(3);
  expectTypeOf(stopGradient(weights)).toEqualTypeOf<Float64Array<ArrayBuffer>>();
  expectTypeOf(stopGradient({ x: 1 })).toEqualTypeOf<{ x: number }>();
});
