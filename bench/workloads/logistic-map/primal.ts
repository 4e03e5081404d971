import type { int } from "enzyme-ts";

/**
 * The logistic map, iterated.
 * @enzyme gradient
 */
export function logisticMap(x: number, r: number, n: int): number {
  for (let i = 0; i < n; i++) x = r * x * (1 - x);
  return x;
}
