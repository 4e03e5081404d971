import type { Workload } from "../../workload.js";
import { logisticMap } from "./primal.js";
import { logisticMapHand } from "./hand.js";

/** Where the map begins to oscillate: derivatives through many steps neither vanish nor overflow there. */
const edge = 3;

export const workload: Workload<typeof logisticMap> = {
  name: "logistic-map",
  title: "logistic map, 1000000 steps",
  primal: logisticMap,
  hand: logisticMapHand,
  mode: "gradient",
  differentiable: [0, 1],
  small: () => [0.3, 3.2, 40],
  full: () => [0.3, edge, 1_000_000],
  scale: {
    axis: "steps",
    sizes: [62_500, 125_000, 250_000, 500_000, 1_000_000, 2_000_000],
    make: (n) => [0.3, edge, n],
  },
};
