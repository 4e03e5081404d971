/**
 * Second derivatives where a partial is infinite, or 0 / 0: forward over reverse, reverse over reverse and reverse over
 * forward agree. What is not taken, or what a factor 0 takes away, has no part in them.
 */
import { describe, expect, test } from "vitest";
import { transformFiles } from "./support/transform-files.js";
import { functionIn } from "./support/transform-source.js";

interface Singular {
  readonly text: string;
  readonly at: readonly (readonly [number, number])[];
}
const cases: Readonly<Record<string, Singular>> = {
  squaredDistance: { text: "Math.hypot(x, y) ** 2", at: [[0, 0]] },
  cubedDistance: {
    text: "Math.hypot(x, y) ** 3",
    at: [
      [0, 0],
      [0, 2],
    ],
  },
  root: {
    text: "Math.sqrt(x) * y",
    at: [
      [0, 0],
      [0, 2],
      [4, 0],
    ],
  },
  rootNotTaken: {
    text: "{ const s = Math.sqrt(x); return x > 0 ? s * y : y * x; }",
    at: [
      [0, 1],
      [0, 0],
    ],
  },
  power: {
    text: "x ** y",
    at: [
      [0, 2],
      [0, 3],
      [0, 1.5],
      [2, 0],
    ],
  },
  powerOfSquare: {
    text: "(x * x) ** y",
    at: [
      [0, 2],
      [0, 1],
      [0, 1.5],
    ],
  },
  brokenPower: { text: "x ** 2.5 * y + x ** 1.5", at: [[0, 2]] },
  quotientNotTaken: {
    text: "{ const q = x / y; return y === 0 ? x * x : q; }",
    at: [
      [2, 0],
      [0, 0],
    ],
  },
  logarithmNotTaken: { text: "{ const l = Math.log(x); return x <= 0 ? y * y * x : l * y; }", at: [[0, 2]] },
  normalized: { text: "{ const n = Math.sqrt(x * x + y * y); return n === 0 ? 0 : x / n; }", at: [[0, 0]] },
  arcsineNotTaken: { text: "{ const a = Math.asin(x); return x >= 1 ? y * x : a * y; }", at: [[1, 2]] },
};

const source = Object.entries(cases).map(([name, { text }]) => {
  const body = text.startsWith("{") ? text : `{ return ${text}; }`;
  return `function ${name}(x: number, y: number): number ${body}
export const ${name}_forwardOverReverse = enzyme(${name}, "hessian");
export const ${name}_reverseOverReverse = enzyme(enzyme(${name}, "gradient"), "reverse");
export const ${name}_reverseOverForward = enzyme(enzyme(${name}, "forward"), "gradient");
`;
});
const made = transformFiles({ "cases.ts": `import { enzyme } from "enzyme-ts";\n${source.join("\n")}` });

/** With 0 for -0. */
const unsigned = (value: unknown): unknown => (Array.isArray(value) ? value.map(unsigned) : Number(value) + 0);

test("the output is sound", () => {
  expect(made.diagnostics).toEqual([]);
  expect(made.typeErrors()).toEqual([]);
});

describe.each(Object.entries(cases))("%s", (name, { at }) => {
  test.each(at)("at %s, %s", (x, y) => {
    const call = (mode: string): ((...args: unknown[]) => unknown) =>
      functionIn(made.load("cases.ts"), `${name}_${mode}`);
    const alongForward = (...direction: readonly [number, number]): unknown => {
      const all = call("reverseOverForward")(x, direction[0], y, direction[1]);
      return Array.isArray(all) ? [all[0], all[2]] : all;
    };
    const reversed = call("reverseOverReverse");
    const hessian = unsigned(call("forwardOverReverse")(x, y));
    expect(unsigned([reversed(x, y, [1, 0]), reversed(x, y, [0, 1])])).toEqual(hessian);
    expect(unsigned([alongForward(1, 0), alongForward(0, 1)])).toEqual(hessian);
    expect([hessian].flat(2)).not.toContain(NaN);
  });
});
