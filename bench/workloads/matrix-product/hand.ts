export function matrixProductHand(a: Float64Array, b: Float64Array, n: number): [Float64Array, Float64Array] {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const ci = i * n;
    for (let k = 0; k < n; k++) {
      const aik = a[ci + k];
      const bk = k * n;
      for (let j = 0; j < n; j++) c[ci + j] += aik * b[bk + j];
    }
  }
  const da = new Float64Array(n * n);
  const db = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const ci = i * n;
    for (let k = 0; k < n; k++) {
      const aik = a[ci + k];
      const bk = k * n;
      let sum = 0;
      for (let j = 0; j < n; j++) {
        const d = c[ci + j];
        sum += d * b[bk + j];
        db[bk + j] += d * aik;
      }
      da[ci + k] = sum;
    }
  }
  return [da, db];
}
