import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { gmm } from "./primal.js";
import { gmmHand } from "./hand.js";

const make = (d: number, k: number, n: number) => (): Parameters<typeof gmm> => [
  uniform(k, -0.5, 0.5, 1),
  uniform(k * d, -1, 1, 2),
  uniform((k * d * (d + 1)) / 2, -0.3, 0.3, 3),
  uniform(n * d, -1.5, 1.5, 4),
  d,
  k,
  n,
  1,
  0,
];

export const workload: Workload<typeof gmm> = {
  name: "gmm",
  title: "ADBench GMM, d = 10, k = 25, n = 1000",
  primal: gmm,
  hand: gmmHand,
  mode: "gradient",
  differentiable: [0, 1, 2],
  small: make(3, 4, 7),
  full: make(10, 25, 1000),
  scale: { axis: "points", sizes: [250, 500, 1000, 2000, 4000, 8000], make: (n) => make(10, 25, n)() },
};
