import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { nestedArrays } from "./primal.js";
import { nestedArraysHand } from "./hand.js";

const make = (n: number, rounds: number) => (): Parameters<typeof nestedArrays> => {
  const flat = uniform(n * n, -1, 1, 131);
  return [
    Array.from({ length: n }, (_, i) => Array.from(flat.subarray(i * n, i * n + n), (v) => (1.2 * v) / Math.sqrt(n))),
    Array.from(uniform(n, -0.5, 0.5, 132)),
    Array.from(uniform(n, -1, 1, 133)),
    rounds,
  ];
};

export const workload: Workload<typeof nestedArrays> = {
  name: "nested-arrays",
  title: "tight loops over number[][], 64 x 64, 100 rounds",
  primal: nestedArrays,
  hand: nestedArraysHand,
  mode: "gradient",
  differentiable: [0, 1, 2],
  small: make(4, 3),
  full: make(64, 100),
};
