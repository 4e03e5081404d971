/** Which arrays may change their length, and which stores may do that. */
import { isTyped, type Location, type Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { Affine, Definitions } from "./definitions.js";

/** Typed arrays and tuples keep their length for life. */
export function hasFixedLength({ type }: Value): boolean {
  return type.kind === "tuple" || (type.kind === "array" && isTyped(type.storage));
}

/** Is an array as long at every time as at any other? */
export function staysAsLong(array: Value, aliases: Aliases): boolean {
  const { resized, lengthened } = aliases.classOf(array);
  return hasFixedLength(array) || !(resized || lengthened);
}

/**
 * Is the index not known to be below the length of an array that nothing else resizes? Other properties (-1, NaN)
 * lengthen nothing.
 */
export function mayBeBehindEnd(at: Location, definitions: Definitions): boolean {
  if (at.kind === "field" || hasFixedLength(at.base)) return false;
  const { root, offset } = definitions.affine(at.index);
  let top: Affine = { root, offset: offset + 1 };
  const definition = root === null ? null : definitions.of(root);
  if (definition?.kind === "body" && definition.position === 0 && definition.loop.range !== null) {
    const { from, to, step, inclusive } = definition.loop.range;
    const last = definitions.affine(step > 0 ? to : from);
    top = { root: last.root, offset: last.offset + offset + (step > 0 && !inclusive ? 0 : 1) };
  }
  const source = top.root === null ? null : definitions.opOf(top.root);
  if (source?.kind === "length" && source.array === at.base) return top.offset > 0;
  const made = definitions.opOf(at.base);
  if (made?.kind !== "allocate") return true;
  if (made.initial.kind === "parts") return top.root !== null || top.offset > made.initial.parts.length;
  if (made.initial.kind !== "zeros" && made.initial.kind !== "filled") return true;
  const length = definitions.affine(made.initial.length);
  return length.root !== top.root || top.offset > length.offset;
}
