import { expect, test } from "vitest";
import { sinkAccumulates } from "../../transformer/simplify/sink-accumulates.js";
import { run } from "./run-pass.js";

const sink = (after: string): string =>
  run(
    `function f(x: Float64Array const, dx@adjoint: Float64Array const, t: boolean const, e: number const) -> number as reverse of g {
      i = constant 0
      j = constant 1
      d@adjoint = if t {
        zero = constant 0
        yield zero
      } else {
        yield e
      }
      ${after}
    }`,
    sinkAccumulates,
  );

test("what a side does not add is not added", () => {
  const text = sink("accumulate dx@adjoint[i] d@adjoint\nreturn e");
  expect(text).toContain("} else {\n    accumulate dx@adjoint[i] e\n  }\n  return e");
});

test("what is computed for the addition alone goes along", () => {
  const text = sink(
    "a@adjoint = mul d@adjoint e\nb@adjoint = add a@adjoint e\naccumulate dx@adjoint[i] b@adjoint\nreturn e",
  );
  expect(text).toMatch(/if t \{\n +zero = constant 0\n.*\n +accumulate dx@adjoint\[i\] e\n/);
  expect(text).toMatch(/else \{\n +(\S+) = mul e e\n +(\S+) = add \1 e\n +accumulate dx@adjoint\[i\] \2\n/);
});

test.each([
  ["what others use, too", "accumulate dx@adjoint[i] d@adjoint\nreturn d@adjoint"],
  ["what would pass a read of the element", "r = load dx@adjoint[j]\naccumulate dx@adjoint[i] d@adjoint\nreturn r"],
  ["what is no derivative", "accumulate x[i] d@adjoint\nreturn e"],
])("%s: stays", (_, after) => {
  expect(sink(after)).toBe("unchanged");
});
