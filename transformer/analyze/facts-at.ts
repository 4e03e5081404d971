/**
 * What holds at a place of a function: what the loops and the tests around it say, and the checks before it that would
 * have thrown.
 *
 *   if (i < n) { .. }      inside: i is at most n - 1
 */
import type { Op, Region, Value } from "../ir/ir.js";
import { addBound, knownFrom, type Known } from "./known.js";
import {
  asShiftedAtom,
  atom,
  atomsIn,
  constant,
  denominatorOf,
  minus,
  plus,
  scaled,
  type Polynomial,
} from "./polynomials.js";
import type { Proofs } from "./proofs.js";
import type { RegionTree } from "./region-tree.js";
import type { Terms } from "./terms.js";
import { outcomesOf, type Outcome } from "./test-outcomes.js";

export interface Facts {
  /** What holds wherever a region begins. */
  readonly in: (region: Region) => Known;
  /** What holds where an operation stands. */
  readonly at: (op: Op) => Known;
  /** What was found rests on an assumption about lengths that has fallen. */
  readonly forget: () => void;
}

/** Collects what holds at each place, as it is asked for. */
export function factsOf(tree: RegionTree, terms: Terms, proofs: Proofs): Facts {
  const { polynomialOf, isIntegral } = terms;
  const { isNonNegative } = proofs;
  const facts = new Map<Region, Known>();

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
    for (const outcome of outcomesOf(test, truth, tree)) addOutcome(known, outcome);
  };

  const addOutcome = (known: Known, { op, truth }: Outcome): void => {
    const [first, second] = op.args;
    if (first === undefined || second === undefined) return;
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
        } else if (isNonNegative(minus(a, b), known)) addOrder(known, b, a, true);
        else if (isNonNegative(minus(b, a), known)) addOrder(known, a, b, true);
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
    if (small !== null) addBound(known.upper, small.atom, plus(atom(small.atom), least));
    if (great !== null) addBound(known.lower, great.atom, minus(atom(great.atom), least));
  };

  return {
    in: knownIn,
    at: (op) => {
      const { region, position } = tree.placeOf(op);
      const known = knownFrom(knownIn(region));
      for (const before of region.ops.slice(0, position)) addCheck(known, before);
      return known;
    },
    forget: () => facts.clear(),
  };
}
