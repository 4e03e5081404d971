export function rosenbrockHand(x: Float64Array): Float64Array {
  const n = x.length - 1;
  const dx = new Float64Array(x.length);
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const dt = 200 * (x[i + 1] - v * v);
    dx[i + 1] = dt;
    dx[i] -= 2 * v * dt + 2 * (1 - v);
  }
  return dx;
}
