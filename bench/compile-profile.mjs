/**
 * Where the compiler spends its time, and what of it grows faster than its input: profiles of the command (`node
 * --cpu-prof`) at three sizes of four inputs, by phase.
 *
 *   node bench/compile-profile.mjs [--only functions,straight,loops,body] [--scale 1] [--keep]
 *
 * Expects the package to be built. Writes bench/results/compile.json. --keep leaves the profiles in bench/generated/profile.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { longBody, manyFunctions, manyLoops, straightLine } from "./compile-inputs.mjs";
import { transform } from "./transform.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "generated/profile");
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const scale = Number(option("scale", "1"));
const only = option("only", "functions,straight,loops,body").split(",");

const inputs = {
  functions: { title: "functions of everyday size", sizes: [250, 500, 1000], files: manyFunctions },
  straight: {
    title: "lines of one function, straight",
    sizes: [1250, 2500, 5000],
    files: (n) => new Map([["main.ts", straightLine(n)]]),
  },
  loops: {
    title: "lines of one function, loops",
    sizes: [1250, 2500, 5000],
    files: (n) => new Map([["main.ts", manyLoops(n)]]),
  },
  body: {
    title: "lines of one function, one loop",
    sizes: [1250, 2500, 5000],
    files: (n) => new Map([["main.ts", longBody(n)]]),
  },
};

/** The deepest of these functions on the stack names the phase. */
const phases = [
  ["createEngineProgram", "parse, bind (TypeScript)"],
  ["findRequests", "find what is asked for"],
  ["reportSyntaxErrors", "find what is asked for"],
  ["lowerFunction", "lower"],
  ["simplify", "simplify"],
  ["differentiateReverse", "differentiate"],
  ["differentiateForward", "differentiate"],
  ["isDifferentiable", "analyze"],
  ["verify", "verify"],
  ["emitFunction", "emit"],
  ["rewriteFile", "splice in"],
  ["formatAll", "format (prettier)"],
];
const phaseOf = new Map(phases);

/**
 * Milliseconds of CPU of each phase, and of each pass in it, in a profile. Samples are taken by the clock, which runs on
 * while others have the processor: they only say how the CPU time was shared out.
 */
function read(profile, cpuSeconds) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const places = new Map();
  const placeOf = (id) => {
    if (places.has(id)) return places.get(id);
    const { functionName, url } = nodes.get(id).callFrame;
    const above = parents.has(id) ? placeOf(parents.get(id)) : ["other", null];
    let [phase, part] = above;
    if (functionName === "(garbage collector)") phase = "garbage collection";
    if (functionName === "(idle)" || functionName === "(program)") phase = "idle";
    if (phaseOf.has(functionName) && url.includes("/transformer/")) {
      phase = phaseOf.get(functionName);
      part = null;
    } else if (/node_modules.prettier/.test(url) && phase === "other") phase = "format (prettier)";
    else if (part === null)
      part = /transformer.(?:simplify|analyze|differentiate|emit|ir)\W.*?([\w-]+)\.js$/.exec(url)?.[1] ?? null;
    const place = [phase, part];
    places.set(id, place);
    return place;
  };
  const result = {};
  const parts = {};
  profile.samples.forEach((id, k) => {
    const [phase, part] = placeOf(id);
    const ms = profile.timeDeltas[k] / 1000;
    result[phase] = (result[phase] ?? 0) + ms;
    if (part !== null) parts[`${phase}: ${part}`] = (parts[`${phase}: ${part}`] ?? 0) + ms;
  });
  delete result.idle;
  const factor = (1000 * cpuSeconds) / Object.values(result).reduce((sum, ms) => sum + ms, 0);
  for (const table of [result, parts]) for (const key of Object.keys(table)) table[key] *= factor;
  return { phases: result, parts };
}

const rows = [];
for (const [name, { title, sizes, files }] of Object.entries(inputs)) {
  if (!only.includes(name)) continue;
  for (const size of sizes.map((n) => Math.round(n * scale))) {
    const folder = join(root, `${name}-${size}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "source"), { recursive: true });
    const options = { target: "ES2022", module: "NodeNext", moduleResolution: "NodeNext", strict: true, types: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["source"] }));
    for (const [file, text] of files(size)) writeFileSync(join(folder, "source", file), text);
    const flags = ["--cpu-prof", "--cpu-prof-dir", folder, "--cpu-prof-interval", "1000"];
    const args = ["source/*.ts", "--out-dir", "out", "--project", "tsconfig.json"];
    const { status, cpu, text } = transform(folder, args, flags);
    if (status !== 0) console.log(text.slice(0, 2000));
    const file = readdirSync(folder).find((entry) => entry.endsWith(".cpuprofile"));
    const profile = JSON.parse(readFileSync(join(folder, file), "utf8"));
    rows.push({ input: name, title, size, cpuSeconds: cpu, failed: status !== 0, ...read(profile, cpu) });
    console.log(`${String(size).padStart(5)} ${title}: ${cpu.toFixed(1)} s of CPU`);
  }
  const three = rows.filter(({ input }) => input === name);
  const [, half, whole] = three;
  const print = (kind, least) => {
    const names = Object.keys(whole[kind]).sort((a, b) => whole[kind][b] - whole[kind][a]);
    for (const phase of names.filter((one) => whole[kind][one] >= least)) {
      const growth = Math.log2(whole[kind][phase] / half[kind][phase]).toFixed(2);
      const cells = three.map((row) => (row[kind][phase] ?? 0).toFixed(0).padStart(8)).join("");
      console.log(`  ${phase.padEnd(40)}${cells} ms   grows as n^${growth}`);
    }
  };
  print("phases", 1);
  console.log("");
  print("parts", 150);
  console.log("");
}

const file = join(here, "results/compile.json");
const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).rows : [];
const kept = before.filter(({ input }) => !only.includes(input));
const rounded = (_, value) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
writeFileSync(file, `${JSON.stringify({ node: process.version, rows: [...kept, ...rows] }, rounded, 2)}\n`);
if (!process.argv.includes("--keep")) rmSync(root, { recursive: true, force: true });
if (rows.some(({ failed }) => failed)) process.exitCode = 1;
