import type { Series } from "./data.js";
import { yearOf } from "./data.js";

const WIDTH = 960;
const LEFT = 60;
const RIGHT = 940;

/** A linear scale from values to pixels. */
function scale(from: number, to: number, low: number, high: number): (value: number) => number {
  return (value) => low + ((value - from) / (to - from)) * (high - low);
}

function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** Measurements, model and trend above, residuals below. */
export function svg(series: Series, model: (t: number) => number, trend: (t: number) => number): string {
  const { times, measured } = series;
  const first = times[0];
  const last = times[times.length - 1];
  const x = scale(first, last, LEFT, RIGHT);
  const y = scale(310, 420, 420, 40);
  const r = scale(-3, 3, 560, 460);
  const fine = Array.from({ length: 2400 }, (_, i) => first + ((last - first) * i) / 2399);
  const line = (x1: number, y1: number, x2: number, y2: number): string =>
    `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#ddd"/>`;
  const text = (tx: number, ty: number, content: string, anchor = "end"): string =>
    `<text x="${tx.toFixed(1)}" y="${ty.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;

  const grid: string[] = [];
  for (let ppm = 320; ppm <= 420; ppm += 20) {
    grid.push(line(LEFT, y(ppm), RIGHT, y(ppm)), text(LEFT - 8, y(ppm) + 4, String(ppm)));
  }
  for (const residual of [-2, 0, 2]) {
    grid.push(line(LEFT, r(residual), RIGHT, r(residual)), text(LEFT - 8, r(residual) + 4, String(residual)));
  }
  for (let year = 1960; year <= yearOf(last); year += 10) {
    const at = x((year - yearOf(0)) / 10);
    grid.push(line(at, 40, at, 560), text(at, 580, String(year), "middle"));
  }
  const dots = Array.from(
    times,
    (t, i) => `<circle cx="${x(t).toFixed(1)}" cy="${y(measured[i]).toFixed(1)}" r="1.6"/>`,
  );
  const residuals = Array.from(
    times,
    (t, i) => `<circle cx="${x(t).toFixed(1)}" cy="${r(measured[i] - model(t)).toFixed(1)}" r="1.3"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 600" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="600" fill="#fff"/>
<text x="${LEFT}" y="24" font-size="16">CO₂ at Mauna Loa, parts per million: measured (dots), fitted (line), trend (red)</text>
<g fill="#555">${grid.join("")}</g>
<path d="${path(fine.map((t) => [x(t), y(model(t))]))}" fill="none" stroke="#2b6cb0" stroke-width="1"/>
<path d="${path(fine.map((t) => [x(t), y(trend(t))]))}" fill="none" stroke="#c53030" stroke-width="1.5"/>
<g fill="#222">${dots.join("")}</g>
<text x="${LEFT}" y="452">residuals</text>
<g fill="#2b6cb0">${residuals.join("")}</g>
</svg>
`;
}
