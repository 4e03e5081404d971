import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { lstm } from "./primal.js";
import { lstmHand } from "./hand.js";

const make = (layers: number, steps: number, width: number) => (): Parameters<typeof lstm> => [
  uniform(8 * layers * width, -1, 1, 21),
  uniform(3 * width, -1, 1, 22),
  uniform(2 * layers * width, -0.5, 0.5, 23),
  uniform((steps + 1) * width, 0, 1, 24),
  layers,
  width,
];

export const workload: Workload<typeof lstm> = {
  name: "lstm",
  title: "ADBench LSTM, 2 layers of 14, 1024 steps",
  primal: lstm,
  hand: lstmHand,
  mode: "gradient",
  differentiable: [0, 1],
  small: make(2, 4, 3),
  full: make(2, 1024, 14),
  scale: { axis: "steps", sizes: [256, 512, 1024, 2048, 4096, 8192], make: (steps) => make(2, steps, 14)() },
};
