import { randomNumbers, uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { bundleAdjustment } from "./primal.js";
import { bundleAdjustmentHand } from "./hand.js";

const make = (cameras: number, points: number, observations: number) => (): Parameters<typeof bundleAdjustment> => {
  const next = randomNumbers(11);
  const all = new Float64Array(11 * cameras);
  for (let i = 0; i < cameras; i++) {
    const still = i === 1; // one camera takes the branch of small angles
    for (let j = 0; j < 3; j++) all[11 * i + j] = still ? 0 : next() - 0.5;
    for (let j = 3; j < 6; j++) all[11 * i + j] = next() - 0.5;
    all[11 * i + 6] = 1 + next();
    all[11 * i + 7] = 0.1 * next();
    all[11 * i + 8] = 0.1 * next();
    all[11 * i + 9] = 0.05 * (next() - 0.5);
    all[11 * i + 10] = 0.01 * (next() - 0.5);
  }
  const spots = uniform(3 * points, -1, 1, 12);
  for (let i = 0; i < points; i++) spots[3 * i + 2] += 5;
  const pairs = new Int32Array(2 * observations);
  for (let i = 0; i < observations; i++) {
    pairs[2 * i] = i % cameras;
    pairs[2 * i + 1] = Math.floor(next() * points);
  }
  return [all, spots, uniform(observations, 0.5, 1.5, 13), pairs, uniform(2 * observations, -0.3, 0.3, 14)];
};

export const workload: Workload<typeof bundleAdjustment> = {
  name: "ba",
  title: "ADBench BA, 49 cameras, 7776 points, 31843 observations",
  primal: bundleAdjustment,
  hand: bundleAdjustmentHand,
  mode: "gradient",
  differentiable: [0, 1, 2],
  small: make(3, 5, 9),
  full: make(49, 7776, 31843),
};
