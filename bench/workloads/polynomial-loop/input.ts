import type { Workload } from "../../workload.js";
import { polynomialLoop } from "./primal.js";
import { polynomialLoopHand } from "./hand.js";

export const workload: Workload<typeof polynomialLoop> = {
  name: "polynomial-loop",
  title: "a quadratic recurrence, summed on the way, 1000000 steps",
  primal: polynomialLoop,
  hand: polynomialLoopHand,
  mode: "gradient",
  differentiable: [0, 1],
  small: () => [0.3, 3.2, 40],
  full: () => [0.3, 3.2, 1_000_000],
};
