/** What published JavaScript does loosely: functions given later, untyped Maps, objects without a prototype, undeclared names. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "a result that is given functions after it was made",
    lib: `export function regression(xs, ys) {
        const fit = {};
        let sum = 0;
        xs.forEach((x, i) => { sum += x * ys[i]; });
        fit.slope = sum / xs.length;
        fit.at = function (x) { return x * this.slope; };
        return fit;
      }`,
    imports: "{ regression }",
    result: "(regression as any)([1, x], [x, 3]).at(2 * x)",
  },
  {
    name: "an array that is given functions and numbers after it was made",
    lib: `export function curve(xs) {
        const points = xs.map((x) => [x, x * x]);
        points.scale = xs[0] * 2;
        points.value = (t) => t * points.scale;
        return points;
      }`,
    imports: "{ curve }",
    result: "(curve as any)([x, 2]).value(x) + (curve as any)([x, 2])[0][1]",
  },
  {
    name: "a copy of an object that was given a function",
    lib: `export function f(x) {
        const o = { k: x };
        o.at = (t) => t * x;
        const c = { ...o, k: 3 };
        return c.at(x) * c.k;
      }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "Maps that hold what is put in",
    lib: `class Curve {
        constructor(points) { this.points = points; this.known = new Map(); }
        length(i) {
          if (!this.known) this.known = new Map();
          if (!this.known.has(i)) this.known.set(i, this.points[i] * this.points[i]);
          return this.known.get(i);
        }
      }
      function groups(xs) {
        const by = new Map();
        for (const x of xs) {
          const key = x > 0.5 ? "big" : "small";
          if (!by.has(key)) by.set(key, []);
          by.get(key).push(x);
        }
        let sum = 0;
        for (const group of by.values()) sum += group.length * group.reduce((a, b) => a + b * b, 0);
        return sum;
      }
      export function f(x) {
        const curve = new Curve([x, 2, x * x]);
        return curve.length(0) + curve.length(2) + groups([x, 0.1, 3 * x]) / 9;
      }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "one of several objects with fields of their own",
    lib: `function solve(x) { if (x < 1) return { ok: false, miss: -x }; return { ok: true, root: Math.sqrt(x) }; }
      export function f(x) {
        let shape;
        if (x > 5) shape = { kind: "square", side: x };
        else if (x > 1) shape = { kind: "box", width: x, sides: [x, 2] };
        else shape = { kind: "none" };
        const found = solve(x);
        const area = shape.kind === "square" ? shape.side : shape.kind === "box" ? shape.width * shape.sides[0] : x;
        return area * (found.ok ? found.root * x : found.miss) * ("width" in shape ? 2 : 3);
      }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "an object without a prototype",
    lib: `export function f(x) {
        const o = Object.create(null);
        o.a = x;
        o.rows = [x];
        o.rows.push(2);
        return ("toString" in o ? 100 : 1) * o.a * o.rows[0] * o.rows.length;
      }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "a list of unlike things that is written before it is handed back",
    lib: `export function blend(x) {
        const out = [0, 0, 0, 1, true];
        for (let i = 0; i < 3; i++) out[i] = x * i;
        return out;
      }`,
    imports: "{ blend }",
    result: "Number(blend(x)[2])",
  },
  {
    name: "functions of the language that are handed over",
    lib: `export function f(x) {
        const xs = [x, 0, 2].filter(Boolean).map(Number);
        if (!xs.every(Number.isFinite) || xs.some(isNaN)) throw new Error("no numbers");
        return xs.reduce((a, b) => a * b, x);
      }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "a member that nothing was ever given",
    lib: `const Filters = { LOW: 1, HIGH: 2 };
      Filters.BAND = 3;
      export function f(x, kind) {
        switch (kind) { case Filters.LOW12: return 0; case Filters.LOW: return x * x; default: return x; }
      }`,
    imports: "{ f }",
    result: "f(x, 1)",
  },
];

test.each(shapes)("$name", checkShape);

test.each([
  [
    "a function that it is given on some paths only",
    "const o = { s: x }; if (x > 1) o.f = (t) => t * x; return o.f ? o.f(2) : x * x;",
  ],
  [
    "the keys of an object that was given a function",
    "const o = { s: x }; o.f = (t) => t; return Object.keys(o).length * x;",
  ],
  [
    "a function by another value of the object",
    "const o = { s: x }; o.f = (t) => t * x; const h = { o }; h.o.f = (t) => 7 * t; return o.f(x);",
  ],
  ["two kinds of values in a Map", 'const m = new Map(); m.set("a", x); m.set("a", [x]); return m.get("a")[0];'],
  ["two kinds of keys in a Map", 'const m = new Map(); m.set(1, x); m.set("1", 3 * x); return m.get(1);'],
])("refused: %s", (_, body) => {
  expect(diagnosticsOf(`export function f(x) { ${body} }`)).toMatch(/EZ2\d/);
});

const loose = (lib: string): string => (lib.includes("module.exports") ? lib : `${lib} module.exports = { f };`);

test.each([
  "function f(x) { T = x * 3; return T * T; }",
  "function f(x) { acc = 0; for (i = 0; i < 3; i++) { acc += x * i; } return acc * i; }",
  "function g(x) { inner = x * x; return inner + 1; } function f(x) { A = g(x); return A * inner; }",
])("a variable that nobody declares, written before it is read: %s", (lib) => {
  expect(diagnosticsOf(loose(lib))).toBe("");
});

test.each([
  "function f(x) { if (x > 0) T = x; return T * 2; }",
  "function g() { return T; } function f(x) { T = x; return T * 2; } module.exports = { f, g };",
  "function f(x) { 'use strict'; T = x; return T * 2; }",
  "function f(x) { T = x; const g = () => T * 2; T = 3 * x; return g(); }",
])("a variable that nobody declares, which may hold something else: %s", (lib) => {
  expect(diagnosticsOf(loose(lib))).toMatch(/EZ2015/);
});
