import type { Const, int } from "enzyme-ts";

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** One layer: `state` holds, from `at`, the hidden values and then the cells; `input` is replaced by the new hidden values. */
function layer(weights: Float64Array, from: int, state: Float64Array, at: int, input: Float64Array, width: int): void {
  const biases = from + 4 * width;
  for (let i = 0; i < width; i++) {
    const x = input[i];
    const hidden = state[at + i];
    const forget = sigmoid(x * weights[from + i] + weights[biases + i]);
    const ingate = sigmoid(hidden * weights[from + width + i] + weights[biases + width + i]);
    const outgate = sigmoid(x * weights[from + 2 * width + i] + weights[biases + 2 * width + i]);
    const change = Math.tanh(hidden * weights[from + 3 * width + i] + weights[biases + 3 * width + i]);
    const cell = state[at + width + i] * forget + ingate * change;
    state[at + width + i] = cell;
    state[at + i] = outgate * Math.tanh(cell);
    input[i] = state[at + i];
  }
}

/**
 * Loss of predicting each element of a sequence from those before it (ADBench's LSTM, diagonal weights).
 * `main` holds for each layer four weights and four biases of `width`; `extra` the input scale, output scale and output bias.
 * @enzyme gradient
 */
export function lstm(
  main: Float64Array,
  extra: Float64Array,
  state0: Const<Float64Array>,
  sequence: Const<Float64Array>,
  layers: int,
  width: int,
): number {
  const state = state0.slice();
  const x = new Float64Array(width);
  const steps = sequence.length / width - 1;
  let total = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < width; i++) x[i] = sequence[t * width + i] * extra[i];
    for (let l = 0; l < layers; l++) layer(main, l * 8 * width, state, l * 2 * width, x, width);
    let sum = 2;
    for (let i = 0; i < width; i++) {
      x[i] = x[i] * extra[width + i] + extra[2 * width + i];
      sum += Math.exp(x[i]);
    }
    const normaliser = Math.log(sum);
    for (let i = 0; i < width; i++) total += sequence[(t + 1) * width + i] * (x[i] - normaliser);
  }
  return -total / (steps * width);
}
