import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { runNode } from "../support/run-tspc.js";
import { temporaryProject } from "../support/temporary-project.js";

const project = temporaryProject({
  "package.json": "{}",
  "use.mjs": `
import { enzyme } from "enzyme-ts";
import { grow } from "enzyme-ts/tape";
import { zerosLike } from "enzyme-ts/shadow";
import { transformProgram } from "enzyme-ts/transformer";
import plugin from "enzyme-ts/tsc-plugin";
console.log(typeof enzyme, typeof grow, typeof zerosLike, typeof transformProgram, typeof plugin);
`,
  "use.cjs": `
const { enzyme } = require("enzyme-ts");
const { grow } = require("enzyme-ts/tape");
const { zerosLike } = require("enzyme-ts/shadow");
const { transformProgram } = require("enzyme-ts/transformer");
const plugin = require("enzyme-ts/tsc-plugin").default;
console.log(typeof enzyme, typeof grow, typeof zerosLike, typeof transformProgram, typeof plugin);
try { enzyme(function energy() {}, "gradient"); } catch (error) { console.log(error.message.split("\\n")[0]); }
`,
  "src/loss.ts": `/** @enzyme */
export function loss(x: number, y: number): number {
  return x * x * y;
}
`,
  "src/main.ts": `import { enzyme } from "enzyme-ts";
import { loss } from "./loss.ts";
console.log(enzyme(loss, "gradient")(3, 5), enzyme(loss, "forward", { wrt: [1] })(3, 5, 1));
`,
  "src/bad.ts": `/** @enzyme */
export async function wait(x: number): Promise<number> {
  return x;
}
`,
});
afterAll(() => project.remove());

test("every entry loads as an ES module", async () => {
  const { code, output } = await runNode(project.root, "use.mjs");
  expect(output).toMatch(/^function function function function (function|object)\n$/);
  expect(code).toBe(0);
});

test("every entry loads by require, and the macro says what is missing", async () => {
  expect(await runNode(project.root, "use.cjs")).toEqual({
    code: 0,
    output:
      "function function function function function\n" +
      'enzyme(energy, "gradient") was not transformed: this file was built without the transformer of enzyme-ts.\n',
  });
});

test("the installed command transforms files that then run", async () => {
  const command = "node_modules/enzyme-ts/dist/esm/transformer/surfaces/ad-transform.js";
  const done = await runNode(project.root, command, "src/loss.ts", "src/main.ts", "--out-dir", "out");
  expect(done.output).toMatch(/^2 derivatives generated, 2 files written/);
  expect(done.code).toBe(0);
  const main = project.read("out/src/main.ts");
  expect(main).not.toContain("enzyme");
  project.write("out/run.mjs", stripTypes(`${project.read("out/src/loss.ts")}\n${main.replace(/import .*\n/g, "")}`));
  expect((await runNode(project.root, "out/run.mjs")).output).toBe("[ 30, 9 ] 9\n");

  const failed = await runNode(project.root, command, "src/*.ts", "--out-dir", "out2");
  expect(failed.code).toBe(1);
  expect(failed.output).toContain("src/bad.ts:2:23 - error EZ2003");
  expect(project.list("out2")).toEqual(["src/loss.ts", "src/main.ts"]);
});

test("who reads what the command prints may stop early", async () => {
  const command = "node_modules/enzyme-ts/dist/esm/transformer/surfaces/ad-transform.js";
  const piped = `${JSON.stringify(process.execPath)} ${command} src/loss.ts --stdout | true`;
  const { stderr } = await promisify(execFile)("sh", ["-c", piped], { cwd: project.root });
  expect(stderr).toMatch(/^(1 derivative generated.*\n)?$/);
});

/** Enough for numbers and tuples of numbers. */
function stripTypes(text: string): string {
  return text.replaceAll(/: (?:number|\[number, number\])(?=[,)\s])/g, "");
}
