import { Definitions } from "../analyze/definitions.js";
import type { Compilation } from "../compilation.js";
import { typeOfApplication } from "../ir/build.js";
import { exitOperands, operandsOf, regionsOf } from "../ir/traverse.js";
import type { ApplyOp, IRFunction, LoopOp, Op, Origin, Region, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { Iteration, type Draft } from "./iteration.js";
import { constantOp, withBody, withOps, withRegions } from "./rewrite.js";

/** Operations in one expression beyond which it is left alone. */
const maximalSize = 64;

/**
 * Collects terms and factors in derivative code, where that saves work, or lets the next iteration begin earlier.
 *
 *   2 * (100 * t)  =>  200 * t        d * t + d * t  =>  2 * d * t       a * d + b * d  =>  (a + b) * d
 *   x - -y         =>  x + y          -a - b         =>  -(a + b)        (-a) * b       =>  -(a * b)
 *
 * and in a loop, where `c` and `e` are the same in all iterations and `d` comes from the one before:
 *
 *   d * a * b      =>  d * (a * b)    c * x * e      =>  (c * e) * x     x / c          =>  (1 / c) * x
 *
 * An expression is what one region computes with `+ - * /` for one result alone; it is brought into the form of a
 * sum of products, like terms are added up, common factors taken out, and it is written again if that takes fewer
 * operations. Regrouping changes the last bits, which is why only results that are derivatives themselves, and
 * serve derivatives alone, are rewritten: never a value of the primal. Divisors are never multiplied together,
 * and terms that cancel stay, so that no NaN or Infinity is lost on the way.
 */
export function collectTerms(fn: IRFunction, _compilation: Compilation): IRFunction {
  const users = findUsers(fn);
  if (!users.hasDerivatives) return fn;
  const definitions = new Definitions(fn);
  const visit = (region: Region, loop: LoopOp | null, around: Quotients): Region => {
    const quotients = new Quotients(around, definitions, users);
    const iteration = new Iteration(region, loop, isDerivative);
    const collection = new Collection(region, users, definitions, iteration, quotients);
    const inner = (op: Op): Op => withRegions(op, (one) => visit(one, op.kind === "loop" ? op : null, quotients));
    const rewrite = (op: Op): readonly Op[] => {
      const ops = collection.rewrite(inner(op));
      ops.forEach((one) => quotients.note(one));
      return ops;
    };
    return withOps(region, region.ops.flatMap(rewrite));
  };
  return withBody(fn, visit(fn.body, null, new Quotients(null, definitions, users)));
}

/**
 * Quotients that the primal computes in any case: `q = a / b`, so that `d * a / b` is `d * q`; `r = sqrt(a)`, which is `a / r`;
 * `t = 1 / b`, with which `d / b` is `d * t`.
 */
class Quotients {
  private readonly own = new Map<Value, (readonly [dividend: Value | null, quotient: Value])[]>();

  constructor(
    private readonly around: Quotients | null,
    private readonly definitions: Definitions,
    private readonly users: Users,
  ) {}

  note(op: Op): void {
    if (op.kind !== "apply") return;
    const [result] = op.results;
    const [a, b] = op.args;
    if (result === undefined || a === undefined || isDerivative(result) || !this.users.of.has(result)) return;
    if (op.primitive === "sqrt") this.add(result, a, result);
    if (op.primitive !== "div" || b === undefined) return;
    if (this.definitions.isLiteral(a, 1)) this.add(b, null, result);
    else if (this.users.primal.has(result)) this.add(b, a, result);
  }

  private add(divisor: Value, dividend: Value | null, quotient: Value): void {
    const known = this.own.get(divisor);
    if (known === undefined) this.own.set(divisor, [[dividend, quotient]]);
    else known.push([dividend, quotient]);
  }

  /** Of one of the factors, or of 1 (null), by the divisor. */
  find(
    factors: readonly Factor[],
    divisor: Value,
  ): { readonly dividend: Value | null; readonly quotient: Value } | null {
    for (const [dividend, quotient] of this.own.get(divisor) ?? []) {
      if (dividend === null || factors.includes(dividend)) return { dividend, quotient };
    }
    return this.around?.find(factors, divisor) ?? null;
  }
}

interface Users {
  /** The operations that compute with a value, or add it to an element; null where there are other uses. */
  readonly of: ReadonlyMap<Value, readonly Op[] | null>;
  /** Values that the primal computes with. */
  readonly primal: ReadonlySet<Value>;
  readonly hasDerivatives: boolean;
}

const isDerivative = ({ origin }: Value): boolean => origin.role === "adjoint" || origin.role === "tangent";

function findUsers(fn: IRFunction): Users {
  const of = new Map<Value, Op[] | null>();
  const primal = new Set<Value>();
  let hasDerivatives = false;
  const use = (value: Value, by: Op | null): void => {
    const known = of.get(value);
    if (by === null) of.set(value, null);
    else if (known === undefined) of.set(value, [by]);
    else if (known !== null && known.at(-1) !== by) known.push(by);
  };
  /** What stands for `to` afterwards: a primal's result, carried value or element. */
  const flow = (value: Value | undefined, to: Value | undefined): void => {
    if (value === undefined) return;
    use(value, null);
    if (to === undefined || !isDerivative(to)) primal.add(value);
  };
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      hasDerivatives ||= op.results.some(isDerivative);
      const [result] = op.results;
      for (const value of operandsOf(op)) use(value, op.kind === "apply" || op.kind === "accumulate" ? op : null);
      switch (op.kind) {
        case "apply":
          if (result !== undefined && !isDerivative(result)) op.args.forEach((value) => primal.add(value));
          break;
        case "store":
        case "accumulate":
          if (!isDerivative(op.at.base)) primal.add(op.value);
          break;
        case "push":
          if (!isDerivative(op.array)) primal.add(op.value);
          break;
        case "if":
          primal.add(op.test);
          for (const { exit } of [op.then, op.else]) {
            if (exit.kind === "yield") exit.values.forEach((value, k) => flow(value, op.results[k]));
          }
          break;
        case "loop": {
          const [, ...carried] = op.body.params;
          op.initial.forEach((value, k) => flow(value, carried[k]));
          const { exit } = op.body;
          if (exit.kind === "yield") exit.values.forEach((value, k) => flow(value, carried[k - 1]));
          break;
        }
        case "load":
        case "allocate":
        case "call":
        case "opaque":
        case "grow":
          operandsOf(op).forEach((value) => flow(value, result));
          break;
        default:
          break;
      }
      regionsOf(op).forEach(visit);
    }
    if (region.exit.kind !== "yield") exitOperands(region.exit).forEach((value) => use(value, null));
  };
  visit(fn.body);
  return { of, primal, hasDerivatives };
}

