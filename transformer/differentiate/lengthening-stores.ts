/**
 * What may make an array longer, by a store behind its end: its shadow, which reverse mode only adds to, has to follow.
 *
 *   store a[i] v   =>   store a[i] v; for k from length dA up to i { push dA 0 }
 *
 * Not so for arrays that are pushed to or popped from as well: see explicit-growth.ts.
 */
import type { Aliases } from "../analyze/aliases.js";
import { analyzeBounds } from "../analyze/bounds.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import {
  isReference,
  type ArrayType,
  type CallOp,
  type IRFunction,
  type StoreOp,
  type Type,
  type Value,
} from "../ir/ir.js";

export interface Lengthening {
  /**
   * Of a number. What the user hands a function keeps its length; what a callee is handed is followed by who made it, but
   * for what is kept inside of that.
   */
  store(op: StoreOp): boolean;
  /** By a callee, of an array of numbers. */
  argument(op: CallOp, argument: Value): boolean;
}

/** Finds the stores that may lengthen an array, and what lengthens its shadow. */
export function findLengthening(fn: IRFunction, aliases: Aliases, isCallee: boolean): Lengthening {
  const handed = new Set(fn.params.map(({ value }) => value));
  const bounds = analyzeBounds(buildRegionTree(fn), aliases);
  return {
    store: (op) => {
      const { at, value } = op;
      if (isReference(value.type) || !isPlain(at.base.type)) return false;
      if (aliases.classOf(at.base).resized || bounds.placeOf(op).notBehindEnd) return false;
      return aliases.mayLengthen(at) || (isCallee && !handed.has(at.base));
    },
    argument: (op, argument) => {
      const { type } = argument;
      if (!isPlain(type) || isReference(type.element)) return false;
      const memory = aliases.classOf(argument);
      if (memory.resized || !memory.isMadeHere) return false;
      return aliases.effectsOfCall(op).resizes.includes(memory);
    },
  };
}

const isPlain = (type: Type): type is ArrayType => type.kind === "array" && type.storage === "Array";
