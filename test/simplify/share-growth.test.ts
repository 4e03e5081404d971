import { expect, test } from "vitest";
import { shareGrowth } from "../../transformer/simplify/share-growth.js";
import { run } from "./run-pass.js";

/** Two records that grow in a loop; the second begins with `begin` elements and grows to `to`. */
const grow = (begin: string, to: string): string =>
  run(
    `function f(n: integer const, m: integer const, x: number const) -> number {
      zero = constant 0
      one = constant 1
      a: Float64Array = allocate zeros zero
      b: Float64Array = allocate zeros ${begin}
      i, j, c, d = loop k from zero to n step 1 carrying p = a, q = b {
        p#1 = grow p k
        q#1 = grow q ${to}
        store p#1[k] x
        store q#1[k] x
        stop = constant false
        yield stop p#1 q#1
      }
      r = load c[zero]
      s = load d[zero]
      t = add r s
      return t
    }`,
    shareGrowth,
  );

test("records that grow together are asked for their length once", () => {
  const text = grow("zero", "k");
  expect(text.match(/ = grow /g)).toHaveLength(2);
  expect(text).toMatch(/(\S+) = length p\n +(\S+) = lt \1 k\n +\S+, \S+ = if \2 \{\n.* grow p k\n.* grow q k\n/);
});

test.each([
  ["records that do not begin alike", "one", "k"],
  ["records that grow to different lengths", "zero", "m"],
])("%s: stay", (_, begin, to) => {
  expect(grow(begin, to)).toBe("unchanged");
});
