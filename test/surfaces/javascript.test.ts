/** Primals in JavaScript, and in packages that ship JavaScript beside declarations: by the command and by the plugin. */
import { afterEach, describe, expect, test } from "vitest";
import { runCommand } from "../../transformer/surfaces/cli.js";
import { runNode, runTspc } from "../support/run-tspc.js";
import { repository, temporaryProject, type TemporaryProject } from "../support/temporary-project.js";

const projects: TemporaryProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function project(files: Record<string, string>): TemporaryProject {
  const made = temporaryProject({ "package.json": '{ "type": "module" }', ...files });
  projects.push(made);
  return made;
}

/** Transforms files into `out`. */
async function transform(made: TemporaryProject, ...files: string[]) {
  let stderr = "";
  const code = await runCommand([...files, "--out-dir", "out"], {
    cwd: made.root,
    packageRoot: repository,
    stdout: () => undefined,
    stderr: (text) => (stderr += text),
    colour: false,
  });
  return { code, stderr };
}

/** What a program prints that runs in the output folder. */
async function run(made: TemporaryProject, text: string, name = "run.mjs"): Promise<string> {
  made.write(`out/${name}`, text);
  const { output } = await runNode(made.root, `out/${name}`);
  return output.trim();
}

describe("ad-transform", () => {
  test("JSDoc types, and types found in what a function does", async () => {
    const made = project({
      "a.js": `import { enzyme } from "enzyme-ts";
/** @typedef {{ rate: number, years: number }} Loan */
/**
 * Energy.
 * @enzyme
 * @param {number} x
 * @param {Float64Array} w
 * @param {number} [scale]
 */
export function energy(x, w, scale = 2) {
  let s = 0;
  for (const v of w) s += Math.sin(v * x) * scale;
  return s;
}
/** @type {(loan: Loan) => number} */
const cost = (loan) => loan.rate ** loan.years;
function dot(p, q) {
  return p.a * q[0] + p.b * q[1];
}
export const dCost = enzyme(cost, "gradient");
export const dDot = enzyme(dot, "gradient");
`,
    });
    const { code, stderr } = await transform(made, "a.js");
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    expect(made.read("out/a.js")).toContain(`/**
 * Gradient of {@link energy} with respect to x, w and scale.
 * @param {number} x
 * @param {Float64Array} w
 * @param {number} [scale]
 * @returns {[number, Float64Array, number | undefined]}
 */
export function energy_gradient(x, w, scale) {`);
    const printed = await run(
      made,
      `import { energy_gradient, dCost, dDot } from "./a.js";
       console.log(JSON.stringify([
         energy_gradient(1, new Float64Array([0, Math.PI]), 1), dCost({ rate: 2, years: 3 }), dDot({ a: 1, b: 2 }, [3, 4]),
       ]));`,
    );
    const [energy, cost, dot] = JSON.parse(printed) as [[number, Record<string, number>, number], unknown, unknown];
    expect(energy[0]).toBeCloseTo(-Math.PI, 12);
    expect(energy[1]).toEqual({ 0: 1, 1: -1 });
    expect(cost).toEqual({ rate: 12, years: 8 * Math.log(2) });
    expect(dot).toEqual([{ a: 3, b: 4 }, [1, 2]]);
  });

  test("CommonJS: exports, require, and files that require each other", async () => {
    const made = project({
      "package.json": "{}",
      "a.js": `"use strict";
const { enzyme } = require("enzyme-ts");
const { norm } = require("./b.js");
exports.cube = function (x) { return x * x * x; };
/** @enzyme forward */
exports.square = (x) => x * x;
exports.dNorm = enzyme(norm, "gradient");
exports.dCube = enzyme((x) => 2 * exports.cube(x), "gradient");
`,
      "b.js": `/** @param {number[]} v */
function norm(v) { let s = 0; for (var i = 0; i < v.length; ++i) s += v[i] * v[i]; return s; }
module.exports = { norm };
`,
    });
    const { code, stderr } = await transform(made, "a.js", "b.js");
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    const text = made.read("out/a.js");
    expect(text).not.toContain("enzyme-ts");
    expect(text).not.toMatch(/^(import|export)\b/m);
    expect(made.read("out/b.js")).toContain("module.exports.norm_gradient = norm_gradient;");
    const program = `const a = require("./a.js");
      console.log(a.dNorm([1, 2]), a.dCube(2), a.square_forward(3, 1));`;
    expect(await run(made, program, "run.cjs")).toBe("[ 2, 4 ] 24 6");
  });

  test("what is not sure asks for types", async () => {
    const made = project({
      "a.js": `import { enzyme } from "enzyme-ts";
function either(x) { return typeof x === "number" ? x : x[0]; }
export const d = enzyme(either, "gradient");
`,
    });
    const { code, stderr } = await transform(made, "a.js");
    expect(code).toBe(1);
    expect(stderr).toContain("a.js:2:17 - error EZ1020: `x` needs explicit parameter types");
    expect(stderr).toContain("@param {number} x");
  });

  test(".mts, .cts and .tsx keep their kinds", async () => {
    const body = (name: string): string =>
      `/** @enzyme */\nexport function ${name}(x: number): number {\n  return x * x;\n}\n`;
    const made = project({
      "a.mts": body("a"),
      "b.cts": body("b"),
      "c.tsx": `${body("c")}export const view = <p>{c(2)}</p>;\n`,
      "d.mts": `import { enzyme } from "enzyme-ts";\nimport { a } from "./a.mjs";\nexport const d = enzyme(a, "gradient");\n`,
      "tsconfig.json": JSON.stringify({ compilerOptions: { module: "NodeNext", jsx: "preserve", strict: true } }),
    });
    const { code } = await transform(made, "a.mts", "b.cts", "c.tsx", "d.mts");
    expect(code).toBe(0);
    expect(made.list("out")).toEqual(["a.mts", "b.cts", "c.tsx", "d.mts"]);
    for (const file of ["a.mts", "b.cts", "c.tsx"]) expect(made.read(`out/${file}`)).toMatch(/_gradient\(x: number\)/);
    expect(made.read("out/d.mts")).toContain('import { a_gradient } from "./a.mjs";');
  });
});

