/**
 * Modes made of others, against what they are made of: Hessian times a direction against the gradient, and Jacobians by
 * sweeps along eight directions against one direction after the other.
 *
 *   node bench/modes.mjs [--rounds 15] [--slice 30] [--only gmm,layers]
 *
 * Expects the package to be built. Writes bench/results/modes.json.
 */
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, run } from "./build.mjs";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
rmSync(join(here, "generated/modes"), { recursive: true, force: true });
const primals = readdirSync(join(here, "workloads")).map((name) => `workloads/${name}/primal.ts`);
const files = [...primals, "modes/primals.ts", "modes/asked.ts"];
const { status, text } = transform(here, [...files, "--out-dir", "generated/modes", "--project", "tsconfig.json"]);
console.log(text.trim());
// Imports that only macros named are left.
if (status !== 0 || !build(["--noCheck"])) process.exitCode = 1;
process.exitCode = Math.max(process.exitCode ?? 0, run("dist/modes.js", process.argv.slice(2)));
