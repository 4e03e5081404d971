/** Ten functions of everyday size; NAME becomes a name of its own for each copy. */
export const templates = [
  `
/** @enzyme */
export function NAME(x: number, y: number): number {
  const a = Math.sin(x) * y;
  const b = a / (1 + x * x);
  return Math.exp(-b * b) + a;
}`,
  `
/** @enzyme */
export function NAME(x: Float64Array): number {
  let s = 0;
  for (let i = 0; i < x.length - 1; i++) {
    const t = x[i + 1] - x[i] * x[i];
    const u = 1 - x[i];
    s += 100 * t * t + u * u;
  }
  return s;
}`,
  `
function NAMEHelper(r: number, width: number): number {
  return Math.exp((-r * r) / (2 * width * width));
}

/** @enzyme */
export function NAME(x: Float64Array, y: Float64Array, width: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) sum += NAMEHelper(x[i] - y[j], width);
  }
  return sum;
}`,
  `
/** @enzyme */
export function NAME(residual: number, delta: number): number {
  const size = Math.abs(residual);
  if (size <= delta) return 0.5 * residual * residual;
  return delta * (size - 0.5 * delta);
}`,
  `
/** @enzyme */
export function NAME(x: number, a: number): number {
  for (let k = 0; k < 50; k++) {
    const e = x * x - a;
    if (Math.abs(e) < 1e-12) break;
    x -= e / (2 * x);
  }
  return x;
}`,
  `
/** @enzyme */
export function NAME(logits: Float64Array, weights: Float64Array): number {
  let largest = logits[0];
  for (let i = 1; i < logits.length; i++) largest = Math.max(largest, logits[i]);
  const e = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    e[i] = Math.exp(logits[i] - largest);
    sum += e[i];
  }
  let mean = 0;
  for (let i = 0; i < logits.length; i++) mean += (e[i] / sum) * weights[i];
  return mean;
}`,
  `
/** @enzyme reverse */
export function NAME(out: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) {
    out[i] = factor * x[i] + Math.cos(x[i]);
  }
}`,
  `
/** @enzyme */
export function NAME(spot: number, strike: number, rate: number, volatility: number, time: number): number {
  const spread = volatility * Math.sqrt(time);
  const d1 = (Math.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / spread;
  const d2 = d1 - spread;
  const n1 = 1 / (1 + Math.exp(-1.702 * d1));
  const n2 = 1 / (1 + Math.exp(-1.702 * d2));
  return spot * n1 - strike * Math.exp(-rate * time) * n2;
}`,
  `
/** @enzyme forward */
export function NAME(latitude: number, longitude: number): number {
  const a = (latitude * Math.PI) / 180;
  const b = (longitude * Math.PI) / 180;
  const s = Math.sin(a / 2);
  const t = Math.sin(b / 2);
  const h = s * s + Math.cos(a) * t * t;
  return 2 * 6371 * Math.atan2(Math.sqrt(h), Math.sqrt(1 - h));
}`,
  `
/** @enzyme */
export function NAME(u0: Float64Array, c: number): number {
  const n = u0.length;
  const u = u0.slice();
  const next = u0.slice();
  for (let s = 0; s < 10; s++) {
    for (let i = 1; i < n - 1; i++) next[i] = u[i] + c * (u[i - 1] - 2 * u[i] + u[i + 1]);
    for (let i = 1; i < n - 1; i++) u[i] = next[i];
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += u[i] * u[i];
  return sum;
}`,
];
