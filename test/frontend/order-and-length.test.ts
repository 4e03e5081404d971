import { describe, expect, it } from "vitest";
import { agrees, lower } from "./support.js";

const lists = [[], [1], [3, 1, 2], [5, -1, 0, 5, 2, 2.5, -7]];
const samples = lists.map((list) => [list, 4] as const);

describe("methods that move elements", () => {
  it.each([
    ["sort, numbers", "const a = [...x]; a.sort((p, q) => p - q); return a;"],
    ["sort, downwards", "return x.slice().sort((p, q) => q - p);"],
    ["sort is stable", "return x.map((v, k) => [Math.trunc(v / 3), k]).sort((p, q) => p[0] - q[0]).map((p) => p[1]);"],
    ["sort, typed", "return new Float64Array(x).sort();"],
    ["sort by a captured value", "return [...x].sort((p, q) => Math.abs(p - y) - Math.abs(q - y));"],
    ["shift", "const a = [...x, y]; const first = a.shift()!; a.push(first * 2); return a;"],
    ["unshift", "const a = [...x]; const n = a.unshift(y, y * 2); a.push(n); return a;"],
    ["splice, from the end", "const a = [...x, y, 8]; const b = a.splice(-2, 1); return [...a, 100, ...b];"],
    ["splice, with items", "const a = [...x]; const b = a.splice(1, 2, y, 7, 9); return [...a, 100, ...b];"],
    ["splice, all behind", "const a = [...x]; const b = a.splice(2); return [...a, 100, ...b];"],
    ["splice, too far", "const a = [...x]; const b = a.splice(50, 3, y); return [...a, 100, ...b];"],
    ["flatMap", "return x.flatMap((v, k) => [v, v * k, y]);"],
  ])("%s", (_, body) => {
    agrees(
      `export function f(x: number[], y: number): ${body.includes("Float64") ? "Float64Array" : "number[]"} { ${body} }`,
      "f",
      ...samples,
    );
  });
});

describe("absence", () => {
  const source = (test: string): string =>
    `export function f(x: number, y?: number | null): number { if (${test}) return 1; return 2; }`;
  it.each(["y === null", "y === undefined", "y == null", "y !== null", "undefined !== y", "null === y"])(
    "%s",
    (test) => {
      agrees(source(test), "f", [1], [1, null], [1, undefined], [1, 0], [1, 3]);
    },
  );
  it("of a parameter that can only be undefined", () => {
    const fn = "export function f(x: number, y?: number): number { return (y as unknown) === null ? 1 : x; }";
    agrees(fn, "f", [5], [5, 6]);
  });
});

describe("functions that make functions", () => {
  it.each([
    [
      "with parameters",
      "const line = (a: number) => (v: number) => a * v; const f1 = line(x); return f1(y) + line(y)(x);",
    ],
    [
      "with variables",
      "const scaled = (a: number) => { const b = a * 2; return (v: number) => v * b; }; return scaled(x)(y);",
    ],
    ["with a comma", "const g = (a: number) => (a = a + 1, (v: number) => v * a); const h = g(x); return h(y);"],
    [
      "of functions",
      "const twice = (g: (v: number) => number) => (v: number) => g(g(v)); return twice((v) => v * x)(y);",
    ],
  ])("%s", (_, body) => {
    agrees(`export function f(x: number, y: number): number { ${body} }`, "f", [2, 3], [-1.5, 0.5]);
  });
  it("one of several", () => {
    const body =
      "const pick = (a: number) => { if (a > 0) return (v: number) => v * a; return (v: number) => -v; }; return pick(x)(x);";
    agrees(`export function f(x: number): number { ${body} }`, "f", [2], [-1.5]);
  });
});

describe("functions made once for a module", () => {
  const made = (maker: string): string =>
    `${maker} const made = make(2); export function f(x: number): number { return made(x); }`;
  it("from constants", () => {
    agrees(made("const make = (a: number) => { const t = [a, 3]; return (v: number) => v * t[0] * t[1]; };"), "f", [2]);
  });
  it.each([
    "const make = (a: number) => (v: number) => { a += v; return a; };",
    "const make = (a: number) => { const t = [a]; return (v: number) => { t[0] += v; return t[0]; }; };",
    "const make = (a: number) => { const t = [[a]]; return (v: number) => { t[0][0] += v; return t[0][0]; }; };",
    "const make = (a: number) => { const b = Math.random(); return (v: number) => v * a * b; };",
  ])("not where they keep state: %s", (maker) => {
    expect(lower(made(maker), "f").fn).toBeNull();
  });
});

describe("variables of a module", () => {
  it("that are never assigned again", () => {
    agrees("var a = 2, b = a * 3; let c = b / 4; export function f(x: number): number { return x * b + c; }", "f", [2]);
  });
  it.each(["function g() { a = 3; }", "function g() { [a] = [3]; }", "a++;", "for (a of [1, 2]);"])("%s", (text) => {
    const { messages } = lower(`var a = 2; ${text} export function f(x: number): number { return x * a; }`, "f");
    expect(messages[0]).toMatch(/^EZ2015/);
  });
});
