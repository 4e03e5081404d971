/** Records are called after what they hold. */
import { describe, expect, it } from "vitest";
import { emitText } from "./run-emitted.js";

describe("records", () => {
  it("of a function's values, of what is overwritten, of which way a branch went", () => {
    const ir = `function f(x: Float64Array duplicated, x@adjoint: Float64Array const) -> void as reverse of g {
      n = length x
      t1@residual: Float64Array = allocate zeros n
      t2@residual: Float64Array = allocate zeros n
      t3@residual: Uint8Array = allocate zeros n
      t20, t21 = loop i from 0 to n step 1 {
        y = load x[i]
        t4 = sin y
        store t1@residual[i] t4
        t5 = load x[i]
        store t2@residual[i] t5
        t6 = lt t5 t4
        t7 = toNumber t6
        store t3@residual[i] t7
        t8 = mul t4 t4
        store x[i] t8
        yield false
      }
      t22, t23 = loop j from 0 to n step 1 {
        t9 = load t1@residual[j]
        t10 = mul t9 t9
        t11 = load t2@residual[j]
        t12 = add t10 t11
        t13: integer = load t3@residual[j]
        t14 = ne t13 0
        if t14 {
          accumulate x@adjoint[j] t12
        }
        yield false
      }
      return
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function f(x: Float64Array, dx: Float64Array): void {
        const n = x.length;
        const sinYs = new Float64Array(n);
        const xBefore = new Float64Array(n);
        const wasLess = new Uint8Array(n);
        for (let i = 0; i < n; i++) {
          const y = x[i];
          const sinY = Math.sin(y);
          sinYs[i] = sinY;
          const xi = x[i];
          xBefore[i] = xi;
          wasLess[i] = xi < sinY ? 1 : 0;
          x[i] = sinY * sinY;
        }

        for (let j = 0; j < n; j++) {
          const sinY = sinYs[j];
          if (wasLess[j] !== 0) {
            dx[j] += sinY * sinY + xBefore[j];
          }
        }
      }"
    `);
  });

  it("of what nothing tells, after the operation", () => {
    const ir = `function f(x: Float64Array duplicated, c: number const, x@adjoint: Float64Array const) -> void as reverse of g {
      n = length x
      t1@residual: Float64Array = allocate zeros n
      t20, t21 = loop i from 0 to n step 1 {
        y = load x[i]
        t4 = mul y c
        store t1@residual[i] t4
        t8 = mul t4 t4
        store x[i] t8
        yield false
      }
      t22, t23 = loop j from 0 to n step 1 {
        t9 = load t1@residual[j]
        t10 = mul t9 t9
        accumulate x@adjoint[j] t10
        yield false
      }
      return
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function f(x: Float64Array, c: number, dx: Float64Array): void {
        const n = x.length;
        const products = new Float64Array(n);
        for (let i = 0; i < n; i++) {
          const y = x[i];
          const product = y * c;
          products[i] = product;
          x[i] = product * product;
        }

        for (let j = 0; j < n; j++) {
          const product = products[j];
          dx[j] += product * product;
        }
      }"
    `);
  });
});

describe("branches", () => {
  it("compute what only they ask for", () => {
    const ir = `function f(x: Float64Array duplicated, n: integer const, c: boolean const) -> void {
      t1 = mul n 2
      t2 = add n 1
      if c {
        store x[t1] 1
        store x[t2] t1
      }
      return
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function f(x: Float64Array, n: number, c: boolean): void {
        if (c) {
          const t = n * 2;
          x[t] = 1;
          x[n + 1] = t;
        }
      }"
    `);
  });
});
