/**
 * `npm run bench`: transforms the workloads with the command, compiles, checks all gradients, then measures.
 *
 *   node bench/run.mjs [--check] [--no-transform-time] [--rounds 15] [--slice 30] [--only gmm,ba]
 *
 * --check stops after the checks. Expects the package to be built.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, run } from "./build.mjs";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const options = process.argv.slice(2);
const names = readdirSync(join(here, "workloads")).sort();

rmSync(join(here, "generated"), { recursive: true, force: true });
const primals = names.map((name) => `workloads/${name}/primal.ts`);
const outcome = transform(here, [...primals, "--out-dir", "generated", "--project", "tsconfig.json"]);
let text = outcome.text;
const written = (name) =>
  existsSync(join(here, "generated/workloads", name, "primal.ts")) ||
  existsSync(join(here, "generated", name, "primal.ts"));

// Where one call wrote nothing at all (a crash), each workload gets a call of its own.
if (!names.some(written)) {
  for (const primal of primals) {
    text += `\n${transform(here, [primal, "--out-dir", "generated", "--project", "tsconfig.json"]).text}`;
  }
}
const refusals = {};
for (const name of names) {
  const diagnostics = text.split("\n").filter((line) => line.includes(`${name}/primal.ts`));
  const errors = diagnostics.filter((line) => /EZ[129]\d{3}/.test(line));
  if (!written(name)) refusals[name] = errors[0]?.trim() ?? "not written";
}
if (outcome.status !== 0) console.log(`${text.trim()}\n`);
console.log(
  `transformed ${names.length - Object.keys(refusals).length} of ${names.length} workloads in ${outcome.seconds.toFixed(2)} s\n`,
);

build();

const env = { BENCH_REFUSALS: JSON.stringify(refusals) };
const checked = run("dist/check.js", [], env);
if (options.includes("--check")) process.exit(checked);

console.log("");
const measured = run("dist/measure.js", options, env);
const timed = options.includes("--no-transform-time") ? 0 : run("transform-time.mjs");
process.exitCode = Math.max(checked, measured, timed);
