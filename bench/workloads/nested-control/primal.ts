/**
 * Each start value is brought below one by steps that depend on where it stands.
 * @enzyme gradient
 */
export function nestedControl(starts: Float64Array, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < starts.length; i++) {
    let t = starts[i];
    let rounds = 0;
    while (t > 1 && rounds < 60) {
      if (t > 5) {
        t = t * 0.5 + a * Math.sin(t);
      } else if (t > 2) {
        t = t - b * Math.sqrt(t);
      } else {
        t = 0.9 * t - 0.1 * a * t * t;
      }
      sum += b * t * t;
      rounds++;
    }
    sum += a * t;
  }
  return sum;
}
