import ts from "typescript";
import { describe, expect, test } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { messageOf } from "../../transformer/diagnostics/diagnostic.js";
import { findRequests } from "../../transformer/syntax/find-requests.js";
import { virtualProgram, type VirtualOptions } from "../support/virtual-program.js";

/** What a program asks for, and what is said about it, as lines to compare. */
function requestsOf(files: Record<string, string>, options: VirtualOptions = {}): string[] {
  const program = virtualProgram(files, options);
  const compilation = new Compilation();
  const sources = program.getSourceFiles().filter((file) => file.fileName.slice(1) in files);
  const { requests, byCall } = findRequests(sources, program, compilation);
  return [
    ...requests.map(
      ({ primal, name, exported, origins }) =>
        `${exported ? "export " : ""}${name} of ${primal.name} in ${primal.sourceFile.fileName} for ${origins.map((origin) => origin.kind).join(", ")}`,
    ),
    ...compilation.diagnostics.map((diagnostic) => {
      const { span } = diagnostic;
      const text = span === null ? "" : (program.getSourceFile(span.file)?.text.slice(span.start, span.end) ?? "");
      return `${diagnostic.code} at ${text.split("\n")[0]}: ${messageOf(diagnostic)}`;
    }),
    ...(byCall.size > 0 ? [`${byCall.size} call(s)`] : []),
  ];
}

const head = `import { enzyme } from "enzyme-ts";\n`;
const loss = "export function loss(x: number, y: number): number { return x * y; }\n";

describe("markers", () => {
  const modes = [
    undefined,
    ts.JSDocParsingMode.ParseAll,
    ts.JSDocParsingMode.ParseNone,
    ts.JSDocParsingMode.ParseForTypeErrors,
    ts.JSDocParsingMode.ParseForTypeInfo,
  ];
  test.each(modes)("are found whatever the parser does with documentation comments (%s)", (parsing) => {
    const text = `/** @enzyme */\n${loss}`;
    expect(requestsOf({ "a.ts": text }, parsing === undefined ? {} : { parsing })).toEqual([
      "export loss_gradient of loss in /a.ts for annotation",
    ]);
  });

  test("stand on functions, consts, static methods and default exports", () => {
    const text = `
/** @enzyme */
export const square = (x: number): number => x * x;
/** @enzyme */
const cube = function (x: number): number { return x * x * x; };
export class Layout {
  /** @enzyme */
  static energy(x: number): number { return x; }
}
/**
 * Long words about it.
 * @enzyme gradient forward
 * @param x that is it
 */
export default function main(x: number): number { return x; }
/** @enzyme */
function hidden(x: number): number { return cube(x); }
export { hidden as shown };
`;
    expect(requestsOf({ "a.ts": text })).toEqual([
      "export square_gradient of square in /a.ts for annotation",
      "export cube_gradient of cube in /a.ts for annotation",
      "export Layout_energy_gradient of Layout.energy in /a.ts for annotation",
      "export main_gradient of main in /a.ts for annotation",
      "export main_forward of main in /a.ts for annotation",
      "export hidden_gradient of hidden in /a.ts for annotation",
    ]);
  });

  test("ask for reverse where the result is no number", () => {
    const text = `/** @enzyme */\nexport function f(x: Float64Array): Float64Array { return x; }\n/** @enzyme */\nexport function g(x: Float64Array): void { x[0] = 1; }`;
    expect(requestsOf({ "a.ts": text })).toEqual([
      "export f_reverse of f in /a.ts for annotation",
      "export g_reverse of g in /a.ts for annotation",
    ]);
  });

  test("are not taken from running text, other tags, other comments or strings", () => {
    const text = `
/** A function marked with @enzyme would be differentiated. */
export function a(x: number): number { return x; }
/** @enzymes */
export function b(x: number): number { return x; }
/** @enzyme-macro */
export function c(x: number): number { return x; }
// @enzyme
export function d(x: number): number { return x; }
export const text = "/** @enzyme */";
`;
    expect(requestsOf({ "a.ts": text }).map((line) => line.replace(/,.*/, ""))).toEqual([
      "EZ3060 at @enzyme: `@enzyme` marks nothing: a marker is `@enzyme`",
    ]);
  });

  test("are reported where they mean nothing", () => {
    const text = `
/** @enzyme gradent */
export function a(x: number): number { return x; }
/** @enzyme */
export class B {}
export function outer(): void {
  /** @enzyme */
  function inner(x: number): number { return x; }
  inner(1);
}
export class C {
  /** @enzyme */
  energy(x: number): number { return x; }
}
`;
    expect(requestsOf({ "a.ts": text })).toEqual([
      "EZ1014 at gradent: unknown word `gradent` after @enzyme",
      "EZ1003 at export class B {}: `enzyme` needs a function that can be found at build time; what is marked here cannot",
      "EZ1023 at @enzyme: `inner` is a marked function inside another function; it cannot be exported from there",
      "EZ1003 at @enzyme: `enzyme` needs a function that can be found at build time; an instance method cannot",
    ]);
  });

  test("ask for nothing where they say what the derivative is", () => {
    const text = `
/** @enzyme custom reverse=fReverse */
export function f(x: number): number { return x; }
/** @enzyme inactive */
export const g = (x: number): number => x;
`;
    expect(requestsOf({ "a.ts": text })).toEqual([]);
  });

  test("give no exports to a script", () => {
    expect(requestsOf({ "a.ts": "/** @enzyme */\nfunction f(x: number): number { return x; }" })).toEqual([
      "f_gradient of f in /a.ts for annotation",
    ]);
  });

  test("clash with a name that is taken", () => {
    const text = `/** @enzyme */\n${loss}export const loss_gradient = 1;`;
    expect(requestsOf({ "a.ts": text })[1]).toMatch(/^EZ1018 at @enzyme/);
  });
});