/** A factor is a value, or a sum that is not multiplied out. */
type Factor = Value | Sum;

/** coefficient * factors / divisors */
interface Term {
  readonly coefficient: number;
  readonly factors: readonly Factor[];
  readonly divisors: readonly Value[];
}

class Sum {
  constructor(readonly terms: readonly Term[]) {}
}

const isSum = (factor: Factor): factor is Sum => factor instanceof Sum;

interface Rewriting {
  readonly ops: readonly Op[];
  /** How much cheaper it is. */
  readonly saved: number;
  /** How many operations shorter the way is from what a loop carries to the result. */
  readonly shortened: number;
  /** How many values that need a name of their own it does without. */
  readonly unnamed: number;
}

/** Cheaper; at the same cost shorter where the next iteration waits for it, or with fewer names. */
function isBetter(one: Rewriting, other: Rewriting): boolean {
  if (one.saved !== other.saved) return one.saved > other.saved;
  if (one.shortened !== other.shortened) return one.shortened > other.shortened;
  return one.unnamed > other.unnamed;
}

/** Can an expression go on from an operation into its operand? */
function mayTakeIn(user: ApplyOp, op: ApplyOp): boolean {
  const [result] = op.results;
  if (result === undefined || (user.primitive === "div" && user.args[1] === result)) return false;
  // a sum of the primal stays as it is: taken apart, `1 - x` loses what x has in common with 1
  return (op.primitive !== "add" && op.primitive !== "sub") || isDerivative(result);
}

/**
 * Through operations that it alone uses, once; that it alone uses; or also through those that others need, which
 * then are computed all the same.
 */
type Reach = "once" | "own" | "others";

const collected: ReadonlySet<Primitive> = new Set(["add", "sub", "mul", "div", "neg"]);

