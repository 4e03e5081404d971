import { expect, test } from "vitest";
import { storeFirst } from "../../transformer/simplify/store-first.js";
import { run } from "./run-pass.js";

/** What is added to a fresh shadow in a loop, and what happens before it; the lines that write the shadow come out. */
const written = (inLoop: string, { before = "", step = 1 } = {}): readonly string[] =>
  run(
    `function f(x: Float64Array const, n: integer const, p: Int32Array const) -> number as gradient of g {
      x@adjoint: Float64Array = allocate zerosLike x
      zero = constant 0
      one = constant 1
      d = load x[zero]
      stop = constant false
      ${before}
      a, b = loop i from zero to n step ${step} {
        next = add i one
        ${inLoop}
        yield stop
      }
      return d
    }`,
    storeFirst,
  )
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(store|accumulate|unchanged)/.test(line));

test("what is added to zeros is stored", () => {
  expect(written("accumulate x@adjoint[i] d")).toEqual(["store x@adjoint[i] d"]);
});

test("of neighbours the one that is come to first is stored", () => {
  const both = "accumulate x@adjoint[i] d\naccumulate x@adjoint[next] d";
  expect(written(both)).toEqual(["accumulate x@adjoint[i] d", "store x@adjoint[next] d"]);
  expect(written(both, { step: -1 })).toEqual(["store x@adjoint[i] d", "accumulate x@adjoint[next] d"]);
});

test("what may be added to twice is added to", () => {
  expect(written("accumulate x@adjoint[zero] d")).toEqual(["unchanged"]);
  expect(written("at = load p[i]\naccumulate x@adjoint[at] d")).toEqual(["unchanged"]);
  expect(written("accumulate x@adjoint[i] d\naccumulate x@adjoint[i] d")).toEqual([
    "store x@adjoint[i] d",
    "accumulate x@adjoint[i] d",
  ]);
  expect(written("u, v = loop j from zero to n step 1 {\naccumulate x@adjoint[j] d\nyield stop\n}")).toEqual([
    "unchanged",
  ]);
});

test("what may have been written before is added to", () => {
  expect(written("accumulate x@adjoint[i] d", { before: "store x@adjoint[one] d" })).toEqual(["unchanged"]);
  expect(written("accumulate x@adjoint[i] d", { before: "store x@adjoint[n] d" })).toEqual([
    "store x@adjoint[n] d",
    "store x@adjoint[i] d",
  ]);
});
