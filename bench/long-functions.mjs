/**
 * Gradients of functions that are too long for V8 to optimise in one piece: nanoseconds for each line of the primal,
 * once all is warm. They are cut into parts (`transformer/emit/split-large.ts`), so the time grows with the length.
 *
 *   npm run build && node bench/long-functions.mjs
 *
 * Writes bench/results/long-functions.json.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { longBody, manyLoops, straightLine } from "./compile-inputs.mjs";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const sizes = [250, 1000, 3000];
const inputs = { straight: straightLine, "one loop": longBody, "many loops": manyLoops };
const x = Float64Array.from({ length: 12 }, (_, i) => 0.1 + 0.07 * i);

/** CPU time of a call, the least of many rounds: by then every part is optimised. */
function nanoseconds(call) {
  let [best, repeats] = [Infinity, 1];
  const deadline = performance.now() + 6000;
  while (performance.now() < deadline) {
    const start = process.cpuUsage();
    for (let k = 0; k < repeats; k++) call(x);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / repeats);
    if (user + system < 20_000) repeats *= 2;
  }
  return best;
}

const folder = mkdtempSync(join(tmpdir(), "enzyme-long-"));
const rows = [];
try {
  for (const [title, source] of Object.entries(inputs))
    for (const lines of sizes) {
      const name = `${title.replace(" ", "-")}-${lines}`;
      writeFileSync(join(folder, `${name}.ts`), source(lines));
      const made = transform(folder, [`${name}.ts`, "--out-dir", "out"]);
      if (made.status !== 0) throw new Error(made.text);
      const text = readFileSync(join(folder, `out/${name}.ts`), "utf8");
      const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
      const file = join(folder, `${name}.mjs`);
      writeFileSync(file, ts.transpileModule(text, { compilerOptions: options }).outputText);
      const [gradient] = Object.entries(await import(pathToFileURL(file).href)).flatMap(([key, one]) =>
        key.endsWith("_gradient") ? [one] : [],
      );
      const parts = (text.match(/^function \w+_part\d+\(/gm) ?? []).length;
      const perLine = nanoseconds(gradient) / lines;
      rows.push({ title, lines, parts, perLine });
      console.log(
        `${title.padEnd(10)} ${String(lines).padStart(5)} lines  ${parts} parts  ${perLine.toFixed(1)} ns a line`,
      );
    }
} finally {
  rmSync(folder, { recursive: true });
}
mkdirSync(join(here, "results"), { recursive: true });
writeFileSync(
  join(here, "results/long-functions.json"),
  `${JSON.stringify({ node: process.version, sizes, rows }, null, 2)}\n`,
);
