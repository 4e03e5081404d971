import type { int } from "enzyme-ts";

/** @enzyme gradient */
export function transcendentalLoop(x: number, a: number, b: number, n: int): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const bump = Math.exp(-b * x * x);
    x = Math.sin(a * x) + 0.5 * bump;
    sum += Math.log(2 + x);
  }
  return sum / n;
}
