/** Values of plain JavaScript that are now one thing, now another: the gradient agrees with central differences. */
import { describe, expect, test } from "vitest";
import { transformFiles } from "../support/transform-files.js";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "a variable that is false until it is a number",
    lib: `export function gamma(x) {
            var fact = false, y = x, res;
            if (y <= 1) { fact = Math.PI / Math.sin(Math.PI * (y % 1 + 0.1)); y = 1 - y; }
            res = 8 + Math.exp(y);
            if (fact) res = fact / res;
            return res;
          }`,
    imports: "{ gamma }",
    result: "gamma(x)",
  },
  {
    name: "a result that is false where there is none",
    lib: `export function root(f, x0, options) {
            options = options || {};
            var tol = options.tolerance === undefined ? 1e-9 : options.tolerance, iter = 0;
            while (iter++ < 30) {
              var y = f(x0), yp = (f(x0 + 1e-4) - f(x0 - 1e-4)) / 2e-4;
              if (Math.abs(yp) <= 1e-12) return false;
              var x1 = x0 - y / yp;
              if (Math.abs(x1 - x0) <= tol) return x1;
              x0 = x1;
            }
            return false;
          }`,
    imports: "{ root }",
    result: "((r: number | false) => (r === false ? 0 : r * r * x))(root((t: number) => t * t - x, 1))",
  },
  {
    name: "what a declared type knows to be a number",
    lib: `export function ratio(x) { if (x < 0) return false; if (x > 1.5) return x / (1 + x); return 1 - x * x; }`,
    imports: "{ ratio }",
    result: "ratio(x) as number",
  },
  {
    name: "a number, or an array of numbers",
    lib: `export function add(a, b) {
            if (typeof a === "number" && typeof b === "number") return a + b;
            if (typeof a === "number") return b.map(function (v) { return a * v; });
            return a.map(function (v, i) { return v + (typeof b === "number" ? b : b[i]); });
          }
          export function pick(x) { var v = x > 1 ? x * x : [x, 2]; return total(add(v, x)); }
          function total(v) { if (v instanceof Array) { var s = 0; for (var i = 0; i < v.length; i++) s += v[i]; return s; } return v; }`,
    imports: "{ pick }",
    result: "pick(x)",
  },
  {
    name: "an instance that asks the first element what it was given, and is filled from the end",
    lib: `function Matrix() {}
          Matrix.prototype = {
            setElements: function (els) {
              var i, j, elements = els.elements || els;
              if (typeof elements[0][0] != "undefined") {
                i = elements.length; this.elements = [];
                while (i--) { j = elements[i].length; this.elements[i] = []; while (j--) this.elements[i][j] = elements[i][j]; }
                return this;
              }
              this.elements = [];
              for (i = 0; i < elements.length; i++) this.elements.push([elements[i]]);
              return this;
            },
            trace: function () {
              if (this.rows == 1) return null;
              var tr = this.elements[0][0];
              for (var i = 1; i < this.elements.length; i++) tr += this.elements[i][i];
              return tr;
            },
            rows: function () { return this.elements.length; },
          };
          export function create(els) { return new Matrix().setElements(els); }`,
    imports: "{ create }",
    result: "create([[x, 2], [x * x, 3 * x]]).trace() * x",
  },
  {
    name: "an instance with a member that is one of two things",
    lib: `class Weights {
            constructor(v) { this.values = v > 1 ? [v, v * v] : v; this.first = v; }
            total(x) { return Array.isArray(this.values) ? this.values.reduce(function (a, b) { return a + b * x; }, 0) : this.values * x; }
          }
          export function weigh(x) { var w = new Weights(x); return { w: w }.w.total(x) * w.first; }`,
    imports: "{ weigh }",
    result: "weigh(x)",
  },
  {
    name: "patterns of text, which no number is, and members of several names",
    lib: `const degrees = /^([0-9]{1,3})°\\s*([NS]?)$/;
          const latitudes = ["lat", "latitude"];
          function keyOf(point, keys) {
            return keys.reduce((found, key) => {
              if (Object.prototype.hasOwnProperty.call(point, key) && found === undefined) return key;
              return found;
            }, undefined);
          }
          function keysOf(point) { return { latitude: keyOf(point, latitudes) }; }
          function toDecimal(value) {
            if (parseFloat(value.toString().trim()) === Number(value.toString())) return Number(value);
            if (degrees.test(value.toString())) return Number(new RegExp(degrees).exec(value.toString())[1]);
            const { latitude } = keysOf(value);
            return latitude === undefined ? 0 : value[latitude];
          }
          export function latitude(point) { const key = keyOf(point, latitudes); return toDecimal(point[key]); }
          export function scale(unit) { const m = /^(\\d+)(k?)m$/.exec(unit); return m === null ? 1 : parseInt(m[1], 10) * (m[2] ? 1000 : 1); }`,
    imports: "{ latitude, scale }",
    result: "latitude({ latitude: x * x }) * scale('3km')",
  },
  {
    name: "members that are given by names of a list, and rows that are mapped",
    lib: `export function squares(p) {
            var r = {};
            ["x", "y"].forEach(function (d) { r[d] = 2 * p[d] * p[d]; });
            return r.x + r.y;
          }
          export function fit(data, f) {
            const seen = [], found = [], fitted = data.map(d => f(d[0]));
            data.forEach((d, i) => { if (d[1] !== null) { seen.push(d); found.push(fitted[i]); } });
            return seen.reduce((sum, d, i) => sum + (found[i][1] - d[1]) ** 2, 0);
          }`,
    imports: "{ squares, fit }",
    result: "squares({ x, y: 3 * x }) + fit([[x, 2], [1, x]], (t: number) => [t, t * x])",
  },
  {
    name: "a private static member, which nobody else can name",
    lib: `class Scale { static #factor = 4; static of(x) { return Scale.#factor * x; } }
          export function scaled(x) { return Scale.of(x) * x; }`,
    imports: "{ scaled }",
    result: "scaled(x)",
  },
  {
    name: "arithmetic with false, true and undefined",
    lib: `export function odd(x) {
            var a = false, b, c = true;
            if (x > 1) { a = x * x; b = 2; c = x; }
            return (a + 1) * (c * x) + (b || 1);
          }`,
    imports: "{ odd }",
    result: "odd(x)",
  },
  {
    name: "one of two classes, asked by what it is",
    lib: `class Circle { constructor(r) { this.r = r; } }
          class Square { constructor(a) { this.a = a; this.side = a; } }
          export function area(x) {
            const s = x > 1 ? new Circle(x) : new Square(x);
            return s instanceof Circle ? Math.PI * s.r * s.r : s.a * s.side;
          }`,
    imports: "{ area }",
    result: "area(x)",
  },
  {
    name: "a member that is given in one branch is only there after it",
    lib: `export function f(x) {
            const p = { a: x };
            if (x > 1) p.b = x * x;
            const q = kept(p, x);
            return "b" in q ? q.b * 2 : q.a * 5;
          }
          function kept(p, x) { const list = [p, { a: x, b: 3 }]; return list[x > 7 ? 1 : 0]; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "members that other functions give",
    lib: `export function inverse(x, mask) {
            const r = solve(x);
            if (mask & 1) { r.azimuth = Math.atan2(x, 2); r.vals.length = x * x; }
            r.scale = 3;
            return r;
          }
          function solve(x) { const vals = {}; vals.start = x * x; return { vals: vals, area: 2 * x }; }`,
    imports: "{ inverse }",
    result: `((r: { azimuth: number; area: number; scale: number; vals: { start: number; length: number } }) =>
      r.azimuth * r.area + r.scale * r.vals.length * r.vals.start)(inverse(x, 1) as never)`,
  },
  {
    name: "a member given to an element of an array, and to the literal of the caller",
    lib: `export function compute(t, points) {
            if (t < 1) { points[0].t = t; return points[0]; }
            const [p, q] = points;
            return { x: p.x * t + q.x, y: p.y, t };
          }`,
    imports: "{ compute }",
    result:
      "((p: { x: number; y: number; t: number }) => p.x * p.y + p.t)(compute(x, [{ x, y: 2 }, { x: 3, y: x }]) as never)",
  },
  {
    name: "a member given to instances",
    lib: `class Sample { constructor(v) { this.v = v; } read() { return this.w * this.v; } }
          function weigh(sample, w) { sample.w = w * sample.v; }
          export function total(x) {
            const a = new Sample(x), b = new Sample(2);
            weigh(a, 3);
            weigh(b, x);
            return a.read() + b.read();
          }`,
    imports: "{ total }",
    result: "total(x)",
  },
  {
    name: "what is not given is not there",
    lib: `export function area(x) {
            const shape = made(x);
            if (x > 1) widen(shape, x);
            return shape.depth === undefined ? shape.width : shape.width * shape.depth;
          }
          function made(x) { return { width: x * x }; }
          function widen(shape, x) { shape.depth = x + 1; }`,
    imports: "{ area }",
    result: "area(x)",
  },
  {
    name: "methods of one of two classes",
    lib: `class Circle { constructor(r) { this.r = r; } area() { return Math.PI * this.r * this.r; } scale(k) { this.r *= k; } }
          class Box { constructor(a, b) { this.a = a; this.b = b; } area() { return this.a * this.b; } scale(k) { this.a *= k; } }
          export function area(x) {
            const shape = x > 1 ? new Circle(x) : new Box(x, 3);
            shape.scale(2 * x);
            return shape.area();
          }`,
    imports: "{ area }",
    result: "area(x)",
  },
  {
    name: "functions that are given members, and handed back",
    lib: `function interpolate(a, b) {
            var d = Math.hypot(a - b, 1), k = Math.sin(d);
            var interpolate = d ? function (t) { return Math.sin(t * d) / k * a + b; } : function () { return a; };
            interpolate.distance = d;
            return interpolate;
          }
          function scale() {
            var d0 = 0, d1 = 1, r0 = 0, r1 = 1;
            function scale(x) { return r0 + (r1 - r0) * (x - d0) / (d1 - d0); }
            scale.domain = function (_) { return arguments.length ? (d0 = +_[0], d1 = +_[1], scale) : [d0, d1]; };
            scale.range = function (_) { return arguments.length ? (r0 = +_[0], r1 = +_[1], scale) : [r0, r1]; };
            scale.invert = function (y) { return d0 + (y - r0) * (d1 - d0) / (r1 - r0); };
            return scale;
          }
          export function value(x) {
            const i = interpolate(x, 3);
            const s = scale().domain([x, 3]).range([1, x * x]);
            return i(0.3) * i.distance + s(x + 1) * s.invert(x) * s.domain()[0];
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "a point in time that a module counts from",
    lib: `var epoch = Date.UTC(2000, 0, 1, 12);
          export function century(date) { return (date - epoch) / 3155760000000; }`,
    imports: "{ century }",
    result: "x * x * century(1e12)",
  },
];

