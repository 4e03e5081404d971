/**
 * `npm run bench`: transforms the workloads with the command, compiles, checks all gradients, then measures.
 *
 *   node bench/run.mjs [--check] [--no-transform-time] [--rounds 11] [--slice 30] [--only gmm,ba]
 *
 * --check stops after the checks. Expects the package to be built.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const options = process.argv.slice(2);
const tsc = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");
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

rmSync(join(here, "dist"), { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, "-p", join(here, "tsconfig.json")], { encoding: "utf8" });
if (compiled.status !== 0) {
  // The first line of each error; the rest of a message says which types did not fit, over many lines.
  console.log(
    `${compiled.stdout
      .split("\n")
      .filter((line) => /^\S/.test(line))
      .join("\n")}\n`,
  );
}

const env = { ...process.env, BENCH_REFUSALS: JSON.stringify(refusals) };
const run = (file, ...args) =>
  spawnSync(process.execPath, [join(here, file), ...args], { stdio: "inherit", env }).status ?? 1;
const checked = run("dist/check.js");
if (options.includes("--check")) process.exit(checked);

console.log("");
const measured = run("dist/measure.js", ...options);
const timed = options.includes("--no-transform-time") ? 0 : run("transform-time.mjs");
process.exitCode = Math.max(checked, measured, timed);
