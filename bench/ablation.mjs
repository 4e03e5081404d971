/**
 * What each principle contributes: the suite, compiled with parts of the compiler switched off.
 *
 *   node bench/ablation.mjs [--rounds 9] [--slice 20] [--only gmm,ba]
 *
 * Expects the package to be built. Writes bench/results/ablation.json.
 */
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, run } from "./build.mjs";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
rmSync(join(here, "generated/ablation"), { recursive: true, force: true });
build(["--noCheck"]); // the variants are named in TypeScript
const { variants } = await import("./dist/ablation-variants.js");
const primals = readdirSync(join(here, "workloads")).map((name) => `workloads/${name}/primal.ts`);
for (const { folder, title, disabled } of variants) {
  const args = [...primals, "--out-dir", `generated/ablation/${folder}`, "--project", "tsconfig.json"];
  const { status, text } = transform(here, disabled.length === 0 ? args : [...args, "--disable", disabled.join(",")]);
  console.log(`${title}: ${text.trim()}`);
  if (status !== 0) process.exitCode = 1;
}
// Where nothing is simplified, comparisons of constants are left, which strict TypeScript objects to.
if (!build(["--noCheck"])) process.exitCode = 1;
process.exitCode = Math.max(process.exitCode ?? 0, run("dist/ablation.js", process.argv.slice(2), {}, ["--expose-gc"]));
