/** The workloads as a user of TensorFlow.js writes them: whole tensors, in single precision (there is no other). */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

tf.env().set("IS_TEST", true); // no advice on the console
const here = dirname(fileURLToPath(import.meta.url));
setWasmPaths(`${join(here, "node_modules/@tensorflow/tfjs-backend-wasm/dist")}/`);
setThreadsCount(1);

export const backends = ["wasm", "cpu"];
export async function use(backend) {
  await tf.setBackend(backend);
  await tf.ready();
}

const tensor = (values, shape = [values.length]) => tf.tensor(Float32Array.from(values), shape);

/** A call that gives the gradients of `loss`, read back, with respect to all of its arguments. */
function gradient(loss, args) {
  const derivative = tf.grads(loss);
  return () => tf.tidy(() => derivative(args).map((d) => d.dataSync()));
}

/** The polynomial of Abramowitz and Stegun 26.2.17. */
function normalCdf(x) {
  const t = x.abs().mul(0.2316419).add(1).reciprocal();
  let p = t.mul(1.330274429).add(-1.821255978);
  for (const c of [1.781477937, -0.356563782, 0.31938153]) p = t.mul(p).add(c);
  const tail = x
    .square()
    .mul(-0.5)
    .exp()
    .div(Math.sqrt(2 * Math.PI))
    .mul(t.mul(p));
  // `where` asks for the gradient of its condition, which comparisons do not have.
  return tail.add(x.step().mul(tf.sub(1, tail.mul(2))));
}

/** Puts what stands below the diagonal, by columns, into a matrix: one row for each of the numbers. */
function lowerTriangle(d) {
  const places = new Float32Array((((d - 1) * d) / 2) * d * d);
  let at = 0;
  for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) places[at++ * d * d + j * d + i] = 1;
  return tensor(places, [((d - 1) * d) / 2, d * d]);
}

/** The neighbours of each cell of a periodic grid, added up, less four times the cell. */
function spread(u, n) {
  const roll = (axis) => {
    const [first, rest] = tf.split(u, [1, n - 1], axis);
    const [most, last] = tf.split(u, [n - 1, 1], axis);
    return tf.concat([rest, first], axis).add(tf.concat([last, most], axis));
  };
  return roll(0).add(roll(1)).sub(u.mul(4));
}

