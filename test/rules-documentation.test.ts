/** What docs/rules.md shows is so: its programs are transformed, run, and their gradients checked. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkGradient } from "../src/check.js";
import { ModuleLoader } from "./support/load-module.js";
import { inRoot } from "./support/program.js";
import { transformFiles } from "./support/transform-files.js";

const page = readFileSync(inRoot("docs/rules.md"), "utf8");
const programs = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, text = ""]) => ({
  name: /@enzyme \*\/\nexport function (\w+)/.exec(text)?.[1] ?? "",
  text,
}));

/** What each is checked with; where central differences do not apply, what its gradient is. */
const examples: Readonly<Record<string, { readonly args: readonly unknown[]; readonly gradient?: unknown }>> = {
  normalized: { args: [3, 4], gradient: [0.2, 1.6] },
  penalty: { args: [2], gradient: 1 },
  distance: { args: [1.5, 0.3] },
  compliance: { args: [new Float64Array([4, 1, 2, 3]), new Float64Array([1, 2])] },
};

const isFunction = (value: unknown): value is (...args: unknown[]) => number => typeof value === "function";

describe("docs/rules.md", () => {
  test.each(programs)("$name", ({ name, text }) => {
    const { texts, diagnostics } = transformFiles({ "model.ts": text });
    expect(diagnostics).toEqual([]);
    const example = examples[name];
    // functions that are only declared cannot run, and time does not stand still
    if (example === undefined) return expect(["amplitude", "annealed"]).toContain(name);
    const loaded = new ModuleLoader(new Map([["/model.ts", texts["model.ts"] ?? ""]])).load("/model.ts");
    const [primal, gradient] = [loaded[name], loaded[`${name}_gradient`]];
    if (!isFunction(primal) || !isFunction(gradient)) throw new Error(`${name} has no gradient`);
    if (example.gradient !== undefined) expect(gradient(...example.args)).toEqual(example.gradient);
    else expect(checkGradient(primal, gradient, [...example.args]).passed).toBe(true);
  });
});
