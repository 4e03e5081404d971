/**
 * Calls that hand a function one array or object in two arguments, or something and a part of it:
 *
 *   step(m, m[0])      merge(a, a)
 *
 * A callee that stays a call, and writes there, is analysed as a function whose parameters may be, or hold, one another.
 */
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import { isReference, type CallOp, type IRFunction } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";

/** May two arguments lead to memory that the callee writes? */
export function sharesWritten(op: CallOp, aliases: Aliases): boolean {
  const { writes, resizes } = aliases.effectsOfCall(op);
  const written = new Set([...writes.map(({ memory }) => memory), ...resizes]);
  if (written.size === 0) return false;
  const seen = new Set<unknown>();
  for (const arg of op.args.filter(({ type }) => isReference(type))) {
    const reached = aliases.reachedFrom(arg);
    for (const memory of reached) if (seen.has(memory) && written.has(memory)) return true;
    for (const memory of reached) seen.add(memory);
  }
  return false;
}

/**
 * Marks the callees that a function's calls hand shared memory, and theirs in turn: what is shared in a function is
 * shared in what it calls. `originals` has the callees as they were before they were simplified without that mark.
 */
export function markSharing(fn: IRFunction, compilation: Compilation, originals: Map<string, IRFunction>): void {
  const pending = [fn];
  const visited = new Set<IRFunction>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (visited.has(next)) continue;
    visited.add(next);
    const aliases = analyzeAliases(next, compilation);
    const marks: IRFunction[] = [];
    walk(next.body, (op) => {
      if (op.kind !== "call") return;
      const callee = compilation.functions.get(op.callee);
      if (callee === undefined) return;
      if (callee.sharesArguments === true || !sharesWritten(op, aliases)) {
        pending.push(callee);
        return;
      }
      const marked = { ...(originals.get(op.callee) ?? callee), sharesArguments: true } as const;
      originals.set(op.callee, marked);
      compilation.functions.set(op.callee, marked);
      marks.push(marked);
    });
    // with other callees the function's own memory may look different
    if (marks.length > 0) {
      visited.clear();
      pending.push(fn, ...marks);
    }
  }
}

/** What is made of a function takes its arguments as it does. */
export const sharingOf = ({ sharesArguments }: IRFunction): Pick<IRFunction, "sharesArguments"> =>
  sharesArguments === true ? { sharesArguments } : {};
