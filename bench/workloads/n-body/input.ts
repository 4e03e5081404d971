import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { nBody } from "./primal.js";
import { nBodyHand } from "./hand.js";

const make = (n: number, steps: number) => (): Parameters<typeof nBody> => [
  uniform(3 * n, -1, 1, 111),
  uniform(3 * n, -0.2, 0.2, 112),
  uniform(n, 0.1, 0.5, 113),
  uniform(3 * n, -1, 1, 114),
  0.005,
  steps,
];

export const workload: Workload<typeof nBody> = {
  name: "n-body",
  title: "n-body on flat arrays, 12 bodies, 500 steps",
  primal: nBody,
  hand: nBodyHand,
  mode: "gradient",
  differentiable: [0, 1, 2],
  small: make(3, 4),
  full: make(12, 500),
};