class Collection {
  private readonly own = new Map<Value, ApplyOp>();
  /** The expression that each operation belongs to, by its result: all who use the operation belong to it, too. */
  private readonly expression = new Map<Value, Value>();
  private readonly numbers = new Map<Value, number>();
  /** Is `-x` of the primal read as what it is, and how often was it? */
  private seesSigns = false;
  private signs = 0;
  /** How far the expression being read goes on. */
  private reach: Reach = "once";
  private size = 0;

  constructor(
    region: Region,
    private readonly users: Users,
    private readonly definitions: Definitions,
    private readonly iteration: Iteration,
    private readonly quotients: Quotients,
  ) {
    for (const op of region.ops) {
      const [result] = op.results;
      if (op.kind === "apply" && result !== undefined && collected.has(op.primitive)) this.own.set(result, op);
    }
    for (const [result, op] of [...this.own].reverse()) this.expression.set(result, this.findExpression(result, op));
  }

  private findExpression(result: Value, op: ApplyOp): Value {
    const users = this.users.of.get(result) ?? [];
    let found: Value | null = null;
    for (const user of users) {
      const [target] = user.results;
      const expression = target === undefined ? undefined : this.expression.get(target);
      if (user.kind !== "apply" || expression === undefined || !mayTakeIn(user, op)) return result;
      if (found !== null && found !== expression) return result;
      found = expression;
    }
    return found !== null && this.mayRewrite(found) ? found : result;
  }

  /** A derivative, for derivatives alone. */
  private mayRewrite(value: Value): boolean {
    return isDerivative(value) && !this.users.primal.has(value) && value.type.kind === "number";
  }

  private isUsedOnce(value: Value): boolean {
    return this.users.of.get(value)?.length === 1;
  }

  private takesIn(user: ApplyOp, op: ApplyOp): boolean {
    const [[target], [result]] = [user.results, op.results];
    if (target === undefined || result === undefined) return false;
    if (this.isForeign(result, target)) {
      // a sum that others need is a factor as it is
      const isProduct = op.primitive === "mul" || op.primitive === "neg";
      return this.reach === "others" && isProduct && mayTakeIn(user, op) && this.mayRewrite(result);
    }
    return this.reach !== "once" || this.isUsedOnce(result);
  }

  /** Does a value that `target` is computed from belong to another expression? */
  private isForeign(value: Value, target: Value): boolean {
    return this.expression.get(value) === value || this.expression.get(value) !== this.expression.get(target);
  }

  rewrite(op: Op): readonly Op[] {
    const [result] = op.results;
    if (op.kind !== "apply" || result === undefined || !this.own.has(result) || !this.mayRewrite(result)) return [op];
    const isWhole = this.expression.get(result) === result;
    if (!isWhole && this.isUsedOnce(result)) return [op];
    const waits = (this.iteration.waitOf(result) ?? 0) > 1;
    let best: Rewriting = { ops: [op], saved: 0, shortened: 0, unnamed: 0 };
    for (const reach of [
      "once",
      ...(isWhole ? ["own" as const] : []),
      ...(isWhole && waits ? ["others" as const] : []),
    ] as const) {
      this.reach = reach;
      for (const seesSigns of [false, true]) {
        this.seesSigns = seesSigns;
        const found = this.tryRewriting(op, result);
        if (found !== null && isBetter(found, best)) best = found;
      }
    }
    return best.ops;
  }

  private tryRewriting(op: ApplyOp, result: Value): Rewriting | null {
    const absorbed: ApplyOp[] = [];
    this.size = 0;
    this.signs = 0;
    const sum = this.read(op, absorbed);
    if (this.seesSigns && this.signs === 0) return null;
    const better = sum === null ? null : this.collect(sum);
    if (better === null) return null;
    // an element is subtracted from as cheaply as it is added to
    const [user] = this.users.of.get(result) ?? [];
    const isAdded = user?.kind === "accumulate" && this.isUsedOnce(result);
    const free = isAdded && op.primitive === "neg" ? 1 : 0;
    const own = [...new Set(absorbed)];
    const before = own.reduce((cost, one) => cost + this.costOf(one), -free);
    const isLiteral = (value: Value): boolean => this.definitions.opOf(value)?.kind === "constant";
    const writer = new Writer(result, isAdded, this.iteration, isLiteral);
    writer.finish(better);
    if (!writer.isSound) return null;
    const waited = this.iteration.waitOf(result);
    return {
      ops: writer.ops,
      saved: before - writer.cost,
      shortened: waited === null ? 0 : waited - writer.wait,
      unnamed: own.filter((one) => one !== op && usesIn(own, one.results[0]) > 1).length + Math.min(this.signs, 1),
    };
  }

