/** Functions that keep their `this`: arrow functions and bound ones, wherever they go. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const lib = `class Arrow { constructor(k) { this.k = k; this.f = (x) => x * this.k; } }
  class Bound {
    constructor(k) { this.k = k; this.calls = 1; this.f = function (x) { this.calls++; return x * this.k; }.bind(this); }
    twice(x) { return this.f(x) * 2; }
  }
  class Lists { constructor(k) { this.k = k; } one(y) { return y * this.k; } all(ys) { return ys.map(this.one.bind(this)); } }
  function times(y) { return this.q * y; }
  export const taken = (x) => { const a = new Arrow(x); const o = { k: 5, g: a.f }; const { f } = a; return o.g(x) * f(2); };
  export const bound = (x) => { const b = new Bound(x); const o = { k: 5, g: b.f }; return o.g(x) * b.twice(3) * b.calls; };
  export const list = (x) => new Lists(x).all([1, x]).reduce((a, b) => a * b);
  export const object = (q) => ({ to: times.bind({ q }), q: 100 });
  export const called = (x) => { const f = times.bind({ q: x }); return f.call({ q: 1000 }, x); };
  export const later = (x) => { const o = { q: x }; const f = times.bind(o); o.q = x * x; return f(x); };`;

const of = (name: string, result: string): Shape => ({
  name,
  lib,
  imports: "{ taken, bound, list, object, called, later }",
  result,
});

test.each([
  of("an arrow function of an instance in another object, and by itself", "taken(x)"),
  of("a function bound to the instance that is made", "bound(x)"),
  of("a method bound to its instance", "list(x)"),
  of("a function bound to a literal", "object(x).to(x * x)"),
  of("a bound function that is called for another object", "called(x)"),
  of("an object that changes after a function was bound to it", "later(x)"),
])("$name", checkShape);

test("arguments cannot be bound", () => {
  const lib = "const mul = (a, b) => a * b; export const f = (x) => mul.bind(null, x)(3);";
  expect(diagnosticsOf(lib)).toContain("EZ2008");
});
