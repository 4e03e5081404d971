import { randomNumbers, uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { mlp } from "./primal.js";
import { mlpHand } from "./hand.js";

const make = (width: number, hidden: number, classes: number, batch: number) => (): Parameters<typeof mlp> => {
  const next = randomNumbers(81);
  return [
    uniform(hidden * width, -0.3, 0.3, 82),
    uniform(hidden, -0.3, 0.3, 83),
    uniform(classes * hidden, -0.3, 0.3, 84),
    uniform(classes, -0.3, 0.3, 85),
    uniform(batch * width, -1, 1, 86),
    Int32Array.from({ length: batch }, () => Math.floor(next() * classes)),
    width,
  ];
};

export const workload: Workload<typeof mlp> = {
  name: "mlp",
  title: "MLP training step, 64-64-10, batch of 64",
  primal: mlp,
  hand: mlpHand,
  mode: "gradient",
  differentiable: [0, 1, 2, 3],
  small: make(3, 4, 3, 5),
  full: make(64, 64, 10, 64),
};
