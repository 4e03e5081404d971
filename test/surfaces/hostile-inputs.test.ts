/** Files as they are found in the wild. */
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { callIn, transformFiles, type FilesOptions } from "../support/transform-files.js";

const square = "export function square(x: number): number {\n  return x * x;\n}\n";
const marked = `/** @enzyme */\n${square}`;

function sound(files: Record<string, string>, options: FilesOptions = {}) {
  const made = transformFiles(files, options);
  expect(made.diagnostics).toEqual([]);
  expect(made.typeErrors()).toEqual([]);
  return made;
}

describe("the text of a file", () => {
  test.each([
    ["a byte order mark", `\uFEFF${marked}`],
    ["line ends of Windows", marked.replaceAll("\n", "\r\n")],
    ["line ends of old Macs", marked.replaceAll("\n", "\r")],
    ["no final line end", marked.trimEnd()],
    ["a last line that is a comment", `${marked}// the end`],
    ["many blank lines at the end", `${marked}\n\n\n`],
    ["a shebang", `#!/usr/bin/env node\n${marked}`],
    ['"use strict"', `"use strict";\n${marked}`],
    ["a licence ahead of all", `/* Copyright */\n\n${marked}`],
    ["tabs", marked.replace("  return", "\treturn")],
    ["separators that are line ends to some", `${marked}export const s = "a\u2028b";\n`],
  ])("%s", (_name, text) => {
    for (const layout of ["keepLines", "ownLines"] as const) {
      const made = sound({ "a.ts": text }, { layout });
      const written = made.texts["a.ts"] ?? "";
      expect(written.startsWith(text.trimEnd())).toBe(true);
      expect(callIn(made.load("a.ts"), "square_gradient", 3)).toBe(6);
      if (text.includes("\r\n")) expect(written.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    }
  });

  test.each([
    ["a shebang and a directive", '#!/usr/bin/env node\n"use strict";\n'],
    ["a byte order mark", "\uFEFF"],
    ["a licence", "/* Copyright */\n"],
    ["nothing", ""],
  ])("that needs its first import, behind %s", (_name, head) => {
    const text = `${head}/** @enzyme */\nexport function f(x: number): number {\n  let y = x;\n  while (y < 10) y = y * y + 1;\n  return y;\n}\n`;
    for (const layout of ["keepLines", "ownLines"] as const) {
      const made = sound({ "a.ts": text }, { layout });
      const written = made.texts["a.ts"] ?? "";
      expect(written.startsWith(head)).toBe(true);
      expect(written).toContain('import { grow } from "enzyme-ts/tape";');
      if (head.includes("#!")) expect(written.split("\n")[0]).toBe("#!/usr/bin/env node");
      expect(callIn(made.load("a.ts"), "f_gradient", 0.5)).toBeTypeOf("number");
    }
  });

  test("names beyond ASCII", () => {
    const made = sound({
      "a.ts":
        "const π = 3;\n/** @enzyme gradient forward */\nexport function größe(θ: number, 数: number[]): number {\n  const ñ$ = θ * π;\n  return ñ$ * 数[0];\n}\n",
    });
    expect(callIn(made.load("a.ts"), "größe_gradient", 2, [5])).toEqual([15, [6]]);
  });

  test("names with $ and _", () => {
    const made = sound({
      "a.ts": "/** @enzyme */\nexport function $f_(_: number, $$: number): number {\n  return _ * $$ * $$;\n}\n",
    });
    expect(callIn(made.load("a.ts"), "$f__gradient", 2, 3)).toEqual([9, 12]);
  });
});

describe("kinds of modules", () => {
  test.each(["a.mts", "a.cts", "a.tsx"])("%s", (name) => {
    const text = `/** @enzyme */\nexport const f = <T extends number>(x: number, k: T): number => x * x * k;\n/** @enzyme */\n${square}`;
    const compilerOptions = { jsx: ts.JsxEmit.Preserve };
    const made = transformFiles({ [name]: text }, { compilerOptions });
    expect(made.texts[name]).toContain("export function square_gradient(x: number): number {");
    expect(made.typeErrors()).toEqual([]);
  });

  test("JSX beside a primal", () => {
    const text = `declare global { namespace JSX { interface IntrinsicElements { b: { children?: unknown } } } }\n/** @enzyme */\n${square}export const view = (): unknown => <b>{square(2)} &amp; more</b>;\n`;
    const made = sound({ "a.tsx": text }, { compilerOptions: { jsx: ts.JsxEmit.Preserve } });
    expect(made.texts["a.tsx"]?.startsWith(text)).toBe(true);
  });

  test("macros across .mts and .cts", () => {
    const compilerOptions = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
    const made = transformFiles(
      {
        "model.mts": square,
        "main.mts":
          'import { enzyme } from "enzyme-ts";\nimport { square } from "./model.mjs";\nexport const d = enzyme(square, "gradient");\n',
      },
      { compilerOptions },
    );
    expect(made.diagnostics).toEqual([]);
    expect(made.texts["main.mts"]).toBe(
      'import { square_gradient } from "./model.mjs";\nexport const d = square_gradient;\n',
    );
    expect(made.texts["model.mts"]).toContain("export function square_gradient");
  });

  test("CommonJS syntax", () => {
    const compilerOptions = { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Bundler };
    const made = sound(
      {
        "model.ts": square,
        "main.ts":
          'import E = require("enzyme-ts");\nimport model = require("./model");\nexport const d = E.enzyme(model.square, "gradient");\n',
      },
      { compilerOptions },
    );
    expect(made.texts["main.ts"]).toContain("export const d = model.square_gradient;");
    expect(callIn(made.load("main.ts"), "d", 4)).toBe(8);
  });

  test("a script without imports and exports", () => {
    const made = sound({ "a.ts": "/** @enzyme */\nfunction f(x: number): number {\n  return x * x;\n}\n" });
    expect(made.texts["a.ts"]).toContain("\nfunction f_gradient(x: number): number {");
  });
});

describe("exports", () => {
  test.each([
    [
      "a default export",
      "/** @enzyme */\nexport default function f(x: number): number {\n  return x * x;\n}\n",
      "f_gradient",
    ],
    [
      "without a name",
      "/** @enzyme */\nexport default function (x: number): number {\n  return x * x;\n}\n",
      "defaultExport_gradient",
    ],
    [
      "at the end",
      "/** @enzyme */\nfunction f(x: number): number {\n  return x * x;\n}\nexport default f;\n",
      "f_gradient",
    ],
    [
      "under another name",
      "/** @enzyme */\nconst f = (x: number): number => x * x;\nexport { f as shown };\n",
      "f_gradient",
    ],
  ])("%s", (_name, text, name) => {
    const made = sound({ "a.ts": text, "main.ts": `import { ${name} } from "./a";\nexport const d = ${name}(3);\n` });
    expect(made.load("main.ts")["d"]).toBe(6);
  });

  test("a default import in the macro", () => {
    const made = sound({
      "a.ts": "export default function (x: number): number {\n  return x * x;\n}\n",
      "main.ts":
        'import { enzyme } from "enzyme-ts";\nimport f from "./a";\nexport const d = enzyme(f, "gradient");\nexport const y = f(2);\n',
    });
    expect(callIn(made.load("main.ts"), "d", 3)).toBe(6);
  });

  test("an arrow function as default export", () => {
    const made = transformFiles({
      "a.ts": "export default (x: number): number => x * x;\n",
      "main.ts": 'import { enzyme } from "enzyme-ts";\nimport f from "./a";\nexport const d = enzyme(f, "gradient");\n',
    });
    if (made.diagnostics.length === 0) expect(callIn(made.load("main.ts"), "d", 3)).toBe(6);
    else expect(made.refused).toContain("main.ts");
  });
});

describe("where a macro runs", () => {
  const head = 'import { enzyme } from "enzyme-ts";\n';

  test("before the function stands, in class fields, in static blocks, as a default value", () => {
    const made = sound({
      "a.ts": `${head}export const early = enzyme(square, "gradient")(3);
export class Model {
  static readonly shared = enzyme(square, "gradient");
  static last: number;
  static {
    Model.last = enzyme(square, "gradient")(5);
  }
  readonly slope = enzyme(square, "valueAndGradient");
  run(f = enzyme(square, "gradient")): number {
    return f(7);
  }
}
export const model = new Model();
export const results = [early, Model.shared(4), Model.last, model.slope(6).gradient, model.run()];
${square}`,
    });
    expect(made.load("a.ts")["results"]).toEqual([6, 8, 10, 12, 14]);
  });

  test("while two modules load each other", () => {
    const made = sound({
      "a.ts": `${head}import { fromB, b } from "./b";\nexport function a(x: number): number { return x * x; }\nexport const fromA = enzyme(b, "gradient")(3);\nexport { fromB };\n`,
      "b.ts": `${head}import { a } from "./a";\nexport function b(x: number): number { return 2 * x; }\nexport const fromB = (): number => enzyme(a, "gradient")(3);\n`,
    });
    const module = made.load("a.ts");
    expect([module["fromA"], callIn(module, "fromB")]).toEqual([2, 6]);
  });
});

describe("names that meet", () => {
  const counted =
    "/** @enzyme */\nexport function f(x: number): number {\n  let y = x;\n  while (y < 10) y = y * y + 1;\n  return y;\n}\n";

  test.each([
    ["a function of the user", `export const grow = 1;\n${counted}`],
    ["a variable of the primal", counted.replace(/\by\b/g, "grow")],
    ["both", `export const grow_1 = 1;\n${counted.replace(/\by\b/g, "grow")}`],
    ["an import of the same name", `import { grow } from "./b";\nexport const g = grow;\n${counted}`],
    [
      "our own import, renamed",
      `import { grow as enlarge } from "enzyme-ts/tape";\nexport const g = enlarge;\n${counted}`,
    ],
    [
      "our own import, hidden by a variable",
      `import { grow } from "enzyme-ts/tape";\nexport const g = grow;\n${counted.replace(/\by\b/g, "grow")}`,
    ],
  ])("the import of `grow` and %s", (_name, text) => {
    const made = transformFiles({ "a.ts": text, "b.ts": "export const grow = 2;\n" });
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
    const plain = sound({ "a.ts": counted });
    expect(callIn(made.load("a.ts"), "f_gradient", 0.5)).toBe(callIn(plain.load("a.ts"), "f_gradient", 0.5));
  });

  test("a helper's variable, from another file", () => {
    const made = sound({
      "a.ts": 'import { h } from "./b";\n/** @enzyme */\nexport function f(x: number): number { return h(x); }\n',
      "b.ts": counted.replace("/** @enzyme */\n", "").replace("f(x", "h(x").replace(/\by\b/g, "grow"),
    });
    const plain = sound({ "a.ts": counted });
    expect(callIn(made.load("a.ts"), "f_gradient", 0.5)).toBe(callIn(plain.load("a.ts"), "f_gradient", 0.5));
  });

  test("derivatives that are there already are an error for a marker, and avoided for a macro", () => {
    const text = `export const square_gradient = 1;\n${square}`;
    expect(
      transformFiles({ "a.ts": text.replace("export function", "/** @enzyme */\nexport function") }).diagnostics,
    ).toEqual(["EZ1018 at @enzyme: the name `square_gradient` is already taken in a.ts"]);
    const made = sound({
      "a.ts": `import { enzyme } from "enzyme-ts";\n${text}export const d = enzyme(square, "gradient");\n`,
    });
    expect(callIn(made.load("a.ts"), "d", 3)).toBe(6);
  });
});

describe("what has no source", () => {
  test("a helper that is only declared", () => {
    const files = {
      "lib.d.ts":
        "export declare function lib(x: number): number;\nexport declare const also: (x: number) => number;\n",
      "a.ts":
        'import { lib as f, also } from "./lib";\nimport * as M from "./lib";\n/** @enzyme */\nexport function g(x: number): number {\n  return f(x) + also(x) + M.lib(x);\n}\n',
    };
    expect(transformFiles(files).diagnostics).toEqual([
      "EZ2008 at f(x): the source of `f` is not available, so its derivative is unknown",
      "EZ2008 at also(x): the source of `also` is not available, so its derivative is unknown",
      "EZ2008 at M.lib(x): the source of `M.lib` is not available, so its derivative is unknown",
    ]);
  });
});
