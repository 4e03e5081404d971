/** The bounds of counted loops on paper. */
import type { Type } from "../ir/ir.js";
import { apply, literal, partsOf, type Expression } from "./tree.js";

/** May it be computed again at every iteration? */
export function isCheapBound(bound: Expression): boolean {
  switch (bound.kind) {
    case "literal":
    case "local":
      return true;
    case "length":
      return bound.array.kind === "local";
    case "apply":
      return (bound.primitive === "add" || bound.primitive === "sub") && partsOf(bound).every(isCheapOperand);
    default:
      return false;
  }
}
const isCheapOperand = (part: Expression): boolean =>
  part.kind === "local" || part.kind === "literal" || (part.kind === "length" && part.array.kind === "local");

/** How often a range without a stop is run through; integers only. */
export function tripCount(from: Expression, to: Expression, step: number, inclusive: boolean, type: Type): Expression {
  const [low, high] = step > 0 ? [from, to] : [to, from];
  const startsAtZero = low.kind === "literal" && low.value === 0;
  if (startsAtZero && high.kind === "length" && step === 1 && !inclusive) return high;
  let span = startsAtZero ? high : difference(high, low);
  if (inclusive) span = apply("add", span, literal(1));
  const size = Math.abs(step);
  if (size !== 1 || type.kind !== "integer") {
    const whole = inclusive ? apply("sub", span, literal(1)) : span;
    const steps = size === 1 ? whole : apply("div", whole, literal(size));
    span = inclusive ? apply("add", apply("floor", steps), literal(1)) : apply("ceil", steps);
  }
  return apply("max", span, literal(0));
}

/** `n - 1 - 2` is `n - 3`. */
function difference(high: Expression, low: Expression): Expression {
  const isShifted = high.kind === "apply" && (high.primitive === "sub" || high.primitive === "add");
  const [base, offset] = isShifted ? high.args : [];
  if (!isShifted || base === undefined || offset?.kind !== "literal" || low.kind !== "literal") {
    return apply("sub", high, low);
  }
  if (typeof offset.value !== "number" || typeof low.value !== "number") return apply("sub", high, low);
  const shift = (high.primitive === "add" ? offset.value : -offset.value) - low.value;
  return shift === 0 ? base : apply(shift > 0 ? "add" : "sub", base, literal(Math.abs(shift)));
}
