import { analyzeAliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import { someOperation } from "../ir/traverse.js";
import type { AllocateOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import { constantOp, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * The length of an array that is made here and never resized is what it was made with.
 *
 *   h = allocate zeros n; m = length h   =>   h = allocate zeros n; m is n
 *
 * Safe for integers: an array of any other length is not made, or not of that length.
 */
export function foldLengths(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "length")) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const made = new Map<Value, AllocateOp>();
  const substitution = new Substitution();
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out: Op[]) => {
      const [result] = op.results;
      if (op.kind === "allocate" && result?.type.kind === "array") made.set(result, op);
      const source = op.kind === "length" ? made.get(op.array) : undefined;
      if (op.kind !== "length" || source === undefined || result === undefined || aliases.classOf(op.array).resized) {
        out.push(withRegions(op, visit));
        return;
      }
      const { initial } = source;
      const known =
        initial.kind === "zeros" || initial.kind === "filled"
          ? initial.length
          : initial.kind === "zerosLike" && initial.of.type.kind === "array"
            ? initial.of
            : null;
      if (initial.kind === "parts") {
        const count = constantOp(initial.parts.length);
        out.push(count);
        substitution.replace(result, count.results[0]);
      } else if (known?.type.kind === "integer") {
        substitution.replace(result, known);
      } else if (known?.type.kind === "array" && !aliases.classOf(known).resized) {
        out.push({ ...op, array: known });
      } else {
        out.push(op);
      }
    });
  return withBody(fn, visit(fn.body));
}
