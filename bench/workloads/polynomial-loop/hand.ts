export function polynomialLoopHand(x: number, r: number, n: number): [number, number] {
  const before = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    before[i] = x;
    x = r * x * (1 - x);
  }
  before[n] = x;
  let dx = 0;
  let dr = 0;
  const seed = 2 / n;
  for (let i = n - 1; i >= 0; i--) {
    const d = dx + seed * before[i + 1];
    const v = before[i];
    dr += d * v * (1 - v);
    dx = d * r * (1 - 2 * v);
  }
  return [dx, dr];
}
