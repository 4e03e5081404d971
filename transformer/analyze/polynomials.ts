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

function collect(terms: Iterable<Term>): Polynomial {
  const found = new Map<string, Term>();
  for (const { monomial, coefficient } of terms) {
    const key = keyOf(monomial);
    const sum = (found.get(key)?.coefficient ?? 0) + coefficient;
    if (sum === 0) found.delete(key);
    else found.set(key, { monomial, coefficient: sum });
  }
  return found;
}

export const constant = (value: number): Polynomial => collect([{ monomial: [], coefficient: value }]);
export const atom = (number: number): Polynomial => collect([{ monomial: [number], coefficient: 1 }]);

export const plus = (a: Polynomial, b: Polynomial): Polynomial => collect([...a.values(), ...b.values()]);
export const minus = (a: Polynomial, b: Polynomial): Polynomial => plus(a, scaled(b, -1));
export const scaled = (a: Polynomial, factor: number): Polynomial =>
  collect([...a.values()].map(({ monomial, coefficient }) => ({ monomial, coefficient: coefficient * factor })));

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
  return new Set([...a.values()].flatMap(({ monomial }) => monomial));
}

/** The number that a polynomial is; null where it has atoms. */
export function constantOf(a: Polynomial): number | null {
  if (a.size === 0) return 0;
  const only = a.size === 1 ? a.get("") : undefined;
  return only?.coefficient ?? null;
}

/** `atom + offset`; null where a polynomial is anything else. */
export function asShiftedAtom(a: Polynomial): { readonly atom: number; readonly offset: number } | null {
  const [number] = atomsIn(a);
  if (number === undefined) return null;
  const offset = constantOf(minus(a, atom(number)));
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
