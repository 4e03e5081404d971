/** Cumulative normal distribution, by the polynomial of Abramowitz and Stegun 26.2.17. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * polynomial;
  return x < 0 ? tail : 1 - tail;
}

/**
 * Value of a book of European calls.
 * @enzyme gradient
 */
export function blackScholes(
  spots: Float64Array,
  strikes: Float64Array,
  volatilities: Float64Array,
  times: Float64Array,
  rate: number,
): number {
  let total = 0;
  for (let i = 0; i < spots.length; i++) {
    const spread = volatilities[i] * Math.sqrt(times[i]);
    const drift = (rate + 0.5 * volatilities[i] * volatilities[i]) * times[i];
    const d1 = (Math.log(spots[i] / strikes[i]) + drift) / spread;
    const d2 = d1 - spread;
    total += spots[i] * normalCdf(d1) - strikes[i] * Math.exp(-rate * times[i]) * normalCdf(d2);
  }
  return total;
}
