/**
 * Computes in a branch what only that branch asks for.
 *
 *   t = add base i; if c { use t; use t } else { }   =>   if c { t = add base i; use t; use t } else { }
 *
 * Only arithmetic of the transformer's own moves: where the user computed something under a name, it stays. And only
 * into branches that do something: one that merely chooses a value reads best as an expression.
 */
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import { rebuild, regionsOf } from "../ir/traverse.js";
import { isPlain } from "./nesting.js";
import { findUses, type Uses } from "./uses.js";

/** Values that one branch uses => the same, computed in it. */
export function sinkIntoBranches(fn: IRFunction): IRFunction {
  return { ...fn, body: inRegion(fn.body, findUses(fn)) };
}

function inRegion(region: Region, uses: Uses): Region {
  const sunk = new Map<Region, Op[]>();
  const branches = region.ops.flatMap((op) => (op.kind === "if" && hasEffects(op) ? [op.then, op.else] : []));
  /** Where an operation goes. */
  const homes = new Map<Op, Region>();
  /** The branch of this region's that uses of a value end up in; null where it is used here, or in several. */
  const branchOf = (value: Value): Region | null => {
    let found: Region | null = null;
    for (const use of uses.of(value)) {
      const moved = use.op === null ? undefined : homes.get(use.op);
      const branch = moved ?? branches.find((one) => uses.isWithin(use.region, one));
      if (branch === undefined || (found !== null && found !== branch)) return null;
      found = branch;
    }
    return found;
  };
  for (const op of [...region.ops].reverse()) {
    const [result] = op.results;
    if (op.kind !== "apply" || result === undefined || result.origin.variable !== null) continue;
    const branch = branchOf(result);
    if (branch === null) continue;
    homes.set(op, branch);
    sunk.set(branch, [op, ...(sunk.get(branch) ?? [])]);
  }
  const ops = region.ops.flatMap((op): readonly Op[] => {
    if (homes.has(op)) return [];
    if (op.kind !== "if" && op.kind !== "loop") return [op];
    return [
      rebuild(op, {
        value: (one) => one,
        region: (inner) => {
          const own = sunk.get(inner) ?? [];
          return inRegion({ ...inner, ops: [...own, ...inner.ops] }, uses);
        },
        result: (one) => one,
      }),
    ];
  });
  return { ...region, ops };
}

const hasEffects = (op: Op): boolean =>
  op.kind === "loop" || (!isPlain(op) && op.kind !== "if") || regionsOf(op).some(({ ops }) => ops.some(hasEffects));
