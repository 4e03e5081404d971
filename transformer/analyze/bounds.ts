/**
 * Which indices are certainly inside their arrays. Indices and lengths are polynomials over counters, lengths and
 * parameters; a counter stands between the ends of its range, and what the tests around a place say holds there.
 *
 *   a = allocate zeros (mul n m)
 *   for i from 0 to n { for j from 0 to m { store a[i * m + j] v } }
 *
 * The largest index is (n - 1) * m + (m - 1), one less than the length. An index that may be NaN is nowhere inside.
 */
import {
  isInteger,
  type LengthOp,
  type Location,
  type LoopOp,
  type Op,
  type Range,
  type Region,
  type Value,
} from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import { rangeUpTo } from "./trip-counts.js";
import { hasFixedLength, staysAsLong, type Aliases } from "./aliases.js";
import { findMakers, type Makers } from "./makers.js";
import type { MemoryClass } from "./memory-class.js";
import {
  asShiftedAtom,
  atom,
  atomsIn,
  constant,
  constantOf,
  denominatorOf,
  hasNoMinus,
  isSame,
  minus,
  plus,
  powersOf,
  scaled,
  substituted,
  times,
  type Polynomial,
} from "./polynomials.js";
import type { RegionTree } from "./region-tree.js";
import { isWholeCopy } from "./whole-copy.js";

export interface Bounds {
  /** What is certain of the element that `op` touches, wherever that operation runs. */
  placeOf(op: Touching): Place;
  isInside(op: Touching): boolean;
  /**
   * Has every element that `later` touches in iterations of `loop` after this one (`null`: in the same iteration of all
   * loops around both) another index than the one that `first` touched?
   */
  staysApart(loop: LoopOp | null, first: Touching, later: Touching): boolean;
  /**
   * Is the element that `read` touches among those that `store` has written when `loops` around it, outermost first, have
   * run? Every iteration of them stores; together they write a block without gaps.
   */
  isCovered(read: Touching, store: Touching, loops: readonly LoopOp[]): boolean;
  /** Is that block the whole array? */
  coversAll(store: Touching, loops: readonly LoopOp[]): boolean;
  /** Is an array as long at every time as at any other? */
  keepsLength(array: Value): boolean;
}

/** An operation that touches one cell of memory. */
export type Touching = Op & { readonly at: Location };

export interface Place {
  readonly notBeforeStart: boolean;
  readonly notBehindEnd: boolean;
}
const inside: Place = { notBeforeStart: true, notBehindEnd: true };
const anywhere: Place = { notBeforeStart: false, notBehindEnd: false };

/** What a polynomial is made of: a value, or the length of an array. */
interface Atom {
  readonly kind: "value" | "length";
  readonly value: Value;
}

/** What holds at a place. */
interface Known {
  /** Bounds of atoms. */
  readonly upper: Map<number, Polynomial[]>;
  readonly lower: Map<number, Polynomial[]>;
  /** Of anything else: polynomials that are at least 0. */
  readonly nonNegative: Polynomial[];
  /** Polynomials that are greater than 0; of numbers that may have a fraction this says more than that they are not below it. */
  readonly positive: Polynomial[];
  /** Atoms that are not NaN, for a comparison came out true. */
  readonly compared: Set<number>;
}

const knownFrom = (outer: Known | null): Known => ({
  upper: new Map(outer?.upper),
  lower: new Map(outer?.lower),
  nonNegative: [...(outer?.nonNegative ?? [])],
  positive: [...(outer?.positive ?? [])],
  compared: new Set(outer?.compared),
});

/** Steps of one proof. */
const patience = 400;
/** Those of a proof that two cells are apart: there are many pairs, and what holds is soon shown. */
const patienceApart = 60;
const deepest = 16;

