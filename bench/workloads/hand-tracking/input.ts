import { randomNumbers, uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { handObjective } from "./primal.js";
import { handObjectiveHand } from "./hand.js";

const make = (bones: number, vertices: number, points: number) => (): Parameters<typeof handObjective> => {
  const next = randomNumbers(31);
  const parents = Int32Array.from({ length: bones }, (_, b) => (b === 0 ? -1 : b % 4 === 1 ? 0 : b - 1));
  const skin = uniform(vertices * bones, 0, 1, 32);
  for (let v = 0; v < vertices; v++) {
    let sum = 0;
    for (let b = 0; b < bones; b++) sum += skin[v * bones + b];
    for (let b = 0; b < bones; b++) skin[v * bones + b] /= sum;
  }
  return [
    uniform(6 + 3 * bones, -0.5, 0.5, 33),
    parents,
    uniform(12 * bones, -0.6, 0.6, 34),
    uniform(12 * bones, -0.6, 0.6, 35),
    skin,
    uniform(3 * vertices, -1, 1, 36),
    uniform(3 * points, -1, 1, 37),
    Int32Array.from({ length: points }, () => Math.floor(next() * vertices)),
  ];
};

export const workload: Workload<typeof handObjective> = {
  name: "hand-tracking",
  title: "HAND (stand-in), 22 bones, 544 vertices, 1000 points",
  primal: handObjective,
  hand: handObjectiveHand,
  mode: "gradient",
  differentiable: [0],
  small: make(5, 9, 7),
  full: make(22, 544, 1000),
};
