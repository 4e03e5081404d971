/**
 * Puts the figures of bench/results into docs/performance.md, between the comments `<!-- name -->` and `<!-- /name -->`.
 *
 *   node bench/report.mjs
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const file = join(here, "../docs/performance.md");
const read = (name) => {
  const path = join(here, `results/${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
};
const table = (head, rows) =>
  [head, head.map((_, k) => (k === 0 ? "---" : "---:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const fixed = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const growth = (before, after, factor) => `n^${(Math.log(after / before) / Math.log(factor)).toFixed(1)}`;

/** Of Enzyme's gradients to their primals, as published. */
const enzyme = { gmm: 2.1, ba: 4.2, lstm: 3.2, "logistic-map": 2.3, rosenbrock: 1.35, norm: 1.9 };

function suite({ rows, summary, rounds, node }) {
  const lines = rows.map(({ name, gradientPerPrimal, gradientPerHand, handPerPrimal, refused }) =>
    gradientPerHand === null
      ? [name, refused, "", "", "", ""]
      : [
          name,
          fixed(gradientPerPrimal.median),
          enzyme[name] ?? "",
          fixed(handPerPrimal.median),
          `**${fixed(gradientPerHand.median)}**`,
          `${fixed(gradientPerHand.low)} to ${fixed(gradientPerHand.high)}`,
        ],
  );
  const head = [
    "workload",
    "gradient / primal",
    "Enzyme's",
    "hand-written / primal",
    "gradient / hand-written",
    "half of the rounds",
  ];
  return (
    `${table(head, lines)}\n\nGeometric mean of gradient / hand-written ${fixed(summary.geometricMeanPerHand)}, worst ` +
    `${fixed(summary.worstPerHand)}; ${rounds} rounds, Node ${node}.`
  );
}

function transformTime({ transformTime: { msPerFunctionNext270: each, cpuSeconds } }) {
  return (
    `In one call of the command, 300 functions of nine lines on average take ${cpuSeconds[300].toFixed(1)} s of CPU, of ` +
    `which ${cpuSeconds[0].toFixed(1)} s are spent before the first: ${each.toFixed(0)} ms for each further function.`
  );
}

function scale({ curves }) {
  const rows = curves.map(({ name, axis, points }) => {
    const [least, whole] = [points[0], points.at(-1)];
    const factor = whole.size / least.size;
    return [
      name,
      `${whole.size} ${axis}`,
      ...["hand", "generated"].map((one) => `${fixed(whole.ms[one])} ms`),
      growth(least.ms.generated, whole.ms.generated, factor),
      ...["primal", "hand", "generated"].map((one) => `${whole.megabytes[one].toFixed(1)} MB`),
      least.megabytes.generated < 1 ? "" : growth(least.megabytes.generated, whole.megabytes.generated, factor),
    ];
  });
  const head = [
    "workload",
    "largest size",
    "hand-written",
    "generated",
    "grows as",
    "memory: primal",
    "hand-written",
    "generated",
    "grows as",
  ];
  const plots = curves.map(({ name }) => `![${name}: time and memory against size](plots/${name}.svg)`);
  return `${table(head, rows)}\n\n${plots.join("\n\n")}`;
}

function ablation({ variants, rows, geometricMeanPerHand: means }) {
  const lines = rows.map(({ name, gradientPerHand }) => [
    name,
    ...variants.map(({ folder }) => {
      const cell = gradientPerHand[folder];
      return typeof cell === "string" ? cell : fixed(cell.median);
    }),
  ]);
  const mean = ["geometric mean", ...variants.map(({ folder }) => `**${fixed(means[folder])}**`)];
  return table(["gradient / hand-written", ...variants.map(({ title }) => title)], [...lines, mean]);
}

function ablationOfNorm({ variants, normBySize }) {
  const [half, whole] = normBySize.slice(-2);
  const factor = whole.size / half.size;
  return table(
    ["norm, milliseconds", ...normBySize.map(({ size }) => String(size)), "grows as"],
    variants.map(({ folder, title }) => [
      title,
      ...normBySize.map(({ ms }) => (ms[folder] < 1 ? ms[folder].toFixed(3) : fixed(ms[folder]))),
      growth(half.ms[folder], whole.ms[folder], factor),
    ]),
  );
}

