import { mkdirSync, writeFileSync } from "node:fs";
import { enzyme } from "enzyme-ts";
import { chart } from "./chart.js";
import { differenceFromDifferences, dotProductError } from "./checks.js";
import { readSeries, yearOf } from "./data.js";
import { minimize } from "./minimize.js";
import { cycle, loss, PARAMETERS, trend } from "./model.js";
import { svg } from "./svg.js";

const lossAndGradient = enzyme(loss, "valueAndGradient");
const lossGradient = enzyme(loss, "gradient");
const lossTangent = enzyme(loss, "forward");

const series = readSeries();
const { times, measured } = series;

const start = new Float64Array(PARAMETERS).fill(0.1);
start.set([280, 60, 0.2]);

console.log("checking the gradient at the start:");
const gradient = lossGradient(start, times, measured);
const byDifferences = differenceFromDifferences((p) => loss(p, times, measured), gradient, start);
const direction = start.map((_, i) => Math.cos(3 * i + 1));
const byForward = dotProductError(lossTangent(start, direction, times, measured), gradient, direction);
console.log(`  against central differences   ${byDifferences.toExponential(1)}  (at most 1e-6)`);
console.log(`  against forward mode          ${byForward.toExponential(1)}  (at most 1e-12)`);
if (!(byDifferences < 1e-6 && byForward < 1e-12)) {
  console.error("the gradient is wrong");
  process.exit(1);
}

const begin = performance.now();
const fit = minimize((p) => lossAndGradient(p, times, measured), start);
const elapsed = performance.now() - begin;
const p = fit.x;

const model = (t: number): number => trend(p, t) + cycle(p, t);
const calendar = Array.from({ length: 365 }, (_, day) => cycle(p, 3 + day / 3650));
const high = Math.max(...calendar);
const low = Math.min(...calendar);
const dayName = (day: number): string =>
  new Date(Date.UTC(2019, 0, 1 + day)).toLocaleDateString("en", { month: "long", day: "numeric", timeZone: "UTC" });
const mean = measured.reduce((sum, v) => sum + v, 0) / measured.length;
const variance = measured.reduce((sum, v) => sum + (v - mean) ** 2, 0) / measured.length;

console.log(`
fitted ${PARAMETERS} parameters to ${times.length} monthly means, ${yearOf(times[0]).toFixed(0)} to ${yearOf(times[times.length - 1]).toFixed(0)}:
  ${fit.iterations} iterations and ${fit.evaluations} gradients of L-BFGS in ${elapsed.toFixed(0)} ms
  trend            ${p[0].toFixed(1)} + ${p[1].toFixed(1)} exp(${(p[2] / 10).toFixed(4)} (year - 1990)) ppm
  doubling time    ${((10 * Math.LN2) / p[2]).toFixed(1)} years of what is above ${p[0].toFixed(0)} ppm
  yearly cycle     ${(high - low).toFixed(1)} ppm in 2020, highest on ${dayName(calendar.indexOf(high))}, lowest on ${dayName(calendar.indexOf(low))}
  root mean square ${Math.sqrt(fit.value).toFixed(2)} ppm, R² = ${(1 - fit.value / variance).toFixed(5)}
`);

const data = Array.from(times, (t, i) => [yearOf(t), measured[i]] as const);
const fitted = Array.from(times, (t) => [yearOf(t), trend(p, t)] as const);
console.log("measured (·) and fitted trend (━), ppm");
console.log(
  chart([
    { mark: "·", points: data },
    { mark: "━", points: fitted },
  ]),
);

const months = Array.from({ length: 72 }, (_, i) => [1 + (12 * i) / 71, cycle(p, 3 + i / 710)] as const);
console.log("\nthe fitted cycle of 2020, ppm by month");
console.log(chart([{ mark: "•", points: months }], 72, 9));

mkdirSync("out", { recursive: true });
writeFileSync(
  "out/co2.svg",
  svg(series, model, (t) => trend(p, t)),
);
console.log("\nwritten: examples/co2-fit/out/co2.svg");
