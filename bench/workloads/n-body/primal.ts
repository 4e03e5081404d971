import type { Const, int } from "enzyme-ts";

/** Accelerations of all bodies by gravity with softening. */
function accelerate(positions: Float64Array, masses: Float64Array, out: Float64Array): void {
  const n = masses.length;
  out.fill(0);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const x = positions[3 * j] - positions[3 * i];
      const y = positions[3 * j + 1] - positions[3 * i + 1];
      const z = positions[3 * j + 2] - positions[3 * i + 2];
      const r2 = x * x + y * y + z * z + 0.01;
      const strength = 1 / (r2 * Math.sqrt(r2));
      out[3 * i] += masses[j] * strength * x;
      out[3 * i + 1] += masses[j] * strength * y;
      out[3 * i + 2] += masses[j] * strength * z;
      out[3 * j] -= masses[i] * strength * x;
      out[3 * j + 1] -= masses[i] * strength * y;
      out[3 * j + 2] -= masses[i] * strength * z;
    }
  }
}

/**
 * Leapfrog; the result is the mean squared distance from where the bodies should have gone.
 * @enzyme gradient
 */
export function nBody(
  positions: Float64Array,
  velocities: Float64Array,
  masses: Float64Array,
  goal: Const<Float64Array>,
  h: Const<number>,
  steps: int,
): number {
  const size = positions.length;
  const x = positions.slice();
  const v = velocities.slice();
  const a = new Float64Array(size);
  for (let s = 0; s < steps; s++) {
    accelerate(x, masses, a);
    for (let i = 0; i < size; i++) {
      v[i] += h * a[i];
      x[i] += h * v[i];
    }
  }
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (x[i] - goal[i]) * (x[i] - goal[i]);
  return sum / size;
}
