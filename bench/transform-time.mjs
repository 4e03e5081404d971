/**
 * How much CPU the command takes: 300 functions in one call, and 30 against 300 to show that the cost per function does not grow.
 * Adds the figures to bench/results/suite.json.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { templates } from "./templates.mjs";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const perFile = 10;

/** Writes `count` functions, ten to a file, into a fresh folder, and returns it. */
function project(count) {
  const folder = join(here, "generated", `many-${count}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "source"), { recursive: true });
  const options = { target: "ES2022", module: "NodeNext", moduleResolution: "NodeNext", strict: true, types: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["source"] }));
  const files = Math.max(1, count / perFile);
  for (let f = 0; f < files; f++) {
    let text = "";
    for (let i = 0; i < perFile && f * perFile + i < count; i++) {
      const number = f * perFile + i;
      text += templates[number % templates.length].replaceAll("NAME", `f${number}`) + "\n";
    }
    writeFileSync(
      join(folder, "source", `part${String(f).padStart(2, "0")}.ts`),
      text || "export const nothing = 0;\n",
    );
  }
  return folder;
}

const lines = templates.reduce((sum, t) => sum + t.trim().split("\n").length, 0) / templates.length;
const counts = [0, 30, 300];
const seconds = {};
const clock = {};
let failed = "";
for (const count of counts) {
  const folder = project(count);
  const runs = [];
  const clocks = [];
  for (let i = 0; i < 3; i++) {
    rmSync(join(folder, "out"), { recursive: true, force: true });
    const result = transform(folder, ["source/*.ts", "--out-dir", "out", "--project", "tsconfig.json"]);
    if (result.status !== 0 && count > 0) failed ||= result.text.trim();
    runs.push(result.cpu);
    clocks.push(result.seconds);
  }
  seconds[count] = runs.sort((a, b) => a - b)[1];
  clock[count] = clocks.sort((a, b) => a - b)[1];
}
const small = (1000 * (seconds[30] - seconds[0])) / 30;
const large = (1000 * (seconds[300] - seconds[30])) / 270;
const line = (count, rest) =>
  console.log(
    `${String(count).padStart(5)} functions  ${seconds[count].toFixed(2)} s of CPU, ${clock[count].toFixed(2)} s by the clock${rest}`,
  );
console.log(
  `\ntransforming functions of ${lines.toFixed(0)} lines on average, in one call of the command (median of 3 calls)`,
);
line(0, "");
line(30, `   ${small.toFixed(1)} ms of CPU for each of the first 30`);
line(300, `   ${large.toFixed(1)} ms for each further one, ${((1000 * seconds[300]) / 300).toFixed(1)} ms all in all`);
if (failed) console.log(`\nthe command reported:\n${failed.slice(0, 2000)}`);

const file = join(here, "results/suite.json");
const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
results.transformTime = {
  cpuSeconds: seconds,
  clockSeconds: clock,
  msPerFunctionFirst30: small,
  msPerFunctionNext270: large,
  failed: failed !== "",
};
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
if (failed) process.exitCode = 1;
