/** Carried values that every iteration changes by the same amount: they follow from the number of the iteration. */
import { operandsOf, regionsOf } from "../ir/traverse.js";
import type { LoopOp, Op, Region, Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";

/** A carried integer that every iteration changes by the same amount: initial + number * step. */
export interface Induction {
  readonly loop: LoopOp;
  readonly initial: Value;
  /** Defined outside the loop, or a literal. */
  readonly step: Value;
  readonly direction: "up" | "down";
}

export function inductionOf(param: Value, tree: RegionTree): Induction | null {
  const { region } = tree.definitionOf(param);
  const loop = tree.ownerOf(region);
  const position = region.params.indexOf(param);
  if (loop?.kind !== "loop" || position < 1 || region.exit.kind !== "yield") return null;
  const [initial, next] = [loop.initial[position - 1], region.exit.values[position]];
  if (initial === undefined || next === undefined) return null;
  const { op } = tree.definitionOf(next);
  if (op?.kind !== "apply" || (op.primitive !== "add" && op.primitive !== "sub")) return null;
  const [a, b] = op.args;
  const step = a === param ? b : b === param && op.primitive === "add" ? a : undefined;
  if (step === undefined || step === param || step.type.kind !== "integer") return null;
  const isExact = param.type.kind === "integer" && initial.type.kind === "integer";
  if (!isExact && !isIndexOnly(param, region, op)) return null;
  const home = tree.definitionOf(step);
  if (home.op?.kind !== "constant" && tree.isWithin(home.region, region)) return null;
  return { loop, initial, step, direction: op.primitive === "add" ? "up" : "down" };
}

/**
 * Is a value an index and nothing else, besides being stepped? Then it is an integer wherever it matters: at
 * any other index there is nothing to read.
 */
function isIndexOnly(value: Value, region: Region, stepping: Op): boolean {
  if (value.type.kind !== "number") return false;
  let only = true;
  const visit = (inner: Region): void => {
    for (const op of inner.ops) {
      if (op !== stepping && operandsOf(op).includes(value)) {
        const isIndex = op.kind === "load" || op.kind === "store" || op.kind === "accumulate";
        if (!isIndex || op.at.kind !== "element" || op.at.index !== value || ("value" in op && op.value === value))
          only = false;
      }
      regionsOf(op).forEach(visit);
    }
    if (inner.exit.kind === "yield" && inner.exit.values.includes(value)) only = false;
  };
  visit(region);
  return only;
}
