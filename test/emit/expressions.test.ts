/** Operators with as few parentheses as precedence allows, signs where they belong, numbers as they are. */
import { describe, expect, it } from "vitest";
import { emitFunction } from "../../transformer/emit/typescript/emit-function.js";
import { printNumber } from "../../transformer/emit/typescript/print-expression.js";
import { parse } from "../../transformer/ir/parse.js";
import { emitText, expectAgreement, plainOptions } from "./run-emitted.js";

/** The expression that `a`, `b` and `c` are put into. */
function expression(...lines: readonly string[]): string {
  const ir = `function f(a: number active, b: number active, c: number active, p: boolean const, q: boolean const) -> number {\n${lines.join("\n")}\nreturn t9\n}`;
  const fn = parse(ir);
  expectAgreement(fn, [0.3, -1.7, 2.5, true, false], [-0, 0, 1, false, true], [NaN, Infinity, -2, true, true]);
  return /return (.*);/.exec(emitFunction(fn, plainOptions).text)?.[1] ?? "";
}

describe("expressions", () => {
  it.each([
    [["t1 = add b c", "t9 = add a t1"], "a + (b + c)"],
    [["t1 = add a b", "t9 = add t1 c"], "a + b + c"],
    [["t1 = sub b c", "t9 = sub a t1"], "a - (b - c)"],
    [["t1 = mul a b", "t9 = div t1 c"], "a * b / c"],
    [["t1 = div b c", "t9 = mul a t1"], "a * (b / c)"],
    [["t1 = add a b", "t9 = mul t1 c"], "(a + b) * c"],
    [["t1 = neg a", "t9 = pow t1 2"], "(-a) ** 2"],
    [["t1 = pow a b", "t9 = pow t1 c"], "(a ** b) ** c"],
    [["t1 = pow b c", "t9 = pow a t1"], "a ** b ** c"],
    [["t9 = pow a -2"], "a ** -2"],
    [["t1 = neg b", "t9 = add a t1"], "a - b"],
    [["t1 = neg b", "t9 = sub a t1"], "a + b"],
    [["t1 = neg a", "t9 = add t1 b"], "b - a"],
    [["t1 = mul a b", "t9 = neg t1"], "-a * b"],
    [["t1 = add a b", "t9 = neg t1"], "-(a + b)"],
    [["t1 = neg a", "t9 = neg t1"], "-(-a)"],
    [["t9 = mul -2 a"], "-2 * a"],
    [["t9 = add a -2"], "a - 2"],
    [["t1 = mul -2 b", "t9 = add a t1"], "a - 2 * b"],
    [["t1 = lt a b", "t2 = not t1", "t9 = if t2 { yield a } else { yield c }"], "!(a < b) ? a : c"],
    [["t1 = eq a b", "t2 = not t1", "t9 = select t2 a c"], "a !== b ? a : c"],
    [["t9 = guard a b"], "a === 0 ? 0 : b"],
    [["t1 = guard a b", "t9 = add t1 c"], "(a === 0 ? 0 : b) + c"],
    [["t1 = and p q", "t2 = or t1 p", "t9 = toNumber t2"], "p && q || p ? 1 : 0"],
    [["t1 = or p q", "t2 = and t1 p", "t9 = toNumber t2"], "(p || q) && p ? 1 : 0"],
    [["t9 = hypot a b c"], "Math.hypot(a, b, c)"],
    [["t1 = mod a b", "t9 = mod t1 c"], "a % b % c"],
    [["t1 = bitAnd a 3", "t9 = bitOr t1 4"], "a & 3 | 4"],
    [["t1 = bitOr a 3", "t9 = bitAnd t1 4"], "(a | 3) & 4"],
    [["t1 = ushr a 1", "t9 = bitNot t1"], "~(a >>> 1)"],
    [['t1 = constant 3.141592653589793 "Math.PI"', "t9 = mul t1 a"], "Math.PI * a"],
  ])("%j", (lines, expected) => {
    expect(expression(...lines)).toBe(expected);
  });

  it("prints numbers exactly", () => {
    expect([0.1 + 0.2, 1e21, 1e-7, -0, Infinity, NaN, 5e-324].map(printNumber)).toEqual([
      ...["0.30000000000000004", "1e+21", "1e-7", "-0", "Infinity", "NaN", "5e-324"],
    ]);
  });

  it("breaks sums that would not fit a line, but not the user's own", () => {
    const terms = Array.from({ length: 20 }, (_, k) => `t${k + 2}@adjoint = add t${k + 1}@adjoint x`);
    const text = emitText(
      `function long(x: number active) -> number {\nt1@adjoint = mul x 2\n${terms.join("\n")}\nreturn t21@adjoint\n}`,
    );
    expect(text).toMatchInlineSnapshot(`
      "function long(x: number): number {
        const d = 2 * x + x + x + x + x + x + x + x;
        const d1 = d + x + x + x + x + x + x + x + x;
        return d1 + x + x + x + x + x;
      }"
    `);
  });
});
