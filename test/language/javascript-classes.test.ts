/** JavaScript classes, and the objects that modules keep for their functions to work in. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const points = `class P {
  constructor(x = 0, y = 0) { this.x = x; this.y = y; }
  sub(a, b) { this.x = a.x - b.x; this.y = a.y - b.y; return this; }
  add(a) { this.x += a.x; this.y += a.y; return this; }
  dist(v) { const dx = this.x - v.x, dy = this.y - v.y; return dx * dx + dy * dy; }
}`;

const vectors = `class Vec extends Array {
  get x() { return this[0]; }
  set x(v) { this[0] = v; }
  get y() { return this[1]; }
  set y(v) { this[1] = v; }
  set(...values) { for (let i = 0; i < this.SIZE; i++) this[i] = values[i]; return this; }
  copied() { const c = new this.constructor(); for (let i = 0; i < this.SIZE; i++) c[i] = this[i]; return c; }
  dot(b) { let s = 0; for (let i = 0; i < this.SIZE; i++) s += this[i] * b[i]; return s; }
}`;

const shapes: readonly Shape[] = [
  {
    name: "a class that asks which one is made",
    lib: `class Base { constructor(x) { if (new.target === Base) throw new TypeError("abstract"); this.name = new.target.name; this.x = x; } get() { return this.x * this.k(); } }
          class Sub extends Base { constructor(x) { super(x * 2); this.z = x; } k() { return this.z; } }
          function Old(x) { if (!new.target) return new Old(x); this.x = x * x; }
          export function f(x) { const s = new Sub(x); return s.get() * (s.name === "Sub" ? 2 : 3) + Old(x).x * new Old(x * 2).x; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "what instances in a list are by the text that their class gives them",
    lib: `class Line { constructor(a, b) { this.a = a; this.b = b; this.type = "line"; } len() { return this.b - this.a; } }
          class Ray extends Line { constructor(a, b) { super(a, b); this.type = "ray"; } }
          class Half extends Line { become() { this.type = "half"; } }
          class Shape { constructor(kind, v) { this.kind = kind; this.v = v; } }
          const set = (o, t) => { o.type = t; };
          const sum = (l) => { let s = 0; for (const e of l) s += e.type === "line" ? e.a : e.type === "circle" ? 2 * e.b : e.len() * 2; return s; };
          export function f(x) {
            const halves = [new Half(x, 2), new Half(1, x)], lines = [new Line(x, 2), new Line(1, x)], others = [new Line(x, 2), new Line(1, x)];
            halves[0].become(); set(lines[0], "half"); others[1]["type"] = "ray";
            let s = 0;
            for (const e of [new Shape("a", x), new Shape("b", x * x)]) s += e.kind === "a" ? e.v : e.v * 3;
            return s * sum([new Ray(x, 2), new Ray(1, x * x)]) + sum(halves) * sum(lines) * sum(others) * sum([new Line(x, 2)]);
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "dates, numbers and instances that are told apart",
    lib: `class Time { constructor(d) { if (d instanceof Time) { this.t = d.t; return; } if (d instanceof Date) { this.t = d.getTime() / 864e5; return; } this.t = d; } }
          const make = (d) => (d instanceof Time ? d : new Time(d));
          export function f(x) { return make(x).t * make(make(2)).t * make(new Date(1e9)).t; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "fields that a compiler defines",
    lib: `class G {
            constructor(mean, v) {
              Object.defineProperty(this, "mean", { enumerable: true, configurable: true, writable: true, value: mean });
              Object.defineProperty(this, "v", { enumerable: true, configurable: true, writable: true, value: void 0 });
              this.v = v;
            }
            at(x) { return Math.exp(-((x - this.mean) ** 2) / (this.v * this.v + 1)); }
          }
          export function f(x) { const g = new G(x, 2 * x); g.mean *= 2; return g.at(0.3) * g.v; }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "what an instance is by the text in one of its fields",
    lib: `class Line { constructor(a, b) { this.a = a; this.b = b; this.type = "line"; } len() { return this.b - this.a; } }
          class Angle { constructor(a) { this.a = a; this.type = "angle"; } shape(f) { return new Line(this.a, this.a * 2); } }
          const isAngle = (s) => s.type === "angle";
          function meet(...all) { let [a, b] = all; if (isAngle(a)) a = a.shape(true); if (isAngle(b)) b = b.shape(true); return a.len() * b.len(); }
          class Flip { constructor(x) { this.kind = "a"; this.v = x; } flip() { this.kind = this.kind === "a" ? "b" : "a"; return this; } get() { return this.kind === "a" ? this.v : this.v ** 2; } }
          export function f(x) { return meet(new Line(x, 3), new Angle(x * x)) + new Flip(x).flip().get() * new Flip(x).flip().flip().get(); }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "a constructor that answers with what a method does, or with a number",
    lib: `class Color {
        constructor(r, g) { this.r = 1; this.g = 1; return this.set(r, g); }
        set(r, g) { this.r = r; this.g = g; return this; }
      }
      function Point(x) { if (!(this instanceof Point)) return new Point(x); this.x = x; return 3; }
      export function value(x) { const c = new Color(x, x * x); return c.r * c.g + Point(x).x; }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "a constructor that answers with the instance that it is given",
    lib: `const last = (list) => {
        const l = list.length - 1;
        return typeof list[l] === "string" ? list[l].toLowerCase() : null;
      };
      class Color {
        constructor(...args) {
          if (args[0] instanceof Color) return args[0];
          this.rgb = last(args) === "rgb" ? args.slice(0, -1) : args;
        }
      }
      export function value(x) {
        const a = new Color(x, 2 * x, "rgb"), b = new Color(a), c = new Color(x, 3);
        b.rgb[0] *= x;
        return a.rgb[0] * b.rgb[1] + c.rgb[0];
      }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "an element of a list, or what a module keeps to work in",
    lib: `${points}
          const tmp = new P();
          const tmp2 = new P();
          export function value(x) {
            const points = [new P(x, x * x), new P(1, 2), new P(Math.sin(x), 3)];
            const l = points.length;
            let p0, p3;
            const i = Math.floor(x);
            if (i > 0) p0 = points[i - 1];
            else { tmp.sub(points[0], points[1]).add(points[0]); p0 = tmp; }
            if (i + 2 < l) p3 = points[i + 2];
            else { tmp2.sub(points[l - 1], points[l - 2]).add(points[l - 1]); p3 = tmp2; }
            return p0.dist(points[i]) * p0.x + points[i + 1].dist(p3) * p3.y;
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "one of two things that a module keeps to work in, which is changed afterwards",
    lib: `${points}
          const tmp = new P();
          const tmp2 = new P();
          export function value(x) {
            tmp.sub(new P(x, 1), new P(2, x));
            let p = tmp;
            if (x > 1) { tmp2.sub(new P(x * x, 1), new P(2, x)); p = tmp2; }
            tmp.x *= 3;
            p.add(new P(x, 3));
            return p.x * p.y + tmp.y;
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "a class that extends Array",
    lib: `${vectors}
          export class Vec3 extends Vec {
            constructor(x = 0, y = x, z = x) { super(x, y, z); return this; }
            get SIZE() { return 3; }
            cross(b) { return this.set(this.y * b[2] - this[2] * b.y, this[2] * b.x - this.x * b[2], this.x * b.y - this.y * b.x); }
          }
          export class Mat2 extends Vec {
            constructor() { super(4); this[0] = this[3] = 1; this[1] = this[2] = 0; }
            get SIZE() { return 4; }
            turn(a) { const [p, q, r, s] = this; const c = Math.cos(a), t = Math.sin(a); return this.set(p * c + r * t, q * c + s * t, r * c - p * t, s * c - q * t); }
          }`,
    imports: "{ Vec3, Mat2 }",
    result:
      "new Vec3(x, 2, x * x).cross(new Vec3(1, x)).dot([1, x, 3]) * new Mat2().turn(x).copied()[0]! + new Vec3(x).x",
  },
  {
    name: "instances of several array classes, and arrays, of which each has methods of its own",
    lib: `${vectors}
          class A extends Vec { constructor(x) { super(x, x); } get SIZE() { return 2; } size() { return this[0] * 2; } }
          class B extends A { size() { return super.size() + this.x * this.x; } }
          export function value(x) {
            let v = new A(x);
            if (x > 1) v = new B(x * x);
            const list = [new A(1), new A(x)];
            let sum = 0;
            for (const one of [new A(x), new A(2)]) sum += one.size();
            const w = x > 1 ? new A(x) : [x, 3];
            const kind = v instanceof B ? 2 : v instanceof Array && Array.isArray(v) ? 3 : 4;
            return kind * v.size() + sum + (w instanceof A ? w.x : w[0]) * w[1] + list[1].x;
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "a constructor of arrays that a module keeps in a variable",
    lib: `export let ARRAY_TYPE = typeof Float64Array !== "undefined" ? Float64Array : Array;
          const isTyped = (a) => ArrayBuffer.isView(a) && !(a instanceof DataView);
          function create() {
            const out = new ARRAY_TYPE(2);
            if (ARRAY_TYPE != Float32Array) { out[0] = 0; out[1] = 0; }
            return out;
          }
          const tmp = new Array(2);
          export function f(x) {
            const a = create();
            a[0] = x * x; a[1] = x;
            tmp[0] = a[1]; tmp[1] = a[0];
            return (isTyped(a) ? 3 : 4) * tmp[0] * tmp[1] + (isTyped([x]) ? 1 : x) + (Array.isArray(a) ? 0 : x);
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "arrow functions in fields, and getters of the class above",
    lib: `class A { k = 2; scaled = (x) => x * this.k; constructor(k) { this.k = k; } }
          class Base { get twice() { return this.v * 2; } }
          class C extends Base { constructor(v) { super(); this.v = v; } get twice() { return super.twice * 3; } }
          export function f(x) {
            const a = new A(x), b = new A(2 * x), c = new C(x * x);
            b.k *= x;
            return a.scaled(x) * b.scaled(3) + c.twice;
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "what constructors give their prototypes, fixed dates, and copies of constants",
    lib: `class V { constructor(x) { V.prototype.isV = true; this.x = x; } copied() { return new this.constructor(this.x); } }
          class W extends V { constructor(x) { super(x * 2); } }
          const start = new Date("2000-01-01T12:00:00Z");
          export const UNIT = [1, 0, 3];
          export function f(x) {
            const days = new Date(start.getTime() + 86400000).getTime() - start.getTime();
            const u = UNIT.slice(0);
            u[0] *= x;
            const v = new W(x).copied();
            return (v.isV ? v.x * x : x) * (days / 86400000) + u[0] * u[2];
          }`,
    imports: "{ f }",
    result: "f(x)",
  },
  {
    name: "classes that are handed over, and asked of instances",
    lib: `class V {
            constructor(x, y) { this.x = x; this.y = y; }
            static of(x) { return new this(x, 1); }
            static weight() { return 1; }
            clone() { return new this.constructor(this.x, this.y); }
            equals(o) { return o.constructor === this.constructor; }
            scaled() { return this.constructor.weight() * this.x; }
            dot(o) { return this.x * o.x + this.y * o.y; }
          }
          class W extends V {
            static weight() { return 3; }
            dot(o) { return 2 * super.dot(o); }
          }
          function make(C, x) { return new C(x, 2); }
          export function value(x) {
            const v = W.of(x), w = make(V, x * x), u = w.clone();
            const name = v.constructor.name === "W" ? x : 0;
            return v.dot(w) * (v.equals(u) ? 5 : 7) + v.scaled() * u.scaled() + name + (u.equals(w) ? x * x : 0);
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "a field that holds the class of an array",
    lib: `function Stepper(y, f) {
            this.y = y;
            this.f = f;
            this._ctor = this.y.constructor;
            this._k = new this._ctor(y.length);
          }
          Stepper.prototype.step = function (h) {
            this.f(this._k, this.y);
            for (var i = 0; i < this.y.length; i++) this.y[i] += h * this._k[i];
            return this;
          };
          Stepper.prototype.clone = function () { return new this.constructor(this.y.slice(), this.f); };
          export function value(x) {
            var s = new Stepper(new Float64Array([x, 1]), function (k, y) { k[0] = -y[1]; k[1] = y[0] * y[0]; });
            return s.step(0.1).clone().step(0.2).y[1] * (s.constructor === Stepper && s.y.constructor === Float64Array ? 2 : 3);
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "getters of members of which the checker says that they are undefined, and objects that are frozen",
    lib: `const lib = { Point: undefined };
          class Shape {}
          const Segment = class Segment extends Shape {
            constructor(...args) {
              super();
              this.ps = new lib.Point();
              this.pe = new lib.Point();
              if (args.length === 2) { this.ps = args[0].clone(); this.pe = args[1].clone(); return; }
              throw new Error("no segment");
            }
            get start() { return this.ps; }
            get length() { return Math.hypot(this.start.x - this.pe.x, this.start.y - this.pe.y); }
          };
          class Point {
            constructor(x = 0, y = 0) { this.x = x; this.y = y; }
            clone() { return new lib.Point(this.x, this.y); }
          }
          lib.Point = Point;
          const ellipsoids = { earth: { a: 3, f: 0.1 } };
          Object.freeze(ellipsoids.earth);
          export class Place {
            static get ellipsoids() { return ellipsoids; }
            radius(x, ellipsoid = ellipsoids.earth) {
              if (!ellipsoid) throw new TypeError("no ellipsoid: " + \`\${ellipsoid}\`);
              const { a, f } = ellipsoid;
              return a * (1 - f * Math.sin(x));
            }
          }
          export function value(x) { return new Segment(new Point(x, 1), new Point(2, x * x)).length * new Place().radius(x); }`,
    imports: "{ value }",
    result: "value(x)",
  },
];

test.each(shapes.map((shape) => [shape.name, shape] as const))("%s", (_, shape) => {
  checkShape(shape);
});

const refusals: readonly (readonly [string, string, RegExp])[] = [
  [
    "a member that an earlier call has left, in a branch",
    `${points} const tmp = new P();
     export function f(x) { let p = new P(x, x); if (x > 1) { tmp.y = x; p = tmp; } return p.x * p.y; }`,
    /EZ2024/,
  ],
  [
    "what a branch alone has written",
    `${points} const tmp = new P();
     export function f(x) { let p = new P(x, x); if (x > 1) { tmp.sub(p, p); p = tmp; } return p.x * tmp.x; }`,
    /EZ2024/,
  ],
  [
    "a method that makes another instance of an array class",
    `${vectors} class A extends Vec { constructor(n) { super(n, n); } } export const f = (x) => new A(x).map((e) => e * e)[0];`,
    /EZ2014.*A, which makes another instance/,
  ],
  [
    "a field of an array",
    `class A extends Array { constructor(x) { super(x, 1); this.order = x; } } export const f = (x) => new A(x).order;`,
    /EZ2001.*order/,
  ],
  [
    "an array constructor that the program may set",
    `export let KIND = Float32Array; export function setKind(kind) { KIND = kind; }
     export function f(x) { const a = new KIND(2); a[0] = x; return a[0] * x; }`,
    /EZ2001.*new KIND/,
  ],
  [
    "an array of integers that a module works in",
    `const tmp = new Int32Array(3); export function f(x) { tmp[0] = x * 2.5; return tmp[0] * x; }`,
    /EZ2024/,
  ],
  [
    "an array that is walked in a way of its own",
    `class A extends Array { *[Symbol.iterator]() { yield 1; } } export const f = (x) => { const a = new A(x, x); return [...a][0] * x; };`,
    /EZ2001.*Symbol.iterator/,
  ],
  [
    "a length that nobody knows",
    `class A extends Array { constructor(n) { super(n); } } export const f = (x) => new A(x).length * x;`,
    /EZ2001.*length is not known/,
  ],
];

test.each(refusals)("refused: %s", (_, lib, expected) => {
  expect(diagnosticsOf(lib)).toMatch(expected);
});
