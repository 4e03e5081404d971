export function polynomialLoopHand(x: number, r: number, n: number): [number, number] {
  const before = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    before[i] = x;
    x = r * x * (1 - x);
  }
  let dx = 0;
  let dr = 0;
  const seed = 2 / n;
  for (let i = n - 1; i >= 0; i--) {
    const d = dx + seed * x;
    x = before[i];
    dr += d * (x * (1 - x));
    dx = d * (r * (1 - 2 * x));
  }
  return [dx, dr];
}
