import { describe, expect, it } from "vitest";
import { agrees, lower } from "./support.js";

const imports = `import type { int, Const } from "./enzyme.js";`;
const codes = (source: string): string[] => lower(imports + source, "f").messages.map((one) => one.slice(0, 6));

describe("int and Const", () => {
  it("make parameters const", () => {
    const { fn } = agrees(
      `${imports} export function f(x: number, n: int, a: Const<Float64Array>, b: boolean, s: string, i: Int32Array, o: { x: number }, l: ArrayLike<number>, p?: number) { return x * n + a[0] + i[0] + o.x + l[0]; }`,
      "f",
      [2, 3, new Float64Array([1]), true, "s", new Int32Array([2]), { x: 1 }, [4]],
    );
    expect(fn?.params.map((one) => one.activity)).toEqual([
      "active",
      "const",
      "const",
      "const",
      "const",
      "const",
      "duplicated",
      "duplicated",
      "active",
    ]);
    expect(fn?.params.map((one) => one.typeText)).toContain("Const<Float64Array>");
  });
  it("refuse active values", () => {
    expect(codes(`export function f(x: number) { const n: int = x * 2; return n * x; }`)).toEqual(["EZ1012"]);
    expect(codes(`export function f(x: number) { let y: Const<number> = 1; y = Math.sin(x); return y * x; }`)).toEqual([
      "EZ1012",
    ]);
    expect(codes(`export function f(x: number) { const a: int[] = []; a.push(x); return a[0] * x; }`)).toEqual([
      "EZ1012",
    ]);
    expect(
      codes(`export function f(x: number) { const n: int = Math.floor(x); const m: int = n * 2 + 1; return m * x; }`),
    ).toEqual([]);
  });
  it("lose nothing in helpers", () => {
    const { fn, messages, compilation } = agrees(
      `${imports} function h(k: int, c: Const<number>): number { return k * 2 * c; } export function f(x: number) { return h(x, x) + h(3, x); }`,
      "f",
      [1.5],
    );
    expect(fn).not.toBeNull();
    expect(messages.map((one) => one.slice(0, 6))).toEqual(["EZ3003"]);
    expect(compilation.functions.get("h")?.params[0]?.value.type.kind).toBe("number");
  });
});
