import type { ApplyOp, Value } from "../ir/ir.js";
import type { Expressions, Reach } from "./expressions.js";
import { asTerm, negate, product, unit, type Term } from "./sum-of-products.js";

/** Operations in one expression beyond which it is left alone. */
const maximalSize = 64;

export interface ReadSum {
  readonly terms: readonly Term[];
  /** The operations that go into it for good; an operation that it reads twice stands there twice. */
  readonly absorbed: readonly ApplyOp[];
  /** How often `-x` of the primal was read as what it is. */
  readonly signs: number;
}

/**
 * The expression that ends in `op` as a sum of products; null where it is too large. `seesSigns`: is `-x` of the
 * primal read as what it is?
 */
export function readSum(op: ApplyOp, expressions: Expressions, reach: Reach, seesSigns: boolean): ReadSum | null {
  const reader = new Reader(expressions, reach, seesSigns);
  const absorbed: ApplyOp[] = [];
  const terms = reader.read(op, absorbed);
  return terms === null ? null : { terms, absorbed, signs: reader.signs };
}

class Reader {
  signs = 0;
  private size = 0;

  constructor(
    private readonly expressions: Expressions,
    private readonly reach: Reach,
    private readonly seesSigns: boolean,
  ) {}

  read(op: ApplyOp, absorbed: ApplyOp[]): readonly Term[] | null {
    absorbed.push(op);
    if (++this.size > maximalSize) return null;
    const [a, b] = op.args;
    const left = a === undefined ? null : this.operand(a, op, absorbed);
    if (left === null) return null;
    if (op.primitive === "neg") return left.map(negate);
    if (b === undefined) return null;
    if (op.primitive === "div") return [this.quotient(left, b, op, absorbed)];
    const right = this.operand(b, op, absorbed);
    if (right === null) return null;
    switch (op.primitive) {
      case "add":
        return [...left, ...right];
      case "sub":
        return [...left, ...right.map(negate)];
      case "mul":
        return [product(left, right)];
      default:
        return null;
    }
  }

  private operand(value: Value, user: ApplyOp, absorbed: ApplyOp[]): readonly Term[] | null {
    const { expressions } = this;
    const coefficient = expressions.numberOf(value);
    if (coefficient !== null) return [{ ...unit, coefficient }];
    const [target] = user.results;
    const inner = expressions.opOf(value);
    if (inner !== null && target !== undefined && expressions.takesIn(user, inner, this.reach)) {
      // what others need stays, with all that it is computed from
      return this.read(inner, expressions.isForeign(value, target) ? [] : absorbed);
    }
    const negated = this.seesSigns ? expressions.negatedBy(value) : null;
    if (negated === null) return [{ ...unit, factors: [value] }];
    this.signs++;
    return [{ ...unit, coefficient: -1, factors: [negated] }];
  }

  private quotient(dividend: readonly Term[], divisor: Value, user: ApplyOp, absorbed: ApplyOp[]): Term {
    const number = this.expressions.numberOf(divisor);
    // a division by a power of two is a product; others are divisions still
    if (number !== null && isPowerOfTwo(number)) return product([{ ...unit, coefficient: 1 / number }], dividend);
    const term = asTerm(dividend);
    const { scale, divisor: rest } = this.splitDivisor(divisor, user, absorbed);
    return { ...term, coefficient: term.coefficient / scale, divisors: [...term.divisors, rest] };
  }

  /** `2 * y` as a divisor: the power of two can go to the coefficient, exactly. */
  private splitDivisor(value: Value, user: ApplyOp, absorbed: ApplyOp[]): { scale: number; divisor: Value } {
    const whole = { scale: 1, divisor: value };
    const op = this.expressions.opOf(value);
    if (op?.primitive !== "mul" || !this.expressions.isUsedOnce(value) || user.args[0] === value) return whole;
    const [a, b] = op.args;
    if (a === undefined || b === undefined) return whole;
    for (const [factor, divisor] of [[a, b] as const, [b, a] as const]) {
      const scale = this.expressions.numberOf(factor);
      if (scale === null || !isPowerOfTwo(scale)) continue;
      absorbed.push(op);
      return { scale, divisor };
    }
    return whole;
  }
}

const isPowerOfTwo = (value: number): boolean => Number.isFinite(1 / value) && Math.log2(Math.abs(value)) % 1 === 0;
