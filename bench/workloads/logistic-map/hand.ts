export function logisticMapHand(x: number, r: number, n: number): [number, number] {
  const before = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    before[i] = x;
    x = r * x * (1 - x);
  }
  let dx = 1;
  let dr = 0;
  for (let i = n - 1; i >= 0; i--) {
    const v = before[i];
    dr += dx * (v * (1 - v));
    dx *= r * (1 - 2 * v);
  }
  return [dx, dr];
}
