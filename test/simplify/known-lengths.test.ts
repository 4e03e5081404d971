import { expect, test } from "vitest";
import { foldLengths } from "../../transformer/simplify/fold-lengths.js";
import { foldRanges } from "../../transformer/simplify/fold-ranges.js";
import { gatherPushes } from "../../transformer/simplify/gather-pushes.js";
import { resolveCounts } from "../../transformer/simplify/resolve-counts.js";
import { run } from "./run-pass.js";

const pushing = (body: string, after = ""): string =>
  run(
    `function f(x: Float64Array duplicated) -> number[] {
      y: number[] = allocate parts
      n = length x
      completed, started = loop i from 0 to n step 1 {
        ${body}
        yield false
      }
      ${after}
      return y
    }`,
    gatherPushes,
  );

test("an array that a loop fills by push is made at once", () => {
  const text = pushing("v = load x[i]\nl = push y v");
  expect(text).toContain("allocate zeros");
  expect(text).toContain("store y[i] v");
  expect(text).not.toContain("push");
});

test.each([
  ["a push in a branch", "v = load x[i]\nc = lt v 0\nif c {\nl = push y v\n}"],
  ["two pushes", "v = load x[i]\nl = push y v\nm = push y v"],
  ["an array that the loop reads", "v = load x[i]\nw = load y[0]\nl = push y v"],
  ["a length that is used", "v = load x[i]\nl = push y v\nstore x[l] v"],
])("not %s", (_, body) => {
  expect(pushing(body)).toBe("unchanged");
});

test("a length is what the array was made with, unless it may change", () => {
  const measure = (between: string): string =>
    run(
      `function f(n: integer const) -> integer {
        y: number[] = allocate zeros n
        ${between}
        m = length y
        return m
      }`,
      foldLengths,
    );
  expect(measure("")).toContain("return n");
  expect(measure("l = push y 1")).toBe("unchanged");
});

test("ranges decide bounds and strong zeros", () => {
  const text = run(
    `function f(x: Float64Array duplicated, d: number active) -> number {
      n = length x
      m = max n 0
      e = exp d
      s = add 1 e
      q = div d s
      g = guard s q
      h = guard d q
      r = mul g m
      t = mul r h
      return t
    }`,
    foldRanges,
  );
  expect(text).toContain("mul q n");
  expect(text).toContain("mul r h");
});

test("a count that nothing can cut short follows from the range", () => {
  const count = (stop: string): string =>
    run(
      `function f(n: integer const, x: number active) -> integer {
        c = lt x 0
        completed, started = loop i from 0 to n step 1 {
          yield ${stop}
        }
        return completed
      }`,
      resolveCounts,
    );
  expect(count("false")).toContain("= max ");
  expect(count("c")).toBe("unchanged");
});

test("rows that are all made equally long have that length, also round a loop", () => {
  const measured = (between: string): string =>
    run(
      `function f(n: integer const, x: number active) -> integer {
        a: number[] = allocate parts x x
        r: array<number[]> = allocate parts a a
        completed, started, s: array<number[]> = loop i from 0 to n step 1 carrying q: array<number[]> = r {
          row = load q[i]
          m = length row
          b: number[] = allocate zeros m
          next: array<number[]> = allocate parts b b
          ${between}
          yield false next
        }
        last = load s[0]
        k = length last
        return k
      }`,
      foldLengths,
    );
  expect(measured("")).toContain("constant 2");
  expect(measured("")).not.toContain("length");
  expect(measured("p = push b x")).toBe("unchanged");
  expect(measured("c: number[] = allocate parts x\nstore next[0] c")).toBe("unchanged");
});
