/** Largest difference between the gradient and central differences, relative to the gradient's largest entry. */
export function differenceFromDifferences(
  f: (x: Float64Array) => number,
  gradient: Float64Array,
  x: Float64Array,
): number {
  let scale = 0;
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const h = 1e-5 * Math.max(1, Math.abs(x[i]));
    const at = (delta: number): number => f(x.map((v, j) => (j === i ? v + delta : v)));
    const numerical = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    scale = Math.max(scale, Math.abs(gradient[i]));
    largest = Math.max(largest, Math.abs(gradient[i] - numerical));
  }
  return largest / scale;
}

/**
 * The dot product test: forward mode along `direction` and reverse mode must agree without any step size.
 * Relative to the sum of the absolute contributions.
 */
export function dotProductError(tangent: number, gradient: Float64Array, direction: Float64Array): number {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < gradient.length; i++) {
    sum += gradient[i] * direction[i];
    size += Math.abs(gradient[i] * direction[i]);
  }
  return Math.abs(sum - tangent) / size;
}
