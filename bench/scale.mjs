/**
 * Time and memory against size, and the plots of them: see scale.ts. Expects `npm run bench` to have transformed and
 * compiled the workloads. Writes bench/results/scale.json and docs/plots.
 */
import { run } from "./build.mjs";

process.exitCode = run("dist/scale.js", process.argv.slice(2)) || run("plot.mjs");
