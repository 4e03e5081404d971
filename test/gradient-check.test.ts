import { describe, expect, test } from "vitest";
import { checkGradient, type Derivatives, type GradientCase } from "./support/gradient-check.js";
import { arrayShape, constShape, numberShape } from "./support/shape.js";

/** x scales a, in place; the result is the sum of squares. */
function scaled(x: number, a: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    a[i] = (a[i] ?? NaN) * x;
    sum += (a[i] ?? NaN) ** 2;
  }
  return sum;
}

function reverse(x: number, a: Float64Array, da: Float64Array, dResult = 1): number {
  const before = a.slice();
  scaled(x, a);
  let dx = 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const d = (da[i] ?? NaN) + dResult * 2 * (a[i] ?? NaN);
    dx += d * (before[i] ?? NaN);
    da[i] = d * x;
  }
  return dx;
}

function forward(x: number, xDot: number, a: Float64Array, aDot: Float64Array): number {
  let sumDot = 0;
  for (let i = 0; i < a.length; i++) {
    aDot[i] = (aDot[i] ?? NaN) * x + (a[i] ?? NaN) * xDot;
    a[i] = (a[i] ?? NaN) * x;
    sumDot += 2 * (a[i] ?? NaN) * (aDot[i] ?? NaN);
  }
  return sumDot;
}

function gradient(x: number, a: Float64Array): [number, Float64Array] {
  const da = new Float64Array(a.length);
  const dx = reverse(x, a, da);
  return [dx, da];
}

type Call = (...args: never[]) => unknown;
/** The check calls everything with arguments of unknown types. */
const untyped =
  (fn: Call) =>
  (...args: readonly unknown[]): unknown =>
    Reflect.apply(fn, undefined, args);
const derivatives: Derivatives = {
  gradient: untyped(gradient),
  reverse: untyped(reverse),
  forward: untyped(forward),
  valueAndGradient: untyped((x: number, a: Float64Array) => {
    const copy = a.slice();
    return { value: scaled(x, a), gradient: gradient(x, copy) };
  }),
};
const scaledCase: GradientCase = {
  primal: untyped(scaled),
  derivatives,
  parameters: [numberShape, arrayShape()],
  result: numberShape,
  args: [1.5, new Float64Array([1, -2, 0.25])],
};

describe("the gradient check", () => {
  test("accepts what is right", () => {
    expect(checkGradient(scaledCase).adjoints).toHaveLength(4);
  });

  test.each<[string, Derivatives, string]>([
    [
      "a wrong adjoint in both modes",
      {
        reverse: untyped((x: number, a: Float64Array, da: Float64Array, d: number) => 2 * reverse(x, a, da, d)),
      },
      "central differences: argument 0",
    ],
    [
      "a mode that disagrees",
      {
        reverse: untyped(reverse),
        forward: untyped((x: number, xDot: number, a: Float64Array, aDot: Float64Array) =>
          forward(x, xDot * (1 + 1e-9), a, aDot),
        ),
      },
      "dot product, forward",
    ],
    [
      "a shadow that is overwritten instead of accumulated into",
      {
        ...derivatives,
        reverse: untyped((x: number, a: Float64Array, da: Float64Array, d: number) => reverse(x, a, da.fill(0), d)),
      },
      "dot product, forward",
    ],
    [
      "an effect left out",
      { gradient: untyped((x: number, a: Float64Array) => gradient(x, a.slice())) },
      "gradient leaves other arguments than the primal",
    ],
    [
      "a value that is off in its last bit",
      {
        valueAndGradient: untyped((x: number, a: Float64Array) => {
          const copy = a.slice();
          return { value: scaled(x, a) * (1 + 2 ** -52), gradient: gradient(x, copy) };
        }),
      },
      "valueAndGradient: not the primal's value bit for bit",
    ],
    [
      "a gradient in another container",
      {
        gradient: untyped((x: number, a: Float64Array) => {
          const [dx, da] = gradient(x, a);
          return [dx, Array.from(da)];
        }),
      },
      "gradient: not in the shape of its argument",
    ],
    [
      "a missing slot",
      { gradient: untyped((x: number, a: Float64Array) => gradient(x, a)[0]) },
      "gradient: not a tuple of 2 gradients",
    ],
    [
      "something printed",
      {
        gradient: untyped((x: number, a: Float64Array) => {
          console.log("hello");
          return gradient(x, a);
        }),
      },
      "gradient prints something else",
    ],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => checkGradient({ ...scaledCase, derivatives: wrong })).toThrow(message);
  });

  test("leaves constant parameters out and expects what the primal throws", () => {
    const guarded = (x: number, up: boolean): number => {
      if (x < 0) throw new RangeError("negative");
      return up ? x * x : x;
    };
    const base = {
      primal: untyped(guarded),
      parameters: [numberShape, constShape],
      result: numberShape,
      derivatives: {
        gradient: untyped((x: number, up: boolean) => {
          guarded(x, up);
          return up ? 2 * x : 1;
        }),
      },
    };
    expect(checkGradient({ ...base, args: [3, true] }).adjoints).toEqual([6]);
    checkGradient({ ...base, args: [-1, true] });
    const lenient = { gradient: untyped(() => 0) };
    expect(() => checkGradient({ ...base, args: [-1, true], derivatives: lenient })).toThrow("the primal throws");
  });
});
