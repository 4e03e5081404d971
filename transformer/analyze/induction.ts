/** Carried values that follow from the number of the iteration, or from what the iterations before it add. */
import { operandsOf, regionsOf } from "../ir/traverse.js";
import type { ApplyOp, IfOp, LoopOp, Op, Region, Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";
import { isKnownBefore, mayStop } from "./trip-counts.js";

/**
 * A carried integer to which every iteration adds its steps, whatever else it does.
 *
 *   for i { for j from 0 to m { ... w[p]; p = p + 1 } }      p steps by 1 as often as the inner loop runs
 */
export interface Induction {
  readonly loop: LoopOp;
  readonly initial: Value;
  readonly steps: readonly Step[];
  /** Are the steps the same in every iteration? Then the value follows from the number of the iteration. */
  readonly isUniform: boolean;
}

export type Step =
  | { readonly kind: "value"; readonly value: Value; readonly direction: "up" | "down" }
  /** What an inner loop adds, as often as it runs. */
  | { readonly kind: "loop"; readonly loop: LoopOp; readonly steps: readonly Step[] };

/** How a carried value follows from the iterations before; null where it does not. */
export function inductionOf(param: Value, tree: RegionTree): Induction | null {
  const { op: by, region } = tree.definitionOf(param);
  const loop = by === null ? tree.ownerOf(region) : null;
  const position = region.params.indexOf(param);
  if (loop?.kind !== "loop" || position < 1 || region.exit.kind !== "yield") return null;
  const [initial, next] = [loop.initial[position - 1], region.exit.values[position]];
  if (initial === undefined || next === undefined || next === param) return null;
  const stepping = new Set<Op>();
  const steps = stepsTo(next, param, { loop, stepping, others: new Set(), regions: new Set([region]) }, tree);
  if (steps === null) return null;
  const isExact = param.type.kind === "integer" && initial.type.kind === "integer";
  if (!isExact && !isIndexOnly(param, stepping, tree)) return null;
  if (!steps.every((step) => isKnownIn(step, loop, tree))) return null;
  return { loop, initial, steps, isUniform: steps.every((step) => isUniformIn(step, loop, tree)) };
}

interface Found {
  readonly loop: LoopOp;
  /** The operations that step. */
  readonly stepping: Set<Op>;
  /** Values that are known not to come from the carried one. */
  readonly others: Set<Value>;
  /** What runs in every iteration but the one that stops: the body, and branches in it. */
  readonly regions: Set<Region>;
}

/** How `next` comes from `param`: by additions alone, of this region or of loops in it that run to their end. */
function stepsTo(next: Value, param: Value, found: Found, tree: RegionTree): readonly Step[] | null {
  if (next === param) return [];
  if (found.others.has(next)) return null;
  const { op, region } = tree.definitionOf(next);
  if (op === null || !found.regions.has(region)) return null;
  if (op.kind === "if") return stepsInBranch(op, next, param, found, tree);
  if (op.kind === "apply") return stepsOfSum(op, param, found, tree);
  if (op.kind !== "loop" || op.range === null || mayStop(op)) return null;
  const [initial, inner] = [op.initial[op.results.indexOf(next) - 2], op.body.params[op.results.indexOf(next) - 1]];
  const induction = inner === undefined ? null : inductionOf(inner, tree);
  if (initial === undefined || induction?.isUniform !== true) return null;
  const before = stepsTo(initial, param, found, tree);
  found.stepping.add(op);
  return before === null ? null : [...before, { kind: "loop", loop: op, steps: induction.steps }];
}

/** While the loop goes on, it takes the branch that does not stop it. */
function stepsInBranch(op: IfOp, next: Value, param: Value, found: Found, tree: RegionTree): readonly Step[] | null {
  const { exit } = found.loop.body;
  const stop = exit.kind === "yield" ? op.results.findIndex((result) => result === exit.values[0]) : -1;
  const stops = [op.then, op.else].map((branch) => {
    const value = branch.exit.kind === "yield" ? branch.exit.values[stop] : undefined;
    const by = value === undefined ? null : tree.definitionOf(value).op;
    return by?.kind === "constant" && by.value === true;
  });
  const taken = stops[0] === true ? op.else : stops[1] === true ? op.then : null;
  const value = taken?.exit.kind === "yield" ? taken.exit.values[op.results.indexOf(next)] : undefined;
  if (taken === null || value === undefined) return null;
  found.regions.add(taken);
  return stepsTo(value, param, found, tree);
}

function stepsOfSum(op: ApplyOp, param: Value, found: Found, tree: RegionTree): readonly Step[] | null {
  if (op.primitive !== "add" && op.primitive !== "sub") return null;
  const [a, b] = op.args;
  if (a === undefined || b === undefined) return null;
  for (const [from, value] of op.primitive === "add" ? [[a, b] as const, [b, a] as const] : [[a, b] as const]) {
    if (value === param || value.type.kind !== "integer") continue;
    const before = stepsTo(from, param, found, tree);
    if (before === null) {
      found.others.add(from);
      continue;
    }
    found.stepping.add(op);
    return [...before, { kind: "value", value, direction: op.primitive === "add" ? "up" : "down" }];
  }
  return null;
}

/** The values from outside the loop that an induction follows from, besides the number of the iteration. */
export function sourcesOfInduction({ loop, initial, steps }: Induction, tree: RegionTree): readonly Value[] {
  return [initial, ...steps.flatMap(valuesOf).flatMap((value) => leavesOf(value, loop, tree) ?? [])];
}

/** The values that steps are computed from: their ends and amounts. */
function valuesOf(step: Step): readonly Value[] {
  if (step.kind === "value") return [step.value];
  const { range } = step.loop;
  return [...(range === null ? [] : [range.from, range.to]), ...step.steps.flatMap(valuesOf)];
}

const isUniformIn = (step: Step, loop: LoopOp, tree: RegionTree): boolean =>
  valuesOf(step).every((value) => isKnownBefore(value, loop, tree));

const isKnownIn = (step: Step, loop: LoopOp, tree: RegionTree): boolean =>
  valuesOf(step).every((value) => leavesOf(value, loop, tree) !== null);

/**
 * The values from outside that a value in a loop is computed from again, besides the counter; null where it is no mere
 * integer arithmetic.
 */
function leavesOf(value: Value, loop: LoopOp, tree: RegionTree): readonly Value[] | null {
  if (isKnownBefore(value, loop, tree)) return tree.definitionOf(value).op?.kind === "constant" ? [] : [value];
  if (value === loop.body.params[0]) return [];
  const { op, region } = tree.definitionOf(value);
  if (region !== loop.body || op?.kind !== "apply" || !arithmetic.has(op.primitive)) return null;
  const leaves = op.args.map((arg) => leavesOf(arg, loop, tree));
  return leaves.some((one) => one === null) ? null : leaves.flatMap((one) => one ?? []);
}

const arithmetic: ReadonlySet<string> = new Set(["add", "sub", "mul"]);

/**
 * Is a value an index and nothing else, besides being stepped? Then it is an integer wherever it matters: at
 * any other index there is nothing to read.
 */
function isIndexOnly(value: Value, stepping: ReadonlySet<Op>, tree: RegionTree): boolean {
  if (value.type.kind !== "number") return false;
  let only = true;
  const visit = (inner: Region): void => {
    for (const op of inner.ops) {
      const uses = operandsOf(op).filter((operand) => operand === value).length;
      if (uses > 0 && !(stepping.has(op) ? uses === 1 : isIndexOf(op, value))) only = false;
      regionsOf(op).forEach(visit);
    }
    if (inner.exit.kind === "yield" && inner.exit.values.includes(value)) only = false;
  };
  visit(tree.definitionOf(value).region);
  return only;
}

function isIndexOf(op: Op, value: Value): boolean {
  if (op.kind !== "load" && op.kind !== "store" && op.kind !== "accumulate") return false;
  return op.at.kind === "element" && op.at.index === value && !("value" in op && op.value === value);
}
