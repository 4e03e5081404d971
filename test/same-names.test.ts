/** Two files may give functions one name: each derivative calls its own, and nothing in a file depends on the other. */
import { expect, test } from "vitest";
import { functionIn } from "./support/transform-source.js";
import { transformFiles } from "./support/transform-files.js";

const stepper = (use: string, fn: string, power: number): string => `
import { enzyme } from "enzyme-ts";
function tree(x: number, n: number): number {
  return n <= 0 ? x : ${fn}(tree(x, n - 1)) * x;
}
function loss(x: number): number {
  return tree(x, 3) ** ${power};
}
const slope = enzyme(loss, "gradient");
/** @enzyme */
export function ${use}(x: number): number {
  return slope(x) * x;
}
`;
const files = {
  "a.ts": stepper("first", "Math.sin", 2),
  "b.ts": stepper("second", "Math.cos", 3),
  "c.ts": `
import { first } from "./a.js";
import { second } from "./b.js";
/** @enzyme */
export function both(x: number): number {
  return first(x) + 2 * second(x);
}
`,
};

test("a function that calls both", () => {
  const made = transformFiles(files);
  expect(made.diagnostics).toEqual([]);
  expect(made.typeErrors()).toEqual([]);
  const [both, gradient] = ["both", "both_gradient"].map((name) => functionIn(made.load("c.ts"), name));
  for (const x of [0.3, 1.1]) {
    const difference = (Number(both?.(x + 1e-6)) - Number(both?.(x - 1e-6))) / 2e-6;
    expect(gradient?.(x)).toBeCloseTo(difference, 7);
  }
});

test("the text of a file is the same without the other", () => {
  const together = transformFiles(files).texts;
  for (const name of ["a.ts", "b.ts"] as const)
    expect(together[name]).toBe(transformFiles({ [name]: files[name] }).texts[name]);
});
