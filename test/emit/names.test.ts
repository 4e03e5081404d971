/** Names: from the user's, with what they are for, and in nobody's way. */
import { describe, expect, it } from "vitest";
import { withRole } from "../../transformer/ir/roles.js";
import { emitText, typeErrors } from "./run-emitted.js";

describe("names", () => {
  it.each([
    ["x", "adjoint", "dx"],
    ["dx", "adjoint", "ddx"],
    ["velocity", "adjoint", "dVelocity"],
    ["dVelocity", "adjoint", "ddVelocity"],
    ["xs", "adjoint", "dXs"],
    ["dx", "tangent", "dxDot"],
    ["x", "residual", "xBefore"],
  ] as const)("%s as %s is %s", (name, role, expected) => {
    expect(withRole(name, role)).toBe(expected);
  });

  const loaded = `function f(x: Float64Array duplicated, n: integer const) -> Float64Array {
    x@adjoint: Float64Array = allocate zerosLike x
    t1 = length x
    t2, t3 = loop t4 from 0 to t1 step 1 {
      t5 = load x[t4]
      t6 = exp t5
      t7 = mul t6 t6
      accumulate x@adjoint[t4] t7
      yield false
    }
    return x@adjoint
  }`;

  it("keeps out of the way of names in the file", () => {
    expect(emitText(loaded, { reservedNames: new Set(["dx", "i", "exp"]) })).toMatchInlineSnapshot(`
      "function f(x: Float64Array, n: number): Float64Array {
        const dx1 = new Float64Array(x.length);
        for (let j = 0; j < x.length; j++) {
          const exp1 = Math.exp(x[j]);
          dx1[j] += exp1 * exp1;
        }
        return dx1;
      }"
    `);
  });

  it("renames what would hide a global that is used, or is reserved", () => {
    const ir = `function f(Math: number active, x: number active "class") -> number {
      Float64Array = sqrt Math
      length = mul Float64Array Float64Array
      t1 = sin length
      t2 = add t1 x
      return t2
    }`;
    const text = emitText(ir, { exported: true });
    expect(typeErrors(text)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "export function f(Math1: number, class1: number): number {
        const Float64Array1 = Math.sqrt(Math1);
        const length = Float64Array1 * Float64Array1;
        return Math.sin(length) + class1;
      }"
    `);
  });

  it("a record's value may hide the parameter that is not read there, and only there", () => {
    const ir = `function f(x: number active, n: integer const) -> number {
      x@residual: Float64Array = allocate zeros n
      t1, t2, s = loop i from 0 to n step 1 carrying s#1: number = 0 {
        x#1 = load x@residual[i]
        t3 = mul x#1 x#1
        s#2 = add s#1 t3
        yield false s#2
      }
      t4, t5, u = loop i#1 from 0 to n step 1 carrying u#1 = s {
        x#2 = load x@residual[i#1]
        t6 = mul x#2 x#2
        t7 = mul t6 x
        u#2 = add u#1 t7
        yield false u#2
      }
      return u
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function f(x: number, n: number): number {
        const xBefore = new Float64Array(n);
        let s = 0;
        for (let i = 0; i < n; i++) {
          const x = xBefore[i];
          s += x * x;
        }
        let u = s;
        for (let i = 0; i < n; i++) {
          const x1 = xBefore[i];
          u += x1 * x1 * x;
        }
        return u;
      }"
    `);
  });

  it("parameters of derivatives", () => {
    const ir = `function f(x: number active, x@tangent: number const "x", velocity: Float64Array duplicated, velocity@adjoint: Float64Array const "velocity") -> number {
      t1 = mul x x@tangent
      accumulate velocity@adjoint[0] t1
      return t1
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function f(x: number, xDot: number, velocity: Float64Array, dVelocity: Float64Array): number {
        const t = x * xDot;
        dVelocity[0] += t;
        return t;
      }"
    `);
  });
});
