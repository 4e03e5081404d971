import type { Const, int } from "enzyme-ts";

/** Integrates the swing with the given length and damping, and records the angle before every step. */
export function simulate(length: number, damping: number, start: number, step: number, count: int): Float64Array {
  const angles = new Float64Array(count);
  let angle = start;
  let speed = 0;
  for (let i = 0; i < count; i++) {
    angles[i] = angle;
    speed += step * ((-9.81 / length) * Math.sin(angle) - damping * speed);
    angle += step * speed;
  }
  return angles;
}

/**
 * How far a pendulum of this length and damping is from what was observed: the mean of the squared differences.
 *
 * @enzyme valueAndGradient
 */
export function misfit(length: number, damping: number, observed: Const<Float64Array>, step: Const<number>): number {
  let angle = observed[0];
  let speed = 0;
  let sum = 0;
  for (let i = 1; i < observed.length; i++) {
    speed += step * ((-9.81 / length) * Math.sin(angle) - damping * speed);
    angle += step * speed;
    const difference = angle - observed[i];
    sum += difference * difference;
  }
  return sum / observed.length;
}
