/** What a function returns is returned where it is known. */
import { describe, expect, it } from "vitest";
import { parse } from "../../transformer/ir/parse.js";
import { emitText, expectAgreement } from "./run-emitted.js";

function emitted(ir: string, ...calls: readonly (readonly unknown[])[]): string {
  expectAgreement(parse(ir), ...calls);
  return emitText(ir);
}

describe("returns", () => {
  it("in each branch of a chain", () => {
    const ir = `function tax(x: number active, rate: number active) -> number, number {
      t1 = lt x 10
      a, b = if t1 {
        yield rate x
      } else {
        t2 = lt x 50
        c, d = if t2 {
          t3 = mul rate 2
          yield t3 x
        } else {
          yield 0 0
        }
        yield c d
      }
      return a b
    }`;
    expect(emitted(ir, [1, 2], [20, 2], [70, 2])).toMatchInlineSnapshot(`
      "function tax(x: number, rate: number): [number, number] {
        if (x < 10) return [rate, x];
        if (x < 50) return [rate * 2, x];
        return [0, 0];
      }"
    `);
  });

  it("a shadow beside a number", () => {
    const ir = `function slot(on: boolean const, x: Float64Array duplicated) -> Float64Array, number {
      n = length x
      dx: Float64Array = allocate zeros n
      v = if on {
        store dx[0] 2
        y = load x[0]
        z = mul y y
        w = mul z y
        u = sin w
        yield u
      } else {
        yield 1
      }
      return dx v
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function slot(on: boolean, x: Float64Array): [Float64Array, number] {
        const n = x.length;
        const dx = new Float64Array(n);
        if (on) {
          dx[0] = 2;
          const y = x[0];
          const z = y * y;
          const w = z * y;
          return [dx, Math.sin(w)];
        }
        return [dx, 1];
      }"
    `);
  });

  it("a default of a parameter whose absence is asked for twice", () => {
    const ir = `function scaled(x: number active, factor: optional<number> const) -> number, boolean {
      t1 = isAbsent factor
      f = if t1 {
        yield 2
      } else {
        t2: number = unwrap factor
        yield t2
      }
      y = mul x f
      return y t1
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function scaled(x: number, factor: number | undefined): [number, boolean] {
        const isAbsent = factor === undefined;
        const f = factor ?? 2;
        return [x * f, isAbsent];
      }"
    `);
  });
});

describe("text in templates", () => {
  it("does not take a name away from a parameter, code does", () => {
    const ir = `function report(x: number const, y: number const) -> void {
      opaque "console.log(\`x is \${$0}, then \${\`y \${y + $0}\`}\`)" x ; reads writes observable
      opaque "console.log($0)" y ; reads writes observable
      return
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function report(x: number, y1: number): void {
        console.log(\`x is \${x}, then \${\`y \${y + x}\`}\`);
        console.log(y1);
      }"
    `);
  });
});

describe("sweeps", () => {
  const sweeps = (
    mode: string,
  ): string => `function f(x: Float64Array duplicated, x@adjoint: Float64Array const) -> void as ${mode} of g {
      n = length x
      t1@residual: Float64Array = allocate zeros n
      t20, t21 = loop i from 0 to n step 1 {
        t2 = load x[i]
        store t1@residual[i] t2
        t3 = mul t2 t2
        store x[i] t3
        yield false
      }
      t22, t23 = loop j from 0 to n step 1 {
        t4 = load t1@residual[j]
        accumulate x@adjoint[j] t4
        yield false
      }
      return
    }`;
  it("are set apart", () => {
    expect(emitText(sweeps("reverse"))).toMatchInlineSnapshot(`
      "function f(x: Float64Array, dx: Float64Array): void {
        const n = x.length;
        const xBefore = new Float64Array(n);
        for (let i = 0; i < n; i++) {
          const xi = x[i];
          xBefore[i] = xi;
          x[i] = xi * xi;
        }

        for (let j = 0; j < n; j++) {
          dx[j] += xBefore[j];
        }
      }"
    `);
  });
  it("are not looked for in forward mode", () => {
    expect(emitText(sweeps("forward"))).not.toContain("\n\n");
  });
});
