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
      const mass = masses[i];
      let ax = 0;
      let ay = 0;
      let az = 0;
      for (let j = i + 1; j < n; j++) {
        const p = 3 * j;
        const dx = x[p] - x[o];
        const dy = x[p + 1] - x[o + 1];
        const dz = x[p + 2] - x[o + 2];
        const r2 = dx * dx + dy * dy + dz * dz + 0.01;
        const strength = 1 / (r2 * Math.sqrt(r2));
        const mi = mass * strength;
        const mj = masses[j] * strength;
        ax += mj * dx;
        ay += mj * dy;
        az += mj * dz;
        a[p] -= mi * dx;
        a[p + 1] -= mi * dy;
        a[p + 2] -= mi * dz;
      }
      a[o] += ax;
      a[o + 1] += ay;
      a[o + 2] += az;
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
      const mi = masses[i];
      const gax = ga[o];
      const gay = ga[o + 1];
      const gaz = ga[o + 2];
      let dMass = 0;
      let gxo = 0;
      let gyo = 0;
      let gzo = 0;
      for (let j = i + 1; j < n; j++) {
        const p = 3 * j;
        const dx = kept[at + p] - kept[at + o];
        const dy = kept[at + p + 1] - kept[at + o + 1];
        const dz = kept[at + p + 2] - kept[at + o + 2];
        const r2 = dx * dx + dy * dy + dz * dz + 0.01;
        const strength = 1 / (r2 * Math.sqrt(r2));
        const mj = masses[j];
        const wx = mj * gax - mi * ga[p];
        const wy = mj * gay - mi * ga[p + 1];
        const wz = mj * gaz - mi * ga[p + 2];
        gm[j] += strength * (gax * dx + gay * dy + gaz * dz);
        dMass -= strength * (ga[p] * dx + ga[p + 1] * dy + ga[p + 2] * dz);
        const along = (-3 * strength * (wx * dx + wy * dy + wz * dz)) / r2;
        const ex = strength * wx + along * dx;
        const ey = strength * wy + along * dy;
        const ez = strength * wz + along * dz;
        gx[p] += ex;
        gx[p + 1] += ey;
        gx[p + 2] += ez;
        gxo += ex;
        gyo += ey;
        gzo += ez;
      }
      gm[i] += dMass;
      gx[o] -= gxo;
      gx[o + 1] -= gyo;
      gx[o + 2] -= gzo;
    }
  }
  return [gx, gv, gm];
}
