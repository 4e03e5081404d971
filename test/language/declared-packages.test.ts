/** Packages that ship JavaScript beside declarations: gradients of functions that call them agree with central differences. */
import { afterEach, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { runCommand } from "../../transformer/surfaces/cli.js";
import { repository, temporaryProject, type TemporaryProject } from "../support/temporary-project.js";

const projects: TemporaryProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

interface Package {
  readonly name: string;
  readonly declarations: string;
  readonly source: string;
  readonly imports: string;
  /** What the typed functions return, each by itself. */
  readonly results: readonly string[];
}

const packages: readonly Package[] = [
  {
    name: "settings that are text",
    declarations: `export type Units = "meters" | "kilometers" | "miles";
      export declare function toLength(r: number, units?: Units): number;
      export declare function distance(a: number, b: number, options?: { units?: Units }): number;
      export declare function density(values: number[], kernel?: "gaussian" | ((x: number) => number), method?: "nrd" | "nrd0" | number): (x: number) => number;`,
    source: `const factors = { meters: 6371, kilometers: 6.371, miles: 3.958 };
      export function toLength(r, units = "kilometers") { const factor = factors[units]; if (!factor) throw new Error(units + " is no unit"); return r * r * factor; }
      export function distance(a, b, options = {}) { return toLength(Math.atan2(a, b), options.units); }
      const methods = { nrd0: function (x) { return x.length; }, nrd: function (x) { return this.nrd0(x) * 1.06 * x[0]; } };
      const kernels = { gaussian: function (u) { return Math.exp(-0.5 * u * u); } };
      export function density(X, kernel, method) {
        var k; if (kernel === undefined) k = kernels.gaussian; else if (typeof kernel === "string") { if (!kernels[kernel]) throw new Error(kernel); k = kernels[kernel]; } else k = kernel;
        var b; if (typeof method === "undefined") b = methods.nrd(X); else if (typeof method === "string") { if (!methods[method]) throw new Error(method); b = methods[method](X); } else b = method;
        return function (x) { var s = 0; for (var i = 0; i < X.length; i++) s += k((x - X[i]) / b); return s / b; };
      }`,
    imports: "{ toLength, distance, density, type Units }",
    results: [
      "toLength(x)",
      'toLength(x, "miles")',
      'toLength(x, (x > 1 ? "miles" : "meters") as Units)',
      "distance(x, 2)",
      'distance(x, 2, { units: "miles" })',
      'distance(x, 2, { units: (x > 1 ? "miles" : undefined) as Units | undefined })',
      "density([x, 2 * x])(2)",
      'density([x, 2 * x], "gaussian", "nrd")(2)',
      'density([x, 2 * x], "gaussian", "nrd0")(2 * x)',
      "density([x, 2 * x], (u) => u * x, x)(3)",
    ],
  },
  {
    name: "objects that say by a text what they are",
    declarations: `export declare function feature(geometry: any, properties?: any, options?: any): any;
      export declare function point(c: number[], properties?: any, options?: { id?: number; bbox?: number[] }): { type: "Feature"; geometry: { type: "Point"; coordinates: number[] } };
      export declare function distance(from: any, to: any): number;
      export declare function retyped(x: number): number;
      export declare function markedInLoop(x: number): number;
      export declare function markedByHelper(x: number): number;`,
    source: `export function feature(geom, properties, options = {}) {
        const feat = { type: "Feature" };
        if (options.id === 0 || options.id) feat.id = options.id;
        if (options.bbox) feat.bbox = options.bbox;
        feat.properties = properties || {};
        feat.geometry = geom;
        return feat;
      }
      export function point(coordinates, properties, options = {}) { return feature({ type: "Point", coordinates }, properties, options); }
      function coordinatesOf(coord) {
        if (!Array.isArray(coord)) {
          if (coord.type === "Feature" && coord.geometry !== null && coord.geometry.type === "Point") return [...coord.geometry.coordinates];
          if (coord.type === "Point") return [...coord.coordinates];
        }
        if (Array.isArray(coord) && coord.length >= 2 && !Array.isArray(coord[0])) return [...coord];
        throw new Error("no point");
      }
      export function distance(from, to) { const a = coordinatesOf(from), b = coordinatesOf(to); return Math.hypot(a[0] - b[0], a[1] - b[1]); }
      export function retyped(x) { const p = { type: "a", x }; if (x > 1) p.type = "b"; return p.type === "a" ? x * x : 3 * x; }
      export function markedInLoop(x) { const p = { type: "a", x }; let s = 0; for (let i = 0; i < 3; i++) { s += p.type === "a" ? x * x : 3 * x; mark(p); } return s; }
      function mark(o) { o.type = "b"; }
      function named(o, key) { o[key] = "b"; return o; }
      export function markedByHelper(x) { const p = { type: "a", x }, q = named({ type: "a", x }, "type"); return (p.type === "a" ? x : 1) * (q.type === "a" ? 1 : x); }`,
    imports: "{ point, distance, retyped, markedInLoop, markedByHelper, feature }",
    results: [
      "distance([x, 2 * x], [1, 2])",
      "distance(point([x, x * x]), point([1, 2]))",
      'distance(point([x, 3]), { type: "Point", coordinates: [3, x] })',
      'distance(feature({ type: "Point", coordinates: [x, 2 * x] }, { name: "a" }, { id: 3 }), [1, 2])',
      "retyped(x) * markedByHelper(x)",
      "markedInLoop(x)",
    ],
  },
  {
    name: "generators that are methods, and instances that can be walked",
    declarations: `export declare class Matrix { static of(a: number[][]): Matrix; clone(): Matrix; sum(): number; trace(): number; first(t: number): number; scaleWhileWalking(): number; get(i: number, j: number): number; }
      export declare class Poly { constructor(c: number[]); at(x: number): number; list(): number[]; }`,
    source: `class Base { *entries() { for (let i = 0; i < this.rows; i++) for (let j = 0; j < this.cols; j++) yield [i, j, this.get(i, j)]; } *values() { for (const row of this.data) yield* row; } [Symbol.iterator]() { return this.entries(); } get(i, j) { return this.data[i][j]; } }
      export class Matrix extends Base {
        constructor(rows, cols) { super(); this.rows = rows; this.cols = cols; this.data = []; for (let i = 0; i < rows; i++) this.data.push(new Float64Array(cols)); }
        static of(a) { const m = new Matrix(a.length, a[0].length); for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.cols; j++) m.set(i, j, a[i][j]); return m; }
        set(i, j, v) { this.data[i][j] = v; return this; }
        static copy(from, to) { for (const [i, j, v] of from.entries()) to.set(i, j, v); return to; }
        clone() { return this.constructor.copy(this, new Matrix(this.rows, this.cols)); }
        sum() { let s = 0; for (const v of this.values()) { if (v < 0) continue; s += v * v; } return s; }
        trace() { let s = 0; for (const [i, j, v] of this) if (i === j) s += v; return s; }
        first(t) { for (const v of this.values()) if (v > t) return v * v; return -1; }
        scaleWhileWalking() { let s = 0; for (const [i, j, v] of this) { if (j + 1 < this.cols) this.set(i, j + 1, this.get(i, j + 1) * v); s += v; } return s; }
      }
      export class Poly { constructor(c) { this.c = c; } *[Symbol.iterator]() { for (let k = this.c.length - 1; k >= 0; k--) yield this.c[k]; } at(x) { let s = 0; for (const c of this) s = s * x + c; return s; } list() { return [...this]; } }`,
    imports: "{ Matrix, Poly }",
    results: [
      "Matrix.of([[x, 2], [2, x * x]]).clone().sum()",
      "Matrix.of([[x, 2], [2, x * x]]).trace() * Matrix.of([[x, 2], [2, x * x]]).clone().first(0.5)",
      "Matrix.of([[x, 2, 3], [x * x, 2, -x]]).scaleWhileWalking()",
      "new Poly([x, 2, 3]).at(x) + new Poly([x, 2, x]).list()[0]! * x",
    ],
  },
  {
    name: "methods and functions of instances that call themselves",
    declarations: `export declare class Node { constructor(v: number); add(k: Node): this; total(): number; grow(f: number): this; max(): Node; copy(): Node; depth(d: number): number; both(o: Node, d: number): number; readonly v: number; }
      export declare class Complex { constructor(re: number, im: number); re: number; im: number; pow(n: number): Complex; fact(): Complex; }
      export declare function fft(x: Complex[]): Complex[];
      export declare class Sq { constructor(a: number); all(d: number): number; }
      export declare class Ci { constructor(a: number); all(d: number): number; }
      export declare class Square { private _rows; private _values; constructor(rows: number, values?: number[][]); determinant(): number; }
      export declare class Poly { constructor(c: number[]); total(x: number): number; }
      export declare function product(p: Poly, x: number): number;`,
    source: `export class Node {
        constructor(v) { this.v = v; this.kids = []; this.n = 0; }
        add(k) { this.kids.push(k); return this; }
        total() { let s = this.v; for (const k of this.kids) s += k.total() * this.v; return s; }
        grow(f) { this.v *= f; for (const k of this.kids) k.grow(f * this.v); return this; }
        max() { let best = this; for (const k of this.kids) { const m = k.max(); if (m.v > best.v) best = m; } return best; }
        copy() { const c = new Node(this.v * this.v); for (const k of this.kids) c.add(k.copy()); return c; }
        depth(d) { this.n++; if (d <= 0) return this.v; this.v += 0.1 * this.v; return this.depth(d - 1) + this.v; }
        both(o, d) { if (d === 0) return this.v * o.v; o.v *= 2; return this.both(o, d - 1) + o.v; }
      }
      export class Complex {
        constructor(re, im) { this.re = re; this.im = im; }
        mul(o) { return new Complex(this.re * o.re - this.im * o.im, this.re * o.im + this.im * o.re); }
        pow(n) { if (n === 0) return new Complex(1, 0); if (n % 2 === 1) return this.mul(this.pow(n - 1)); const h = this.pow(n / 2); return h.mul(h); }
        fact() { if (this.re < 1) return this; return this.mul(new Complex(this.re - 1, this.im).fact()); }
      }
      export function fft(x) {
        const n = x.length; if (n === 1) return x.slice();
        const e = fft(x.filter((_, i) => i % 2 === 0)), o = fft(x.filter((_, i) => i % 2 === 1)); const r = new Array(n);
        for (let k = 0; k < n / 2; k++) { const a = -2 * Math.PI * k / n, t = new Complex(Math.cos(a), Math.sin(a)).mul(o[k]); r[k] = new Complex(e[k].re + t.re, e[k].im + t.im); r[k + n / 2] = new Complex(e[k].re - t.re, e[k].im - t.im); }
        return r;
      }
      class Shape { area() { return 0; } all(d) { return d === 0 ? this.area() : this.area() + this.all(d - 1); } }
      export class Sq extends Shape { constructor(a) { super(); this.a = a; } area() { return this.a * this.a; } }
      export class Ci extends Shape { constructor(r) { super(); this.r = r; } area() { this.r *= 1.1; return 3 * this.r * this.r; } }
      export class Square {
        constructor(rows, values) { this._rows = Math.max(rows, 1), this._values = new Array(this._rows).fill([]).map(() => new Array(this._rows).fill(0)), values && (this.values = values); }
        set values(t) { const n = Math.min(t.length, this._rows); for (let r = 0; r < n; r++) for (let k = 0; k < n; k++) this._values[r][k] = t[r][k]; }
        at(i, j) { return this._values[i][j]; }
        minor(i, j) { return new Square(this._rows - 1, this._values.filter((e, r) => r !== i).map((e) => e.filter((r, n) => n !== j))); }
        determinant() {
          if (this._rows === 1) return this._values[0][0];
          let t = 0, s = 1;
          for (let e = 0; e < this._rows; e++) { const r = this.minor(0, e); t += s * this.at(0, e) * r.determinant(), s = -s; }
          return t;
        }
      }
      export function Poly(c) { this.c = c; }
      Poly.prototype.at = function (x) { var s = 0; for (var i = this.c.length - 1; i >= 0; i--) s = s * x + this.c[i]; return s; };
      Poly.prototype.slope = function () { var d = []; for (var i = 1; i < this.c.length; i++) d.push(i * this.c[i]); return new Poly(d); };
      Poly.prototype.total = function (x) { if (this.c.length === 1) return this.c[0]; return this.at(x) + this.slope().total(x); };
      export function product(p, x) { if (p.c.length < 2) return p.at(x); return p.at(x) * product(p.slope(), x / 2); }`,
    imports: "{ Node, Complex, fft, Sq, Ci, Square, Poly, product }",
    results: [
      "new Node(x).add(new Node(2).add(new Node(x * x))).add(new Node(3)).total()",
      "new Node(x).add(new Node(2).add(new Node(x))).grow(x).total()",
      "new Node(x).add(new Node(2 * x)).copy().total()",
      "new Node(x).depth(3) * new Node(2 * x).depth(2)",
      "((n, m) => n.both(m, 2) + n.both(n, 2) + m.v)(new Node(x), new Node(2 * x))",
      "new Complex(x, 2).pow(5).re + new Complex(2.5, x).fact().im",
      "((r) => r[1]!.re * r[2]!.re + r[3]!.im)(fft([new Complex(x, 0), new Complex(2, 1), new Complex(x * x, 0), new Complex(1, x)]))",
      "new Sq(x).all(2) * new Ci(2 * x).all(2)",
      "new Square(3, [[x, 1, 2], [1, x * x, 4], [3, 0.2, 0.5]]).determinant()",
      "new Poly([x, 2, 3, x * x]).total(x) + product(new Poly([x, 2, 3, x * x]), x)",
    ],
  },
  {
    name: "options over defaults, in the ways of JavaScript, and what compilers write",
    declarations: `export interface Options { tol?: number; rate?: number; steps?: number; kind?: "fast" | "slow" }
      export declare function viaAssign(x: number, options?: Options): number;
      export declare function viaTsAssign(x: number, options?: Options): number;
      export declare function viaOr(x: number, options?: Options): number;
      export declare function viaLoop(x: number, options?: Options): number;
      export declare function viaExtend(x: number, options?: Options): number;
      export declare function viaKeys(x: number, options?: Options): number;
      export declare function viaMutate(x: number, options?: Options): number;
      export declare function viaIn(x: number, options?: Options): number;
      export declare function pair(p: [number, number]): number;
      export declare function pairB(p: [number, number]): number;
      export declare function joined(a: number[], b: number[]): number;
      export declare function joinedB(a: number[], b: number[]): number;
      export declare function largest(a: number[]): number;
      export declare class Vec { constructor(x: number, y: number); static of(a: number[]): Vec; dot(o: Vec): number; readonly len: number; x: number; y: number; }`,
    source: `var __assign = (this && this.__assign) || function () { __assign = Object.assign || function (t) { for (var s, i = 1, n = arguments.length; i < n; i++) { s = arguments[i]; for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p)) t[p] = s[p]; } return t; }; return __assign.apply(this, arguments); };
      var __read = (this && this.__read) || function (o, n) { var m = typeof Symbol === "function" && o[Symbol.iterator]; if (!m) return o; var i = m.call(o), r, ar = [], e; try { while ((n === void 0 || n-- > 0) && !(r = i.next()).done) ar.push(r.value); } catch (error) { e = { error: error }; } finally { try { if (r && !r.done && (m = i["return"])) m.call(i); } finally { if (e) throw e.error; } } return ar; };
      var __spreadArray = (this && this.__spreadArray) || function (to, from, pack) { if (pack || arguments.length === 2) for (var i = 0, l = from.length, ar; i < l; i++) { if (ar || !(i in from)) { if (!ar) ar = Array.prototype.slice.call(from, 0, i); ar[i] = from[i]; } } return to.concat(ar || Array.prototype.slice.call(from)); };
      function _slicedToArray(r, e) { return _arrayWithHoles(r) || _iterableToArrayLimit(r, e) || _unsupportedIterableToArray(r, e) || _nonIterableRest(); }
      function _nonIterableRest() { throw new TypeError("Invalid attempt to destructure non-iterable instance."); }
      function _unsupportedIterableToArray(r, a) { if (r) { if ("string" == typeof r) return _arrayLikeToArray(r, a); var t = {}.toString.call(r).slice(8, -1); return "Object" === t && r.constructor && (t = r.constructor.name), "Map" === t || "Set" === t ? Array.from(r) : "Arguments" === t || /^(?:Ui|I)nt(?:8|16|32)(?:Clamped)?Array$/.test(t) ? _arrayLikeToArray(r, a) : void 0; } }
      function _arrayLikeToArray(r, a) { (null == a || a > r.length) && (a = r.length); for (var e = 0, n = Array(a); e < a; e++) n[e] = r[e]; return n; }
      function _iterableToArrayLimit(r, l) { var t = null == r ? null : "undefined" != typeof Symbol && r[Symbol.iterator] || r["@@iterator"]; if (null != t) { var e, n, i, u, a = [], f = !0, o = !1; try { if (i = (t = t.call(r)).next, 0 === l) { if (Object(t) !== t) return; f = !1; } else for (; !(f = (e = i.call(t)).done) && (a.push(e.value), a.length !== l); f = !0); } catch (r) { o = !0, n = r; } finally { try { if (!f && null != t.return && (u = t.return(), Object(u) !== u)) return; } finally { if (o) throw n; } } return a; } }
      function _arrayWithHoles(r) { if (Array.isArray(r)) return r; }
      function _toConsumableArray(r) { return _arrayWithoutHoles(r) || _iterableToArray(r) || _unsupportedIterableToArray(r) || _nonIterableSpread(); }
      function _nonIterableSpread() { throw new TypeError("Invalid attempt to spread non-iterable instance."); }
      function _iterableToArray(r) { if ("undefined" != typeof Symbol && null != r[Symbol.iterator] || null != r["@@iterator"]) return Array.from(r); }
      function _arrayWithoutHoles(r) { if (Array.isArray(r)) return _arrayLikeToArray(r); }
      function _classCallCheck(a, n) { if (!(a instanceof n)) throw new TypeError("Cannot call a class as a function"); }
      function _defineProperties(e, r) { for (var t = 0; t < r.length; t++) { var o = r[t]; o.enumerable = o.enumerable || !1, o.configurable = !0, "value" in o && (o.writable = !0), Object.defineProperty(e, o.key, o); } }
      function _createClass(e, r, t) { return r && _defineProperties(e.prototype, r), t && _defineProperties(e, t), Object.defineProperty(e, "prototype", { writable: !1 }), e; }
      function _defineProperty(e, r, t) { return (r in e) ? Object.defineProperty(e, r, { value: t, enumerable: !0, configurable: !0, writable: !0 }) : e[r] = t, e; }
      
      var defaults = { tol: 1e-3, rate: 0.1, steps: 4, kind: "fast" };
      export const viaAssign = function (x, options) { var o = Object.assign({}, defaults, options); return run(x, o); };
      export const viaTsAssign = function (x, options) { var o = __assign(__assign({}, defaults), options); return run(x, o); };
      export const viaOr = function (x, options) { options = options || {}; var rate = options.rate || 0.1, steps = options.steps !== undefined ? options.steps : 4, kind = options.kind || "fast"; return run(x, { rate: rate, steps: steps, kind: kind }); };
      export const viaLoop = function (x, options) { return run(x, fill(options, defaults)); };
      function fill(input, base) { if (input === null || typeof input === "undefined") input = {}; var out = __assign({}, input); for (var key in base) { if (base.hasOwnProperty(key) && typeof input[key] === "undefined") out[key] = base[key]; } return out; }
      export const viaExtend = function (x, options) { var o = extend({}, defaults, options); return run(x, o); };
      function extend(target) { for (var i = 1; i < arguments.length; i++) { var source = arguments[i]; for (var key in source) { if (Object.prototype.hasOwnProperty.call(source, key)) target[key] = source[key]; } } return target; }
      export const viaKeys = function (x, options) { var o = {}; Object.keys(defaults).forEach(function (k) { o[k] = options && options[k] !== undefined ? options[k] : defaults[k]; }); return run(x, o); };
      export const viaMutate = function (x, options) { if (!options) options = {}; if (typeof options.rate === "undefined") options.rate = 0.1; if (typeof options.steps === "undefined") options.steps = 4; options.kind = options.kind || "fast"; return run(x, options); };
      export const viaIn = function (x, opts) { var rate = opts && "rate" in opts ? opts.rate : 0.2; return run(x, { rate: rate, steps: 2, kind: "slow" }); };
      function run(x, o) { var s = x; for (var i = 0; i < o.steps; i++) { switch (o.kind) { case "fast": s -= o.rate * s * s; break; case "slow": s -= o.rate * s; break; default: throw new Error("kind"); } } return s; }
      export const pair = function (p) { var _p = __read(p, 2), a = _p[0], b = _p[1]; return a * b * b; };
      export const pairB = function (p) { var _p = _slicedToArray(p, 2), a = _p[0], b = _p[1]; return a * b * b; };
      export const joined = function (a, b) { var all = __spreadArray(__spreadArray([], __read(a), false), __read(b), false); var s = 0; for (var i = 0; i < all.length; i++) s += all[i] * (i + 1); return s; };
      export const joinedB = function (a, b) { var all = [].concat(_toConsumableArray(a), _toConsumableArray(b)); return all.reduce(function (s, v, i) { return s + v * (i + 1); }, 0); };
      export const largest = function (a) { return Math.max.apply(Math, _toConsumableArray(a)) * Math.min.apply(null, a); };
      var Vec = /*#__PURE__*/function () { function Vec(x, y) { _classCallCheck(this, Vec); _defineProperty(this, "scale", 2); this.x = x; this.y = y; } return _createClass(Vec, [{ key: "dot", value: function dot(o) { return this.scale * (this.x * o.x + this.y * o.y); } }, { key: "len", get: function get() { return Math.hypot(this.x, this.y); } }], [{ key: "of", value: function of(a) { return new Vec(a[0], a[1]); } }]); }();
      export { Vec };`,
    imports:
      "{ viaAssign, viaTsAssign, viaOr, viaLoop, viaExtend, viaKeys, viaMutate, viaIn, pair, pairB, joined, joinedB, largest, Vec }",
    results: [
      "viaAssign(x)",
      "viaAssign(x, { rate: x / 3 })",
      'viaAssign(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaTsAssign(x)",
      "viaTsAssign(x, { rate: x / 3 })",
      'viaTsAssign(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaOr(x)",
      "viaOr(x, { rate: x / 3 })",
      'viaOr(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaLoop(x)",
      "viaLoop(x, { rate: x / 3 })",
      'viaLoop(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaExtend(x)",
      "viaExtend(x, { rate: x / 3 })",
      'viaExtend(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaKeys(x)",
      "viaKeys(x, { rate: x / 3 })",
      'viaKeys(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaMutate(x)",
      "viaMutate(x, { rate: x / 3 })",
      'viaMutate(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "viaIn(x)",
      "viaIn(x, { rate: x / 3 })",
      'viaIn(x, { rate: x / 3, kind: "slow", steps: 3 })',
      "pair([x, 2]) * pairB([2, x])",
      "joined([x, 2], [x * x, 2]) + joinedB([x, 2], [x * x, 2])",
      "largest([x, 0.1, 5]) + largest([x, 9, 5])",
      "Vec.of([x, 3]).dot(new Vec(x, 2)) * new Vec(x, 4).len",
    ],
  },
  {
    name: "fields that are known until something that is called writes them",
    declarations: `export declare function h1(x: number): number; export declare function h2(x: number): number; export declare function h3(x: number): number; export declare function h4(x: number): number; export declare function h5(x: number): number; export declare function h6(x: number): number; export declare function h7(x: number): number; export declare function h8(x: number): number;
      export declare function h9(x: number, o: { kind?: string; r?: number }): number; export declare function h10(x: number): number; export declare function h11(x: number): number; export declare function h12(x: number, o?: { n?: number; f?: string }): number;`,
    source: `export function h1(x) { const o1 = { kind: "a", x }, o2 = { kind: "a", x: 2 * x }; const p = x > 1 ? o1 : o2; p.kind = "b"; return (o1.kind === "a" ? x * x : 3 * x) + (o2.kind === "a" ? x : x * x * x); }
      export function h2(x) { const o = { rate: undefined }; if (x > 1) o.rate = x; const r = Object.assign({ rate: 2, s: 1 }, o); return typeof r.rate === "undefined" ? x : r.rate * x; }
      export function h3(x) { const o = {}; if (x > 1) o.rate = x; const r = { rate: 2, ...o }; return r.rate * x; }
      export function h4(x) { const o = { kind: "a" }; const arr = [o]; arr[0].kind = "b"; return o.kind === "a" ? x : x * x; }
      export function h5(x) { const o = { kind: "a", v: x }; const f = () => { o.kind = "b"; }; let s = 0; for (let i = 0; i < 3; i++) { s += o.kind === "a" ? x : x * x; if (i === 0) f(); } return s; }
      class Box { constructor(o) { this.o = o; } flip() { this.o.kind = this.o.kind === "a" ? "b" : "a"; return this; } }
      export function h6(x) { const o = { kind: "a" }; new Box(o).flip(); return o.kind === "a" ? x : x * x; }
      export function h7(x) { const o = { a: x, b: 2 * x }; let s = 0; for (const k in o) { s += o[k] * (k === "a" ? 1 : 3); } const c = {}; for (const k in o) c[k] = o[k] * o[k]; return s + c.a * c.b; }
      export function h8(x) { const o = { a: x }; o.b = 2 * x; if (x > 1) o.c = x * x; const c = { c: 1 }; for (const k in o) c[k] = o[k]; return c.a + c.b * c.c; }
      export function h9(x, o) { const d = { kind: "a", r: 2 }; const m = { ...d, ...o }; o.kind = "z"; return m.kind === "a" ? m.r * x : x; }
      export function h10(x) { const d = { n: null, u: undefined, k: "a" }; if (d.n === null) d.n = x; if (d.u === undefined) d.u = x * 2; return d.n * d.u; }
      export function h11(x) { const mk = () => ({ k: "a", v: null }); const a = mk(), b = mk(); a.v = x; return (b.v === null ? x : 0) * (a.v === null ? 1 : a.v); }
      export function h12(x, opts) { const o = Object.assign({ n: 2, f: "id" }, opts); let s = 0; for (let i = 0; i < o.n; i++) { s += o.f === "id" ? x : x * x; o.f = "sq"; } return s; }`,
    imports: "{ h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, h12 }",
    results: [
      "h1(x)",
      "h2(x)",
      "h3(x)",
      "h4(x)",
      "h5(x)",
      "h6(x)",
      "h7(x)",
      "h8(x)",
      "h10(x)",
      "h11(x)",
      "h9(x, { r: x }) * h9(x, {})",
      "h12(x) * h12(x, { n: 3 })",
    ],
  },
];

test.each(packages.map((one) => [one.name, one] as const))("%s", async (_, one) => {
  const made = temporaryProject({
    "package.json": '{ "type": "module" }',
    "node_modules/lib/package.json": '{ "name": "lib", "type": "module", "main": "index.js", "types": "index.d.ts" }',
    "node_modules/lib/index.d.ts": one.declarations,
    "node_modules/lib/index.js": one.source,
    "a.ts": `import ${one.imports} from "lib";\n${one.results
      .map((text, k) => `/** @enzyme */\nexport function f${k}(x: number): number { return ${text}; }\n`)
      .join("")}`,
  });
  projects.push(made);
  let said = "";
  const code = await runCommand(["a.ts", "--out-dir", "out"], {
    cwd: made.root,
    packageRoot: repository,
    stdout: () => undefined,
    stderr: (text) => (said += text),
    colour: false,
  });
  expect(said).not.toContain("error");
  expect(code).toBe(0);
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const script = (text: string): string => ts.transpileModule(text, { compilerOptions: options }).outputText;
  made.write("out/tape.mjs", script(readFileSync(`${repository}/src/tape.ts`, "utf8")));
  made.write("out/a.mjs", script(made.read("out/a.ts")).replace('"enzyme-ts/tape"', '"./tape.mjs"'));
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(`${made.root}/out/a.mjs`).href);
  const call = (name: string, x: number): number => {
    const fn: unknown = Reflect.get(Object(module), name);
    const value: unknown = typeof fn === "function" ? Reflect.apply(fn, undefined, [x]) : undefined;
    if (typeof value !== "number") throw new Error(`${name}: ${String(value)}`);
    return value;
  };
  for (const k of one.results.keys()) {
    for (const x of [0.7, 1.9]) {
      const step = 1e-5;
      const difference = (call(`f${k}`, x + step) - call(`f${k}`, x - step)) / (2 * step);
      expect(call(`f${k}_gradient`, x) / difference, `${one.results[k]} at ${x}`).toBeCloseTo(1, 5);
    }
  }
});
