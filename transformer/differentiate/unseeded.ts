/** What a function without a result puts into the caller's memory, and which nobody can seed there. */
import type { MemoryClass } from "../analyze/memory-class.js";
import { isReference } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Facts } from "./facts.js";
import { Refusal } from "./refusal.js";

/**
 * Refuses an object or array that is made here and put into an argument: the seeds in the shadow of the argument are those
 * of what was there when the function was called, and would not reach it.
 *
 *   out[0] = [x * x, x]
 */
export function refuseUnseeded({ fn, aliases, displaced, shadowOps }: Facts): void {
  const made = new Set<MemoryClass>();
  walk(fn.body, (op) => {
    if (op.kind !== "allocate" || shadowOps.has(op)) return;
    for (const result of op.results) made.add(aliases.classOf(result));
  });
  walk(fn.body, (op) => {
    if (op.kind !== "store" || !isReference(op.value.type) || !displaced.has(op)) return;
    if (aliases.classOf(op.at.base).escapes && made.has(aliases.classOf(op.value)))
      throw new Refusal("EZ2122", {}, op.value.origin.span);
  });
}
