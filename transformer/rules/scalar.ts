/**
 * The derivative of every primitive, once, for both modes.
 *
 * For a scalar operation the local linear map is multiplication by the partial, and is its own
 * transpose: forward mode sums the maps applied to the tangents, reverse mode applies the same maps
 * to the adjoint (Griewank & Walther, Evaluating Derivatives, ch. 3). An entry gives the map
 * `d => partial * d` rather than the partial, so that `d / x` stays a division.
 *
 * Conventions where no derivative exists are the comments on entries.
 */
import type { Primitive } from "../ir/primitives.js";
import {
  add,
  and,
  cos,
  cosh,
  div,
  eq,
  ge,
  gt,
  guard,
  guarded,
  literal,
  log,
  lt,
  max,
  min,
  mul,
  orZero,
  neg,
  pow,
  round,
  select,
  sign,
  sin,
  sinh,
  sqrt,
  sub,
  type Term,
} from "./term.js";

/** d => partial * d; null: zero wherever the derivative exists. */
export type Scale = ((d: Term) => Term) | null;

/** One scale an argument. An argument that is known to be a literal comes as that literal. */
export type ScalarRule = (args: readonly Term[], result: Term) => readonly Scale[];

const zero = literal(0);
const one = literal(1);
const two = literal(2);

const unary =
  (scale: (x: Term, y: Term) => Scale): ScalarRule =>
  ([x], y) => [x === undefined ? null : scale(x, y)];
const binary =
  (scales: (a: Term, b: Term, y: Term) => readonly [Scale, Scale]): ScalarRule =>
  ([a, b], y) =>
    a === undefined || b === undefined ? [] : scales(a, b, y);
const none: ScalarRule = (args) => args.map(() => null);

/**
 * `max` and `min`: at a tie each of the two gets half, the limit of central differences; with more
 * arguments they fold from the left, pair by pair.
 */
const extremum =
  (
    wins: (a: Term, b: Term) => Term,
    loses: (a: Term, b: Term) => Term,
    combine: (...args: Term[]) => Term,
  ): ScalarRule =>
  (args) => {
    const share = (d: Term, a: Term, b: Term): Term =>
      select(wins(a, b), d, select(loses(a, b), zero, mul(literal(0.5), d)));
    const upTo = (count: number): Term => {
      const head = args.slice(0, count);
      return head.length === 1 && head[0] !== undefined ? head[0] : combine(...head);
    };
    return args.map((arg, position) => (d) => {
      let scaled = d;
      for (let later = args.length - 1; later > position; later--) {
        scaled = share(scaled, upTo(later), args[later] ?? zero);
      }
      return position === 0 ? scaled : share(scaled, arg, upTo(position));
    });
  };

/** x ** n for a literal n, as products where that is cheap: only derivative code may do so. */
function power(x: Term, exponent: number): Term {
  switch (exponent) {
    case 0:
      return one;
    case 1:
      return x;
    case 2:
      return mul(x, x);
    case 3:
      return mul(mul(x, x), x);
    default:
      return pow(x, literal(exponent));
  }
}

