import type { Const } from "enzyme-ts";

/** How many harmonics of the year the cycle has. */
const HARMONICS = 4;

/** Number of parameters: level, rise and rate of the trend, growth of the cycle, then cosine and sine of each harmonic. */
export const PARAMETERS = 4 + 2 * HARMONICS;

/** The trend: a constant level and an exponential on top. */
export function trend(p: Float64Array, t: number): number {
  return p[0] + p[1] * Math.exp(p[2] * t);
}

/** The cycle of the year, whose amplitude grows linearly. `t` counts decades. */
export function cycle(p: Float64Array, t: number): number {
  const year = 2 * Math.PI * 10 * t;
  let sum = 0;
  for (let k = 1; k <= HARMONICS; k++) {
    sum += p[2 + 2 * k] * Math.cos(k * year) + p[3 + 2 * k] * Math.sin(k * year);
  }
  return (1 + p[3] * t) * sum;
}

/**
 * Mean squared residual of the model over the record.
 * @enzyme
 */
export function loss(p: Float64Array, times: Const<Float64Array>, measured: Const<Float64Array>): number {
  let sum = 0;
  for (let i = 0; i < times.length; i++) {
    const residual = trend(p, times[i]) + cycle(p, times[i]) - measured[i];
    sum += residual * residual;
  }
  return sum / times.length;
}
