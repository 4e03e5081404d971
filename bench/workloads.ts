import type { AnyWorkload, Workload } from "./workload.js";
import { workload as ba } from "./workloads/ba/input.js";
import { workload as blackScholes } from "./workloads/black-scholes/input.js";
import { workload as brusselator } from "./workloads/brusselator/input.js";
import { workload as fft } from "./workloads/fft/input.js";
import { workload as gmm } from "./workloads/gmm/input.js";
import { workload as handTracking } from "./workloads/hand-tracking/input.js";
import { workload as logisticMap } from "./workloads/logistic-map/input.js";
import { workload as lorenz } from "./workloads/lorenz/input.js";
import { workload as lstm } from "./workloads/lstm/input.js";
import { workload as matrixProduct } from "./workloads/matrix-product/input.js";
import { workload as mlp } from "./workloads/mlp/input.js";
import { workload as nBody } from "./workloads/n-body/input.js";
import { workload as nBodyObjects } from "./workloads/n-body-objects/input.js";
import { workload as nestedArrays } from "./workloads/nested-arrays/input.js";
import { workload as nestedControl } from "./workloads/nested-control/input.js";
import { workload as norm } from "./workloads/norm/input.js";
import { workload as polynomialLoop } from "./workloads/polynomial-loop/input.js";
import { workload as rk4 } from "./workloads/rk4/input.js";
import { workload as rosenbrock } from "./workloads/rosenbrock/input.js";
import { workload as transcendentalLoop } from "./workloads/transcendental-loop/input.js";

/** Forgets the function's type: its arguments always come from the workload itself. */
function erase<F extends (...args: never[]) => number | void>(workload: Workload<F>): AnyWorkload {
  return workload as unknown as AnyWorkload;
}

/** The suite, ADBench's four first. */
export const workloads: readonly AnyWorkload[] = [
  erase(gmm),
  erase(ba),
  erase(lstm),
  erase(handTracking),
  erase(logisticMap),
  erase(rosenbrock),
  erase(norm),
  erase(polynomialLoop),
  erase(transcendentalLoop),
  erase(rk4),
  erase(lorenz),
  erase(brusselator),
  erase(fft),
  erase(mlp),
  erase(matrixProduct),
  erase(nestedControl),
  erase(nBody),
  erase(nBodyObjects),
  erase(blackScholes),
  erase(nestedArrays),
];
