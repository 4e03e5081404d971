import type { int } from "enzyme-ts";

/**
 * A quadratic recurrence, summed on the way.
 * @enzyme gradient
 */
export function polynomialLoop(x: number, r: number, n: int): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    x = r * x * (1 - x);
    sum += x * x;
  }
  return sum / n;
}
