/**
 * `npm run demo`: transforms examples/co2-fit with the command, shows one generated gradient, compiles, and runs the fit,
 * which checks the gradient first. Expects the package to be built.
 */
import { readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const project = join(root, "examples/co2-fit");
const command = join(root, JSON.parse(readFileSync(join(root, "package.json"), "utf8")).bin["ad-transform"]);
const tsc = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");
const started = performance.now();

/** Runs a script in the example's folder, and stops the demo with its exit code where it fails. */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: project, stdio: "inherit" });
  if (status !== 0) {
    console.error(`\nthe demo stops: ${relative(root, script)} failed`);
    process.exit(status ?? 1);
  }
}

for (const folder of ["generated", "dist"]) rmSync(join(project, folder), { recursive: true, force: true });

console.log("> ad-transform src/*.ts --out-dir generated       (in examples/co2-fit)\n");
run(command, "src/*.ts", "--out-dir", "generated", "--project", "tsconfig.json");

/** A top-level function of a file, with the comment above it. */
function functionOf(text, name) {
  return new RegExp(`(/\\*\\*(?:(?!\\*/)[^])*\\*/\\n)?export function ${name}\\b[^]*?\\n}\\n`).exec(text)?.[0];
}

const file = "generated/src/model.ts";
const shown = functionOf(readFileSync(join(project, file), "utf8"), "loss_gradient");
if (shown === undefined) {
  console.error(`the demo stops: there is no loss_gradient in ${file}`);
  process.exit(1);
}
console.log(`examples/co2-fit/${file} now holds, beside your loss:\n`);
console.log(shown.replace(/^(?=.)/gm, "    "));

run(tsc, "-p", "tsconfig.generated.json");
run(join(project, "dist/src/main.js"));
console.log(`\ndone in ${((performance.now() - started) / 1000).toFixed(1)} s`);
