export function nBodyHand(
  positions: Float64Array,
  velocities: Float64Array,
  masses: Float64Array,
  goal: Float64Array,
  h: number,
  steps: number,
): [Float64Array, Float64Array, Float64Array] {
  const n = masses.length;
  const size = 3 * n;
  const kept = new Float64Array(size * steps);
  const x = positions.slice();
  const v = velocities.slice();
  const a = new Float64Array(size);
  for (let s = 0; s < steps; s++) {
    kept.set(x, s * size);
    a.fill(0);
    for (let i = 0; i < n; i++) {
      const o = 3 * i;
      for (let j = i + 1; j < n; j++) {
        const p = 3 * j;
        const dx = x[p] - x[o];
        const dy = x[p + 1] - x[o + 1];
        const dz = x[p + 2] - x[o + 2];
        const r2 = dx * dx + dy * dy + dz * dz + 0.01;
        const strength = 1 / (r2 * Math.sqrt(r2));
        const mi = masses[i] * strength;
        const mj = masses[j] * strength;
        a[o] += mj * dx;
        a[o + 1] += mj * dy;
        a[o + 2] += mj * dz;
        a[p] -= mi * dx;
        a[p + 1] -= mi * dy;
        a[p + 2] -= mi * dz;
      }
    }
    for (let i = 0; i < size; i++) {
      v[i] += h * a[i];
      x[i] += h * v[i];
    }
  }

  const gx = new Float64Array(size);
  const gv = new Float64Array(size);
  const gm = new Float64Array(n);
  const ga = a;
  for (let i = 0; i < size; i++) gx[i] = (2 * (x[i] - goal[i])) / size;
  for (let s = steps - 1; s >= 0; s--) {
    const at = s * size;
    for (let i = 0; i < size; i++) {
      gv[i] += h * gx[i];
      ga[i] = h * gv[i];
    }
    for (let i = 0; i < n; i++) {
      const o = 3 * i;
      for (let j = i + 1; j < n; j++) {
        const p = 3 * j;
        const dx = kept[at + p] - kept[at + o];
        const dy = kept[at + p + 1] - kept[at + o + 1];
        const dz = kept[at + p + 2] - kept[at + o + 2];
        const r2 = dx * dx + dy * dy + dz * dz + 0.01;
        const strength = 1 / (r2 * Math.sqrt(r2));
        const mi = masses[i];
        const mj = masses[j];
        const wx = mj * ga[o] - mi * ga[p];
        const wy = mj * ga[o + 1] - mi * ga[p + 1];
        const wz = mj * ga[o + 2] - mi * ga[p + 2];
        gm[j] += strength * (ga[o] * dx + ga[o + 1] * dy + ga[o + 2] * dz);
        gm[i] -= strength * (ga[p] * dx + ga[p + 1] * dy + ga[p + 2] * dz);
        const along = (-3 * strength * (wx * dx + wy * dy + wz * dz)) / r2;
        const ex = strength * wx + along * dx;
        const ey = strength * wy + along * dy;
        const ez = strength * wz + along * dz;
        gx[p] += ex;
        gx[p + 1] += ey;
        gx[p + 2] += ez;
        gx[o] -= ex;
        gx[o + 1] -= ey;
        gx[o + 2] -= ez;
      }
    }
  }
  return [gx, gv, gm];
}
