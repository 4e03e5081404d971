import { SourceMap } from "node:module";
import { describe, expect, test } from "vitest";
import { transformProgramWith } from "../../../transformer/index.js";
import type { Layout } from "../../../transformer/emit/typescript/import-plan.js";
import { fakeDerive } from "../../support/fake-derive.js";
import { virtualProgram, type VirtualOptions } from "../../support/virtual-program.js";

interface Settings extends VirtualOptions {
  readonly layout?: Layout;
}

function transform(files: Record<string, string>, settings: Settings = {}) {
  const { layout = "keepLines", ...options } = settings;
  const result = transformProgramWith(fakeDerive, virtualProgram(files, options), { layout });
  return result;
}

function textOf(files: Record<string, string>, name: string, settings: Settings = {}): string | undefined {
  return transform(files, settings).files.get(`/${name}`)?.text;
}

const loss = "export function loss(x: number): number {\n  return x * x;\n}\n";
const gradient = "export function loss_gradient(x: number): number {\n  return 42;\n}\n";

describe("rewriting a file", () => {
  test("appends the derivative, replaces the call, removes the macro's import", () => {
    const text = `import { enzyme } from "enzyme-ts";\n\n${loss}\nexport const d = enzyme(loss, "gradient")(3);\n`;
    expect(textOf({ "a.ts": text }, "a.ts")).toBe(`\n\n${loss}\nexport const d = loss_gradient(3);\n\n${gradient}`);
  });

  test("keeps every line of the user where it is", () => {
    const text = `// first\nimport {\n  enzyme,\n  type Const,\n} from "enzyme-ts";\n${loss}export const d = enzyme(\n  loss,\n  "gradient",\n)(3);\nexport let last: Const<number> = 1;`;
    const out = textOf({ "a.ts": text }, "a.ts") ?? "";
    expect(out.split("\n").indexOf("export let last: Const<number> = 1;")).toBe(
      text.split("\n").indexOf("export let last: Const<number> = 1;"),
    );
    expect(out).toContain('import type { Const } from "enzyme-ts";\n\n\n');
    expect(out).toContain("export const d = loss_gradient\n\n\n(3);");
  });

  test("keeps line ends, and adds the final one", () => {
    const text = `/** @enzyme */\n${loss}`.replaceAll("\n", "\r\n").trimEnd();
    expect(textOf({ "a.ts": text }, "a.ts")).toBe(`${text}\r\n\r\n${gradient.replaceAll("\n", "\r\n")}`);
  });

  test("leaves other files alone", () => {
    const { files } = transform({ "a.ts": `/** @enzyme */\n${loss}`, "b.ts": "export const b = 1" });
    expect([...files.keys()]).toEqual(["/a.ts"]);
  });

  test("keeps the macro's import where a call could not be answered", () => {
    const text = `import { enzyme } from "enzyme-ts";\nimport { loss } from "./loss";\nexport function bad(x: number): number { return x; }\nexport const d = enzyme(bad, "gradient");\nexport const e = enzyme(loss, "gradient");\n`;
    const result = transform({ "a.ts": text, "loss.ts": loss });
    expect(result.files.get("/a.ts")?.text).toBe(
      text.replace("{ loss }", "{ loss_gradient }").replace('enzyme(loss, "gradient")', "loss_gradient"),
    );
    expect([...result.refused]).toEqual(["/a.ts"]);
  });
});

