/**
 * Measures primal, hand-written and generated derivative of every workload, interleaved in this one process: in each round each
 * of the three runs for a while, by CPU time; the medians of the rounds are compared.
 */
import { writeFileSync, readFileSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadGenerated } from "./derivatives.js";
import { bindReverse, copyOf, difference, evaluate } from "./numbers.js";
import type { AnyWorkload } from "./workload.js";
import { workloads } from "./workloads.js";

interface Row {
  readonly name: string;
  readonly title: string;
  /** Milliseconds for each call. */
  readonly primal: number;
  readonly hand: number;
  readonly generated: number | null;
  /** Why there is no generated time. */
  readonly refused: string | null;
  readonly gradientPerPrimal: number | null;
  readonly gradientPerHand: number | null;
  readonly handPerPrimal: number;
  /** Characters of the primal's file, and of the transformed file. */
  readonly sourceSize: number;
  readonly outputSize: number | null;
}

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const rounds = option("rounds", 11);
const sliceMs = option("slice", 30);
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1].split(",") : undefined;
const refusals = JSON.parse(process.env["BENCH_REFUSALS"] ?? "{}") as Record<string, string>;

/** Every result ends up here, so that no engine can leave the work out. */
let consumed = 0;

function consume(value: unknown): void {
  if (typeof value === "number") consumed += value;
  else if (value instanceof Float64Array) consumed += value[value.length >> 1] ?? 0;
  else if (Array.isArray(value)) for (const v of value as unknown[]) consume(v);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of CPU for one call, over as many calls as fill the slice. */
function sample(call: () => unknown, repeats: number): number {
  const start = cpuMs();
  for (let i = 0; i < repeats; i++) consume(call());
  return (cpuMs() - start) / repeats;
}

/** How many calls fill a slice; warms the function up on the way. */
function calibrate(call: () => unknown): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < 4 * sliceMs || calls < 4) {
    consume(call());
    calls++;
  }
  const each = (performance.now() - start) / calls;
  return Math.max(1, Math.round(sliceMs / each));
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

/** A parameterless call of a derivative on its own copy of the arguments. */
function bind(workload: AnyWorkload, derivative: (...args: unknown[]) => unknown, args: unknown[]): () => unknown {
  const own = copyOf(args);
  return workload.mode === "reverse" ? bindReverse(workload, derivative, own).call : () => derivative(...own);
}

function sizeOf(url: URL): number | null {
  return existsSync(url) ? readFileSync(url, "utf8").length : null;
}

async function measure(workload: AnyWorkload): Promise<Row> {
  const args = workload.full();
  const generated = await loadGenerated(workload, refusals);
  let refused = generated.kind === "missing" ? generated.reason : null;
  if (generated.kind === "function") {
    try {
      const error = difference(evaluate(workload, generated.derivative, args), evaluate(workload, workload.hand, args));
      if (!(error < 1e-9)) refused = `WRONG by ${error.toExponential(1)}`;
    } catch (error) {
      refused = `throws: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  const own = copyOf(args);
  const calls = [() => workload.primal(...own), bind(workload, workload.hand, args)];
  if (generated.kind === "function" && refused === null) calls.push(bind(workload, generated.derivative, args));
  const repeats = calls.map(calibrate);
  const times: number[][] = calls.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < calls.length; k++) {
      // The order rotates, so that nobody always runs after the same neighbour.
      const which = (k + round) % calls.length;
      times[which].push(sample(calls[which], repeats[which]));
    }
  }
  const [primal, hand, ours] = times.map(median);
  const root = new URL("../", import.meta.url);
  return {
    name: workload.name,
    title: workload.title,
    primal,
    hand,
    generated: ours ?? null,
    refused,
    gradientPerPrimal: ours === undefined ? null : ours / primal,
    gradientPerHand: ours === undefined ? null : ours / hand,
    handPerPrimal: hand / primal,
    sourceSize: sizeOf(new URL(`workloads/${workload.name}/primal.ts`, root)) ?? 0,
    outputSize: sizeOf(new URL(`generated/workloads/${workload.name}/primal.ts`, root)),
  };
}

const cell = (value: number | null, digits = 2): string => (value === null ? "-" : value.toFixed(digits)).padStart(10);
console.log(
  `${"workload".padEnd(20)}${"primal ms".padStart(10)}${"hand ms".padStart(10)}${"ours ms".padStart(10)}` +
    `${"ours/prim".padStart(10)}${"hand/prim".padStart(10)}${"ours/hand".padStart(10)}`,
);
const rows: Row[] = [];
for (const workload of workloads) {
  if (only !== undefined && !only.includes(workload.name)) continue;
  const row = await measure(workload);
  rows.push(row);
  console.log(
    `${row.name.padEnd(20)}${cell(row.primal, 3)}${cell(row.hand, 3)}${cell(row.generated, 3)}` +
      `${cell(row.gradientPerPrimal)}${cell(row.handPerPrimal)}${cell(row.gradientPerHand)}` +
      (row.refused === null ? "" : `   ${row.refused}`),
  );
}

const ratios = rows.flatMap((row) => (row.gradientPerHand === null ? [] : [row.gradientPerHand]));
const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
const summary = {
  measured: ratios.length,
  refused: rows.length - ratios.length,
  geometricMeanPerHand: ratios.length > 0 ? mean : null,
  worstPerHand: ratios.length > 0 ? Math.max(...ratios) : null,
};
if (ratios.length > 0) {
  console.log(
    `ours / hand: geometric mean ${mean.toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}, over ${ratios.length} of ${rows.length} workloads`,
  );
}
const file = fileURLToPath(new URL("../results.json", import.meta.url));
const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as object) : {};
const results = { ...before, node: process.version, rounds, sliceMs, consumed, summary, rows };
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
