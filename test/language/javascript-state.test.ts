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
];

test.each(shapes)("$name", checkShape);

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
