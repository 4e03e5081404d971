import { analyzeAliases } from "../analyze/aliases.js";
import { analyzeBounds } from "../analyze/bounds.js";
import { analyzeDensity } from "../analyze/dense-arrays.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import { askedForAnyHole, askedForHole } from "../ir/holes.js";
import type { IRFunction, Op, Region } from "../ir/ir.js";
import { someOperation } from "../ir/traverse.js";
import { constantOp, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * Answers whether something is at a position of an array that has no holes; a spread of such an array is a copy.
 *
 *   g = holes n; for i from 0 to n { store g[i] v }; for i from 0 to n { if (i in g) { .. } }   =>   .. { if (true) { .. } }
 *
 * Safe because what was put below the length of an array stays there: nothing takes elements out of its middle.
 */
export function foldHoles(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, (op) => askedForHole(op) !== null || askedForAnyHole(op) !== null || isSpread(op)))
    return fn;
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  const bounds = analyzeBounds(tree, aliases);
  const isDense = analyzeDensity(fn, tree, aliases, bounds, !isCalled(fn, compilation));
  const substitution = new Substitution();
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out: Op[]) => {
      const [result] = op.results;
      const asked = askedForHole(op);
      if (asked !== null && result !== undefined) {
        const { array, position } = asked;
        const isThere = isDense(array, op) && bounds.isInsideAt(op, { kind: "element", base: array, index: position });
        return void out.push(isThere ? constantOp(true, result) : op);
      }
      const whole = askedForAnyHole(op);
      if (whole !== null && result !== undefined) {
        return void out.push(isDense(whole, op) ? constantOp(false, result) : op);
      }
      if (op.kind === "allocate" && op.initial.kind === "copy" && isSpread(op) && isDense(op.initial.source, op)) {
        const { source, from, to } = op.initial;
        return void out.push({ ...op, initial: { kind: "copy", source, from, to } });
      }
      out.push(withRegions(op, visit));
    });
  return withBody(fn, visit(fn.body));
}

const isSpread = (op: Op): boolean =>
  op.kind === "allocate" && op.initial.kind === "copy" && op.initial.spread === true;

/** Is the function handed what other functions of ours have made? */
const isCalled = ({ name }: IRFunction, { functions }: Compilation): boolean =>
  [...functions.values()].some(({ body }) => someOperation(body, (op) => op.kind === "call" && op.callee === name));
