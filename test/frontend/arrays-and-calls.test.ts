import { describe, expect, it } from "vitest";
import { agrees, lower } from "./support.js";

describe("arrays", () => {
  it("out parameters and rows", () => {
    agrees(
      `export function f(a: number[][], out: Float64Array, n: number) { for (let i = 0; i < n; i++) { const row = a[i]; for (let j = 0; j < row.length; j++) out[i] += row[j] * (row[j] = 2); } }`,
      "f",
      [
        [
          [1, 2],
          [3, 4],
        ],
        new Float64Array(2),
        2,
      ],
    );
  });
  it("index evaluated once", () => {
    agrees(
      `export function f(a: number[], x: number) { let i = 0; a[i++] += x; a[i++] *= x; a[++i] = i; return i + a[0]--; }`,
      "f",
      [[1, 2, 3, 4], 3],
    );
  });
  it("literals, new, length, push, fill, slice", () => {
    agrees(
      `export function f(x: number, n: number) { const a = [x, 2, x * x]; const b = new Float64Array(n); const c: number[] = []; for (let i = 0; i < n; i++) c.push(b[i] + a[i % a.length]); const d = new Array(n).fill(x); b.fill(2, 1); const e = c.slice(1, -1); const g = [...a, x, ...e]; return a.length + b[1] + c.length + d[0] + g.reduce((s, v) => s + v, 0) + new Float64Array(a)[2] + (c.pop() ?? 0); }`,
      "f",
      [1.5, 4],
      [2, 2],
    );
  });
  it("Float32 rounds, Int32 truncates", () => {
    agrees(
      `export function f(x: number) { const a = new Float32Array(2); a[0] = x; const b = new Int32Array([x * 10]); return a[0] + b[0]; }`,
      "f",
      [0.1],
      [1.37],
    );
  });
  it("callbacks", () => {
    agrees(
      `export function f(x: number[]) { let total = 0; x.forEach((v, i) => { if (v < 0) return; total += v * i; }); const y = x.map((v) => v * 2).filter((v) => v > 2); const z = Array.from({ length: 3 }, (_, i) => i * total); return total + y.length + z[2] + (x.some((v) => v > 2) ? 1 : 0) + (x.every((v) => v > 0) ? 2 : 0) + x.map(Math.abs).reduce((a, b) => Math.max(a, b)) + x.indexOf(3) + x.findIndex((v) => v < 0) + x.reduceRight((s, v) => s * 0.5 + v, 1); }`,
      "f",
      [[1, -2, 3]],
      [[1, 2, 4, 5]],
    );
  });
  it("absent elements", () => {
    agrees(
      `export function f(x: number[], i: number) { const v = x[i] ?? 7; const memo: number[] = []; if (memo[0] === undefined) memo[0] = v; return memo[0] + (x[i] || 2); }`,
      "f",
      [[1, 2], 1],
      [[1, 2], 5],
    );
  });
  it("spread into Math.max", () => {
    agrees(`export function f(x: number[]) { return Math.max(...x) - Math.min(1, ...x); }`, "f", [[1, 5, -2]], [[]]);
  });
  it("writes behind the end", () => {
    const { text } = agrees(
      `export function f(x: number, n: number) { const a = []; for (let i = 0; i < n; i++) { const v = x * i; a[i] = v; } const p = [1, x]; for (let k = 2; k < n; k++) p[k] = x * p[k - 1] - p[k - 2]; return a[n - 1] + p[n - 1]; }`,
      "f",
      [1.5, 5],
      [2, 2],
    );
    expect(text).not.toContain("store");
    agrees(
      `export function f(x: number, n: number) { const a: number[] = []; for (let i = n - 1; i >= 0; i--) a[i] = i < n - 1 ? a[i + 1] * x : 1; const m: number[][] = []; for (let i = 0; i < n; i++) { m[i] = []; for (let j = 0; j < n; j++) m[i][j] = i * j * x; } const q: number[] = []; q[q.length] = x; const r = [0, 0, 0]; for (let i = 0; i < 3; i++) r[i] = x * i; r[1] = 7; return a[0] + a.length + m[n - 1][n - 1] + q[0] + r[2] + r.length; }`,
      "f",
      [1.5, 5],
      [2, 2],
    );
  });
  it("find, fill and slice with any bounds", () => {
    agrees(
      `export function f(x: number[], i: number, j: number) { const a = x.slice(); a.fill(7, i, j); const b = a.slice(i, j); const v = x.find((v) => v > 1); return [...a, -1, ...b, v ?? -5, v === undefined ? 1 : v]; }`,
      "f",
      ...[-2, 0, 1, 5].flatMap((i) => [-1, 0, 2, 9].map((j) => [[0.5, 1, 2, 3], i, j] as const)),
    );
  });
  it("buffers swapped", () => {
    agrees(
      `export function f(x: Float64Array, n: number) { let a = x, b = new Float64Array(x.length); for (let k = 0; k < n; k++) { for (let i = 0; i < a.length; i++) b[i] = a[i] * 2 + k; const t = a; a = b; b = t; } return a[0] + b[1]; }`,
      "f",
      [new Float64Array([1, 2]), 3],
    );
  });
});

