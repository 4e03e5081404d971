function oscillators(
  y: Float64Array,
  at: number,
  out: Float64Array,
  size: number,
  coupling: number,
  cubic: number,
): void {
  const n = size / 2;
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? y[at + i - 1] : 0;
    const right = i < n - 1 ? y[at + i + 1] : 0;
    const q = y[at + i];
    out[i] = y[at + n + i];
    out[n + i] = coupling * (left - 2 * q + right) - q - cubic * q * q * q;
  }
}

/**
 * Adds the adjoint of the field at `y` to `dy`; the sums for the two parameters go to `dParameters`. The stencil is symmetric, so
 * its transpose gathers as it does.
 */
function oscillatorsAdjoint(
  y: Float64Array,
  at: number,
  dOut: Float64Array,
  dy: Float64Array,
  size: number,
  coupling: number,
  cubic: number,
  dParameters: Float64Array,
): void {
  const n = size / 2;
  let dCoupling = 0;
  let dCubic = 0;
  let left = 0;
  let g = dOut[n];
  for (let i = 0; i < n; i++) {
    const right = i < n - 1 ? dOut[n + i + 1] : 0;
    const q = y[at + i];
    const q2 = q * q;
    const spread = left - 2 * g + right;
    dCoupling += spread * q;
    dCubic -= g * q2 * q;
    dy[i] += coupling * spread - g * (1 + 3 * cubic * q2);
    dy[n + i] += dOut[i];
    left = g;
    g = right;
  }
  dParameters[0] += dCoupling;
  dParameters[1] += dCubic;
}

export function rk4Hand(
  y0: Float64Array,
  coupling: number,
  cubic: number,
  h: number,
  steps: number,
): [Float64Array, number, number, number] {
  const n = y0.length;
  // The argument of each of the four stages of each step.
  const kept = new Float64Array(4 * n * steps);
  const y = y0.slice();
  const k1 = new Float64Array(n);
  const k2 = new Float64Array(n);
  const k3 = new Float64Array(n);
  const k4 = new Float64Array(n);
  for (let s = 0; s < steps; s++) {
    const o = 4 * n * s;
    for (let i = 0; i < n; i++) kept[o + i] = y[i];
    oscillators(kept, o, k1, n, coupling, cubic);
    for (let i = 0; i < n; i++) kept[o + n + i] = y[i] + 0.5 * h * k1[i];
    oscillators(kept, o + n, k2, n, coupling, cubic);
    for (let i = 0; i < n; i++) kept[o + 2 * n + i] = y[i] + 0.5 * h * k2[i];
    oscillators(kept, o + 2 * n, k3, n, coupling, cubic);
    for (let i = 0; i < n; i++) kept[o + 3 * n + i] = y[i] + h * k3[i];
    oscillators(kept, o + 3 * n, k4, n, coupling, cubic);
    for (let i = 0; i < n; i++) y[i] += (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }

  const dy = new Float64Array(n);
  for (let i = 0; i < n; i++) dy[i] = (2 * y[i]) / n;
  const dParameters = new Float64Array(2);
  const dk = new Float64Array(n);
  const dStage = new Float64Array(n);
  const dBase = new Float64Array(n);
  let dh = 0;
  const perHalf = 2 / h;
  const perStep = 1 / h;
  for (let s = steps - 1; s >= 0; s--) {
    const o = 4 * n * s;
    // The slopes again, from the stages: k1..k3 follow from their differences, k4 is evaluated.
    oscillators(kept, o + 3 * n, k4, n, coupling, cubic);
    for (let i = 0; i < n; i++) {
      const base = kept[o + i];
      const slope1 = (kept[o + n + i] - base) * perHalf;
      const slope2 = (kept[o + 2 * n + i] - base) * perHalf;
      const slope3 = (kept[o + 3 * n + i] - base) * perStep;
      k1[i] = slope1;
      k2[i] = slope2;
      k3[i] = slope3;
      dh += (dy[i] * (slope1 + 2 * slope2 + 2 * slope3 + k4[i])) / 6;
      dk[i] = (h / 6) * dy[i];
      dBase[i] = dy[i];
    }
    dStage.fill(0);
    oscillatorsAdjoint(kept, o + 3 * n, dk, dStage, n, coupling, cubic, dParameters);
    for (let i = 0; i < n; i++) {
      const g = dStage[i];
      dBase[i] += g;
      dh += g * k3[i];
      dk[i] = (h / 3) * dy[i] + h * g;
      dStage[i] = 0;
    }
    oscillatorsAdjoint(kept, o + 2 * n, dk, dStage, n, coupling, cubic, dParameters);
    for (let i = 0; i < n; i++) {
      const g = dStage[i];
      dBase[i] += g;
      dh += 0.5 * g * k2[i];
      dk[i] = (h / 3) * dy[i] + 0.5 * h * g;
      dStage[i] = 0;
    }
    oscillatorsAdjoint(kept, o + n, dk, dStage, n, coupling, cubic, dParameters);
    for (let i = 0; i < n; i++) {
      const g = dStage[i];
      dBase[i] += g;
      dh += 0.5 * g * k1[i];
      dk[i] = (h / 6) * dy[i] + 0.5 * h * g;
    }
    oscillatorsAdjoint(kept, o, dk, dBase, n, coupling, cubic, dParameters);
    dy.set(dBase);
  }
  return [dy, dParameters[0], dParameters[1], dh];
}
