import type { int } from "enzyme-ts";

/** Coupled oscillators with a cubic spring: the first half of the state are positions, the second half velocities. */
function oscillators(y: Float64Array, out: Float64Array, coupling: number, cubic: number): void {
  const n = y.length / 2;
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? y[i - 1] : 0;
    const right = i < n - 1 ? y[i + 1] : 0;
    const q = y[i];
    out[i] = y[n + i];
    out[n + i] = coupling * (left - 2 * q + right) - q - cubic * q * q * q;
  }
}

/**
 * Classical Runge-Kutta; the result is the mean square of the last state.
 * @enzyme gradient
 */
export function rk4(y0: Float64Array, coupling: number, cubic: number, h: number, steps: int): number {
  const n = y0.length;
  const y = y0.slice();
  const stage = new Float64Array(n);
  const k1 = new Float64Array(n);
  const k2 = new Float64Array(n);
  const k3 = new Float64Array(n);
  const k4 = new Float64Array(n);
  for (let s = 0; s < steps; s++) {
    oscillators(y, k1, coupling, cubic);
    for (let i = 0; i < n; i++) stage[i] = y[i] + 0.5 * h * k1[i];
    oscillators(stage, k2, coupling, cubic);
    for (let i = 0; i < n; i++) stage[i] = y[i] + 0.5 * h * k2[i];
    oscillators(stage, k3, coupling, cubic);
    for (let i = 0; i < n; i++) stage[i] = y[i] + h * k3[i];
    oscillators(stage, k4, coupling, cubic);
    for (let i = 0; i < n; i++) y[i] += (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += y[i] * y[i];
  return sum / n;
}
