/**
 * The workloads as a user of Rose writes them: scalar code over vectors of known length, traced once and compiled to
 * WebAssembly. Transcendental functions are made from those of `Math`, with the derivative given, as its manual says.
 */
import {
  Dual,
  Real,
  Vec,
  abs,
  add,
  compile,
  div,
  fn,
  iadd,
  ilt,
  imod,
  lt,
  mul,
  neg,
  opaque,
  select,
  sqrt,
  sub,
  sum,
  vec,
  vjp,
} from "rose";

const exp = opaque([Real], Real, Math.exp);
exp.jvp = fn([Dual], Dual, ({ re: x, du: dx }) => {
  const y = exp(x);
  return { re: y, du: mul(dx, y) };
});
const log = opaque([Real], Real, Math.log);
log.jvp = fn([Dual], Dual, ({ re: x, du: dx }) => ({ re: log(x), du: div(dx, x) }));
const tanh = opaque([Real], Real, Math.tanh);
tanh.jvp = fn([Dual], Dual, ({ re: x, du: dx }) => {
  const y = tanh(x);
  return { re: y, du: mul(dx, sub(1, mul(y, y))) };
});

const square = (x) => mul(x, x);

/**
 * A call that gives the gradients of `loss` with respect to its first argument, a struct, in the order of its fields. The
 * second one is data; there is no way to say so, its gradient is dropped.
 */
async function gradient(type, loss, args, dataType = { none: Real }, data = { none: 0 }) {
  const f = fn([{ active: type, data: dataType }], Real, (all) => loss(all.active, all.data));
  const derivative = await compile(
    fn([type, dataType], type, (active, data) => vjp(f)({ active, data }).grad(1).active),
  );
  const names = Object.keys(args);
  return () => {
    const result = derivative(args, data);
    return names.map((name) => result[name]);
  };
}

const plain = (values) => Array.from(values);
const rows = (values, width) =>
  Array.from({ length: values.length / width }, (_, i) => plain(values.subarray(i * width, (i + 1) * width)));

const normalCdf = fn([Real], Real, (x) => {
  const t = div(1, add(1, mul(0.2316419, abs(x))));
  let p = mul(t, 1.330274429);
  for (const c of [-1.821255978, 1.781477937, -0.356563782, 0.31938153]) p = mul(t, add(c, p));
  const tail = mul(div(exp(mul(-0.5, square(x))), Math.sqrt(2 * Math.PI)), p);
  return select(lt(x, 0), Real, tail, sub(1, tail));
});

