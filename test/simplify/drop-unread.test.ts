import { expect, test } from "vitest";
import { dropUnread } from "../../transformer/simplify/drop-unread.js";
import { storeFirst } from "../../transformer/simplify/store-first.js";
import type { Pass } from "../../transformer/simplify/simplify.js";
import { run } from "./run-pass.js";

/** An array `d` of zeros, what is done to it in each iteration of a loop, and behind it; the lines that write memory come out. */
const written = (inLoop: string, behind = "", ...passes: readonly Pass[]): readonly string[] =>
  run(
    `function f(x: Float64Array const, n: integer const, m: integer const) -> number as gradient of g {
      d@adjoint: Float64Array = allocate zeros m
      e: Float64Array = allocate zeros m
      zero = constant 0
      one = constant 1
      v = load x[zero]
      a, b = loop s from zero to n step 1 {
        ${inLoop}
        stop = constant false
        yield stop
      }
      ${behind}
      return v
    }`,
    ...passes,
    dropUnread,
  )
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(store|accumulate|unchanged)/.test(line));

const filled = "o, p = loop i from zero to m step 1 {\nstore d@adjoint[i] v\nstop1 = constant false\nyield stop1\n}\n";
const added =
  "o, p = loop i from zero to m step 1 {\naccumulate d@adjoint[i] v\nstop1 = constant false\nyield stop1\n}\n";
/** Reads each element into `e`, and clears it. */
const taken = (between = "", to = "e[j]"): string =>
  `q, r = loop j from zero to m step 1 {\nw = load d@adjoint[j]\n${between}\nstore ${to} w\nstore d@adjoint[j] zero\nstop2 = constant false\nyield stop2\n}\n`;
const readsE = "u = load e[zero]\nstore x[zero] u";

test("what is cleared for nobody is not cleared", () => {
  expect(written(filled + taken(), readsE)).toEqual(["store d@adjoint[i] v", "store e[j] w", "store x[zero] u"]);
});

test("an addition to what each iteration leaves clean is a store, and then nothing need be clean", () => {
  expect(written(added + taken(), readsE, storeFirst)).toEqual([
    "store d@adjoint[i] v",
    "store e[j] w",
    "store x[zero] u",
  ]);
});

test("what the next iteration reads is cleared", () => {
  expect(written(added + taken(), readsE)).toEqual(["unchanged"]);
  // not all of it is filled
  const part = filled.replace("to m", "to one");
  expect(written(part + taken(), readsE)).toEqual(["unchanged"]);
  // one that is read again
  expect(written(filled + taken() + "z = load d@adjoint[one]\nstore x[one] z", readsE)).toEqual(["unchanged"]);
  // in a later iteration of the same loop
  const again = "k = sub j one\nz = load d@adjoint[k]\nstore x[one] z";
  expect(written(filled + taken(again), readsE)).toEqual(["unchanged"]);
});

test("additions are made where not all is cleared, or where somebody reads behind the loop", () => {
  const some = added + taken().replace("to m", "to one");
  expect(written(some, readsE, storeFirst)).toEqual(["unchanged"]);
  const seen = `${readsE}\nz = load d@adjoint[one]\nstore x[one] z`;
  expect(written(added + taken(), seen, storeFirst)).toEqual(["unchanged"]);
});

test("what nobody reads at all is not written", () => {
  expect(written(filled)).toEqual([]);
  expect(written(added)).toEqual([]);
  // the reads of `d` are read by nobody else than a caller
  expect(written(filled + taken("", "x[j]"))).toEqual(["store d@adjoint[i] v", "store x[j] w"]);
});

test("what leaves the function is written", () => {
  expect(written(filled + "store d@adjoint[zero] v\nd2: array<Float64Array> = allocate parts d@adjoint")).toEqual([
    "unchanged",
  ]);
});