test.each(shapes.map((shape) => [shape.name, shape] as const))("%s", (_, shape) => checkShape(shape));

test("what nobody can hold is refused", () => {
  const lib = `export function f(x) { const kept = []; kept.push(x > 1 ? x : [x]); return kept[0].length ? 1 : x; }`;
  expect(diagnosticsOf(lib)).toContain("EZ2026");
});

test("arithmetic with what may be an array is refused", () => {
  expect(diagnosticsOf(`export function f(x) { const v = x > 1 ? x : [x]; return v * 2; }`)).toContain("EZ2026");
});

describe("what a third file writes into an object of JavaScript", () => {
  const lib = `export const config = { rate: 2 };
               export function f(x) { return x * config.rate; }`;
  const entry = (imports: string): string => `${imports} import { f } from "./lib.js";
    /** @enzyme */
    export function primal(x: number): number { return f(x); }\n`;
  const transformed = (third: string, imports = ""): ReturnType<typeof transformFiles> =>
    transformFiles(
      { "lib.js": lib, "third.ts": `import { config } from "./lib.js";\n${third}\n`, "entry.ts": entry(imports) },
      { outputs: ["entry.ts"], compilerOptions: { allowJs: true } },
    );

  test.each([
    "export function later(rate: number) { config.rate = rate; }",
    "export const later = (rate: number) => Object.assign(config, { rate });",
    "export function later(rate: number) { (config as any).rate = rate; }",
    "config.rate = 7;",
  ])("may be written later: %s", (third) => {
    expect(transformed(third).diagnostics.join()).toContain("EZ2024");
  });

  test("is there where the file that asks imports the third, too", () => {
    const made = transformed("config.rate = 7;", `import "./third.js";`);
    expect(made.diagnostics).toEqual([]);
    const { primal_gradient: gradient } = made.load("entry.ts");
    if (typeof gradient !== "function") throw new Error("no gradient");
    expect(Reflect.apply(gradient, undefined, [3])).toBe(7);
  });
});