export const cases = {
  rosenbrock: ([x]) => {
    const n = x.length;
    return gradient(
      { x: Vec(n, Real) },
      ({ x: v }) =>
        sum(n, (i) => {
          // There is no range from 0 to n - 2 that can be an index of `v`: the last term is left out by hand.
          const t = sub(v[imod(n, iadd(n, i, 1))], square(v[i]));
          return select(ilt(n, i, n - 1), Real, add(mul(100, square(t)), square(sub(1, v[i]))), 0);
        }),
      { x: plain(x) },
    );
  },
  "black-scholes": ([spots, strikes, volatilities, times, rate]) => {
    const n = spots.length;
    const all = Vec(n, Real);
    return gradient(
      { spots: all, strikes: all, volatilities: all, times: all, rate: Real },
      ({ spots, strikes, volatilities, times, rate }) =>
        sum(n, (i) => {
          const [s, k, v, t] = [spots[i], strikes[i], volatilities[i], times[i]];
          const spread = mul(v, sqrt(t));
          const drift = mul(add(rate, mul(0.5, square(v))), t);
          const d1 = div(add(log(div(s, k)), drift), spread);
          const present = mul(k, exp(neg(mul(rate, t))));
          return sub(mul(s, normalCdf(d1)), mul(present, normalCdf(sub(d1, spread))));
        }),
      { spots: plain(spots), strikes: plain(strikes), volatilities: plain(volatilities), times: plain(times), rate },
    );
  },
  mlp: ([w1, b1, w2, b2, inputs, labels, width]) => {
    const [hidden, classes, batch] = [b1.length, b2.length, labels.length];
    const hot = Array.from(labels, (label) => Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0)));
    return gradient(
      {
        w1: Vec(hidden, Vec(width, Real)),
        b1: Vec(hidden, Real),
        w2: Vec(classes, Vec(hidden, Real)),
        b2: Vec(classes, Real),
      },
      ({ w1, b1, w2, b2 }, { x, y }) => {
        const losses = sum(batch, (s) => {
          const h = vec(hidden, Real, (i) =>
            tanh(
              add(
                b1[i],
                sum(width, (j) => mul(w1[i][j], x[s][j])),
              ),
            ),
          );
          const z = vec(classes, Real, (c) =>
            add(
              b2[c],
              sum(hidden, (i) => mul(w2[c][i], h[i])),
            ),
          );
          return sub(
            log(sum(classes, (c) => exp(z[c]))),
            sum(classes, (c) => mul(z[c], y[s][c])),
          );
        });
        return div(losses, batch);
      },
      { w1: rows(w1, width), b1: plain(b1), w2: rows(w2, hidden), b2: plain(b2) },
      { x: Vec(batch, Vec(width, Real)), y: Vec(batch, Vec(classes, Real)) },
      { x: rows(inputs, width), y: hot },
    );
  },
  gmm: ([alphas, means, icf, x, d, k, n, gamma, m]) => {
    const row = (d * (d + 1)) / 2;
    const total = (terms) => terms.reduce((a, b) => add(a, b));
    return gradient(
      { a: Vec(k, Real), mu: Vec(k, Vec(d, Real)), q: Vec(k, Vec(row, Real)) },
      ({ a, mu, q }, { x }) => {
        const parts = Array.from({ length: d }, (_, i) => i);
        const rest = Array.from({ length: row - d }, (_, i) => d + i);
        const diagonal = vec(k, Vec(d, Real), (c) => parts.map((i) => exp(q[c][i])));
        const logDeterminants = vec(k, Real, (c) => total(parts.map((i) => q[c][i])));
        const likelihood = sum(n, (s) => {
          const terms = vec(k, Real, (c) => {
            const centred = parts.map((i) => sub(x[s][i], mu[c][i]));
            const scaled = parts.map((i) => mul(diagonal[c][i], centred[i]));
            let at = d;
            for (const i of parts)
              for (let j = i + 1; j < d; j++) scaled[j] = add(scaled[j], mul(q[c][at++], centred[i]));
            return sub(add(a[c], logDeterminants[c]), mul(0.5, total(scaled.map(square))));
          });
          return log(sum(k, (c) => exp(terms[c])));
        });
        const prior = sum(k, (c) => {
          const frobenius = total([...parts.map((i) => square(diagonal[c][i])), ...rest.map((i) => square(q[c][i]))]);
          return sub(mul(0.5 * gamma * gamma, frobenius), mul(m, logDeterminants[c]));
        });
        return add(sub(likelihood, mul(n, log(sum(k, (c) => exp(a[c]))))), prior);
      },
      { a: plain(alphas), mu: rows(means, d), q: rows(icf, row) },
      { x: Vec(n, Vec(d, Real)) },
      { x: rows(x, d) },
    );
  },
  "matrix-product": ([a, b, n]) => {
    const matrix = Vec(n, Vec(n, Real));
    return gradient(
      { a: matrix, b: matrix },
      ({ a, b }) =>
        mul(
          0.5,
          sum(n, (i) => sum(n, (j) => square(sum(n, (k) => mul(a[i][k], b[k][j]))))),
        ),
      { a: rows(a, n), b: rows(b, n) },
    );
  },
};
export const precision = "float64";
export const missing = {
  "logistic-map": "no loop that carries values",
  brusselator: "no loop that carries values",
  lstm: "no loop that carries values",
  "nested-control": "no loop that carries values",
  "n-body-objects": "no loop that carries values",
};