  /** What is the same in every iteration leaves the loop. */
  private costOf({ primitive, args }: ApplyOp): number {
    return args.every((value) => this.iteration.isSame(value)) ? 0 : weight(primitive);
  }

  /** The operation as a sum of products, and what goes into it for good; null where it is too large. */
  private read(op: ApplyOp, absorbed: ApplyOp[]): readonly Term[] | null {
    absorbed.push(op);
    if (++this.size > maximalSize) return null;
    const [target] = op.results;
    const [a, b] = op.args;
    if (a === undefined) return null;
    const operand = (value: Value): readonly Term[] | null => {
      const literal = this.definitions.opOf(value);
      if (literal?.kind === "constant" && typeof literal.value === "number" && literal.text === null) {
        return [{ coefficient: literal.value, factors: [], divisors: [] }];
      }
      const inner = this.own.get(value);
      if (inner !== undefined && target !== undefined && this.takesIn(op, inner)) {
        // what others need stays, with all that it is computed from
        return this.read(inner, this.isForeign(value, target) ? [] : absorbed);
      }
      const isNegative = literal?.kind === "apply" && literal.primitive === "neg" && !isDerivative(value);
      if (this.seesSigns && isNegative && literal.args[0] !== undefined) {
        this.signs++;
        return [{ coefficient: -1, factors: [literal.args[0]], divisors: [] }];
      }
      return [{ coefficient: 1, factors: [value], divisors: [] }];
    };
    const left = operand(a);
    if (left === null) return null;
    if (op.primitive === "neg") return left.map(negate);
    if (b === undefined) return null;
    if (op.primitive === "div") {
      const divisor = this.definitions.opOf(b);
      const isPlain = divisor?.kind === "constant" && divisor.text === null;
      if (isPlain && typeof divisor.value === "number") {
        // a division by a power of two is a product; others are divisions still
        if (isPowerOfTwo(divisor.value)) {
          return [this.product([{ coefficient: 1 / divisor.value, factors: [], divisors: [] }], left)];
        }
      }
      const [only] = left;
      const term: Term =
        left.length === 1 && only !== undefined ? only : { coefficient: 1, factors: [new Sum(left)], divisors: [] };
      const { scale, divisor: rest } = this.splitDivisor(b, op, absorbed);
      return [{ ...term, coefficient: term.coefficient / scale, divisors: [...term.divisors, rest] }];
    }
    const right = operand(b);
    if (right === null) return null;
    switch (op.primitive) {
      case "add":
        return [...left, ...right];
      case "sub":
        return [...left, ...right.map(negate)];
      case "mul":
        return [this.product(left, right)];
      default:
        return null;
    }
  }

  /** `2 * y` as a divisor: the power of two can go to the coefficient, exactly. */
  private splitDivisor(value: Value, user: ApplyOp, absorbed: ApplyOp[]): { scale: number; divisor: Value } {
    const op = this.own.get(value);
    const [a, b] = op?.args ?? [];
    const isOwn = op !== undefined && this.isUsedOnce(value) && user.args[0] !== value;
    if (!isOwn || op.primitive !== "mul" || a === undefined || b === undefined) return { scale: 1, divisor: value };
    for (const [factor, other] of [[a, b] as const, [b, a] as const]) {
      const literal = this.definitions.opOf(factor);
      if (literal?.kind !== "constant" || literal.text !== null || typeof literal.value !== "number") continue;
      if (!isPowerOfTwo(literal.value)) continue;
      absorbed.push(op);
      return { scale: literal.value, divisor: other };
    }
    return { scale: 1, divisor: value };
  }

  private product(left: readonly Term[], right: readonly Term[]): Term {
    let result: Term = { coefficient: 1, factors: [], divisors: [] };
    for (const side of [left, right]) {
      const [only] = side;
      const term: Term =
        side.length === 1 && only !== undefined ? only : { coefficient: 1, factors: [new Sum(side)], divisors: [] };
      result = {
        coefficient: result.coefficient * term.coefficient,
        factors: [...result.factors, ...term.factors],
        divisors: [...result.divisors, ...term.divisors],
      };
    }
    return result;
  }

