import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { brusselator } from "./primal.js";
import { brusselatorHand } from "./hand.js";

const make = (n: number, steps: number) => (): Parameters<typeof brusselator> => [
  uniform(n * n, 0.5, 1.5, 61),
  uniform(n * n, 2, 3, 62),
  3.4,
  1,
  0.5,
  n,
  0.005,
  steps,
];

export const workload: Workload<typeof brusselator> = {
  name: "brusselator",
  title: "Brusselator, 32 x 32, 200 steps",
  primal: brusselator,
  hand: brusselatorHand,
  mode: "gradient",
  differentiable: [0, 1, 2, 3, 4],
  small: make(3, 4),
  full: make(32, 200),
  scale: { axis: "steps", sizes: [50, 100, 200, 400, 800, 1600], make: (steps) => make(32, steps)() },
};
