/**
 * How much memory the gradient of a long loop takes, recorded, from snapshots and under a budget:
 *
 *   npm run build && node bench/checkpoint.mjs [steps]
 *
 * Each runs in a process of its own; what is shown is the most memory that the process held, less that of one which
 * runs a single step, and processor time. The numbers behind it are the gradient, arrays as their sums.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const steps = Number(process.argv[2] ?? 10_000_000);

const pendulum = {
  arguments: (count) => `0.5, 0, 1e-5, ${count}`,
  count: steps,
  source: (onFunction, onLoop) => `
/** @enzyme ${onFunction} */
export function model(angle: number, velocity: number, h: number, steps: number): number {
  ${onLoop}
  for (let s = 0; s < steps; s++) {
    velocity -= h * Math.sin(angle);
    angle += h * velocity;
  }
  return angle * angle;
}
`,
};

/** A thousand cells, and as many updates of cells as the pendulum has steps. */
const heat = {
  arguments: (count) => `new Float64Array(1000).fill(0.5).map((x, i) => x + 0.1 * Math.sin(i)), 1e-3, ${count}`,
  count: Math.ceil(steps / 1000),
  source: (onFunction, onLoop) => `
/** @enzyme ${onFunction} */
export function model(u: Float64Array, rate: number, steps: number): number {
  ${onLoop}
  for (let s = 0; s < steps; s++) {
    for (let i = 1; i < u.length - 1; i++) u[i]! += rate * (u[i - 1]! - 2 * u[i]! + u[i + 1]!) * u[i]!;
  }
  return u[1]! * u[500]!;
}
`,
};

const ways = [
  ["recorded", "", ""],
  ["20 snapshots", "", "/** @enzyme checkpoint 20 */"],
  ["100 snapshots", "", "/** @enzyme checkpoint 100 */"],
  ["memory 64MB", "memory 64MB", ""],
  ["memory 4MB", "memory 4MB", ""],
];

const folder = mkdtempSync(join(tmpdir(), "enzyme-checkpoint-"));

function build(name, source) {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source);
  const command = join(root, "dist/esm/transformer/surfaces/ad-transform.js");
  const made = spawnSync(process.execPath, [command, `${name}.ts`, "--stdout"], { cwd: folder, encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  const { outputText } = ts.transpileModule(made.stdout, { compilerOptions: { target: "es2022", module: "esnext" } });
  writeFileSync(join(folder, `${name}.mjs`), outputText);
}

function measure(name, args) {
  const run = `
    const { model_gradient } = await import(${JSON.stringify(pathToFileURL(join(folder, `${name}.mjs`)).href)});
    const start = process.cpuUsage();
    const gradient = model_gradient(${args});
    const sums = gradient.map((one) => (typeof one === "number" ? one : one.reduce((sum, x) => sum + x, 0)));
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    console.log(JSON.stringify({ sums, seconds, kilobytes: process.resourceUsage().maxRSS }));`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", run], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
}

try {
  for (const [title, model] of Object.entries({ pendulum, heat })) {
    console.log(`${title}: ${model.count.toLocaleString("en")} steps`);
    for (const [way, onFunction, onLoop] of ways) {
      const name = `${title}-${way.replace(" ", "-")}`;
      build(name, model.source(onFunction, onLoop));
      const least = measure(name, model.arguments(1)).kilobytes;
      const { sums, seconds, kilobytes } = measure(name, model.arguments(model.count));
      const megabytes = Math.max(0, (kilobytes - least) / 1024);
      console.log(
        `  ${way.padEnd(14)} ${megabytes.toFixed(0).padStart(5)} MB  ${seconds.toFixed(2).padStart(6)} s  ${sums.join(" ")}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