export function analyzeBounds(tree: RegionTree, aliases: Aliases): Bounds {
  const { definitions } = aliases;
  const atoms: Atom[] = [];
  const numbers = { value: new Map<Value, number>(), length: new Map<Value, number>() };
  const polynomials = new Map<Value, Polynomial>();
  const facts = new Map<Region, Known>();
  const memo = new Map<Op, Place>();

  const atomOf = (kind: Atom["kind"], value: Value): number => {
    const known = numbers[kind].get(value);
    if (known !== undefined) return known;
    numbers[kind].set(value, atoms.length);
    return atoms.push({ kind, value }) - 1;
  };

  // ---- Values as polynomials ------------------------------------------------------

  const polynomialOf = (value: Value, depth = 0): Polynomial => {
    const known = polynomials.get(value);
    if (known !== undefined) return known;
    const found = (depth < deepest ? compute(value, depth + 1) : null) ?? atom(atomOf("value", value));
    polynomials.set(value, found);
    return found;
  };
  const compute = (value: Value, depth: number): Polynomial | null => {
    const { op } = tree.definitionOf(value);
    if (op?.kind === "constant") return Number.isSafeInteger(op.value) ? constant(Number(op.value)) : null;
    if (op?.kind === "length") return keepsLength(op.array) ? lengthOf(op.array, depth) : null;
    if (op?.kind !== "apply") return null;
    const args = op.args.map((arg) => polynomialOf(arg, depth));
    const [a, b] = args;
    if (a === undefined) return null;
    if (op.primitive === "neg") return scaled(a, -1);
    if (b === undefined) return null;
    switch (op.primitive) {
      case "add":
        return plus(a, b);
      case "sub":
        return minus(a, b);
      case "mul":
        return a.size * b.size <= 16 ? times(a, b) : null;
      case "div": {
        const divisor = definitions.literalOf(op.args[1] ?? value);
        return typeof divisor === "number" && divisor > 0 && divisor <= 64 ? scaled(a, 1 / divisor) : null;
      }
      default:
        return null;
    }
  };

  /** How long an array is: of one that may change its length, only that it has one. */
  const lengthOf = (array: Value, depth = 0): Polynomial =>
    (depth < deepest && keepsLength(array) ? lengthFrom(array, depth + 1, new Set()) : null) ??
    atom(atomOf("length", array));

  /**
   * Arrays that every store is inside of, where they are taken to keep their lengths, do keep them: nothing could be the
   * first to make one of them longer. What turns out otherwise is put aside, and the others are asked again.
   */
  const lengthened = new Set<MemoryClass>();
  let isDecided = false;
  const keepsLength = (array: Value): boolean => {
    if (staysAsLong(array, aliases)) return true;
    const memory = aliases.classOf(array);
    return !memory.resized && !lengthened.has(memory);
  };
  /** Before anything is asked: what is known at a place rests on it. */
  const decideLengths = (): void => {
    if (isDecided) return;
    isDecided = true;
    const suspects: { readonly op: Touching; readonly memory: MemoryClass }[] = [];
    walk(tree.root, (op) => {
      if (op.kind === "call") for (const one of aliases.effectsOfCall(op).resizes) lengthened.add(one);
      if (op.kind !== "store" && op.kind !== "accumulate") return;
      // what is added to a shadow has its place there
      if (op.at.base.origin.role === "adjoint") return;
      const memory = aliases.classOf(op.at.base);
      if (memory.lengthened && !memory.resized && !hasFixedLength(op.at.base)) suspects.push({ op, memory });
    });
    for (let before = -1; before < lengthened.size;) {
      before = lengthened.size;
      for (const { op, memory } of suspects)
        if (!lengthened.has(memory) && !decided(op).notBehindEnd) lengthened.add(memory);
      if (before === lengthened.size) return;
      // what was found rests on an assumption that has fallen
      polynomials.clear();
      facts.clear();
      memo.clear();
    }
  };

  /** `circle`: carried arrays that are being looked through; what comes round to them adds nothing. */
  const lengthFrom = (array: Value, depth: number, circle: Set<Value>): Polynomial | null => {
    const { op, region } = tree.definitionOf(array);
    const agreed = (sources: readonly (Value | undefined)[]): Polynomial | null => {
      let common: Polynomial | null = null;
      for (const source of sources) {
        if (source === undefined || depth >= deepest) return null;
        if (circle.has(source)) continue;
        const one: Polynomial = lengthFrom(source, depth + 1, circle) ?? atom(atomOf("length", source));
        if (common !== null && !isSame(common, one)) return null;
        common = one;
      }
      return common;
    };
    if (op === null) {
      const loop = tree.ownerOf(region);
      const position = region.params.indexOf(array);
      if (loop?.kind !== "loop" || position < 1 || region.exit.kind !== "yield") return null;
      circle.add(array);
      const found = agreed([loop.initial[position - 1], region.exit.values[position]]);
      circle.delete(array);
      // what the loop itself computes is another number in every iteration
      const isFixed = found !== null && [...atomsIn(found)].every((one) => !isDefinedIn(one, region));
      return isFixed ? found : null;
    }
    if (op.kind === "loop") {
      const position = op.results.indexOf(array);
      const param = op.body.params[position - 1];
      return param === undefined ? null : lengthFrom(param, depth + 1, circle);
    }
    if (op.kind === "if") {
      const position = op.results.indexOf(array);
      const yields = [op.then, op.else].flatMap(({ exit }) => (exit.kind === "yield" ? [exit.values[position]] : []));
      return agreed(yields);
    }
    if (op.kind === "load" || op.kind === "unwrap") return rowLengthOf(array, depth);
    if (op.kind !== "allocate") return null;
    const { initial } = op;
    switch (initial.kind) {
      case "zeros":
      case "filled": {
        const length = polynomialOf(initial.length, depth);
        return isIntegral(length) ? length : null;
      }
      case "parts":
        return constant(initial.parts.length);
      case "zerosLike":
        return lengthOf(initial.of, depth);
      case "copy": {
        const whole = lengthOf(initial.source, depth);
        const isWhole =
          isWholeCopy(initial, definitions) ||
          (definitions.isLiteral(initial.from, 0) && isSame(polynomialOf(initial.to, depth), whole));
        return isWhole ? whole : null;
      }
    }
  };

  /** Of an array taken out of another one: the length of all that were ever put there, where that is one. */
  const rowLengthOf = (row: Value, depth: number): Polynomial | null => {
    const makers = makersOf(aliases.classOf(row));
    if (makers === null || depth >= deepest) return null;
    const [first, ...others] = makers.map((made) => lengthFrom(made, depth + 1, new Set()));
    if (first === undefined || first === null || !others.every((one) => one !== null && isSame(one, first)))
      return null;
    // what a loop computes is another number in every iteration
    const isFixed = [...atomsIn(first)].every((one) => {
      const value = atoms[one]?.value;
      return value !== undefined && tree.definitionOf(value).region === tree.root;
    });
    return isFixed ? first : null;
  };
  /** All that make arrays of a class; null where one may come from elsewhere. */
  const makersOf = (memory: MemoryClass): readonly Value[] | null => {
    makers ??= findMakers(tree, aliases);
    return makers.get(memory) ?? null;
  };
  let makers: Makers | null = null;

  const isDefinedIn = (number: number, region: Region): boolean => {
    const value = atoms[number]?.value;
    return value === undefined || tree.isWithin(tree.definitionOf(value).region, region);
  };

  const isIntegral = (a: Polynomial): boolean =>
    denominatorOf(a) === 1 &&
    [...atomsIn(a)].every((one) => atoms[one]?.kind === "length" || atoms[one]?.value.type.kind === "integer");

  // ---- What holds at a place ------------------------------------------------------

  const knownIn = (region: Region): Known => {
    const before = facts.get(region);
    if (before !== undefined) return before;
    const parent = tree.parentOf(region);
    const known = knownFrom(parent === null ? null : knownIn(parent));
    facts.set(region, known);
    const owner = tree.ownerOf(region);
    if (owner !== null) {
      const { region: around, position } = tree.placeOf(owner);
      // a check before that would have thrown
      for (const op of around.ops.slice(0, position)) addCheck(known, op);
    }
    if (owner?.kind === "if") addTest(known, owner.test, region === owner.then);
    const [counter] = region.params;
    if (owner?.kind === "loop" && owner.range !== null && counter !== undefined && counter.type.kind === "integer") {
      const { from, to, step, inclusive } = owner.range;
      for (const end of [from, to]) for (const one of atomsIn(polynomialOf(end))) known.compared.add(one);
      const [low, high] = step > 0 ? [from, to] : [to, from];
      addOrder(known, polynomialOf(low), polynomialOf(counter), step < 0 && !inclusive);
      addOrder(known, polynomialOf(counter), polynomialOf(high), step > 0 && !inclusive);
      // it runs, so its range is not empty
      addOrder(known, polynomialOf(low), polynomialOf(high), !inclusive);
    } else if (owner?.kind === "loop" && owner.range === null && counter !== undefined) {
      addOrder(known, constant(0), polynomialOf(counter), false);
    }
    return known;
  };

  const addCheck = (known: Known, op: Op): void => {
    if (op.kind !== "if") return;
    if (op.then.exit.kind === "throw") addTest(known, op.test, false);
    else if (op.else.exit.kind === "throw") addTest(known, op.test, true);
  };

  /** Notes what it means that a test came out as `truth`. */
  const addTest = (known: Known, test: Value, truth: boolean): void => {
    const { op } = tree.definitionOf(test);
    if (op?.kind === "if") {
      // a && b is `a ? b : false`, a || b is `a ? true : b`
      const position = op.results.indexOf(test);
      const [then, otherwise] = [op.then, op.else].map(({ exit }) =>
        exit.kind === "yield" ? exit.values[position] : undefined,
      );
      if (then === undefined || otherwise === undefined) return;
      if (definitions.literalOf(otherwise) === !truth) {
        addTest(known, op.test, true);
        addTest(known, then, truth);
      } else if (definitions.literalOf(then) === !truth) {
        addTest(known, op.test, false);
        addTest(known, otherwise, truth);
      }
      return;
    }
    if (op?.kind !== "apply") return;
    const [first, second] = op.args;
    if (first === undefined) return;
    if (op.primitive === "not") return addTest(known, first, !truth);
    if (second === undefined) return;
    if (op.primitive === (truth ? "and" : "or")) {
      addTest(known, first, truth);
      return addTest(known, second, truth);
    }
    if (![first, second].every(({ type }) => type.kind === "integer" || type.kind === "number")) return;
    const [a, b] = [polynomialOf(first), polynomialOf(second)];
    if (truth && op.primitive !== "ne") for (const one of [...atomsIn(a), ...atomsIn(b)]) known.compared.add(one);
    switch (op.primitive) {
      case "lt":
        return truth ? addOrder(known, a, b, true) : addOrder(known, b, a, false);
      case "le":
        return truth ? addOrder(known, a, b, false) : addOrder(known, b, a, true);
      case "gt":
        return truth ? addOrder(known, b, a, true) : addOrder(known, a, b, false);
      case "ge":
        return truth ? addOrder(known, b, a, false) : addOrder(known, a, b, true);
      case "eq":
      case "ne":
        if (truth === (op.primitive === "eq")) {
          addOrder(known, a, b, false);
          addOrder(known, b, a, false);
        } else if (isNonNegative(minus(a, b), known, { left: patience })) addOrder(known, b, a, true);
        else if (isNonNegative(minus(b, a), known, { left: patience })) addOrder(known, a, b, true);
        return;
      default:
        return;
    }
  };

  /** Notes a <= b, or a < b, at the atoms that one side is. */
  const addOrder = (known: Known, a: Polynomial, b: Polynomial, strict: boolean): void => {
    const difference = minus(b, a);
    const factor = denominatorOf(difference);
    // integers that differ are one apart
    const gap = strict && factor !== null && isIntegral(scaled(difference, factor)) ? 1 / factor : 0;
    const least = plus(difference, constant(-gap));
    if (strict) known.positive.push(difference);
    const [small, great] = [asShiftedAtom(a), asShiftedAtom(b)];
    if (small === null || great === null) known.nonNegative.push(least);
    // least >= 0: an atom of the smaller side is at most itself plus that, one of the greater side at least itself less it
    if (small !== null) addTo(known.upper, small.atom, plus(atom(small.atom), least));
    if (great !== null) addTo(known.lower, great.atom, minus(atom(great.atom), least));
  };
  const addTo = (bounds: Map<number, Polynomial[]>, number: number, bound: Polynomial): void => {
    if (!atomsIn(bound).has(number)) bounds.set(number, [...(bounds.get(number) ?? []), bound]);
  };

  /** What follows from how an atom is computed. */
  const ownBounds = (number: number, side: keyof Known): readonly Polynomial[] => {
    const one = atoms[number];
    if (one === undefined) return [];
    if (one.kind === "length") return side === "lower" ? [constant(0)] : [];
    const { op } = tree.definitionOf(one.value);
    const found: Polynomial[] = side === "lower" && definitions.isNonNegative(one.value) ? [constant(0)] : [];
    if (op?.kind !== "apply") return found;
    const [a, b] = op.args;
    const divisor = b === undefined ? undefined : definitions.literalOf(b);
    if (op.primitive === (side === "upper" ? "min" : "max")) found.push(...op.args.map((arg) => polynomialOf(arg)));
    else if (a !== undefined && op.primitive === "floor") {
      const whole = polynomialOf(a);
      const factor = denominatorOf(whole);
      if (side === "upper") found.push(whole);
      else if (factor !== null && isIntegral(scaled(whole, factor))) {
        found.push(plus(whole, constant(1 / factor - 1)));
      } else found.push(plus(whole, constant(-1)));
    } else if (op.primitive === "bitAnd" && typeof divisor === "number" && divisor >= 0) {
      found.push(constant(side === "upper" ? divisor : 0));
    }
    return found;
  };

  // ---- Proofs ---------------------------------------------------------------------

  /**
   * Is a polynomial at least 0 at a place, by putting bounds in the place of its atoms? `used`: the bounds that have been
   * put in already; of two atoms that are equal each is a bound of the other.
   */
  const isNonNegative = (
    a: Polynomial,
    known: Known,
    budget: { left: number },
    used: ReadonlySet<Polynomial> = new Set(),
  ): boolean => {
    if (budget.left-- <= 0) return false;
    const involved = [...atomsIn(a)];
    const areNonNegative = (): boolean =>
      involved.every((one) => ownBounds(one, "lower").some((bound) => bound.size === 0));
    if (hasNoMinus(a) && (involved.length === 0 || areNonNegative())) return true;
    if (known.nonNegative.some((least) => (constantOf(minus(a, least)) ?? -1) >= 0)) return true;
    // what is defined last depends on the others
    for (const one of involved.sort((x, y) => depthOf(y) - depthOf(x))) {
      const [, ...coefficients] = powersOf(a, one);
      const isLinear = coefficients.length === 1;
      for (const [side, sign] of [
        ["lower", 1],
        ["upper", -1],
      ] as const) {
        const candidates = [...(known[side].get(one) ?? []), ...ownBounds(one, side)].filter(
          (bound) => !used.has(bound),
        );
        if (candidates.length === 0) continue;
        const rises = coefficients.every((part) => isNonNegative(scaled(part, sign), known, budget, used));
        if (!rises || !(isLinear || isNonNegative(atom(one), known, budget, used))) continue;
        const holdsWith = (bound: Polynomial): boolean =>
          isNonNegative(substituted(a, one, bound), known, budget, new Set([...used, bound]));
        if (candidates.some(holdsWith)) return true;
      }
    }
    return false;
  };
  const isNeverNaN = (number: number): boolean => {
    const one = atoms[number];
    return one?.kind === "length" || (one !== undefined && isNumber(one.value, deepest));
  };
  /** Is an integer surely no NaN, as `Math.floor(x)` may be? */
  const isNumber = (value: Value, depth: number): boolean => {
    if (depth === 0 || value.type.kind !== "integer") return false;
    const { op, region } = tree.definitionOf(value);
    if (op === null) return region === tree.root || region.params[0] === value;
    switch (op.kind) {
      case "constant":
      case "length":
        return true;
      case "load":
        return op.at.base.type.kind === "array" && isInteger(op.at.base.type.storage);
      case "apply":
        if (op.primitive.startsWith("bit") || op.primitive === "shl" || op.primitive === "shr") return true;
        if (op.primitive === "floor") return op.args.every((arg) => isIntegral(scaledUp(polynomialOf(arg))));
        return op.args.every((arg) => isNumber(arg, depth - 1));
      default:
        return false;
    }
  };
  const isSurelyNumber = (a: Polynomial, { compared }: Known): boolean =>
    [...atomsIn(a)].every((one) => compared.has(one) || isNeverNaN(one));
  const scaledUp = (a: Polynomial): Polynomial => scaled(a, denominatorOf(a) ?? 1);
  const depthOf = (number: number): number => {
    const value = atoms[number]?.value;
    return value === undefined ? 0 : tree.pathTo(tree.definitionOf(value).region).length * 1000 + number;
  };

  const decide = (op: Op, at: Location): Place => {
    if (at.kind === "field" || at.base.type.kind === "tuple") return inside;
    const { base, index } = at;
    const place = polynomialOf(index);
    const { region, position } = tree.placeOf(op);
    const known = knownFrom(knownIn(region));
    for (const before of region.ops.slice(0, position)) addCheck(known, before);
    if (index.type.kind !== "integer" || !isSurelyNumber(place, known)) return anywhere;
    const isBelow = (length: Polynomial): boolean =>
      isNonNegative(plus(minus(length, place), constant(-1)), known, { left: patience });
    const { op: made } = tree.definitionOf(base);
    const isCounted =
      made?.kind === "allocate" &&
      (made.initial.kind === "zeros" || made.initial.kind === "filled") &&
      keepsLength(base) &&
      isCountedUpTo(index, made.initial.length);
    return {
      notBeforeStart: isNonNegative(place, known, { left: patience }),
      notBehindEnd: isCounted || isBelow(lengthOf(base)) || earlierLengths(base, op).some(isBelow),
    };
  };
  /** Does a counter stop below a length, or below what the length is a ceiling of? */
  const isCountedUpTo = (index: Value, length: Value): boolean => {
    if (rangeUpTo(index, length, tree) !== null) return true;
    const { op } = tree.definitionOf(length);
    if (op?.kind !== "apply") return false;
    const passes = op.primitive === "max" || op.primitive === "ceil";
    return passes && op.args.some((arg) => isCountedUpTo(index, arg));
  };
  /** Of an array that may be resized: lengths that it had before, where nothing has taken elements off since. */
  const earlierLengths = (base: Value, at: Op): readonly Polynomial[] => {
    if (keepsLength(base)) return [];
    const memory = aliases.classOf(base);
    const found: Polynomial[] = [];
    const { op: made } = tree.definitionOf(base);
    if (made?.kind === "allocate" && !isShortenedBetween(made, at, memory)) {
      const length = lengthFrom(base, 0, new Set());
      if (length !== null) found.push(length);
    }
    for (const asked of lengthsAsked()) {
      if (asked.array !== base || !encloses(asked, at) || isShortenedBetween(asked, at, memory)) continue;
      for (const length of asked.results) found.push(atom(atomOf("value", length)));
    }
    return found;
  };
  const encloses = (outer: Op, inner: Op): boolean =>
    tree.isWithin(tree.placeOf(inner).region, tree.placeOf(outer).region);
  /** May elements be taken off between an operation and one that it dominates? */
  const isShortenedBetween = (from: Op, to: Op, memory: MemoryClass): boolean => {
    let { region, position } = tree.placeOf(to);
    const start = tree.placeOf(from);
    for (;;) {
      const first = region === start.region ? start.position + 1 : 0;
      if (region.ops.slice(first, position).some((op) => mayShorten(op, memory))) return true;
      if (region === start.region) return false;
      const owner = tree.ownerOf(region);
      if (owner === null || (owner.kind === "loop" && mayShorten(owner, memory))) return true;
      ({ region, position } = tree.placeOf(owner));
    }
  };
  const mayShorten = (op: Op, memory: MemoryClass): boolean => {
    switch (op.kind) {
      case "pop":
        return aliases.classOf(op.array) === memory;
      case "call":
        return aliases.effectsOfCall(op).resizes.includes(memory);
      case "opaque":
        return op.effects.writes;
      default:
        return regionsOf(op).some((inner) => inner.ops.some((one) => mayShorten(one, memory)));
    }
  };
  let asked: readonly LengthOp[] | null = null;
  const lengthsAsked = (): readonly LengthOp[] => {
    if (asked !== null) return asked;
    const found: LengthOp[] = [];
    walk(tree.root, (op) => {
      if (op.kind === "length") found.push(op);
    });
    asked = found;
    return found;
  };
  const placeOf: Bounds["placeOf"] = (op) => {
    decideLengths();
    return decided(op);
  };
  const decided = (op: Touching): Place => {
    const before = memo.get(op);
    if (before !== undefined) return before;
    const found = decide(op, op.at);
    memo.set(op, found);
    return found;
  };

  // ---- Other cells ------------------------------------------------------------------

  /** The values inside of a loop that change by themselves: the counters of the loops in it, and its own. */
  const isCounter = (number: number): boolean => {
    const one = atoms[number];
    if (one?.kind !== "value") return false;
    const { op, region } = tree.definitionOf(one.value);
    const owner = tree.ownerOf(region);
    return op === null && owner?.kind === "loop" && owner.range !== null && region.params[0] === one.value;
  };

  /**
   * What holds where `there` does, in another iteration of the loop with this body, is noted in `known`; `rename` puts the
   * counters of that iteration into a polynomial, and gives null where it has other values of that iteration in it.
   */
  const inOtherIteration = (body: Region, there: Known, known: Known): ((a: Polynomial) => Polynomial | null) => {
    const others = new Map<number, number>();
    const otherOf = (number: number): number => {
      const before = others.get(number);
      const one = atoms[number];
      if (before !== undefined || one === undefined) return before ?? number;
      const other = atoms.push(one) - 1;
      others.set(number, other);
      for (const side of ["upper", "lower"] as const) {
        for (const bound of there[side].get(number) ?? []) {
          const renamed = rename(bound);
          if (renamed !== null) addTo(known[side], other, renamed);
        }
      }
      return other;
    };
    const rename = (a: Polynomial): Polynomial | null => {
      let renamed = a;
      for (const number of atomsIn(a)) {
        if (!isDefinedIn(number, body)) continue;
        if (!isCounter(number)) return null;
        renamed = substituted(renamed, number, atom(otherOf(number)));
      }
      return renamed;
    };
    for (const side of ["nonNegative", "positive"] as const) {
      for (const one of there[side]) {
        const renamed = rename(one);
        if (renamed !== null) known[side].push(renamed);
      }
    }
    return rename;
  };

  const isPositive = (a: Polynomial, known: Known): boolean =>
    (isIntegral(a) && isNonNegative(plus(a, constant(-1)), known, { left: patience })) ||
    known.positive.some((one) => isNonNegative(minus(a, one), known, { left: patienceApart }));

  /** Do two indices surely differ, by a whole number? */
  const differ = (a: Polynomial, b: Polynomial, known: Known): boolean => {
    const distance = minus(a, b);
    if (!isIntegral(distance)) return false;
    const constantDistance = constantOf(distance);
    if (constantDistance !== null) return constantDistance !== 0;
    return isPositive(minus(a, b), known) || isPositive(minus(b, a), known);
  };

  /**
   * The same of `row * width + column`, where both columns are inside of their rows: the cells are one only where rows
   * and columns are the same (delinearization; Maslov, PLDI 1992). Rows are whole numbers; a width need not be, for rows
   * that differ are at least a width apart.
   */
  const differByRows = (a: Polynomial, b: Polynomial, body: Region | null, known: Known): boolean => {
    const isInRow = (column: Polynomial, width: Polynomial): boolean =>
      isNonNegative(column, known, { left: patienceApart }) && isPositive(minus(width, column), known);
    return [...atomsIn(a)].some((width) => {
      if (body !== null && isDefinedIn(width, body)) return false;
      const [[column, row, ...higher], [otherColumn, otherRow, ...otherHigher]] = [
        powersOf(a, width),
        powersOf(b, width),
      ];
      if (column === undefined || row === undefined || otherColumn === undefined || otherRow === undefined)
        return false;
      if (higher.length > 0 || otherHigher.length > 0) return false;
      if (![row, column, otherRow, otherColumn].every(isIntegral)) return false;
      if (!differ(row, otherRow, known) && !differ(column, otherColumn, known)) return false;
      return isInRow(column, atom(width)) && isInRow(otherColumn, atom(width));
    });
  };

  const staysApart: Bounds["staysApart"] = (loop, first, later) => {
    decideLengths();
    if (first.at.kind !== "element" || later.at.kind !== "element") return false;
    const here = knownIn(tree.placeOf(first).region);
    const there = knownIn(tree.placeOf(later).region);
    const [one, other] = [polynomialOf(first.at.index), polynomialOf(later.at.index)];
    if (!isSurelyNumber(one, here) || !isSurelyNumber(other, there)) return false;
    const known = knownFrom(here);
    if (loop === null) {
      for (const side of ["upper", "lower"] as const)
        for (const [number, bounds] of there[side]) for (const bound of bounds) addTo(known[side], number, bound);
      known.nonNegative.push(...there.nonNegative);
      known.positive.push(...there.positive);
      return differ(one, other, known) || differByRows(one, other, null, known);
    }
    const { range, body } = loop;
    const [counter] = body.params;
    if (range === null || counter?.type.kind !== "integer") return false;
    const rename = inOtherIteration(body, there, known);
    const number = polynomialOf(counter);
    const next = rename(number);
    const [at] = next === null ? [] : atomsIn(next);
    const moved = rename(other);
    if (at === undefined || moved === null) return false;
    // a later iteration is at least one step away
    addTo(known[range.step > 0 ? "lower" : "upper"], at, plus(number, constant(range.step)));
    return differ(one, moved, known) || differByRows(one, moved, body, known);
  };

  // ---- Cells that are certainly written ----------------------------------------------

  /**
   * The indices that a nest of loops writes, from the first to the one behind the last: the block of the inner loops, row
   * after row.
   *
   *   for c from 0 to k { for i from 0 to d { store a[c * d + i] } }      [0, k * d)
   */
  const blockOf = (store: Touching, loops: readonly LoopOp[]): readonly [Polynomial, Polynomial] | null => {
    if (store.at.kind !== "element" || store.at.index.type.kind !== "integer") return null;
    let from = polynomialOf(store.at.index);
    let to = plus(from, constant(1));
    for (const { range, body } of loops.toReversed()) {
      const [counter] = body.params;
      const ends = range === null ? null : endsOf(range);
      if (ends === null || counter === undefined) return null;
      const number = atomOf("value", counter);
      const [, slope, ...higher] = powersOf(from, number);
      if (slope === undefined || higher.length > 0 || !isSame(slope, minus(to, from))) return null;
      to = substituted(from, number, ends[1]);
      from = substituted(from, number, ends[0]);
      if ([...atomsIn(from), ...atomsIn(to)].some((one) => isDefinedIn(one, body))) return null;
    }
    return [from, to];
  };

  /** The first number that a counter takes, upwards, and the one behind the last. */
  const endsOf = ({ from, to, step, inclusive }: Range): readonly [Polynomial, Polynomial] | null => {
    const [start, end] = [polynomialOf(from), polynomialOf(to)];
    if (step === 1) return [start, inclusive ? plus(end, constant(1)) : end];
    return step === -1 ? [inclusive ? end : plus(end, constant(1)), plus(start, constant(1))] : null;
  };

  const coversAll: Bounds["coversAll"] = (store, loops) => {
    decideLengths();
    const block = blockOf(store, loops);
    if (block === null) return false;
    const [from, to] = block;
    const known = knownIn(tree.root);
    // of a length that is no number there is no array with an element
    const behind = minus(to, lengthOf(store.at.base));
    if (![from, behind].every((one) => isIntegral(one) && isSurelyNumber(one, known))) return false;
    return [scaled(from, -1), behind].every((one) => isNonNegative(one, known, { left: patience }));
  };

  const isCovered: Bounds["isCovered"] = (read, store, loops) => {
    decideLengths();
    const block = blockOf(store, loops);
    if (block === null || read.at.kind !== "element" || read.at.index.type.kind !== "integer") return false;
    const known = knownIn(tree.placeOf(read).region);
    const at = polynomialOf(read.at.index);
    const [from, to] = block;
    if (![at, from, to].every((one) => isIntegral(one) && isSurelyNumber(one, known))) return false;
    return (
      isNonNegative(minus(at, from), known, { left: patience }) &&
      isNonNegative(plus(minus(to, at), constant(-1)), known, { left: patience })
    );
  };

  return {
    placeOf,
    staysApart,
    isCovered,
    coversAll,
    keepsLength: (array) => {
      decideLengths();
      return keepsLength(array);
    },
    isInside: (op) => {
      const { notBeforeStart, notBehindEnd } = placeOf(op);
      return notBeforeStart && notBehindEnd;
    },
  };
}