const shipped = {
  "node_modules/geo/package.json":
    '{ "name": "geo", "type": "module", "main": "./lib/index.js", "types": "./index.d.ts" }',
  "node_modules/geo/index.d.ts": `export interface Point { x: number; y: number }
export declare function distance(a: Point, b?: Point): number;
export declare const area: (w: number, h: number) => number;
export declare class Circle { constructor(r: number); area(): number }
export declare namespace units { function toMetres(feet: number): number }
export declare function closed(x: number): number;
export interface Force { (alpha: number): void; initialize(nodes: Point[]): void }
export declare function pull(k: number): Force;
`,
  "node_modules/geo/lib/index.js": `import { hypot } from "./hypot.js";
import * as units from "./units.js";
export function distance(a, b = { x: 0, y: 0 }) { return hypot(a.x - b.x, a.y - b.y); }
const area = (w, h) => w * h;
export class Circle { constructor(r) { this.r = r; } area() { return Math.PI * this.r ** 2; } }
export function pull(k) {
  let nodes;
  function force(alpha) { for (const one of nodes) one.x += alpha * k * one.x; }
  force.initialize = function (_) { nodes = _; };
  return force;
}
export { area, units };
`,
  "node_modules/geo/lib/hypot.js": "export const hypot = (x, y) => Math.sqrt(x * x + y * y);\n",
  "node_modules/geo/lib/hypot.d.ts": "export declare const hypot: (x: number, y: number) => number;\n",
  "node_modules/geo/lib/units.js": "export function toMetres(feet) { return feet * 0.3048; }\n",
};

test("the body comes from a package's JavaScript, the types from its declarations", async () => {
  const made = project({
    ...shipped,
    "a.ts": `import { enzyme } from "enzyme-ts";
import { distance, area, pull, units } from "geo";
/** @enzyme */
export function pulled(x: number, k: number): number {
  const nodes = [{ x, y: 0 }];
  const force = pull(k);
  force.initialize(nodes);
  force(0.5);
  return nodes[0]!.x;
}
/** @enzyme */
export function path(w: number): number {
  return units.toMetres(w) * area(w, 3);
}
export const d = enzyme(distance, "gradient");
`,
  });
  const { code, stderr } = await transform(made, "a.ts");
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const text = made.read("out/a.ts");
  expect(text).toMatch(/function distance_gradient\(\s*a: \{ x: number; y: number \}/);
  expect(text).toContain("path_gradient(w: number): number");
  expect(text).toContain("pulled_gradient(x: number, k: number): [number, number]");
});

test("a function that a package only declares is named, with what to do", async () => {
  const made = project({
    ...shipped,
    "a.ts": `import { closed } from "geo";
/** @enzyme */
export function f(x: number): number { return closed(x); }
`,
  });
  const { code, stderr } = await transform(made, "a.ts");
  expect(code).toBe(1);
  expect(stderr).toContain("EZ2008: the source of `closed` is not available");
});

describe("the plugin", () => {
  test("JavaScript that is checked, with declarations", { timeout: 60_000 }, async () => {
    const made = project({
      ...shipped,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "NodeNext",
          allowJs: true,
          checkJs: true,
          strict: true,
          skipLibCheck: true,
          declaration: true,
          rootDir: "src",
          outDir: "dist",
          types: [],
          plugins: [{ transform: "enzyme-ts/tsc-plugin", transformProgram: true }],
        },
        include: ["src"],
      }),
      "src/a.js": `import { area } from "geo";
/**
 * @enzyme
 * @param {number} x
 * @param {number[]} w
 */
export function loss(x, w) {
  return w.reduce((sum, v) => sum + v * x, 0) + area(x, 2);
}
`,
    });
    const { output, code } = await runTspc("6.0", made.root);
    expect(output).toBe("");
    expect(code).toBe(0);
    expect(made.read("dist/a.d.ts")).toContain("loss_gradient(x: number, w: number[]): [number, number[]]");
    made.write("dist/run.js", 'import { loss_gradient } from "./a.js"; console.log(loss_gradient(2, [1, 3]));');
    expect((await runNode(made.root, "dist/run.js")).output.trim()).toBe("[ 6, [ 2, 2 ] ]");
  });
});
