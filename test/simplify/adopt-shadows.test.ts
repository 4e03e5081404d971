import { expect, test } from "vitest";
import { adoptShadows } from "../../transformer/simplify/adopt-shadows.js";
import { run } from "./run-pass.js";

/** The gradient of a function that works on a copy of its argument, from `from` up to `to`. */
const adopt = (to: string, returned: string, more = ""): string =>
  run(
    `function f(x: Float64Array duplicated, m: integer const) -> Float64Array as gradient of g {
      zero = constant 0
      x@adjoint: Float64Array = allocate zerosLike x
      n = length x
      y: Float64Array = allocate copy x zero ${to}
      y@adjoint: Float64Array = allocate zerosLike y
      one = constant 1
      accumulate y@adjoint[zero] one
      ${more}
      l = length y
      i, j = loop k from zero to l step 1 {
        d@adjoint = load y@adjoint[k]
        accumulate x@adjoint[k] d@adjoint
        stop = constant false
        yield stop
      }
      return ${returned}
    }`,
    adoptShadows,
  );

test("the shadow of a whole copy is handed out", () => {
  const text = adopt("n", "x@adjoint");
  expect(text).toContain("return y@adjoint");
  expect(text).not.toContain("loop");
  expect(text).not.toContain("zerosLike x");
});

test.each([
  ["a part of the original", "m", "x@adjoint", ""],
  ["where something else is added to the original's", "n", "x@adjoint", "accumulate x@adjoint[zero] one"],
])("%s: stays", (_, to, returned, more) => {
  expect(adopt(to, returned, more)).toBe("unchanged");
});
