export function transcendentalLoopHand(x: number, a: number, b: number, n: number): [number, number, number] {
  const kept = new Float64Array(2 * n + 2);
  for (let i = 0; i < n; i++) {
    const bump = Math.exp(-b * x * x);
    kept[2 * i] = x;
    kept[2 * i + 1] = bump;
    x = Math.sin(a * x) + 0.5 * bump;
  }
  kept[2 * n] = x;
  let dx = 0;
  let da = 0;
  let db = 0;
  const seed = 1 / n;
  for (let i = n - 1; i >= 0; i--) {
    const d = dx + seed / (2 + kept[2 * i + 2]);
    const v = kept[2 * i];
    const g = d * Math.cos(a * v);
    const h = 0.5 * d * kept[2 * i + 1] * v;
    da += g * v;
    db -= h * v;
    dx = g * a - 2 * b * h;
  }
  return [dx, da, db];
}
