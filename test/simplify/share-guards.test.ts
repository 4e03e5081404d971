import { describe, expect, it } from "vitest";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { shareGuards } from "../../transformer/simplify/share-guards.js";
import { run } from "./run-pass.js";

const inFunction = (body: string): string =>
  `function f(x: number active, d: number const, w: number const) -> number as gradient of g {
      ${body}
      return r@adjoint
    }`;

describe("a quotient that is guarded twice", () => {
  it("is taken guarded by what a second guard on the same adjoint is around", () => {
    const body = `q@adjoint = div d w
      m@adjoint = mul q@adjoint x
      n@adjoint = neg m@adjoint
      h@adjoint = guard d n@adjoint
      g@adjoint = guard d q@adjoint
      r@adjoint = add g@adjoint h@adjoint`;
    expect(run(inFunction(body), shareGuards, removeDead)).toMatchInlineSnapshot(`
      "
      function f(x: number active, d: number const, w: number const) -> number as gradient of g {
        q@adjoint = div d w
        g@adjoint = guard d q@adjoint
        m@adjoint = mul g@adjoint x
        n@adjoint = neg m@adjoint
        h@adjoint = guard d n@adjoint
        r@adjoint = add g@adjoint h@adjoint
        return r@adjoint
      }
      "
    `);
  });

  it("stays where the guards are on different adjoints, or somebody else takes what is between", () => {
    expect(
      run(
        inFunction(`q@adjoint = div d w
      m@adjoint = mul q@adjoint x
      g@adjoint = guard d q@adjoint
      h@adjoint = guard x m@adjoint
      r@adjoint = add g@adjoint h@adjoint`),
        shareGuards,
      ),
    ).toBe("unchanged");
    expect(
      run(
        inFunction(`q@adjoint = div d w
      m@adjoint = mul q@adjoint x
      g@adjoint = guard d q@adjoint
      h@adjoint = guard d m@adjoint
      s@adjoint = add g@adjoint h@adjoint
      r@adjoint = add s@adjoint m@adjoint`),
        shareGuards,
      ),
    ).toBe("unchanged");
  });
});
