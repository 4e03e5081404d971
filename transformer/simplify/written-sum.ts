import { typeOfApplication } from "../ir/build.js";
import type { Op, Origin, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import type { Draft, Iteration } from "./iteration.js";
import { constantOp } from "./rewrite.js";
import { isSum, negate, type Term } from "./sum-of-products.js";

export interface Written {
  readonly ops: readonly Op[];
  readonly cost: number;
  /** How long the result waits for the iteration before. */
  readonly wait: number;
}

/** What a sum is written for, and where. */
export interface Place {
  readonly result: Value;
  /** Is the result only added to an element? Its sign costs nothing then. */
  readonly isAdded: boolean;
  readonly iteration: Iteration;
  readonly isLiteral: (value: Value) => boolean;
}

/** Writes a sum of products as operations, of which the last one gives the result; null where no operation does. */
export function writeSum(terms: readonly Term[], place: Place): Written | null {
  return new Writer(place).write(terms);
}

/** What an operation costs: a division as much as several products. */
export const weight = (primitive: Primitive): number => (primitive === "div" ? 4 : 1);

class Writer {
  private readonly ops: Op[] = [];
  private cost = 0;
  private readonly draft: Draft;
  private readonly isAwaited: boolean;

  constructor(private readonly place: Place) {
    this.draft = place.iteration.draft();
    this.isAwaited = place.iteration.isAwaited(place.result);
  }

  write(terms: readonly Term[]): Written | null {
    const { result, isAdded } = this.place;
    const value = isAdded && terms.every(({ coefficient }) => coefficient < 0) ? this.negative(terms) : this.sum(terms);
    const wait = this.draft.waitOf(value) ?? 0;
    const last = this.ops.at(-1);
    if (last?.results[0] === value && last.kind !== "constant") {
      this.ops[this.ops.length - 1] = { ...last, results: [result] };
    } else if (last === undefined) {
      // a mere operand: folding constants puts it in the place of the product
      const one = this.constant(1);
      this.cost += weight("mul");
      this.ops.push({ kind: "apply", results: [result], primitive: "mul", args: [value, one] });
    } else return null;
    return { ops: this.ops, cost: this.cost, wait };
  }

  private isLate(value: Value): boolean {
    return this.isAwaited && this.draft.waitOf(value) !== null;
  }

  private get origin(): Origin {
    const { span, role } = this.place.result.origin;
    return { span, variable: null, role };
  }

  private apply(primitive: Primitive, args: readonly Value[]): Value {
    const result: Value = { type: typeOfApplication(primitive, args), origin: this.origin };
    const op: Op = { kind: "apply", results: [result], primitive, args };
    this.ops.push(op);
    this.draft.add(op);
    // what is the same in every iteration leaves the loop
    if (!this.draft.isSame(result)) this.cost += weight(primitive);
    return result;
  }

  private constant(value: number): Value {
    const op = constantOp(value, null, this.origin);
    this.ops.push(op);
    return op.results[0];
  }

  /** The negative of a sum that is then subtracted from an element. */
  private negative(terms: readonly Term[]): Value {
    const value = this.apply("neg", [this.sum(terms.map(negate))]);
    if (!this.draft.isSame(value)) this.cost -= weight("neg");
    return value;
  }

  private sum(terms: readonly Term[]): Value {
    const positive = terms.filter(({ coefficient }) => coefficient > 0);
    const negative = terms.filter(({ coefficient }) => coefficient < 0).map(negate);
    if (positive.length === 0) {
      // -2 * x is one product; -(x + y) one sum and a sign
      const [only] = terms;
      if (terms.length === 1 && only !== undefined && only.coefficient !== -1) return this.term(only);
      return this.apply("neg", [this.sum(negative)]);
    }
    const late = this.late(positive);
    if (late !== null && terms.length > 2) {
      // d + (a + b): the sum is ready when d is
      const rest = terms.filter((term) => term !== late.term);
      const isLess = rest.every(({ coefficient }) => coefficient < 0);
      return this.apply(isLess ? "sub" : "add", [late.value, this.sum(isLess ? rest.map(negate) : rest)]);
    }
    let total: Value | null = null;
    for (const term of positive) {
      const value = this.term(term);
      total = total === null ? value : this.apply("add", [total, value]);
    }
    if (total === null) throw new Error("writeSum: an empty sum");
    for (const term of negative) total = this.apply("sub", [total, this.term(term)]);
    return total;
  }

  /** The one term for which all others wait, if it is a mere value that comes from the iteration before. */
  private late(terms: readonly Term[]): { readonly term: Term; readonly value: Value } | null {
    const waiting = terms.filter(({ factors }) => factors.some((one) => isSum(one) || this.isLate(one)));
    const [term] = waiting;
    const [value] = term?.factors ?? [];
    if (term === undefined || value === undefined || isSum(value) || waiting.length > 1) return null;
    const isMere = term.factors.length === 1 && term.divisors.length === 0 && term.coefficient === 1;
    return isMere ? { term, value } : null;
  }

  private term({ coefficient, factors, divisors }: Term): Value {
    const values = factors.map((factor) => (isSum(factor) ? this.sum(factor.terms) : factor));
    const inverses: Value[] = [];
    const others: Value[] = [];
    for (const divisor of divisors) {
      if (this.draft.isSame(divisor) && !this.place.isLiteral(divisor))
        inverses.push(this.apply("div", [this.constant(1), divisor]));
      else others.push(divisor);
    }
    let product: Value | null = coefficient === 1 && values.length > 0 ? null : this.constant(coefficient);
    for (const value of this.inOrder([...values, ...inverses], product === null)) {
      product = product === null ? value : this.apply("mul", [product, value]);
    }
    if (product === null) throw new Error("writeSum: an empty product");
    for (const divisor of others) product = this.apply("div", [product, divisor]);
    return product;
  }

  /** First what leaves the loop as one product, if there is more than one of it; last what comes from the iteration before. */
  private inOrder(factors: readonly Value[], isWhole: boolean): readonly Value[] {
    const alone = isWhole ? 1 : 0;
    const same = factors.filter((value) => this.draft.isSame(value));
    const first = same.length > alone ? same : [];
    const late = factors.filter((value) => this.isLate(value));
    const last = factors.length - late.length > alone ? late : [];
    return [...first, ...factors.filter((value) => !first.includes(value) && !last.includes(value)), ...last];
  }
}
