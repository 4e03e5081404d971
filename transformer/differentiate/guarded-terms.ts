/**
 * Terms under a guard, where a derivative is differentiated again. Such a term is linear in what guards it, whatever
 * else is in it:
 *
 *   t = div d w; g = guard d t          g is 0 where d is 0: nothing reaches w then, though w is 0 and t is NaN
 *
 * So the maps of its operations are guarded in turn: those to `w` by `d`, and those along the way from `d` to `t` by what
 * comes in, where a factor may be infinite.
 */
import type { RegionTree } from "../analyze/region-tree.js";
import type { ApplyOp, IRFunction, Op, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { walk } from "../ir/traverse.js";
import { usersIn } from "../ir/users.js";
import type { Scale } from "../rules/scalar.js";
import { guard, guarded, primalTerm } from "../rules/term.js";

export interface GuardedTerms {
  /** The maps of an operation, guarded as its place in a guarded term asks for. */
  guard(op: ApplyOp, scales: readonly Scale[]): readonly Scale[];
}

/** A place on the way from what guards a term to the term. */
interface Step {
  readonly guard: Value;
  /** Positions of the arguments that the guard leads through. */
  readonly along: ReadonlySet<number>;
}

/** Rules are short: what is further away is no part of the term. */
const longest = 8;
/** Infinite, or not a number, at arguments that are finite. */
const singular: ReadonlySet<Primitive> = new Set<Primitive>(["div", "pow", "log", "log1p", "log2", "log10", "atanh"]);
/** Infinite where an argument is. */
const passing: ReadonlySet<Primitive> = new Set<Primitive>(["mul", "neg", "add", "sub", "select", "guard"]);

/** Finds what stands under guards in a derivative. */
export function findGuardedTerms(fn: IRFunction, tree: RegionTree): GuardedTerms {
  const steps = new Map<Op, Step>();
  const applied = (value: Value): ApplyOp | null => {
    const { op } = tree.definitionOf(value);
    return op?.kind === "apply" ? op : null;
  };
  /** Notes the operations between a guard and a value; does the guard lead there? */
  const trace = (value: Value, by: Value, depth: number, term: Map<Op, Step>): boolean => {
    if (value === by) return true;
    const op = depth < longest ? applied(value) : null;
    if (op === null) return false;
    const along = new Set(op.args.flatMap((arg, k) => (trace(arg, by, depth + 1, term) ? [k] : [])));
    if (along.size === 0) return false;
    term.set(op, { guard: by, along });
    return true;
  };
  const users = usersIn(fn);
  walk(fn.body, (op) => {
    const [by, value] = op.kind === "apply" && op.primitive === "guard" ? op.args : [];
    if (by === undefined || value === undefined) return;
    const term = new Map<Op, Step>();
    trace(value, by, 0, term);
    // what is computed for others, too, is not guarded; each operation was noted after those that it computes with
    const inside = new Set<Op | null>([op]);
    for (const [one, step] of [...term].reverse()) {
      const isOwn = one.results.every((result) => users.get(result)?.every((user) => inside.has(user)) !== false);
      if (!isOwn) continue;
      inside.add(one);
      steps.set(one, step);
    }
  });
  /** What is chosen from, where both are computed: the one that is not taken is handed 0. */
  const chosen = new Set<ApplyOp>();
  const follow = (value: Value, depth: number): void => {
    const op = depth < longest ? applied(value) : null;
    if (op === null || chosen.has(op) || !passing.has(op.primitive)) return;
    chosen.add(op);
    op.args.forEach((arg) => follow(arg, depth + 1));
  };
  walk(fn.body, (op) => {
    if (op.kind === "apply" && op.primitive === "select") op.args.slice(1).forEach((arg) => follow(arg, 0));
  });
  const mayBeInfinite = (value: Value, depth = 0): boolean => {
    const op = depth < longest ? applied(value) : null;
    if (op === null) return false;
    return (
      singular.has(op.primitive) || (passing.has(op.primitive) && op.args.some((arg) => mayBeInfinite(arg, depth + 1)))
    );
  };
  return {
    guard: (op, scales) => {
      const step = steps.get(op);
      if (step === undefined && !chosen.has(op)) return scales;
      return scales.map((scale, k): Scale => {
        if (scale === null) return null;
        const isScaled = op.primitive === "mul" && op.args.some((other, at) => at !== k && mayBeInfinite(other));
        const own: Scale = isScaled ? (d) => guarded(scale(d)) : scale;
        if (step === undefined || step.along.has(k)) return own;
        return (d) => guard(primalTerm(step.guard), own(d));
      });
    },
  };
}
