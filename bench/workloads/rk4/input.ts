import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { rk4 } from "./primal.js";
import { rk4Hand } from "./hand.js";

export const workload: Workload<typeof rk4> = {
  name: "rk4",
  title: "RK4, 16 coupled oscillators, 2000 steps",
  primal: rk4,
  hand: rk4Hand,
  mode: "gradient",
  differentiable: [0, 1, 2, 3],
  small: () => [uniform(8, -1, 1, 51), 0.4, 0.3, 0.05, 6],
  full: () => [uniform(32, -1, 1, 51), 0.4, 0.3, 0.01, 2000],
};
