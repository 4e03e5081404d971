/**
 * What is in a list where nothing can have changed it since it was made: functions without types ask for it to find out
 * what they were given.
 *
 *   convert(...args) { if (args[0].length > 1) args = args[0]; ... }     convert([r, g, b])   =>   args = args[0]
 */
import type { Op, Value } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import type { Cursor } from "./environment.js";

/** How many elements an array literal has; null: it is none, or may have been changed since. */
export function unchangedCount(cursor: Cursor, array: Value): number | null {
  const count = cursor.session.literalCounts.get(array);
  return count !== undefined && isUnchanged(cursor, array) ? count : null;
}

/** What is in a list that a call hands over; null: it is none, or may have been changed since. */
export function unchangedParts(cursor: Cursor, list: Value): readonly Value[] | null {
  const parts = cursor.session.givenLists.get(list);
  return parts !== undefined && isUnchanged(cursor, list) ? parts : null;
}

function isUnchanged({ session, block }: Cursor, list: Value): boolean {
  // In a loop that began since, what stands behind this place comes before it.
  if (session.listDepths.get(list) !== session.loopDepth) return false;
  return block.opsSince(list)?.some(mayChange) === false;
}

/** May an operation change a list, whichever it is? */
function mayChange(op: Op): boolean {
  switch (op.kind) {
    case "push":
    case "pop":
    case "grow":
    case "call":
      return true;
    case "store":
      return op.at.kind === "element" || op.at.base.type.kind !== "record";
    case "opaque":
      return op.effects.writes;
    default:
      return regionsOf(op).some((region) => region.ops.some(mayChange));
  }
}
