import { enzyme } from "enzyme-ts";
import { misfit, simulate } from "./pendulum.js";

declare const console: { log(text: string): void };

const step = 0.01;
const observed = simulate(1.3, 0.25, 0.8, step, 200);

/** The derivative, made when this file is compiled: an ordinary typed function, without a trace of the macro. */
const descend = enzyme(misfit, "valueAndGradient");

let length = 1;
let damping = 0.1;
for (let round = 0; round <= 400; round++) {
  const { value, gradient } = descend(length, damping, observed, step);
  if (round % 100 === 0) {
    console.log(
      `${round}: misfit ${value.toExponential(2)}, length ${length.toFixed(3)}, damping ${damping.toFixed(3)}`,
    );
  }
  length -= 1.0 * gradient[0];
  damping -= 0.5 * gradient[1];
}
