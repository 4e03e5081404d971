/** JavaScript that guards against what it is not given: text, errors as answers, functions called without `new`. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const parse = `const bad = new Error("#VALUE!"), num = new Error("#NUM!");
          function parse(v) {
            if (v instanceof Error) return v;
            if (v === undefined || v === null) return 0;
            if (typeof v === "boolean") v = +v;
            if (!isNaN(v) && v !== "") return parseFloat(v);
            return bad;
          }
          function anyIsError() { let n = arguments.length; while (n--) { if (arguments[n] instanceof Error) return true; } return false; }`;

const shapes: readonly Shape[] = [
  {
    name: "errors as answers",
    lib: `${parse}
          export function root(x) { x = parse(x); if (x instanceof Error) return x; if (x < 0) return num; const r = Math.sqrt(x); return isNaN(r) ? num : r; }
          export function pay(rate, n, v, w) { w = w || 0; rate = parse(rate); n = parse(n); v = parse(v); w = parse(w); if (anyIsError(rate, n, v, w)) return bad; return -(v * rate + w) / (1 - (1 + rate) ** -n); }`,
    imports: "{ root, pay }",
    result: '(root(x) as number) * (pay(x, 10, 3 * x, undefined) as number) + (pay(x, "3", true, null) as number)',
  },
  {
    name: "errors among the elements of a list",
    lib: `${parse}
          function all(list) { let n = list.length; while (n--) { if (list[n] instanceof Error) return list[n]; const p = parse(list[n]); if (p instanceof Error) return p; list[n] = p; } return list; }
          export function sum() { const list = all(Array.from(arguments)); if (list instanceof Error) return list; let s = 0; for (let i = 0; i < list.length; i++) s += list[i] * (i + 1); return s; }
          export function mean(values, guess) { values = all(values.slice()); if (anyIsError(values, guess)) return bad; let s = guess; for (let i = 0; i < values.length; i++) s += values[i]; return s / values.length; }`,
    imports: "{ sum, mean }",
    result: "(sum(x, 2, x * x) as number) * (mean([x, 3, x * x], x) as number)",
  },
  {
    name: "numbers that are text for a while",
    lib: `function isDecimal(v) { const t = v.toString().trim(); if (isNaN(parseFloat(t))) return false; return parseFloat(t) === Number(t); }
          export function decimal(v) { if (isDecimal(v)) return Number(v); throw new Error("no number"); }
          export const again = (x) => +String(x) * Number(x.toString()) + "2.5" * x;
          export function place(x) { const i = parseInt(x * 3, 10); return x * (i + parseInt("12px")); }`,
    imports: "{ decimal, again, place }",
    result: "decimal(x) * again(x) * place(x)",
  },
  {
    name: "numbers that are compared with booleans",
    lib: `export function tail(x, t) { if (t !== 1 && t !== 2) return x * x; return t === 1 ? x : 3 * x; }
          export function loose(x, t) { return t == 1 ? x * 2 : t != 0 ? x : x * x * x; }
          export function asked(x) { const is = x > 1; return is === 1 ? x : is == 1 ? x * x : is == 0 ? 5 * x : 7; }`,
    imports: "{ tail, loose, asked }",
    result: "tail(x, true) * loose(x, true) * tail(x, 1) + loose(x, false) * asked(x)",
  },
  {
    name: "recursion through another function, without types",
    lib: `function gamma(x) { if (x <= 0) throw new RangeError("x"); else if (x < 1) return gamma(x + 1) / x; else if (x < 12) { var p = 1; while (x > 2) { x -= 1; p *= x; } return p * (1 + x * x * 0.1); } return Math.exp(logGamma(x)); }
          function logGamma(x) { if (x < 12) return Math.log(Math.abs(gamma(x))); return x * Math.log(x) - x; }
          export { gamma, logGamma };`,
    imports: "{ gamma, logGamma }",
    result: "gamma(x) + logGamma(x * 3) * logGamma(x + 14) + logGamma(1 + x)",
  },
  {
    name: "recursion into arrays within arrays",
    lib: `export function deep(...m) { var s = 0; m.forEach(function (a) { s += Array.isArray(a) ? deep(...a) : a; }); return s; }
          export function total(m) { if (typeof m === "number") return m * m; var s = 0; for (var i = 0; i < m.length; i++) s += total(m[i]) * (i + 1); return s; }
          export function all() { var s = 0, list = Array.from(arguments); for (var i = 0; i < list.length; i++) s += Array.isArray(list[i]) ? all.apply(null, list[i]) : list[i]; return s; }
          export function scaled(m, k) { return Array.isArray(m) ? m.map((one) => scaled(one, k)) : m * k; }`,
    imports: "{ deep, total, all, scaled }",
    result: "deep(x, [x * x, 2], x) * total([[x, 2], [3, x]]) + all([[x, 1], [x * x]], [[x]]) * scaled([x, 1], x)[0]",
  },
  {
    name: "functions that are called without new, or must not be",
    lib: `export function Vec(x, y) { if (!(this instanceof Vec)) return new Vec(x, y); this.x = x; this.y = y; }
          Vec.prototype.dot = function (o) { return this.x * o.x + this.y * o.y; };
          function _classCallCheck(instance, Constructor) { if (!(instance instanceof Constructor)) { throw new TypeError("Cannot call a class as a function"); } }
          export var P = (function () { function P(x) { _classCallCheck(this, P); this.x = x; } P.prototype.sq = function () { return this.x * this.x; }; return P; })();`,
    imports: "* as lib",
    result: "(lib as any).Vec(x, 2).dot(new (lib as any).Vec(3, x * x)) * new lib.P(x).sq()",
  },
  {
    name: "objects that are made of others",
    lib: `var __assign = (this && this.__assign) || function () {
            __assign = Object.assign || function (t) { for (var s, i = 1, n = arguments.length; i < n; i++) { s = arguments[i]; for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p)) t[p] = s[p]; } return t; };
            return __assign.apply(this, arguments);
          };
          var __rest = function (s, e) { var t = {}; for (var p in s) if (e.indexOf(p) < 0) t[p] = s[p]; return t; };
          export function area(o) { var all = __assign(__assign({ a: 1 }, { b: 2 }), o); return all.a * all.b; }
          export function other(o) { var all = Object.assign({}, { a: 1, b: 2 }, o, undefined); var rest = __rest(o, ["a"]); return all.a * all.b * rest.c; }
          export function frozen(x) { var o = Object.freeze({ a: x, b: 2 }); return o.hasOwnProperty("a") && Object.prototype.hasOwnProperty.call(o, "b") ? o.a * o.b : 0; }`,
    imports: "{ area, other, frozen }",
    result: "area({ a: x }) * other({ a: x * x, c: x }) + frozen(x)",
  },
];

for (const shape of shapes) test(shape.name, () => checkShape(shape));

test("a module is no function", () => {
  expect(diagnosticsOf("export const f = (x) => x;", "* as f", "f(x)")).toContain("EZ2013");
});

test.each([
  ["text of which nothing is known", "EZ2016", `export const f = (x) => parseFloat(x.toFixed(2));`],
  [
    "a frozen object that is written",
    "EZ2",
    `export function f(x) { var o = Object.freeze({ a: x }); o.a = 3; return o.a * x; }`,
  ],
  [
    "a result that is always an error",
    "EZ2001",
    `const bad = new Error("bad"); export function f(x, t) { if (t !== 1) return bad; return x; }`,
  ],
  [
    "errors that are compared",
    "EZ2026",
    `const bad = new Error("bad"); export function f(x) { const r = x > 1 ? bad : x; return r === bad ? x : x * x; }`,
  ],
])("refused: %s", (_, code, lib) => {
  expect(diagnosticsOf(lib)).toContain(code);
});
