export function mlpHand(
  w1: Float64Array,
  b1: Float64Array,
  w2: Float64Array,
  b2: Float64Array,
  inputs: Float64Array,
  labels: Int32Array,
  width: number,
): [Float64Array, Float64Array, Float64Array, Float64Array] {
  const hidden = b1.length;
  const classes = b2.length;
  const batch = labels.length;
  const dw1 = new Float64Array(w1.length);
  const db1 = new Float64Array(hidden);
  const dw2 = new Float64Array(w2.length);
  const db2 = new Float64Array(classes);
  const h = new Float64Array(hidden);
  const dh = new Float64Array(hidden);
  const z = new Float64Array(classes);
  const seed = 1 / batch;
  for (let s = 0; s < batch; s++) {
    const row = s * width;
    for (let i = 0; i < hidden; i++) {
      let sum = b1[i];
      const o = i * width;
      for (let j = 0; j < width; j++) sum += w1[o + j] * inputs[row + j];
      h[i] = Math.tanh(sum);
    }
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) {
      let sum = b2[c];
      const o = c * hidden;
      for (let i = 0; i < hidden; i++) sum += w2[o + i] * h[i];
      z[c] = sum;
      if (sum > largest) largest = sum;
    }
    let total = 0;
    for (let c = 0; c < classes; c++) total += z[c] = Math.exp(z[c] - largest);
    dh.fill(0);
    for (let c = 0; c < classes; c++) {
      const g = seed * (z[c] / total - (c === labels[s] ? 1 : 0));
      const o = c * hidden;
      db2[c] += g;
      for (let i = 0; i < hidden; i++) {
        dw2[o + i] += g * h[i];
        dh[i] += g * w2[o + i];
      }
    }
    for (let i = 0; i < hidden; i++) {
      const g = dh[i] * (1 - h[i] * h[i]);
      const o = i * width;
      db1[i] += g;
      for (let j = 0; j < width; j++) dw1[o + j] += g * inputs[row + j];
    }
  }
  return [dw1, db1, dw2, db2];
}
