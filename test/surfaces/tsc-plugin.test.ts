import { SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runNode, runTspc, watchTspc, type CompilerVersion } from "../support/run-tspc.js";
import { temporaryProject, type TemporaryProject } from "../support/temporary-project.js";

const projects: TemporaryProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

interface Settings {
  readonly [option: string]: unknown;
}

function tsconfig(options: Settings, rest: object = { include: ["src"] }): string {
  return JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      skipLibCheck: true,
      lib: ["ES2022"],
      rootDir: "src",
      outDir: "dist",
      declaration: true,
      types: [],
      plugins: [{ transform: "enzyme-ts/tsc-plugin", transformProgram: true }],
      ...options,
    },
    ...rest,
  });
}

function project(files: Record<string, string>, options: Settings = {}): TemporaryProject {
  const made = temporaryProject({
    "package.json": '{ "type": "module", "private": true }',
    "tsconfig.json": tsconfig(options),
    "src/globals.d.ts": globals,
    ...files,
  });
  projects.push(made);
  return made;
}

/** What the library for browsers would bring, and cost. */
const globals = "declare const console: { log(...values: unknown[]): void };\n";

const model = `/** @enzyme */
export function square(x: number): number {
  return x * x;
}
`;
const main = `import { enzyme, type Const } from "enzyme-ts";
import { square } from "./model.js";

function cube(x: number): number {
  return x * x * x;
}
const seven: Const<number> = 7;
export const slope = enzyme(square, "gradient"); export const steep = enzyme(
  cube,
  "gradient",
);
console.log(slope(3), steep(2), seven);
`;
const wrong = `${main}const text: string = slope(3);\nconsole.log(text);\n`;
const wrongPlace = "src/main.ts(13,7): error TS2322: Type 'number' is not assignable to type 'string'.";

