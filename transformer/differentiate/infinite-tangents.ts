/**
 * Where the tangent of a number may be infinite, though that of the result is not: strong zero in forward mode.
 *
 *   e = exp (div x t), x infinite: so is the tangent of x / t, and the partial of exp is 0     =>   eDot = 0
 *
 * In reverse mode the 0 comes first, and what is guarded in a rule drops the infinite partial. In forward mode the
 * infinite partial comes first, so a partial that can be 0 there is guarded in turn. The other way about, a tangent that is 0
 * has no part in the product with a factor that may be infinite: `d * (m - x)` of a gradient, where exp has made d 0.
 */
import type { Activity } from "../analyze/activity.js";
import type { Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import type { Ranges } from "../analyze/ranges.js";
import type { RegionTree } from "../analyze/region-tree.js";
import type { ApplyOp, IRFunction, Op, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { regionsOf, walk } from "../ir/traverse.js";
import { isGuarded, ruleOf } from "./apply-rule.js";

/** Their partial is 0 at an infinite argument. */
const flattening: ReadonlySet<Primitive> = new Set<Primitive>(["exp", "expm1", "tanh"]);
/** Infinite at 0, and so is their partial. */
const logarithms: ReadonlySet<Primitive> = new Set<Primitive>(["log", "log1p", "log2", "log10"]);
/** Infinite where an argument is. */
const unbounded: ReadonlySet<Primitive> = new Set<Primitive>([
  "add",
  "sub",
  "neg",
  "mul",
  "max",
  "min",
  "abs",
  "select",
]);

type Node = Value | MemoryClass;

/** What strong zero asks for in forward mode. */
export interface InfiniteTangents {
  /** Is its partial to be guarded? */
  readonly isFlattened: (op: Op) => boolean;
  /** Is the tangent of this operand to be guarded, since its partial may be infinite? */
  readonly isStretched: (op: ApplyOp, index: number) => boolean;
}

/** Finds the partials that have to be guarded in forward mode. */
export function findInfiniteTangents(
  fn: IRFunction,
  activity: Activity,
  aliases: Aliases,
  tree: RegionTree,
  ranges: Ranges,
): InfiniteTangents {
  const infinite = new Set<Node>();
  /** Infinite by a constant of the program: it is meant to be. */
  const meant = new Set<Node>();
  const steep = new Set<Node>();
  const flows = (from: Node | undefined, to: Node | undefined, sets = [infinite, meant, steep]): void => {
    if (from === undefined || to === undefined) return;
    for (const set of sets) if (set.has(from)) set.add(to);
  };

  const connectApply = (op: ApplyOp): void => {
    const [result] = op.results;
    if (result === undefined) return;
    const scales = ruleOf(op, tree);
    const isActive = (k: number): boolean => {
      const arg = op.args[k];
      return arg !== undefined && scales[k] != null && activity.isActive(arg) && activity.isActive(result);
    };
    op.args.forEach((arg, k) => {
      if (unbounded.has(op.primitive) && infinite.has(arg)) infinite.add(result);
      if (isActive(k) && steep.has(arg)) steep.add(result);
    });
    const [first] = op.args;
    if (first === undefined) return;
    // the least of some numbers begins with Infinity, and is finite
    const isChosen = op.primitive === "max" || op.primitive === "min";
    const isMeant = (arg: Value): boolean => meant.has(arg);
    if (unbounded.has(op.primitive) && (isChosen ? op.args.every(isMeant) : op.args.some(isMeant))) meant.add(result);
    if (op.primitive === "div" && infinite.has(first)) {
      infinite.add(result);
      if (meant.has(first)) meant.add(result);
      if (isActive(1)) steep.add(result);
    } else if (logarithms.has(op.primitive) && scales[0] != null && isGuarded(scales[0], op, ranges)) {
      infinite.add(result);
      if (isActive(0)) steep.add(result);
    }
  };
  const connect = (op: Op): void => {
    const [result] = op.results;
    switch (op.kind) {
      case "constant":
        if (result !== undefined && (op.value === Infinity || op.value === -Infinity))
          for (const set of [infinite, meant]) set.add(result);
        return;
      case "apply":
        return connectApply(op);
      case "load":
        return flows(aliases.classOf(op.at.base), result);
      case "store":
      case "accumulate":
        return flows(op.value, aliases.classOf(op.at.base));
      case "push":
        return flows(op.value, aliases.classOf(op.array));
      case "pop":
        return flows(aliases.classOf(op.array), result);
      case "unwrap":
        return flows(op.value, result);
      case "allocate":
        if (result === undefined) return;
        if (op.initial.kind === "parts") op.initial.parts.forEach((part) => flows(part, aliases.classOf(result)));
        if (op.initial.kind === "filled") flows(op.initial.value, aliases.classOf(result));
        if (op.initial.kind === "copy") flows(aliases.classOf(op.initial.source), aliases.classOf(result));
        return;
      case "if":
        for (const { exit } of regionsOf(op)) {
          if (exit.kind === "yield") op.results.forEach((value, k) => flows(exit.values[k], value));
        }
        return;
      case "loop": {
        const { exit, params } = op.body;
        op.initial.forEach((initial, k) => {
          for (const to of [params[k + 1], op.results[k + 2]]) {
            // what a loop begins with as infinite it is there to lessen
            flows(initial, to, [infinite, steep]);
            if (exit.kind === "yield") flows(exit.values[k + 1], to, [infinite, steep]);
          }
        });
        return;
      }
      default:
        return;
    }
  };
  for (let before = -1; before < infinite.size + meant.size + steep.size;) {
    before = infinite.size + meant.size + steep.size;
    walk(fn.body, connect);
  }
  const found = new Set<Op>();
  walk(fn.body, (op) => {
    if (op.kind !== "apply" || !flattening.has(op.primitive)) return;
    const [arg, result] = [op.args[0], op.results[0]];
    if (arg === undefined || result === undefined || !steep.has(arg)) return;
    if (op.primitive !== "exp" || !ranges.isNonzero(result)) found.add(op);
  });
  return {
    isFlattened: (op) => found.has(op),
    isStretched: (op, index) => op.primitive === "mul" && op.args.some((arg, k) => k !== index && meant.has(arg)),
  };
}
