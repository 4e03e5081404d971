/** Lists and tables that modules keep: of functions, of objects with functions, of lists of numbers. */
import { describe, expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const lib = `const ops = [(x) => x * 2, (x) => x * x];
  export const walked = (x) => { let s = 0; for (const f of ops) s += f(x); return s; };
  export const mapped = (x) => ops.map((f) => f(x)).reduce((a, b) => a * b, 1) + ops.reduce((v, f) => f(v), x);
  export const indexed = (x) => { let s = 0; for (let i = 0; i < ops.length; i++) s += ops[i](x) * i; return s; };
  const methods = { linear: { fit: (x) => 2 * x }, quad: { fit: (x) => x * x } };
  export const keys = (x) => { let s = 0; for (const k in methods) s += methods[k].fit(x); return s * Object.keys(methods).map((k) => methods[k].fit(x)).reduce((a, b) => a + b); };
  const kernels = [{ w: 1, f: (x) => x }, { w: 2, f: (x) => x * x }];
  export const objects = (x) => { let s = 0; for (const k of kernels) s += k.w * k.f(x); kernels.forEach(({ w, f }) => { s += w * f(x); }); return s; };
  const table = [[1, 2], [3, 4]];
  const row = (i) => { const [a, b] = table[i]; return a * b; };
  export const numbers = (x) => { let s = 0; for (const [a, b] of table) s += a * x + b; for (let i = 0; i < 2; i++) s += row(i) * x * x; return s; };
  const grown = [(x) => x]; grown.push((x) => x ** 3);
  export const pushed = (x) => { let s = 0; for (const f of grown) s += f(x); return s; };`;

const shapes = [
  ["functions that are walked", "walked(x)"],
  ["methods of a list of functions", "mapped(x)"],
  ["functions by the counter of a loop", "indexed(x)"],
  ["the keys of a table of objects with functions", "keys(x)"],
  ["objects with functions, destructured", "objects(x)"],
  ["lists of numbers, destructured", "numbers(x)"],
  ["functions that were pushed while the module was loaded", "pushed(x)"],
].map(([name = "", result = ""]): Shape => ({
  name,
  lib,
  imports: "{ walked, mapped, indexed, keys, objects, numbers, pushed }",
  result,
}));

test.each(shapes)("$name", checkShape);

/** What somebody may change once the module is loaded. */
const changed = [
  "const fs = [(x) => x]; export const add = (f) => fs.push(f); export const f = (x) => { let s = 0; for (const one of fs) s += one(x); return s; };",
  "const fs = [(x) => x, (x) => x * x]; export const f = (x) => { fs[0] = fs[1]; let s = 0; for (const one of fs) s += one(x); return s; };",
  "const list = [{ w: 1, f: (x) => x }]; export const poke = () => { list[0].w = 5; }; export const f = (x) => { let s = 0; for (const o of list) s += o.w * o.f(x); return s; };",
  "const list = [{ p: { v: 1 } }]; export const poke = (i) => { const { p } = list[i]; p.v = 9; }; export const f = (x) => { let s = 0; for (const { p } of list) s += p.v * x; return s; };",
  "const list = [[{ v: 1 }], [{ v: 2 }]]; export const poke = (i) => { const [p] = list[i]; p.v = 9; }; export const f = (x) => { let s = 0; for (const [p] of list) s += p.v * x; return s; };",
  "const list = [[{ v: 1 }], [{ v: 2 }]]; const take = (...all) => { all[0].v = 4; }; export const poke = (i) => { take(...list[i]); }; export const f = (x) => { let s = 0; for (const [p] of list) s += p.v * x; return s; };",
  "const list = [[{ v: 1 }], [{ v: 2 }]]; export const poke = (i) => { const [...all] = list[i]; all[0].v = 4; }; export const f = (x) => { let s = 0; for (const [p] of list) s += p.v * x; return s; };",
  "const fs = [(x) => x, (x) => x * x]; export const poke = (key, g) => { for (let i = 0; i < 2; i++) { i = key; fs[i](g); } }; export const f = (x) => { let s = 0; for (const one of fs) s += one(x); return s; };",
];

describe("what may change later is refused", () => {
  test.each(changed)("%s", (text) => {
    expect(diagnosticsOf(text)).not.toEqual("");
  });
});
