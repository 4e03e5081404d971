/**
 * Measures what a user would pick instead, on those workloads that it can express in a natural way, against the generated
 * derivatives: CPU time, gradients checked. Tracing and compiling is not counted, reading the gradient back is. Each runs in
 * a process of its own: a library that grows its WebAssembly memory slows down typed arrays for everybody in the process.
 *
 *   npm run bench                            # in the root of the repository: transforms and compiles the workloads
 *   cd bench/peers && npm ci && npm run compare [-- --only mlp --rounds 3 --slice 30]
 *
 * Writes bench/results/peers.json.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadGenerated } from "../dist/derivatives.js";
import { bind, difference, evaluate, flatten } from "../dist/numbers.js";
import { isWanted, numberOption, textOption } from "../dist/options.js";
import { addResults } from "../dist/results.js";
import { interleaved, ratioOf, spread } from "../dist/timing.js";
import { workloads } from "../dist/workloads.js";

const peers = [
  { name: "rose", package: "rose", module: "./rose.mjs" },
  { name: "@jax-js/jax, wasm", package: "@jax-js/jax", module: "./jax.mjs" },
  { name: "@tensorflow/tfjs, wasm", package: "@tensorflow/tfjs", module: "./tfjs.mjs", backend: "wasm" },
  { name: "@tensorflow/tfjs, cpu", package: "@tensorflow/tfjs", module: "./tfjs.mjs", backend: "cpu" },
];
const compared = ["gmm", "lstm", "rosenbrock", "brusselator", "mlp", "matrix-product", "black-scholes"];
/** Relative to the largest entry; double precision with approximated functions on one side, single on the other. */
const tolerance = { float64: 1e-6, float32: 1e-4 };
const ours = "generated";

/** The child's part: one workload, one contestant. Prints milliseconds, and how far its gradient is from the hand-written one. */
async function measure(workload, contestant) {
  const args = workload.full();
  const peer = peers.find(({ name }) => name === contestant);
  let call;
  if (peer === undefined) {
    const generated = await loadGenerated(workload, {});
    if (generated.kind === "missing") throw new Error(generated.reason);
    call = bind(workload, generated.derivative, args);
  } else {
    const module = await import(peer.module);
    await module.use?.(peer.backend);
    call = await module.cases[workload.name](args);
  }
  const error = difference(flatten(call()), evaluate(workload, workload.hand, args));
  const [times] = interleaved([call], { rounds: 3, sliceMs: numberOption("slice", 30) });
  console.log(`\n@result ${JSON.stringify({ ms: spread(times).median, error })}`);
}

function measureInChild(workload, contestant) {
  const args = [fileURLToPath(import.meta.url), "--workload", workload, "--contestant", contestant];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const result = /^@result (.*)$/m.exec(stdout)?.[1];
  if (result === undefined) throw new Error(`${workload}, ${contestant}: ${stderr}`);
  return JSON.parse(result);
}

async function compare() {
  const rounds = numberOption("rounds", 3);
  const modules = await Promise.all(peers.map(({ module }) => import(module)));
  const rows = [];
  for (const { name } of workloads) {
    if (!compared.includes(name) || !isWanted(name)) continue;
    const able = peers.filter((_, k) => modules[k].cases[name] !== undefined).map((peer) => peer.name);
    const times = Object.fromEntries([ours, ...able].map((contestant) => [contestant, []]));
    const errors = {};
    for (let round = 0; round < rounds; round++) {
      for (const contestant of Object.keys(times)) {
        const { ms, error } = measureInChild(name, contestant);
        times[contestant].push(ms);
        errors[contestant] = error;
      }
    }
    const results = {};
    for (const contestant of able) {
      const error = errors[contestant];
      const { precision } = modules[peers.findIndex((peer) => peer.name === contestant)];
      if (!(error < tolerance[precision])) process.exitCode = 1;
      const perOurs = ratioOf(times[contestant], times[ours]);
      results[contestant] = { ms: spread(times[contestant]).median, perOurs, error };
      console.log(
        `${name.padEnd(16)}${contestant.padEnd(26)}${results[contestant].ms.toFixed(2).padStart(10)} ms, ours ` +
          `${spread(times[ours]).median.toFixed(2).padStart(8)} ms: ${perOurs.median.toFixed(1)} times as long ` +
          `(${perOurs.low.toFixed(1)} to ${perOurs.high.toFixed(1)}); gradients differ by ${error.toExponential(1)}`,
      );
    }
    rows.push({ name, ours: spread(times[ours]).median, peers: results });
  }
  const versionOf = (name) =>
    JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
  addResults("peers", {
    node: process.version,
    rounds,
    peers: peers.map(({ name, package: from }, k) => ({
      name,
      version: versionOf(from),
      precision: modules[k].precision,
      missing: modules[k].missing,
    })),
    rows: compared.flatMap((name) => [...rows, ...earlierRows()].find((row) => row.name === name) ?? []),
  });
}

/** Of a run with --only, the others are kept. */
function earlierRows() {
  const file = new URL("../results/peers.json", import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).rows : [];
}

const asked = workloads.find(({ name }) => name === textOption("workload"));
if (asked === undefined) await compare();
else await measure(asked, textOption("contestant"));
process.exit();
