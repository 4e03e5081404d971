/** `slice` of lists of which it is known how many elements they have, and where it begins and ends. */
import { isAssignable } from "../ir/assignable.js";
import type { Value } from "../ir/ir.js";
import { refused } from "./environment.js";
import { listOf } from "./given-list.js";
import type { ArrayCall } from "./lower-array-method.js";
import { partAt } from "./tuple-parts.js";

/** `parts`: what is in the list, as far as that is known. null: it is copied as any array is. */
export const slicedParts = (call: ArrayCall, parts: readonly Value[] | null): Value | null =>
  parts === null ? partOfTuple(call) : partOf(call, parts);

function partOf({ cursor, args, node }: ArrayCall, parts: readonly Value[]): Value | null {
  const bounds = args.map((one) => (one.kind === "value" ? cursor.block.literalOf(one.value) : undefined));
  const [from = 0, to = parts.length] = bounds;
  const isKnown = bounds.length <= 2 && bounds.every((one) => typeof one === "number");
  return isKnown && typeof from === "number" && typeof to === "number"
    ? listOf(cursor, parts.slice(from, to), node)
    : null;
}

/** A part of a list of unlike things, which may have been written. */
function partOfTuple(call: ArrayCall): Value | null {
  const { cursor, array, node } = call;
  const { type } = array;
  if (type.kind !== "tuple" || type.leftOut !== undefined || cursor.session.functionLists.has(array)) return null;
  const [first, ...others] = type.elements;
  if (first === undefined || others.every((one) => isAssignable(one, first, false))) return null;
  const elements = type.elements.map((_, k) => partAt(cursor, array, k, node));
  return partOf(call, elements) ?? refused(cursor, node, "EZ2014", { name: "slice", type: "a list of unlike things" });
}