describe("imports", () => {
  const use = 'export const d = enzyme(loss, "gradient")(3);\n';
  const macro = 'import { enzyme } from "enzyme-ts";\n';

  test.each([
    ["a name", 'import { loss } from "./m";\n', 'import { loss_gradient } from "./m";\n'],
    [
      "among others",
      'import { a, loss, b } from "./m";\nexport { a, b };\n',
      'import { a, b, loss_gradient } from "./m";\nexport { a, b };\n',
    ],
    ["still used", 'import { loss } from "./m";\nloss(1);\n', 'import { loss, loss_gradient } from "./m";\nloss(1);\n'],
    [
      "renamed",
      'import { a as loss } from "./m";\nloss(1);\n',
      'import { a as loss, a_gradient } from "./m";\nloss(1);\n',
    ],
    ["default", "import loss from './m';\n", "import { main_gradient } from './m';\n"],
    ["default, used", "import loss from './m';\nloss(1);\n", "import loss, { main_gradient } from './m';\nloss(1);\n"],
    ["barrel", 'import { loss } from "./barrel";\n', 'import { loss_gradient } from "./m";\n'],
    [
      "barrel, used",
      'import { loss } from "./barrel";\nloss(1);\n',
      'import { loss } from "./barrel"; import { loss_gradient } from "./m";\nloss(1);\n',
    ],
  ])("of the primal: %s", (_name, before, after) => {
    const m = `${loss}export const a = (x: number): number => x;\nexport const b = 1;\nexport default function main(x: number): number { return x; }\n`;
    const out = textOf(
      { "a.ts": macro + before + use, "m.ts": m, "barrel.ts": 'export { loss } from "./m";\n' },
      "a.ts",
    );
    const name = after.includes("main_")
      ? "main_gradient"
      : after.includes("a_gradient")
        ? "a_gradient"
        : "loss_gradient";
    expect(out).toBe(`\n${after}export const d = ${name}(3);\n`);
  });

  test("of a namespace need no other", () => {
    const text = `import * as E from "enzyme-ts";\nimport * as M from "./m";\nexport const d = E.enzyme(M.loss, "gradient")(3);\n`;
    expect(textOf({ "a.ts": text, "m.ts": loss }, "a.ts")).toBe(
      '\nimport * as M from "./m";\nexport const d = M.loss_gradient(3);\n',
    );
  });

  test("with extensions, where the file's imports have them", () => {
    const files = {
      "src/a.ts": `${macro}import { loss } from "./barrel.js";\n${use}`,
      "lib/m.ts": loss,
      "src/barrel.ts": 'export { loss } from "../lib/m.js";\n',
    };
    expect(textOf(files, "src/a.ts")).toContain('import { loss_gradient } from "../lib/m.js";');
  });

  test("for the generated code go ahead of the first statement, on its line or on their own", () => {
    const text = `"use strict";\n// words\n/** @enzyme */\nexport function tape(x: number): number { return x; }\n`;
    expect(textOf({ "a.ts": text }, "a.ts")).toMatch(
      /^"use strict";\n\/\/ words\nimport \{ grow \} from "enzyme-ts\/tape"; \/\*\* @enzyme \*\/\nexport function tape/,
    );
    expect(textOf({ "a.ts": text }, "a.ts", { layout: "ownLines" })).toMatch(
      /^"use strict";\n\/\/ words\nimport \{ grow \} from "enzyme-ts\/tape";\n\n\/\*\* @enzyme \*\/\nexport function tape/,
    );
  });

  test("for the generated code join what is imported, and avoid names that are taken", () => {
    const text = `import { a } from "./a";\n/** @enzyme */\nexport function tape(x: number): number { return a * x; }\nexport function grow(): void {}\n`;
    const out = textOf({ "b.ts": text, "a.ts": "export const a = 1;\n" }, "b.ts");
    expect(out).toMatch(/^import \{ a \} from "\.\/a"; import \{ grow as grow_1 \} from "enzyme-ts\/tape";\n/);
    expect(out).toContain("return grow_1(new Float64Array(1), 2).length;");
  });

  test("of the user's module for its effects stay under verbatimModuleSyntax", () => {
    const files = {
      "a.ts": `${macro}import { loss } from "./barrel";\n${use}`,
      "m.ts": loss,
      "barrel.ts": 'export { loss } from "./m";\n',
    };
    expect(textOf(files, "a.ts", { verbatimModuleSyntax: true })).toBe(
      '\nimport "./barrel"; import { loss_gradient } from "./m";\nexport const d = loss_gradient(3);\n',
    );
  });

  test("on lines of their own in generated files", () => {
    const files = {
      "a.ts": `${macro}import { loss } from "./barrel";\nloss(1);\n${use}`,
      "m.ts": loss,
      "barrel.ts": 'export { loss } from "./m";\n',
    };
    expect(textOf(files, "a.ts", { layout: "ownLines" })).toBe(
      'import { loss } from "./barrel";\nimport { loss_gradient } from "./m";\nloss(1);\nexport const d = loss_gradient(3);\n',
    );
  });
});

test("places lead back to the user's text", () => {
  const text = `import { enzyme } from "enzyme-ts";\n${loss}export const d = enzyme(loss, "gradient")(3) + loss(7);\n`;
  const file = transform({ "a.ts": text }).files.get("/a.ts");
  if (file === undefined) throw new Error("not transformed");
  expect(file.originalOffset(file.text.indexOf("loss(7)"))).toBe(text.indexOf("loss(7)"));
  expect(file.originalOffset(file.text.indexOf("export function loss("))).toBe(text.indexOf("export function loss("));
  expect(file.originalOffset(file.text.indexOf("loss_gradient(3)") + 4)).toBe(text.indexOf("enzyme(loss"));
  expect(file.originalOffset(file.text.indexOf("return 42"))).toBe(null);
  const before = file.text.slice(0, file.text.indexOf("loss(7)")).split("\n");
  const map = new SourceMap({
    ...file.map,
    file: "",
    sourceRoot: "",
    sources: [...file.map.sources],
    sourcesContent: [],
    names: [],
  });
  const entry = map.findEntry(before.length - 1, before[before.length - 1]?.length ?? 0);
  expect(entry).toMatchObject({ originalLine: 4, originalColumn: text.split("\n")[4]?.indexOf("loss(7)") });
});
