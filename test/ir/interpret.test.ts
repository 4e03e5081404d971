import { describe, expect, test } from "vitest";
import { interpret } from "../../transformer/ir/interpret.js";
import { parse, parseFunctions } from "../../transformer/ir/parse.js";
import { samples } from "./samples.js";

const run = (lines: string, args: readonly unknown[], params: string, results = "number"): readonly unknown[] =>
  interpret(parse(`function f(${params}) -> ${results} {\n${lines}\n}`), args).results;

describe("interpret", () => {
  test("a counted loop, and what ran in it", () => {
    const { results, counts } = interpret(parse(samples["power"] ?? ""), [3, 4]);
    expect(results).toEqual([81]);
    expect(counts.get("mul")).toBe(4);
    expect(counts.get("loop")).toBe(1);
    expect(counts.get("constant")).toBe(6);
  });

  test.each([
    ["0 to n", 3, [0, 1, 2]],
    ["0 to n step 2 inclusive", 4, [0, 2, 4]],
    ["n to 0 step -1", 3, [3, 2, 1]],
    ["n to 0 step -1 inclusive", 2, [2, 1, 0]],
    ["5 to n", 5, []],
  ])("a range from %s where n is %i", (range, n, expected) => {
    const lines = `a: number[] = allocate parts\n _, _2 = loop i from ${range} {\n p = push a i\n yield false\n }\n return a`;
    expect(run(lines, [n], "n: integer const", "number[]")).toEqual([expected]);
  });

  test("a loop that stops counts what it completed and what it began", () => {
    const lines =
      "completed, started, s = loop i from 0 to 10 carrying s#1: integer = 0 {\n" +
      " s#2 = add s#1 i\n stop = gt s#2 n\n yield stop s#2\n }\n return completed started s";
    expect(run(lines, [5], "n: integer const", "integer, integer, integer")).toEqual([3, 4, 6]);
    expect(run(lines, [99], "n: integer const", "integer, integer, integer")).toEqual([10, 10, 45]);
  });

  test("a loop without a range ends by its stop alone", () => {
    const lines =
      "completed, started, x#1 = loop k carrying x#2 = x {\n go = gt x#2 1\n" +
      " stop, y = if go {\n h = mul x#2 0.5\n yield false h\n } else {\n yield true x#2\n }\n yield stop y\n }\n return completed x#1";
    expect(run(lines, [10], "x: number active", "integer, number")).toEqual([4, 0.625]);
  });

  test("memory is real memory", () => {
    const a = new Float64Array([1, 2, 3]);
    const { results } = interpret(parse(samples["memory"] ?? ""), [a, 8]);
    expect(results[0]).toBe(1);
    expect(results[1]).toEqual(new Float64Array([1, 2, 3, 0, 0, 0, 0, 0]));
    expect(a).toEqual(new Float64Array([1, 2, 3]));
    const store = "v = load a[0]\n w = add v v\n store a[1] w\n accumulate a[1] v\n return w";
    run(store, [a], "a: Float64Array duplicated");
    expect(a).toEqual(new Float64Array([1, 3, 3]));
  });

  test("zeros in the shape of a value keep what it shares", () => {
    const row = [1, 2];
    const type = "record P {m: array<number[]>, f: Float32Array, k: tuple<number, integer>, o: optional<number>}";
    const [shadow] = run(
      `s: ${type} = allocate zerosLike p\n return s`,
      [{ m: [row, row, [3]], f: new Float32Array(2), k: [1, 2], name: "x", o: undefined }],
      `p: ${type} duplicated`,
      type,
    );
    expect(shadow).toEqual({ m: [[0, 0], [0, 0], [0]], f: new Float32Array(2), k: [0, 0], o: undefined });
    const { m } = shadow as { m: number[][] };
    expect(m[0]).toBe(m[1]);
  });

  test("reading outside an array gives NaN after arithmetic", () => {
    expect(run("v = load a[7]\n w = add v 1\n return w", [[1]], "a: number[] duplicated")).toEqual([NaN]);
  });

  test("calls, random numbers, opaque operations and throws", () => {
    const functions = parseFunctions(
      "function g(x: number active) -> number {\n r = random\n y = mul x r\n return y\n}\n" +
        'function f(x: number active) -> number {\n y = call g x\n opaque "log($0)" y ; observable\n return y\n}\n' +
        'function bad(x: number active) -> number {\n e: opaque"Error" = opaque "new Error()"\n throw e\n}',
    );
    const [f, bad] = [functions.get("f"), functions.get("bad")];
    if (f === undefined || bad === undefined) throw new Error("no functions");
    const said: unknown[] = [];
    const options = {
      functions,
      random: () => 0.5,
      opaque: (template: string, operands: readonly unknown[]): unknown => said.push([template, ...operands]),
    };
    expect(interpret(f, [4], options).results).toEqual([2]);
    expect(said).toEqual([["log($0)", 2]]);
    const thrown = new Error("no");
    expect(() => interpret(bad, [4], { opaque: () => thrown })).toThrow(thrown);
  });

  test("primitives mean what JavaScript means", () => {
    const params = 'x: number active, s: opaque"string" const, b: boolean const';
    const lines =
      'up = constant "up"\n same = eq s up\n both = and same b\n h = hypot x 3 4\n m = max\n z = select both h m\n' +
      " bits = bitOr x 0\n inf = isFinite m\n return z bits inf same";
    expect(run(lines, [12.7, "up", true], params, "number, integer, boolean, boolean")).toEqual([
      Math.hypot(12.7, 3, 4),
      12,
      false,
      true,
    ]);
  });

  test("a loop that does not end is stopped by the limit", () => {
    const fn = parse("function f(x: number active) -> number {\n _, _2 = loop i {\n yield false\n }\n return x\n}");
    expect(() => interpret(fn, [1], { limit: 1000 })).toThrow("too many operations");
  });
});
