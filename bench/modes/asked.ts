/** The derivatives that `bench/modes.ts` measures. */
import { enzyme } from "enzyme-ts";
import { bundleAdjustment } from "../workloads/ba/primal.js";
import { blackScholes } from "../workloads/black-scholes/primal.js";
import { brusselator } from "../workloads/brusselator/primal.js";
import { spectrumLoss } from "../workloads/fft/primal.js";
import { gmm } from "../workloads/gmm/primal.js";
import { handObjective } from "../workloads/hand-tracking/primal.js";
import { logisticMap } from "../workloads/logistic-map/primal.js";
import { lstm } from "../workloads/lstm/primal.js";
import { matrixProduct } from "../workloads/matrix-product/primal.js";
import { mlp } from "../workloads/mlp/primal.js";
import { nBodyObjects } from "../workloads/n-body-objects/primal.js";
import { nBody } from "../workloads/n-body/primal.js";
import { nestedArrays } from "../workloads/nested-arrays/primal.js";
import { nestedControl } from "../workloads/nested-control/primal.js";
import { polynomialLoop } from "../workloads/polynomial-loop/primal.js";
import { rk4 } from "../workloads/rk4/primal.js";
import { rosenbrock } from "../workloads/rosenbrock/primal.js";
import { transcendentalLoop } from "../workloads/transcendental-loop/primal.js";
import { heat, kinetics, layers, lorenz } from "./primals.js";

/** By the name of the workload: its gradient, and its Hessian times a direction. */
export const products = {
  gmm: [enzyme(gmm, "gradient"), enzyme(gmm, "hvp")],
  ba: [enzyme(bundleAdjustment, "gradient"), enzyme(bundleAdjustment, "hvp")],
  lstm: [enzyme(lstm, "gradient"), enzyme(lstm, "hvp")],
  "hand-tracking": [enzyme(handObjective, "gradient"), enzyme(handObjective, "hvp")],
  "logistic-map": [enzyme(logisticMap, "gradient"), enzyme(logisticMap, "hvp")],
  rosenbrock: [enzyme(rosenbrock, "gradient"), enzyme(rosenbrock, "hvp")],
  "polynomial-loop": [enzyme(polynomialLoop, "gradient"), enzyme(polynomialLoop, "hvp")],
  "transcendental-loop": [enzyme(transcendentalLoop, "gradient"), enzyme(transcendentalLoop, "hvp")],
  rk4: [enzyme(rk4, "gradient"), enzyme(rk4, "hvp")],
  brusselator: [enzyme(brusselator, "gradient"), enzyme(brusselator, "hvp")],
  fft: [enzyme(spectrumLoss, "gradient"), enzyme(spectrumLoss, "hvp")],
  mlp: [enzyme(mlp, "gradient"), enzyme(mlp, "hvp")],
  "matrix-product": [enzyme(matrixProduct, "gradient"), enzyme(matrixProduct, "hvp")],
  "nested-control": [enzyme(nestedControl, "gradient"), enzyme(nestedControl, "hvp")],
  "n-body": [enzyme(nBody, "gradient"), enzyme(nBody, "hvp")],
  "n-body-objects": [enzyme(nBodyObjects, "gradient"), enzyme(nBodyObjects, "hvp")],
  "black-scholes": [enzyme(blackScholes, "gradient"), enzyme(blackScholes, "hvp")],
  "nested-arrays": [enzyme(nestedArrays, "gradient"), enzyme(nestedArrays, "hvp")],
};

/** Forward mode along one direction, along four and eight of them, and the mode made of it. */
export const jacobians = {
  layers: {
    one: enzyme(layers, "forward"),
    four: enzyme(layers, "forward", { width: 4 }),
    eight: enzyme(layers, "forward", { width: 8 }),
    jacobian: enzyme(layers, "jacobian"),
  },
  lorenz: {
    one: enzyme(lorenz, "forward"),
    four: enzyme(lorenz, "forward", { width: 4 }),
    eight: enzyme(lorenz, "forward", { width: 8 }),
    jacobian: enzyme(lorenz, "jacobian"),
  },
  kinetics: {
    one: enzyme(kinetics, "forward"),
    four: enzyme(kinetics, "forward", { width: 4 }),
    eight: enzyme(kinetics, "forward", { width: 8 }),
    jacobian: enzyme(kinetics, "jacobian"),
  },
};

/** A Jacobian of three diagonals, in compressed rows and as an array of rows. */
export const sparse = {
  heat: { sparse: enzyme(heat, "jacobian", { sparse: true }), dense: enzyme(heat, "jacobian") },
};
