import type { Const } from "enzyme-ts";

/**
 * Radix-2 transform in place of a copy of the signal, then the logarithmic distance of its power spectrum from a wished one.
 * `cosines` and `sines` hold the first half turn.
 * @enzyme gradient
 */
export function spectrumLoss(
  real: Float64Array,
  imaginary: Float64Array,
  cosines: Const<Float64Array>,
  sines: Const<Float64Array>,
  wished: Const<Float64Array>,
): number {
  const n = real.length;
  const re = real.slice();
  const im = imaginary.slice();

  let j = 0;
  for (let i = 0; i < n - 1; i++) {
    if (i < j) {
      const r = re[i];
      re[i] = re[j];
      re[j] = r;
      const s = im[i];
      im[i] = im[j];
      im[j] = s;
    }
    let bit = n >> 1;
    while (bit <= j) {
      j -= bit;
      bit >>= 1;
    }
    j += bit;
  }

  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let block = 0; block < n; block += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride];
        const s = sines[k * stride];
        const p = block + k;
        const q = p + half;
        const tr = c * re[q] + s * im[q];
        const ti = c * im[q] - s * re[q];
        re[q] = re[p] - tr;
        im[q] = im[p] - ti;
        re[p] += tr;
        im[p] += ti;
      }
    }
  }

  let loss = 0;
  for (let k = 0; k < n; k++) {
    const power = (re[k] * re[k] + im[k] * im[k]) / n;
    const e = Math.log(1 + power) - wished[k];
    loss += e * e;
  }
  return loss;
}
