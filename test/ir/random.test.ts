import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpret } from "../../transformer/ir/interpret.js";
import { parse } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import { verify } from "../../transformer/ir/verify.js";
import { irArguments, irFunctions } from "../support/random-ir.js";
import { runs } from "../support/runs.js";
import { deepClone, difference } from "../support/shape.js";

describe("random functions", () => {
  test("are sound, and survive the way to text and back", () => {
    fc.assert(
      fc.property(irFunctions, (fn) => {
        verify(fn, "build");
        const text = print(fn);
        const again = parse(text);
        verify(again, "parse");
        expect(print(again)).toBe(text);
      }),
      runs(300),
    );
  });

  test("mean the same after the way to text and back, and stay finite", () => {
    fc.assert(
      fc.property(irFunctions, (fn) => {
        const args = irArguments();
        const others = deepClone(args);
        const { results } = interpret(fn, args, { limit: 200_000 });
        const again = interpret(parse(print(fn)), others, { limit: 200_000 });
        expect(difference([results, args], [again.results, others], "run")).toBeNull();
        expect(results.every((value) => Number.isFinite(value))).toBe(true);
      }),
      runs(300),
    );
  });
});
