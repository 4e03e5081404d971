/** Draws bench/results/scale.json: one SVG for each workload in docs/plots, time on the left, memory on the right. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "../docs/plots");
const { curves } = JSON.parse(readFileSync(join(here, "results/scale.json"), "utf8"));

const lines = [
  { key: "primal", title: "primal", color: "#888888", dash: "2 3" },
  { key: "hand", title: "hand-written", color: "#d9731a", dash: "6 3" },
  { key: "generated", title: "generated", color: "#1f6fb4", dash: "" },
];
const [width, height] = [360, 260];
const margin = { left: 56, right: 14, top: 30, bottom: 40 };

const short = (value) =>
  value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : String(Number(value.toPrecision(3)));
const text = (x, y, content, more = "") => `<text x="${x}" y="${y}" ${more}>${content}</text>`;

/** Powers of ten around the values. */
function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...values))), low + 1);
  return Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k));
}

/** One panel, both axes logarithmic: a slope of one is linear growth. */
function panel(offset, heading, axis, points, valueOf) {
  const sizes = points.map(({ size }) => size);
  const ticks = decades(points.flatMap((point) => lines.map(({ key }) => valueOf(point)[key])));
  const scale = (from, to, a, b) => (v) =>
    a + ((Math.log(v) - Math.log(from)) / (Math.log(to) - Math.log(from))) * (b - a);
  const x = scale(sizes[0], sizes.at(-1), offset + margin.left, offset + width - margin.right);
  const y = scale(ticks[0], ticks.at(-1), height - margin.bottom, margin.top);
  const at = (v) => Number(v.toFixed(1));
  const parts = [text(at(offset + width / 2), 16, heading, 'text-anchor="middle" font-weight="bold"')];
  for (const tick of ticks) {
    parts.push(
      `<line x1="${offset + margin.left}" x2="${offset + width - margin.right}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#dddddd"/>`,
      text(offset + margin.left - 6, at(y(tick) + 4), short(tick), 'text-anchor="end"'),
    );
  }
  for (const size of sizes)
    parts.push(text(at(x(size)), height - margin.bottom + 16, short(size), 'text-anchor="middle"'));
  parts.push(text(at(offset + width / 2), height - 8, axis, 'text-anchor="middle"'));
  for (const { key, color, dash } of lines) {
    const path = points.map((point) => `${at(x(point.size))},${at(y(valueOf(point)[key]))}`).join(" ");
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>`,
    );
  }
  return parts;
}

mkdirSync(folder, { recursive: true });
for (const { name, axis, points } of curves) {
  // Less than a page or two is not told apart from nothing.
  const visible = ({ megabytes }) => Object.fromEntries(lines.map(({ key }) => [key, Math.max(megabytes[key], 0.1)]));
  const legend = lines.map(
    ({ title, color }, k) =>
      `<rect x="${2 * width + 6}" y="${40 + 20 * k}" width="14" height="4" fill="${color}"/>` +
      text(2 * width + 26, 46 + 20 * k, title),
  );
  const parts = [
    ...panel(0, `${name}: milliseconds`, axis, points, ({ ms }) => ms),
    ...panel(width, `${name}: megabytes`, axis, points, visible),
    ...legend,
  ];
  const size = `width="${2 * width + 120}" height="${height}" viewBox="0 0 ${2 * width + 120} ${height}"`;
  const body = `<rect width="100%" height="100%" fill="#ffffff"/>\n${parts.join("\n")}`;
  writeFileSync(
    join(folder, `${name}.svg`),
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11" fill="#333333">\n${body}\n</svg>\n`,
  );
}
