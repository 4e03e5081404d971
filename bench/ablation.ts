/**
 * Measures the derivatives that `ablation.mjs` has made: each against the hand-written one, all of a workload interleaved
 * in this one process.
 */
import { variants } from "./ablation-variants.js";
import { loadGenerated } from "./derivatives.js";
import { bind, difference, evaluate } from "./numbers.js";
import { isWanted, numberOption } from "./options.js";
import { addResults } from "./results.js";
import { everythingConsumed, geometricMean, interleaved, ratioOf, spread, type Spread } from "./timing.js";
import type { AnyWorkload } from "./workload.js";
import { workloads } from "./workloads.js";

interface Row {
  readonly name: string;
  /** By the folder of the variant: how many times as long as the hand-written derivative, or what went wrong. */
  readonly gradientPerHand: Readonly<Record<string, Spread | string>>;
}

const pace = { rounds: numberOption("rounds", 9), sliceMs: numberOption("slice", 20) };

async function measure(workload: AnyWorkload): Promise<Row> {
  const args = workload.full();
  const expected = evaluate(workload, workload.hand, args);
  const result: Record<string, Spread | string> = {};
  const calls = [bind(workload, workload.hand, args)];
  const measured: string[] = [];
  for (const { folder } of variants) {
    const loaded = await loadGenerated(workload, {}, `ablation/${folder}`);
    if (loaded.kind === "missing") {
      result[folder] = loaded.reason;
      continue;
    }
    const error = difference(evaluate(workload, loaded.derivative, args), expected);
    if (!(error < 1e-9)) {
      result[folder] = `wrong by ${error.toExponential(1)}`;
      continue;
    }
    calls.push(bind(workload, loaded.derivative, args));
    measured.push(folder);
  }
  const [hand, ...times] = interleaved(calls, pace);
  times.forEach((time, k) => (result[measured[k]] = ratioOf(time, hand)));
  return { name: workload.name, gradientPerHand: result };
}

/** Linear with simplification before differentiation, quadratic without: milliseconds at several sizes. */
async function normBySize(): Promise<
  readonly { readonly size: number; readonly ms: Readonly<Record<string, number>> }[]
> {
  const norm = workloads.find(({ name }) => name === "norm");
  if (norm?.scale === undefined) throw new Error("norm has no scale");
  const { sizes, make } = norm.scale;
  const points = [];
  for (const size of sizes.filter((n) => n <= 4000)) {
    const args = make(size);
    const ms: Record<string, number> = {};
    for (const { folder } of variants) {
      const loaded = await loadGenerated(norm, {}, `ablation/${folder}`);
      if (loaded.kind === "missing") throw new Error(loaded.reason);
      const [times] = interleaved([bind(norm, loaded.derivative, args)], { ...pace, rounds: 3 });
      ms[folder] = spread(times).median;
    }
    points.push({ size, ms });
    console.log(
      `norm ${String(size).padStart(15)}${variants.map(({ folder }) => ms[folder].toFixed(3).padStart(20)).join("")} ms`,
    );
  }
  return points;
}

console.log(`gradient / hand-written\n${"".padEnd(20)}${variants.map(({ folder }) => folder.padStart(20)).join("")}`);
const rows: Row[] = [];
for (const workload of workloads) {
  if (!isWanted(workload.name)) continue;
  const row = await measure(workload);
  rows.push(row);
  const cells = variants.map(({ folder }) => {
    const cell = row.gradientPerHand[folder];
    return (typeof cell === "string" ? cell : cell.median.toFixed(2)).padStart(20);
  });
  console.log(row.name.padEnd(20) + cells.join(""));
}
const means = Object.fromEntries(
  variants.map(({ folder }) => {
    const ratios = rows.flatMap(({ gradientPerHand: { [folder]: cell } }) =>
      typeof cell === "string" ? [] : [cell.median],
    );
    return [folder, geometricMean(ratios)];
  }),
);
console.log("geometric mean".padEnd(20) + variants.map(({ folder }) => means[folder].toFixed(2).padStart(20)).join(""));
if (rows.some(({ gradientPerHand }) => Object.values(gradientPerHand).some((cell) => typeof cell === "string")))
  process.exitCode = 1;
const norm = isWanted("norm") ? { normBySize: await normBySize() } : {};
addResults("ablation", {
  ...norm,
  node: process.version,
  ...pace,
  consumed: everythingConsumed(),
  variants,
  geometricMeanPerHand: means,
  rows,
});
