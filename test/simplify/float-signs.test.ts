import { describe, expect, it } from "vitest";
import { floatSigns } from "../../transformer/simplify/float-signs.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { run } from "./run-pass.js";

const inFunction = (body: string): string =>
  `function f(x: number active, d: number const, a@adjoint: Float64Array const) -> number as gradient of g {
      ${body}
      return r@adjoint
    }`;

describe("signs", () => {
  it("float through quotients and guards into sums", () => {
    const body = `n@adjoint = neg d
      q@adjoint = div n@adjoint x
      g@adjoint = guard n@adjoint q@adjoint
      p@adjoint = mul q@adjoint x
      s@adjoint = add x g@adjoint
      r@adjoint = sub s@adjoint p@adjoint`;
    expect(run(inFunction(body), floatSigns, removeDead)).toMatchInlineSnapshot(`
      "
      function f(x: number active, d: number const, a@adjoint: Float64Array const) -> number as gradient of g {
        t0@adjoint = div d x
        t1@adjoint = guard d t0@adjoint
        t2@adjoint = mul t0@adjoint x
        s@adjoint = sub x t1@adjoint
        r@adjoint = add s@adjoint t2@adjoint
        return r@adjoint
      }
      "
    `);
  });

  it("float into what is added to an element", () => {
    const body = `n@adjoint = neg d
      p@adjoint = mul n@adjoint x
      accumulate a@adjoint[0] p@adjoint
      r@adjoint = mul d x`;
    expect(run(inFunction(body), floatSigns, removeDead)).toMatchInlineSnapshot(`
      "
      function f(x: number active, d: number const, a@adjoint: Float64Array const) -> number as gradient of g {
        t0@adjoint = mul d x
        t1 = constant 0
        t2@adjoint = neg t0@adjoint
        accumulate a@adjoint[t1] t2@adjoint
        r@adjoint = mul d x
        return r@adjoint
      }
      "
    `);
  });

  it.each([
    ["what the primal computes with", "n@adjoint = neg d\ne = exp n@adjoint\nr@adjoint = add e n@adjoint"],
    ["what is returned", "n@adjoint = neg d\nr@adjoint = mul n@adjoint x"],
    ["the larger of two", "n@adjoint = neg d\nr@adjoint = max n@adjoint x"],
    [
      "two that meet",
      "n@adjoint = neg d\np@adjoint = mul n@adjoint x\nq@adjoint = mul n@adjoint p@adjoint\nr@adjoint = add q@adjoint x",
    ],
    ["what is subtracted from already", "n@adjoint = neg d\naccumulate a@adjoint[0] n@adjoint\nr@adjoint = mul d x"],
  ])("stay before %s", (_, body) => {
    expect(run(inFunction(body), floatSigns)).toBe("unchanged");
  });
});