export const scalarRules: Readonly<Record<Primitive, ScalarRule>> = {
  add: binary(() => [(d) => d, (d) => d]),
  sub: binary(() => [(d) => d, (d) => neg(d)]),
  mul: binary((a, b) => [(d) => mul(d, b), (d) => mul(d, a)]),
  div: binary((_a, b, y) => [
    (d) => guarded(div(d, b), b),
    // the quotient d / b is that of the first map: it is computed once
    (d) => guarded(neg(mul(div(d, b), y)), b),
  ]),
  neg: unary(() => (d) => neg(d)),
  /** d/dx is 0 where y is 0; d/dy is 0 where x is 0 and y is not negative. */
  pow: binary((x, y, r) => [
    (d) => {
      if (y.kind === "literal") {
        if (y.value === 0) return zero;
        const term = mul(d, mul(y, power(x, y.value - 1)));
        // a power that is no integer is not finite at a negative base
        if (!Number.isInteger(y.value)) return guarded(term);
        return y.value >= 1 ? term : guarded(term, x);
      }
      return guarded(mul(d, guard(y, mul(y, pow(x, sub(y, one))))), x);
    },
    (d) => select(and(eq(x, zero), ge(y, zero)), zero, guarded(mul(mul(d, r), log(x)), x)),
  ]),
  /** d/dy is minus the quotient that `%` itself used. */
  mod: binary((x, y, r) => [(d) => d, (d) => neg(mul(d, round(div(sub(x, r), y))))]),
  /** 0 at 0. */
  abs: unary((x) => (d) => mul(d, sign(x))),
  /** Infinity at 0, unless what comes in is 0. */
  sqrt: unary((_x, y) => (d) => guarded(div(d, mul(two, y)), y)),
  /** Passes through: the rounding has no derivative of its own. */
  fround: unary(() => (d) => d),

  cbrt: unary((_x, y) => (d) => guarded(div(d, mul(literal(3), mul(y, y))), y)),
  exp: unary((_x, y) => (d) => mul(d, y)),
  expm1: unary((_x, y) => (d) => mul(d, add(y, one))),
  log: unary((x) => (d) => guarded(div(d, x), x)),
  log1p: unary((x) => (d) => guarded(div(d, add(one, x)))),
  log2: unary((x) => (d) => guarded(div(d, mul(x, literal(Math.LN2))), x)),
  log10: unary((x) => (d) => guarded(div(d, mul(x, literal(Math.LN10))), x)),
  sin: unary((x) => (d) => mul(d, cos(x))),
  cos: unary((x) => (d) => neg(mul(d, sin(x)))),
  tan: unary((_x, y) => (d) => mul(d, add(one, mul(y, y)))),
  asin: unary((x) => (d) => guarded(div(d, sqrt(sub(one, mul(x, x)))))),
  acos: unary((x) => (d) => guarded(neg(div(d, sqrt(sub(one, mul(x, x))))))),
  atan: unary((x) => (d) => div(d, add(one, mul(x, x)))),
  atan2: binary((y, x) => {
    const square = add(mul(x, x), mul(y, y));
    return [(d) => guarded(div(mul(d, x), square), x), (d) => guarded(neg(div(mul(d, y), square)), x)];
  }),
  sinh: unary((x) => (d) => mul(d, cosh(x))),
  cosh: unary((x) => (d) => mul(d, sinh(x))),
  tanh: unary((_x, y) => (d) => mul(d, sub(one, mul(y, y)))),
  asinh: unary((x) => (d) => div(d, sqrt(add(mul(x, x), one)))),
  acosh: unary((x) => (d) => guarded(div(d, sqrt(sub(mul(x, x), one))))),
  atanh: unary((x) => (d) => guarded(div(d, sub(one, mul(x, x))))),
  /** Zeros at the origin. */
  hypot: (args, y) => args.map((x) => (d) => select(eq(y, zero), zero, div(mul(d, x), y))),
  max: extremum(gt, lt, max),
  min: extremum(lt, gt, min),

  sign: none,
  floor: none,
  ceil: none,
  round: none,
  trunc: none,
  lt: none,
  le: none,
  gt: none,
  ge: none,
  eq: none,
  ne: none,
  isNaN: none,
  becomesNaN: none,
  isFinite: none,
  isInteger: none,
  and: none,
  or: none,
  not: none,
  bitAnd: none,
  bitOr: none,
  bitXor: none,
  bitNot: none,
  shl: none,
  shr: none,
  ushr: none,
  imul: none,
  clz32: none,
  toNumber: none,

  select: ([test]) => [
    null,
    (d) => (test === undefined ? d : select(test, d, zero)),
    (d) => (test === undefined ? d : select(test, zero, d)),
  ],
  /** Where a number is missing, so is its tangent. */
  orZero: unary(() => (d) => orZero(d)),
  /** The guarded term is linear in what comes in, so its own derivative passes through. */
  guard: binary(() => [null, (d) => d]),
};
