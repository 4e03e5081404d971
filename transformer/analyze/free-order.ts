import { operandsOf, regionsOf, someOperation } from "../ir/traverse.js";
import type { LoopOp, Op, Region, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";

export interface FreeOrderInput {
  readonly tree: RegionTree;
  readonly aliases: Aliases;
  readonly shadowOps: ReadonlySet<Op>;
  readonly isReversible: (op: Op) => boolean;
  readonly isActive: (value: Value) => boolean;
}

/**
 * May the iterations of a loop be reversed in any order, also in their own? They may where all that their reverse does
 * is add: to the adjoints of what was only read, from those of what was only added to.
 *
 *   for i { s = s + a[i] * b[p]; p = p + i }      da and db are added to, ds stays what it is
 *   for i { a[i + 1] = a[i] * b[p] }              da is read, cleared and added to: backwards only
 */
export function isOrderFree(loop: LoopOp, input: FreeOrderInput): boolean {
  if (loop.range === null || mayStop(loop) || !carriesOnlySums(loop, input)) return false;
  const { aliases } = input;
  const read = new Set<MemoryClass>();
  const added = new Set<MemoryClass>();
  const doesMore = (op: Op): boolean => {
    if (input.shadowOps.has(op)) return op.kind !== "load" && op.kind !== "length";
    if (!input.isReversible(op)) return false;
    switch (op.kind) {
      case "load":
        read.add(aliases.classOf(op.at.base));
        return false;
      case "accumulate":
        added.add(aliases.classOf(op.at.base));
        return false;
      default:
        return op.kind !== "apply" && op.kind !== "unwrap" && op.kind !== "if" && op.kind !== "loop";
    }
  };
  return !someOperation(loop.body, doesMore) && ![...added].some((memory) => read.has(memory));
}

/** What is active and carried is added to, and nothing else: its adjoint is the same in all iterations. */
export function carriesOnlySums(loop: LoopOp, { isActive, tree }: Pick<FreeOrderInput, "isActive" | "tree">): boolean {
  const { exit, params } = loop.body;
  if (exit.kind !== "yield") return false;
  return params.slice(1).every((param, k) => {
    const [result, next] = [loop.results[k + 2], exit.values[k + 1]];
    if (next === undefined || (!isActive(param) && (result === undefined || !isActive(result)))) return true;
    const uses = usesOfSum(next, param, tree, new Set());
    return uses !== null && uses.every((value) => usesIn(loop.body, value) === countOf(value, uses));
  });
}

/** The values that `next` is a sum of, from `param` on, one entry for each use; null where it is no mere sum. */
function usesOfSum(next: Value, param: Value, tree: RegionTree, others: Set<Value>): readonly Value[] | null {
  if (next === param) return [next];
  if (others.has(next)) return null;
  const uses = usesThrough(next, param, tree, others);
  if (uses === null) others.add(next);
  return uses === null ? null : [next, ...uses];
}

/** `others`: values that are known to be no such sums. */
function usesThrough(next: Value, param: Value, tree: RegionTree, others: Set<Value>): readonly Value[] | null {
  const { op } = tree.definitionOf(next);
  if (op === null) return null;
  const position = op.results.indexOf(next);
  switch (op.kind) {
    case "apply": {
      if (op.primitive !== "add" && op.primitive !== "sub") return null;
      for (const arg of op.primitive === "add" ? op.args : op.args.slice(0, 1)) {
        const uses = usesOfSum(arg, param, tree, others);
        if (uses !== null) return uses;
      }
      return null;
    }
    case "if": {
      const uses = [op.then, op.else].flatMap(({ exit }) => {
        const value = exit.kind === "yield" ? exit.values[position] : undefined;
        return value === undefined ? [] : [usesOfSum(value, param, tree, others)];
      });
      return uses.some((one) => one === null) ? null : uses.flatMap((one) => one ?? []);
    }
    case "loop": {
      const { exit, params } = op.body;
      const [initial, inner] = [op.initial[position - 2], params[position - 1]];
      const yielded = exit.kind === "yield" ? exit.values[position - 1] : undefined;
      if (position < 2 || initial === undefined || inner === undefined || yielded === undefined) return null;
      const [before, within] = [usesOfSum(initial, param, tree, others), usesOfSum(yielded, inner, tree, new Set())];
      return before === null || within === null ? null : [...before, ...within];
    }
    default:
      return null;
  }
}

const countOf = (value: Value, values: readonly Value[]): number => values.filter((one) => one === value).length;

function usesIn(region: Region, value: Value): number {
  let uses = region.exit.kind === "throw" ? 0 : countOf(value, region.exit.values);
  for (const op of region.ops) {
    uses += countOf(value, operandsOf(op));
    for (const inner of regionsOf(op)) uses += usesIn(inner, value);
  }
  return uses;
}
