import { describe, expect, test } from "vitest";
import type { IRFunction, Op, Value } from "../../transformer/ir/ir.js";
import { parse, parseFunctions } from "../../transformer/ir/parse.js";
import { verify } from "../../transformer/ir/verify.js";
import { samples } from "./samples.js";

const body = (lines: string, params = "x: number active, n: integer const, a: Float64Array duplicated"): IRFunction =>
  parse(`function f(${params}) -> number {\n${lines}\n return x\n}`);

/** The function with the operands of its operation number `k` replaced. */
function corrupt(fn: IRFunction, change: (ops: readonly Op[]) => readonly Op[]): IRFunction {
  return { ...fn, body: { ...fn.body, ops: change(fn.body.ops) } };
}

describe("verify", () => {
  test.each(Object.entries(samples))("%s is sound", (_, text) => {
    verify(parse(text), "parse");
  });

  test.each([
    ["s = add a x", "operand of add a has type Float64Array, not number"],
    ["b = lt x n\n s = add b x", "operand of add b has type boolean, not number"],
    ["s: number = load x[n]", "no element in a value of type number"],
    ["store a[a] x", "index a has type Float64Array, not number"],
    ["c = constant true\n store a[n] c", "stored value c has type boolean, not number"],
    ["s: integer = add x n", "result s has type number, not integer"],
    ["s: boolean = constant 1", "the constant 1 has type boolean"],
    ["if n {\n}", "test n has type integer, not boolean"],
    ["c = lt x n\n y = if c {\n yield x\n } else {\n yield\n }", "0 yielded value(s), expected 1"],
    [
      "c = lt x n\n y: integer = if c {\n yield x\n } else {\n yield n\n }",
      "yielded value x has type number, not integer",
    ],
    ["_, _2 = loop i from 0 to n {\n yield x\n }", "yielded value x has type number, not boolean"],
    ["_, _2, y = loop i from 0 to n carrying y#1 = x {\n yield false\n }", "1 yielded value(s), expected 2"],
    [
      "_, _2, y = loop i carrying y#1: integer = n {\n yield true x\n }",
      "yielded value x has type number, not integer",
    ],
    ["_, _2 = loop i: integer from x to n {\n yield false\n }", "the counter is an integer, its start or step is not"],
    ["_, _2 = loop i from 0 to n step 0 {\n yield false\n }", "a step is finite and not zero"],
    ["t: tuple<number, number> = allocate parts x", "1 part(s), expected 2"],
    ["c = lt x n\n y = if c {\n z = sin x\n yield z\n } else {\n yield x\n }", null],
    ['c = lt x n\n e: opaque"Error" = opaque "new Error()"\n if c {\n throw e\n } else {\n throw e\n }', null],
    ["c = lt x n\n if c {\n throw c\n } else {\n throw c\n }\n y = sin x", "an operation stands after an `if`"],
  ])("%s", (lines, message) => {
    if (message === null) verify(body(lines), "parse");
    else expect(() => verify(body(lines), "hoistInvariants")).toThrow(`invalid IR after hoistInvariants: ${message}`);
  });

  test("a use outside its region, before its definition, and a second definition are found", () => {
    const fn = body("c = lt x n\n if c {\n inner = sin x\n z = cos inner\n }\n outer = cos x");
    const [compare, branch, last] = fn.body.ops;
    if (compare === undefined || branch?.kind !== "if" || last?.kind !== "apply") throw new Error("unexpected sample");
    const inner = branch.then.ops[0]?.results[0];
    if (inner === undefined) throw new Error("unexpected sample");
    const using = (value: Value): Op => ({ ...last, args: [value] });
    expect(() =>
      verify(
        corrupt(fn, () => [compare, branch, using(inner)]),
        "pass",
      ),
    ).toThrow("value inner used outside its region");
    expect(() =>
      verify(
        corrupt(fn, () => [using(inner), compare, branch]),
        "pass",
      ),
    ).toThrow("value inner used before its definition");
    expect(() =>
      verify(
        corrupt(fn, () => [compare, branch, last, last]),
        "pass",
      ),
    ).toThrow("value outer is defined twice");
  });

  test("the operation at fault is marked in the text", () => {
    expect(() => verify(body("y = sin x\n s: integer = add x n"), "pass")).toThrow("s: integer = add x n  // <-- here");
  });

  test("calls are held against the table of functions", () => {
    const functions = parseFunctions(
      "function g(x: number active) -> number {\n return x\n}\nfunction f(x: number active) -> number {\n y = call g x\n return y\n}",
    );
    const f = functions.get("f");
    if (f === undefined) throw new Error("no f");
    verify(f, "parse", functions);
    expect(() => verify(f, "parse", new Map())).toThrow("no function g");
    const wrong = parse("function f(x: number active) -> number {\n y = call g x x\n return y\n}");
    expect(() => verify(wrong, "parse", functions)).toThrow("2 argument of g(s), expected 1");
  });
});