function peers({ peers: all, rows }) {
  const head = ["times as long as the generated gradient", ...all.map(({ name, version }) => `${name} ${version}`)];
  const lines = rows.map(({ name, peers: results }) => [
    name,
    ...all.map((peer) => {
      const result = results[peer.name];
      if (result === undefined) return peer.missing[name] === undefined ? "" : "not expressible";
      return result.perOurs === undefined
        ? `differs by ${result.error.toExponential(0)}`
        : fixed(result.perOurs.median);
    }),
  ]);
  const errors = [
    "largest difference",
    ...all.map(({ name }) => {
      const found = rows.flatMap(({ peers: { [name]: result } }) => (result === undefined ? [] : [result.error]));
      return Math.max(...found).toExponential(0);
    }),
  ];
  const precisions = ["precision", ...all.map(({ precision }) => precision)];
  const unwritten = all
    .filter(({ name }) => !name.endsWith(", cpu"))
    .map(
      ({ name, missing }) =>
        `- **${name.split(",")[0]}**: ${Object.entries(missing)
          .map(([one, why]) => `${one} (${why})`)
          .join("; ")}.`,
    );
  return `${table(head, [...lines, precisions, errors])}\n\n${unwritten.join("\n")}`;
}

function compile({ rows }) {
  const titles = [...new Set(rows.map(({ title }) => title))];
  const inputs = titles.map((title) => rows.filter((row) => row.title === title));
  const phases = [...new Set(rows.flatMap((row) => Object.keys(row.phases)))];
  const largest = (phase) => Math.max(...inputs.map((three) => three.at(-1).phases[phase] ?? 0));
  const lines = phases
    .filter((phase) => largest(phase) > 100)
    .sort((a, b) => largest(b) - largest(a))
    .map((phase) => [
      phase,
      ...inputs.flatMap((three) => {
        const [half, whole] = three.slice(-2);
        const [before, after] = [half.phases[phase] ?? 0, whole.phases[phase] ?? 0];
        return [(after / 1000).toFixed(2), after < 500 ? "" : growth(before, after, whole.size / half.size)];
      }),
    ]);
  const total = [
    "**all**",
    ...inputs.flatMap((three) => {
      const [half, whole] = three.slice(-2);
      return [`**${whole.cpuSeconds.toFixed(1)}**`, growth(half.cpuSeconds, whole.cpuSeconds, whole.size / half.size)];
    }),
  ];
  const head = ["seconds of CPU", ...inputs.flatMap((three) => [`${three.at(-1).size} ${three[0].title}`, "grows as"])];
  return table(head, [...lines, total]);
}

function products({ products: rows, rounds, node }) {
  const lines = rows.map(({ name, perGradient: { median, low, high } }) => [
    name,
    `**${fixed(median)}**`,
    `${fixed(low)} to ${fixed(high)}`,
  ]);
  const worst = Math.max(...rows.map(({ perGradient }) => perGradient.median));
  const head = ["workload", "Hessian times a direction / gradient", "half of the rounds"];
  return `${table(head, lines)}\n\nAt most ${fixed(worst)} times the gradient; ${rounds} rounds, Node ${node}.`;
}

function jacobians({ jacobians: rows }) {
  const head = ["one direction after the other: 1", "by fours", "by eights", "mode `jacobian`"];
  return table(
    head,
    rows.map(({ name, size, fourPerAlone, eightPerAlone, modePerAlone }) => [
      `${name}, ${size} x ${size}`,
      ...[fourPerAlone, eightPerAlone, modePerAlone].map(({ median }) => `**${fixed(median)}**`),
    ]),
  );
}

function longFunctions({ sizes, rows, node }) {
  const titles = [...new Set(rows.map(({ title }) => title))];
  const cells = titles.map((title) => {
    const own = rows.filter((row) => row.title === title);
    return [title, ...own.map(({ perLine, parts }) => `${fixed(perLine)}${parts > 0 ? `, ${parts} parts` : ""}`)];
  });
  return `${table(["lines of the primal", ...sizes.map(String)], cells)}\n\nNode ${node}; loops run 12 times.`;
}

const sections = [
  ["suite", "suite", suite],
  ["transform-time", "suite", transformTime],
  ["scale", "scale", scale],
  ["ablation", "ablation", ablation],
  ["ablation-of-norm", "ablation", ablationOfNorm],
  ["products", "modes", products],
  ["jacobians", "modes", jacobians],
  ["peers", "peers", peers],
  ["long-functions", "long-functions", longFunctions],
  ["compile", "compile", compile],
];
let text = readFileSync(file, "utf8");
for (const [mark, source, render] of sections) {
  const results = read(source);
  const [open, close] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < 0) throw new Error(`docs/performance.md has no ${open}`);
  if (results === null) continue;
  text = `${text.slice(0, from + open.length)}\n\n${render(results)}\n\n${text.slice(to)}`;
}
const prettier = await import("prettier");
writeFileSync(file, await prettier.format(text, { ...(await prettier.resolveConfig(file)), parser: "markdown" }));
