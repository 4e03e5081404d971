/** What modules keep from call to call: what they count, and what they remember. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "instances that are numbered by a member of their class",
    lib: `export function Body(m) { this.id = Body.idCounter++; this.m = m; }
      Body.idCounter = 0;
      Body.prototype.energy = function (v) { return this.m * v * v / 2; };
      export class Load { static made = 0; constructor(w) { Load.made += 1; this.w = w; } }
      export function value(x) { return new Body(x).energy(3) * new Load(x * x).w; }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "instances that are numbered by a variable that only their module can name",
    lib: `let nextId = 0;
      export let calls = 0;
      class Node { constructor(x) { this.id = nextId++; this.x = x; } }
      export function value(x) {
        ++calls;
        const a = new Node(x), b = new Node(x * x);
        return a.x * b.x;
      }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "answers that are remembered under a number",
    lib: `const known = [1];
      export function factorial(n) {
        var s = 1;
        if (known[n]) { return known[n]; }
        for (var i = n; i > 1; i--) s *= i;
        known[n] = s;
        return s;
      }
      const logs = new Map();
      function logOf(x) {
        if (x < 0) throw new Error("negative");
        if (logs.has(x)) return logs.get(x);
        const r = Math.log(x + 1);
        logs.set(x, r);
        return r;
      }
      const sums = {};
      const odd = 2;
      function sumTo(n) { if (n in sums) return sums[n]; let v = 0; for (let k = 0; k < n; k++) v += term(k); sums[n] = v; return v; }
      function term(k) { return odd * k + 1; }
      export function value(x) { let s = 0; for (let i = 0; i < 5; i++) s += x ** i / factorial(i); return s * logOf(x) * sumTo(3); }`,
    imports: "{ value }",
    result: "value(x)",
  },
];

test.each(shapes)("$name", checkShape);

test.each([
  [
    "what changes the function",
    "let k = 2; export const set = (v) => { k = v; }; const t = []; function g(n) { if (t[n]) return t[n]; const s = n * k; t[n] = s; return s; }",
  ],
  [
    "another answer where it is remembered",
    "const t = []; function g(n) { if (t[n]) return t[n] * 2; const s = n * 3; t[n] = s; return s; }",
  ],
  [
    "a function that needs its table to come to an end soon",
    "const t = [0, 1]; function g(n) { if (t[n] !== undefined) return t[n]; const s = g(n - 1) + g(n - 2); t[n] = s; return s; }",
  ],
  [
    "more than the key",
    "const t = []; function g(n, m = 2) { if (t[n]) return t[n]; const s = n * m; t[n] = s; return s; }",
  ],
  ["an object", "const t = []; function g(n) { if (t[n]) return t[n]; const s = [n, n]; t[n] = s; return s; }"],
  [
    "a table that others change",
    "const t = []; export const clear = () => { t.length = 0; }; function g(n) { if (t[n]) return t[n]; const s = n * 2; t[n] = s; return s; }",
  ],
  [
    "a key that changes",
    "const t = []; function g(n) { if (t[n]) return t[n]; n = n + 1; const s = n * 2; t[n] = s; return s; }",
  ],
  [
    "what is drawn",
    "const t = []; function g(n) { if (t[n]) return t[n]; const s = n * Math.random(); t[n] = s; return s; }",
  ],
  [
    "one that is exported",
    "export const t = []; function g(n) { if (t[n]) return t[n]; const s = n * 2; t[n] = s; return s; }",
  ],
  ["the last answer", "let last, at; function g(n) { if (n === at) return last; at = n; last = n * 2; return last; }"],
])("not remembered: %s", (_, lib) => {
  expect(diagnosticsOf(`${lib} export const f = (x) => x * g(3);`)).toMatch(/EZ(?:1|2)\d/);
});

test.each([
  [
    "a number that such a count tells",
    "let n = 0; export function f(x) { const k = n++; return k > 3 ? x : x * x; }",
    "EZ2150",
  ],
  ["what was counted", "export let n = 0; export function f(x) { n++; return n * x; }", "EZ2015"],
  [
    "what was counted in a member",
    "export class C { static n = 0; } export function f(x) { C.n++; return C.n * x; }",
    "EZ2024",
  ],
  ["what is added up", "let n = 0; export function f(x) { n += x; return x; }", "EZ2015"],
])("refused: %s", (_, lib, code) => {
  expect(diagnosticsOf(lib)).toContain(code);
});
