/** Branches, loops and exits come back as a programmer writes them. */
import { describe, expect, it } from "vitest";
import { parse } from "../../transformer/ir/parse.js";
import { emitText, expectAgreement } from "./run-emitted.js";

function emitted(ir: string, ...calls: readonly (readonly unknown[])[]): string {
  expectAgreement(parse(ir), ...calls);
  return emitText(ir);
}

describe("loops", () => {
  it("values that trade places need one temporary", () => {
    const ir = `function fibonacci(n: integer const) -> number {
      t10, t11, a, b = loop i from 0 to n step 1 carrying a#1: number = 0, b#1: number = 1 {
        t1 = add a#1 b#1
        yield false b#1 t1
      }
      return a
    }`;
    expect(emitted(ir, [10], [0])).toMatchInlineSnapshot(`
      "function fibonacci(n: number): number {
        let a = 0;
        let b = 1;
        for (let i = 0; i < n; i++) {
          const nextB = a + b;
          a = b;
          b = nextB;
        }
        return a;
      }"
    `);
  });

  it("a swap", () => {
    const ir = `function swap(n: integer const, a: number active, b: number active) -> number {
      t10, t11, a#2, b#2 = loop i from 0 to n step 1 carrying a#1 = a, b#1 = b {
        yield false b#1 a#1
      }
      return a#2
    }`;
    expect(emitted(ir, [3, 1, 2], [4, 1, 2])).toMatchInlineSnapshot(`
      "function swap(n: number, a: number, b: number): number {
        for (let i = 0; i < n; i++) {
          const previousB = b;
          b = a;
          a = previousB;
        }
        return a;
      }"
    `);
  });

  it("buffers that trade places", () => {
    const ir = `function smooth(a: Float64Array duplicated, n: integer const) -> number {
      t1 = length a
      b: Float64Array = allocate zeros t1
      t20, t21, current, next = loop k from 0 to n step 1 carrying current#1 = a, next#1 = b {
        t22, t23 = loop i from 0 to t1 step 1 {
          t2 = load current#1[i]
          t3 = mul t2 0.5
          store next#1[i] t3
          yield false
        }
        yield false next#1 current#1
      }
      t4 = load current[0]
      return t4
    }`;
    expect(emitted(ir, [new Float64Array([1, 2]), 3])).toMatchInlineSnapshot(`
      "function smooth(a: Float64Array, n: number): number {
        const b = new Float64Array(a.length);
        let current: Float64Array = a;
        let next: Float64Array = b;
        for (let k = 0; k < n; k++) {
          for (let i = 0; i < a.length; i++) {
            next[i] = current[i] * 0.5;
          }
          const previousNext = next;
          next = current;
          current = previousNext;
        }
        return current[0];
      }"
    `);
  });

  it("order of assignments avoids temporaries", () => {
    const ir = `function order(x: number active, n: integer const) -> number {
      t10, t11, d, y = loop i from 0 to n step 1 carrying d#1: number = 1, y#1 = x {
        y#2 = mul y#1 x
        t1 = mul d#1 y#1
        d#2 = add t1 x
        z = sin y#2
        d#3 = add d#2 z
        yield false d#3 y#2
      }
      return d
    }`;
    expect(emitted(ir, [0.7, 4])).toMatchInlineSnapshot(`
      "function order(x: number, n: number): number {
        let d = 1;
        let y = x;
        for (let i = 0; i < n; i++) {
          d = d * y + x;
          y *= x;
          const z = Math.sin(y);
          d += z;
        }
        return d;
      }"
    `);
  });

  it("while, and a break after some work", () => {
    const ir = `function settle(x: number active, n: integer const) -> number {
      t20, t21, y, k = loop carrying y#1 = x, k#1 = 0 {
        t1 = lt k#1 n
        t2, t3, t4 = if t1 {
          t5 = mul y#1 y#1
          t6 = gt t5 100
          t7, t8, t9 = if t6 {
            z = sqrt y#1
            yield true z k#1
          } else {
            t12 = mul y#1 3
            k#2 = add k#1 1
            yield false t12 k#2
          }
          yield t7 t8 t9
        } else { yield true y#1 k#1 }
        yield t2 t3 t4
      }
      return y
    }`;
    expect(emitted(ir, [2, 10], [2, 1], [2, 0])).toMatchInlineSnapshot(`
      "function settle(x: number, n: number): number {
        let y = x;
        let k = 0;
        while (k < n) {
          if (y * y > 100) {
            y = Math.sqrt(y);
            break;
          }
          y *= 3;
          k++;
        }
        return y;
      }"
    `);
  });

  it("do, while", () => {
    const ir = `function halve(x: number active, limit: number const) -> number {
      t20, t21, x#2 = loop carrying x#1 = x {
        x#3 = div x#1 2
        t1 = gt x#3 limit
        t2 = not t1
        yield t2 x#3
      }
      return x#2
    }`;
    expect(emitted(ir, [9, 1], [0.5, 1])).toMatchInlineSnapshot(`
      "function halve(x: number, limit: number): number {
        do {
          x /= 2;
        } while (x > limit);
        return x;
      }"
    `);
  });

  it("continue", () => {
    const ir = `function positive(x: Float64Array duplicated, y: number active) -> number {
      t1 = length x
      t20, t21, sum = loop i from 0 to t1 step 1 carrying sum#1: number = 0 {
        v = load x[i]
        t3 = lt v 0
        sum#4 = if t3 {
          yield sum#1
        } else {
          w = mul v v
          sum#2 = add sum#1 w
          store x[i] sum#2
          sum#3 = mul sum#2 y
          yield sum#3
        }
        yield false sum#4
      }
      return sum
    }`;
    expect(emitted(ir, [new Float64Array([1, -2, 3]), 0.5])).toMatchInlineSnapshot(`
      "function positive(x: Float64Array, y: number): number {
        let sum = 0;
        for (let i = 0; i < x.length; i++) {
          const v = x[i];
          if (v < 0) continue;
          const w = v * v;
          sum += w;
          x[i] = sum;
          sum *= y;
        }
        return sum;
      }"
    `);
  });

  it("a return out of a loop", () => {
    const ir = `function find(x: Float64Array duplicated, y: number active) -> number {
      t1 = length x
      t20, t21, t22, result = loop i from 0 to t1 step 1 carrying t23 = false, result#1: number = 0 {
        v = load x[i]
        t3 = gt v y
        t4, t5, t6 = if t3 {
          t8 = mul v 2
          yield true true t8
        } else {
          yield false t23 result#1
        }
        yield t4 t5 t6
      }
      t9 = if t22 { yield result } else {
        t10 = neg y
        yield t10
      }
      return t9
    }`;
    expect(emitted(ir, [new Float64Array([1, 5, 9]), 3], [new Float64Array([1, 2]), 3])).toMatchInlineSnapshot(`
      "function find(x: Float64Array, y: number): number {
        let done = false;
        let result = 0;
        for (let i = 0; i < x.length; i++) {
          const v = x[i];
          if (v > y) {
            result = v * 2;
            done = true;
            break;
          }
        }
        return done ? result : -y;
      }"
    `);
  });

  it("a stop that the test of the last branch decides", () => {
    const ir = `function until(x: number active, n: integer const) -> number, integer {
      t20, t21, x#1 = loop i from 0 to n step 1 carrying x#2 = x {
        t1 = gt x#2 10
        x#3 = if t1 { yield x#2 } else {
          x#4 = mul x#2 2
          yield x#4
        }
        yield t1 x#3
      }
      return x#1 t21
    }`;
    expect(emitted(ir, [1, 9], [1, 2], [1, 0], [99, 3])).toMatchInlineSnapshot(`
      "function until(x: number, n: number): [number, number] {
        let started = 0;
        for (let i = 0; i < n; i++) {
          started = i + 1;
          if (x > 10) break;
          x *= 2;
        }
        return [x, started];
      }"
    `);
  });

  it("ranges: steps, inclusive ends, downwards, changing bounds", () => {
    const ir = `function ranges(x: number[] duplicated, n: integer const) -> number {
      t1 = add n 1
      t2, t3, a = loop i from 1 to t1 step 2 carrying a#1: number = 0 { a#2 = add a#1 i yield false a#2 }
      t4, t5, b = loop j from n to 0 step -1 inclusive carrying b#1 = a { b#2 = sub b#1 j yield false b#2 }
      t6 = length x
      t7, t8 = loop k from 0 to t6 step 1 { t9 = push x b yield false }
      t10 = mul n n
      t11, t12, d = loop l from 0 to t10 step 1 carrying d#1 = b { d#2 = add d#1 1 yield false d#2 }
      t13 = mul d t2
      return t13
    }`;
    const lines = ir.replace(/ yield/g, "\nyield");
    expect(emitted(lines, [[1, 2], 5], [[], 0])).toMatchInlineSnapshot(`
      "function ranges(x: number[], n: number): number {
        let a = 0;
        for (let i = 1; i <= n; i += 2) {
          a += i;
        }
        let b = a;
        for (let j = n; j >= 0; j--) {
          b -= j;
        }
        const xLength = x.length;
        for (let k = 0; k < xLength; k++) {
          x.push(b);
        }
        const nSquared = n * n;
        let d = b;
        for (let l = 0; l < nSquared; l++) {
          d++;
        }
        return d * Math.max(Math.ceil(n / 2), 0);
      }"
    `);
  });
});

