export function lstmHand(
  main: Float64Array,
  extra: Float64Array,
  state0: Float64Array,
  sequence: Float64Array,
  layers: number,
  width: number,
): [Float64Array, Float64Array] {
  const steps = sequence.length / width - 1;
  const dMain = new Float64Array(main.length);
  const dExtra = new Float64Array(extra.length);
  const state = state0.slice();
  const x = new Float64Array(width);
  // Eight values for each cell of each step, and the last layer's result.
  const kept = new Float64Array(8 * steps * layers * width);
  const lastX = new Float64Array(steps * width);
  let k = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < width; i++) x[i] = sequence[t * width + i] * extra[i];
    for (let l = 0; l < layers; l++) {
      const w = l * 8 * width;
      const b = w + 4 * width;
      const s = l * 2 * width;
      for (let i = 0; i < width; i++) {
        const input = x[i];
        const hidden = state[s + i];
        const before = state[s + width + i];
        const forget = 1 / (1 + Math.exp(-(input * main[w + i] + main[b + i])));
        const ingate = 1 / (1 + Math.exp(-(hidden * main[w + width + i] + main[b + width + i])));
        const outgate = 1 / (1 + Math.exp(-(input * main[w + 2 * width + i] + main[b + 2 * width + i])));
        const change = Math.tanh(hidden * main[w + 3 * width + i] + main[b + 3 * width + i]);
        const cell = before * forget + ingate * change;
        const th = Math.tanh(cell);
        kept[k] = input;
        kept[k + 1] = hidden;
        kept[k + 2] = before;
        kept[k + 3] = forget;
        kept[k + 4] = ingate;
        kept[k + 5] = outgate;
        kept[k + 6] = change;
        kept[k + 7] = th;
        k += 8;
        state[s + width + i] = cell;
        x[i] = state[s + i] = outgate * th;
      }
    }
    lastX.set(x, t * width);
  }

  const dState = new Float64Array(state.length);
  const dx = new Float64Array(width);
  const e = new Float64Array(width);
  const scale = -1 / (steps * width);
  for (let t = steps - 1; t >= 0; t--) {
    let sum = 2;
    let golds = 0;
    for (let i = 0; i < width; i++) {
      e[i] = Math.exp(lastX[t * width + i] * extra[width + i] + extra[2 * width + i]);
      sum += e[i];
      golds += sequence[(t + 1) * width + i];
    }
    const share = golds / sum;
    for (let i = 0; i < width; i++) {
      const g = scale * (sequence[(t + 1) * width + i] - share * e[i]);
      dExtra[2 * width + i] += g;
      dExtra[width + i] += g * lastX[t * width + i];
      dx[i] = g * extra[width + i];
    }
    for (let l = layers - 1; l >= 0; l--) {
      const w = l * 8 * width;
      const b = w + 4 * width;
      const s = l * 2 * width;
      for (let i = width - 1; i >= 0; i--) {
        k -= 8;
        const input = kept[k];
        const hidden = kept[k + 1];
        const forget = kept[k + 3];
        const ingate = kept[k + 4];
        const outgate = kept[k + 5];
        const change = kept[k + 6];
        const th = kept[k + 7];
        const dHidden = dx[i] + dState[s + i];
        const dCell = dState[s + width + i] + dHidden * outgate * (1 - th * th);
        const dOut = dHidden * th * outgate * (1 - outgate);
        const dForget = dCell * kept[k + 2] * forget * (1 - forget);
        const dIn = dCell * change * ingate * (1 - ingate);
        const dChange = dCell * ingate * (1 - change * change);
        dState[s + width + i] = dCell * forget;
        dMain[w + i] += dForget * input;
        dMain[b + i] += dForget;
        dMain[w + width + i] += dIn * hidden;
        dMain[b + width + i] += dIn;
        dMain[w + 2 * width + i] += dOut * input;
        dMain[b + 2 * width + i] += dOut;
        dMain[w + 3 * width + i] += dChange * hidden;
        dMain[b + 3 * width + i] += dChange;
        dx[i] = dForget * main[w + i] + dOut * main[w + 2 * width + i];
        dState[s + i] = dIn * main[w + width + i] + dChange * main[w + 3 * width + i];
      }
    }
    for (let i = 0; i < width; i++) dExtra[i] += dx[i] * sequence[t * width + i];
  }
  return [dMain, dExtra];
}
