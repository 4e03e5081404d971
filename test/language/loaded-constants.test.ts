/** Constants of TypeScript that JavaScript has made: objects and functions of a library, by names of one's own. */
import { expect, test } from "vitest";
import { callIn, transformFiles } from "../support/transform-files.js";

const lib = `
export function Geodesic(a, f) { this.a = a; this.k = [a, a * f, f * f]; }
Geodesic.prototype.arc = function (x) {
  var s = this.a * Math.sin(x);
  for (var i = 0; i < this.k.length; i++) s += this.k[i] * x * x;
  return s;
};
export const WGS84 = new Geodesic(3, 0.5);
export const Vector = { turn: function (x, k) { return x * Math.cos(k) + x * x * k; } };
const apis = new Map();
function make(Ctor, k) {
  function create(x) { const made = new Ctor(2); made[0] = x * k; made[1] = x * x; return made; }
  function norm(v) { return Math.hypot(v[0], v[1]); }
  return { create, norm };
}
function api(Ctor, k) {
  let known = apis.get(Ctor);
  if (!known) { known = make(Ctor, k); apis.set(Ctor, known); }
  return known;
}
export function line(xs, ys) {
  const copy = Float64Array.from(xs);
  return (x) => ys[0] + (x - copy[0]) * (ys[1] - ys[0]) / (xs[1] - copy[0]) * x;
}
export const doubles = api(Float64Array, 3), same = api(Float64Array, 5), plain = api(Array, 7);
`;
const entry = (head: string, result: string): string => `import * as lib from "./lib.js";
${head}
/** @enzyme */
export function primal(x: number): number { return ${result}; }\n`;
const transformed = (head: string, result = "geod.arc(x)"): ReturnType<typeof transformFiles> =>
  transformFiles(
    { "lib.js": lib, "entry.ts": entry(head, result) },
    { outputs: ["entry.ts"], compilerOptions: { allowJs: true } },
  );

test.each([
  ["an instance that the library keeps", "const geod = lib.WGS84;", "geod.arc(x)"],
  ["an instance made here", "const geod = new lib.Geodesic(2, 0.3);", "geod.arc(x)"],
  ["a part by its name", "const { Vector } = lib;", "Vector.turn(x, 3)"],
  ["a function of a part", "const { Vector: { turn: rotated } } = lib;", "rotated(x, 3)"],
  ["functions that a map keeps", "const { doubles, same } = lib;", "doubles.norm(same.create(x))"],
  ["a table that others only read", "const xs = [1, 2.5];", "lib.line(xs, [x, 3])(x)"],
  ["functions of one of several runs", "const { doubles, plain } = lib;", "doubles.norm(plain.create(x))"],
])("%s", (_, head, result) => {
  const made = transformed(head, result);
  expect(made.diagnostics).toEqual([]);
  const module = made.load("entry.ts");
  const primal = (x: number): number => Number(callIn(module, "primal", x));
  for (const x of [0.7, 1.9]) {
    expect(callIn(module, "primal_gradient", x)).toBeCloseTo((primal(x + 1e-4) - primal(x - 1e-4)) / 2e-4, 5);
  }
});

test.each([
  "export function later() { geod.a = 9; }",
  "export function later() { Object.assign(geod, { a: 9 }); }",
  "const all = [geod]; export function later() { for (const one of all) one.a = 9; }",
  `const all = new Map([["w", geod]]); export function later() { all.forEach((one) => { one.a = 9; }); }`,
  "const all = new Set([geod]); export function later() { for (const one of all) one.a = 9; }",
  "const keys = new Map([[geod, 1]]); export function later() { [...keys.keys()][0]!.a = 9; }",
  "const kept = new WeakMap([[{}, geod]]); export function later(key: object) { kept.get(key)!.a = 9; }",
  "export const later = () => import('./lib.js').then((one: any) => { one.WGS84.a = 9; });",
  "import Same = lib.WGS84; export function later() { Same.a = 9; }",
  "const tag = (_: unknown, one: any) => { one.a = 9; }; export const later = () => tag`${geod}`;",
  "const make = () => { let kept: any = {}; return [() => { kept.a = 9; }, () => { kept = geod; }]; }; export const later = make;",
  "const deep = (n: number, one: any): unknown => (n ? () => deep(n - 1, one) : (one.a = 9)); export const later = () => deep(20, geod);",
])("what may change later is refused: %s", (after) => {
  expect(transformed(`const geod = lib.WGS84 as any;\n${after}`).diagnostics).not.toEqual([]);
});
