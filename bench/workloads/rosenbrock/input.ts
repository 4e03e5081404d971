import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { rosenbrock } from "./primal.js";
import { rosenbrockHand } from "./hand.js";

export const workload: Workload<typeof rosenbrock> = {
  name: "rosenbrock",
  title: "Rosenbrock, 100000 variables",
  primal: rosenbrock,
  hand: rosenbrockHand,
  mode: "gradient",
  differentiable: [0],
  small: () => [uniform(7, -2, 2, 41)],
  full: () => [uniform(100_000, -2, 2, 41)],
};
