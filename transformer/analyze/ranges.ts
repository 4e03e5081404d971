/**
 * Intervals that values are known to lie in, whatever the inputs: enough to leave a strong-zero guard
 * out (`1 + Math.exp(x)` is at least 1). NaN is outside the question: a guard changes nothing there.
 */
import type { Op, Region, Value } from "../ir/ir.js";
import { branchFactsAt, type BranchFact } from "./branch-facts.js";
import type { RegionTree } from "./region-tree.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}
const everything: Interval = { low: -Infinity, high: Infinity };
const deepest = 12;

export interface Ranges {
  intervalOf(value: Value): Interval;
  /** Can the value not be zero, where `at` uses it: known from what it is computed from, and from the branches around? */
  isNonzero(value: Value, at?: Op): boolean;
}

/** Answers in which intervals values lie. */
export function analyzeRanges(tree: RegionTree): Ranges {
  const memo = new Map<Value, Interval>();
  const facts = new Map<Region, readonly BranchFact[]>();

  const factsAt = (region: Region): readonly BranchFact[] => {
    const known = facts.get(region);
    if (known !== undefined) return known;
    const found = branchFactsAt(region, tree);
    facts.set(region, found);
    return found;
  };

  /** The interval of a value in a region, where branches were taken on what it is. */
  const intervalIn = (region: Region, value: Value, depth: number): Interval => {
    let { low, high } = interval(value, depth);
    for (const fact of factsAt(region)) {
      if (fact.value !== value) continue;
      const other = interval(fact.other, depth + 1);
      const { relation } = fact;
      if (relation === "gt") low = Math.max(low, other.low === 0 ? Number.MIN_VALUE : other.low);
      if (relation === "lt") high = Math.min(high, other.high === 0 ? -Number.MIN_VALUE : other.high);
      if (relation === "ge" || relation === "eq") low = Math.max(low, other.low);
      if (relation === "le" || relation === "eq") high = Math.min(high, other.high);
    }
    return { low, high };
  };

  /** `x !== 0`, or `Math.abs(x) > c` where c is not negative. */
  const excludesZero = (fact: BranchFact, value: Value): boolean => {
    const other = interval(fact.other, 0);
    if (fact.value === value) return fact.relation === "ne" && other.low === 0 && other.high === 0;
    const { op } = tree.definitionOf(fact.value);
    const isSize = op?.kind === "apply" && op.primitive === "abs" && op.args[0] === value;
    return isSize && ((fact.relation === "gt" && other.low >= 0) || (fact.relation === "ge" && other.low > 0));
  };

  const interval = (value: Value, depth: number): Interval => {
    const known = memo.get(value);
    if (known !== undefined) return known;
    if (depth > deepest) return everything;
    const found = compute(value, depth);
    memo.set(value, found);
    return found;
  };

  /** A counter lies between the ends of its range; one that counts iterations starts at 0. */
  const counter = (value: Value, region: Region, depth: number): Interval => {
    const owner = tree.ownerOf(region);
    if (owner?.kind !== "loop" || region.params[0] !== value) return everything;
    if (owner.range === null) return { low: 0, high: Infinity };
    const [from, to] = [interval(owner.range.from, depth + 1), interval(owner.range.to, depth + 1)];
    return owner.range.step > 0 ? { low: from.low, high: to.high } : { low: to.low, high: from.high };
  };

  const compute = (value: Value, depth: number): Interval => {
    const { op, region } = tree.definitionOf(value);
    if (op === null) return counter(value, region, depth);
    if (op.kind === "constant") return typeof op.value === "number" ? { low: op.value, high: op.value } : everything;
    if (op.kind === "length") return { low: 0, high: Infinity };
    if (op.kind !== "apply") return everything;
    const [first, second] = op.args;
    const a = first === undefined ? everything : intervalIn(region, first, depth + 1);
    const b = second === undefined ? everything : intervalIn(region, second, depth + 1);
    switch (op.primitive) {
      case "add":
        return sane(a.low + b.low, a.high + b.high);
      case "sub":
        return sane(a.low - b.high, a.high - b.low);
      case "neg":
        return { low: -a.high, high: -a.low };
      case "mul":
        if (first === second) return square(a);
        return a.low >= 0 && b.low >= 0 ? sane(a.low * b.low, a.high * b.high) : everything;
      case "pow":
        return b.low === b.high && b.low % 2 === 0 && b.low > 0 ? { low: 0, high: Infinity } : everything;
      case "div":
        return a.low >= 0 && b.low > 0 ? { low: 0, high: Infinity } : everything;
      case "abs":
        return { low: a.low > 0 ? a.low : a.high < 0 ? -a.high : 0, high: Infinity };
      case "sqrt":
        return { low: a.low > 0 ? Math.sqrt(a.low) : 0, high: Infinity };
      case "exp":
        return a.low > -700 ? { low: Math.exp(a.low) / 2, high: Infinity } : { low: 0, high: Infinity };
      case "cosh":
        return { low: 1, high: Infinity };
      case "hypot":
        return { low: 0, high: Infinity };
      case "sin":
      case "cos":
      case "tanh":
        return { low: -1, high: 1 };
      case "max": {
        const all = op.args.map((arg) => interval(arg, depth + 1));
        return { low: Math.max(...all.map(({ low }) => low)), high: Math.max(...all.map(({ high }) => high)) };
      }
      case "min": {
        const all = op.args.map((arg) => interval(arg, depth + 1));
        return { low: Math.min(...all.map(({ low }) => low)), high: Math.min(...all.map(({ high }) => high)) };
      }
      default:
        return everything;
    }
  };

  return {
    intervalOf: (value) => interval(value, 0),
    isNonzero: (value, at) => {
      const region = at === undefined ? tree.definitionOf(value).region : tree.placeOf(at).region;
      const { low, high } = intervalIn(region, value, 0);
      return low > 0 || high < 0 || factsAt(region).some((fact) => excludesZero(fact, value));
    },
  };
}

function square({ low, high }: Interval): Interval {
  const least = low > 0 ? low : high < 0 ? -high : 0;
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { low: least * least, high: most * most };
}

const sane = (low: number, high: number): Interval => ({
  low: Number.isNaN(low) ? -Infinity : low,
  high: Number.isNaN(high) ? Infinity : high,
});
