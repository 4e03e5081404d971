function mag(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}

/**
 * Normalises; linear in the length only where `mag(x)` leaves the loop before differentiation.
 * @enzyme reverse
 */
export function norm(out: Float64Array, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = x[i] / mag(x);
}
