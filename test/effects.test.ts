/** What a derivative does beside giving numbers: it refuses shared memory, and leaves behind what its primal does. */
import { describe, expect, test } from "vitest";
import { fixtureOptions } from "./support/fixtures.js";
import { ModuleLoader } from "./support/load-module.js";
import { createProgram, inRoot } from "./support/program.js";
import { functionIn, transformTexts } from "./support/transform-source.js";

const [sharing, instances, slots] = ["shared-part-of-arguments", "computed-instance-kept", "absent-slots-written"].map(
  (name) => inRoot(`fixtures/found/${name}.ts`),
) as [string, string, string];
const { texts } = transformTexts(createProgram([sharing, instances, slots], new Map(), fixtureOptions));

describe("a part that two arguments share, where the primal writes it", () => {
  const module = new ModuleLoader(texts).load(sharing);

  test("under one path in each", () => {
    const call = functionIn(module, "forwardInto_gradient");
    const layer = { weights: Float64Array.of(1, 2), bias: Float64Array.of(3, 4) };
    const x = Float64Array.of(5, 6);
    expect(() => call(layer, { ...layer }, x)).toThrow("out and layer must not share memory");
    expect(() => call(layer, { weights: layer.bias, bias: x }, x)).toThrow("out and layer must not share memory");
    expect(() => call(layer, { weights: new Float64Array(2), bias: layer.bias }, x)).not.toThrow();
  });

  test("somewhere below", () => {
    const call = functionIn(module, "relax_gradient");
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const source = [
      [1, 2, 3],
      [1, 2, 3],
    ];
    const grid = { rows, spacing: 0.1 };
    expect(() => call(grid, [...rows].reverse(), undefined)).toThrow("grid and source must not share memory");
    expect(() => call(grid, source, rows[1])).toThrow("grid and boundary must not share memory");
    expect(() => call(grid, source, source[0])).not.toThrow();
  });
});

test("an instance that is put into an argument, or given back, is one of its class", () => {
  const module = new ModuleLoader(texts).load(instances);
  const Particle = functionIn(module, "Particle") as unknown as new (x: number, y: number) => object;
  const particles = [new Particle(1, 2)];
  functionIn(module, "advance_gradient")(particles, 0.1);
  expect(particles[0]).toBeInstanceOf(Particle);
  const cell = { center: new Particle(1, 2) };
  functionIn(module, "moveCenter_gradient")(cell, 0.5);
  expect(cell.center).toEqual(new Particle(1.5, 1));
  const { value } = functionIn(module, "onCircle_vjp")(0.5) as { value: unknown };
  expect(value).toBeInstanceOf(Particle);
});

test("what is absent in an argument is absent in its gradient, though the primal puts something there", () => {
  const module = new ModuleLoader(texts).load(slots);
  const refilled = functionIn(module, "refilled_gradient");
  expect(refilled([null, 3], 2)).toEqual([[null, 6], 4]);
  expect(refilled([5, null], 2)).toEqual([[4, null], 20]);
  const alternating = functionIn(module, "alternating_gradient");
  expect(alternating({ value: null }, 1.3)).toMatchObject([{ weight: undefined, value: null }, expect.any(Number)]);
  expect(alternating({ weight: 2, value: 1 }, 1.3)).toMatchObject([{ weight: 1.3, value: 0 }, expect.any(Number)]);
});
