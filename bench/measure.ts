/**
 * Measures primal, hand-written and generated derivative of every workload, interleaved in this one process. Ratios are
 * taken within each round; their median is the result, the quartiles say how noisy it was.
 */
import { existsSync, readFileSync } from "node:fs";
import { loadGenerated } from "./derivatives.js";
import { bind, copyOf, difference, evaluate } from "./numbers.js";
import { isWanted, numberOption } from "./options.js";
import { addResults } from "./results.js";
import { everythingConsumed, geometricMean, interleaved, ratioOf, spread, type Spread } from "./timing.js";
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
  readonly gradientPerPrimal: Spread | null;
  readonly gradientPerHand: Spread | null;
  readonly handPerPrimal: Spread;
  /** Characters of the primal's file, and of the transformed file. */
  readonly sourceSize: number;
  readonly outputSize: number | null;
}

const pace = { rounds: numberOption("rounds", 15), sliceMs: numberOption("slice", 30) };
const refusals = JSON.parse(process.env["BENCH_REFUSALS"] ?? "{}") as Record<string, string>;

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
  const primalOf = workload.frugalPrimal ?? workload.primal;
  const calls = [() => primalOf(...own), bind(workload, workload.hand, args)];
  if (generated.kind === "function" && refused === null) calls.push(bind(workload, generated.derivative, args));
  const [primal, hand, ours] = interleaved(calls, pace);
  const root = new URL("../", import.meta.url);
  return {
    name: workload.name,
    title: workload.title,
    primal: spread(primal).median,
    hand: spread(hand).median,
    generated: ours === undefined ? null : spread(ours).median,
    refused,
    gradientPerPrimal: ours === undefined ? null : ratioOf(ours, primal),
    gradientPerHand: ours === undefined ? null : ratioOf(ours, hand),
    handPerPrimal: ratioOf(hand, primal),
    sourceSize: sizeOf(new URL(`workloads/${workload.name}/primal.ts`, root)) ?? 0,
    outputSize: sizeOf(new URL(`generated/workloads/${workload.name}/primal.ts`, root)),
  };
}

const cell = (text: string): string => text.padStart(10);
const fixed = (value: number | null, digits: number): string => cell(value === null ? "-" : value.toFixed(digits));
const between = ({ low, high }: Spread): string => `  ${low.toFixed(2)} to ${high.toFixed(2)}`;
console.log(
  "workload".padEnd(20) +
    ["primal ms", "hand ms", "ours ms", "ours/prim", "hand/prim", "ours/hand"].map(cell).join("") +
    "  half of the rounds",
);
const rows: Row[] = [];
for (const workload of workloads) {
  if (!isWanted(workload.name)) continue;
  const row = await measure(workload);
  rows.push(row);
  console.log(
    row.name.padEnd(20) +
      [row.primal, row.hand, row.generated].map((ms) => fixed(ms, 3)).join("") +
      [row.gradientPerPrimal, row.handPerPrimal, row.gradientPerHand].map((r) => fixed(r?.median ?? null, 2)).join("") +
      (row.gradientPerHand === null ? `   ${row.refused ?? ""}` : between(row.gradientPerHand)),
  );
}

const ratios = rows.flatMap(({ gradientPerHand }) => (gradientPerHand === null ? [] : [gradientPerHand.median]));
const summary = {
  measured: ratios.length,
  refused: rows.length - ratios.length,
  geometricMeanPerHand: ratios.length > 0 ? geometricMean(ratios) : null,
  worstPerHand: ratios.length > 0 ? Math.max(...ratios) : null,
};
if (ratios.length > 0) {
  console.log(
    `ours / hand: geometric mean ${geometricMean(ratios).toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}, over ${ratios.length} of ${rows.length} workloads`,
  );
}
addResults("suite", { node: process.version, ...pace, consumed: everythingConsumed(), summary, rows });
