import type { Const, int } from "enzyme-ts";

/**
 * Reaction and diffusion on a periodic grid of n by n, by Euler's steps.
 * @enzyme gradient
 */
export function brusselator(
  u0: Float64Array,
  v0: Float64Array,
  a: number,
  b: number,
  diffusion: number,
  n: int,
  h: Const<number>,
  steps: int,
): number {
  let u = u0.slice();
  let v = v0.slice();
  let nextU = new Float64Array(n * n);
  let nextV = new Float64Array(n * n);
  for (let s = 0; s < steps; s++) {
    for (let i = 0; i < n; i++) {
      const up = i === 0 ? n - 1 : i - 1;
      const down = i === n - 1 ? 0 : i + 1;
      for (let j = 0; j < n; j++) {
        const left = j === 0 ? n - 1 : j - 1;
        const right = j === n - 1 ? 0 : j + 1;
        const c = i * n + j;
        const uc = u[c];
        const vc = v[c];
        const reaction = uc * uc * vc;
        const spreadU = u[up * n + j] + u[down * n + j] + u[i * n + left] + u[i * n + right] - 4 * uc;
        const spreadV = v[up * n + j] + v[down * n + j] + v[i * n + left] + v[i * n + right] - 4 * vc;
        nextU[c] = uc + h * (b + reaction - (a + 1) * uc + diffusion * spreadU);
        nextV[c] = vc + h * (a * uc - reaction + diffusion * spreadV);
      }
    }
    const oldU = u;
    u = nextU;
    nextU = oldU;
    const oldV = v;
    v = nextV;
    nextV = oldV;
  }
  let sum = 0;
  for (let c = 0; c < n * n; c++) sum += u[c] * u[c] + v[c] * v[c];
  return sum / (n * n);
}
