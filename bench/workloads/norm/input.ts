import { uniform } from "../../random.js";
import type { Workload } from "../../workload.js";
import { norm } from "./primal.js";
import { normFrugal, normHand } from "./hand.js";

const make = (n: number) => (): Parameters<typeof norm> => [new Float64Array(n), uniform(n, -1, 1, 43)];

/** The primal as written is quadratic: its own time says nothing. */
export const workload: Workload<typeof norm> = {
  name: "norm",
  title: "out[i] = x[i] / mag(x), 4000 elements (against the primal with mag(x) out of the loop)",
  primal: norm,
  frugalPrimal: normFrugal,
  hand: normHand,
  mode: "reverse",
  differentiable: [0, 1],
  results: [0],
  small: make(6),
  full: make(4000),
  scale: { axis: "elements", sizes: [500, 1000, 2000, 4000, 8000, 16000], make: (n) => make(n)() },
};
