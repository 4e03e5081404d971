/** The primal with its invariant call out of the loop. */
export function normFrugal(out: Float64Array, x: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  const length = Math.sqrt(sum);
  for (let i = 0; i < x.length; i++) out[i] = x[i] / length;
}

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
