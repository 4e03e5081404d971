/** JavaScript that asks what it was given: the kind of a value, which members an object has. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "the tag of a value",
    lib: `const toString = Object.prototype.toString;
          export function isAnyArray(value) { const tag = toString.call(value); return tag.endsWith("Array]") && !tag.includes("Big"); }
          export function total(x, more) {
            if (isAnyArray(x)) return x[0] * x[1];
            return {}.toString.call(more) === "[object Undefined]" ? x * x : x;
          }`,
    imports: "{ total }",
    result: "total([x, x]) + total(x) + total(Math.sin(x), 1)",
  },
  {
    name: "a table of tags that a loop fills",
    lib: `const kinds = {};
          for (let name of ["Boolean", "Number", "String", "Array"]) kinds[\`[object \${name}]\`] = name.toLowerCase();
          const type = (obj) => kinds[Object.prototype.toString.call(obj)] || "object";
          export function size(x) { return type(x) === "number" ? x * x : type(x) == "array" ? x.length * x[0] : x.x; }`,
    imports: "{ size }",
    result: "size(x) * size([x, 2]) + size({ x: x * 3 })",
  },
  {
    name: "a key that options name, or do not",
    lib: `var RADII = { km: 6371, mile: 3960 };
          export function arc(x, options) {
            options = options || {};
            var R = options.unit in RADII ? RADII[options.unit] : RADII.km;
            return (x * R) / 1000;
          }`,
    imports: "{ arc }",
    result: 'arc(x) * arc(x, { unit: "mile" })',
  },
  {
    name: "the first of some keys that an object has",
    lib: `const keys = ["lat", "latitude", 1];
          function find(point, list) {
            return list.reduce((found, key) => {
              if (Object.prototype.hasOwnProperty.call(point, key) && key !== undefined && found === undefined) return key;
              return found;
            }, undefined);
          }
          export const latitude = (point) => { const key = find(point, keys); if (key === undefined || key === null) return; return point[key]; };
          export const either = (point) => point[["y", "x"].find((key) => key in point)];`,
    imports: "{ latitude, either }",
    result: "latitude({ latitude: x * x, lon: 3 }) * either({ x: x * 2 })",
  },
  {
    name: "methods of lists of names",
    lib: `const dims = ["x", "y", "z"];
          export function dot(a, b) { let sum = 0; dims.forEach(function (d) { if (a.hasOwnProperty(d) && b[d] !== undefined) sum += a[d] * b[d]; }); return sum; }
          export function norm(a) { let sum = 0; for (const d of ["x", "w", "y"]) { if (!(d in a)) continue; sum += a[d] ** 2; } return Math.sqrt(sum); }
          export function pick(a) { return ["x", "q", "y"].filter((d) => d in a).map((d) => a[d] * 2); }
          export const flat = (a) => (dims.every((d) => Object.hasOwn(a, d)) ? 3 : ["r", "x"].some((d) => d in a) ? 2 : 1);`,
    imports: "{ dot, norm, pick, flat }",
    result: "dot({ x, y: 2 }, { x: x * x, y: x }) * norm({ x, y: 1 }) + pick({ x, y: x * x })[1] * flat({ x })",
  },
  {
    name: "what is no number",
    lib: `export function area(r) { return Number.isInteger(r) && r >= 0 ? 7 : Array.isArray(r) && !Number.isNaN(r) ? r[0] * r[1] : r * r; }
          export const given = (x) => (isNaN(x) ? x.value * 2 : x * 3);`,
    imports: "{ area, given }",
    result: "area(x) + area([x, x * x]) + given(x) * given({ value: x })",
  },
  {
    name: "instances that a class keeps, made without its constructor, and members that arrays lack",
    lib: `function Q(w, x) { this.w = w; this.x = x; }
          Q.prototype = {
            w: 1, x: 0,
            scale(k) { return made(this["w"] * k, this["x"] * k); },
            turn(v) { const a = v["x"] ?? v[0]; return made(this.w * a, this.x); },
          };
          function made(w, x) { const f = Object.create(Q.prototype); f["w"] = w; f["x"] = x; return f; }
          Q["ONE"] = made(1, 0.5);
          Q["of"] = function (w, x) { if (w === 0) return Q["ONE"]; return made(w, x); };
          export default Q;`,
    imports: "Q",
    result: "Q.of(x * x, 2).scale(x).turn([x]).w",
  },
  {
    name: "a method asked for as a value, and what a prototype gives to all",
    lib: `class Base { area() { return this.r * this.r; } }
          Base.prototype.kind = "base";
          Base.prototype[Symbol.for("inspect")] = function () { return "x"; };
          class Disc extends Base { constructor(r) { super(); this.r = r; } }
          export function f(x) { const d = new Disc(x); return d.kind === "base" && d.area ? d.area() : x; }`,
    imports: "{ f }",
    result: "f(x)",
  },
];

test.each(shapes.map((shape) => [shape.name, shape] as const))("%s", (_, shape) => {
  checkShape(shape);
});

const refusals: readonly (readonly [string, string, RegExp])[] = [
  [
    "a key that depends on what runs",
    `const table = { a: 1, b: 2 }; export function f(x) { return x * table[x > 1 ? "a" : "b"]; }`,
    /EZ20/,
  ],
  [
    "a list of names that changes",
    `export function f(x) { const keys = ["x"]; const o = { x, y: x * x }; if (x > 1) keys.push("y"); let sum = 0; keys.forEach((k) => { sum += o[k]; }); return sum; }`,
    /EZ2001/,
  ],
  [
    "a member that a prototype may be given later",
    `function V(x) { this.x = x; } V.prototype.area = function () { return this.x; };
     export function later(name) { V.prototype[name] = 1; }
     export function f(x) { const v = new V(x); return v.big ? x * x : x; }`,
    /EZ2024/,
  ],
];

test.each(refusals)("refused: %s", (_, lib, expected) => {
  expect(diagnosticsOf(lib)).toMatch(expected);
});
