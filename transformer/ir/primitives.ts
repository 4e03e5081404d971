/**
 * The scalar operations: name, number of arguments, types, meaning, and where their rule is sampled.
 * Derivatives are in `rules/scalar.ts`, spelling is in `emit/typescript/`; both are tables over these names.
 */

export interface PrimitiveInfo {
  /** Number of arguments; "any" for `Math.max` and its like (none included). */
  readonly arity: number | "any";
  readonly operands: "number" | "boolean" | "any";
  readonly result: "number" | "integer" | "boolean" | "like-operands";
  /** JavaScript's own meaning, bit for bit. */
  readonly evaluate: (...args: number[]) => number;
  /** For each argument an interval away from kinks and singular points, where tests sample the rule. */
  readonly sample: readonly (readonly [low: number, high: number])[];
  /** Costs about a multiplication, or is it a call into a mathematics library? Read by the recording cost model. */
  readonly cost: "cheap" | "dear";
  /** May engines differ in its last bit? Such operations are never folded at build time. */
  readonly exact: boolean;
}

const near: readonly [number, number] = [-2, 2];
const positive: readonly [number, number] = [0.5, 3];

const arithmetic = (
  evaluate: (...args: number[]) => number,
  sample: PrimitiveInfo["sample"],
  extra: Partial<PrimitiveInfo> = {},
): PrimitiveInfo => ({
  arity: sample.length,
  operands: "number",
  result: "number",
  evaluate,
  sample,
  cost: "cheap",
  exact: true,
  ...extra,
});
const transcendental = (evaluate: (...args: number[]) => number, sample: PrimitiveInfo["sample"]): PrimitiveInfo =>
  arithmetic(evaluate, sample, { cost: "dear", exact: false });
const rounding = (evaluate: (x: number) => number): PrimitiveInfo =>
  arithmetic((x = NaN) => evaluate(x), [[0.1, 0.4]], { result: "integer" });
const comparison = (evaluate: (a: number, b: number) => boolean): PrimitiveInfo =>
  arithmetic(
    (a = NaN, b = NaN) => Number(evaluate(a, b)),
    [
      [0, 1],
      [2, 3],
    ],
    { operands: "any", result: "boolean" },
  );
const predicate = (evaluate: (x: number) => boolean): PrimitiveInfo =>
  arithmetic((x = NaN) => Number(evaluate(x)), [positive], { result: "boolean" });
const logical = (evaluate: (...args: number[]) => number, count: number): PrimitiveInfo =>
  arithmetic(
    evaluate,
    Array.from({ length: count }, () => [0, 1] as const),
    { operands: "boolean", result: "boolean" },
  );
const bitwise = (evaluate: (a: number, b: number) => number): PrimitiveInfo =>
  arithmetic(
    (a = 0, b = 0) => evaluate(a, b),
    [
      [5, 9],
      [1, 3],
    ],
    { result: "integer" },
  );

