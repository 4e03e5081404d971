/**
 * Which loads of an element surely give an object, so that what is read through it cannot throw.
 *
 *   bodies = allocate zeros n; for i from 0 to n { store bodies[i] (allocate parts ..) }
 *   .. b = load bodies[k]          k is inside, and all were set before
 *
 * An array that the caller hands in holds what its type says; one of ours, made with nothing in it, is full once
 * a loop over all of its indices is over.
 */
import type { Type, LoadOp, LoopOp, Op, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import { analyzeBounds, type Bounds } from "./bounds.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";

export interface PresentElements {
  /** Would a load of the function give an object also where the operation `when` begins? */
  isPresentAt(when: Op, load: LoadOp): boolean;
  /** Does an array hold an object at each of its indices when an operation begins? */
  areAllPresent(array: Value, when: Op): boolean;
}

/** Answers which loads of a function surely give an object. */
export function analyzePresentElements(
  tree: RegionTree,
  aliases: Aliases,
  bounds: Bounds = analyzeBounds(tree, aliases),
): PresentElements {
  /** The loop that sets every element of an array that is made here, if there is one in the same region. */
  const fillOf = (array: Value, length: Value): LoopOp | null => {
    for (const op of tree.definitionOf(array).region.ops) {
      if (op.kind !== "loop" || op.range === null || mayStop(op) || op.range.step !== 1 || op.range.inclusive) continue;
      const isWhole = aliases.definitions.isLiteral(op.range.from, 0) && op.range.to === length;
      if (isWhole && op.body.ops.some((inner) => isSet(inner, array, op.body.params[0]))) return op;
    }
    return null;
  };

  const isFull = (array: Value, when: Op): boolean => {
    const { op } = tree.definitionOf(array);
    if (op === null) return tree.root === tree.definitionOf(array).region && isDefinite(array.type);
    if (op.kind === "load") return isPresentAt(when, op) && isDefinite(array.type);
    if (op.kind !== "allocate") return false;
    if (op.initial.kind === "parts" || op.initial.kind === "filled") return true;
    if (op.initial.kind !== "zeros") return false;
    const fill = fillOf(array, op.initial.length);
    return fill !== null && tree.isOverBefore(fill, when);
  };

  // what the tests around the load say need not hold there
  function isPresentAt(when: Op, load: LoadOp): boolean {
    const [result] = load.results;
    if (result === undefined || !isDefinite(result.type)) return false;
    return load.at.kind === "element" && isFull(load.at.base, when) && bounds.isInsideAt(when, load.at);
  }

  const areAllPresent = (array: Value, when: Op): boolean =>
    array.type.kind === "array" && isDefinite(array.type.element) && isFull(array, when);

  return { isPresentAt, areAllPresent };
}

const isSet = (op: Op, array: Value, counter: Value | undefined): boolean =>
  op.kind === "store" && op.at.kind === "element" && op.at.base === array && op.at.index === counter;

const isDefinite = (type: Type): boolean => type.kind !== "optional";