  private number(value: Value): number {
    let number = this.numbers.get(value);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(value, number);
    }
    return number;
  }

  /** The same for equal products, whatever the order of their factors; sums are equal to themselves alone. */
  private keyOf(term: Term): string {
    const factors = term.factors.map((factor) => (isSum(factor) ? this.sumKey(factor) : String(this.number(factor))));
    const divisors = term.divisors.map((value) => this.number(value));
    return `${factors.sort().join("*")}/${divisors.sort((a, b) => a - b).join("/")}`;
  }

  private sumKey(sum: Sum): string {
    return `(${sum.terms
      .map((term) => `${term.coefficient}:${this.keyOf(term)}`)
      .sort()
      .join("+")})`;
  }

  /** Adds up like terms and takes out common factors; null where terms cancel. */
  private collect(terms: readonly Term[]): readonly Term[] | null {
    const byKey = new Map<string, Term>();
    for (const term of terms) {
      const inner = this.collectFactors(term);
      if (inner === null) return null;
      const key = this.keyOf(inner);
      const like = byKey.get(key);
      byKey.set(key, like === undefined ? inner : { ...like, coefficient: like.coefficient + inner.coefficient });
    }
    const sums = [...byKey.values()];
    if (sums.some(({ coefficient }) => coefficient === 0 || !Number.isFinite(coefficient))) return null;
    return this.factorOut(sums);
  }

  private collectFactors(term: Term): Term | null {
    let { coefficient } = term;
    const factors: Factor[] = [];
    for (const factor of term.factors) {
      if (!isSum(factor)) {
        factors.push(factor);
        continue;
      }
      const inner = this.collect(factor.terms);
      if (inner === null) return null;
      const [only] = inner;
      if (inner.length === 1 && only !== undefined && only.divisors.length === 0) {
        coefficient *= only.coefficient;
        factors.push(...only.factors);
      } else factors.push(new Sum(inner));
    }
    return this.reuseQuotients({ coefficient, factors, divisors: term.divisors });
  }

  private reuseQuotients(term: Term): Term {
    let { factors } = term;
    const divisors = term.divisors.filter((divisor) => {
      const found = this.quotients.find(factors, divisor);
      if (found === null) return true;
      const at = found.dividend === null ? -1 : factors.indexOf(found.dividend);
      factors = at < 0 ? [...factors, found.quotient] : factors.map((one, k) => (k === at ? found.quotient : one));
      return false;
    });
    return { ...term, factors, divisors };
  }

  /** a * d + b * d => (a + b) * d: the factor or divisor that most terms share, again and again. */
  private factorOut(terms: readonly Term[]): readonly Term[] {
    if (terms.length < 2) return terms;
    const counts = new Map<Value, number>();
    const divisorCounts = new Map<Value, number>();
    const coefficients = new Map<number, number>();
    const count = <K>(map: Map<K, number>, key: K): void => void map.set(key, (map.get(key) ?? 0) + 1);
    for (const { factors, divisors, coefficient } of terms) {
      for (const factor of new Set(factors)) if (!isSum(factor)) count(counts, factor);
      for (const divisor of new Set(divisors)) count(divisorCounts, divisor);
      if (Math.abs(coefficient) !== 1) count(coefficients, Math.abs(coefficient));
    }
    const best = <K>(map: ReadonlyMap<K, number>): readonly [K, number] | null => {
      let found: readonly [K, number] | null = null;
      for (const entry of map) if (entry[1] > 1 && (found === null || entry[1] > found[1])) found = entry;
      return found;
    };
    const divisor = best(divisorCounts);
    if (divisor !== null) {
      const [value] = divisor;
      return this.takeOut(
        terms,
        (term) => {
          const at = term.divisors.indexOf(value);
          return at < 0 ? null : { ...term, divisors: term.divisors.filter((_, k) => k !== at) };
        },
        { coefficient: 1, factors: [], divisors: [value] },
      );
    }
    const factor = best(counts);
    if (factor !== null) {
      const [value] = factor;
      return this.takeOut(
        terms,
        (term) => {
          const at = term.factors.indexOf(value);
          return at < 0 ? null : { ...term, factors: term.factors.filter((_, k) => k !== at) };
        },
        { coefficient: 1, factors: [value], divisors: [] },
      );
    }
    const coefficient = best(coefficients);
    if (coefficient !== null) {
      const [size] = coefficient;
      return this.takeOut(
        terms,
        (term) => (Math.abs(term.coefficient) === size ? { ...term, coefficient: Math.sign(term.coefficient) } : null),
        { coefficient: size, factors: [], divisors: [] },
      );
    }
    return terms;
  }

  private takeOut(terms: readonly Term[], divide: (term: Term) => Term | null, common: Term): readonly Term[] {
    const inside: Term[] = [];
    const outside: Term[] = [];
    let first = -1;
    terms.forEach((term) => {
      const quotient = divide(term);
      if (quotient === null) outside.push(term);
      else {
        if (first < 0) first = outside.length;
        inside.push(quotient);
      }
    });
    // -a * d - b * d: the sign goes outside
    const negative = inside.every(({ coefficient }) => coefficient < 0);
    const sum = this.factorOut(negative ? inside.map(negate) : inside);
    const sign = negative ? -1 : 1;
    const [only] = sum;
    const product: Term =
      sum.length === 1 && only !== undefined
        ? {
            coefficient: sign * common.coefficient * only.coefficient,
            factors: [...common.factors, ...only.factors],
            divisors: [...only.divisors, ...common.divisors],
          }
        : {
            coefficient: sign * common.coefficient,
            factors: [...common.factors, new Sum(sum)],
            divisors: common.divisors,
          };
    return this.factorOut([...outside.slice(0, first), product, ...outside.slice(first)]);
  }
}