/** Where a place of the compiled file comes from. */
function originOf(made: TemporaryProject, file: string, needle: string): string {
  const before = made.read(file).slice(0, made.read(file).indexOf(needle)).split("\n");
  const payload = JSON.parse(made.read(`${file}.map`)) as SourceMapPayload;
  const entry = new SourceMap(payload).findEntry(before.length - 1, before[before.length - 1]?.length ?? 0);
  return "originalLine" in entry
    ? `${path.basename(entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    : "nowhere";
}

describe.each<CompilerVersion>(["6.0", "5.9"])("tspc on TypeScript %s", (version) => {
  test("builds: code that runs, declarations, maps that lead to the user's lines; strict about modules", async () => {
    const strict = { sourceMap: true, verbatimModuleSyntax: true, isolatedModules: true, noUnusedLocals: true };
    const made = project({ "src/model.ts": model, "src/main.ts": main }, strict);
    expect(await runTspc(version, made.root)).toEqual({ code: 0, output: "" });
    expect((await runNode(made.root, "dist/main.js")).output).toBe("6 12 7\n");
    expect(made.read("dist/model.d.ts")).toContain("export declare function square_gradient(x: number): number;");
    expect(made.read("dist/main.d.ts")).toContain("slope: typeof square_gradient");
    // Nothing of the macro is left at run time.
    expect(made.read("dist/main.js")).not.toContain("enzyme");
    expect(originOf(made, "dist/main.js", "steep = ")).toBe("main.ts:8:63");
    expect(originOf(made, "dist/main.js", "console.log")).toBe("main.ts:12:1");
    expect(originOf(made, "dist/model.js", "x * x")).toBe("model.ts:3:10");
  });

  test("builds CommonJS, where imports are not hoisted", async () => {
    const options = {
      module: "CommonJS",
      moduleResolution: version === "6.0" ? "Bundler" : "Node10",
      inlineSourceMap: true,
    };
    const texts = {
      "src/model.ts": model,
      // What is generated imports helpers, by names that Node alone would find in `exports`.
      "src/rows.ts":
        "/** @enzyme */\nexport function firsts(rows: number[][]): number {\n  let s = 0;\n  for (const row of rows) s += row[0] ** 2;\n  let x = s;\n  while (x > 1) x = Math.sin(x) * x;\n  return x;\n}\n",
      "src/main.ts": `${main.replace("./model.js", "./model")}import { firsts_gradient } from "./rows";\nconsole.log(firsts_gradient([[0.5]])[0][0]);\n`,
    };
    const made = project({ ...texts, "package.json": "{}" }, options);
    expect(await runTspc(version, made.root)).toEqual({ code: 0, output: "" });
    expect((await runNode(made.root, "dist/main.js")).output).toBe("6 12 7\n1\n");
    expect(made.read("dist/rows.js")).toContain('require("enzyme-ts/shadow")');
    expect(made.read("dist/rows.js")).toContain('require("enzyme-ts/tape")');
  });

  test("says what to write where transformProgram is missing", async () => {
    const plugins = [{ transform: "enzyme-ts/tsc-plugin" }];
    const made = project({ "src/model.ts": model, "src/main.ts": main }, { plugins });
    const { code, output } = await runTspc(version, made.root);
    expect(code).not.toBe(0);
    expect(output).toMatch(/^error TS91027: EZ1027: .*"transformProgram": true/);
    expect(output.trim().split("\n")).toHaveLength(1);
  });

  test("reports under --noEmit: the user's errors and ours, all at their places", async () => {
    const bad = "/** @enzyme */\nexport async function wait(x: number): Promise<number> {\n  return x;\n}\n";
    // What the types of the macro refuse is not refused again.
    const mode = `import { enzyme } from "enzyme-ts";\nimport { square } from "./model.js";\nenzyme(square, "gradiant");\n`;
    const texts = { "src/model.ts": model, "src/main.ts": wrong, "src/bad.ts": bad, "src/mode.ts": mode };
    const made = project(texts, { noEmit: true });
    const { code, output } = await runTspc(version, made.root);
    expect(code).toBe(2);
    expect(output).toContain(wrongPlace);
    expect(output).toContain(
      "src/bad.ts(2,23): error TS92003: EZ2003: async functions cannot be differentiated: `wait`",
    );
    expect(output).toContain("src/mode.ts(3,16): error TS2345: Argument of type '\"gradiant\"'");
    expect(output.trim().split("\n")).toHaveLength(3);
    expect(made.has("dist/main.js")).toBe(false);
  });

  test("builds incrementally: a second run says the same, and a mended project builds", async () => {
    const made = project({ "src/model.ts": model, "src/main.ts": wrong }, { incremental: true });
    for (const _run of [1, 2]) {
      const { code, output } = await runTspc(version, made.root);
      expect([code, output]).toEqual([2, `${wrongPlace}\n`]);
    }
    made.write("src/main.ts", main);
    expect(await runTspc(version, made.root)).toEqual({ code: 0, output: "" });
    expect((await runNode(made.root, "dist/main.js")).output).toBe("6 12 7\n");
    // Our own errors are not forgotten either, in files that did not change.
    made.write(
      "src/model.ts",
      model.replace("export function", "export async function").replace(": number {", ": Promise<number> {"),
    );
    for (const _run of [1, 2]) {
      const { code, output } = await runTspc(version, made.root);
      expect([code, output]).toEqual([2, expect.stringContaining("src/model.ts(2,23): error TS92003: EZ2003")]);
    }
  });

  test("builds project references with -b", async () => {
    const core = { compilerOptions: { composite: true, rootDir: "core", outDir: "dist/core" } };
    const app = { compilerOptions: { composite: true, rootDir: "app", outDir: "dist/app" } };
    const made = project({
      "core/model.ts": model,
      "app/globals.d.ts": globals,
      "app/main.ts": `import { enzyme } from "enzyme-ts";\nimport { square, square_gradient } from "../core/model.js";\nconst cube = (x: number): number => square(x) * x;\nconsole.log(square_gradient(3), enzyme(cube, "gradient").length);\n`,
      "core/tsconfig.json": JSON.stringify({ extends: "../base.json", ...core, include: ["."] })
        .replace('"dist/core"', '"../dist/core"')
        .replace('"core"', '"."'),
      "app/tsconfig.json": JSON.stringify({
        extends: "../base.json",
        ...app,
        include: ["."],
        references: [{ path: "../core" }],
      })
        .replace('"dist/app"', '"../dist/app"')
        .replace('"app"', '"."'),
      "base.json": tsconfig({ outDir: undefined, rootDir: undefined }, {}),
      "tsconfig.json": JSON.stringify({ files: [], references: [{ path: "core" }, { path: "app" }] }),
    });
    const { code, output } = await runTspc(version, made.root, "-b");
    // What stands in another project has no source here: an error, not a wrong derivative.
    expect([code, output]).toEqual([
      expect.any(Number),
      expect.stringMatching(/^(app\/main\.ts\(3,\d+\): error TS920\d\d: EZ20\d\d.*`square`.*\n)?$/),
    ]);
    made.write(
      "app/main.ts",
      'import { square_gradient } from "../core/model.js";\nconsole.log(square_gradient(3));\n',
    );
    expect(await runTspc(version, made.root, "-b")).toEqual({ code: 0, output: "" });
    expect((await runNode(made.root, "dist/app/main.js")).output).toBe("6\n");
    expect(await runTspc(version, made.root, "-b")).toEqual({ code: 0, output: "" });
  });

  test("watches: every change is transformed", async () => {
    const made = project({ "src/model.ts": model, "src/main.ts": main });
    const watching = watchTspc(version, made.root);
    try {
      expect(await watching.next()).toContain("Found 0 errors.");
      expect((await runNode(made.root, "dist/main.js")).output).toBe("6 12 7\n");
      made.write("src/main.ts", wrong);
      expect(await watching.next()).toContain(wrongPlace);
      made.write("src/main.ts", main.replace("slope(3)", "slope(4)"));
      expect(await watching.next()).toContain("Found 0 errors.");
      expect((await runNode(made.root, "dist/main.js")).output).toBe("8 12 7\n");
      made.write("src/model.ts", `// one line more\n${model}`);
      expect(await watching.next()).toContain("Found 0 errors.");
      expect(made.read("dist/model.js")).toContain("square_gradient");
    } finally {
      await watching.stop();
    }
  });
});
