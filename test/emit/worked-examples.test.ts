/** The derivatives of the worked examples, as IR and as what is printed. */
import { describe, expect, it } from "vitest";
import { parse } from "../../transformer/ir/parse.js";
import { emitText, expectAgreement, typeErrors } from "./run-emitted.js";

function check(ir: string, expected: string, ...calls: readonly (readonly unknown[])[]): void {
  expect(emitText(ir)).toBe(expected.trim());
  expect(typeErrors(emitText(ir, { uncheckedIndexedAccess: true }))).toEqual([]);
  expectAgreement(parse(ir), ...calls);
}

describe("worked examples", () => {
  it("power, with a recorded carried value", () => {
    check(
      `function power_reverse(x: number active, n: integer const, dResult: number const) -> number {
        tBefore: Float64Array = allocate zeros n
        c, s, t = loop i from 0 to n step 1 carrying t#1 = 1 {
          store tBefore[i] t#1
          t#2 = mul t#1 x
          yield false t#2
        }
        t9 = sub n 1
        c2, s2, x@adjoint, t@adjoint = loop i#2 from t9 to -1 step -1 carrying x#1@adjoint = 0, t#1@adjoint = dResult {
          t3 = load tBefore[i#2]
          t4 = mul t#1@adjoint t3
          x#2@adjoint = add x#1@adjoint t4
          t#2@adjoint = mul t#1@adjoint x
          yield false x#2@adjoint t#2@adjoint
        }
        return x@adjoint
      }`,
      `
function power_reverse(x: number, n: number, dResult: number): number {
  const tBefore = new Float64Array(n);
  let t = 1;
  for (let i = 0; i < n; i++) {
    tBefore[i] = t;
    t *= x;
  }
  let dx = 0;
  let dt = dResult;
  for (let i = n - 1; i >= 0; i--) {
    dx += dt * tBefore[i];
    dt *= x;
  }
  return dx;
}`,
      [3, 4, 1],
      [2, 0, 1],
    );
  });
});
