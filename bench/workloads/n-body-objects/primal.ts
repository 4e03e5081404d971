import type { Const, int } from "enzyme-ts";

export interface Body {
  x: number;
  y: number;
  z: number;
  vx: number;
  vy: number;
  vz: number;
  mass: number;
}

/** Where a body should have gone. */
export interface Goal {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Gravity with softening, between two bodies. */
function attract(a: Body, b: Body, h: number): void {
  const x = b.x - a.x;
  const y = b.y - a.y;
  const z = b.z - a.z;
  const r2 = x * x + y * y + z * z + 0.01;
  const strength = h / (r2 * Math.sqrt(r2));
  a.vx += b.mass * strength * x;
  a.vy += b.mass * strength * y;
  a.vz += b.mass * strength * z;
  b.vx -= a.mass * strength * x;
  b.vy -= a.mass * strength * y;
  b.vz -= a.mass * strength * z;
}

/**
 * Leapfrog; the result is the mean squared distance from where the bodies should have gone.
 * @enzyme gradient
 */
export function nBodyObjects(start: Body[], goals: Const<Goal[]>, h: Const<number>, steps: int): number {
  const bodies = start.map((body) => ({ ...body }));
  for (let s = 0; s < steps; s++) {
    for (let i = 0; i < bodies.length; i++) {
      for (let j = i + 1; j < bodies.length; j++) attract(bodies[i], bodies[j], h);
    }
    for (const body of bodies) {
      body.x += h * body.vx;
      body.y += h * body.vy;
      body.z += h * body.vz;
    }
  }
  let sum = 0;
  bodies.forEach(({ x, y, z }, i) => {
    sum += (x - goals[i].x) ** 2 + (y - goals[i].y) ** 2 + (z - goals[i].z) ** 2;
  });
  return sum / (3 * bodies.length);
}
