/**
 * Checks every hand-written adjoint against central differences, and every generated one against both, on small inputs.
 * A benchmark whose gradient is wrong looks fast.
 */
import { loadGenerated } from "./derivatives.js";
import { difference, differences, evaluate } from "./numbers.js";
import { workloads } from "./workloads.js";

const tolerance = 1e-6;
const refusals = JSON.parse(process.env["BENCH_REFUSALS"] ?? "{}") as Record<string, string>;
let wrong = 0;
let refused = 0;

for (const workload of workloads) {
  const args = workload.small();
  const numerical = differences(workload, args);
  const byHand = evaluate(workload, workload.hand, args);
  const handError = difference(byHand, numerical);
  let line = `${workload.name.padEnd(20)} ${String(numerical.length).padStart(4)} numbers   hand ${handError.toExponential(1)}`;
  if (!(handError < tolerance)) {
    wrong++;
    line += "  WRONG";
  }
  const generated = await loadGenerated(workload, refusals);
  if (generated.kind === "missing") {
    refused++;
    line += `   generated: ${generated.reason}`;
  } else {
    try {
      const result = evaluate(workload, generated.derivative, args);
      const error = difference(result, numerical);
      const toHand = difference(result, byHand);
      line += `   generated ${error.toExponential(1)} (to hand ${toHand.toExponential(1)})`;
      if (!(error < tolerance && toHand < 1e-10)) {
        wrong++;
        line += "  WRONG";
      }
    } catch (error) {
      wrong++;
      line += `   generated throws: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  console.log(line);
}
console.log(`${workloads.length} workloads, ${wrong} wrong, ${refused} without generated derivative`);
if (wrong > 0) process.exitCode = 1;
