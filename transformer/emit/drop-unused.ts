/** Drops plain operations whose results nothing uses, so that every use that is counted is printed. */
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import { exitOperands, operandsOf, rebuild } from "../ir/traverse.js";
import { isPlain } from "./nesting.js";

/** A function => the same without plain operations that nothing uses. */
export function dropUnused(fn: IRFunction): IRFunction {
  const used = new Set<Value>();
  const visit = (region: Region): Region => {
    for (const value of exitOperands(region.exit)) used.add(value);
    const kept: Op[] = [];
    for (const op of [...region.ops].reverse()) {
      if (isPlain(op) && !op.results.some((result) => used.has(result))) continue;
      const hasRegions = op.kind === "if" || op.kind === "loop";
      kept.push(hasRegions ? rebuild(op, { value: (one) => one, region: visit, result: (one) => one }) : op);
      for (const operand of operandsOf(op)) used.add(operand);
    }
    return { params: region.params, ops: kept.reverse(), exit: region.exit };
  };
  return { ...fn, body: visit(fn.body) };
}
