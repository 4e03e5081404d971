/**
 * How much memory the gradient of a long loop takes, recorded and from snapshots:
 *
 *   npm run build && node bench/checkpoint.mjs [steps]
 *
 * Each runs in a process of its own; what is shown is the most memory that the process held, less that of one which
 * runs a single step.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const steps = Number(process.argv[2] ?? 10_000_000);

const source = (marker) => `
/** @enzyme */
export function pendulum(angle: number, velocity: number, h: number, steps: number): number {
  ${marker}
  for (let s = 0; s < steps; s++) {
    velocity -= h * Math.sin(angle);
    angle += h * velocity;
  }
  return angle * angle;
}
`;

const folder = mkdtempSync(join(tmpdir(), "enzyme-checkpoint-"));

function build(name, marker) {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source(marker));
  const command = join(root, "dist/esm/transformer/surfaces/ad-transform.js");
  const made = spawnSync(process.execPath, [command, `${name}.ts`, "--stdout"], { cwd: folder, encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  const { outputText } = ts.transpileModule(made.stdout, { compilerOptions: { target: "es2022", module: "esnext" } });
  writeFileSync(join(folder, `${name}.mjs`), outputText);
}

function measure(name, count) {
  const run = `
    const { pendulum_gradient } = await import(${JSON.stringify(pathToFileURL(join(folder, `${name}.mjs`)).href)});
    const start = performance.now();
    const gradient = pendulum_gradient(0.5, 0, 1e-5, ${count});
    const seconds = (performance.now() - start) / 1000;
    console.log(JSON.stringify({ gradient, seconds, kilobytes: process.resourceUsage().maxRSS }));`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", run], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
}

try {
  console.log(`${steps.toLocaleString("en")} steps`);
  for (const [name, marker] of [
    ["recorded", ""],
    ["20-snapshots", "/** @enzyme checkpoint 20 */"],
    ["100-snapshots", "/** @enzyme checkpoint 100 */"],
  ]) {
    build(name, marker);
    const least = measure(name, 1).kilobytes;
    const { gradient, seconds, kilobytes } = measure(name, steps);
    const megabytes = Math.max(0, (kilobytes - least) / 1024);
    console.log(
      `${name.padEnd(14)} ${megabytes.toFixed(0).padStart(5)} MB  ${seconds.toFixed(2).padStart(6)} s  ${gradient.join(" ")}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