describe("calls", () => {
  it("helpers, recursion, defaults", () => {
    const { compilation } = agrees(
      `const twice = (x: number, k = 2) => x * k; function power(x: number, n: number): number { return n <= 0 ? 1 : x * power(x, n - 1); } function fill(a: number[], v: number): void { for (let i = 0; i < a.length; i++) a[i] = v; }
       export function f(x: number, a: number[]) { fill(a, x); return twice(x) + twice(x, 3) + power(x, 4) + a[1]; }`,
      "f",
      [1.5, [1, 2, 3]],
    );
    expect([...compilation.functions.keys()].sort()).toEqual(["f", "fill", "power", "twice", "twice#2"]);
  });
  it("closures capture and assign", () => {
    agrees(
      `export function f(x: number, n: number) { let s = 0; const add = (v: number) => { s += v; return s; }; function twice(g: (v: number) => number) { return g(1) + g(2); } for (let i = 0; i < n; i++) add(i * x); const t = twice(add); return s * t + twice((v) => v * x); }`,
      "f",
      [2, 4],
    );
  });
  it("higher order helpers of the file", () => {
    agrees(
      `function integrate(g: (t: number) => number, a: number, b: number, n: number) { const h = (b - a) / n; let s = 0; for (let i = 0; i < n; i++) { s += g(a + (i + 0.5) * h); } return s * h; } const square = (x: number) => x * x;
       export function f(k: number) { let calls = 0; return integrate((t) => { calls++; return Math.sin(k * t); }, 0, 1, 10) + integrate(square, 0, k, 5) + integrate(Math.exp, 0, 1, 3) + calls; }`,
      "f",
      [1.5],
    );
  });
  it("imports: named, default, namespace, renamed, re-exported", () => {
    agrees(
      {
        "/main.ts": `import half, { square as sq, G } from "./lib.js"; import * as L from "./lib.js"; import { cube } from "./barrel.js"; export function f(x: number) { return half(x) + sq(x) + L.square(G) + cube(x) + L.table[1] * L.DEG; }`,
        "/lib.ts": `export const G = 9.81; export const DEG = Math.PI / 180; export const table = [1, 2, 3]; export function square(x: number) { return x * x; } export default function (x: number) { return x / 2; }`,
        "/barrel.ts": `export { cube } from "./other.js";`,
        "/other.ts": `const K = 3; export const cube = (x: number) => x * x * x * K;`,
      },
      "f",
      [1.5],
    );
  });
  it("namespaces, static methods, objects of functions", () => {
    agrees(
      `namespace N { export const k = 2; export function g(x: number) { return x * k; } } class C { static scale = 3; static h(x: number) { return x * C.scale; } } const table = { sq: (x: number) => x * x, m(x: number) { return x + 1; } };
       export function f(x: number) { return N.g(x) + C.h(x) + table.sq(x) + table.m(x) + table["sq"](2); }`,
      "f",
      [1.5],
    );
  });
  it("generic and rest", () => {
    agrees(
      `function first<T>(xs: T[]): T { return xs[0]; } function sum(...xs: number[]) { let s = 0; for (const x of xs) s += x; return s; } export function f(x: number, y: number[]) { return first([x, 2]) + sum(x, 2, 3) + sum(...y); }`,
      "f",
      [1.5, [1, 2]],
    );
  });
});

