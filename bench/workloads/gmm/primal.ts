import type { Const, int } from "enzyme-ts";

/** log Γ by Stirling's series, after shifting the argument up. */
function logGamma(x: number): number {
  let shift = 0;
  while (x < 10) {
    shift += Math.log(x);
    x += 1;
  }
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Logarithm of the multivariate gamma function. */
function logGammaDistribution(a: number, p: int): number {
  let sum = 0.25 * p * (p - 1) * Math.log(Math.PI);
  for (let j = 1; j <= p; j++) sum += logGamma(a + 0.5 * (1 - j));
  return sum;
}

function logSumExp(x: Float64Array, n: int): number {
  let largest = x[0];
  for (let i = 1; i < n; i++) {
    if (x[i] > largest) largest = x[i];
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.exp(x[i] - largest);
  return largest + Math.log(sum);
}

/**
 * Log posterior of a Gaussian mixture with full covariances and a Wishart prior (ADBench's GMM).
 * Each row of `icf` holds the logarithms of the diagonal of a square root of the inverse covariance, then
 * its strictly lower triangle by columns.
 * @enzyme gradient
 */
export function gmm(
  alphas: Float64Array,
  means: Float64Array,
  icf: Float64Array,
  x: Const<Float64Array>,
  d: int,
  k: int,
  n: int,
  gamma: Const<number>,
  m: int,
): number {
  const row = (d * (d + 1)) / 2;
  const diagonal = new Float64Array(k * d);
  const logDeterminants = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      const q = icf[c * row + i];
      sum += q;
      diagonal[c * d + i] = Math.exp(q);
    }
    logDeterminants[c] = sum;
  }

  const centred = new Float64Array(d);
  const scaled = new Float64Array(d);
  const terms = new Float64Array(k);
  let total = 0;
  for (let s = 0; s < n; s++) {
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < d; i++) {
        centred[i] = x[s * d + i] - means[c * d + i];
        scaled[i] = diagonal[c * d + i] * centred[i];
      }
      let at = c * row + d;
      for (let i = 0; i < d; i++) {
        for (let j = i + 1; j < d; j++) {
          scaled[j] += icf[at] * centred[i];
          at++;
        }
      }
      let squares = 0;
      for (let i = 0; i < d; i++) squares += scaled[i] * scaled[i];
      terms[c] = alphas[c] + logDeterminants[c] - 0.5 * squares;
    }
    total += logSumExp(terms, k);
  }

  let prior = 0;
  for (let c = 0; c < k; c++) {
    let frobenius = 0;
    for (let i = 0; i < d; i++) frobenius += diagonal[c * d + i] * diagonal[c * d + i];
    for (let i = d; i < row; i++) frobenius += icf[c * row + i] * icf[c * row + i];
    prior += 0.5 * gamma * gamma * frobenius - m * logDeterminants[c];
  }
  const freedom = d + m + 1;
  const wishart = freedom * d * (Math.log(gamma) - 0.5 * Math.log(2)) - logGammaDistribution(0.5 * freedom, d);
  return -n * d * 0.5 * Math.log(2 * Math.PI) + total - n * logSumExp(alphas, k) + prior - k * wishart;
}
