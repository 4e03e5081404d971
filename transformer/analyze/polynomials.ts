/** Polynomials over quantities that are not looked into further: what indices and lengths are compared as. */

/** A product of atoms, each known by its number, in ascending order; the empty one is 1. */
type Monomial = readonly number[];

interface Term {
  readonly monomial: Monomial;
  readonly coefficient: number;
}

/** Terms by their monomial; none with the coefficient 0. */
export type Polynomial = ReadonlyMap<string, Term>;

const keyOf = (monomial: Monomial): string => monomial.join(".");

function addTerm(found: Map<string, Term>, key: string, monomial: Monomial, coefficient: number): void {
  const sum = (found.get(key)?.coefficient ?? 0) + coefficient;
  if (sum === 0) found.delete(key);
  else found.set(key, { monomial, coefficient: sum });
}

function collect(terms: Iterable<Term>): Polynomial {
  const found = new Map<string, Term>();
  for (const { monomial, coefficient } of terms) addTerm(found, keyOf(monomial), monomial, coefficient);
  return found;
}

export const constant = (value: number): Polynomial => collect([{ monomial: [], coefficient: value }]);
export const atom = (number: number): Polynomial => collect([{ monomial: [number], coefficient: 1 }]);

/** `a + b * factor`. */
function plusScaled(a: Polynomial, b: Polynomial, factor: number): Polynomial {
  const found = new Map(a);
  for (const [key, { monomial, coefficient }] of b) addTerm(found, key, monomial, coefficient * factor);
  return found;
}

export const plus = (a: Polynomial, b: Polynomial): Polynomial => plusScaled(a, b, 1);
export const minus = (a: Polynomial, b: Polynomial): Polynomial => plusScaled(a, b, -1);

export function scaled(a: Polynomial, factor: number): Polynomial {
  const found = new Map<string, Term>();
  for (const [key, { monomial, coefficient }] of a) addTerm(found, key, monomial, coefficient * factor);
  return found;
}

export function times(a: Polynomial, b: Polynomial): Polynomial {
  const terms: Term[] = [];
  for (const one of a.values()) {
    for (const other of b.values()) {
      const monomial = [...one.monomial, ...other.monomial].sort((x, y) => x - y);
      terms.push({ monomial, coefficient: one.coefficient * other.coefficient });
    }
  }
  return collect(terms);
}

export const isSame = (a: Polynomial, b: Polynomial): boolean => minus(a, b).size === 0;

/** The numbers of all quantities that a polynomial is made of. */
export function atomsIn(a: Polynomial): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { monomial } of a.values()) for (const number of monomial) found.add(number);
  return found;
}

/** The number that a polynomial is; null where it has atoms. */
export function constantOf(a: Polynomial): number | null {
  if (a.size === 0) return 0;
  const only = a.size === 1 ? a.get("") : undefined;
  return only?.coefficient ?? null;
}

/** What `a` is more than `b`; null where that is no constant. */
export function constantDistance(a: Polynomial, b: Polynomial): number | null {
  for (const [key, { coefficient }] of a)
    if (key !== "" && coefficient - (b.get(key)?.coefficient ?? 0) !== 0) return null;
  for (const key of b.keys()) if (key !== "" && !a.has(key)) return null;
  return (a.get("")?.coefficient ?? 0) - (b.get("")?.coefficient ?? 0);
}

/** `atom + offset`; null where a polynomial is anything else. */
export function asShiftedAtom(a: Polynomial): { readonly atom: number; readonly offset: number } | null {
  const [number] = atomsIn(a);
  if (number === undefined) return null;
  const offset = constantDistance(a, atom(number));
  return offset === null ? null : { atom: number, offset };
}

/** Coefficients of the powers of one atom, from the power 0 on. */
export function powersOf(a: Polynomial, number: number): readonly Polynomial[] {
  const powers: Term[][] = [[]];
  for (const { monomial, coefficient } of a.values()) {
    const rest = monomial.filter((one) => one !== number);
    const power = monomial.length - rest.length;
    while (powers.length <= power) powers.push([]);
    powers[power]?.push({ monomial: rest, coefficient });
  }
  return powers.map(collect);
}

/** The polynomial with another one in the place of an atom. */
export function substituted(a: Polynomial, number: number, by: Polynomial): Polynomial {
  return powersOf(a, number).reduceRight((sum, coefficient) => plus(times(sum, by), coefficient), constant(0));
}

/** Is no coefficient negative? */
export const hasNoMinus = (a: Polynomial): boolean => [...a.values()].every(({ coefficient }) => coefficient >= 0);

/** The least number that makes all coefficients integers, where it is small; null elsewhere. */
export function denominatorOf(a: Polynomial): number | null {
  for (const factor of [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64]) {
    if ([...a.values()].every(({ coefficient }) => Number.isSafeInteger(coefficient * factor))) return factor;
  }
  return null;
}
