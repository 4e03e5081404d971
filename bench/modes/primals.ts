import type { Const, int } from "enzyme-ts";

/** Two dense layers: the Jacobian is dense, and its entries are exponentials and sums. */
export function layers(x: Float64Array, weights: Const<Float64Array>): Float64Array {
  const n = x.length;
  const hidden = new Float64Array(n);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weights[i * n + j] * x[j];
    hidden[i] = Math.tanh(sum);
  }
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weights[j * n + i] * hidden[j];
    out[i] = Math.tanh(sum);
  }
  return out;
}

/** The state of Lorenz's model of 1996 after some steps: little arithmetic for each number that is moved. */
export function lorenz(x: Float64Array, steps: int): Float64Array {
  const n = x.length;
  let u = x.slice();
  let next = new Float64Array(n);
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < n; i++) {
      const before = i > 0 ? u[i - 1] : u[n - 1];
      const twoBefore = i > 1 ? u[i - 2] : u[n + i - 2];
      const after = i < n - 1 ? u[i + 1] : u[0];
      next[i] = u[i] + 0.01 * ((after - twoBefore) * before - u[i] + 8);
    }
    const swap = u;
    u = next;
    next = swap;
  }
  return u;
}

/** The rates of change in a network of reactions: each touches three species, and costs an exponential and a root. */
export function kinetics(x: Float64Array, rates: Const<Float64Array>): Float64Array {
  const n = x.length;
  const change = new Float64Array(n);
  for (let r = 0; r < rates.length; r++) {
    const a = r % n;
    const b = (r * 7 + 3) % n;
    const c = (r * 5 + 1) % n;
    const rate = rates[r] * Math.exp(-1 / (1 + x[a] * x[a])) * Math.sqrt(1 + x[b] * x[b]);
    change[a] -= rate;
    change[c] += rate;
  }
  return change;
}

/** A stiff system by the method of lines: heat that is conducted the better the warmer it is. */
export function heat(u: Float64Array): Float64Array {
  const n = u.length;
  const rate = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? u[i - 1] : 0;
    const right = i < n - 1 ? u[i + 1] : 1;
    rate[i] = (1 + u[i] * u[i]) * (left - 2 * u[i] + right);
  }
  return rate;
}
