/** What an editor shows of a derivative is a plain signature, as a person would have declared it. */
import ts from "typescript";
import { expect, test } from "vitest";
import { virtualProgram } from "./support/virtual-program.js";

const program = virtualProgram({
  "hovers.ts": `
import { enzyme, type Const, type int } from "enzyme-ts";
interface Body { mass: number; position: [number, number]; name: string }
declare function loss(w: Float64Array, data: Const<number[]>, n: int, k?: number): number;
declare function field(x: number, y: number): [number, number];
declare function energy(bodies: Body[], g: number): number;
export const gradient = enzyme(loss, "gradient");
export const valued = enzyme(field, "jacobian");
export const reverse = enzyme(loss, "reverse");
export const pulled = enzyme(field, "vjp");
export const nested = enzyme(energy, "gradient");
export const product = enzyme(energy, "hvp");
export const wide = enzyme(field, "forwardWithPrimal", { width: 2 });
`,
});

/** The text of a hover, on one line, with the names that every version of the compiler gives to arrays. */
function hover(name: string): string {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile("/hovers.ts");
  if (file === undefined) throw new Error("the file is not there");
  const symbol = checker
    .getExportsOfModule(checker.getSymbolAtLocation(file) ?? fail())
    .find((one) => one.name === name);
  const type = checker.getTypeOfSymbol(symbol ?? fail());
  return checker
    .typeToString(type, file, ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope)
    .replace(/Array<ArrayBufferLike>/g, "Array");
}

function fail(): never {
  throw new Error("nothing is exported");
}

test.each([
  [
    "gradient",
    "(w: Float64Array, data: number[] & ConstBrand, n: int, k?: number | undefined) => [Float64Array, number | undefined]",
  ],
  ["valued", "(x: number, y: number) => [[number, number], [number, number]]"],
  [
    "reverse",
    "(w: Float64Array, shadow: Float64Array, data: number[] & ConstBrand, n: int, k?: number | undefined, seed?: number | undefined) => number | undefined",
  ],
  [
    "pulled",
    "(x: number, y: number) => { value: [number, number]; pullback: (seed: [number, number]) => [number, number]; }",
  ],
  ["nested", "(bodies: Body[], g: number) => [{ mass: number; position: [number, number]; }[], number]"],
  [
    "product",
    "(bodies: Body[], g: number, direction: { mass: number; position: [number, number]; }[], direction_1: number) => [{ mass: number; position: [number, number]; }[], number]",
  ],
  [
    "wide",
    "(x: number, shadow: readonly [number, number], y: number, shadow_1: readonly [number, number]) => { value: [number, number]; tangent: [[number, number], [number, number]]; }",
  ],
])("%s", (name, expected) => {
  expect(hover(name)).toBe(expected);
});