export const cases = {
  gmm: ([alphas, means, icf, x, d, k, n, gamma, m]) => {
    const row = (d * (d + 1)) / 2;
    const points = tensor(x, [n, 1, d]);
    const lower = lowerTriangle(d);
    return gradient(
      (a, mu, q) => {
        const [logs, below] = tf.split(q, [d, row - d], 1);
        const diagonal = logs.exp();
        const logDeterminants = logs.sum(1);
        const centred = points.sub(mu.reshape([1, k, d]));
        const triangles = below.matMul(lower).reshape([k, d, d]);
        const turned = tf.matMul(centred.transpose([1, 0, 2]), triangles, false, true);
        const scaled = turned.transpose([1, 0, 2]).add(centred.mul(diagonal.reshape([1, k, d])));
        const terms = a.add(logDeterminants).reshape([1, k]).sub(scaled.square().sum(2).mul(0.5));
        const frobenius = diagonal.square().sum().add(below.square().sum());
        const prior = frobenius.mul(0.5 * gamma * gamma).sub(logDeterminants.sum().mul(m));
        return tf.logSumExp(terms, 1).sum().sub(tf.logSumExp(a).mul(n)).add(prior);
      },
      [tensor(alphas), tensor(means, [k, d]), tensor(icf, [k, row])],
    );
  },
  lstm: ([main, extra, state0, sequence, layers, width]) => {
    const steps = sequence.length / width - 1;
    const golds = tensor(sequence, [steps + 1, width]);
    const rows = tf.unstack(golds);
    const start = tf.unstack(tensor(state0, [2 * layers, width]));
    return gradient(
      (weights, scales) => {
        const w = tf.unstack(weights);
        const [inScale, outScale, bias] = tf.unstack(scales);
        const state = [...start];
        let total = tf.scalar(0);
        for (let t = 0; t < steps; t++) {
          let x = rows[t].mul(inScale);
          for (let l = 0; l < layers; l++) {
            const [forgetW, inW, outW, changeW, forgetB, inB, outB, changeB] = w.slice(8 * l, 8 * l + 8);
            const hidden = state[2 * l];
            const forget = x.mul(forgetW).add(forgetB).sigmoid();
            const ingate = hidden.mul(inW).add(inB).sigmoid();
            const outgate = x.mul(outW).add(outB).sigmoid();
            const change = hidden.mul(changeW).add(changeB).tanh();
            const cell = state[2 * l + 1].mul(forget).add(ingate.mul(change));
            x = outgate.mul(cell.tanh());
            state[2 * l] = x;
            state[2 * l + 1] = cell;
          }
          const y = x.mul(outScale).add(bias);
          total = total.add(rows[t + 1].mul(y.sub(y.exp().sum().add(2).log())).sum());
        }
        return total.div(-steps * width);
      },
      [tensor(main, [8 * layers, width]), tensor(extra, [3, width])],
    );
  },
  rosenbrock: ([x]) =>
    gradient(
      (v) => {
        const n = v.shape[0];
        const head = v.slice([0], [n - 1]);
        const t = v.slice([1], [n - 1]).sub(head.square());
        return t.square().mul(100).add(tf.sub(1, head).square()).sum();
      },
      [tensor(x)],
    ),
  brusselator: ([u0, v0, a, b, diffusion, n, h, steps]) =>
    gradient(
      (startU, startV, p, q, d) => {
        let [u, v] = [startU, startV];
        for (let s = 0; s < steps; s++) {
          const reaction = u.square().mul(v);
          const changeU = q
            .add(reaction)
            .sub(p.add(1).mul(u))
            .add(d.mul(spread(u, n)));
          const changeV = p
            .mul(u)
            .sub(reaction)
            .add(d.mul(spread(v, n)));
          [u, v] = [u.add(changeU.mul(h)), v.add(changeV.mul(h))];
        }
        return u
          .square()
          .add(v.square())
          .sum()
          .div(n * n);
      },
      [tensor(u0, [n, n]), tensor(v0, [n, n]), tf.scalar(a), tf.scalar(b), tf.scalar(diffusion)],
    ),
  mlp: ([w1, b1, w2, b2, inputs, labels, width]) => {
    const [hidden, classes, batch] = [b1.length, b2.length, labels.length];
    const x = tensor(inputs, [batch, width]);
    const y = tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat();
    return gradient(
      (u, bu, v, bv) => {
        const h = x.matMul(u, false, true).add(bu).tanh();
        const z = h.matMul(v, false, true).add(bv);
        return tf.logSumExp(z, 1).sum().sub(z.mul(y).sum()).div(batch);
      },
      [tensor(w1, [hidden, width]), tensor(b1), tensor(w2, [classes, hidden]), tensor(b2)],
    );
  },
  "matrix-product": ([a, b, n]) =>
    gradient((x, y) => x.matMul(y).square().sum().mul(0.5), [tensor(a, [n, n]), tensor(b, [n, n])]),
  "black-scholes": ([spots, strikes, volatilities, times, rate]) =>
    gradient(
      (s, k, v, t, r) => {
        const spread = v.mul(t.sqrt());
        const drift = r.add(v.square().mul(0.5)).mul(t);
        const d1 = s.div(k).log().add(drift).div(spread);
        const present = k.mul(r.mul(t).neg().exp());
        return s
          .mul(normalCdf(d1))
          .sub(present.mul(normalCdf(d1.sub(spread))))
          .sum();
      },
      [...[spots, strikes, volatilities, times].map((one) => tensor(one)), tf.scalar(rate)],
    ),
};
export const precision = "float32";
export const missing = {
  "logistic-map": "a million steps of one kernel each, on single numbers",
  "nested-control": "no loop whose length depends on an element",
  "n-body-objects": "tensors only",
};