describe("objects", () => {
  it("records", () => {
    agrees(
      `interface P { x: number; y: number; tag?: string; w: number[] } export function f(p: P, k: number) { const { x, y: z, w: [a, b = 3] } = p; p.x += k; const q = { x, y: z * 2, ...{ r: k } }; const o: P = { ...p, x: 4 }; o.w[0] = 9; const { w, ...rest } = o; return q.x * q.y + q.r + o.x + a + b + p.x + rest.y + w[0]; }`,
      "f",
      [{ x: 1, y: 2, w: [1, 2] }, 3],
    );
  });
  it("tuples, parameters that are patterns, returned records", () => {
    agrees(
      `type V = [number, number]; const add = ([a, b]: V, [c, d]: V): V => [a + c, b + d]; function make({ x, k = 2 }: { x: number; k?: number }) { return { x: x * k, v: [x, k] as V }; }
       export function f(v: V, s: number) { const w = add(v, [s, 2]); let [p, q] = w; [p, q] = [q, p]; const m = make({ x: s }); return p * q + w[0] + m.x + m.v[1] + make({ x: 1, k: 3 }).v[0]; }`,
      "f",
      [[1, 2], 3],
    );
  });
  it("optional fields and chains", () => {
    agrees(
      `interface O { scale?: number; inner?: { k: number } } export function f(x: number, o?: O) { const s = o?.scale ?? 2; const k = o?.inner?.k ?? 1; if (o && o.scale) return x * o.scale * k; return x * s * k; }`,
      "f",
      [1],
      [1, {}],
      [1, { scale: 3 }],
      [2, { scale: 0, inner: { k: 5 } }],
    );
  });
  it("arrays of objects", () => {
    agrees(
      `interface B { m: number; p: number[] } export function f(bs: B[], g: number) { let e = 0; for (const b of bs) { b.p[0] += g; e += b.m * b.p[0]; } for (let i = 0; i < bs.length; i++) { for (let j = i + 1; j < bs.length; j++) { const { p } = bs[j]; e -= g / Math.abs(bs[i].p[0] - p[0]); } } return e; }`,
      "f",
      [
        [
          { m: 1, p: [2] },
          { m: 3, p: [5] },
        ],
        0.5,
      ],
    );
  });
});

describe("refusals", () => {
  const codes = (source: string): string[] => lower(source, "f").messages.map((one) => one.slice(0, 6));
  it("come all at once", () => {
    expect(
      codes(
        `let sum = 0; async function g() {} export function f(x: number) { sum += x; try { throw x; } catch (e) { console.log(e); } delete (x as any).y; return parseFloat(x.toFixed(2)) + [1].lastIndexOf(1); }`,
      ),
    ).toEqual(expect.arrayContaining(["EZ2015", "EZ2017", "EZ2001", "EZ2016", "EZ2014"]));
  });
  it("length of a differentiated array", () => {
    expect(codes(`export function f(x: number[]) { x.push(1); return x[0]; }`)).toEqual(["EZ1022"]);
  });
  it("any, external functions, unknown names", () => {
    expect(codes(`export function f(x: any) { return x; }`)).toEqual(["EZ1011"]);
    expect(codes(`declare function g(x: number): number; export function f(x: number) { return g(x); }`)).toContain(
      "EZ2008",
    );
    expect(codes(`export function f(x: number) { return x + zzz; }`)).toContain("EZ1017");
  });
});
