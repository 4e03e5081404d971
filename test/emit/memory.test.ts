/** Nothing that reads memory is written behind a write; effects keep their order. */
import { describe, expect, it } from "vitest";
import { parse } from "../../transformer/ir/parse.js";
import { emitText, expectAgreement } from "./run-emitted.js";

function emitted(ir: string, ...calls: readonly (readonly unknown[])[]): string {
  expectAgreement(parse(ir), ...calls);
  return emitText(ir);
}

describe("memory", () => {
  it("a load waits until its element is overwritten", () => {
    const ir = `function move(x: Float64Array duplicated, y: Float64Array duplicated, i: integer const) -> number {
      t1 = load x[i]
      t2 = load y[i]
      store x[i] 0
      t3 = add i 1
      accumulate x[t3] t1
      t4 = load x[t3]
      t5 = mul t4 3
      store x[t3] t5
      t6 = mul t4 t2
      return t6
    }`;
    const x = new Float64Array([1, 2, 3]);
    expect(emitted(ir, [x, new Float64Array([4, 5, 6]), 1])).toMatchInlineSnapshot(`
      "function move(x: Float64Array, y: Float64Array, i: number): number {
        const xi = x[i];
        x[i] = 0;
        x[i + 1] += xi;
        const xNext = x[i + 1];
        x[i + 1] = xNext * 3;
        return xNext * y[i];
      }"
    `);
  });

  it("loads move into the branch that uses them, not past a write there", () => {
    const ir = `function branch(x: Float64Array duplicated, c: boolean const) -> number {
      t1 = load x[0]
      t2 = load x[1]
      a, b = if c {
        store x[0] 7
        t3 = mul t1 2
        yield t3 1
      } else {
        store x[1] 8
        t4 = mul t2 3
        yield t4 2
      }
      t5 = mul a b
      return t5
    }`;
    expect(emitted(ir, [new Float64Array([1, 2]), true], [new Float64Array([1, 2]), false])).toMatchInlineSnapshot(`
      "function branch(x: Float64Array, c: boolean): number {
        let a: number;
        let b: number;
        if (c) {
          const x0 = x[0];
          x[0] = 7;
          a = x0 * 2;
          b = 1;
        } else {
          const x1 = x[1];
          x[1] = 8;
          a = x1 * 3;
          b = 2;
        }
        return a * b;
      }"
    `);
  });

  it("updates in place", () => {
    const ir = `function update(x: Float64Array duplicated, p: record Point {x: number, y: number} duplicated, i: integer const) -> void {
      t1 = load x[i]
      t2 = mul t1 3
      store x[i] t2
      t3 = load p.x
      t4 = load p.y
      t5 = sub t3 t4
      store p.x t5
      t6 = neg t4
      t7 = mul t6 2
      accumulate p.y t7
      t8 = neg t4
      t9 = mul t8 2
      t10 = sub t9 t2
      accumulate x[0] t10
      return
    }`;
    expect(emitted(ir, [new Float64Array([1, 2]), { x: 1, y: 2 }, 1])).toMatchInlineSnapshot(`
      "function update(x: Float64Array, p: { x: number; y: number }, i: number): void {
        const t = x[i] * 3;
        x[i] = t;
        const y = p.y;
        p.x -= y;
        p.y -= y * 2;
        x[0] -= y * 2 + t;
      }"
    `);
  });

  it("a stack", () => {
    const ir = `function stack(x: number active, n: integer const) -> number {
      xs: number[] = allocate parts
      t20, t21, y = loop i from 0 to n step 1 carrying y#1 = x {
        t1 = push xs y#1
        y#2 = mul y#1 y#1
        yield false y#2
      }
      t22, t23, x@adjoint = loop i#2 from 0 to n step 1 carrying x#1@adjoint: number = 1 {
        t2 = pop xs
        t3 = mul 2 t2
        x#2@adjoint = mul x#1@adjoint t3
        yield false x#2@adjoint
      }
      return x@adjoint
    }`;
    expect(emitted(ir, [0.9, 3])).toMatchInlineSnapshot(`
      "function stack(x: number, n: number): number {
        const xs: number[] = [];
        let y = x;
        for (let i = 0; i < n; i++) {
          xs.push(y);
          y *= y;
        }
        let dx = 1;
        for (let i = 0; i < n; i++) {
          dx *= 2 * xs.pop()!;
        }
        return dx;
      }"
    `);
  });

  it("calls and draws in their order", () => {
    const ir = `function effects(x: Float64Array duplicated) -> number {
      t1 = load x[0]
      t2 = random
      t3 = random
      opaque "console.log($0, $1)" t1 t3 ; reads writes observable
      t4 = load x[0]
      t5 = sub t3 t2
      t6 = add t4 t5
      t7 = random
      t8 = mul t6 t7
      return t8
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function effects(x: Float64Array): number {
        const draw = Math.random();
        const draw1 = Math.random();
        console.log(x[0], draw1);
        return (x[0] + (draw1 - draw)) * Math.random();
      }"
    `);
  });

  it("what is allocated", () => {
    const ir = `function fresh(x: Float64Array duplicated, xs: number[] duplicated, rows: array<Float64Array> duplicated, p: record Point {x: number, y: number} duplicated, n: integer const) -> number {
      t1 = length x
      a: number[] = allocate zeros n
      b: Float64Array = allocate filled n 1.5
      c: Float64Array = allocate copy x 0 t1
      d: Float64Array = allocate copy x 1 n
      e: Float64Array = allocate copy xs 0 n
      f: array<Float64Array> = allocate zerosLike rows
      g: record Point {x: number, y: number} = allocate zerosLike p
      h: tuple<number, number> = allocate parts n 2
      k: number[] = allocate zerosLike xs
      opaque "use($0, $1, $2, $3, $4, $5, $6, $7, $8)" a b c d e f g h k ; reads writes observable
      return 0
    }`;
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function fresh(x: Float64Array, xs: number[], rows: Float64Array[], p: { x: number; y: number }, n: number): number {
        const a = new Array<number>(n).fill(0);
        const b = new Float64Array(n).fill(1.5);
        const c = x.slice();
        const d = x.slice(1, n);
        const e = Float64Array.from(xs.slice(0, n));
        const f: Float64Array[] = zerosLike(rows);
        const g: { x: number; y: number } = { x: 0, y: 0 };
        const h: [number, number] = [n, 2];
        const k = new Array<number>(xs.length).fill(0);
        use(a, b, c, d, e, f, g, h, k);
        return 0;
      }"
    `);
  });
});
