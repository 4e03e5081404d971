/** Softmax of the first `n` entries of `x`, in place; nothing else of log-sum-exp is needed for its derivative. */
function softmax(x: Float64Array, n: number): void {
  let largest = x[0];
  for (let i = 1; i < n; i++) if (x[i] > largest) largest = x[i];
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const e = Math.exp(x[i] - largest);
    x[i] = e;
    sum += e;
  }
  const scale = 1 / sum;
  for (let i = 0; i < n; i++) x[i] *= scale;
}

export function gmmHand(
  alphas: Float64Array,
  means: Float64Array,
  icf: Float64Array,
  x: Float64Array,
  d: number,
  k: number,
  n: number,
  gamma: number,
  m: number,
): [Float64Array, Float64Array, Float64Array] {
  const row = (d * (d + 1)) / 2;
  const dAlphas = new Float64Array(k);
  const dMeans = new Float64Array(k * d);
  const dIcf = new Float64Array(k * row);
  const diagonal = new Float64Array(k * d);
  const constants = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      const q = icf[c * row + i];
      sum += q;
      diagonal[c * d + i] = Math.exp(q);
    }
    constants[c] = alphas[c] + sum;
  }

  const centred = new Float64Array(k * d);
  const scaled = new Float64Array(k * d);
  const weights = new Float64Array(k);
  const dDiagonal = new Float64Array(k * d);
  const dLogDeterminants = new Float64Array(k);
  for (let s = 0; s < n; s++) {
    for (let c = 0; c < k; c++) {
      const o = c * d;
      for (let i = 0; i < d; i++) {
        const v = x[s * d + i] - means[o + i];
        centred[o + i] = v;
        scaled[o + i] = diagonal[o + i] * v;
      }
      let at = c * row + d;
      for (let i = 0; i < d; i++) {
        const v = centred[o + i];
        for (let j = i + 1; j < d; j++) scaled[o + j] += icf[at++] * v;
      }
      let squares = 0;
      for (let i = 0; i < d; i++) squares += scaled[o + i] * scaled[o + i];
      weights[c] = constants[c] - 0.5 * squares;
    }
    softmax(weights, k);
    for (let c = 0; c < k; c++) {
      const w = weights[c];
      const o = c * d;
      dLogDeterminants[c] += w;
      let at = c * row + d;
      for (let i = 0; i < d; i++) {
        const v = centred[o + i];
        const g = -w * scaled[o + i];
        dDiagonal[o + i] += g * v;
        let dv = g * diagonal[o + i];
        for (let j = i + 1; j < d; j++) {
          const dScaled = -w * scaled[o + j];
          dIcf[at] += dScaled * v;
          dv += dScaled * icf[at];
          at++;
        }
        dMeans[o + i] -= dv;
      }
    }
  }

  weights.set(alphas);
  softmax(weights, k);
  const g2 = gamma * gamma;
  for (let c = 0; c < k; c++) {
    dAlphas[c] = dLogDeterminants[c] - n * weights[c];
    const dLog = dLogDeterminants[c] - m;
    for (let i = 0; i < d; i++) {
      const q = diagonal[c * d + i];
      dIcf[c * row + i] += dLog + q * (dDiagonal[c * d + i] + g2 * q);
    }
    for (let i = d; i < row; i++) dIcf[c * row + i] += g2 * icf[c * row + i];
  }
  return [dAlphas, dMeans, dIcf];
}
