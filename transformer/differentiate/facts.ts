/** What the analyses know of one function with its shadows; read by every part of reverse mode. */
import type { Activity } from "../analyze/activity.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { analyzeBounds, type Bounds } from "../analyze/bounds.js";
import { analyzePrivateArrays, type PrivateArrays } from "../analyze/private-arrays.js";
import { analyzeRanges, type Ranges } from "../analyze/ranges.js";
import { buildRegionTree, type RegionTree } from "../analyze/region-tree.js";
import { analyzeStability, type Apart, type Stability } from "../analyze/stability.js";
import type { Compilation } from "../compilation.js";
import {
  hasShadowCell,
  isReference,
  isDictionary,
  isMap,
  isTyped,
  type AccumulateOp,
  type ApplyOp,
  type CallOp,
  type Exit,
  type IfOp,
  type IRFunction,
  type LoadOp,
  type LoopOp,
  type Op,
  type PopOp,
  type Region,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import { primitives } from "../ir/primitives.js";
import { regionsOf, walk } from "../ir/traverse.js";
import type { Scale } from "../rules/scalar.js";
import { reusingRuleOf } from "./apply-rule.js";
import { findGuardedTerms, type GuardedTerms } from "./guarded-terms.js";
import { isSnapshot, type Displaced, type ShadowedBody } from "./shadows.js";

/** The arguments of calls as they were when the call ran. */
export type KeptArguments = ReadonlyMap<CallOp, readonly Value[]>;

export interface Facts {
  readonly fn: IRFunction;
  readonly compilation: Compilation;
  readonly activity: Activity;
  readonly aliases: Aliases;
  readonly tree: RegionTree;
  readonly guarded: GuardedTerms;
  readonly ranges: Ranges;
  readonly bounds: Bounds;
  readonly stability: Stability;
  readonly arrays: PrivateArrays;
  readonly shadowOf: ReadonlyMap<Value, Value>;
  readonly shadowOps: ReadonlySet<Op>;
  readonly displaced: ReadonlyMap<Op, Displaced>;
  readonly filled: ShadowedBody["filled"];
  readonly splits: ShadowedBody["splits"];
  /** What the rules of calls are handed in reverse, where that is not what the call is handed. */
  readonly kept: KeptArguments;
  /** Values whose use depends on what they are: tested, compared. */
  readonly tested: ReadonlySet<Value>;
  /** Values that may be undefined, for the program asks. */
  readonly mayBeAbsent: ReadonlySet<Value>;
}

/** `fn` is the primal with shadows, `activity` what was found on the primal without them. */
export function gatherFacts(
  fn: IRFunction,
  shadowed: ShadowedBody,
  activity: Activity,
  compilation: Compilation,
  apart: Apart | null,
  kept: KeptArguments,
): Facts {
  const tree = buildRegionTree(fn);
  const aliases = analyzeAliases(fn, compilation);
  const bounds = analyzeBounds(tree, aliases);
  const arrays = analyzePrivateArrays(tree, aliases, bounds);
  return {
    fn,
    compilation,
    activity,
    aliases,
    tree,
    guarded: findGuardedTerms(fn, tree),
    ranges: analyzeRanges(tree),
    bounds,
    stability: analyzeStability(fn, tree, aliases, arrays, bounds, apart),
    arrays,
    shadowOf: shadowed.shadowOf,
    shadowOps: shadowed.shadowOps,
    displaced: shadowed.displaced,
    filled: shadowed.filled,
    splits: shadowed.splits,
    kept,
    tested: findTested(fn),
    mayBeAbsent: findAbsent(fn),
  };
}

/** Values that a test for undefined reads, itself or through branches and loops. */
function findAbsent(fn: IRFunction): ReadonlySet<Value> {
  const absent = new Set<Value>();
  const from = (value: Value | undefined, result: Value | undefined): void => {
    if (value !== undefined && result !== undefined && absent.has(result)) absent.add(value);
  };
  for (let before = -1; before < absent.size;) {
    before = absent.size;
    walk(fn.body, (op) => {
      if (op.kind === "isAbsent") absent.add(op.value);
      else if (op.kind === "unwrap") from(op.value, op.results[0]);
      else if (op.kind === "if") {
        for (const { exit } of regionsOf(op)) op.results.forEach((result, k) => from(yieldsOf(exit)[k], result));
      } else if (op.kind === "loop") {
        op.initial.forEach((initial, k) => {
          for (const result of [op.body.params[k + 1], op.results[k + 2]]) {
            from(initial, result);
            from(yieldsOf(op.body.exit)[k + 1], result);
          }
        });
      }
    });
  }
  return absent;
}

/** May the array be empty, and somebody asks whether it was? What it gave may not be told from an element that is absent. */
export function mayFindNothing({ array, results: [result] }: PopOp, { mayBeAbsent }: Facts): boolean {
  const isAsked = result !== undefined && mayBeAbsent.has(result);
  return isAsked && array.type.kind === "array" && array.type.element.kind !== "optional";
}

/** Values that a test reads, itself or through arithmetic (`x[i] || 1` tests the magnitude). */
function findTested(fn: IRFunction): ReadonlySet<Value> {
  const tested = new Set<Value>();
  const ops: Op[] = [];
  walk(fn.body, (op) => ops.push(op));
  for (const op of ops.reverse()) {
    if (op.kind === "isAbsent") tested.add(op.value);
    if (op.kind === "opaque") op.operands.forEach((operand) => tested.add(operand));
    if (op.kind !== "apply") continue;
    const isTest = primitives[op.primitive].result === "boolean" || op.results.some((result) => tested.has(result));
    if (isTest) op.args.forEach((arg) => tested.add(arg));
  }
  return tested;
}

/**
 * May a load from a plain array be beyond its end, and the program go on with something else there
 * (`x[i + 1] ?? 0`)? Elsewhere such a read makes the result NaN.
 */
export function mayBeBeyond(op: LoadOp, { bounds, tested, mayBeAbsent }: Facts): boolean {
  const [result] = op.results;
  const { at } = op;
  if (result === undefined || at.kind !== "element" || at.base.type.kind !== "array") return false;
  if (result.type.kind !== "optional" && !tested.has(result) && !mayBeAbsent.has(result)) return false;
  // beyond the end of a typed array nothing is ever written
  if (isTyped(at.base.type.storage) || isDictionary(at.base.type)) return false;
  return !bounds.isInside(op);
}

/** May a key be one that an argument does not have, and the program go on? Then its gradient does not get the key either. */
export function mayLackKey({ at, results: [result] }: LoadOp, { tested, aliases }: Facts): boolean {
  const { type } = at.base;
  // A Map is never what is differentiated with respect to; and it may have lost the key since.
  if (result === undefined || !isDictionary(type) || isMap(type) || !tested.has(result)) return false;
  return aliases.classOf(at.base).parameter !== null;
}

/** May a write be beyond the end of a typed array, which ignores it? Then there is no shadow to read either. */
export function mayBeIgnored(op: StoreOp | AccumulateOp, { bounds }: Facts): boolean {
  const { at } = op;
  if (at.kind !== "element" || at.base.type.kind !== "array" || at.base.type.storage === "Array") return false;
  return !bounds.isInside(op);
}

/** Is this a number whose adjoint is of interest? */
export const isActiveNumber = (value: Value, { activity }: Facts): boolean =>
  !isReference(value.type) && activity.isActive(value);

/** Does the memory that a reference denotes have a shadow? */
export const hasShadow = (reference: Value, { activity }: Facts): boolean => activity.isActive(reference);

/** What an exit hands on; nothing where it throws. */
export const yieldsOf = (exit: Exit): readonly Value[] => (exit.kind === "throw" ? [] : exit.values);

/** The maps d => partial * d of an `apply`, null where nothing flows. */
export function scalesOf(op: ApplyOp, facts: Facts): readonly Scale[] {
  const scales = reusingRuleOf(op, facts.tree, facts.guarded);
  return op.args.map((arg, index) => (isActiveNumber(arg, facts) ? (scales[index] ?? null) : null));
}

/** Has this operation something to do in the reverse sweep? */
export function isReversible(op: Op, facts: Facts): boolean {
  if (facts.shadowOps.has(op)) return false;
  switch (op.kind) {
    case "apply":
      return (
        op.results.some((result) => isActiveNumber(result, facts)) &&
        scalesOf(op, facts).some((scale) => scale !== null)
      );
    case "load":
    case "unwrap":
      return op.results.some((result) => isActiveNumber(result, facts));
    case "store":
      return (
        hasShadow(op.at.base, facts) && hasShadowCell(op.at) && (!isReference(op.value.type) || facts.displaced.has(op))
      );
    case "accumulate":
      return hasShadow(op.at.base, facts) && hasShadowCell(op.at) && isActiveNumber(op.value, facts);
    case "push":
    case "pop":
      return hasShadow(op.array, facts);
    case "allocate":
      return !isSnapshot(op) && op.results.some((result) => hasShadow(result, facts)) && partsFlow(op, facts);
    case "call":
      return [...op.args, ...op.results].some((value) => facts.activity.isActive(value));
    case "if":
      return (
        regionsOf(op).some((region) => region.ops.some((inner) => isReversible(inner, facts))) ||
        op.results.some((result) => isActiveNumber(result, facts))
      );
    case "loop":
      return (
        op.body.ops.some((inner) => isReversible(inner, facts)) ||
        op.results.some((result) => isActiveNumber(result, facts))
      );
    case "constant":
    case "length":
    case "grow":
    case "opaque":
    case "random":
    case "isAbsent":
      return false;
  }
}

function partsFlow(op: Extract<Op, { kind: "allocate" }>, facts: Facts): boolean {
  const { initial } = op;
  switch (initial.kind) {
    case "parts":
      return initial.parts.some((part) => isActiveNumber(part, facts));
    case "filled":
      return isActiveNumber(initial.value, facts);
    case "copy":
      return (
        hasShadow(initial.source, facts) &&
        op.results.some(({ type }) => type.kind === "array" && !isReference(type.element))
      );
    case "zeros":
    case "zerosLike":
      return false;
  }
}

// ---- How a loop ends -----------------------------------------------------------------

/** How the iteration that stops a loop is reversed. */
export type StopShape =
  /** No iteration stops: a plain counted loop. */
  | { readonly kind: "never" }
  /** The stopping iteration changes nothing: the reverse sweep starts at the last completed one and knows these branches are not taken. */
  | { readonly kind: "idle"; readonly notTaken: ReadonlySet<Region> }
  /** The stopping iteration does work: the reverse sweep starts with it. */
  | { readonly kind: "working" };

/** What the iteration does in which a loop stops. */
export function stopShapeOf(loop: LoopOp, facts: Facts): StopShape {
  const { tree } = facts;
  const stop = yieldsOf(loop.body.exit)[0];
  if (stop === undefined) return { kind: "working" };
  const literalOf = (value: Value): unknown => {
    const { op } = tree.definitionOf(value);
    return op?.kind === "constant" ? op.value : undefined;
  };
  if (literalOf(stop) === false) return { kind: "never" };

  const notTaken = new Set<Region>();
  /**
   * Does every stopping path through `region` leave all as it was? `stopValue` is true on it, `carried`
   * is what it yields. Then no adjoint reaches anything but the carried values themselves.
   */
  const isIdle = (region: Region, stopValue: Value, carried: readonly Value[]): boolean => {
    if (literalOf(stopValue) === false) return true;
    const decided = literalOf(stopValue) === true ? region : null;
    if (decided !== null && region !== loop.body) notTaken.add(region);
    const chosen = new Map<Op, Region>();
    let decider: IfOp | null = null;
    for (const op of region.ops) {
      if (op.kind !== "if") continue;
      const taken = branchWhen(op, stopValue, true, tree);
      if (taken !== null) {
        chosen.set(op, taken);
        notTaken.add(taken);
      } else if (op.results.includes(stopValue)) decider = op;
    }
    const resolve = (value: Value): Value => {
      const { op } = tree.definitionOf(value);
      const branch = op === null ? undefined : chosen.get(op);
      const inner = op === null || branch === undefined ? undefined : yieldsOf(branch.exit)[op.results.indexOf(value)];
      return inner ?? value;
    };
    const resolved = carried.map(resolve);
    const isQuiet = region.ops.every((op) => {
      if (op === decider) return true;
      const branch = chosen.get(op);
      return branch === undefined
        ? !hasMemoryReverse(op, facts)
        : !branch.ops.some((inner) => hasMemoryReverse(inner, facts));
    });
    if (!isQuiet) return false;
    if (decider === null) {
      return resolved.every((value, index) => {
        // What is never read in the loop may still be read after it: its result counts too.
        const [param, result] = [loop.body.params[index + 1], loop.results[index + 2]];
        const matters = (one: Value | undefined): boolean =>
          one !== undefined && (isActiveNumber(one, facts) || hasShadowReference(one));
        return value === param || (!matters(param) && !matters(result));
      });
    }
    const { results } = decider;
    return [decider.then, decider.else].every((branch) => {
      if (branch.exit.kind === "throw") return true;
      const yields = yieldsOf(branch.exit);
      const through = (value: Value): Value => yields[results.indexOf(value)] ?? value;
      return isIdle(branch, through(stopValue), resolved.map(through));
    });
  };
  const hasShadowReference = (value: Value): boolean => isReference(value.type) && hasShadow(value, facts);
  const carried = yieldsOf(loop.body.exit).slice(1);
  return isIdle(loop.body, stop, carried) ? { kind: "idle", notTaken } : { kind: "working" };
}

/** The branch that an `if` takes where `value` is `truth`; null where that does not decide it. */
function branchWhen(op: IfOp, value: Value, truth: boolean, tree: RegionTree): Region | null {
  if (op.test === value) return truth ? op.then : op.else;
  for (const [one, other] of [
    [op.test, value],
    [value, op.test],
  ] as const) {
    const { op: by } = tree.definitionOf(one);
    if (by?.kind === "apply" && by.primitive === "not" && by.args[0] === other) return truth ? op.else : op.then;
  }
  return null;
}

/** Would reversing this operation touch a shadow even if no adjoint came in? */
function hasMemoryReverse(op: Op, facts: Facts): boolean {
  if (facts.shadowOps.has(op)) return false;
  switch (op.kind) {
    case "store":
    case "accumulate":
    case "push":
    case "pop":
    case "call":
      return isReversible(op, facts);
    case "allocate":
      return isReversible(op, facts);
    case "if":
    case "loop":
      return regionsOf(op).some((region) => region.ops.some((inner) => hasMemoryReverse(inner, facts)));
    default:
      return false;
  }
}

/** The branch of an `if` that must have been taken wherever its reverse runs, if one is known. */
export function knownBranch(op: Extract<Op, { kind: "if" }>, notTaken: ReadonlySet<Region>): Region | null {
  const impossible = (region: Region): boolean => region.exit.kind === "throw" || notTaken.has(region);
  if (impossible(op.then)) return op.else;
  return impossible(op.else) ? op.then : null;
}
