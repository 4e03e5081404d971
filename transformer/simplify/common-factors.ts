import type { Value } from "../ir/ir.js";
import type { KnownQuotients } from "./known-quotients.js";
import { asTerm, isSum, negate, Sum, unit, type Factor, type Term } from "./sum-of-products.js";

/**
 * Adds up like terms, takes out common factors, and reads quotients that are known; null where terms cancel, or where
 * a coefficient is too large for a number.
 *
 *   2 * a * d + 3 * d * a + b * d   =>   (5 * a + b) * d
 */
export function factorSum(terms: readonly Term[], quotients: KnownQuotients): readonly Term[] | null {
  return collect(terms, quotients, new Keys());
}

/** Keys that are the same for equal products, whatever the order of their factors. */
class Keys {
  private readonly numbers = new Map<Value, number>();

  of(term: Term): string {
    const factors = term.factors.map((factor) => (isSum(factor) ? this.ofSum(factor) : String(this.number(factor))));
    const divisors = term.divisors.map((value) => this.number(value));
    return `${factors.sort().join("*")}/${divisors.sort((a, b) => a - b).join("/")}`;
  }

  private ofSum(sum: Sum): string {
    return `(${sum.terms
      .map((term) => `${term.coefficient}:${this.of(term)}`)
      .sort()
      .join("+")})`;
  }

  private number(value: Value): number {
    const number = this.numbers.get(value) ?? this.numbers.size;
    this.numbers.set(value, number);
    return number;
  }
}

function collect(terms: readonly Term[], quotients: KnownQuotients, keys: Keys): readonly Term[] | null {
  const byKey = new Map<string, Term>();
  for (const term of terms) {
    const inner = collectFactors(term, quotients, keys);
    if (inner === null) return null;
    const key = keys.of(inner);
    const like = byKey.get(key);
    byKey.set(key, like === undefined ? inner : { ...like, coefficient: like.coefficient + inner.coefficient });
  }
  const sums = [...byKey.values()];
  if (sums.some(({ coefficient }) => coefficient === 0 || !Number.isFinite(coefficient))) return null;
  return factorOut(sums);
}

/** The same for the sums within a term. */
function collectFactors(term: Term, quotients: KnownQuotients, keys: Keys): Term | null {
  let { coefficient } = term;
  const factors: Factor[] = [];
  for (const factor of term.factors) {
    if (!isSum(factor)) {
      factors.push(factor);
      continue;
    }
    const inner = collect(factor.terms, quotients, keys);
    if (inner === null) return null;
    const [only] = inner;
    if (inner.length === 1 && only !== undefined && only.divisors.length === 0) {
      coefficient *= only.coefficient;
      factors.push(...only.factors);
    } else factors.push(new Sum(inner));
  }
  return reuseQuotients({ coefficient, factors, divisors: term.divisors }, quotients);
}

/** d * a / b => d * q, where `q = a / b` is known. */
function reuseQuotients(term: Term, quotients: KnownQuotients): Term {
  let { factors } = term;
  const divisors = term.divisors.filter((divisor) => {
    const found = quotients.find(factors, divisor);
    if (found === null) return true;
    const at = found.dividend === null ? -1 : factors.indexOf(found.dividend);
    factors = at < 0 ? [...factors, found.quotient] : factors.map((one, k) => (k === at ? found.quotient : one));
    return false;
  });
  return { ...term, factors, divisors };
}

/** What several terms have in common, and how one of them is divided by it: null where it cannot be. */
interface Common {
  readonly term: Term;
  readonly divide: (term: Term) => Term | null;
}

/** a * d + b * d => (a + b) * d, again and again. */
function factorOut(terms: readonly Term[]): readonly Term[] {
  const common = terms.length < 2 ? null : commonOf(terms);
  return common === null ? terms : takeOut(terms, common);
}

/** The divisor that most terms share; else the factor; else the size of their coefficients. */
function commonOf(terms: readonly Term[]): Common | null {
  const divisor = mostShared(terms.map(({ divisors }) => divisors));
  if (divisor !== null) {
    const divide = (term: Term): Term | null => {
      const divisors = without(term.divisors, divisor);
      return divisors === null ? null : { ...term, divisors };
    };
    return { term: { ...unit, divisors: [divisor] }, divide };
  }
  const factor = mostShared(terms.map(({ factors }) => factors.filter((one) => !isSum(one))));
  if (factor !== null) {
    const divide = (term: Term): Term | null => {
      const factors = without(term.factors, factor);
      return factors === null ? null : { ...term, factors };
    };
    return { term: { ...unit, factors: [factor] }, divide };
  }
  const sizes = terms.map(({ coefficient }) => Math.abs(coefficient));
  const size = mostShared(sizes.map((one) => (one === 1 ? [] : [one])));
  if (size === null) return null;
  const divide = (term: Term): Term | null =>
    Math.abs(term.coefficient) === size ? { ...term, coefficient: Math.sign(term.coefficient) } : null;
  return { term: { ...unit, coefficient: size }, divide };
}

/** What stands in most of the lists, and in two at least; the first of them. */
function mostShared<T>(lists: readonly (readonly T[])[]): T | null {
  const counts = new Map<T, number>();
  for (const list of lists) for (const one of new Set(list)) counts.set(one, (counts.get(one) ?? 0) + 1);
  let found: readonly [T, number] | null = null;
  for (const entry of counts) if (entry[1] > 1 && (found === null || entry[1] > found[1])) found = entry;
  return found?.[0] ?? null;
}

/** The list without the first of these; null where there is none. */
function without<T>(list: readonly T[], one: T): readonly T[] | null {
  const at = list.indexOf(one);
  return at < 0 ? null : list.filter((_, k) => k !== at);
}

function takeOut(terms: readonly Term[], common: Common): readonly Term[] {
  const inside: Term[] = [];
  const outside: Term[] = [];
  let first = -1;
  for (const term of terms) {
    const quotient = common.divide(term);
    if (quotient === null) outside.push(term);
    else {
      if (first < 0) first = outside.length;
      inside.push(quotient);
    }
  }
  // -a * d - b * d: the sign goes outside
  const isNegative = inside.every(({ coefficient }) => coefficient < 0);
  const sum = factorOut(isNegative ? inside.map(negate) : inside);
  const { coefficient, factors, divisors } = common.term;
  const inner = asTerm(sum);
  const product: Term = {
    coefficient: (isNegative ? -1 : 1) * coefficient * inner.coefficient,
    factors: [...factors, ...inner.factors],
    divisors: [...inner.divisors, ...divisors],
  };
  return factorOut([...outside.slice(0, first), product, ...outside.slice(first)]);
}
