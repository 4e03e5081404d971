import type { int } from "enzyme-ts";

/**
 * Half the squared Frobenius norm of a product of n by n matrices.
 * @enzyme gradient
 */
export function matrixProduct(a: Float64Array, b: Float64Array, n: int): number {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const aik = a[i * n + k];
      for (let j = 0; j < n; j++) c[i * n + j] += aik * b[k * n + j];
    }
  }
  let sum = 0;
  for (let i = 0; i < n * n; i++) sum += c[i] * c[i];
  return 0.5 * sum;
}
