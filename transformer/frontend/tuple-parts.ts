/** Tuples of unlike things, and objects with functions of their own among them: what walks one is written once for each element. */
import ts from "typescript";
import { field } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementTypeOf } from "../ir/join-types.js";
import { originOf, type Cursor } from "./environment.js";
import { holdsFunctions } from "./function-value.js";
import { isMixed } from "./given-list.js";
import { partsOfFunctions } from "./grown-list.js";
import { mostParts } from "./loaded-mark.js";
import { isMark } from "./open-object.js";

/** An element, as it is read when its turn comes. */
export type PartAt = (at: Cursor) => Value;

/** null: it is no such tuple, or it is not known how many elements it has. */
export function tupleParts({ session }: Cursor, list: Value, node: ts.Node): readonly PartAt[] | null {
  const { type } = list;
  if (type.kind !== "tuple" || type.leftOut !== undefined || type.elements.length > mostParts) return null;
  const isUnlike = elementTypeOf(type) === null || type.elements.some((one) => holdsFunctions(session, one));
  if (isMark(session, list) || !isUnlike) return null;
  return type.elements.map(
    (_, k): PartAt =>
      (at) =>
        partAt(at, list, k, node),
  );
}

/**
 * What walks a list is written once for each of these: the parts that it is known to have, where each is a thing of its own,
 * and at most so many; or the elements of a tuple of unlike things. null: it is a list as any other.
 */
export function partsInTurn(
  cursor: Cursor,
  list: Value,
  parts: readonly Value[] | null,
  node: ts.Node,
  most = Infinity,
): readonly PartAt[] | null {
  const { session } = cursor;
  const read = tupleParts(cursor, list, node);
  const areThemselves = parts !== null && (isMixed(session, parts) || session.functionLists.has(list));
  const isKnown = parts !== null && parts.length <= most && (areThemselves || read !== null);
  return isKnown ? parts.map((one) => () => one) : read;
}

/** The element at a position of a tuple, which is there. */
export function partAt({ block, session }: Cursor, list: Value, k: number, node: ts.Node): Value {
  const value = block.load(field(list, k), originOf(node));
  if (value.type.kind !== "optional") session.present.add(value);
  return value;
}

/** The elements of `[...pair, x]`, where what is spread is a tuple of unlike things; null: it is not, or there are others. */
export function unlikeParts(
  cursor: Cursor,
  node: ts.ArrayLiteralExpression,
  values: readonly Value[],
): readonly Value[] | null {
  const parts = values.map((value, k) => {
    const one = node.elements[k];
    if (one === undefined || !ts.isSpreadElement(one)) return [(): Value => value];
    const functions = partsOfFunctions(cursor, value);
    return functions === null ? tupleParts(cursor, value, one) : functions.map((held) => (): Value => held);
  });
  if (parts.some((one) => one === null)) return null;
  return parts.flatMap((one) => (one ?? []).map((part) => part(cursor)));
}
