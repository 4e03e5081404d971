/**
 * Measures what a user would pick instead, on those workloads that it can express in a natural way, against the generated
 * derivatives: interleaved in one process, CPU time, gradients checked. Tracing and compiling is not counted, reading the
 * gradient back is.
 *
 *   npm run bench                            # in the root of the repository: transforms and compiles the workloads
 *   cd bench/peers && npm ci && npm run compare [-- --only mlp --rounds 9 --slice 30]
 *
 * Writes bench/results/peers.json.
 */
import { readFileSync } from "node:fs";
import { loadGenerated } from "../dist/derivatives.js";
import { bind, difference, evaluate, flatten } from "../dist/numbers.js";
import { isWanted, numberOption } from "../dist/options.js";
import { addResults } from "../dist/results.js";
import { interleaved, ratioOf, spread } from "../dist/timing.js";
import { workloads } from "../dist/workloads.js";
import * as jax from "./jax.mjs";
import * as rose from "./rose.mjs";
import * as tfjs from "./tfjs.mjs";

const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
const tensorFlow = (backend) => ({
  ...tfjs,
  name: `@tensorflow/tfjs, ${backend}`,
  package: "@tensorflow/tfjs",
  backend,
});
const peers = [
  { ...rose, name: "rose", package: "rose" },
  { ...jax, name: "@jax-js/jax, wasm", package: "@jax-js/jax" },
  ...tfjs.backends.map(tensorFlow),
];
const pace = { rounds: numberOption("rounds", 7), sliceMs: numberOption("slice", 30) };
const compared = ["gmm", "lstm", "rosenbrock", "brusselator", "mlp", "matrix-product", "black-scholes"];
/** Relative to the largest entry; double precision with approximated functions on one side, single on the other. */
const tolerance = { float64: 1e-6, float32: 1e-4 };

const rows = [];
for (const workload of workloads) {
  if (!compared.includes(workload.name) || !isWanted(workload.name)) continue;
  const args = workload.full();
  const ours = await loadGenerated(workload, {});
  if (ours.kind === "missing") throw new Error(`${workload.name}: ${ours.reason}`);
  const expected = evaluate(workload, ours.derivative, args);
  const results = {};
  let oursMs = 0;
  for (const peer of peers) {
    const make = peer.cases[workload.name];
    if (make === undefined) continue;
    await peer.use?.(peer.backend);
    const call = await make(args);
    const error = difference(flatten(call()), expected);
    if (!(error < tolerance[peer.precision])) {
      results[peer.name] = { error };
      process.exitCode = 1;
      console.log(`${workload.name}: ${peer.name} differs by ${error.toExponential(1)}`);
      continue;
    }
    const [our, theirs] = interleaved([bind(workload, ours.derivative, args), call], pace);
    oursMs = spread(our).median;
    const perOurs = ratioOf(theirs, our);
    results[peer.name] = { ms: spread(theirs).median, perOurs, error };
    console.log(
      `${workload.name.padEnd(16)}${peer.name.padEnd(26)}${spread(theirs).median.toFixed(2).padStart(10)} ms, ours ` +
        `${oursMs.toFixed(2).padStart(8)} ms: ${perOurs.median.toFixed(1)} times as long (${perOurs.low.toFixed(1)} to ` +
        `${perOurs.high.toFixed(1)}); gradients differ by ${error.toExponential(1)}`,
    );
  }
  rows.push({ name: workload.name, ours: oursMs, peers: results });
}
addResults("peers", {
  node: process.version,
  ...pace,
  peers: peers.map((peer) => ({
    name: peer.name,
    version: versionOf(peer.package),
    precision: peer.precision,
    missing: peer.missing,
  })),
  rows,
});
process.exit();
