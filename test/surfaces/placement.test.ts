/** Where a derivative stands, and how it reaches what its primal uses in other files. */
import { describe, expect, test } from "vitest";
import { callIn, transformFiles } from "../support/transform-files.js";

const head = 'import { enzyme } from "enzyme-ts";\n';
const loss = "export function loss(x: number): number {\n  return x * x * 3;\n}\n";

describe("a primal in a file that is not written", () => {
  test("its derivative goes into the file that asks, which imports the primal no more", () => {
    const main = `${head}import { loss } from "./loss";\nexport const slope = enzyme(loss, "gradient");\n`;
    const made = transformFiles({ "loss.ts": loss, "main.ts": main }, { outputs: ["main.ts"] });
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["loss.ts"]).toBe(loss);
    expect(made.texts["main.ts"]).toBe(
      "export const slope = loss_gradient;\n\n/** Gradient of {@link loss} with respect to x. */\nfunction loss_gradient(x: number): number {\n  return 6 * x;\n}\n",
    );
    expect(callIn(made.load("main.ts"), "slope", 2)).toBe(12);
  });

  test("every file that asks has one of its own, however often it asks", () => {
    const ask = `${head}import { loss } from "./loss";\nexport const a = enzyme(loss, "gradient");\nexport const b = enzyme(loss, "gradient")(2);\n`;
    const made = transformFiles({ "loss.ts": loss, "a.ts": ask, "b.ts": ask }, { outputs: ["a.ts", "b.ts"] });
    expect(made.diagnostics).toEqual([]);
    for (const name of ["a.ts", "b.ts"]) {
      expect(made.texts[name]?.split("function loss_gradient(")).toHaveLength(2);
      expect(made.load(name)["b"]).toBe(12);
    }
    expect(made.typeErrors()).toEqual([]);
  });

  test("a package that ships its source", () => {
    const made = transformFiles({
      "node_modules/springs/package.json": '{ "name": "springs", "main": "index.ts", "types": "index.ts" }',
      "node_modules/springs/index.ts": `import { STIFFNESS } from "./constants";
const half = 0.5;
function square(x: number): number { return x * x; }
/** @enzyme */
export function energy(x: number): number { return half * STIFFNESS * square(x); }
`,
      "node_modules/springs/constants.ts": "export const STIFFNESS = 4;\n",
      "main.ts": `${head}import { energy } from "springs";\nexport const force = enzyme(energy, "gradient");\nexport const e = energy(1);\n`,
    });
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["main.ts"]).toContain('import { energy } from "springs";');
    expect(callIn(made.load("main.ts"), "force", 3)).toBe(12);
  });

  test("a syntax error in it is reported, and nothing is made of it", () => {
    const main = `${head}import { loss } from "./loss";\nexport const slope = enzyme(loss, "gradient");\n`;
    const broken = loss.replace("x * x * 3", "x * ;");
    const made = transformFiles({ "loss.ts": broken, "main.ts": main }, { outputs: ["main.ts"] });
    expect(made.diagnostics[0]).toMatch(/^EZ1019 at /);
    expect(made.texts["main.ts"]).toBe(main);
    expect(made.refused).toContain("main.ts");
  });

  test("a syntax error in a helper's file is reported as well", () => {
    const main =
      'import { h } from "./helper";\n/** @enzyme */\nexport function f(x: number): number { return h(x); }\n';
    const helper =
      "export function h(x: number): number { return x * x; }\nexport function other(x: number) { return x * ; }\n";
    for (const outputs of [["main.ts"], ["main.ts", "helper.ts"]]) {
      const made = transformFiles({ "helper.ts": helper, "main.ts": main }, { outputs });
      expect(made.diagnostics).toEqual([expect.stringMatching(/^EZ1019 at /)]);
      expect(made.refused).toEqual(["helper.ts", "main.ts"]);
    }
  });

  test("a derivative of a primal in JavaScript is JavaScript", () => {
    const main = `${head}import { loss } from "./loss.js";\nexport const slope = enzyme(loss, "gradient");\n`;
    const js = "/** @param {number} x */\nexport function loss(x) { return x * x; }\n";
    const made = transformFiles({ "loss.js": js, "main.ts": main }, { compilerOptions: { allowJs: true } });
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["loss.js"]).toContain("function loss_gradient(x) {");
  });
});

