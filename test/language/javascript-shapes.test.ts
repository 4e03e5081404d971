/** Shapes of published JavaScript, each called from a typed function: the gradient agrees with central differences. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "matrices made in each of the ways there are",
    lib: `const n = 3;
          export function f(x) {
          const made = [
            () => Array.from({ length: n }, () => Array(n).fill(0)), () => Array.from(Array(n), () => new Array(n).fill(0)),
            () => [...Array(n)].map(() => Array(n).fill(0)), () => new Array(n).fill(0).map(() => new Array(n)),
            () => Array(n).fill().map(() => Array(n).fill(0)), () => Array.apply(null, Array(n)).map(() => [0, 0, 0]),
            () => Array.apply(null, { length: n }).map(() => []), () => [0, 1, 2].map(() => []), () => Array.from({ length: n }, function () { return []; }),
          ];
            let s = 0;
            for (const make of made) { const r = make(); for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) r[i][j] = x * i + j; s += r[1][2] * r[2][1]; }
            const rows = Array(n).fill(null).map(() => []);
            for (const row of rows) row.push(x, 2);
            return s + rows[1][0] * rows[2][1] + all(x, s).reduce((a, b) => a * b);
          }
          function all() { return Array.apply(null, arguments); }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "functions in objects that are frozen, with methods",
    lib: `export const Easing = Object.freeze({ Sine: Object.freeze({ in: function (t) { return 1 - Math.cos(t); }, out(t) { return Math.sin(t); } }) });`,
    imports: "{ Easing }",
    result: "Easing.Sine.in(x) * Easing.Sine.out(x)",
  },
  {
    name: "functions added to objects, one calling the other",
    lib: `const convert = { rgb: { channels: 3 }, xyz: {} };
          convert.rgb.xyz = function (rgb) { return [rgb[0] * 0.4, rgb[0] + rgb[1] ** 2]; };
          convert.rgb.y = function (rgb) { const xyz = convert.rgb.xyz(rgb); return xyz[1] * xyz[0]; };
          export default convert;`,
    imports: "convert",
    result: "convert.rgb.y([x, 2])",
  },
  {
    name: "an enum as compilers write it",
    lib: `var When; (function (When) { When["Begin"] = "begin"; When["End"] = "end"; })(When || (When = {}));
          var Kind; (function (Kind) { Kind[Kind["Once"] = 0] = "Once"; Kind[Kind["Twice"] = 2] = "Twice"; })(Kind || (Kind = {}));
          export function due(x, when = When.End) { return when === When.Begin ? x : x * x * Kind.Twice; }
          export { When };`,
    imports: "{ due, When }",
    result: "due(x) + due(x, When.Begin)",
  },
  {
    name: "defaults as compilers write them",
    lib: `export function scale(x) {
            var factor = arguments.length > 1 && arguments[1] !== undefined ? arguments[1] : 3;
            return x * factor * arguments.length;
          }`,
    imports: "{ scale }",
    result: "scale(x) + scale(x, x)",
  },
  {
    name: "fields added after the literal",
    lib: `export function hsl(r, alpha) {
            let res = { mode: "hsl", s: r * 2 };
            if (r > 0) res.h = r * r;
            if (alpha !== undefined) res.alpha = alpha;
            return res;
          }`,
    imports: "{ hsl }",
    result: "((p: { s: number; h?: number }) => p.s + (p.h ?? 1))(hsl(x, undefined) as { s: number; h?: number })",
  },
  {
    name: "a field that holds null, and is asked for just that",
    lib: `function Tree(v) { this.v = v; this.left = null; }
          export function f(x) { const t = new Tree(x); return t.left === null ? x * x : t.left === undefined ? x : 3 * x; }
          export function g(x) { const t = { v: x, left: null }; if (t.left !== null) return x; return t.v * x * x; }`,
    imports: "{ f, g }",
    result: "f(x) * g(x)",
  },
  {
    name: "empty arrays that hold what is put into them later",
    lib: `export function pyramid(t, points) {
            var n = points.length, i = n, levels = [], sums = new Array(n);
            while (i--) levels.push([]);
            for (i = 0; i < n; i++) {
              for (var j = 0; j <= i; j++) levels[i][j] = points[i][0] * t + points[j][1];
              levels[i][i + 1] = t;
              sums[i] = { low: levels[i][0], high: levels[i][i] * levels[i][i + 1] };
            }
            var total = 0;
            sums.forEach(function (sum) { total += sum.low * sum.high; });
            return total;
          }`,
    imports: "{ pyramid }",
    result: "pyramid(x, [[0.1, x], [x, 0.3], [0.5, 0.2]]) / 9",
  },
  {
    name: "an object with elements, or an array",
    lib: `function Vector() {}
          Vector.prototype = {
            dot: function (vector) {
              var V = vector.elements || vector, product = 0, n = this.elements.length;
              if (n != V.length) { return null; }
              while (n--) { product += this.elements[n] * V[n]; }
              return product;
            },
            setElements: function (els) { this.elements = (els.elements || els).slice(); return this; },
          };
          Vector.create = function (elements) { var V = new Vector(); return V.setElements(elements); };
          export { Vector };`,
    imports: "{ Vector }",
    result: "Vector.create([x, 2]).dot(Vector.create([3, x])) + Vector.create([x, x]).dot([1, x])",
  },
  {
    name: "a table that is looked into by a name that is known",
    lib: `var radius = 6371;
          var factors = { metres: radius * 1000, kilometres: radius, degrees: 360 / (2 * Math.PI) };
          export function toLength(x, units = "kilometres") {
            const factor = factors[units];
            if (!factor) throw new Error(units + " is invalid");
            return x * factor;
          }`,
    imports: "{ toLength }",
    result: "toLength(x) + toLength(x, 'degrees')",
  },
  {
    name: "constants by a function of Math under another name",
    lib: `var sqrt = Math.sqrt, M = sqrt(3) / 2; export function f(x) { return sqrt(x) * M; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "functions made by functions that are given functions",
    lib: `var sqrt = Math.sqrt;
          function raw(scale) { return function (x, y) { var k = scale(x * y); return [k * x, k * y]; }; }
          export var equalArea = raw(function (c) { return sqrt(2 / (1 + c)); });
          equalArea.invert = raw(function (c) { return c; });`,
    imports: "{ equalArea }",
    result: "equalArea(x, 2)[0] * equalArea(x, 2)[1]",
  },
  {
    name: "a module that asks what kind of module it is",
    lib: `(function (root, factory) {
            if (typeof define === "function" && define.amd) define(["exports"], factory);
            else if (typeof exports === "object") factory(exports);
            else factory((root.lib = {}));
          })(this, function (lib) {
            "use strict";
            var K = 2, weights = [1, 2, 3].reverse();
            function poly(x) { var s = 0; for (var i = 0; i < weights.length; i++) s = s * x + weights[i]; return s; }
            lib.f = function (x) { return poly(x) * K; };
          });`,
    imports: "* as lib",
    result: "lib.f(x)",
  },
  {
    name: "a module whose function returns what it exports",
    lib: `(function (global, factory) {
            typeof exports === "object" && typeof module !== "undefined" ? (module.exports = factory()) : (global.lib = factory());
          })(this, (function () {
            var lib = (function (Math) {
              function lib() {}
              lib.sq = function sq(x) { return Math.pow(x, 2); };
              return lib;
            })(Math);
            (function (l, M) { l.quad = function (x) { return l.sq(l.sq(x)) + M.sin(x); }; }).call(this, lib, Math);
            return lib;
          }));`,
    imports: "lib",
    result: "lib.quad(x)",
  },
  {
    name: "members that are given by names of a list, beside others",
    lib: `var lib = {};
          (function (names) {
            for (var i = 0; i < names.length; i++) (function (name) { lib[name] = function () { return names; }; })(names[i]);
          })("one two".split(" "));
          lib.three = function (x) { return x * x * x; };
          export default lib;`,
    imports: "lib",
    result: "lib.three(x)",
  },
  {
    name: "a function that calls itself by the name of its expression",
    lib: `module.exports = function power(x, n) { return n < 1 ? 1 : x * power(x, n - 1); };
          module.exports.twice = function (x) { return 2 * x; };`,
    imports: "power",
    result: "power(x, 3)",
  },
  {
    name: "functions made once of functions",
    lib: `var wrap = function (f, g) { return function (x) { return x > 1 ? f(x) : g(x); }; };
          var square = function (x) { return x * x; };
          function cube(x) { return x * x * x; }
          exports.either = wrap(square, cube);
          exports.DEGREE = Math.PI / 180;
          exports.rad = (x) => x * exports.DEGREE;`,
    imports: "{ either, rad }",
    result: "either(x) + rad(x)",
  },
  {
    name: "a function whose prototype is given methods one by one, called with and without `new`",
    lib: `exports = module.exports = V;
          function V(x, y) {
            if (!(this instanceof V)) return new V(x, y);
            this.x = x || 0;
            this.y = y || 0;
          }
          V.of = function (arr) { return new V(arr[0], arr[1]); };
          V.prototype.add = function (v) { this.x += v.x; this.y += v.y; return this; };
          V.prototype.clone = function () { return new V(this.x, this.y); };
          V.prototype.length = function () { return Math.sqrt(this.dot(this)); };
          V.prototype.dot = function (v) { var self = this; return self.x * v.x + self.y * v.y; };`,
    imports: "V",
    result: "V(x, 2).clone().add(V.of([x, x])).length() + new V(x, 0).dot(new V(3, 1))",
  },
  {
    name: "a prototype that is one object, filled by a method, below another one",
    lib: `function Shape() {}
          Shape.prototype = { kind: "shape", area: function () { return 1; }, twice: function () { return 2 * this.area(); } };
          function Circle(r) { Shape.call(this); this.set(r); }
          Circle.prototype = Object.create(Shape.prototype);
          Circle.prototype.set = function (r) { this.r = r; return this; };
          Circle.prototype.area = function () { return Math.PI * this.r * this.r; };
          function Empty() {}
          Empty.prototype = { fill: function (list) { this.list = list.slice(); return this; }, sum: function () { return this.list[0] * this.list[1]; } };
          exports.area = function (r) { var c = new Circle(r); return c instanceof Shape && c.kind === "shape" ? c.twice() : NaN; };
          exports.sum = function (a, b) { var e = new Empty(); return e.fill([a, b]).sum(); };`,
    imports: "{ area, sum }",
    result: "area(x) + sum(x, x)",
  },
  {
    name: "classes without types: fields that methods fill, accessors, private members, statics, a class above",
    lib: `class Base { constructor(...args) { this.reset(); if (args.length === 2) this.set(args[0], args[1]); }
            reset() { this.x = 1; this.y = 1; return this; }
            set(x, y) { this.x = x; this.y = y; return this; }
            copy() { return new this.constructor(this.x, this.y); } }
          Base.prototype.isBase = true;
          const Sub = class extends Base {
            #scale = 3;
            constructor(x, y) { super(x, y); this.list = []; for (let i = 0; i < 3; i++) this.list.push(x * i); }
            get norm() { return this.isBase ? Math.hypot(this.x, this.y) * this.#scale : 0; }
            set both(v) { this.x = this.y = v; }
            static unit() { return new Base(); }
          };
          module.exports = { Sub, Base };`,
    imports: "{ Sub }",
    result: "(() => { const s = new Sub(x, 2).copy(); s.both = s.list[2] + x; return s.norm * Sub.unit().x; })()",
  },
  {
    name: "classes that hold the same, apart by what was tested",
    lib: `class A { constructor(x) { this.x = x; this.kind = "a"; } v() { return this.x; } }
          class B { constructor(x) { this.x = x; this.kind = "b"; } v() { return this.x * this.x; } }
          export function f(x) {
            const a = new A(x), b = new B(x);
            const list = [new B(x), new B(2)];
            list[0] = b;
            return x > 1 ? a.v() + list[0].v() : b.v() * (b.kind === "b" ? 3 : 1);
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "what a module keeps to work in, written before it is read",
    lib: `class V { constructor(x = 0, y = 0) { this.x = x; this.y = y; } copy(v) { this.x = v.x; this.y = v.y; return this; }
            scale(s) { this.x *= s; this.y *= s; return this; } sum() { return this.x + this.y; } }
          const _v = new V(), tmp = new Float64Array(3), P = { re: 0, im: 0 };
          function parse(a) { const z = P; if (a > 1) { z.re = a; z.im = 1; } else { z.re = a * a; z.im = a; } return z; }
          function fill(out, a) { out[0] = a; out[1] = a * a; out[2] = out[0] * out[1]; return out; }
          export function f(a) {
            _v.copy(new V(a, 2)).scale(a);
            const z = parse(a);
            return _v.sum() + fill(tmp, a)[2] + tmp[1] + z.re * z.im;
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "functions that ask what they were given",
    lib: `Number.prototype.toRadians = function () { return this * Math.PI / 180; };
          function point(a, b) {
            if (typeof a === "object" && "x" in a) return a;
            if (Array.isArray(a)) return { x: a[0], y: a[1] };
            if (typeof a === "string" && /^[0-9]+$/.test(a)) return null;
            return { x: a, y: arguments.length > 1 ? b : 1 };
          }
          export function total() {
            var list = Array.prototype.slice.call(arguments), s = 0;
            for (var i = 0; i < list.length; i++) s += list[i];
            return s;
          }
          export function f(a) {
            const p = point(a, 2), q = point([a, a]), r = point(a);
            const n = a && a.length === 3 ? 0 : a;
            return p.x * p.y + q.x * q.y + r.x * r.y + n.toRadians();
          }`,
    imports: "{ f, total }",
    result: "f(x) + total(x, 2, x)",
  },
  {
    name: "functions that are kept: in variables, fields, options, and handed back by one of several ends",
    lib: `function linear(t) { return t; }
          function Solver(deriv, y) { this.deriv = deriv; this.y = y; }
          Solver.prototype.step = function (h) { this.y += h * this.deriv(this.y); return this; };
          function tween(t, options) {
            options = options || {};
            var ease = options.ease || linear;
            var shape = { k: 2, at: function (u) { return ease(u) * this.k; }, plus(u) { return this.at(u) + 1; } };
            return shape.plus(t);
          }
          function make(a, b) {
            if (a === b) return linear;
            var c = a * b;
            return function (t) { return c * t * t; };
          }
          function newton(f, fp, x0) {
            if (typeof fp !== "function") { x0 = fp; fp = null; }
            return x0 - f(x0) / (fp ? fp(x0) : 1);
          }
          export function f(x) {
            let g = linear;
            g = function (t) { return t * t; };
            const s = new Solver(function (y) { return -y * x; }, x).step(0.1).step(0.2);
            return g(x) + s.y + tween(x, { ease: g }) + tween(x) + make(2, 3)(x) + newton(g, function (t) { return 2 * t; }, x) + newton(g, x);
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "an object with a method `length`",
    lib: `export class V { constructor(x = 0, y = 0) { this.x = x; this.y = y; }
            length() { return Math.sqrt(this.x * this.x + this.y * this.y); }
            add(v) { return this.addVectors(this, v); }
            addVectors(a, b) { this.x = a.x + b.x; this.y = a.y * b.y; return this; } }`,
    imports: "{ V }",
    result: "new V(x, 2).add(new V(x, x)).length()",
  },
  {
    name: "what is given twice while the module is loaded",
    lib: `export const ease = { in: function (x) { return x * x; }, out: null };
          for (const name of ["in"]) ease[name] = function (x) { return x * 3; };
          var pick = function (x) { return x; };
          pick = function (x) { return x * x * x; };
          const set = (name, f) => { ease[name] = f; };
          set("out", pick);`,
    imports: "{ ease }",
    result: "ease.in(x) * ease.out(x)",
  },
  {
    name: "members that helper functions give",
    lib: `function extend(to) { for (var k = 1; k < arguments.length; k++) for (var key in arguments[k]) to[key] = arguments[k][key]; return to; }
          function define(maker, factory, prototype) { maker.prototype = factory.prototype = prototype; prototype.constructor = maker; }
          function inherit(parent, more) { var made = Object.create(parent.prototype); for (var key in more) made[key] = more[key]; return made; }
          export var lib = {};
          extend(lib, { sq: function (x) { return x * x; } }, { cube: function (x) { return lib.sq(x) * x; } });
          (function (names) {
            for (var k = 0; k < names.length; k++) (function (name, power) {
              lib[name] = function (x) { return Math.pow(x, power) * (name === "p2" ? 1 : 2); };
            })(names[k], k + 2);
          })("p2 p3".split(" "));
          function Color() {}
          define(Color, color, { brighter: function (k) { return new this.constructor(this.r * k); } });
          function color(r) { return new Rgb(r); }
          function Rgb(r) { this.r = +r; }
          define(Rgb, rgb, inherit(Color, { sum: function () { return this.r * this.r; } }));
          function rgb(r) { return new Rgb(r); }
          export { rgb };`,
    imports: "{ lib, rgb }",
    result: "lib.cube(x) + lib.p2(x) * lib.p3(x) + rgb(x).brighter(2).sum()",
  },
  {
    name: "tables and instances that are made while the module is loaded",
    lib: `const grid = new Float64Array(8), names = {};
          for (let k = 0; k < 8; k++) grid[k] = k % 3 ? Math.sqrt(k) : -k;
          ["one", "two"].forEach((name, k) => { names[name.toUpperCase()] = k + 1.5; });
          class Ellipsoid { constructor(a, f) { this.a = a; this.b = a * (1 - f); this.c = [1, f, f * f]; }
            radius(x) { let s = 0; for (let k = 0; k < this.c.length; k++) s += this.c[k] * Math.cos(k * x); return s * this.b; } }
          export const earth = new Ellipsoid(6.4, 0.3);
          const memo = new Map();
          export const tables = { at: function (x, k) { return grid[k & 7] * x + this.scale; }, scale: names["TWO"], memo };
          export function f(x) { let s = 0; for (let k = 0; k < 20; k++) s += tables.at(x, k) * names.ONE; return s; }`,
    imports: "{ earth, f }",
    result: "earth.radius(x) * f(x)",
  },
  {
    name: "a table of modules, as bundlers write it",
    lib: `(function (root, factory) {
            if (typeof exports === "object" && typeof module === "object") module.exports = factory();
            else if (typeof define === "function" && define.amd) define([], factory);
            else root.Lib = factory();
          })(this, function () {
            return (function (modules) {
              var cache = {};
              function load(id) {
                if (cache[id]) return cache[id].exports;
                var module = (cache[id] = { i: id, l: false, exports: {} });
                modules[id].call(module.exports, module, module.exports, load);
                module.l = true;
                return module.exports;
              }
              return load(1);
            })([
              function (module, exports) { var V = {}; module.exports = V; (function () { V.dot = function (a, b) { return a.x * b.x + a.y * b.y; }; })(); },
              function (module, exports, load) { var Lib = (module.exports = {}); Lib.Vector = load(0); Lib.norm = function (a) { return Math.sqrt(Lib.Vector.dot(a, a)); }; },
            ]);
          });`,
    imports: "Lib",
    result: "Lib.norm({ x, y: 2 }) + Lib.Vector.dot({ x, y: x }, { x: 3, y: x })",
  },
  {
    name: "one of two functions, chosen while the program runs",
    lib: `export function f(x) { let g = function (t) { return t; }; if (x > 1) g = function (t) { return t * t; }; return g(x); }`,
    imports: "{ f }",
    result: "f(x) + f(0.5 * x) * f(-x)",
  },
];

test.each(shapes.map((shape) => [shape.name, shape] as const))("%s", (_, shape) => {
  checkShape(shape);
});

const unsettled = [
  `export const ease = {}; ease.in = function (x) { return x * x; };
   if (Math.random() > 2) ease.in = function (x) { return x; };`,
  `export const ease = {}; export const set = (name, f) => { ease[name] = f; };
   set("in", function (x) { return x; });`,
  `export const ease = { in: function (x) { return x * x; } };
   export function later() { ease.in = function (x) { return x; }; }`,
  `export const ease = { in: function (x) { return x * x; } };
   export function set(name, f) { ease[name] = f; }`,
  `export const ease = { in: function (x) { return x * x; } };
   const hand = (o) => { o.in = function (x) { return x; }; };
   export function later() { const held = [ease]; held.forEach(hand); }`,
  `export const ease = { in: function (x) { return x * x; } };
   export function later() { Object.assign(ease, { in: function (x) { return x; } }); }`,
  `export let ease = { in: function (x) { return x * x; } };
   export function later() { ease = { in: function (x) { return x; } }; }`,
];

const refusals: readonly (readonly [string, string, RegExp])[] = [
  [
    "a memo in what a module keeps",
    `const last = { at: 0, value: 0 };
     export function f(x) { if (last.at !== x) { last.at = x; last.value = x * x; } return last.value; }`,
    /EZ2024 at last.at/,
  ],
  [
    "what an earlier call has left",
    `const tmp = new Float64Array(2);
     export function f(x) { if (x > 1) tmp[0] = x; return tmp[0] * x; }`,
    /EZ2024 at tmp\[0\]/,
  ],
  [
    "an instance that gets away before it is made",
    `const all = [];
     function V(x) { all.push(this); this.x = x; }
     export function f(x) { return new V(x).x; }`,
    /EZ/,
  ],
  [
    "a constructor whose base returns something else",
    `class B { constructor(o) { return o; } }
     class V extends B { constructor(o) { super(o); this.y = 2; } }
     export function f(x) { return new V({ x }).y * x; }`,
    /EZ2001.*returns another object/,
  ],
  [
    "a constructor that returns something else, perhaps",
    `function V(x) { this.x = x; if (x > 1) return { x: x * x }; }
     export function f(x) { return new V(x).x; }`,
    /EZ2001.*returns another object/,
  ],
  ...["const o = x > 1 ? new A(x) : new B(x);", "const list = [new A(x)]; list[0] = new B(x); const o = list[0];"].map(
    (choice): readonly [string, string, RegExp] => [
      "one of two classes that hold the same: " + choice,
      `class A { constructor(x) { this.x = x; } v() { return this.x; } }
       class B { constructor(x) { this.x = x; } v() { return this.x * this.x; } }
       export function f(x) { ${choice} return o.v(); }`,
      /EZ20/,
    ],
  ),
  [
    "a function that keeps the instance that was being made",
    `function V(x) { var self = this; this.x = x; this.set = function (y) { self.x = y; }; this["put"] = function (y) { self["x"] = y; }; }
     export function f(x) { const v = new V(x); v.set(x * x); v.put(x * x); return v.x; }`,
    /EZ20/,
  ],
  [
    "a function that a loop exchanges",
    `export function f(x) {
       let g = function (t) { return t; }, h = function (t) { return t * t; };
       for (let i = 0; i < 2; i++) { const k = g; g = h; h = k; }
       return g(x);
     }`,
    /EZ2013/,
  ],
];

test.each(refusals)("refused: %s", (_, lib, expected) => {
  expect(diagnosticsOf(lib)).toMatch(expected);
});

test.each(unsettled)("what is given twice, or perhaps, is not settled: %s", (lib) => {
  // what the compiler does not know either, it says itself
  expect(diagnosticsOf(lib, "{ ease }", "ease.in(x)")).toMatch(/EZ20\d\d|EZ1025/);
});
