function reverseBits(re: Float64Array, im: Float64Array, n: number): void {
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
}

export function spectrumLossHand(
  real: Float64Array,
  imaginary: Float64Array,
  cosines: Float64Array,
  sines: Float64Array,
  wished: Float64Array,
): [Float64Array, Float64Array] {
  const n = real.length;
  const re = real.slice();
  const im = imaginary.slice();
  reverseBits(re, im, n);
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
  for (let k = 0; k < n; k++) {
    const power = (re[k] * re[k] + im[k] * im[k]) / n;
    const g = (4 * (Math.log(1 + power) - wished[k])) / ((1 + power) * n);
    re[k] *= g;
    im[k] *= g;
  }
  // The transform is linear: its transpose runs the same butterflies backwards, with nothing recorded.
  for (let half = n >> 1; half >= 1; half >>= 1) {
    const stride = n / (2 * half);
    for (let block = 0; block < n; block += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride];
        const s = sines[k * stride];
        const p = block + k;
        const q = p + half;
        const tr = re[p] - re[q];
        const ti = im[p] - im[q];
        re[p] += re[q];
        im[p] += im[q];
        re[q] = c * tr - s * ti;
        im[q] = c * ti + s * tr;
      }
    }
  }
  reverseBits(re, im, n);
  return [re, im];
}