const usesIn = (ops: readonly ApplyOp[], value: Value | undefined): number =>
  ops.reduce((count, { args }) => count + args.filter((arg) => arg === value).length, 0);

const isPowerOfTwo = (value: number): boolean => Number.isFinite(1 / value) && Math.log2(Math.abs(value)) % 1 === 0;

const negate = (term: Term): Term => ({ ...term, coefficient: -term.coefficient });

/** A division counts for several products. */
const weight = (primitive: Primitive): number => (primitive === "div" ? 4 : 1);

/** Writes a sum of products as operations; the last one gives the result. */
class Writer {
  readonly ops: Op[] = [];
  cost = 0;
  isSound = true;
  /** How long the result waits for the iteration before. */
  wait = 0;
  private readonly draft: Draft;
  private readonly isAwaited: boolean;

  constructor(
    private readonly result: Value,
    private readonly isAdded: boolean,
    iteration: Iteration,
    private readonly isLiteral: (value: Value) => boolean,
  ) {
    this.draft = iteration.draft();
    this.isAwaited = iteration.isAwaited(result);
  }

  private isLate(value: Value): boolean {
    return this.isAwaited && this.draft.waitOf(value) !== null;
  }

  private get origin(): Origin {
    return { span: this.result.origin.span, variable: null, role: this.result.origin.role };
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

  finish(terms: readonly Term[]): void {
    const value =
      this.isAdded && terms.every(({ coefficient }) => coefficient < 0) ? this.negative(terms) : this.sum(terms);
    this.wait = this.draft.waitOf(value) ?? 0;
    const last = this.ops.at(-1);
    if (last?.results[0] === value && last.kind !== "constant") {
      this.ops[this.ops.length - 1] = { ...last, results: [this.result] };
    } else if (last === undefined) {
      // a mere operand: folding constants puts it in the place of the product
      const one = this.constant(1);
      this.cost += weight("mul");
      this.ops.push({ kind: "apply", results: [this.result], primitive: "mul", args: [value, one] });
    } else this.isSound = false;
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
    if (total === null) throw new Error("collectTerms: an empty sum");
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
      if (this.draft.isSame(divisor) && !this.isLiteral(divisor))
        inverses.push(this.apply("div", [this.constant(1), divisor]));
      else others.push(divisor);
    }
    let product: Value | null = coefficient === 1 && values.length > 0 ? null : this.constant(coefficient);
    for (const value of this.inOrder([...values, ...inverses], product === null)) {
      product = product === null ? value : this.apply("mul", [product, value]);
    }
    if (product === null) throw new Error("collectTerms: an empty product");
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
