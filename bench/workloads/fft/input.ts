import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { spectrumLoss } from "./primal.js";
import { spectrumLossHand } from "./hand.js";

const make = (n: number) => (): Parameters<typeof spectrumLoss> => [
  uniform(n, -1, 1, 71),
  uniform(n, -1, 1, 72),
  Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n)),
  Float64Array.from({ length: n / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / n)),
  uniform(n, 0, 1, 73),
];

export const workload: Workload<typeof spectrumLoss> = {
  name: "fft",
  title: "FFT of 16384 points, in place, and a loss on its spectrum",
  primal: spectrumLoss,
  hand: spectrumLossHand,
  mode: "gradient",
  differentiable: [0, 1],
  small: make(8),
  full: make(16384),
};
