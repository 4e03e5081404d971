/** The workloads as a user of jax-js writes them: whole arrays, compiled by `jit`, in double precision. */
import { defaultDevice, grad, init, jit, nn, numpy as np } from "@jax-js/jax";

// Node 20 and 22 do not have it; jax-js only asks whether an array is one.
globalThis.Float16Array ??= class Float16Array {};
await init("wasm");
defaultDevice("wasm");

const array = (values, shape = [values.length]) =>
  np.array(Float64Array.from(values), { dtype: np.float64 }).reshape(shape);
const number = (value) => np.array(value, { dtype: np.float64 });

/** A call that gives the gradients of `loss`, read back, with respect to its first `args.length` arguments. */
function gradient(loss, args, constants = {}) {
  const derivative = jit(grad((active) => loss(active, constants)));
  return () => derivative(args.map((arg) => arg.ref)).map((d) => d.dataSync());
}

/** Puts what stands below the diagonal, by columns, into a matrix: one row for each of the numbers. */
function lowerTriangle(d) {
  const places = new Float64Array((((d - 1) * d) / 2) * d * d);
  let at = 0;
  for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) places[at++ * d * d + j * d + i] = 1;
  return places;
}

const twoPi = 2 * Math.PI;

/** The polynomial of Abramowitz and Stegun 26.2.17. */
function normalCdf(x) {
  const t = np.reciprocal(np.absolute(x.ref).mul(0.2316419).add(1));
  let p = t.ref.mul(1.330274429).add(-1.821255978);
  for (const c of [1.781477937, -0.356563782, 0.31938153]) p = t.ref.mul(p).add(c);
  const tail = np.exp(x.ref.mul(x.ref).mul(-0.5)).div(Math.sqrt(twoPi)).mul(t.mul(p));
  return np.where(x.less(0), tail.ref, np.subtract(1, tail));
}

export const cases = {
  gmm: ([alphas, means, icf, x, d, k, n, gamma, m]) => {
    const row = (d * (d + 1)) / 2;
    return gradient(
      ([a, mu, q], { points, lower }) => {
        const logs = q.ref.slice([], [0, d]);
        const below = q.slice([], [d, row]);
        const diagonal = np.exp(logs.ref);
        const logDeterminants = logs.sum(1);
        const centred = points.ref.sub(mu.reshape([1, k, d]));
        const triangles = np.matmul(below.ref, lower.ref).reshape([k, d, d]);
        const turned = np.matmul(centred.ref.transpose([1, 0, 2]), triangles.transpose([0, 2, 1]));
        const scaled = turned.transpose([1, 0, 2]).add(centred.mul(diagonal.ref.reshape([1, k, d])));
        const terms = a.ref.add(logDeterminants.ref).reshape([1, k]).sub(scaled.ref.mul(scaled).sum(2).mul(0.5));
        const frobenius = diagonal.ref.mul(diagonal).sum().add(below.ref.mul(below).sum());
        const prior = frobenius.mul(0.5 * gamma * gamma).sub(logDeterminants.sum().mul(m));
        return nn.logsumexp(terms, 1).sum().sub(nn.logsumexp(a, 0).mul(n)).add(prior);
      },
      [array(alphas), array(means, [k, d]), array(icf, [k, row])],
      { points: array(x, [n, 1, d]), lower: array(lowerTriangle(d), [row - d, d * d]) },
    );
  },
  rosenbrock: ([x]) =>
    gradient(
      ([v]) => {
        const n = v.shape[0];
        const head = v.ref.slice([0, n - 1]);
        const t = v.slice([1, n]).sub(head.ref.mul(head.ref));
        const u = np.subtract(1, head);
        return t.ref.mul(t).mul(100).add(u.ref.mul(u)).sum();
      },
      [array(x)],
    ),
  "black-scholes": ([spots, strikes, volatilities, times, rate]) =>
    gradient(
      ([s, k, v, t, r]) => {
        const spread = v.ref.mul(np.sqrt(t.ref));
        const drift = r.ref.add(v.ref.mul(v).mul(0.5)).mul(t.ref);
        const d1 = np.log(s.ref.div(k.ref)).add(drift).div(spread.ref);
        const d2 = d1.ref.sub(spread);
        const present = k.mul(np.exp(np.negative(r.mul(t))));
        return s
          .mul(normalCdf(d1))
          .sub(present.mul(normalCdf(d2)))
          .sum();
      },
      [...[spots, strikes, volatilities, times].map((one) => array(one)), number(rate)],
    ),
  "matrix-product": ([a, b, n]) =>
    gradient(
      ([x, y]) => {
        const c = np.matmul(x, y);
        return c.ref.mul(c).sum().mul(0.5);
      },
      [array(a, [n, n]), array(b, [n, n])],
    ),
  mlp: ([w1, b1, w2, b2, inputs, labels, width]) => {
    const [hidden, classes, batch] = [b1.length, b2.length, labels.length];
    const hot = new Float64Array(batch * classes);
    labels.forEach((label, s) => (hot[s * classes + label] = 1));
    return gradient(
      ([u, bu, v, bv], { x, y }) => {
        const h = np.tanh(np.matmul(x.ref, u.transpose()).add(bu));
        const z = np.matmul(h, v.transpose()).add(bv);
        return nn.logsumexp(z.ref, 1).sum().sub(z.mul(y.ref).sum()).div(batch);
      },
      [array(w1, [hidden, width]), array(b1), array(w2, [classes, hidden]), array(b2)],
      { x: array(inputs, [batch, width]), y: array(hot, [batch, classes]) },
    );
  },
};
export const precision = "float64";
export const missing = {
  "logistic-map": "no loop that carries values (`scan`): a million steps would be unrolled",
  brusselator: "no loop that carries values: 200 steps would be unrolled",
  lstm: "no loop that carries values: 1024 steps would be unrolled",
  "nested-control": "no loop that depends on data",
  "n-body-objects": "arrays only",
};
