import { analyzeAliases } from "../analyze/aliases.js";
import { WriteLog } from "../analyze/effects.js";
import type { Compilation } from "../compilation.js";
import { typeAt } from "../ir/build.js";
import type { AccumulateOp, ApplyOp, IRFunction, LoadOp, Op, Region, StoreOp, Value } from "../ir/ir.js";
import { countUses, withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Recognises that an element is added to: such a store destroys nothing, so the reverse sweep records nothing.
 *
 *   t = load a[i]; u = add t v; store a[i] u   =>   accumulate a[i] v
 *
 * The load must be the first operand (as in `a[i] += v`), used by nothing else, in the same region as the store,
 * and nothing in between may write the element. Only then is the element read at the store what was read before.
 * `sub` counts as the addition of `neg v`: the two are the same to the last bit.
 */
export function recognizeAccumulate(fn: IRFunction, compilation: Compilation): IRFunction {
  const aliases = analyzeAliases(fn, compilation);
  const uses = countUses(fn);
  const isUsedOnce = (value: Value | undefined): value is Value => value !== undefined && uses.get(value) === 1;

  const visit = (region: Region): Region => {
    if (!storesSum(region))
      return withOps(
        region,
        region.ops.map((op) => withRegions(op, visit)),
      );
    const writes = new WriteLog(aliases);
    const loads = new Map<Value, { readonly op: LoadOp; readonly time: number }>();
    const sums = new Map<Value, ApplyOp>();
    const gone = new Set<Op>();
    const replaced = new Map<Op, readonly Op[]>();

    const recognize = (store: StoreOp): void => {
      if (typeAt(store.at).kind !== "number") return;
      const sum = sums.get(store.value);
      const [loaded, value] = sum?.args ?? [];
      if (sum === undefined || value === undefined || !isUsedOnce(store.value) || !isUsedOnce(loaded)) return;
      const load = loads.get(loaded);
      if (load === undefined || value === loaded) return;
      if (!aliases.mustEqual(load.op.at, store.at) || writes.writtenSince(store.at, load.time)) return;
      gone.add(load.op).add(sum);
      const accumulate = (added: Value): AccumulateOp => ({
        kind: "accumulate",
        results: [],
        at: store.at,
        value: added,
      });
      if (sum.primitive === "add") replaced.set(store, [accumulate(value)]);
      else {
        const negated: Value = { type: value.type, origin: { ...value.origin, variable: null } };
        replaced.set(store, [
          { kind: "apply", results: [negated], primitive: "neg", args: [value] },
          accumulate(negated),
        ]);
      }
    };

    const ops = region.ops.map((op) => {
      const [result] = op.results;
      if (op.kind === "load" && result !== undefined) loads.set(result, { op, time: writes.now });
      if (op.kind === "apply" && result !== undefined) {
        if (op.primitive === "add" || op.primitive === "sub") sums.set(result, op);
      }
      if (op.kind === "store") recognize(op);
      writes.record(op);
      return withRegions(op, visit);
    });
    if (gone.size === 0) return withOps(region, ops);
    return withOps(
      region,
      ops.flatMap((op) => (gone.has(op) ? [] : (replaced.get(op) ?? [op]))),
    );
  };
  return withBody(fn, visit(fn.body));
}

/** Does a region itself store a sum, so that it is worth the while to follow its writes? */
function storesSum(region: Region): boolean {
  const sums = new Set<Value>();
  for (const op of region.ops) {
    const [result] = op.results;
    if (op.kind === "apply" && result !== undefined && (op.primitive === "add" || op.primitive === "sub"))
      sums.add(result);
    if (op.kind === "store" && sums.has(op.value)) return true;
  }
  return false;
}
