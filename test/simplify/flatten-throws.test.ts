import { expect, test } from "vitest";
import { flattenThrows } from "../../transformer/simplify/flatten-throws.js";
import { run } from "./run-pass.js";

test("what follows a check stands behind it", () => {
  expect(
    run(
      `function f(x: number active) -> number {
        bad = lt x 0
        r = if bad {
          e: opaque"Error" = opaque "new RangeError()"
          throw e
        } else {
          y = sqrt x
          yield y
        }
        return r
      }`,
      flattenThrows,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active) -> number {
      t0 = constant 0
      bad = lt x t0
      if bad {
        e: opaque"Error" = opaque "new RangeError()"
        throw e
      }
      y = sqrt x
      return y
    }
    "
  `);
});
