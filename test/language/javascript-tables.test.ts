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
  const parsers = [[function (o) { return o.h !== undefined ? { v: o.h * 2 } : null; }, "h"], [(o) => (o.r !== undefined ? { v: o.r * o.r } : null), "r"]];
  function parse(o, list) { for (var n = 0; n < list.length; n++) { var e = list[n][0](o); if (e) return [e, list[n][1]]; } return [null, void 0]; }
  export const handed = (x) => { const [v, k] = parse({ r: x }, parsers), [w, l] = parse({ h: x }, parsers); return v.v * (k === "r" ? 2 : 3) + w.v * (l === "r" ? x : x * x); };
  function Grad(a, b) { this.a = a; this.f = (x) => a * x + b; } Grad.prototype.dot = function (x, y) { return this.a * x + y; };
  const grads = [new Grad(1, 2), new Grad(3, 4)];
  export const instances = (x) => { let s = 0; for (let i = 0; i < grads.length; i++) { if (x > 1 && i === 0) continue; s += grads[i].dot(x, 1) * grads[i].f(x); } return s; };
  const few = [(x) => x, (x) => x * x];
  export const beyond = (x) => {
    let s = 0; const n = x > 1 ? 2 : 0, f = few[n];
    for (let k = 0; k <= few.length; k++) { const g = few[k]; if (g) s += g(x); }
    return s + (f ? f(x) : x * 5) * (typeof f === "function" ? f(x) : x * 3) * (f !== undefined ? f(x) : x * 2);
  };
  export const pushed = (x) => { let s = 0; for (const f of grown) s += f(x); return s; };`;

const shapes = [
  ["functions that are walked", "walked(x)"],
  ["methods of a list of functions", "mapped(x)"],
  ["functions by the counter of a loop", "indexed(x)"],
  ["the keys of a table of objects with functions", "keys(x)"],
  ["objects with functions, destructured", "objects(x)"],
  ["lists of numbers, destructured", "numbers(x)"],
  ["lists of functions and texts that are handed over", "handed(x)"],
  ["instances by the counter of a loop", "instances(x)"],
  ["positions at which there is no function", "beyond(x)"],
  ["functions that were pushed while the module was loaded", "pushed(x)"],
].map(([name = "", result = ""]): Shape => ({
  name,
  lib,
  imports: "{ walked, mapped, indexed, keys, objects, numbers, pushed, handed, instances, beyond }",
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
  "const list = [[function (x) { this[1] = 7; return x; }, 1]]; export const f = (x) => { let s = 0; for (let n = 0; n < list.length; n++) s += list[n][0](x) * list[n][1]; return s; };",
  "const list = [[(x) => x, 1]]; export const poke = () => { for (let n = 0; n < list.length; n++) list[n][1] = 5; }; export const f = (x) => { let s = 0; for (let n = 0; n < list.length; n++) s += list[n][0](x) * list[n][1]; return s; };",
  "const fs = [(x) => x, (x) => x * x]; export const poke = (key, g) => { for (let i = 0; i < 2; i++) { i = key; fs[i](g); } }; export const f = (x) => { let s = 0; for (const one of fs) s += one(x); return s; };",
];

describe("what may change later is refused", () => {
  test.each(changed)("%s", (text) => {
    expect(diagnosticsOf(text)).not.toEqual("");
  });
});
