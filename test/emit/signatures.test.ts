/** What surrounds the body: signatures, defaults, results, languages, imports. */
import { describe, expect, it } from "vitest";
import { emitFunction, type EmitOptions } from "../../transformer/emit/typescript/emit-function.js";
import { parse, parseFunctions } from "../../transformer/ir/parse.js";
import { emitText, plainOptions, typeErrors } from "./run-emitted.js";

const both = `function f(x: Float64Array duplicated, r: number active, seed: number const) -> number, Float64Array, number {
  x@adjoint: Float64Array = allocate zerosLike x
  value = mul r seed
  t1 = add r 1
  return value x@adjoint t1
}`;

const shape: EmitOptions["resultShape"] = {
  kind: "object",
  entries: [
    { name: "value", shape: { kind: "bare" } },
    { name: "gradient", shape: { kind: "tuple", entries: [{ kind: "bare" }, { kind: "bare" }] } },
  ],
};

describe("signatures", () => {
  it("results in a shape", () => {
    const text = emitText(both, { resultShape: shape, exported: true, doc: "Value and gradient of {@link g}." });
    expect(typeErrors(text)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "/** Value and gradient of {@link g}. */
      export function f(x: Float64Array, r: number, seed: number): { value: number; gradient: [Float64Array, number] } {
        return { value: r * seed, gradient: [new Float64Array(x.length), r + 1] };
      }"
    `);
  });

  it("a tuple, a default, a type of the caller's", () => {
    const fn = parse(both);
    const seed = fn.params[2]?.value;
    if (seed === undefined) throw new Error("no seed");
    const { text } = emitFunction(fn, {
      ...plainOptions,
      parameterDefaults: new Map([[seed, "1"]]),
      resultTypeText: "[number, Float64Array, number]",
    });
    expect(text).toMatchInlineSnapshot(`
      "function f(x: Float64Array, r: number, seed = 1): [number, Float64Array, number] {
        return [r * seed, new Float64Array(x.length), r + 1];
      }
      "
    `);
  });

  it("JavaScript has no types", () => {
    expect(emitText(both, { language: "javascript" })).toMatchInlineSnapshot(`
      "/**
       * @param {Float64Array} x
       * @param {number} r
       * @param {number} seed
       * @returns {[number, Float64Array, number]}
       */
      function f(x, r, seed) {
        return [r * seed, new Float64Array(x.length), r + 1];
      }"
    `);
  });

  it("checked element access", () => {
    const ir = `function f(x: array<Float64Array> duplicated, i: integer const) -> number {
      t1 = load x[i]
      t2 = load t1[0]
      t3 = mul t2 2
      store t1[0] t3
      accumulate t1[1] t2
      return t2
    }`;
    const text = emitText(ir, { uncheckedIndexedAccess: true, exported: true });
    expect(typeErrors(text)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "export function f(x: Float64Array[], i: number): number {
        const xi = x[i]!;
        const t = xi[0]!;
        xi[0] = t * 2;
        xi[1]! += t;
        return t;
      }"
    `);
  });

  it("optional values", () => {
    const ir = `function f(x: number active, y: optional<number> const, z: optional<number> const) -> number {
      t8 = isAbsent y
      t1 = if t8 { yield 2 } else {
        t2: number = unwrap y
        yield t2
      }
      t3 = mul x t1
      t9 = isAbsent z
      t10 = if t9 { throw t3 } else {
        t4: number = unwrap z
        t5 = mul t4 t3
        t6 = exp t5
        yield t6
      }
      t7 = add t10 1
      return t7
    }`;
    const text = emitText(ir, { exported: true });
    expect(typeErrors(text)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "export function f(x: number, y: number | undefined, z: number | undefined): number {
        const t = x * (y ?? 2);
        if (z === undefined) throw t;
        return Math.exp(z * t) + 1;
      }"
    `);
  });

  it("imports what it must", () => {
    const ir = `function f(x: array<Float64Array> duplicated, y: Float64Array duplicated, n: integer const) -> array<Float64Array> {
      z = grow y n
      opaque "use($0)" z ; reads writes observable
      t1: array<Float64Array> = allocate zerosLike x
      return t1
    }`;
    expect(emitFunction(parse(ir), plainOptions).imports).toEqual([
      { module: "enzyme-ts/tape", name: "grow" },
      { module: "enzyme-ts/shadow", name: "zerosLike" },
    ]);
  });

  it("calls with several results", () => {
    const functions = parseFunctions(`function g(x: number active) -> number, number, number {
      return x x x
    }
    function f(x: number active) -> number {
      a, b, c = call g x
      d, e, h = call g a
      t1 = mul a e
      return t1
    }`);
    const f = functions.get("f");
    if (f === undefined) throw new Error("no f");
    expect(emitFunction(f, plainOptions).text).toMatchInlineSnapshot(`
      "function f(x: number): number {
        const [a] = g(x);
        const [, e] = g(a);
        return a * e;
      }
      "
    `);
  });
});
