import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { blackScholes } from "./primal.js";
import { blackScholesHand } from "./hand.js";

const make = (n: number) => (): Parameters<typeof blackScholes> => [
  uniform(n, 80, 120, 121),
  uniform(n, 80, 120, 122),
  uniform(n, 0.1, 0.5, 123),
  uniform(n, 0.2, 2, 124),
  0.03,
];

export const workload: Workload<typeof blackScholes> = {
  name: "black-scholes",
  title: "Black-Scholes, a batch of 50000",
  primal: blackScholes,
  hand: blackScholesHand,
  mode: "gradient",
  differentiable: [0, 1, 2, 3, 4],
  small: make(6),
  full: make(50_000),
};
