import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { nestedControl } from "./primal.js";
import { nestedControlHand } from "./hand.js";

export const workload: Workload<typeof nestedControl> = {
  name: "nested-control",
  title: "data-dependent while and if, 100000 start values",
  primal: nestedControl,
  hand: nestedControlHand,
  mode: "gradient",
  differentiable: [0, 1, 2],
  small: () => [uniform(9, 0.5, 30, 101), 0.8, 0.3],
  full: () => [uniform(100_000, 0.5, 30, 101), 0.8, 0.3],
};