describe("types", () => {
  test("that hold themselves are known by the names that they are exported or imported under", () => {
    const tree = `export interface Tree { v: number; children: Tree[] }
export default class List { constructor(readonly v: number, readonly rest: List | null) {} }
export function total(t: Tree): number { let s = t.v * t.v; for (const c of t.children) s += total(c); return s; }
export function product(l: List): number { return l.rest === null ? l.v : l.v * product(l.rest); }
`;
    const main = `${head}import List, { product, total, type Tree } from "./tree";
export const d = enzyme(total, "gradient")({ v: 2, children: [{ v: 3, children: [] }] } satisfies Tree);
export const p = enzyme(product, "forward")(new List(2, new List(3, null)), { v: 1, rest: { v: 0, rest: null } });
`;
    for (const outputs of [["main.ts"], ["main.ts", "tree.ts"]]) {
      const made = transformFiles({ "tree.ts": tree, "main.ts": main }, { outputs });
      expect(made.diagnostics).toEqual([]);
      expect(made.typeErrors()).toEqual([]);
      const { d, p } = made.load("main.ts");
      expect(d).toEqual({ v: 4, children: [{ v: 6, children: [] }] });
      expect(p).toBe(3);
    }
  });

  test("of other files are spelt out, also where another type has the same name", () => {
    const model = `export interface Params { readonly gain: number; readonly label: string }
export type Numbers = readonly number[];
export function model(p: Params, xs: Numbers): number { let s = 0; for (const x of xs) s += p.gain * x; return s; }
`;
    const main = `${head}import { model } from "./model";
export interface Numbers { readonly other: string }
export const d = enzyme(model, "gradient");
export const r = d({ gain: 2, label: "" }, [1, 2]);
`;
    const made = transformFiles({ "model.ts": model, "main.ts": main }, { outputs: ["main.ts"] });
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(made.load("main.ts")["r"]).toEqual([{ gain: 3 }, [2, 2]]);
  });
});

describe("what a helper of another file reads", () => {
  const main = `import { f } from "./helper";\n/** @enzyme */\nexport function g(x: number): number { return f(x); }\n`;

  test.each([
    ["a number", "const k = 3;", "x * k"],
    ["an expression", "const k = Math.sqrt(4) + 1;", "x * k"],
    ["an array", "const ks = [1, 3];", "x * ks[1]"],
    ["a typed array", "const ks = new Float64Array([1, 3]);", "x * ks[1]"],
    ["an object", "const o = { k: 3, deep: [1] };", "x * o.k * o.deep[0]"],
    [
      "an array handed to a function that reads",
      "const ks = [1, 3];\nfunction at(a: number[], i: number): number { return a[i]; }",
      "x * at(ks, 1)",
    ],
    ["a static field", "class C { static readonly k = 3; }", "x * C.k"],
    ["what follows from constants", "const a = 1;\nconst b = [a + 2];", "x * b[0]"],
  ])("is computed in place where it cannot change: %s", (_name, constant, result) => {
    const made = transformFiles({
      "main.ts": main,
      "helper.ts": `${constant}\nexport function f(x: number): number { return ${result}; }\n`,
    });
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["main.ts"]).not.toMatch(/import .*(ks|\bo\b|\bb\b).*from/);
    expect(callIn(made.load("main.ts"), "g_gradient", 2)).toBe(3);
  });

  test.each([
    ["filled when the module loads", "const t = new Float64Array(2);\nt[1] = 3;", "x * t[1]"],
    ["pushed to", "const t: number[] = [0];\nt.push(3);", "x * t[1]"],
    ["drawn", "const t = [0, 3 + 0 * Math.random()];", "x * t[1]"],
    ["computed by a function", "const t = make();\nfunction make(): number[] { return [0, 3]; }", "x * t[1]"],
    ["written through another name", "const t = [0, 1];\nconst s = t;\ns[1] = 3;", "x * t[1]"],
    ["written by a function", "const t = [0, 1];\nfunction set(a: number[]): void { a[1] = 3; }\nset(t);", "x * t[1]"],
    ["sorted", "const t = [3, 0];\nt.sort();", "x * t[1]"],
    ["written by destructuring", "const t = [0, 1];\n[t[1]] = [3];", "x * t[1]"],
    [
      "an object that is written elsewhere",
      "const t = { k: 1 };\nfunction tune(o: { k: number }): void { o.k = 3; }\ntune(t);",
      "x * t.k",
    ],
    ["a copy of something drawn", "const t = 3 + 0 * Math.random();", "x * t"],
  ])("is imported where it can: %s", (_name, constant, result) => {
    const lib = `${constant}\nexport function f(x: number): number { return ${result}; }\n`;
    const hidden = transformFiles({ "main.ts": main, "helper.ts": lib });
    expect(hidden.diagnostics).toEqual([
      expect.stringMatching(/^EZ2023 at t(\.k)?: `t(\.k)?` is private to helper.ts/),
    ]);
    expect(hidden.refused).toContain("main.ts");

    const made = transformFiles({ "main.ts": main, "helper.ts": lib.replace("const t", "export const t") });
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["main.ts"]).toContain('import { f, t } from "./helper";');
    expect(made.typeErrors()).toEqual([]);
    expect(callIn(made.load("main.ts"), "g_gradient", 2)).toBe(3);
  });

  test("is imported under another name where the file has one like it, also from two files away", () => {
    const made = transformFiles({
      "main.ts": `${main}export const t = "mine";\n`,
      "helper.ts": 'import { h } from "./far/deep";\nexport function f(x: number): number { return h(x); }\n',
      "far/deep.ts":
        "const t = [0];\nt[0] = 3;\nexport { t as table };\nexport default [...t];\nexport function h(x: number): number { return t[0] * x; }\n",
    });
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["main.ts"]).toContain('import { table } from "./far/deep";');
    expect(made.typeErrors()).toEqual([]);
    expect(callIn(made.load("main.ts"), "g_gradient", 2)).toBe(3);
  });

  test("is written from a third file", () => {
    const made = transformFiles({
      "main.ts": main,
      "helper.ts": "export const o = { k: 1 };\nexport function f(x: number): number { return x * o.k; }\n",
      "third.ts": 'import { o } from "./helper";\nconst alias = o;\nalias.k = 3;\n',
    });
    expect(made.diagnostics).toEqual([expect.stringMatching(/^EZ2024 at o.k: /)]);
  });

  test("changes while the program runs", () => {
    const lib =
      "export let k = 1;\nexport function bump(): void { k++; }\nexport function f(x: number): number { return x * k; }\n";
    expect(transformFiles({ "main.ts": main, "helper.ts": lib }).diagnostics).toEqual([
      expect.stringMatching(/^EZ20(15|24) at k: /),
    ]);
  });
});

