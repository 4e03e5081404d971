/** Objects of JavaScript whose fields are given later, or hold something else at first: the gradient agrees with central differences. */
import { expect, test } from "vitest";
import { transformFiles } from "../support/transform-files.js";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "fields that are null again once the work is done",
    lib: `export function Work(n) { this.n = n; this.out = null; this.data = null; }
          Work.prototype.run = function (out, data) { this.out = out; this.data = data; this.go(); this.out = null; this.data = null; };
          Work.prototype.go = function () { for (var i = 0; i < this.n; i++) this.out[i] = this.data[i] * this.data[this.n - 1 - i]; };
          export function f(x) { var out = [0, 0]; new Work(2).run(out, [x, x * x + 1]); return out[0] * x; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "fields that are nothing at first: a number, an array, an object, text",
    lib: `function Box() { this.best = null; this.items = null; this.name = null; this.k = undefined; this.r = null; }
          Box.prototype.offer = function (v) { if (this.best === null || v < this.best) this.best = v; return this; };
          Box.prototype.push = function (v) { if (!this.items) this.items = []; this.items.push(v); };
          Box.prototype.squared = function (k) { if (this.k !== k) { this.k = k; this.r = { v: k * k }; } return this.r; };
          export function f(x) {
            var b = new Box(), c = new Box();
            b.offer(x * x).offer(x * 3); b.push(x); b.push(x * x);
            if (x > 1) b.name = "b";
            return b.best * b.items[1] * b.squared(x).v * (b.name === "b" ? x : 1) + (c.best === null ? x : 1) + (c.name === "b" ? 5 : x);
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "lists, doubly linked",
    lib: `function Item(v) { this.v = v; this.prev = null; this.next = null; }
          function List() { this.head = null; this.tail = null; }
          List.prototype.add = function (v) { var d = new Item(v); if (this.tail) { this.tail.next = d; d.prev = this.tail; } else this.head = d; this.tail = d; return d; };
          List.prototype.remove = function (d) { if (d.prev) d.prev.next = d.next; else this.head = d.next; if (d.next) d.next.prev = d.prev; else this.tail = d.prev; };
          List.prototype.sum = function () { var s = 0; for (var d = this.head; d; d = d.next) s += d.v * d.v; for (d = this.tail; d; d = d.prev) s += d.v; return s; };
          export function f(x) { var l = new List(), k = null; for (var i = 0; i < 4; i++) { var d = l.add(x * (i + 1)); if (i === 1) k = d; } l.remove(k); l.add(x * x); return l.sum(); }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "a list of literals, and one that leads back",
    lib: `function made(m, v) { return { v: v * m, m: m, next: null }; }
          export function chain(x) {
            var first = null, previous = null, current = null;
            for (var k = 0; k < 4; k++) { current = made(k + 1, x); if (previous === null) first = current; else previous.next = current; previous = current; }
            current.next = made(9, x * x);
            var s = 0; for (var c = first; c !== null; c = c.next) s += c.v * c.v * c.m; return s;
          }
          export function ring(x) {
            var ring = null, last = null;
            for (var i = 0; i < 4; i++) { var n = { v: x + i, next: null }; if (ring === null) ring = n; else last.next = n; last = n; }
            last.next = ring;
            var s = 0, c = ring; for (i = 0; i < 9; i++) { s += c.v * c.v * i; c = c.next; } return s;
          }`,
    imports: "{ chain, ring }",
    result: "(chain(x) + ring(x)) / 100",
  },
  {
    name: "a tree that functions without types fill and walk",
    lib: `function Tree(v) { this.v = v; this.left = null; this.right = null; }
          function insert(t, v) { if (v < t.v) { if (t.left === null) t.left = new Tree(v); else insert(t.left, v); } else { if (t.right === null) t.right = new Tree(v); else insert(t.right, v); } }
          function sum(t, d) { if (t === null) return 0; return t.v * t.v * d + sum(t.left, d + 1) + sum(t.right, d + 1); }
          export function f(x) { var t = new Tree(x); insert(t, x * 2); insert(t, x * 0.5); insert(t, x * 3); return sum(t, 1); }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "two classes that hold each other",
    lib: `function A(v) { this.v = v; this.b = null; }
          function B(v, a) { this.v = v; this.a = a; this.c = null; }
          export function f(x) { var a = new A(x), b = new B(x * x, a); a.b = b; b.c = a; return a.b.a.v * b.c.b.v; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "null is not undefined, and no text",
    lib: `function Box(v, k) { this.v = v; this.k = k; }
          const told = (k, x) => (k === null ? x * x : k === undefined ? 3 * x : k === "b" ? 5 * x : 7);
          export function f(x) { let y; if (x > 1) y = null; return told(y, x); }
          export function g(x) { const b = { k: null }; if (x > 1) b.k = undefined; return told(b.k, x); }
          export function h(x) { const r = x > 1 ? { v: x, k: null } : { v: 2 * x, k: "b" }; return told(r.k, r.v); }
          export function i(x) { let s = 0; for (const e of [new Box(x, null), new Box(x * x, "b")]) s += told(e.k, e.v); return s; }
          export function j(x) { let r = { v: x, k: undefined }; for (let i = 0; i < 2; i++) { if (r.k === null) r.v *= x; r = { v: r.v * 2, k: null }; } return told(r.k, r.v); }
          export function k(x) { const b = { w: undefined, n: 2 }; if (x > 1) b.w = "one"; switch (b.w) { case "one": return x * x; case undefined: return 3 * x; } return x; }`,
    imports: "{ f, g, h, i, j, k }",
    result: "(f(x) + g(x) + h(x) + i(x) + j(x) + k(x)) / 10",
  },
  {
    name: "rows that are filled in two steps",
    lib: `export class Matrix {
            constructor(r, c, v) { this.rows = r; this._values = new Array(r).fill([]).map(() => new Array(c).fill(0)); if (v) this.values = v; }
            get values() { return this._values; } set values(v) { this._values = v; }
            trace() { let s = 0; for (let i = 0; i < this.rows; i++) s += this._values[i][i] * this._values[0][i]; return s; }
          }
          export function f(x) { const m = new Matrix(2, 2), n = new Matrix(2, 2, [[x, 1], [2, x * x]]); m.values[0][0] = x; return m.trace() * n.trace(); }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "options handed on, and a member of a table that they name",
    lib: `var factors = { kilometers: 6371, miles: 3958 };
          function lengthOf(radians, units) { if (units === void 0) { units = "kilometers"; } const factor = factors[units]; if (!factor) throw new Error(units + " is invalid"); return radians * factor; }
          export function distance(a, b, options = {}) { return lengthOf(Math.atan2(coord(a)[0] - coord(b)[0], coord(a)[1] + coord(b)[1]), options.units) / 1000; }
          function feature(geometry, properties, options = {}) { const feat = { type: "Feature" }; if (options.id === 0 || options.id) feat.id = options.id; feat.properties = properties || {}; feat.geometry = geometry; return feat; }
          export function point(c, properties, options = {}) { const geometry = { type: "Point", coordinates: c }; return feature(geometry, properties, options); }
          function coord(c) { if (!Array.isArray(c)) { if (c.type === "Feature" && c.geometry !== null && c.geometry.type === "Point") return [...c.geometry.coordinates]; if (c.type === "Point") return [...c.coordinates]; } if (Array.isArray(c) && c.length >= 2) return [...c]; throw new Error("coord"); }`,
    imports: "{ distance, point }",
    result:
      'distance([x, 1], [2, 3]) + distance([x, 1], [2, 3], { units: "miles" }) * distance(point([x, 2]), point([1, x], { name: "a" }, { id: 3 }))',
  },
  {
    name: "a wrapper that takes one list, or so many numbers",
    lib: `function hsl(rgb) { const a = rgb[0] / 255, b = rgb[1] / 255; return [a * b, a + b * b, rgb[2]]; }
          function wrap(fn) {
            return function (...args) {
              const arg0 = args[0];
              if (arg0 === undefined || arg0 === null) return arg0;
              if (arg0.length > 1) args = arg0;
              const result = fn(args);
              if (typeof result === "object") for (let { length } = result, i = 0; i < length; i++) result[i] = result[i] * 2;
              return result;
            };
          }
          export const raw = wrap(hsl);`,
    imports: "{ raw }",
    result: "raw([x, 2, 3])[0] * raw(x, x * x, 1)[1]",
  },
  {
    name: "arrays that are given members",
    lib: `function line(f) { const out = [f, f * f]; out.a = f * 3; out.predict = (p) => p * out.a + out[0]; out.n = out.length; return out; }
          function mark(o) { o.k = o[0] * 2; }
          export function f(x) { const r = line(x), s = line(2 * x); r.a = x * x; return r[0] * r[1] + r.a * s.predict(2) * r.predict(1) * s.n; }
          export function g(x) { const o = [x, 1], q = o; mark(o); q.m = q.k * x; return o.m * o.k; }`,
    imports: "{ f, g }",
    result: "(f(x) + g(x)) / 100",
  },
  {
    name: "parts of an instance that is being made, and members that a type does not tell of",
    lib: `class View { constructor(o) { this.width = o.width; this.scale = o.width * 2; this.init(); } init() { const { width, scale } = this; this.area = width * scale; } }
          function scales(o) { const { lat, high } = o; const r = { upm: [lat, 1] }; if (high) r.upm2 = [0, lat * lat]; return r; }
          export function f(x) { const v = new View({ width: x }); const { upm, upm2 } = scales({ lat: x, high: true }); return v.area * upm[0] * upm2[1]; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "what is given nothing later, or another text",
    lib: `export function f(x) { const o = { v: 1, s: "a", w: { k: 1 } }; o.v = x > 1 ? x : undefined; if (x > 1) o.s = null; return (o.v === undefined ? 3 * x : o.v * x) * (o.s === null ? x : o.s === "a" ? 2 : 5); }
          export function g(x) { const o = { v: x, w: { k: 1 } }; for (let i = 0; i < 3; i++) { if (o.w === null) o.v *= x; o.w = i === 1 ? null : { k: x }; } return o.v * (o.w === null ? 2 : o.w.k); }`,
    imports: "{ f, g }",
    result: "f(x) + g(x)",
  },
];

/** `Object.assign` to what is there already. */
const assigned: readonly Shape[] = [
  ["an instance that is being made", "asg(x)"],
  ["an object under another name, and one that may be there", "local(x) + or(x)"],
  ["a function", "fn(x)"],
  ["from itself, in a loop, and of what is evaluated before", "alias(x) + twice(x) + order(x)"],
  ["a text that decides", "text(x)"],
].map(([name = "", result = ""]) => ({
  name,
  lib: `class Opt { constructor(o) { this.rate = 1; this.n = 3; Object.assign(this, { rate: 0.5, m: 2 }, o); this.q = this.rate * this.n; } }
    export function asg(x) { const o = new Opt({ rate: x }); const p = new Opt(); const q = new Opt({ n: x * x }); return o.q * p.q + q.q * q.m + p.rate; }
    export function local(x) { const o = { a: 1, b: x }; const p = o; Object.assign(p, { a: x * x, c: 3 * x }); return o.a * o.b + o.c; }
    export function or(x) { const mk = (o, v) => Object.assign(o || {}, v); const a = mk(undefined, { a: x, b: 2 }); const b = mk({ k: 3 }, { a: x * x }); return a.a * a.b + b.k * b.a; }
    export function fn(x) { const f = (y) => y * x; const g = Object.assign(f, { twice: (y) => f(y) * 2, k: x }); return g(2) + g.twice(3) * g.k; }
    export function alias(x) { const a = { p: x, q: 1 }; const b = { p: 2 * x }; Object.assign(a, b, a); return a.p * a.q; }
    export function twice(x) { const a = { p: x, q: 1 }; for (let i = 0; i < 2; i++) Object.assign(a, { p: a.p * x, q: a.p + a.q }); return a.p * a.q; }
    const bump = (o) => { o.p *= 2; return { r: 1 }; };
    export function order(x) { const a = { p: x, q: 2 }; Object.assign(a, { p: 3 * x }, { q: a.p * x }); const c = Object.assign({}, a, bump(a)); return a.q * c.p * c.r * a.p; }
    export function text(x) { const a = { kind: "m", v: x }; const g = (o) => (o.kind === "m" ? o.v : o.v * o.v); Object.assign(a, x > 0 ? { kind: "n" } : { kind: "m" }); return g(a); }`,
  imports: "{ asg, local, or, fn, alias, twice, order, text }",
  result,
}));

test.each(assigned)("Object.assign to $name", (shape) => {
  checkShape(shape);
});

/** Options that hold functions, over defaults that do. */
const withFunctions: readonly Shape[] = [
  {
    name: "functions among defaults and options",
    lib: `class Sys { constructor(opts) { this.opts = Object.assign({ rate: 1, fn: (v) => v }, opts); } run(x) { return this.opts.fn(x) * this.opts.rate; } }
          function solve(o) { const s = Object.assign({}, { tol: 1e-3, f: (v) => v * v, n: 2 }, o); return s.f(s.n) * s.tol; }
          export const f = (x) => {
            const a = { f: (v) => v * x, m() { return this.k * 2; } }, b = Object.assign({ k: x }, a);
            b.k = 3 * x;
            return b.m() * b.f(1) + new Sys({ fn: (v) => v * x }).run(2) * new Sys().run(x) + new Sys({ rate: x }).run(1) + solve({ n: x }) * solve({ f: (v) => v * x, tol: x }) + solve();
          };`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "lists that concat joins",
    lib: `export const f = (x) => {
            const rows = [[x, 1], [2, x * x]], flat = Array.prototype.concat.apply([], rows), lists = [];
            flat.push(3);
            for (let i = 0; i < 3; i++) lists.push([i * x, 1]);
            const all = [].concat(...lists), parts = [1, 2].map((k) => [k * x, x]);
            return flat.reduce((a, b) => a + b * b, 0) * rows[0].length * [].concat.apply([], rows)[3] + all.map((v, i) => v * i).reduce((a, b) => a + b) * all.length + [7].concat(...parts).reduce((a, b) => a * b);
          };`,
    imports: "{ f }",
    result: "f(x)",
  },
];

test.each(withFunctions)("$name", checkShape);

test("Object.assign to what a setter takes is refused", () => {
  const lib = `class S { constructor(x) { this.v = x; } set x(v) { this.v = v * v; } get x() { return this.v; } }
    export function f(x) { const s = new S(x); Object.assign(s, { x: 3 * x }); return s.x; }`;
  expect(diagnosticsOf(lib)).toContain("EZ2001");
});

/** Members of an array that is not known to be the one that has them. */
const unknown = [
  "const o = { r: [x, 1] }; o.r.a = x; return o.r.a;",
  "const o = [1, x]; if (x > 1) o.k = x * x; return o.k === undefined ? x : o.k;",
  "const list = [[1, x], [x, 2]]; const a = list[0]; let s = 0; for (let i = 0; i < 2; i++) { s += a.k ? 5 * x : x; const q = [2, x]; q.k = 1; list[0] = q; } return s;",
  "const o = [1, x]; o.k = x; let s = 0; for (const i in o) s += +i; return s * x;",
];

test.each(unknown)("refused: %s", (body) => {
  expect(diagnosticsOf(`export function f(x) { ${body} }`)).toMatch(/EZ2001/);
});

test.each(shapes)("$name", (shape) => {
  checkShape(shape);
});

test("types that hold themselves are declared beside the derivative", () => {
  const { texts } = transformFiles(
    {
      "lib.js": `export function f(x) { var a = { v: x, next: null }; a.next = { v: x * x, next: null }; a.next.next = a; var c = a; for (var i = 0; i < 3; i++) c = c.next; return c.v; }`,
      "entry.ts": `import { f } from "./lib.js";
        /** @enzyme */
        export function primal(x: number): number { return f(x); }\n`,
    },
    { outputs: ["entry.ts"], compilerOptions: { allowJs: true } },
  );
  expect(texts["entry.ts"]).toContain("interface Linked {\n  v: number;\n  next: Linked | null;\n}\n");
});
