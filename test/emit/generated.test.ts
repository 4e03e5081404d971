/** Random functions: what is emitted does what the IR says, whatever its values are called. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emitFunction } from "../../transformer/emit/typescript/emit-function.js";
import { print } from "../../transformer/ir/print.js";
import { irArguments, irFunctions } from "../support/random-ir.js";
import { runs } from "../support/runs.js";
import { renameVariables } from "./rename-variables.js";
import { expectAgreement, expectAgreementInParts, plainOptions, typeErrors } from "./run-emitted.js";

const named = fc.tuple(irFunctions, fc.array(fc.nat(11), { minLength: 1, maxLength: 40 })).map(([fn, choices]) => {
  let next = 0;
  const result = renameVariables(fn, () => choices[next++ % choices.length] ?? 0);
  Object.defineProperty(result, fc.toStringMethod, {
    value: () => `${print(result)}\n${emitFunction(result, plainOptions).text}`,
    enumerable: false,
  });
  return result;
});

const strict = { exported: true, uncheckedIndexedAccess: true };

describe("random functions", () => {
  it("run as the interpreter says", () => {
    fc.assert(
      fc.property(named, (fn) => {
        expectAgreement(fn, irArguments());
      }),
      runs(400),
    );
  });

  it("run so in small parts too", () => {
    fc.assert(
      fc.property(named, (fn) => {
        expectAgreementInParts(fn, irArguments());
      }),
      runs(400),
    );
  });

  it("pass the strictest type checks", () => {
    const { seed } = runs(1);
    const text = fc
      .sample(named, { numRuns: 150, seed })
      .map((fn, k) => emitFunction({ ...fn, name: `f${k}` }, { ...plainOptions, ...strict }).text)
      .join("\n");
    const [error] = typeErrors(text);
    if (error !== undefined) throw new Error(error);
  });

  it("pass them in small parts too", () => {
    const { seed } = runs(1);
    const options = { ...plainOptions, ...strict, partSizes: { largest: 40, part: 40 } };
    const text = fc
      .sample(named, { numRuns: 150, seed })
      .map((fn, k) => emitFunction({ ...fn, name: `f${k}` }, options).text)
      .join("\n");
    expect(text).toContain("_part2(");
    expect(typeErrors(text)).toEqual([]);
  });

  it("print the same text twice", () => {
    fc.assert(
      fc.property(named, (fn) => {
        expect(emitFunction(fn, plainOptions).text).toBe(emitFunction(fn, plainOptions).text);
      }),
      runs(40),
    );
  });
});
