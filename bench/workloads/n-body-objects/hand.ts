import type { Body, Goal } from "./primal.js";

export function nBodyObjectsHand(start: Body[], goals: Goal[], h: number, steps: number): Body[] {
  const n = start.length;
  const bodies = start.map(({ x, y, z, vx, vy, vz, mass }) => ({ x, y, z, vx, vy, vz, mass }));
  // Where the bodies were before each step: everything else follows from that.
  const kept = new Float64Array(3 * n * steps);
  let k = 0;
  for (let s = 0; s < steps; s++) {
    for (const { x, y, z } of bodies) {
      kept[k] = x;
      kept[k + 1] = y;
      kept[k + 2] = z;
      k += 3;
    }
    for (let i = 0; i < n; i++) {
      const a = bodies[i];
      let vx = a.vx;
      let vy = a.vy;
      let vz = a.vz;
      for (let j = i + 1; j < n; j++) {
        const b = bodies[j];
        const x = b.x - a.x;
        const y = b.y - a.y;
        const z = b.z - a.z;
        const r2 = x * x + y * y + z * z + 0.01;
        const strength = h / (r2 * Math.sqrt(r2));
        const onA = b.mass * strength;
        const onB = a.mass * strength;
        vx += onA * x;
        vy += onA * y;
        vz += onA * z;
        b.vx -= onB * x;
        b.vy -= onB * y;
        b.vz -= onB * z;
      }
      a.vx = vx;
      a.vy = vy;
      a.vz = vz;
    }
    for (const body of bodies) {
      body.x += h * body.vx;
      body.y += h * body.vy;
      body.z += h * body.vz;
    }
  }

  const scale = 2 / (3 * n);
  const adjoints = bodies.map(({ x, y, z }, i) => ({
    x: scale * (x - goals[i].x),
    y: scale * (y - goals[i].y),
    z: scale * (z - goals[i].z),
    vx: 0,
    vy: 0,
    vz: 0,
    mass: 0,
  }));
  for (let s = steps - 1; s >= 0; s--) {
    k -= 3 * n;
    for (const d of adjoints) {
      d.vx += h * d.x;
      d.vy += h * d.y;
      d.vz += h * d.z;
    }
    for (let i = 0; i < n; i++) {
      const o = k + 3 * i;
      const mass = bodies[i].mass;
      const da = adjoints[i];
      const { vx, vy, vz } = da;
      let dMass = 0;
      let dax = 0;
      let day = 0;
      let daz = 0;
      for (let j = i + 1; j < n; j++) {
        const p = k + 3 * j;
        const other = bodies[j].mass;
        const db = adjoints[j];
        const x = kept[p] - kept[o];
        const y = kept[p + 1] - kept[o + 1];
        const z = kept[p + 2] - kept[o + 2];
        const r2 = x * x + y * y + z * z + 0.01;
        const strength = h / (r2 * Math.sqrt(r2));
        const wx = other * vx - mass * db.vx;
        const wy = other * vy - mass * db.vy;
        const wz = other * vz - mass * db.vz;
        db.mass += strength * (vx * x + vy * y + vz * z);
        dMass -= strength * (db.vx * x + db.vy * y + db.vz * z);
        const along = (-3 * strength * (wx * x + wy * y + wz * z)) / r2;
        const dx = strength * wx + along * x;
        const dy = strength * wy + along * y;
        const dz = strength * wz + along * z;
        db.x += dx;
        db.y += dy;
        db.z += dz;
        dax += dx;
        day += dy;
        daz += dz;
      }
      da.mass += dMass;
      da.x -= dax;
      da.y -= day;
      da.z -= daz;
    }
  }
  return adjoints;
}
