/** Functions so long that their derivatives are cut into parts. */
import { describe, expect, it } from "vitest";
import { fixtureOptions } from "./support/fixtures.js";
import { createProgram, functionShapes } from "./support/program.js";
import { checkFunction, transformTexts } from "./support/transform-source.js";

const file = "/long.ts";
/** Milliseconds: such functions take long to transform where every pass is checked. */
const patience = 300_000;

/** Values that follow from those before them, with arrays written on the way, branches, loops, and early ends of them. */
function longFunction(lines: number): string {
  const body = ["  const y = new Float64Array(x.length);", "  const v0 = x[0] * 0.5;"];
  for (let k = 1; k < lines; k++) {
    const [a, b] = [`v${k - 1}`, `v${Math.max(0, k - 40)}`];
    const forms = [
      `  const v${k} = Math.sin(${a}) * ${b} + 0.5;`,
      `  const v${k} = ${a} / (2 + ${b} * ${b});`,
      `  y[${k % 3}] = ${a} * x[${(k + 1) % 3}];\n  const v${k} = y[${(k + 2) % 3}] + Math.cos(${b});`,
      `  let v${k} = ${a};\n  if (v${k} > 0.6) v${k} *= 0.5;\n  for (let i = 0; i < x.length; i++) v${k} += 0.1 * x[i] * y[i];`,
      `  let v${k} = ${b};\n  while (v${k} > 0.3) {\n    v${k} *= x[1] * 0.6;\n    if (v${k} < 0.35) break;\n  }`,
      `  const z${k} = x.map((one) => one * ${a});\n  const v${k} = z${k}[0] * z${k}[2] - 0.1 * ${b};`,
    ];
    body.push(forms[k % forms.length] ?? "");
  }
  const text = `export function long(x: Float64Array, scale: number): number {\n${body.join("\n")}\n`;
  return `/** @enzyme gradient reverse forward */\n${text}  return v${lines - 1} * scale;\n}\n`;
}

/** All of it in one loop, whose body alone is too long. */
function longBody(lines: number): string {
  const values = Array.from({ length: lines }, (_, k) => {
    const [a, b] = [k === 0 ? "s" : `v${k - 1}`, k < 9 ? "x[i]" : `v${k - 9}`];
    return `    const v${k} = ${["Math.sin", "Math.cos", "Math.tanh"][k % 3] ?? ""}(${a} + 0.3 * ${b}) * ${b};`;
  });
  const text = values.join("\n");
  return `/** @enzyme gradient reverse forward */\nexport function long(x: Float64Array, scale: number): number {\n  let s = scale;\n  for (let i = 0; i < x.length; i++) {\n${text}\n    s += v${lines - 1};\n  }\n  return s;\n}\n`;
}

describe("a long function", () => {
  const derive = (text: string): ReturnType<typeof transformTexts> => {
    const files = new Map([[file, text]]);
    return transformTexts(createProgram([file], files, fixtureOptions));
  };

  it("stays whole up to a limit", () => {
    expect(derive(longFunction(60)).texts.get(file)).not.toContain("_part1");
  });

  it.each([
    ["lines after each other", longFunction(400)],
    ["the body of a loop", longBody(400)],
  ])(
    "is cut into parts beyond it, and its gradient is the same: %s",
    (_, source) => {
      const files = new Map([[file, source]]);
      const derived = derive(source);
      const text = derived.texts.get(file) ?? "";
      for (const mode of ["gradient", "reverse"]) expect(text).toContain(`function long_${mode}_part2(`);
      const [shape] = functionShapes(createProgram([file], files, fixtureOptions), file);
      if (shape === undefined) throw new Error("no function");
      checkFunction(derived, file, shape, () => ({ args: [new Float64Array([0.3, 0.8, 1.1]), 0.7] }));
    },
    patience,
  );
});
