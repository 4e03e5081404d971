import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { matrixProduct } from "./primal.js";
import { matrixProductHand } from "./hand.js";

const make = (n: number) => (): Parameters<typeof matrixProduct> => [
  uniform(n * n, -1, 1, 91),
  uniform(n * n, -1, 1, 92),
  n,
];

export const workload: Workload<typeof matrixProduct> = {
  name: "matrix-product",
  title: "matrix product, 128 x 128",
  primal: matrixProduct,
  hand: matrixProductHand,
  mode: "gradient",
  differentiable: [0, 1],
  small: make(3),
  full: make(128),
};
