/** Compiles the TypeScript of this folder, generated files included, into `dist`; prints the first line of each error. */
import { rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");

/** Did it compile? */
export function build(flags = []) {
  rmSync(join(here, "dist"), { recursive: true, force: true });
  const args = [tsc, "-p", join(here, "tsconfig.json"), ...flags];
  const compiled = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (compiled.status === 0) return true;
  // The rest of a message says which types did not fit, over many lines.
  const errors = compiled.stdout.split("\n").filter((line) => /^\S/.test(line));
  console.log(`${errors.join("\n")}\n`);
  return false;
}

/** Runs a compiled script, or one of ours, as its user would. Gives its exit code. */
export function run(file, args = [], env = {}, flags = []) {
  const options = { stdio: "inherit", env: { ...process.env, ...env } };
  return spawnSync(process.execPath, [...flags, join(here, file), ...args], options).status ?? 1;
}
