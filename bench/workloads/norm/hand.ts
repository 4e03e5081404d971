export function normHand(out: Float64Array, dOut: Float64Array, x: Float64Array, dx: Float64Array): void {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[i] * x[i];
  const length = Math.sqrt(sum);
  let along = 0;
  for (let i = 0; i < n; i++) {
    const y = x[i] / length;
    out[i] = y;
    along += dOut[i] * y;
  }
  for (let i = 0; i < n; i++) {
    dx[i] += (dOut[i] - along * out[i]) / length;
    dOut[i] = 0;
  }
}
