/** Lengths of arrays that nobody but the function makes, all of them equally long: rows of a matrix, a state and its successors. */
import { isWholeCopy } from "./whole-copy.js";
import type { Aliases } from "./aliases.js";
import type { Makers } from "./makers.js";
import type { MemoryClass } from "./memory-class.js";
import type { AllocateOp, Value } from "../ir/ir.js";

/** How many elements an array has, whichever of those that it may be; null: that is not known. */
export type MadeLengths = (array: Value) => number | null;

/**
 * Arrays that are made as long as others are followed to these (`new Array(r.length)`, `r.slice()`), round a loop too: by
 * induction over the time at which they are made all are as long as those that are made with a literal length.
 *
 *   r = [[1, 0], [0, 1]]; loop { r' = new Array(r.length); .. }   =>   length r is 2
 */
export function madeLengths(makers: Makers, aliases: Aliases, keepsLength: (array: Value) => boolean): MadeLengths {
  const { definitions } = aliases;
  /** Adds the literal lengths that arrays like this one are made with; false where one has another length. */
  const collect = (array: Value, literals: Set<number>, met: Set<MemoryClass>): boolean => {
    const memory = aliases.classOf(array);
    if (met.has(memory)) return true;
    met.add(memory);
    const made = makers.get(memory);
    if (made === undefined || memory.escapes || memory.resized || !keepsLength(array)) return false;
    return made.every((one) => {
      const op = definitions.opOf(one);
      const from = op?.kind === "allocate" ? lengthOf(op) : null;
      if (typeof from === "number") literals.add(from);
      return from !== null && (typeof from === "number" || collect(from, literals, met));
    });
  };
  /** A literal, or the array that another is as long as. */
  const lengthOf = ({ initial }: AllocateOp): number | Value | null => {
    switch (initial.kind) {
      case "parts":
        return initial.parts.length;
      case "zeros":
      case "filled": {
        const literal = definitions.literalOf(initial.length);
        if (typeof literal === "number") return literal;
        const measured = definitions.opOf(initial.length);
        return measured?.kind === "length" && measured.array.type.kind === "array" ? measured.array : null;
      }
      case "copy":
        return isWholeCopy(initial, definitions) ? initial.source : null;
      case "zerosLike":
        return initial.of.type.kind === "array" ? initial.of : null;
      default:
        return null;
    }
  };
  return (array) => {
    const literals = new Set<number>();
    if (!collect(array, literals, new Set())) return null;
    const [only, other] = literals;
    return only !== undefined && other === undefined ? only : null;
  };
}
