import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { nBodyObjects } from "./primal.js";
import { nBodyObjectsHand } from "./hand.js";

const make = (n: number, steps: number) => (): Parameters<typeof nBodyObjects> => {
  const p = uniform(3 * n, -1, 1, 111);
  const v = uniform(3 * n, -0.2, 0.2, 112);
  const m = uniform(n, 0.1, 0.5, 113);
  const g = uniform(3 * n, -1, 1, 114);
  const bodies = Array.from(m, (mass, i) => {
    const o = 3 * i;
    return { x: p[o], y: p[o + 1], z: p[o + 2], vx: v[o], vy: v[o + 1], vz: v[o + 2], mass };
  });
  return [bodies, bodies.map((_, i) => ({ x: g[3 * i], y: g[3 * i + 1], z: g[3 * i + 2] })), 0.005, steps];
};

export const workload: Workload<typeof nBodyObjects> = {
  name: "n-body-objects",
  title: "n-body on objects, 12 bodies, 500 steps",
  primal: nBodyObjects,
  hand: nBodyObjectsHand,
  mode: "gradient",
  differentiable: [0],
  small: make(3, 4),
  full: make(12, 500),
  scale: { axis: "steps", sizes: [500, 1000, 2000, 4000, 8000, 16000], make: (steps) => make(12, steps)() },
};
