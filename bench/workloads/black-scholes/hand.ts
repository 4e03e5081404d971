export function blackScholesHand(
  spots: Float64Array,
  strikes: Float64Array,
  volatilities: Float64Array,
  times: Float64Array,
  rate: number,
): [Float64Array, Float64Array, Float64Array, Float64Array, number] {
  const n = spots.length;
  const dSpots = new Float64Array(n);
  const dStrikes = new Float64Array(n);
  const dVolatilities = new Float64Array(n);
  const dTimes = new Float64Array(n);
  const scale = 1 / Math.sqrt(2 * Math.PI);
  let dRate = 0;
  for (let i = 0; i < n; i++) {
    const s = spots[i];
    const k = strikes[i];
    const sigma = volatilities[i];
    const time = times[i];
    const root = Math.sqrt(time);
    const spread = sigma * root;
    const d1 = (Math.log(s / k) + (rate + 0.5 * sigma * sigma) * time) / spread;
    const d2 = d1 - spread;
    const discount = Math.exp(-rate * time);

    // The cumulative distribution and its derivative, at d1 and at d2.
    const t1 = 1 / (1 + 0.2316419 * Math.abs(d1));
    const p1 = t1 * (0.31938153 + t1 * (-0.356563782 + t1 * (1.781477937 + t1 * (-1.821255978 + t1 * 1.330274429))));
    const q1 = 0.31938153 + t1 * (-0.713127564 + t1 * (5.344433811 + t1 * (-7.285023912 + t1 * 6.651372145)));
    const e1 = Math.exp(-0.5 * d1 * d1) * scale;
    const c1 = d1 < 0 ? e1 * p1 : 1 - e1 * p1;
    const g1 = e1 * (Math.abs(d1) * p1 + 0.2316419 * q1 * t1 * t1);
    const t2 = 1 / (1 + 0.2316419 * Math.abs(d2));
    const p2 = t2 * (0.31938153 + t2 * (-0.356563782 + t2 * (1.781477937 + t2 * (-1.821255978 + t2 * 1.330274429))));
    const q2 = 0.31938153 + t2 * (-0.713127564 + t2 * (5.344433811 + t2 * (-7.285023912 + t2 * 6.651372145)));
    const e2 = Math.exp(-0.5 * d2 * d2) * scale;
    const c2 = d2 < 0 ? e2 * p2 : 1 - e2 * p2;
    const g2 = e2 * (Math.abs(d2) * p2 + 0.2316419 * q2 * t2 * t2);

    const present = k * discount;
    const dD2 = -present * g2;
    const dD1 = s * g1 + dD2;
    const dLog = dD1 / spread;
    const dSpread = -dD2 - dLog * d1;
    dSpots[i] = c1 + dLog / s;
    dStrikes[i] = -discount * c2 - dLog / k;
    dVolatilities[i] = dSpread * root + dLog * sigma * time;
    dTimes[i] = dLog * (rate + 0.5 * sigma * sigma) + (dSpread * sigma) / (2 * root) + present * c2 * rate;
    dRate += dLog * time + present * c2 * time;
  }
  return [dSpots, dStrikes, dVolatilities, dTimes, dRate];
}
