import type { Const, int } from "enzyme-ts";

/**
 * Mean cross entropy of a network with one hidden layer over a batch.
 * @enzyme gradient
 */
export function mlp(
  w1: Float64Array,
  b1: Float64Array,
  w2: Float64Array,
  b2: Float64Array,
  inputs: Const<Float64Array>,
  labels: Int32Array,
  width: int,
): number {
  const hidden = b1.length;
  const classes = b2.length;
  const batch = labels.length;
  const h = new Float64Array(hidden);
  const z = new Float64Array(classes);
  let loss = 0;
  for (let s = 0; s < batch; s++) {
    for (let i = 0; i < hidden; i++) {
      let sum = b1[i];
      for (let j = 0; j < width; j++) sum += w1[i * width + j] * inputs[s * width + j];
      h[i] = Math.tanh(sum);
    }
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) {
      let sum = b2[c];
      for (let i = 0; i < hidden; i++) sum += w2[c * hidden + i] * h[i];
      z[c] = sum;
      if (sum > largest) largest = sum;
    }
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(z[c] - largest);
    loss += Math.log(total) + largest - z[labels[s]];
  }
  return loss / batch;
}
