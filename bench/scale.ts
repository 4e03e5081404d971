/**
 * Time and memory against size: primal, hand-written and generated derivative of the workloads that have a `scale`.
 *
 *   node bench/scale.mjs [--only gmm,lstm] [--rounds 7] [--slice 30]
 *
 * Memory is the peak of the resident set during one call, more than before it, each in a process of its own (Linux only).
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadGenerated } from "./derivatives.js";
import { bind, copyOf } from "./numbers.js";
import { isWanted, numberOption, textOption } from "./options.js";
import { addResults } from "./results.js";
import { consume, interleaved, spread } from "./timing.js";
import type { AnyWorkload } from "./workload.js";
import { workloads } from "./workloads.js";

const contestants = ["primal", "hand", "generated"] as const;
type Contestant = (typeof contestants)[number];

interface Point {
  readonly size: number;
  /** Milliseconds for each call. */
  readonly ms: Readonly<Record<Contestant, number>>;
  /** Megabytes that a call takes. */
  readonly megabytes: Readonly<Record<Contestant, number>>;
}

interface Curve {
  readonly name: string;
  readonly axis: string;
  readonly points: readonly Point[];
}

async function callOf(contestant: Contestant, workload: AnyWorkload, args: unknown[]): Promise<() => unknown> {
  if (contestant === "primal") {
    const own = copyOf(args);
    return () => workload.primal(...own);
  }
  if (contestant === "hand") return bind(workload, workload.hand, args);
  const generated = await loadGenerated(workload, {});
  if (generated.kind === "missing") throw new Error(`${workload.name}: ${generated.reason}`);
  return bind(workload, generated.derivative, args);
}

/** Megabytes: `VmRSS` is what the process has, `VmHWM` the most that it had. */
function memory(field: "VmRSS" | "VmHWM"): number {
  const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

/** The child's part: prints how many megabytes one call takes. */
async function weigh(name: string, size: number, contestant: string): Promise<void> {
  const workload = workloads.find((one) => one.name === name);
  const known = contestants.find((one) => one === contestant);
  if (workload?.scale === undefined || known === undefined)
    throw new Error(`${name} has no scale, or ${contestant} is none`);
  const call = await callOf(known, workload, workload.scale.make(size));
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // the peak begins anew
  const before = memory("VmRSS");
  consume(call());
  console.log(memory("VmHWM") - before);
}

function weighInChild(name: string, size: number, contestant: string): number {
  // Small nurseries: the garbage of a young process says nothing of what it needs.
  const flags = ["--expose-gc", "--max-semi-space-size=1", fileURLToPath(import.meta.url), "--weigh", name];
  const runs = [0, 1, 2].map(() => {
    const child = spawnSync(process.execPath, [...flags, "--size", String(size), "--contestant", contestant]);
    if (child.status !== 0) throw new Error(String(child.stderr));
    return Number(child.stdout);
  });
  return Math.max(spread(runs).median, 0);
}

async function measure(
  workload: AnyWorkload,
  { axis, sizes, make }: NonNullable<AnyWorkload["scale"]>,
): Promise<Curve> {
  const pace = { rounds: numberOption("rounds", 7), sliceMs: numberOption("slice", 30) };
  const points: Point[] = [];
  for (const size of sizes) {
    const args = make(size);
    const calls = await Promise.all(contestants.map((one) => callOf(one, workload, args)));
    const [primal, hand, generated] = interleaved(calls, pace).map((times) => spread(times).median);
    const [primalMb, handMb, generatedMb] = contestants.map((one) => weighInChild(workload.name, size, one));
    const point = {
      size,
      ms: { primal, hand, generated },
      megabytes: { primal: primalMb, hand: handMb, generated: generatedMb },
    };
    points.push(point);
    const cells = contestants.map((one) => `${point.ms[one].toFixed(3)} ms ${point.megabytes[one].toFixed(1)} MB`);
    console.log(
      `${workload.name.padEnd(16)}${String(size).padStart(9)} ${axis.padEnd(9)}${cells.map((c) => c.padStart(22)).join("")}`,
    );
  }
  return { name: workload.name, axis, points };
}

const weighed = textOption("weigh");
if (weighed !== undefined) {
  await weigh(weighed, numberOption("size", 0), textOption("contestant") ?? "");
} else {
  console.log(" ".repeat(35) + contestants.map((one) => one.padStart(22)).join(""));
  const curves: Curve[] = [];
  for (const workload of workloads) {
    if (workload.scale !== undefined && isWanted(workload.name)) curves.push(await measure(workload, workload.scale));
  }
  addResults("scale", { node: process.version, curves });
}
