/** What the README says is so. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatDiagnostics, transformProgram } from "../transformer/index.js";
import { runCommand } from "../transformer/surfaces/cli.js";
import { derivativeModes } from "./support/transform-source.js";
import { repository } from "./support/temporary-project.js";
import { transformFiles } from "./support/transform-files.js";
import { virtualProgram } from "./support/virtual-program.js";

const readme = readFileSync(`${repository}/README.md`, "utf8");
const blocks = [...readme.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, text]) => ({
  language,
  text: text ?? "",
}));

function block(start: string): string {
  const found = blocks.find(({ text }) => text.startsWith(start));
  if (found === undefined) throw new Error(`the README has no block that starts with ${start}`);
  return found.text;
}

describe("README", () => {
  test("shows the gradient that is generated", () => {
    const source = block("/** @enzyme */\nexport function rosenbrock");
    const { texts } = transformFiles({ "rosenbrock.ts": source });
    expect(texts["rosenbrock.ts"]).toBe(`${source}\n${block("/** Gradient of {@link rosenbrock}")}`);
  });

  test("shows what becomes of a macro", () => {
    const line = /^enzyme\(.*$/m.exec(block("enzyme((x: number)"))?.[0] ?? "";
    const [call = "", arrow = ""] = line.split("; // becomes ");
    const { texts, diagnostics } = transformFiles({
      "main.ts": `import { enzyme } from "enzyme-ts";
const model = (x: number, options: { k: number }): number => x * options.k;
export const use = (options: { k: number }): unknown => [${call}];
`,
    });
    expect(diagnostics).toEqual([]);
    expect(texts["main.ts"]).toContain(`[${arrow}]`);
  });

  test("shows how a diagnostic looks", () => {
    const text = "/** @enzyme */\nexport async function wait(x: number): Promise<number> {\n  return x;\n}\n";
    const program = virtualProgram({ "src/wait.ts": text });
    const { diagnostics } = transformProgram(program);
    const printed = formatDiagnostics(diagnostics, { textOf: () => text, nameOf: (file) => file.slice(1) });
    expect(`${printed.trim()}\n`).toBe(block("src/wait.ts"));
  });

  test("names every flag of the command, and no other", async () => {
    let help = "";
    const stdout = (text: string): void => void (help += text);
    await runCommand(["--help"], { cwd: repository, packageRoot: repository, stdout, stderr: stdout, colour: false });
    const options = help.slice(help.indexOf("Options:"), help.indexOf("Examples:"));
    const flagsIn = (text: string): readonly string[] => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();
    const table = readme.slice(readme.indexOf("| flag"), readme.indexOf("| exit code"));
    expect(flagsIn(table)).toEqual(flagsIn(options));
  });

  test("names every mode that is there", () => {
    const table = readme.slice(readme.indexOf("## Modes"), readme.indexOf("## What is differentiated"));
    for (const mode of derivativeModes) expect(table).toContain(`| \`"${mode}"\``);
  });

  test.each([
    ["async functions", "export async function f(x: number): Promise<number> { return x; }"],
    ["generators", "export function* f(x: number): Generator<number> { yield x; }"],
    ["Map", "export function f(x: number): Map<number, number> { return new Map([[1, x]]); }"],
    [
      "module state",
      "let k = 1;\nexport const bump = (): void => { k++; };\n/** @enzyme */\nexport function f(x: number): number { return x * k; }",
    ],
    [
      "no source",
      "declare function g(x: number): number;\n/** @enzyme */\nexport function f(x: number): number { return g(x); }",
    ],
    [
      "#private",
      "class A { #k = 2; get(): number { return this.#k; } }\n/** @enzyme */\nexport function f(x: number): number { return x * new A().get(); }",
    ],
    [
      "derivatives of pullbacks",
      'import { enzyme } from "enzyme-ts";\nconst f = (x: number): number => x;\nexport const d = enzyme(enzyme(f, "vjp") as never, "forward");',
    ],
  ])("names what is refused: %s", (_name, text) => {
    const source = text.includes("@enzyme") || text.includes("import") ? text : `/** @enzyme */\n${text}`;
    const { diagnostics, refused } = transformFiles({ "a.ts": `${source}\n` });
    expect(diagnostics.join("\n")).toMatch(/^EZ[12]/);
    expect(refused).toEqual(["a.ts"]);
  });
});
