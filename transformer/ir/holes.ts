/** The question whether an array has anything at a position: `i in g`. A hole is not there, something undefined is. */
import { makeValue } from "./build.js";
import { readsOnly } from "./effects.js";
import { booleanType, type Op, type OpaqueOp, type Origin, type Value } from "./ir.js";

const template = "$0 in $1";
const anyTemplate = "Object.keys($0).length < $0.length";

/** The operation that asks for one position, and what it gives. */
export function holeTest(
  array: Value,
  position: Value,
  origin: Origin,
): { readonly op: OpaqueOp; readonly isThere: Value } {
  const isThere = makeValue(booleanType, origin);
  return {
    op: { kind: "opaque", results: [isThere], template, operands: [position, array], effects: readsOnly },
    isThere,
  };
}

/** The array that an operation asks, and where; null: it asks something else. */
export function askedForHole(op: Op): { readonly array: Value; readonly position: Value } | null {
  if (op.kind !== "opaque" || op.template !== template) return null;
  const [position, array] = op.operands;
  return position === undefined || array === undefined ? null : { array, position };
}

/** Has an array any hole? */
export function anyHoleTest(array: Value, origin: Origin): { readonly op: OpaqueOp; readonly has: Value } {
  const has = makeValue(booleanType, origin);
  return { op: { kind: "opaque", results: [has], template: anyTemplate, operands: [array], effects: readsOnly }, has };
}

/** The array that an operation asks for any hole; null: it asks something else. */
export const askedForAnyHole = (op: Op): Value | null =>
  op.kind === "opaque" && op.template === anyTemplate ? (op.operands[0] ?? null) : null;
