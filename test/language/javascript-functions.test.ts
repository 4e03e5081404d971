/** Functions that are looked at, chosen where they are called, or have members of their own. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const shapes: readonly Shape[] = [
  {
    name: "how many parameters a function takes, asked by one that makes functions",
    lib: `function ascending(a, b) { return a < b ? -1 : a > b ? 1 : 0; }
      function bisector(f) {
        let compare;
        if (f.length !== 2) compare = (d, x) => ascending(f(d), x);
        else compare = f;
        function right(a, x, lo = 0, hi = a.length) {
          while (lo < hi) { const mid = (lo + hi) >>> 1; if (compare(a[mid], x) <= 0) lo = mid + 1; else hi = mid; }
          return lo;
        }
        return { right };
      }
      const plain = bisector(ascending);
      const bisect = plain.right, twice = bisector((d) => 2 * d).right;
      export function value(x) { const d = [0.1, 0.5, 1, 3]; return x * d[bisect(d, x)] + x * x * d[twice(d, x, 1, 2)]; }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "a function that is made where it is called first, or chosen there",
    lib: `export function scale(k) {
        let output = null;
        const make = (p) => (x) => p * x * x;
        return (x) => (output || (output = make(k)))(x) + (typeof k === "number" ? double : half)(x);
      }
      const double = (x) => 2 * x, half = (x) => x / 2;`,
    imports: "{ scale }",
    result: "scale(x)(x)",
  },
  {
    name: "a function with members that another one runs on",
    lib: `function init(domain, range) {
        switch (arguments.length) { case 0: break; case 1: this.range(domain); break; default: this.range(range).domain(domain); }
        return this;
      }
      export const value = (x) => linear(x, 3)(2) * linear(x)(x);
      function linear() {
        let d = 1, r = 1;
        const scale = (x) => x / d * r;
        scale.domain = function (_) { return arguments.length ? (d = _, scale) : d; };
        scale.range = function (_) { return arguments.length ? (r = _, scale) : r; };
        return init.apply(scale, arguments);
      }`,
    imports: "{ value }",
    result: "value(x)",
  },
];

test.each(shapes)("$name", checkShape);

const old = (body: string): string => `function g(x, y) { ${body} } module.exports = { g };`;
/** `arguments` of old code, which changes with the parameters. */
const asked = (body: string): string => diagnosticsOf(old(body), "lib", "lib.g(x, 2)");

test.each([
  "if (typeof arguments[0] === 'number' && arguments.length > 1) { x = { w: arguments[0], h: arguments[1] }; } x = x || { w: 1, h: 1 }; return x.w * x.h;",
  "var s = arguments[0] * (x = 3 * x); return s * x;",
])("arguments before a parameter is assigned: %s", (body) => {
  checkShape({ name: "", lib: old(body), imports: "lib", result: "lib.g(x, 2)" });
});

test.each([
  "x = x * 2; return arguments[0] * x;",
  "var s = 0; for (var i = 0; i < 3; i++) { s += arguments[0]; x = x * 2; } return s;",
  "var all = arguments; x = x * 2; return all[0] * x;",
  "function set() { x = 3; } set(); var r = arguments[0]; x = 2 * x; return r * x;",
  "var s = (x = 3 * x) * arguments[0]; return s * x;",
])("and afterwards: %s", (body) => {
  expect(asked(body)).toContain("EZ2012");
});
