/** Functions without types that call themselves: each is lowered for what it is given, and what it answers is found. */
import { describe, expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "a function that is handed instances of one class, then those that they hold",
    lib: `class Line { constructor(a, b) { this.a = a; this.b = b; this.type = "line"; } len() { return this.b - this.a; } }
          class Poly { constructor(...edges) { this.type = "poly"; this.edges = edges; } }
          const isPoly = (s) => s.type === "poly";
          export function inter(a, b) {
            if (isPoly(b)) [a, b] = [b, a];
            if (isPoly(a)) { const r = []; for (const e of a.edges) r.push(...inter(e, b)); return r; }
            return [a.len() * b.len()];
          }
          export const line = (a, b) => new Line(a, b);
          export const poly = (...edges) => new Poly(...edges);`,
    imports: "{ inter, line, poly }",
    result:
      "inter(line(x, 3), poly(line(1, x * x), line(x, 2)))[1] * inter(poly(line(1, x), line(x, 2)), poly(line(3, x), line(x, x * x)))[3]",
  },
  {
    name: "adaptive integration, with a function and a record of what went wrong",
    lib: `function step(f, a, b, fa, fb, whole, depth, state) {
  if (state.failed) return NaN;
  var m = (a + b) / 2, fm = f(m);
  if (isNaN(fm)) { state.failed = true; return; }
  var left = (m - a) * (fa + fm) / 2, right = (b - m) * (fm + fb) / 2;
  if (depth > 6) { state.deepest++; return left + right; }
  if (Math.abs(left + right - whole) < 1e-4) return left + right;
  var one = step(f, a, m, fa, fm, left, depth + 1, state);
  if (isNaN(one)) { state.failed = true; return NaN; }
  var other = step(f, m, b, fm, fb, right, depth + 1, state);
  return one + other;
}
export function integrate(f, a, b) { var state = { deepest: 0, failed: false }; var r = step(f, a, b, f(a), f(b), (b - a) * (f(a) + f(b)) / 2, 1, state); return state.failed ? 0 : r; }`,
    imports: "{ integrate }",
    result: "integrate((t: number) => Math.sin(x * t) * t, 0, 1.5)",
  },
  {
    name: "selection, with a comparison by default",
    lib: `export function select(a, k, lo = 0, hi = a.length - 1, compare = less) {
  while (hi > lo) {
    if (hi - lo > 60) { select(a, k, lo + 1, hi - 1, compare); }
    var t = a[k], i = lo, j = hi;
    swap(a, lo, k);
    if (compare(a[hi], t) > 0) swap(a, lo, hi);
    while (i < j) { swap(a, i, j); i++; j--; while (compare(a[i], t) < 0) i++; while (compare(a[j], t) > 0) j--; }
    if (compare(a[lo], t) === 0) swap(a, lo, j); else { j++; swap(a, j, hi); }
    if (j <= k) lo = j + 1;
    if (k <= j) hi = j - 1;
  }
}
function swap(a, i, j) { var t = a[i]; a[i] = a[j]; a[j] = t; }
function less(a, b) { return a < b ? -1 : a > b ? 1 : 0; }
export function middle(a) { var c = a.slice(); select(c, 1); return c[1]; }
export function by(a, f) { var c = a.slice(); select(c, 1, 0, c.length - 1, f); return c[1]; }`,
    imports: "{ middle, by }",
    result: "middle([x * x, x, 3]) * x + by([x, 2*x, x * 3 - 1], (p: number, q: number) => q - p)",
  },
  {
    name: "merge sort, which answers arrays",
    lib: `export function sorted(a) { if (a.length <= 1) return a; var m = a.length >> 1; var l = sorted(a.slice(0, m)), r = sorted(a.slice(m)); var out = []; var i = 0, j = 0; while (i < l.length && j < r.length) out.push(l[i] < r[j] ? l[i++] : r[j++]); while (i < l.length) out.push(l[i++]); while (j < r.length) out.push(r[j++]); return out; }`,
    imports: "{ sorted }",
    result: "sorted([x * x, x, 3, -x])[2] * x",
  },
  {
    name: "a determinant by minors",
    lib: `export function det(m) { if (m.length === 1) return m[0][0]; var s = 0; for (var j = 0; j < m.length; j++) { var minor = m.slice(1).map(function (r) { return r.filter(function (_, k) { return k !== j; }); }); s += (j % 2 ? -1 : 1) * m[0][j] * det(minor); } return s; }`,
    imports: "{ det }",
    result: "det([[x, 1, 2], [0.5, x * x, 1], [x, 2, 3]])",
  },
  {
    name: "an answer of true or false",
    lib: `export function has(a, v, i) { if (i >= a.length) return false; return a[i] === v || has(a, v, i + 1); }`,
    imports: "{ has }",
    result: "has([1, 2, 3], 2, 0) ? x * x : x",
  },
  {
    name: "a function that captures as much as it takes the place of",
    lib: `export function iterate(f, x, n) { return n === 0 ? x : iterate(f, f(x), n - 1); }`,
    imports: "{ iterate }",
    result: "iterate((t: number) => Math.sin(x * t), x, 3)",
  },
  {
    name: "two arrays, and two as an answer",
    lib: `export function fft(re, im) { var n = re.length; if (n === 1) return [re, im]; var er = [], ei = [], or = [], oi = []; for (var k = 0; k < n; k++) { if (k % 2) { or.push(re[k]); oi.push(im[k]); } else { er.push(re[k]); ei.push(im[k]); } } var e = fft(er, ei), o = fft(or, oi); var r = [], s = []; for (k = 0; k < n / 2; k++) { var c = Math.cos(2 * Math.PI * k / n), d = -Math.sin(2 * Math.PI * k / n); r[k] = e[0][k] + c * o[0][k] - d * o[1][k]; s[k] = e[1][k] + c * o[1][k] + d * o[0][k]; r[k + n / 2] = e[0][k] - c * o[0][k] + d * o[1][k]; s[k + n / 2] = e[1][k] - c * o[1][k] - d * o[0][k]; } return [r, s]; }`,
    imports: "{ fft }",
    result: "fft([x, 1, x * x, 2], [0, x, 0, 0])[0][1] * x",
  },
  {
    name: "fewer and fewer arguments",
    lib: `export function combined(...all) {
  all = Array.isArray(all[0]) ? all[0] : all;
  const two = (p, q) => ({ a: p.a * q.a, b: p.b + p.a * q.b });
  switch (all.length) {
    case 0: throw new Error("nothing to combine");
    case 1: return all[0];
    case 2: return two(all[0], all[1]);
    default: {
      const [p, q, ...rest] = all;
      return combined(two(p, q), ...rest);
    }
  }
}
export function product(first, ...more) { return more.length > 0 ? first * Math.sin(product(...more)) : first; }`,
    imports: "{ combined, product }",
    result: "combined({ a: x, b: 1 }, { a: 2, b: x }, { a: x * x, b: 3 }, { a: 1, b: x }).b * product(x, 2, x) * 0.01",
  },
  {
    name: "an answer that may be missing",
    lib: `export function find(a, i) { if (i >= a.length) return; if (a[i] > 1) return a[i]; return find(a, i + 1); }`,
    imports: "{ find }",
    result: "(find([0.5, x + 1, 3], 0) === undefined ? x * x : 3 * x) + (find([0.5], 0) === undefined ? x * x : 3 * x)",
  },
];

describe("recursion without types", () => {
  test.each(shapes.map((one) => [one.name, one] as const))("%s", (_, shape) => {
    checkShape(shape);
  });

  test("as many arguments each time are refused", () => {
    const lib = `export function f(...all) { const [a, ...rest] = all; return a > 3 ? a : f(a * 2, ...rest); }`;
    expect(diagnosticsOf(lib, "{ f }", "f(x, 2)")).toContain("the recursion of `f`");
  });

  test("an answer of several kinds is refused", () => {
    const lib = `export function f(a, i) { if (i > 3) return a; if (a[0] > 1) return a[0]; return f(a, i + 1); }`;
    expect(diagnosticsOf(lib, "{ f }", "f([x, 2], 0)[0]")).toContain("the recursion of `f`");
  });
});
