/** A function with its gradient, at one point. */
export type Objective = (x: Float64Array) => { value: number; gradient: Float64Array };

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** x + s d */
function along(x: Float64Array, s: number, d: Float64Array): Float64Array {
  return x.map((v, i) => v + s * d[i]);
}

/** The direction of L-BFGS: the two-loop recursion over the latest steps and changes of the gradient. */
function direction(gradient: Float64Array, steps: Float64Array[], changes: Float64Array[]): Float64Array {
  const d = gradient.map((g) => -g);
  const factors: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const factor = dot(steps[i], d) / dot(steps[i], changes[i]);
    factors[i] = factor;
    for (let j = 0; j < d.length; j++) d[j] -= factor * changes[i][j];
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last], changes[last]) / dot(changes[last], changes[last]);
    for (let j = 0; j < d.length; j++) d[j] *= scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const factor = factors[i] - dot(changes[i], d) / dot(steps[i], changes[i]);
    for (let j = 0; j < d.length; j++) d[j] += factor * steps[i][j];
  }
  return d;
}

/** Minimises by L-BFGS with a backtracking line search, until the gradient is small or nothing improves. */
export function minimize(objective: Objective, start: Float64Array, tolerance = 1e-9, limit = 2000): Minimum {
  const memory = 12;
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let x = start;
  let { value, gradient } = objective(x);
  let evaluations = 1;
  let iterations = 0;
  for (; iterations < limit && Math.sqrt(dot(gradient, gradient)) > tolerance; iterations++) {
    let d = direction(gradient, steps, changes);
    let slope = dot(gradient, d);
    if (slope >= 0) {
      steps.length = changes.length = 0;
      d = gradient.map((g) => -g);
      slope = dot(gradient, d);
    }
    let s = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let next = objective(along(x, s, d));
    evaluations++;
    while (!(next.value <= value + 1e-4 * s * slope) && s > 1e-12) {
      s /= 2;
      next = objective(along(x, s, d));
      evaluations++;
    }
    if (!(next.value < value)) break;
    const step = d.map((v) => s * v);
    const change = next.gradient.map((g, i) => g - gradient[i]);
    if (dot(step, change) > 1e-14 * dot(change, change)) {
      steps.push(step);
      changes.push(change);
      if (steps.length > memory) {
        steps.shift();
        changes.shift();
      }
    }
    x = along(x, s, d);
    value = next.value;
    gradient = next.gradient;
  }
  return { x, value, iterations, evaluations };
}
