import { describe, expect, test } from "vitest";
import { makeValue } from "../../transformer/ir/build.js";
import { numberType, type IRFunction, type Variable } from "../../transformer/ir/ir.js";
import { parse, parseFunctions } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import { samples } from "./samples.js";

describe("print and parse", () => {
  test.each(Object.entries(samples).filter(([name]) => name !== "control"))(
    "%s survives the way there and back",
    (_, text) => {
      expect(print(parse(text))).toBe(text);
    },
  );

  test("a text with names of its own settles after one round", () => {
    const once = print(parse(samples["control"] ?? ""));
    expect(print(parse(once))).toBe(once);
  });

  test("a field may be const", () => {
    const text =
      "function f(p: record P {x: number, m: const number} duplicated) -> number {\n  t = load p.m\n  return t\n}\n";
    expect(print(parse(text))).toBe(text);
  });

  test("literals may stand for operands", () => {
    expect(print(parse("function f(x: number active) -> number {\n t = mul 2 x\n return t\n}"))).toBe(
      "function f(x: number active) -> number {\n  t0 = constant 2\n  t = mul t0 x\n  return t\n}\n",
    );
  });

  test("calls take their types from the functions before", () => {
    const functions = parseFunctions(
      "function g(x: number active) -> Float64Array {\n a: Float64Array = allocate parts x\n return a\n}\n" +
        "function f(x: number active) -> number {\n a = call g x\n y = load a[0]\n return y\n}",
    );
    expect([...functions.keys()]).toEqual(["g", "f"]);
    expect(functions.get("f")?.body.ops[0]?.results[0]?.type.kind).toBe("array");
  });

  test("two variables of one name, and versions of one variable, are told apart", () => {
    const [first, second]: Variable[] = [{ name: "x" }, { name: "x" }];
    const origin = (variable: Variable | undefined) => ({
      span: null,
      variable: variable ?? null,
      role: "primal" as const,
    });
    const param = makeValue(numberType, origin(first));
    const [a, b] = [makeValue(numberType, origin(second)), makeValue(numberType, origin(first))];
    const fn: IRFunction = {
      name: "f",
      params: [{ value: param, name: "x", activity: "active", typeText: null }],
      results: [numberType],
      body: {
        params: [],
        ops: [
          { kind: "apply", results: [a], primitive: "sin", args: [param] },
          { kind: "apply", results: [b], primitive: "sin", args: [a] },
        ],
        exit: { kind: "return", values: [b] },
      },
      derivation: null,
      span: null,
    };
    const text = print(fn);
    expect(text).toContain("  x2 = sin x\n  x#1 = sin x2\n");
    expect(print(parse(text))).toBe(text);
  });

  test("notes stand at the end of lines", () => {
    const text = print(parse(samples["power"] ?? ""), (subject) =>
      "kind" in subject ? (subject.kind === "loop" ? "counted" : null) : subject.type.kind === "number" ? "active" : "",
    );
    expect(text).toContain("loop i from t1 to n step 1 carrying t#1 = t0 {  // counted; t: active; t#1: active\n");
    expect(text).toContain("    t#2 = mul t#1 x  // active\n");
    expect(print(parse(text))).toBe(samples["power"]);
  });

  test.each([
    ["function f() -> void {\n x = nosuch\n}", "line 2: unknown operation nosuch"],
    ["function f() -> void {\n x = sin y\n}", "line 2: y is not defined"],
    ["function f() -> void {\n x = constant 1\n x = constant 2\n}", "line 3: x is defined twice"],
    ["function f() -> void {\n x = allocate zeros 3\n}", "the type of x must be written"],
    ["function f() -> void {\n x = add 1\n}", "add takes 2 operand(s)"],
  ])("%j is refused", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
