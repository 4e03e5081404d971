/** JavaScript classes, and the objects that modules keep for their functions to work in. */
import { expect, test } from "vitest";
import { checkShape, diagnosticsOf, type Shape } from "./javascript-shape.js";

const points = `class P {
  constructor(x = 0, y = 0) { this.x = x; this.y = y; }
  sub(a, b) { this.x = a.x - b.x; this.y = a.y - b.y; return this; }
  add(a) { this.x += a.x; this.y += a.y; return this; }
  dist(v) { const dx = this.x - v.x, dy = this.y - v.y; return dx * dx + dy * dy; }
}`;

const shapes: readonly Shape[] = [
  {
    name: "an element of a list, or what a module keeps to work in",
    lib: `${points}
          const tmp = new P();
          const tmp2 = new P();
          export function value(x) {
            const points = [new P(x, x * x), new P(1, 2), new P(Math.sin(x), 3)];
            const l = points.length;
            let p0, p3;
            const i = Math.floor(x);
            if (i > 0) p0 = points[i - 1];
            else { tmp.sub(points[0], points[1]).add(points[0]); p0 = tmp; }
            if (i + 2 < l) p3 = points[i + 2];
            else { tmp2.sub(points[l - 1], points[l - 2]).add(points[l - 1]); p3 = tmp2; }
            return p0.dist(points[i]) * p0.x + points[i + 1].dist(p3) * p3.y;
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
  {
    name: "one of two things that a module keeps to work in, which is changed afterwards",
    lib: `${points}
          const tmp = new P();
          const tmp2 = new P();
          export function value(x) {
            tmp.sub(new P(x, 1), new P(2, x));
            let p = tmp;
            if (x > 1) { tmp2.sub(new P(x * x, 1), new P(2, x)); p = tmp2; }
            tmp.x *= 3;
            p.add(new P(x, 3));
            return p.x * p.y + tmp.y;
          }`,
    imports: "{ value }",
    result: "value(x)",
  },
];

test.each(shapes.map((shape) => [shape.name, shape] as const))("%s", (_, shape) => {
  checkShape(shape);
});

const refusals: readonly (readonly [string, string, RegExp])[] = [
  [
    "a member that an earlier call has left, in a branch",
    `${points} const tmp = new P();
     export function f(x) { let p = new P(x, x); if (x > 1) { tmp.y = x; p = tmp; } return p.x * p.y; }`,
    /EZ2024/,
  ],
  [
    "what a branch alone has written",
    `${points} const tmp = new P();
     export function f(x) { let p = new P(x, x); if (x > 1) { tmp.sub(p, p); p = tmp; } return p.x * tmp.x; }`,
    /EZ2024/,
  ],
];

test.each(refusals)("refused: %s", (_, lib, expected) => {
  expect(diagnosticsOf(lib)).toMatch(expected);
});
