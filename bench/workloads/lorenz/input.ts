import type { Workload } from "../../workload.js";
import { lorenz } from "./primal.js";
import { lorenzHand } from "./hand.js";

export const workload: Workload<typeof lorenz> = {
  name: "lorenz",
  title: "Lorenz's system in arrays of three, RK4, 2000 steps",
  primal: lorenz,
  hand: lorenzHand,
  mode: "gradient",
  differentiable: [0, 1, 2, 3, 4],
  small: () => [[1, 1.2, 0.9], 10, 28, 8 / 3, 0.01, 6],
  full: () => [[1, 1.2, 0.9], 10, 28, 8 / 3, 0.0005, 2000],
};
