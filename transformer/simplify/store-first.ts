import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { hasFixedLength } from "../analyze/length-changes.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { analyzeBounds } from "../analyze/bounds.js";
import { findCleaningLoops } from "../analyze/clean-arrays.js";
import { writesClass } from "../analyze/effects.js";
import { isLaterOrElsewhere, type Beginning } from "../analyze/element-order.js";
import { findLocalArrays } from "../analyze/local-arrays.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import {
  isDictionary,
  type AccumulateOp,
  type AllocateOp,
  type IRFunction,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import { isShadow } from "./merge-accumulates.js";
import { withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Stores what would be added to an element of a fresh shadow that nothing was added to before.
 *
 *   dx = zeros n; for i { accumulate dx[i] d }                         =>   dx = zeros n; for i { store dx[i] d }
 *   dx = zeros n; for i down { accumulate dx[i] d; accumulate dx[i + 1] e }
 *     =>   dx = zeros n; for i down { store dx[i] d; accumulate dx[i + 1] e }
 *
 * The element need not be read, which is worth most where it was just written. Safe where every write that comes before,
 * in the same iteration or in one before, surely touches another element of the array. An array that each iteration of a
 * loop leaves full of zeros is as good as fresh in all of them. A step behind all analyses: that
 * additions may come in any order is worth more to them.
 */
export function storeFirst(fn: IRFunction, compilation: Compilation): IRFunction {
  const fresh = findFresh(fn);
  const additions = additionsTo(fresh, fn);
  if (additions.length === 0) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  const bounds = analyzeBounds(tree, aliases);
  const writers = writersOfEach(new Set(additions.map(({ at }) => aliases.classOf(at.base))), fn, aliases);
  const cleaning = findCleaningLoops(findLocalArrays(fn), tree, aliases, bounds);
  const isFirst = (op: AccumulateOp): boolean => {
    const { base } = op.at;
    if (!(hasFixedLength(base) || bounds.isInside(op))) return false;
    const others = writers.get(aliases.classOf(base)) ?? [];
    return beginningsOf(base).some((zeros) =>
      others.every((other) => isLaterOrElsewhere(other, op, zeros, tree, bounds)),
    );
  };
  /** Where the array is all zeros: behind its making, and where an iteration begins that leaves it so. */
  const beginningsOf = (base: Value): readonly Beginning[] => {
    const made = fresh.get(base);
    const region = cleaning.get(base)?.body;
    return [
      ...(made === undefined ? [] : [{ region: tree.placeOf(made).region, behind: made }]),
      ...(region === undefined ? [] : [{ region, behind: null }]),
    ];
  };
  const first = new Set<Op>(additions.filter(isFirst));
  if (first.size === 0) return fn;
  const store = (op: Op): Op => (op.kind === "accumulate" && first.has(op) ? { ...op, kind: "store" } : op);
  const rewrite = (region: Region): Region => {
    const ops = region.ops.map((op) => withRegions(store(op), rewrite));
    return withOps(region, ops);
  };
  return withBody(fn, rewrite(fn.body));
}

/** Arrays that are made here, of zeros, with what makes them. */
function findFresh(fn: IRFunction): ReadonlyMap<Value, AllocateOp> {
  const fresh = new Map<Value, AllocateOp>();
  walk(fn.body, (op) => {
    const [result] = op.results;
    if (op.kind !== "allocate" || result?.type.kind !== "array" || isDictionary(result.type)) return;
    const isZeros = op.initial.kind === "zeros" || op.initial.kind === "zerosLike";
    if (isZeros && result.type.element.kind === "number") fresh.set(result, op);
  });
  return fresh;
}

function additionsTo(arrays: ReadonlyMap<Value, AllocateOp>, fn: IRFunction): readonly AccumulateOp[] {
  const additions: AccumulateOp[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "accumulate" && op.at.kind === "element" && isShadow(op) && arrays.has(op.at.base))
      additions.push(op);
  });
  return additions;
}

/** The operations, without regions of their own, that may write memory of each class. */
function writersOfEach(
  classes: ReadonlySet<MemoryClass>,
  fn: IRFunction,
  aliases: Aliases,
): ReadonlyMap<MemoryClass, readonly Op[]> {
  const writers = new Map([...classes].map((memory): [MemoryClass, Op[]] => [memory, []]));
  walk(fn.body, (op) => {
    if (regionsOf(op).length > 0) return;
    if (op.kind === "store" || op.kind === "accumulate") writers.get(aliases.classOf(op.at.base))?.push(op);
    else for (const [memory, ops] of writers) if (writesClass(op, memory, aliases)) ops.push(op);
  });
  return writers;
}
