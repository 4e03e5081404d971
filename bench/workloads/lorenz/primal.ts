import type { int } from "enzyme-ts";

interface System {
  readonly sigma: number;
  readonly rho: number;
  readonly beta: number;
}

const slope = ([x, y, z]: readonly number[], { sigma, rho, beta }: System): number[] => [
  sigma * (y - x),
  x * (rho - z) - y,
  x * y - beta * z,
];

const along = (y: readonly number[], k: readonly number[], h: number): number[] => y.map((v, i) => v + h * k[i]);

/**
 * Lorenz's system by the classical Runge-Kutta method, with a new array for each state and each slope.
 * @enzyme gradient
 */
export function lorenz(
  start: readonly number[],
  sigma: number,
  rho: number,
  beta: number,
  h: number,
  steps: int,
): number {
  const system = { sigma, rho, beta };
  let y = [start[0], start[1], start[2]];
  for (let s = 0; s < steps; s++) {
    const k1 = slope(y, system);
    const k2 = slope(along(y, k1, h / 2), system);
    const k3 = slope(along(y, k2, h / 2), system);
    const k4 = slope(along(y, k3, h), system);
    y = y.map((v, i) => v + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
  }
  return y.reduce((sum, v) => sum + v * v, 0);
}