describe("helpers that stay calls", () => {
  const deep = `export interface Deep { readonly gain: number }
function hidden(x: number, n: number): number { return n <= 0 ? x : Math.sin(hidden(x * 1.1, n - 1)); }
export function rec(p: Deep, x: number, n: number): number { return n <= 0 ? p.gain * x : hidden(x, n) * rec(p, x * 0.9, n - 1); }
`;
  const difference = (f: (x: number) => number, x: number): number => (f(x + 1e-6) - f(x - 1e-6)) / 2e-6;

  test("are copied where the file cannot name them, once, and under free names", () => {
    const made = transformFiles({
      "deep.ts": deep,
      "mid.ts":
        'import { rec } from "./deep";\nexport function mid(x: number): number { return rec({ gain: 3 }, x, 3) * rec({ gain: 1 }, 2, 3); }\n',
      "main.ts": `import { mid } from "./mid";
export const hidden = 1;
/** @enzyme gradient forward */
export function f(x: number): number { return mid(x) * x; }
`,
    });
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(made.texts["main.ts"]?.match(/^function rec\(/gm)).toHaveLength(1);
    expect(made.texts["main.ts"]).toContain("function hidden2(");
    const module = made.load("main.ts");
    const expected = difference((x) => Number(callIn(module, "f", x)), 0.4);
    expect(callIn(module, "f_gradient", 0.4)).toBeCloseTo(expected, 6);
    expect(callIn(module, "f_forward", 0.4, 1)).toBeCloseTo(expected, 6);
  });

  test("are called by the name under which the file imports them", () => {
    const made = transformFiles({
      "deep.ts": deep,
      "main.ts":
        'import { rec as again } from "./deep";\n/** @enzyme */\nexport function f(x: number): number { return again({ gain: 3 }, x, 3) * again({ gain: 1 }, 2, 3); }\n',
    });
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(made.texts["main.ts"]?.split("f_gradient")[1]).toContain("again(");
    const module = made.load("main.ts");
    expect(callIn(module, "f_gradient", 0.4)).toBeCloseTo(
      difference((x) => Number(callIn(module, "f", x)), 0.4),
      6,
    );
  });

  test("two of one name are two", () => {
    const one = (k: number): string =>
      `function step(x: number, n: number): number { return n <= 0 ? x : ${k} * step(x * x, n - 1); }\nexport function f${k}(x: number): number { return step(x, 2); }\n`;
    const made = transformFiles({
      "a.ts": one(2),
      "b.ts": one(3),
      "main.ts":
        'import { f2 } from "./a";\nimport { f3 } from "./b";\n/** @enzyme */\nexport function f(x: number): number { return f2(x) * f3(x); }\n',
    });
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    const module = made.load("main.ts");
    expect(callIn(module, "f_gradient", 0.7)).toBeCloseTo(
      difference((x) => Number(callIn(module, "f", x)), 0.7),
      6,
    );
  });

  test("methods that call themselves", () => {
    const made = transformFiles({
      "main.ts": `class Series {
  constructor(readonly ratio: number) {}
  sum(x: number, n: number): number { return n <= 0 ? x : x + this.ratio * this.sum(x * x, n - 1); }
}
/** @enzyme */
export function f(x: number): number { return new Series(0.5).sum(x, 3); }
`,
    });
    if (made.diagnostics.length === 0) {
      expect(made.typeErrors()).toEqual([]);
      const module = made.load("main.ts");
      expect(callIn(module, "f_gradient", 0.7)).toBeCloseTo(
        difference((x) => Number(callIn(module, "f", x)), 0.7),
        6,
      );
    }
  });
});