describe("macros", () => {
  test.each([
    ["named", `import { enzyme } from "enzyme-ts";\nexport const d = enzyme(loss, "gradient");\n`],
    ["renamed", `import { enzyme as diff } from "enzyme-ts";\nexport const d = diff(loss, "gradient");\n`],
    ["namespace", `import * as E from "enzyme-ts";\nexport const d = E.enzyme(loss, "gradient");\n`],
    ["re-exported", `import { derive } from "./barrel";\nexport const d = derive(loss, "gradient");\n`],
    ["dynamic", `const { enzyme } = await import("enzyme-ts");\nexport const d = enzyme(loss, "gradient");\n`],
  ])("are found by their symbol: %s", (_name, text) => {
    const barrel = `export { enzyme as derive } from "enzyme-ts";\n`;
    expect(requestsOf({ "a.ts": text + loss, "barrel.ts": barrel })).toEqual([
      "export loss_gradient of loss in /a.ts for macro",
      "1 call(s)",
    ]);
  });

  test("are found where the package cannot be resolved", () => {
    const text = `import { enzyme } from "enzyme-ts";\nexport const d = enzyme(loss, "gradient");\n${loss}`;
    const host = virtualProgram({ "a.ts": text });
    const lone = ts.createProgram({
      rootNames: ["/a.ts"],
      options: { ...host.getCompilerOptions() },
      host: {
        ...ts.createCompilerHost({}),
        getSourceFile: (name) => host.getSourceFile(name),
        fileExists: (name) => name === "/a.ts",
        resolveModuleNameLiterals: (literals) => literals.map(() => ({ resolvedModule: undefined })),
      },
    });
    const file = lone.getSourceFile("/a.ts");
    expect(file && findRequests([file], lone, new Compilation()).byCall.size).toBe(1);
  });

  test("are not functions of the same name", () => {
    const text = `function enzyme(f: unknown, mode: string): void { console.log(f, mode); }\nenzyme(loss, "gradient");\n${loss}`;
    expect(requestsOf({ "a.ts": text })).toEqual([]);
  });

  test("share one derivative, and the marker's", () => {
    const text = `${head}
/** @enzyme */
${loss}
export const a = enzyme(loss, "reverse");
export const b = enzyme(loss, "reverse");
export const c = enzyme(loss, "gradient", { wrt: [0] });
export const d = enzyme(loss, "gradient", { const: [1] });
`;
    expect(requestsOf({ "a.ts": text })).toEqual([
      "export loss_reverse of loss in /a.ts for macro, macro",
      "export loss_gradient_wrt_0 of loss in /a.ts for macro, macro",
      "4 call(s)",
    ]);
  });

  test("ask for what the marker promises: its name is known, and may be imported", () => {
    const text = `${head}import { loss, loss_gradient } from "./model";\nexport const a = [enzyme(loss, "gradient"), loss_gradient];\n`;
    expect(requestsOf({ "a.ts": text, "model.ts": `/** @enzyme */\n${loss}` })).toEqual([
      "export loss_gradient of loss in /model.ts for annotation, macro",
      "1 call(s)",
    ]);
  });

  test("name functions of other files, through re-exports and namespaces", () => {
    const text = `${head}import { loss } from "./barrel";\nimport * as M from "./model";\nimport main from "./model";
export const a = enzyme(loss, "gradient");
export const b = enzyme(M.cost, "gradient");
export const c = enzyme(main, "gradient");
`;
    const model = `${loss}export const cost = (x: number): number => x;\nexport default function main(x: number): number { return x; }`;
    const barrel = `export * from "./model";\n`;
    expect(requestsOf({ "a.ts": text, "model.ts": model, "barrel.ts": barrel })).toEqual([
      "export loss_gradient of loss in /model.ts for macro",
      "export cost_gradient of cost in /model.ts for macro",
      "export main_gradient of main in /model.ts for macro",
      "3 call(s)",
    ]);
  });

  test("name properties, arrows in place and local functions that capture nothing", () => {
    const text = `${head}
const Layout = { energy: (x: number): number => x, area(x: number): number { return x; } };
class Body { static mass(x: number): number { return x; } }
const scale = 3;
export const a = enzyme(Layout.energy, "gradient");
export const b = enzyme(Layout.area, "gradient");
export const c = enzyme(Body.mass, "gradient");
export const d = enzyme((x: number) => x * scale, "gradient");
export function f(x: number): number {
  const local = (y: number): number => y * y;
  return enzyme(local, "gradient")(x);
}
`;
    expect(requestsOf({ "a.ts": text })).toEqual([
      "Layout_energy_gradient of Layout.energy in /a.ts for macro",
      "Layout_area_gradient of Layout.area in /a.ts for macro",
      "Body_mass_gradient of Body.mass in /a.ts for macro",
      "inline_gradient of inline in /a.ts for macro",
      "local_gradient of local in /a.ts for macro",
      "5 call(s)",
    ]);
  });

  test("give way to names that the user has taken", () => {
    const text = `${head}${loss}export const loss_gradient = enzyme(loss, "gradient");`;
    expect(requestsOf({ "a.ts": text })).toEqual(["export loss_gradient_1 of loss in /a.ts for macro", "1 call(s)"]);
  });

  test("stand inside of each other, or behind a const", () => {
    const text = `${head}export const loss = (x: number, y: number): number => x * y;
const slope = enzyme(loss, "gradient", { wrt: [0] });
export const all = [
  enzyme(enzyme(loss, "gradient", { wrt: [0, 1] }), "forward"),
  enzyme(slope, "gradient", { const: [] }),
  enzyme(enzyme(slope, "reverse", { wrt: [0] }), "forward", { wrt: [0] }),
  enzyme(slope, "gradient", { wrt: [2] } as never),
];
`;
    expect(requestsOf({ "a.ts": text })).toEqual([
      "export loss_gradient_wrt_0 of loss in /a.ts for macro",
      "export loss_gradient_forward of loss in /a.ts for macro",
      "export loss_gradient_wrt_0_gradient of loss in /a.ts for macro",
      "export loss_gradient_wrt_0_reverse_wrt_0_forward of loss in /a.ts for macro",
      "EZ1005 at 2: parameter position 2 is out of range: `loss` has 2 parameter(s)",
      "4 call(s)",
    ]);
  });

  test("of themselves are no functions", () => {
    const text = `${head}const a: never = enzyme(b, "gradient") as never;\nconst b: never = enzyme(a, "gradient") as never;\n`;
    expect(requestsOf({ "a.ts": text }).map((line) => line.replace(/:.*/, ""))).toEqual(["EZ1003 at a", "EZ1003 at b"]);
  });

  test("used wrongly are reported, all at once", () => {
    const text = `${head}${loss}
declare const mode: "gradient";
declare const f: (x: number) => number;
declare function noBody(x: number): number;
let moving = (x: number): number => x;
moving = loss as never;
export const results = [
  enzyme(loss, "gradent" as never),
  enzyme(loss, mode),
  enzyme(f, "gradient"),
  enzyme(noBody, "gradient"),
  enzyme(moving, "gradient"),
  enzyme(loss, "gradient", { wrt: [2] } as never),
  enzyme(loss, "gradient", { only: [0] } as never),
  enzyme(loss, "gradient", { wrt: [0], const: [1] } as never),
  enzyme(loss, "gradient", { wrt: [+0] } as never),
  enzyme(Math.sin, "gradient"),
  enzyme(enzyme(loss, "vjp") as never, "reverse"),
  enzyme,
];
export function outer(k: number): unknown {
  return enzyme((x: number) => x * k, "gradient");
}
export class A {
  k = 1;
  slope(): unknown {
    return enzyme((x: number) => x * this.k, "gradient");
  }
}
`;
    expect(requestsOf({ "a.ts": text }).map((line) => line.replace(/:.*/, ""))).toEqual([
      "inline_gradient of inline in /a.ts for macro",
      'EZ1001 at "gradent" as never',
      "EZ1002 at mode",
      "EZ1003 at f",
      "EZ1010 at noBody",
      "EZ1003 at moving",
      "EZ1005 at 2",
      "EZ1021 at only",
      "EZ1007 at { wrt",
      "EZ1006 at [+0]",
      "EZ2008 at Math.sin",
      'EZ2020 at enzyme(loss, "vjp") as never',
      "EZ1013 at enzyme",
      "EZ2021 at (x",
      "1 call(s)",
    ]);
  });
});
