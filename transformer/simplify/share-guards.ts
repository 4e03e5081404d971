import type { Compilation } from "../compilation.js";
import type { ApplyOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { countUses, withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Takes a quotient that is guarded once, where a second guard on the same adjoint stands around it.
 *
 *   q = div d w; g = guard d q; e = mul q y; h = guard d e   =>   g = guard d (div d w); e = mul g y; h = guard d e
 *
 * Where d is 0 the outer guard gives 0 whatever it is handed, and elsewhere g is q. What is left of q is used once, and
 * so is written, and computed, in one place: engines copy a division into each branch that uses it.
 */
export function shareGuards(fn: IRFunction, _compilation: Compilation): IRFunction {
  if (!hasGuards(fn.body)) return fn;
  const uses = countUses(fn);
  const visit = (region: Region): Region => {
    const ops = region.ops.map((op) => withRegions(op, visit));
    return withOps(region, share(ops, uses));
  };
  return withBody(fn, visit(fn.body));
}

const isGuard = (op: Op): op is ApplyOp => op.kind === "apply" && op.primitive === "guard";

const hasGuards = (region: Region): boolean => region.ops.some((op) => isGuard(op) || regionsOf(op).some(hasGuards));

function share(ops: readonly Op[], uses: ReadonlyMap<Value, number>): readonly Op[] {
  if (ops.filter(isGuard).length < 2) return ops;
  const definitions = new Map<Value, ApplyOp>();
  for (const op of ops) if (op.kind === "apply") op.results.forEach((result) => definitions.set(result, op));
  /** The guard of a quotient, by the quotient. */
  const guards = new Map<Value, ApplyOp>();
  for (const op of ops.filter(isGuard)) {
    const [d, q] = op.args;
    const quotient = q === undefined ? undefined : definitions.get(q);
    if (q !== undefined && quotient?.primitive === "div" && quotient.args[0] === d) guards.set(q, op);
  }
  if (guards.size === 0) return ops;

  /** What takes a guarded quotient instead: the operations between an outer guard on `d` and the quotients. */
  const changed = new Map<Op, ApplyOp>();
  const moved = new Set<ApplyOp>();
  const lookInto = (value: Value, d: Value): void => {
    const op = definitions.get(value);
    if (op === undefined || uses.get(value) !== 1 || !(op.primitive === "mul" || op.primitive === "neg")) return;
    const args = op.args.map((arg) => {
      const guard = guards.get(arg);
      const [result] = guard?.args[0] === d ? guard.results : [];
      if (guard === undefined || result === undefined) return arg;
      moved.add(guard);
      return result;
    });
    if (args.some((arg, k) => arg !== op.args[k])) changed.set(op, { ...op, args });
    else op.args.forEach((arg) => lookInto(arg, d));
  };
  for (const op of ops.filter(isGuard)) {
    const [d, e] = op.args;
    if (d !== undefined && e !== undefined && guards.get(e) !== op) lookInto(e, d);
  }
  if (changed.size === 0) return ops;
  // each guard stands right behind its quotient
  return ops.flatMap((op): readonly Op[] => {
    if (isGuard(op) && moved.has(op)) return [];
    const guard = op.kind === "apply" && op.results[0] !== undefined ? guards.get(op.results[0]) : undefined;
    return [changed.get(op) ?? op, ...(guard !== undefined && moved.has(guard) ? [guard] : [])];
  });
}
