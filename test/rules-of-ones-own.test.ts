/** Rules of one's own, as types and at run time. What they mean to a derivative is in fixtures/rules. */
import { expect, expectTypeOf, test } from "vitest";
import { defineRule, stopGradient, type Const } from "../src/index.js";

test("stopGradient gives the value itself, under its own type", () => {
  const weights = new Float64Array([1, 2]);
  expect(stopGradient(weights)).toBe(weights);
  expect(stopGradient(3)).toBe(3);
  expectTypeOf(stopGradient(weights)).toEqualTypeOf<Float64Array<ArrayBuffer>>();
  expectTypeOf(stopGradient({ x: 1 })).toEqualTypeOf<{ x: number }>();
});

declare function solve(A: Float64Array, b: Float64Array): Float64Array;
declare function scaled(x: Float64Array, k: number, table: Const<Float64Array>): number;
declare function area(width: number, height: number): number;

// Only looked at as types: nothing here is called.
function types(_unused: () => void): void {
  expect(true).toBe(true);
}

test("the functions of a rule have the signatures of the modes", () => {
  types(() => {
    defineRule(solve, {
      reverse: (A, dA, b, dB, seed) => {
        expectTypeOf([A, dA, b, dB, seed]).toEqualTypeOf<Float64Array[]>();
      },
      forward: (_A, ADot, _b, bDot) => (ADot.length > 0 ? bDot : ADot),
    });
    defineRule(scaled, {
      reverse: (x, dx, k, table, seed = 1) => {
        expectTypeOf(k).toEqualTypeOf<number>();
        dx[0] = (table[0] ?? 0) * k * seed;
        return x[0] ?? 0;
      },
    });
    defineRule.scalar(area, (width, height) => [height, width]);
    defineRule.scalar(Math.cosh, Math.sinh);
  });
});

test("wrong rules are type errors", () => {
  types(() => {
    // @ts-expect-error: a number where the shadow of A is handed over
    defineRule(solve, { reverse: (_A: Float64Array, _k: number) => undefined });
    // @ts-expect-error: the adjoint of k is owed
    defineRule(scaled, { reverse: () => undefined });
    // @ts-expect-error: no such mode
    defineRule(solve, { backward: () => undefined });
    // @ts-expect-error: two partials
    defineRule.scalar(area, (width) => width);
    // @ts-expect-error: an array has no partial that is a number
    defineRule.scalar(scaled, () => 1);
  });
});

test("defineRule does nothing when it runs", () => {
  defineRule(Math.cosh, { forward: (x, xDot) => Math.sinh(x) * xDot });
  defineRule.scalar(Math.cosh, Math.sinh);
});
