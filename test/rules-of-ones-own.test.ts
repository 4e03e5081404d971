/** Rules of one's own, as types and at run time. What they mean to a derivative is in fixtures/rules. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { defineRule, stopGradient, type Const } from "../src/index.js";
import { transformFiles } from "./support/transform-files.js";

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

/** What a run says of rules, in a program where nothing else is wrong. */
function diagnose(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  const head = 'import { defineRule, enzyme } from "enzyme-ts";\n';
  return transformFiles({ ...others, "main.ts": head + text }).diagnostics;
}

const square = `export function square(x: number): number { return x * x; }
/** @enzyme */
export function quartic(x: number): number { return square(square(x)); }
`;

describe("a rule that is never used is an error", () => {
  const unused = "export function unused(x: number): number { return x; }\n";
  test.each([
    ["registered in code", `${unused}defineRule.scalar(unused, () => 1);\n`, "defineRule.scalar(unused, () => 1)"],
    [
      "on the function",
      `/** @enzyme custom reverse=unusedReverse */\n${unused}function unusedReverse(_x: number, seed = 1): number { return seed; }\n`,
      "@enzyme",
    ],
    [
      "of a function that only plain code calls",
      `${unused}defineRule.scalar(unused, () => 1);\nexport const three = unused(3);\n`,
      "defineRule.scalar(unused, () => 1)",
    ],
  ])("%s", (_, text, at) => {
    expect(diagnose(square + text)).toEqual([`EZ1031 at ${at}: the rule of \`unused\` is never used`]);
  });

  test("used by a macro's function, a callee of a callee, or as a value", () => {
    const used = `${unused}defineRule.scalar(unused, () => 1);\nfunction middle(x: number): number { return 2 * unused(x); }\n`;
    expect(diagnose(`${used}export const a = enzyme((x: number) => middle(x), "gradient");\n`)).toEqual([]);
    expect(diagnose(`${used}export const a = enzyme(unused, "gradient");\n`)).toEqual([]);
    expect(
      diagnose(`${used}export const a = enzyme((x: number[]) => x.map(unused).length, "hvp", { wrt: [0] });\n`),
    ).not.toContainEqual(expect.stringContaining("EZ1031"));
  });
});

describe("what is wrong with a rule is told", () => {
  test.each([
    ["a function that cannot be found", "defineRule.scalar([square][0]!, (x) => 2 * x);", "EZ1030", "[square][0]!"],
    [
      "a rule that cannot be found",
      "defineRule.scalar(square, [(x: number) => 2 * x][0]!);",
      "EZ1030",
      "[(x: number) => 2 * x][0]!",
    ],
    ["an empty rule", "/** @enzyme custom */\nfunction third(x: number): number { return x / 3; }", "EZ1033", "custom"],
    ["a rule that is no literal", "const rule = {};\ndefineRule(square, rule);", "EZ1033", "rule"],
    [
      "another word",
      "/** @enzyme custom backward=square */\nfunction third(x: number): number { return x / 3; }",
      "EZ1014",
      "backward=square",
    ],
    [
      "a name that is not there",
      "/** @enzyme custom reverse=nobody */\nfunction third(x: number): number { return x / 3; }",
      "EZ1017",
      "reverse=nobody",
    ],
  ])("%s", (_, text, code, at) => {
    expect(diagnose(`${square}${text}\n`).filter((one) => one.startsWith(code))).toEqual([
      expect.stringMatching(new RegExp(`^${code} at ${at.replace(/[^\w ]/g, "\\$&")}:`)),
    ]);
  });

  test("two rules", () => {
    const rule = "defineRule.scalar(square, (x) => 2 * x);\n";
    expect(diagnose(square + rule + rule)).toEqual([
      "EZ1034 at defineRule.scalar(square, (x) => 2 * x): `square` has two rules",
    ]);
    const other = {
      "other.ts": `import { defineRule } from "enzyme-ts";\nimport { square } from "./main.js";\n${rule}`,
    };
    expect(diagnose(square + rule, other)).toHaveLength(1);
  });
});