describe("branches", () => {
  it("short ones are expressions", () => {
    const ir = `function clamp(x: number active, low: number const, high: number const, free: boolean const) -> number {
      t1 = lt x low
      t2 = if t1 { yield low } else {
        t3 = gt x high
        t4 = if t3 { yield high } else { yield x }
        yield t4
      }
      t5 = lt t2 x
      t6 = if t5 { yield free } else { yield false }
      t7 = if t6 { yield true } else {
        t8 = eq x 3
        yield t8
      }
      t9 = if t7 { yield x } else { yield t2 }
      return t9
    }`;
    expect(emitted(ir, [1, 2, 3, true], [4, 2, 3, true], [4, 2, 3, false])).toMatchInlineSnapshot(`
      "function clamp(x: number, low: number, high: number, free: boolean): number {
        const t = x < low ? low : x > high ? high : x;
        return t < x && free || x === 3 ? x : t;
      }"
    `);
  });

  it("a variable that one branch changes", () => {
    const ir = `function fold(x: number active, y: number active) -> number {
      t1 = lt x 0
      x#1, y#1 = if t1 {
        x#2 = neg x
        y#2 = mul y 2
        yield x#2 y#2
      } else { yield x y }
      t2 = mul x#1 y#1
      return t2
    }`;
    expect(emitted(ir, [1, 2], [-1, 2])).toMatchInlineSnapshot(`
      "function fold(x: number, y: number): number {
        if (x < 0) {
          x = -x;
          y *= 2;
        }
        return x * y;
      }"
    `);
  });

  it("guard clauses", () => {
    const ir = `function guarded(n: integer const, x: number active) -> number {
      t1 = le n 0
      t2: number = if t1 {
        t9: opaque"Error" = opaque "new Error($0)" "bad n"
        throw t9
      } else {
        t3 = mul x n
        yield t3
      }
      t4 = gt t2 10
      t5 = if t4 {
        u = sqrt t2
        v = add u 1
        w = mul v u
        yield w
      } else {
        t6 = exp t2
        yield t6
      }
      return t5
    }`;
    expectAgreement(parse(ir), [3, 1], [30, 1]);
    expect(emitText(ir)).toMatchInlineSnapshot(`
      "function guarded(n: number, x: number): number {
        if (n <= 0) throw new Error("bad n");
        const t = x * n;
        if (t > 10) {
          const u = Math.sqrt(t);
          const v = u + 1;
          return v * u;
        }
        return Math.exp(t);
      }"
    `);
  });

  it("else if", () => {
    const ir = `function choose(x: number active, c: boolean const, e: boolean const) -> number {
      a, b = if c {
        t1 = mul x 2
        t2 = add x 1
        yield t1 t2
      } else {
        t3, t4 = if e { yield x 0 } else { yield 1 x }
        yield t3 t4
      }
      t5 = mul a b
      return t5
    }`;
    expect(emitted(ir, [2, true, false], [2, false, true], [2, false, false])).toMatchInlineSnapshot(`
      "function choose(x: number, c: boolean, e: boolean): number {
        let a: number;
        let b: number;
        if (c) {
          a = x * 2;
          b = x + 1;
        } else if (e) {
          a = x;
          b = 0;
        } else {
          a = 1;
          b = x;
        }
        return a * b;
      }"
    `);
  });
});
