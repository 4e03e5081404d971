/**
 * Stores that may stand behind the end of an array that is pushed to, or popped from, as well. Such arrays and their
 * shadows are stacks to the two sweeps, which must get longer and shorter by the same steps: the store becomes a push.
 *
 *   store a[i] v   =>   if i < length a { store a[i] v } else { while length a < i { push a NaN }; push a v }
 *
 * What is skipped is undefined, which is NaN in arithmetic. Where somebody asks whether elements are there, or they are
 * no numbers, the derivative ends with an error in its place.
 */
import type { Aliases } from "../analyze/aliases.js";
import { analyzeBounds, type Bounds } from "../analyze/bounds.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { Block, makeValue } from "../ir/build.js";
import { pure } from "../ir/effects.js";
import { askedForAnyHole, askedForHole } from "../ir/holes.js";
import { type IRFunction, type Location, type Op, type Region, type StoreOp, type Value } from "../ir/ir.js";
import { someOperation } from "../ir/traverse.js";
import { pushUpTo } from "./push-up-to.js";
import { rewriteRegion, Substitution, withBody, withRegions } from "../simplify/rewrite.js";

/** What its user hands a function keeps its length; what a callee is handed may be what its caller made. */
export function makeGrowthExplicit(fn: IRFunction, aliases: Aliases, isCallee: boolean): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "store")) return fn;
  const bounds = analyzeBounds(buildRegionTree(fn), aliases);
  const asksForElements = someOperation(
    fn.body,
    (op) => op.kind === "isAbsent" || askedForHole(op) !== null || askedForAnyHole(op) !== null,
  );
  const substitution = new Substitution();
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out: Op[]) => {
      const at = op.kind === "store" ? growingPlace(op, aliases, bounds, isCallee) : null;
      if (op.kind !== "store" || at === null) out.push(withRegions(op, visit));
      else out.push(...storedOrPushed(op, at, asksForElements));
    });
  return withBody(fn, visit(fn.body));
}

type Element = Extract<Location, { kind: "element" }>;

function growingPlace(op: StoreOp, aliases: Aliases, bounds: Bounds, isCallee: boolean): Element | null {
  const { at } = op;
  if (at.kind !== "element" || at.base.type.kind !== "array" || at.base.type.storage !== "Array") return null;
  if (!aliases.classOf(at.base).resized || !(isCallee || aliases.mayLengthen(at))) return null;
  return bounds.placeOf(op).notBehindEnd ? null : at;
}

function storedOrPushed(op: StoreOp, { base, index }: Element, asksForElements: boolean): readonly Op[] {
  const block = new Block(true);
  const test = block.apply("lt", [index, block.length(base)]);
  const [then, otherwise] = [block.inner(), block.inner()];
  then.append(op);
  if (asksForElements || op.value.type.kind !== "number") refuseGap(base, index, otherwise);
  else pushUpTo(base, NaN, index, false, otherwise);
  otherwise.push(base, op.value);
  block.if(test, then.yield([], []), otherwise.yield([], []), []);
  return block.ops;
}

function refuseGap(base: Value, index: Value, block: Block): void {
  const then = block.inner();
  const error = makeValue({ kind: "opaque", text: "RangeError" });
  then.append({
    kind: "opaque",
    results: [error],
    template:
      'new RangeError("an element is written far behind the end of its array, which a derivative cannot follow")',
    operands: [],
    effects: pure,
  });
  block.if(
    block.apply("gt", [index, block.length(base)]),
    then.region([], { kind: "throw", value: error }),
    block.inner().yield([], []),
    [],
  );
}
