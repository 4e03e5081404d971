export function nestedArraysHand(
  a: number[][],
  b: number[],
  x0: number[],
  rounds: number,
): [number[][], number[], number[]] {
  const n = b.length;
  const kept = new Float64Array(n * (rounds + 1));
  for (let i = 0; i < n; i++) kept[i] = x0[i];
  for (let r = 0; r < rounds; r++) {
    const o = r * n;
    for (let i = 0; i < n; i++) {
      const row = a[i];
      let sum = b[i];
      for (let j = 0; j < n; j++) sum += row[j] * kept[o + j];
      kept[o + n + i] = Math.tanh(sum);
    }
  }
  const da = a.map((row) => new Array<number>(row.length).fill(0));
  const db = new Array<number>(n).fill(0);
  const dy = new Float64Array(n);
  const dx = new Float64Array(n);
  for (let i = 0; i < n; i++) dx[i] = 2 * kept[n * rounds + i];
  for (let r = rounds - 1; r >= 0; r--) {
    const o = r * n;
    dy.set(dx);
    dx.fill(0);
    for (let i = 0; i < n; i++) {
      const y = kept[o + n + i];
      const g = dy[i] * (1 - y * y);
      const row = a[i];
      const dRow = da[i];
      db[i] += g;
      for (let j = 0; j < n; j++) {
        dRow[j] += g * kept[o + j];
        dx[j] += g * row[j];
      }
    }
  }
  return [da, db, Array.from(dx)];
}
