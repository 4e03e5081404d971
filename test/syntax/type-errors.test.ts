/** Type errors inside of what is differentiated are the user's, and told in the compiler's words. */
import { describe, expect, test } from "vitest";
import { transformFiles } from "../support/transform-files.js";

const diagnosticsOf = (text: string): readonly string[] => transformFiles({ "main.ts": text }).diagnostics;

describe("a type error", () => {
  test.each([
    [
      "/** @enzyme */\nexport function f(x: number, s: string): number { const y: number = s; return x * y; }\n",
      "EZ1025 at y: type error: TS2322 Type 'string' is not assignable to type 'number'",
    ],
    [
      '/** @enzyme */\nexport function f(x: number): number { if (x > 1) return "abc"; return x; }\n',
      "EZ1025 at return: type error: TS2322 Type 'string' is not assignable to type 'number'",
    ],
    [
      "/** @enzyme */\nexport function f(x: number): number { const p: { a: number } = { b: x }; return p.a; }\n",
      "EZ1025 at b: type error: TS2353 Object literal may only specify known properties, and 'b' does not exist in type '{ a: number; }'",
    ],
    [
      "function h(x: number): number { const s: string = x; return s.length; }\n/** @enzyme */\nexport function f(x: number): number { return h(x) * x; }\n",
      "EZ1025 at s: type error: TS2322 Type 'number' is not assignable to type 'string'",
    ],
  ])("stands in the place of what follows from it: %s", (text, expected) => {
    expect(diagnosticsOf(text)).toEqual([expected]);
  });

  test("elsewhere hides nothing", () => {
    const text =
      "/** @enzyme */\nexport function f(x: number): number { return x * Number(x.toFixed(2)); }\nexport const n: number = String(1);\n";
    expect(diagnosticsOf(text)).toEqual([expect.stringMatching(/^EZ2016 /)]);
  });
});
