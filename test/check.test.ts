/** The checks that users run in their own tests: they find what is wrong, and let through what is right. */
import { describe, expect, test } from "vitest";
import { checkGradient, checkRule } from "../src/check.js";

const loss = (w: Float64Array, x: number): number => w.reduce((sum, one, i) => sum + (i + 1) * one * one * x, 0);
const lossGradient = (w: Float64Array, x: number): [Float64Array, number] => [
  w.map((one, i) => 2 * (i + 1) * one * x),
  w.reduce((sum, one, i) => sum + (i + 1) * one * one, 0),
];
const w = new Float64Array([1, -2, 0.5]);

describe("checkGradient", () => {
  test("lets a right gradient through", () => {
    const report = checkGradient(loss, lossGradient, [w, 3]);
    expect(report.passed).toBe(true);
    expect(report.worst?.error).toBeLessThan(1e-6);
    expect(report.text).toMatch(/^the derivative of `loss` agrees in \d+ comparisons/);
  });

  test("asks no step that leaves the domain", () => {
    const edge = (x: number): number => Math.sqrt(x - 0.9995);
    expect(checkGradient(edge, (x: number) => 0.5 / edge(x), [1]).passed).toBe(true);
  });

  test("names the argument and the place that are wrong", () => {
    const wrong = (v: Float64Array, x: number): [Float64Array, number] => {
      const [dw, dx] = lossGradient(v, x);
      dw[1] = 0;
      return [dw, dx];
    };
    expect(() => checkGradient(loss, wrong, [w, 3])).toThrow(
      /of `loss` with respect to argument 0\[1\] is wrong \(central differences\): expected -23\.99+\d*|-24\S*, got 0/,
    );
    const report = checkGradient(loss, wrong, [w, 3], { throws: false });
    expect(report).toMatchObject({ passed: false, worst: { argument: 0, place: "[1]", got: 0 } });
  });

  test("misses no number", () => {
    const short = (v: Float64Array, x: number): [Float64Array, number] => {
      const [dw, dx] = lossGradient(v, x);
      return [dw.slice(0, 2), dx];
    };
    expect(() => checkGradient(loss, short, [w, 3])).toThrow(/argument 0\[2\] is wrong/);
    expect(() => checkGradient(Math.cosh, () => undefined, [1])).toThrow(/argument 0 is wrong/);
  });

  test("holds forward mode against it", () => {
    const forward = (v: Float64Array, vDot: Float64Array, x: number, xDot: number): number => {
      const [dw, dx] = lossGradient(v, x);
      return dw.reduce((sum, one, i) => sum + one * (vDot[i] ?? 0), dx * xDot);
    };
    expect(checkGradient(loss, lossGradient, [w, 3], { forward }).passed).toBe(true);
    const half = (...args: Parameters<typeof forward>): number => forward(...args) / 2;
    expect(() => checkGradient(loss, lossGradient, [w, 3], { forward: half })).toThrow(/forward/);
  });

  test("leaves const arguments alone, and asks for them where it cannot know", () => {
    const power = (x: number, n: number): number => x ** n;
    const powerGradient = (x: number, n: number): number => n * x ** (n - 1);
    expect(checkGradient(power, powerGradient, [2, 3], { const: [1] }).passed).toBe(true);
    expect(() => checkGradient(power, powerGradient, [2, 3])).toThrow(/no tuple of 2.*\{ const: \[1\] \}/);
  });

  test("moves objects, and leaves what it is given as it was", () => {
    const model = { rate: 2, name: "m", rows: [[1, 2]] };
    const area = (m: typeof model): number => {
      m.rate *= 2;
      return m.rate * (m.rows[0]?.[1] ?? 0) ** 2;
    };
    const gradient = (m: typeof model): object => ({ rate: 8, rows: [[0, 4 * m.rate * 2]] });
    expect(checkGradient(area, gradient, [model]).passed).toBe(true);
    expect(model.rate).toBe(2);
  });
});

