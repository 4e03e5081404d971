export function nestedControlHand(starts: Float64Array, a: number, b: number): [Float64Array, number, number] {
  const n = starts.length;
  const dStarts = new Float64Array(n);
  const kept = new Float64Array(61);
  let da = 0;
  let db = 0;
  // The outer iterations are independent: each is reversed at once, so 61 numbers are enough.
  for (let i = 0; i < n; i++) {
    let t = starts[i];
    let rounds = 0;
    while (t > 1 && rounds < 60) {
      kept[rounds] = t;
      if (t > 5) t = t * 0.5 + a * Math.sin(t);
      else if (t > 2) t = t - b * Math.sqrt(t);
      else t = 0.9 * t - 0.1 * a * t * t;
      rounds++;
    }
    da += t;
    let dt = a;
    for (let k = rounds - 1; k >= 0; k--) {
      db += t * t;
      dt += 2 * b * t;
      t = kept[k];
      if (t > 5) {
        da += dt * Math.sin(t);
        dt *= 0.5 + a * Math.cos(t);
      } else if (t > 2) {
        const root = Math.sqrt(t);
        db -= dt * root;
        dt -= (dt * b) / (2 * root);
      } else {
        da -= 0.1 * dt * t * t;
        dt *= 0.9 - 0.2 * a * t;
      }
    }
    dStarts[i] = dt;
  }
  return [dStarts, da, db];
}
