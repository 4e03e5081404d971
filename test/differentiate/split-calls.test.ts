/** Recursion: each call runs once forward and once backward, however deep it stands. */
import { afterEach, expect, test, vi } from "vitest";
import { createProgram, inRoot } from "../support/program.js";
import { ModuleLoader } from "../support/load-module.js";
import { functionIn, transformTexts } from "../support/transform-source.js";

const file = inRoot("fixtures/recursion-counted.ts");
const source = `
/** @enzyme */
export function tower(x: number, depth: number): number {
  return depth <= 0 ? x : Math.sin(tower(x, depth - 1)) + x;
}
`;

afterEach(() => {
  vi.restoreAllMocks();
});

test("the gradient of a recursion is linear in its depth", () => {
  const files = new Map([[file, source]]);
  const { texts } = transformTexts(createProgram([file], files));
  const gradient = functionIn(new ModuleLoader(texts).load(file), "tower_gradient");
  const count = (depth: number): number => {
    const calls = [vi.spyOn(Math, "sin"), vi.spyOn(Math, "cos")];
    gradient(0.3, depth);
    const total = calls.reduce((sum, one) => sum + one.mock.calls.length, 0);
    vi.restoreAllMocks();
    return total;
  };
  expect(count(200) - count(100)).toBeLessThanOrEqual(200);
  expect(count(100)).toBeGreaterThanOrEqual(100);
});
