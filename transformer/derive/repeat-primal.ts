/** May the primal run more than once, unnoticed? */
import { analyzeAliases } from "../analyze/aliases.js";
import { isUnwritten } from "../analyze/reachable-memory.js";
import type { Compilation } from "../compilation.js";
import type { DerivativeRequest } from "../derivative-request.js";
import { isRepeatable } from "../differentiate/calls.js";
import { isReference, type IRFunction } from "../ir/ir.js";

/** Who would notice that the primal runs again; null: nobody. */
export function seenWhenRepeated(primal: IRFunction, compilation: Compilation): "writes" | "acts" | null {
  const aliases = analyzeAliases(primal, compilation);
  const writes = primal.params.some(
    ({ value }) => isReference(value.type) && !isUnwritten(aliases.classOf(value), value.type, aliases),
  );
  return writes ? "writes" : isRepeatable(primal, compilation) ? null : "acts";
}

/** May the primal run once for each row or column? */
export function canRepeat(
  primal: IRFunction,
  request: DerivativeRequest,
  mode: "jacobian" | "hessian",
  compilation: Compilation,
): boolean {
  const seen = seenWhenRepeated(primal, compilation);
  if (seen === null) return true;
  compilation.report("EZ2001", request.primal.nameSpan, {
    what: `mode ${mode} of a function that ${seen === "writes" ? "writes to its arguments" : "prints, or draws random numbers,"}`,
    advice:
      seen === "writes"
        ? "write to a copy, and return the array"
        : "keep what is seen outside out of it, and pass random numbers as arguments",
  });
  return false;
}
