/** The derivatives of the worked examples, as IR and as what is printed. */
import { describe, expect, it } from "vitest";
import { parse } from "../../transformer/ir/parse.js";
import { emitText, expectAgreement, typeErrors } from "./run-emitted.js";

/** Runs the text against the interpreter, checks its types, and gives it back. */
function emitted(ir: string, ...calls: readonly (readonly unknown[])[]): string {
  expect(typeErrors(emitText(ir, { uncheckedIndexedAccess: true, exported: true }))).toEqual([]);
  expectAgreement(parse(ir), ...calls);
  return emitText(ir);
}

describe("worked examples", () => {
  it("power, with a recorded carried value", () => {
    const ir = `function power_reverse(x: number active, n: integer const, dResult: number const) -> number {
      tBefore: Float64Array = allocate zeros n
      c, s, t = loop i from 0 to n step 1 carrying t#1 = 1 {
        store tBefore[i] t#1
        t#2 = mul t#1 x
        yield false t#2
      }
      t1 = sub n 1
      c2, s2, x@adjoint, t@adjoint = loop i#2 from t1 to -1 step -1 carrying x#1@adjoint = 0, t#1@adjoint = dResult {
        t3 = load tBefore[i#2]
        t4 = mul t#1@adjoint t3
        x#2@adjoint = add x#1@adjoint t4
        t#2@adjoint = mul t#1@adjoint x
        yield false x#2@adjoint t#2@adjoint
      }
      return x@adjoint
    }`;
    expect(emitted(ir, [3, 4, 1], [2, 0, 1])).toMatchInlineSnapshot(`
      "function power_reverse(x: number, n: number, dResult: number): number {
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
      }"
    `);
  });

  it("rosenbrock, which records nothing", () => {
    const ir = `function rosenbrock_gradient(x: Float64Array duplicated) -> Float64Array {
      x@adjoint: Float64Array = allocate zerosLike x
      t1 = length x
      t2 = sub t1 2
      c, s = loop i from t2 to -1 step -1 {
        t3 = add i 1
        t4 = load x[t3]
        t5 = load x[i]
        t6 = mul t5 t5
        t = sub t4 t6
        u = sub 1 t5
        t@adjoint = mul 200 t
        accumulate x@adjoint[t3] t@adjoint
        t7 = mul 2 t5
        t8 = mul t7 t@adjoint
        t9 = mul 2 u
        t10 = add t8 t9
        t11 = neg t10
        accumulate x@adjoint[i] t11
        yield false
      }
      return x@adjoint
    }`;
    expect(emitted(ir, [new Float64Array([0.3, -0.7, 1.1])], [new Float64Array(0)])).toMatchInlineSnapshot(`
      "function rosenbrock_gradient(x: Float64Array): Float64Array {
        const dx = new Float64Array(x.length);
        for (let i = x.length - 2; i >= 0; i--) {
          const xi = x[i];
          const t = x[i + 1] - xi * xi;
          const u = 1 - xi;
          const dt = 200 * t;
          dx[i + 1] += dt;
          dx[i] -= 2 * xi * dt + 2 * u;
        }
        return dx;
      }"
    `);
  });

  it("logistic, whose parameter is assigned", () => {
    const ir = `function logistic_gradient(x: number active, r: number active, n: integer const) -> number, number {
      x@residual: Float64Array = allocate zeros n
      c, s, x#1 = loop i from 0 to n step 1 carrying x#2 = x {
        store x@residual[i] x#2
        t1 = mul r x#2
        t2 = sub 1 x#2
        x#3 = mul t1 t2
        yield false x#3
      }
      t3 = sub n 1
      c2, s2, x@adjoint, r@adjoint = loop i#2 from t3 to -1 step -1 carrying x#2@adjoint: number = 1, r#2@adjoint: number = 0 {
        x#4 = load x@residual[i#2]
        t4 = mul x#2@adjoint x#4
        t5 = sub 1 x#4
        t6 = mul t4 t5
        r#3@adjoint = add r#2@adjoint t6
        t7 = mul 2 x#4
        t8 = sub 1 t7
        t9 = mul r t8
        x#3@adjoint = mul x#2@adjoint t9
        yield false x#3@adjoint r#3@adjoint
      }
      return x@adjoint r@adjoint
    }`;
    expect(emitted(ir, [0.3, 3.2, 7], [0.3, 3.2, 0])).toMatchInlineSnapshot(`
      "function logistic_gradient(x: number, r: number, n: number): [number, number] {
        const xBefore = new Float64Array(n);
        for (let i = 0; i < n; i++) {
          xBefore[i] = x;
          x = r * x * (1 - x);
        }
        let dx = 1;
        let dr = 0;
        for (let i = n - 1; i >= 0; i--) {
          const x = xBefore[i];
          dr += dx * x * (1 - x);
          dx *= r * (1 - 2 * x);
        }
        return [dx, dr];
      }"
    `);
  });

  it("newton, with a break and the count of what was completed", () => {
    const ir = `function newton_gradient(x: number active, a: number active) -> number {
      x@residual: Float64Array = allocate zeros 50
      t10, t11, x#1 = loop k from 0 to 50 step 1 carrying x#2 = x {
        t1 = mul x#2 x#2
        e = sub t1 a
        t2 = abs e
        t3 = lt t2 1e-12
        t4, t5 = if t3 {
          yield true x#2
        } else {
          store x@residual[k] x#2
          t6 = mul 2 x#2
          t7 = div e t6
          x#3 = sub x#2 t7
          yield false x#3
        }
        yield t4 t5
      }
      t8 = sub t10 1
      t12, t13, a@adjoint = loop k#2 from t8 to -1 step -1 carrying a#2@adjoint: number = 0 {
        x#9 = load x@residual[k#2]
        t14 = mul 2 x#9
        t15 = div 1 t14
        t9 = mul a#2@adjoint t15
        a#3@adjoint = add a#2@adjoint t9
        yield false a#3@adjoint
      }
      return a@adjoint
    }`;
    expect(emitted(ir, [1.5, 2], [2, 4])).toMatchInlineSnapshot(`
      "function newton_gradient(x: number, a: number): number {
        const xBefore = new Float64Array(50);
        let steps = 0;
        for (let k = 0; k < 50; k++) {
          const e = x * x - a;
          if (Math.abs(e) < 1e-12) break;
          xBefore[k] = x;
          x -= e / (2 * x);
          steps = k + 1;
        }
        let da = 0;
        for (let k = steps - 1; k >= 0; k--) {
          const x = xBefore[k];
          da += da * (1 / (2 * x));
        }
        return da;
      }"
    `);
  });

  it("a record of unknown length", () => {
    const ir = `function roots(x: number active) -> number, number {
      x@residual: Float64Array = allocate zeros 2
      t20, t21, x#1, x#1@residual = loop t22 carrying x#2 = x, x#2@residual = x@residual {
        t1 = gt x#2 1.5
        t2, t3, t4 = if t1 {
          t5 = add t22 1
          x#3@residual = grow x#2@residual t5
          store x#3@residual[t22] x#2
          x#3 = sqrt x#2
          yield false x#3 x#3@residual
        } else { yield true x#2 x#2@residual }
        yield t2 t3 t4
      }
      t6 = sub t20 1
      t23, t24, x@adjoint = loop t25 from t6 to 0 step -1 inclusive carrying x#1@adjoint: number = 1 {
        x#9 = load x#1@residual[t25]
        t7 = sqrt x#9
        t8 = mul 2 t7
        x#2@adjoint = div x#1@adjoint t8
        yield false x#2@adjoint
      }
      return x#1 x@adjoint
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function roots(x: number): [number, number] {
        let xBefore: Float64Array = new Float64Array(2);
        let count = 0;
        while (x > 1.5) {
          xBefore = grow(xBefore, count + 1);
          xBefore[count] = x;
          x = Math.sqrt(x);
          count++;
        }
        let dx = 1;
        for (let i = count - 1; i >= 0; i--) {
          const x = xBefore[i];
          dx /= 2 * Math.sqrt(x);
        }
        return [x, dx];
      }"
    `);
  });
});