describe("checkRule", () => {
  const outer = (x: Float64Array, k: number): Float64Array => x.map((one) => one * one * k);
  const reverse = (x: Float64Array, dx: Float64Array, k: number, seed: Float64Array): number => {
    let dk = 0;
    seed.forEach((d, i) => {
      const xi = x[i] ?? 0;
      dx[i] = (dx[i] ?? 0) + 2 * xi * k * d;
      dk += xi * xi * d;
    });
    return dk;
  };
  const forward = (x: Float64Array, xDot: Float64Array, k: number, kDot: number): Float64Array =>
    x.map((one, i) => 2 * one * k * (xDot[i] ?? 0) + one * one * kDot);

  test("lets right rules through", () => {
    expect(checkRule(outer, { reverse, forward }, [w, 3]).passed).toBe(true);
    expect(checkRule(Math.cosh, Math.sinh, [0.7]).passed).toBe(true);
    expect(
      checkRule(
        (a: number, b: number) => a * b,
        (a, b) => [b, a],
        [2, 3],
      ).passed,
    ).toBe(true);
  });

  test("finds wrong ones", () => {
    expect(() => checkRule(outer, { reverse: () => 0 }, [w, 3])).toThrow(/argument 0\[\d\] is wrong/);
    expect(() => checkRule(outer, { forward: (x) => x }, [w, 3])).toThrow(/central differences of forward mode/);
    expect(() => checkRule(outer, { reverse, forward: (x, _xDot, k) => x.map(() => k) }, [w, 3])).toThrow(/forward/);
    expect(() => checkRule(Math.cosh, Math.cosh, [0.7])).toThrow(/of `cosh` with respect to argument 0 is wrong/);
  });

  test("holds rules of functions that write into their arguments to what they make of the shadows", () => {
    const scale = (x: Float64Array, k: number, out: Float64Array): void => {
      for (let i = 0; i < x.length; i++) out[i] = k * (x[i] ?? 0) ** 2;
      x[0] = (x[0] ?? 0) * 3;
    };
    type Scale = (x: Float64Array, dx: Float64Array, k: number, out: Float64Array, dOut: Float64Array) => number;
    const scaleReverse: Scale = (x, dx, k, _out, dOut) => {
      dx[0] = (dx[0] ?? 0) * 3;
      let dk = 0;
      dOut.forEach((d, i) => {
        const xi = x[i] ?? 0;
        dx[i] = (dx[i] ?? 0) + 2 * k * xi * d;
        dk += xi * xi * d;
        dOut[i] = 0;
      });
      return dk;
    };
    const scaleForward = (
      x: Float64Array,
      xDot: Float64Array,
      k: number,
      kDot: number,
      _: Float64Array,
      outDot: Float64Array,
    ): void => {
      x.forEach((one, i) => {
        outDot[i] = kDot * one * one + 2 * k * one * (xDot[i] ?? 0);
      });
      xDot[0] = 3 * (xDot[0] ?? 0);
    };
    const args: [Float64Array, number, Float64Array] = [new Float64Array([0.5, 2]), 0.7, new Float64Array(2)];
    expect(checkRule(scale, { reverse: scaleReverse, forward: scaleForward }, args).passed).toBe(true);
    const keepsSeed: Scale = (x, dx, k, out, dOut) => scaleReverse(x, dx, k, out, dOut.slice());
    expect(() => checkRule(scale, { reverse: keepsSeed }, args)).toThrow(/argument 2\[\d\] is wrong/);
    const forgets: Scale = (x, dx, k, out, dOut) => scaleReverse(x, dx.fill(0), k, out, dOut);
    expect(() => checkRule(scale, { reverse: forgets }, args)).toThrow(/argument 0\[0\] is wrong/);
    expect(() => checkRule(scale, { forward: () => undefined }, args)).toThrow(/forward mode/);
  });
});
