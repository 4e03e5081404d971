export interface Curve {
  readonly mark: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A whole number, and never "-0". */
function label(value: number): string {
  return String(Math.round(value) + 0);
}

/** Draws curves over common axes as lines of text; later curves are drawn over earlier ones. */
export function chart(curves: readonly Curve[], width = 72, height = 18): string {
  const all = curves.flatMap((curve) => curve.points);
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
  const cells = Array.from({ length: height }, () => new Array<string>(width).fill(" "));
  for (const { mark, points } of curves) {
    for (const [x, y] of points) {
      const column = Math.round(((x - left) / (right - left)) * (width - 1));
      const row = Math.round(((top - y) / (top - bottom)) * (height - 1));
      cells[row][column] = mark;
    }
  }
  const lines = cells.map((row, i) => {
    const text = i % 4 === 0 || i === height - 1 ? label(top - ((top - bottom) * i) / (height - 1)) : "";
    return `${text.padStart(6)} │${row.join("")}`;
  });
  const ends = `${left.toFixed(0)}${right.toFixed(0).padStart(width - left.toFixed(0).length)}`;
  return [...lines, `${" ".repeat(7)}└${"─".repeat(width)}`, `${" ".repeat(8)}${ends}`].join("\n");
}