const table = {
  add: arithmetic((a = NaN, b = NaN) => a + b, [near, near]),
  sub: arithmetic((a = NaN, b = NaN) => a - b, [near, near]),
  mul: arithmetic((a = NaN, b = NaN) => a * b, [near, near]),
  div: arithmetic((a = NaN, b = NaN) => a / b, [near, positive]),
  neg: arithmetic((a = NaN) => -a, [near]),
  pow: transcendental((a = NaN, b = NaN) => a ** b, [positive, positive]),
  /** `a % b`, with the sign of a. */
  mod: arithmetic(
    (a = NaN, b = NaN) => a % b,
    [
      [5.2, 5.8],
      [2.1, 2.4],
    ],
  ),
  abs: arithmetic((x = NaN) => Math.abs(x), [positive]),
  sqrt: arithmetic((x = NaN) => Math.sqrt(x), [positive]),
  fround: arithmetic((x = NaN) => Math.fround(x), [near]),

  cbrt: transcendental((x = NaN) => Math.cbrt(x), [positive]),
  exp: transcendental((x = NaN) => Math.exp(x), [near]),
  expm1: transcendental((x = NaN) => Math.expm1(x), [near]),
  log: transcendental((x = NaN) => Math.log(x), [positive]),
  log1p: transcendental((x = NaN) => Math.log1p(x), [positive]),
  log2: transcendental((x = NaN) => Math.log2(x), [positive]),
  log10: transcendental((x = NaN) => Math.log10(x), [positive]),
  sin: transcendental((x = NaN) => Math.sin(x), [near]),
  cos: transcendental((x = NaN) => Math.cos(x), [near]),
  tan: transcendental((x = NaN) => Math.tan(x), [[-1, 1]]),
  asin: transcendental((x = NaN) => Math.asin(x), [[-0.8, 0.8]]),
  acos: transcendental((x = NaN) => Math.acos(x), [[-0.8, 0.8]]),
  atan: transcendental((x = NaN) => Math.atan(x), [near]),
  atan2: transcendental((y = NaN, x = NaN) => Math.atan2(y, x), [positive, positive]),
  sinh: transcendental((x = NaN) => Math.sinh(x), [near]),
  cosh: transcendental((x = NaN) => Math.cosh(x), [near]),
  tanh: transcendental((x = NaN) => Math.tanh(x), [near]),
  asinh: transcendental((x = NaN) => Math.asinh(x), [near]),
  acosh: transcendental((x = NaN) => Math.acosh(x), [[1.5, 3]]),
  atanh: transcendental((x = NaN) => Math.atanh(x), [[-0.8, 0.8]]),
  hypot: { ...transcendental((...xs) => Math.hypot(...xs), [positive, positive, positive]), arity: "any" },
  max: arithmetic(
    (...xs) => Math.max(...xs),
    [
      [0, 1],
      [2, 3],
    ],
    { arity: "any" },
  ),
  min: arithmetic(
    (...xs) => Math.min(...xs),
    [
      [0, 1],
      [2, 3],
    ],
    { arity: "any" },
  ),

  sign: rounding(Math.sign),
  floor: rounding(Math.floor),
  ceil: rounding(Math.ceil),
  round: rounding(Math.round),
  trunc: rounding(Math.trunc),

  lt: comparison((a, b) => a < b),
  le: comparison((a, b) => a <= b),
  gt: comparison((a, b) => a > b),
  ge: comparison((a, b) => a >= b),
  eq: comparison((a, b) => a === b),
  ne: comparison((a, b) => a !== b),
  isNaN: predicate(Number.isNaN),
  /** The global `isNaN`, which makes a number of its operand first: also of what is not there (an element outside). */
  becomesNaN: predicate(Number.isNaN),
  isFinite: predicate(Number.isFinite),
  isInteger: predicate(Number.isInteger),

  and: logical((a = 0, b = 0) => a && b, 2),
  or: logical((a = 0, b = 0) => a || b, 2),
  not: logical((a = 0) => Number(!a), 1),

  bitAnd: bitwise((a, b) => a & b),
  bitOr: bitwise((a, b) => a | b),
  bitXor: bitwise((a, b) => a ^ b),
  bitNot: { ...bitwise((a) => ~a), arity: 1, sample: [[5, 9]] },
  shl: bitwise((a, b) => a << b),
  shr: bitwise((a, b) => a >> b),
  ushr: bitwise((a, b) => a >>> b),
  imul: bitwise(Math.imul),
  clz32: { ...bitwise((a) => Math.clz32(a)), arity: 1, sample: [[5, 9]] },

  /** `test ? a : b`, both evaluated: only for pure, cheap operands. */
  select: {
    arity: 3,
    operands: "any",
    result: "like-operands",
    evaluate: (test = 0, a = NaN, b = NaN) => (test ? a : b),
    sample: [[1, 1], near, near],
    cost: "cheap",
    exact: true,
  },
  /** Strong zero: `guard(d, e)` is 0 where d is 0, else e. e is linear in d, so this only masks 0 * Infinity. */
  guard: arithmetic((d = NaN, e = NaN) => (d === 0 ? 0 : e), [positive, near]),
  /** What was read beyond the end of an array is 0, as if nothing had been added there. */
  orZero: arithmetic((x = 0) => x, [near]),
  /** 0 or 1 for a boolean. */
  toNumber: { ...arithmetic((b = 0) => b, [[0, 1]]), operands: "boolean", result: "integer" },
} satisfies Record<string, PrimitiveInfo>;

export type Primitive = keyof typeof table;
export const primitives: Readonly<Record<Primitive, PrimitiveInfo>> = table;
export const isPrimitive = (name: string): name is Primitive => Object.hasOwn(table, name);
