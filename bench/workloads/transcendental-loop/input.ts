import type { Workload } from "../../workload.js";
import { transcendentalLoop } from "./primal.js";
import { transcendentalLoopHand } from "./hand.js";

export const workload: Workload<typeof transcendentalLoop> = {
  name: "transcendental-loop",
  title: "sin and exp in a recurrence, 1000000 steps",
  primal: transcendentalLoop,
  hand: transcendentalLoopHand,
  mode: "gradient",
  differentiable: [0, 1, 2],
  small: () => [0.3, 0.9, 0.7, 40],
  full: () => [0.3, 0.9, 0.7, 1_000_000],
};
