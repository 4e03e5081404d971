/** Functions written in the macro's place, and what they capture. */
import { describe, expect, test } from "vitest";
import { callIn, transformFiles } from "../support/transform-files.js";

const head = 'import { enzyme } from "enzyme-ts";\n';
const main = (text: string) => transformFiles({ "main.ts": head + text });

describe("arrow functions in place", () => {
  test("that capture nothing are replaced by a name", () => {
    const made = main(`const scale = 3;
export const a = enzyme((x: number) => x * x * scale, "gradient");
export const b = enzyme((x: number, y: number) => x * y, "valueAndGradient")(2, 5);
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(made.texts["main.ts"]).toContain("export const a = inline_gradient;");
    const module = made.load("main.ts");
    expect(callIn(module, "a", 2)).toBe(12);
    expect(module["b"]).toEqual({ value: 10, gradient: [5, 2] });
  });

  test("that capture variables become arrow functions that hand them over", () => {
    const made = main(`interface Options { readonly k: number; readonly name: string }
const model = (x: number, options: Options): number => x * x * options.k;
export function slope(options: Options): (x: number) => number {
  return enzyme((x: number) => model(x, options), "gradient");
}
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(made.texts["main.ts"]).toContain("return (x: number) => inline_gradient(x, options);");
    expect(made.texts["main.ts"]).toContain("function inline_gradient(x: number, options: Options): number {");
    expect(callIn(made.load("main.ts"), "slope", { k: 3, name: "" })).toSatisfy(
      (f: (x: number) => number) => f(2) === 12,
    );
  });

  test("in every mode, called at once, passed on, in a loop, at the top of a file", () => {
    const made = main(`export function all(k: number, w: Float64Array, flag: boolean) {
  const f = (x: number, v: Float64Array): number => x;
  const g = enzyme((x: number, v: Float64Array) => (flag ? k : 1) * x * v[0] * w[0], "reverse");
  const dv = new Float64Array(1);
  const dx = g(2, new Float64Array([5]), dv);
  const seeded = g(2, new Float64Array([5]), dv, 10);
  const forward = enzyme((x: number) => k * x * x, "forwardWithPrimal")(3, 1);
  const list = [1, 2, 3].map(enzyme((x: number) => k * x * x * x, "gradient"));
  const { value, gradient } = enzyme((x: number) => k + x * w[0], "valueAndGradient")(4);
  return { dx, seeded, dv, forward, list, value, gradient, f };
}
export const slopes: ((x: number) => number)[] = [];
for (const n of [1, 2]) slopes.push(enzyme((x: number) => n * x * x, "gradient"));
for (let n = 3; n < 5; n++) {
  slopes.push(enzyme((x: number) => n * x * x, "gradient"));
}
export const answers = slopes.map((slope) => slope(1));
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    const module = made.load("main.ts");
    // n of the second loop is 3 and 4 in turn: each arrow keeps its own.
    expect(module["answers"]).toEqual([2, 4, 6, 8]);
    expect(callIn(module, "all", 7, new Float64Array([11]), true)).toMatchObject({
      dx: 5 * 7 * 11,
      seeded: 10 * 5 * 7 * 11,
      dv: new Float64Array([11 * 2 * 7 * 11]),
      forward: { value: 63, tangent: 42 },
      list: [21, 84, 189],
      value: 51,
      gradient: 11,
    });
  });

  test("read a variable when they are called, as the function itself would", () => {
    const made = main(`export function later(): number[] {
  let k = 1;
  const slope = enzyme((x: number) => k * x, "gradient");
  const before = slope(1);
  k = 5;
  return [before, slope(1)];
}
`);
    expect(made.diagnostics).toEqual([]);
    expect(callIn(made.load("main.ts"), "later")).toEqual([1, 5]);
  });

  test("capture functions, which capture in their turn", () => {
    const made = main(`export function outer(a: number, b: number[]): number {
  const inner = (y: number): number => y * a + other(y);
  function other(y: number): number {
    return y * y * b[0];
  }
  return enzyme((x: number) => inner(x) * 2, "gradient")(3);
}
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(made.texts["main.ts"]).toContain("=> inline_gradient(x, a, b))(3)");
    expect(callIn(made.load("main.ts"), "outer", 7, [5])).toBe(2 * (7 + 2 * 3 * 5));
  });

  test("local functions are lifted as well, and names that meet are kept apart", () => {
    const made = main(`const k = 100;
export function outer(x: number, dv: number): number[] {
  const k = 2;
  const scaled = (y: number): number => y * x * k * dv;
  const viaOther = enzyme((x: number) => scaled(x), "gradient")(1);
  const dw = [0];
  enzyme((v: number[]) => v[0] * dv, "reverse")([1], dw);
  return [enzyme(scaled, "gradient")(1), viaOther, dw[0]];
}
export const top = k;
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(callIn(made.load("main.ts"), "outer", 3, 5)).toEqual([30, 30, 5]);
  });

  test("a buffer that is captured and written gets a shadow", () => {
    const made = main(`export function outer(buffer: Float64Array): number {
  return enzyme((x: number) => {
    buffer[0] = x * x;
    return buffer[0] * x;
  }, "gradient")(2);
}
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(callIn(made.load("main.ts"), "outer", new Float64Array(1))).toBe(12);
  });

  test("what was narrowed around it stays so inside", () => {
    const made = main(`export function outer(k: number | undefined): number {
  if (k === undefined) return 0;
  return enzyme((x: number) => x * x * k, "gradient")(2);
}
`);
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    expect(callIn(made.load("main.ts"), "outer", 3)).toBe(12);
  });

  test("no line of the user moves where lines are kept", () => {
    const text = `export function outer(k: number): number {
  return enzyme(
    (x: number) => {
      const y = x * k;
      return y * y;
    },
    "gradient",
  )(2);
}
export const last = 1;
`;
    const made = transformFiles({ "main.ts": head + text }, { layout: "keepLines" });
    const lines = made.texts["main.ts"]?.split("\n") ?? [];
    expect(lines[10]).toBe("export const last = 1;");
    expect(callIn(made.load("main.ts"), "outer", 3)).toBe(36);
  });
});

describe("options", () => {
  test("leave out what is const; only `wrt` must name what carries a derivative", () => {
    const text = `function f(x: number, y: number, n: string): number { return x * y * n.length; }
export const a = enzyme(f, "gradient", { const: [1] })(2, 3, "four");
export const b = enzyme(f, "gradient", { wrt: [1] })(2, 3, "four");
`;
    const made = main(text);
    expect(made.diagnostics).toEqual([]);
    expect([made.load("main.ts")["a"], made.load("main.ts")["b"]]).toEqual([12, 8]);
    expect(main(text.replace("wrt: [1]", "wrt: [1, 2]")).diagnostics).toEqual([
      "EZ1015 at 2: parameter 2 of `f` carries no derivative (string)",
    ]);
  });
});

describe("refused", () => {
  test.each([
    [
      "`this`",
      'export class A { k = 2; run(): number { return enzyme((x: number) => x * this.k, "gradient")(1); } }',
      "EZ2021 at (x: number) => x * this.k: `inline` captures `this`",
    ],
    ["`this` of a field", 'export class A { k = 2; run = enzyme((x: number) => x * this.k, "gradient"); }', "EZ20"],
    [
      "a variable that it assigns",
      'export function f(): number { let n = 0; return enzyme((x: number) => { n += 1; return x * n; }, "gradient")(1); }',
      "EZ2015",
    ],
    [
      "a function that is not known",
      'export function f(g: (x: number) => number): number { return enzyme((x: number) => g(x), "gradient")(1); }',
      "EZ2021",
    ],
    [
      "a type parameter",
      'export function f<T extends number>(t: T): number { return enzyme((x: T) => x * t, "gradient" as never)(t); }',
      "EZ2021",
    ],
    [
      "a variable hidden where the macro stands",
      'export function f(k: number): unknown { const g = (x: number): number => x * k; return [1].map((k) => enzyme(g, "gradient")(k)); }',
      "EZ2021 at g: `g` captures `k`",
    ],
    ["parameters without types", 'export const f = enzyme((x) => x as never, "gradient" as never);', "EZ1"],
  ])("%s", (_name, text, expected) => {
    const { diagnostics, refused } = main(`${text}\n`);
    expect(diagnostics[0]).toContain(expected);
    expect(refused).toEqual(["main.ts"]);
  });
});
