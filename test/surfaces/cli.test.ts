import { chmodSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runCommand, runCommandWith } from "../../transformer/surfaces/cli.js";
import { fakeDerive } from "../support/fake-derive.js";
import { repository, temporaryProject, type TemporaryProject } from "../support/temporary-project.js";

const projects: TemporaryProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function project(files: Record<string, string | Buffer>): TemporaryProject {
  const made = temporaryProject(files);
  projects.push(made);
  return made;
}

async function run(where: TemporaryProject, ...args: string[]) {
  let stdout = "";
  let stderr = "";
  const code = await runCommandWith(fakeDerive, args, {
    cwd: where.root,
    packageRoot: repository,
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    colour: false,
  });
  expect(stderr).not.toMatch(/\n\s+at /);
  return { code, stdout, stderr };
}

const marked = "/** @enzyme */\nexport function loss(x: number): number {\n  return x * x;\n}\n";
const derived = `${marked}\nexport function loss_gradient(x: number): number {\n  return 42;\n}\n`;

describe("ad-transform", () => {
  test("writes each input below --out-dir, what has nothing to transform byte for byte", async () => {
    const plain = Buffer.from("\uFEFFexport  const a=1\r\nexport const b = 'enzyme'", "utf8");
    const made = project({ "src/a.ts": marked, "src/deep/plain.ts": plain, "other.txt": "no" });
    const { code, stderr } = await run(made, "src/**/*.ts", "--out-dir", "out");
    expect(code).toBe(0);
    expect(made.list("out")).toEqual(["src/a.ts", "src/deep/plain.ts"]);
    expect(made.read("out/src/a.ts")).toBe(derived);
    expect(made.bytes("out/src/deep/plain.ts").equals(plain)).toBe(true);
    expect(stderr).toMatch(/^1 derivative generated, 2 files written, in [\d.]+ s\n$/);
  });

  test("serves projects that have not installed the package", async () => {
    const text = `import { enzyme, type int } from "enzyme-ts";\n${marked}export const d = enzyme(loss, "gradient");\nexport const n: int = 1;\n`;
    const made = project({ "a.ts": text });
    made.remove();
    mkdirSync(made.root);
    made.write("a.ts", text);
    const { code, stdout } = await run(made, "a.ts", "--stdout");
    expect(code).toBe(0);
    expect(stdout).toContain("export const d = loss_gradient;");
    expect(stdout).toContain('import type { int } from "enzyme-ts";');
  });

  test("keeps byte order marks and line ends, and formats as the project does", async () => {
    const made = project({ "a.ts": `\uFEFF${marked}`.replaceAll("\n", "\r\n"), ".prettierrc": '{ "tabWidth": 8 }' });
    expect((await run(made, "a.ts", "--out-dir", "out")).code).toBe(0);
    const text = made.read("out/a.ts");
    expect(text.startsWith("\uFEFF/** @enzyme */\r\n")).toBe(true);
    expect(text).toContain("{\r\n        return 42;\r\n}");
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    await run(made, "a.ts", "--out-dir", "out", "--no-format");
    expect(made.read("out/a.ts")).toContain("{\r\n  return 42;\r\n}");
  });

  test("transforms across files", async () => {
    const main = `import { enzyme } from "enzyme-ts";\nimport { loss } from "./loss.js";\nconsole.log(enzyme(loss, "gradient")(2));\n`;
    const made = project({ "loss.ts": marked, "main.ts": main });
    expect((await run(made, "*.ts", "--out-dir", "out")).code).toBe(0);
    expect(made.read("out/main.ts")).toBe(
      'import { loss_gradient } from "./loss.js";\nconsole.log(loss_gradient(2));\n',
    );
    const lone = await run(made, "main.ts", "--out-dir", "lone");
    expect(lone.code).toBe(0);
    expect(made.list("lone")).toEqual(["main.ts"]);
    expect(made.read("lone/main.ts")).toMatch(/^console\.log\(loss_gradient\(2\)\);\n\nfunction loss_gradient\(/);
  });

  test("prints to stdout", async () => {
    const made = project({ "a.ts": marked, "b.ts": "export const b = 1;\n" });
    expect((await run(made, "a.ts", "--stdout")).stdout).toBe(derived);
    expect((await run(made, "a.ts", "b.ts", "--stdout")).stdout).toBe(
      `// ---- a.ts\n${derived}// ---- b.ts\nexport const b = 1;\n`,
    );
    expect(made.list(".")).toEqual(["a.ts", "b.ts"]);
  });

  test("--check tells stale outputs by a diff", async () => {
    const made = project({ "a.ts": marked });
    const missing = await run(made, "a.ts", "--out-dir", "out", "--check");
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain("+export function loss_gradient");
    expect(made.list(".")).toEqual(["a.ts"]);
    await run(made, "a.ts", "--out-dir", "out");
    expect(await run(made, "a.ts", "--out-dir", "out", "--check")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "1 file up to date\n",
    });
    made.write("out/a.ts", made.read("out/a.ts").replace("42", "43"));
    const stale = await run(made, "a.ts", "--out-dir", "out", "--check");
    expect(stale.code).toBe(1);
    expect(stale.stdout).toContain("-  return 43;\n+  return 42;\n");
  });

  test("reads its own outputs as no inputs", async () => {
    const made = project({ "a.ts": marked });
    await run(made, "**/*.ts", "--out-dir", "out");
    expect((await run(made, "**/*.ts", "--out-dir", "out")).code).toBe(0);
    expect(made.list("out")).toEqual(["a.ts"]);
  });
});

