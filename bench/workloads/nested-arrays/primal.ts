import type { int } from "enzyme-ts";

/**
 * x = tanh(A x + b), repeated, on plain nested arrays.
 * @enzyme gradient
 */
export function nestedArrays(a: number[][], b: number[], x0: number[], rounds: int): number {
  const n = b.length;
  const x = x0.slice();
  const y: number[] = [];
  for (let i = 0; i < n; i++) y.push(0);
  for (let r = 0; r < rounds; r++) {
    for (let i = 0; i < n; i++) {
      const row = a[i];
      let sum = b[i];
      for (let j = 0; j < n; j++) sum += row[j] * x[j];
      y[i] = Math.tanh(sum);
    }
    for (let i = 0; i < n; i++) x[i] = y[i];
  }
  let energy = 0;
  for (let i = 0; i < n; i++) energy += x[i] * x[i];
  return energy;
}
