/** JavaScript that asks what it was called with: `arguments`, `apply` and `call`, methods that it borrows. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const each = `function each(list, f) { var i = -1, n = list.length; while (++i < n) { if (f(list[i], i, list) === false) break; } return list; }
          function toArray(args) { var r = []; each(args, function (v) { r.push(v); }); return r; }`;

const shapes: readonly Shape[] = [
  {
    name: "arguments that a helper copies into an array",
    lib: `${each}
          export function sum() { var s = 0; each(toArray(arguments), function (v) { s += v; }); return s; }`,
    imports: "{ sum }",
    result: "sum(x, 2, x * x) * sum(x)",
  },
  {
    name: "arguments handed on",
    lib: `var slice = Array.prototype.slice;
          function product() { var a = slice.call(arguments), p = 1; for (var i = 0; i < a.length; i++) p *= a[i]; return p; }
          function largest() { return Math.max.apply(Math, arguments); }
          export function both() { return product.apply(this, arguments) + largest.apply(null, arguments); }
          export function rest() { return product.apply(null, slice.call(arguments, 1)) * product.apply(null, [].slice.call(arguments, 0, 2)); }
          export const list = (v) => product.apply(null, v) + product(...v);`,
    imports: "{ both, rest, list }",
    result: "both(x, x * x, 2) + rest(x, 3, x) + list([x, x, 4])",
  },
  {
    name: "unlike arguments",
    lib: `var isArray = Array.isArray || function (a) { return false; };
          export function first() { for (var i = 0; i < arguments.length; i++) { if (isArray(arguments[i])) return arguments[i][0]; } return 0; }
          export function numbers() { let s = 0; for (const a of arguments) if (typeof a === "number") s += a * a; return s; }
          export function hasText() { var n = arguments.length; while (n--) { if (typeof arguments[n] === "string") return true; } return false; }`,
    imports: "{ first, numbers, hasText }",
    result:
      'first(x, [x * x, 2], [1]) * numbers("a", x, [3], 2 * x) * (hasText(x, "b") ? 2 : 3) + (hasText(x) ? 5 : x)',
  },
  {
    name: "the object of arguments is no array",
    lib: `var toString = Object.prototype.toString;
          function kind(a) { return Array.isArray(a) || a instanceof Array ? 2 : a.map ? 3 : toString.call(a) === "[object Arguments]" ? 5 : 7; }
          export function f(x) { var args = arguments; return args[0] * kind(args) + (typeof args.length === "number" ? args[1] * kind(args) : 0); }
          export function parts() { const [a, b = 3, ...more] = [...arguments]; const { length } = arguments; return a * b * length + more.length; }`,
    imports: "{ f, parts }",
    result: "f(x, x * x) + parts(x, x * 2, 1) * parts(x)",
  },
  {
    name: "methods that are borrowed",
    lib: `var push = Array.prototype.push;
          export function mean() { var all = [1]; push.apply(all, arguments); return all.reduce(function (a, b) { return a + b; }) / all.length; }
          export function squares() { return Array.prototype.map.call(arguments, function (a) { return a * a; }); }
          export function joined(a, b) { var all = a.slice(); Array.prototype.push.apply(all, b); return all[all.length - 1] * all[0]; }`,
    imports: "{ mean, squares, joined }",
    result: "mean(x, x * x) * squares(3, x)[1] + joined([x, 1], [2, x])",
  },
  {
    name: "parameters that are assigned, under use strict",
    lib: `export function f(a, b) { a = 3 * b; return arguments[0] * a; }
          export function g(a) { a = arguments.length > 0 ? a : 1; return a * a; }`,
    imports: "{ f, g }",
    result: "f(x, x * x) * g(x)",
  },
  {
    name: "a parameter that is assigned, and others that are walked, in old code",
    lib: `module.exports.worth = function (rate) { rate = rate / 10; var sum = 0; for (var i = 1; i < arguments.length; i++) sum += arguments[i] / Math.pow(1 + rate, i); return sum * rate; };`,
    imports: "{ worth }",
    result: "(worth as any)(x, 2 * x, 3, x * x)",
  },
];

for (const shape of shapes) test(shape.name, () => checkShape(shape));

test.each([
  ["elements that are written", `export function f(a, b) { arguments[0] = b; return a; }`],
  [
    "elements that a helper writes",
    `function set(list) { list[0] = 2; } export function f(a, b) { set(arguments); return a; }`,
  ],
  ["a method that changes it", `export function f(a, b) { return [].shift.call(arguments) * b; }`],
  ["what is kept", `export function f(a, b) { var all = [arguments]; return all[0][1] * a; }`],
  [
    "a parameter that is assigned, in old code",
    `module.exports.f = function (a, b) { a = 3 * b; return arguments[0] * a; };`,
  ],
  [
    "a parameter that is assigned, and all that are walked, in old code",
    `module.exports.f = function (a, b) { a = 3 * b; var s = 0; for (var i = 0; i < arguments.length; i++) s += arguments[i]; return s; };`,
  ],
])("refused: %s", (_, lib) => {
  expect(diagnosticsOf(lib, "{ f }", "f(x, 2)")).toContain("EZ2012");
});
