/** What may be kept in an array of numbers: `undefined` that was read beyond the end of an array would be NaN there. */
import { describe, expect, it } from "vitest";
import { findSureNumbers } from "../../transformer/emit/sure-numbers.js";
import { apply, literal, read, type Expression, type Local, type Statement } from "../../transformer/emit/tree.js";
import { float64Array, inventedOrigin, numberType, type Type } from "../../transformer/ir/ir.js";

const local = (hint: string, type: Type = numberType): Local => ({ type, origin: inventedOrigin, kind: "value", hint });
const assign = (to: Local, value: Expression): Statement => ({ kind: "assign", local: to, value });
const plainArray: Type = { kind: "array", element: numberType, storage: "Array" };

describe("a variable is kept in an array of numbers", () => {
  const array = local("array", plainArray);
  const element: Expression = {
    kind: "load",
    place: { kind: "element", base: read(array), index: literal(9), of: plainArray },
  };
  const [x, y] = [local("x"), local("y")];
  const isKept = (body: readonly Statement[], params: readonly Local[] = [array]): boolean =>
    findSureNumbers({ params, body })(x);

  it("where it is computed", () => {
    expect(isKept([assign(x, apply("add", element, literal(1))), { kind: "return", values: [read(x)] }])).toBe(true);
  });

  it("where it is read from an array, and only calculated with", () => {
    expect(isKept([assign(x, element), { kind: "return", values: [apply("mul", read(x), read(x))] }])).toBe(true);
  });

  it("not where somebody may ask whether it is there", () => {
    const asked: Expression = { kind: "isAbsent", value: read(x) };
    const value: Expression = { kind: "conditional", test: asked, then: literal(0), otherwise: read(x) };
    expect(isKept([assign(x, element), assign(y, value)])).toBe(false);
    expect(isKept([assign(x, element), { kind: "return", values: [apply("orZero", read(x))] }])).toBe(false);
  });

  it("not where it goes on to such a place", () => {
    const store = (of: Type): Statement => ({
      kind: "store",
      place: { kind: "element", base: read(array), index: literal(0), of },
      value: read(x),
    });
    expect(isKept([assign(y, element), assign(x, read(y)), store(plainArray)])).toBe(false);
    // an array of numbers takes NaN for both
    expect(isKept([assign(y, element), assign(x, read(y)), store(float64Array)])).toBe(true);
    expect(
      isKept([assign(x, element), { kind: "evaluate", value: { kind: "call", callee: "f", args: [read(x)] } }]),
    ).toBe(false);
  });

  it("not where it is a parameter that is handed on", () => {
    expect(isKept([assign(y, read(x))], [x])).toBe(false);
  });
});