describe("bad input", () => {
  test("one refused file hides nothing of the others: errors of all, outputs of the good ones", async () => {
    const made = project({
      "good.ts": marked,
      "bad.ts": marked.replace("loss", "bad"),
      "worse.ts": `/** @enzyme gradent */\nexport function f(x: number): number { return x; }\n`,
      "broken.ts": "/** @enzyme */\nexport function (x: number) {\n",
    });
    const { code, stderr } = await run(made, "*.ts", "--out-dir", "out");
    expect(code).toBe(1);
    expect(made.list("out")).toEqual(["good.ts"]);
    expect(stderr).toContain(
      [
        "bad.ts:2:17 - error EZ2001: a bad function is not supported yet",
        "  2 | export function bad(x: number): number {",
        "    |                 ^^^",
        "  help: write a good one",
      ].join("\n"),
    );
    expect(stderr).toContain("worse.ts:1:13 - error EZ1014: unknown word `gradent` after @enzyme");
    expect(stderr).toMatch(/broken\.ts:2:\d+ - error EZ1019: syntax error/);
    expect(stderr).toMatch(/1 derivative generated, 1 file written, 3 files refused/);
  });

  test("what was there stays where a file is refused", async () => {
    const made = project({ "bad.ts": marked.replace("loss", "bad"), "out/bad.ts": "before\n" });
    expect((await run(made, "bad.ts", "--out-dir", "out")).code).toBe(1);
    expect(made.read("out/bad.ts")).toBe("before\n");
  });

  test.each([
    ["no output named", ["a.ts"], "say where the outputs go"],
    ["a missing file", ["none.ts", "--stdout"], "there is no file none.ts"],
    ["a glob without matches", ["lib/*.ts", "--stdout"], "no file matches lib/*.ts"],
    ["a folder", ["src", "--stdout"], 'src is a folder: name its files, for instance "src/**/*.ts"'],
    ["a missing tsconfig", ["a.ts", "--stdout", "--project", "none.json"], "there is no none.json"],
    ["a broken tsconfig", ["a.ts", "--stdout", "--project", "broken.json"], "broken.json: "],
    [
      "a wrong option in tsconfig",
      ["a.ts", "--stdout", "--project", "wrong.json"],
      "wrong.json: Argument for '--module'",
    ],
    ["an unknown flag", ["a.ts", "--stdot"], "unknown option '--stdot'"],
    ["no file", ["--stdout"], "missing required argument 'files'"],
    ["--check alone", ["a.ts", "--stdout", "--check"], "--check needs --out-dir"],
    ["two places to go", ["a.ts", "--stdout", "--out-dir", "out"], "choose one of --out-dir DIR and --stdout"],
    ["no source file", ["broken.json", "--stdout"], "broken.json is no source file: name files that end in .ts, .tsx,"],
    ["outputs over inputs", ["a.ts", "--out-dir", "."], "a.ts would be overwritten"],
    ["an input outside", ["../x.ts", "--out-dir", "out"], "there is no file ../x.ts"],
    [
      "an unknown stage",
      ["a.ts", "--stdout", "--dump", "lower,nonsense"],
      '--dump: there is no pass "nonsense": use one of\n  all, ',
    ],
    ["an unknown pass", ["a.ts", "--stdout", "--disable", "nonsense"], '--disable: there is no pass "nonsense"'],
    ["a budget that is no amount", ["a.ts", "--stdout", "--memory", "lots"], '--memory: "lots" is no amount'],
    ["an empty name", ["", "--stdout"], "an empty argument names no file"],
    ["an empty folder name", ["a.ts", "--out-dir", ""], "--out-dir needs the name of a folder"],
    ["a name that is too long", [`${"x".repeat(300)}.ts`, "--stdout"], "the name is too long"],
    ["a file for a folder", ["a.ts", "--out-dir", "broken.json"], "a file stands where a folder is needed"],
  ])("wrong usage: %s", async (_name, args, text) => {
    const made = project({
      "a.ts": marked,
      "src/b.ts": marked,
      "broken.json": "{ compilerOptions: [",
      "wrong.json": '{ "compilerOptions": { "module": "nonsense" } }',
    });
    const { code, stderr } = await run(made, ...args);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
    expect(made.list(".")).toEqual(["a.ts", "broken.json", "src/b.ts", "wrong.json"]);
  });

  test.skipIf(process.platform !== "linux")("a folder that cannot be made", async () => {
    const { code, stderr } = await run(project({ "a.ts": marked }), "a.ts", "--out-dir", "/proc/none/at/all");
    expect(stderr).toContain("cannot write the outputs: no such file or folder");
    expect(code).toBe(2);
  });

  test("a derivative of a file that is refused is not counted", async () => {
    const two = `${marked}${marked.replace("loss", "bad")}`;
    const { stderr } = await run(project({ "a.ts": two, "b.ts": marked }), "*.ts", "--out-dir", "out");
    expect(stderr).toMatch(/1 derivative generated, 1 file written, 1 file refused/);
  });

  test.skipIf(process.getuid?.() === 0)("a folder that cannot be written", async () => {
    const made = project({ "a.ts": marked });
    mkdirSync(path.join(made.root, "out"));
    chmodSync(path.join(made.root, "out"), 0o555);
    const { code, stderr } = await run(made, "a.ts", "--out-dir", "out");
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot write the outputs: permission denied")]);
    chmodSync(path.join(made.root, "out"), 0o755);
  });

  test("nothing is half written: one output that cannot be written keeps back all", async () => {
    const made = project({ "a.ts": marked, "lib/b.ts": marked, "out/lib": "a file\n" });
    const { code, stderr } = await run(made, "a.ts", "lib/b.ts", "--out-dir", "out");
    expect(code).toBe(2);
    expect(stderr).toContain("Nothing was written.");
    expect(made.list("out")).toEqual(["lib"]);
  });

  test("nothing is half written: what was there is there again, new folders are gone", async () => {
    const made = project({
      "a.ts": marked,
      "lib/b.ts": marked,
      "z.ts": marked,
      "out/a.ts": "before",
      "out/z.ts/x": "",
    });
    const { code, stderr } = await run(made, "a.ts", "lib/b.ts", "z.ts", "--out-dir", "out");
    expect(code).toBe(2);
    expect(stderr).toMatch(/a folder stands where a file is needed: .*out\/z\.ts\nNothing was written\.\n$/);
    expect(made.list("out")).toEqual(["a.ts", "z.ts/x"]);
    expect(made.read("out/a.ts")).toBe("before");
    expect(existsSync(path.join(made.root, "out/lib"))).toBe(false);
  });

  test("a marker behind something else on its line is not overlooked", async () => {
    const made = project({ "a.ts": `import "./b.js"; ${marked}`, "b.ts": "export {};\n" });
    expect((await run(made, "a.ts", "--stdout")).stdout).toContain("function loss_gradient");
  });

  test("a helper that cannot be read is an error at its import", async () => {
    const text =
      'import { f } from "./none.js";\n/** @enzyme */\nexport function g(x: number): number {\n  return f(x);\n}\n';
    const made = project({ "a.ts": text });
    let stderr = "";
    const surroundings = { cwd: made.root, packageRoot: repository, stdout: () => undefined, colour: false };
    const code = await runCommand(["a.ts", "--stdout"], { ...surroundings, stderr: (part) => (stderr += part) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("a.ts:4:10 - error EZ1026: `f` is imported from ")]);
  });

  test("--explain says what is recorded, on stdout, and writes nothing by itself", async () => {
    const made = project({ "a.ts": marked });
    let stdout = "";
    const surroundings = { cwd: made.root, packageRoot: repository, stderr: () => undefined, colour: false };
    const code = await runCommand(["a.ts", "--explain"], { ...surroundings, stdout: (part) => (stdout += part) });
    expect([code, stdout]).toEqual([0, "loss_gradient  (a.ts:2)\n  nothing is recorded\n  at hand: x\n\n"]);
    expect(made.list(".")).toEqual(["a.ts"]);
  });

  test("--version", async () => {
    const { code, stdout } = await run(project({}), "--version");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("--help and its exit code", async () => {
    const { code, stdout } = await run(project({}), "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Exit codes: 0 done, 1 diagnostics or stale outputs, 2 wrong usage");
  });
});
