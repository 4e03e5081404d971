import { describe, expect, it } from "vitest";
import { mergeAccumulates } from "../../transformer/simplify/merge-accumulates.js";
import { run } from "./run-pass.js";

const inFunction = (body: string): string =>
  `function f(x: number active, i: integer const, k: integer const, a@adjoint: Float64Array const) -> number as gradient of g {
      ${body}
      return x
    }`;

describe("what is stored in an element of a shadow", () => {
  it("takes in what is added later", () => {
    const body = `zero = constant 0
      before@adjoint = load a@adjoint[i]
      store a@adjoint[i] zero
      p@adjoint = mul before@adjoint x
      accumulate a@adjoint[i] p@adjoint
      accumulate a@adjoint[i] x`;
    expect(run(inFunction(body), mergeAccumulates)).toMatchInlineSnapshot(`
      "
      function f(x: number active, i: integer const, k: integer const, a@adjoint: Float64Array const) -> number as gradient of g {
        zero = constant 0
        before@adjoint = load a@adjoint[i]
        p@adjoint = mul before@adjoint x
        t0@adjoint = add p@adjoint x
        store a@adjoint[i] t0@adjoint
        return x
      }
      "
    `);
  });

  it("stays where the element may be read or added to in between", () => {
    for (const between of [
      "s = load a@adjoint[k]",
      "accumulate a@adjoint[k] x",
      "store a@adjoint[k] x",
      "c, n = loop j from i to k step 1 {\naccumulate a@adjoint[j] x\nyield stop\n}",
    ]) {
      const body = `zero = constant 0
      stop = constant false
      store a@adjoint[i] zero
      ${between}
      accumulate a@adjoint[i] x`;
      expect(run(inFunction(body), mergeAccumulates), between).toBe("unchanged");
    }
  });

  it("moves past another element of the same array", () => {
    const body = `zero = constant 0
      one = constant 1
      next = add i one
      store a@adjoint[i] zero
      accumulate a@adjoint[next] x
      accumulate a@adjoint[i] x`;
    expect(run(inFunction(body), mergeAccumulates)).toMatchInlineSnapshot(`
      "
      function f(x: number active, i: integer const, k: integer const, a@adjoint: Float64Array const) -> number as gradient of g {
        zero = constant 0
        one = constant 1
        next = add i one
        accumulate a@adjoint[next] x
        store a@adjoint[i] x
        return x
      }
      "
    `);
  });

  it("moves past an element that is another one where it runs", () => {
    const body = `zero = constant 0
      less = lt i k
      if less {
        store a@adjoint[i] zero
        accumulate a@adjoint[k] x
        accumulate a@adjoint[i] x
        yield
      } else {
        yield
      }`;
    expect(run(inFunction(body), mergeAccumulates)).toMatchInlineSnapshot(`
      "
      function f(x: number active, i: integer const, k: integer const, a@adjoint: Float64Array const) -> number as gradient of g {
        zero = constant 0
        less = lt i k
        if less {
          accumulate a@adjoint[k] x
          store a@adjoint[i] x
        }
        return x
      }
      "
    `);
  });
});
