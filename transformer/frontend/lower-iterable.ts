/**
 * What is walked from its beginning to its end: an array, all that a generator yields, what a Map or Set holds, and the
 * characters of a text.
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { isMap, isText, type Type, type Value, type Variable } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { isWalkOf } from "./array-walk.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { noteGiven } from "./given-list.js";
import { contentsOf } from "./grown-list.js";
import { lowerReference } from "./lower-assignment.js";
import { listEntries, textType } from "./lower-dictionary.js";
import { collectedFrom, lowerCollected } from "./lower-generator.js";
import { mostParts } from "./loaded-mark.js";

/** An array of what is walked. */
export const lowerIterable = (cursor: Cursor, node: ts.Expression): Value =>
  lowerCollected(cursor, node) ?? listed(cursor, lowerReference(cursor, node), node);

/** The same of a value: a Map or Set, or a text, gives a list of its own; anything else is what it is. */
export function listed(cursor: Cursor, given: Value, node: ts.Node): Value {
  const value = collectedFrom(cursor, given, node) ?? contentsOf(cursor, given);
  if (isMap(value.type)) {
    const of = walkOfMap(cursor, value, node);
    return of === null ? poison(cursor, node) : listEntries(cursor, value, of, node, null);
  }
  if (!isText(value.type)) return value;
  const literal = cursor.block.literalOf(value);
  return typeof literal === "string"
    ? textList(cursor, Array.from(literal), node, null)
    : listOfTexts(cursor, "Array.from($0)", [value], node, null);
}

/** Is what is walked handed over as a list that nobody else knows? */
export const isListedAnew = (cursor: Cursor, node: ts.Expression): boolean => {
  if (isWalkOf(cursor, node)) return true;
  const type = cursor.session.checker.getTypeAtLocation(node);
  return (type.flags & ts.TypeFlags.StringLike) !== 0 || nameOfContainer(type) !== null;
};

/** Does a loop over a Map or Set take its keys, or its entries? null: there is no telling, which is reported. */
export function walkOfMap(cursor: Cursor, map: Value, node: ts.Node): "keys" | "entries" | null {
  const name = nameOfContainer(cursor.session.checker.getTypeAtLocation(node));
  if (name !== null) return name.endsWith("Set") ? "keys" : "entries";
  // A Set is kept as a Map of booleans.
  if (isMap(map.type) && map.type.element.kind !== "boolean") return "entries";
  refused(cursor, node, "EZ2097", {
    what: "walking something that may be a Map or a Set",
    advice: "write `.keys()` or `.entries()`",
  });
  return null;
}

const nameOfContainer = (type: ts.Type): string | null => {
  const name = type.getSymbol()?.name ?? "";
  return /^(?:Readonly)?(?:Map|Set)$/.test(name) ? name : null;
};

/** An array of texts that an expression makes anew: `text.split(",")`. */
export function listOfTexts(
  cursor: Cursor,
  template: string,
  operands: readonly Value[],
  node: ts.Node,
  variable: Variable | null,
): Value {
  if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
  const type: Type = { kind: "array", element: textType, storage: "Array" };
  const list = makeValue(type, originOf(node, variable));
  cursor.block.append({ kind: "opaque", results: [list], template, operands, effects: pure, fresh: true });
  cursor.session.present.add(list);
  cursor.session.certain.add(list);
  return list;
}

/** An array of texts that are known: what walks it is written once for each, if they are few. */
export function textList(cursor: Cursor, texts: readonly string[], node: ts.Node, variable: Variable | null): Value {
  const { block, session } = cursor;
  const parts = texts.map((one) => block.constant(one, originOf(node), null, textType));
  const type: Type = { kind: "array", element: textType, storage: "Array" };
  const list = block.allocate(type, { kind: "parts", parts }, originOf(node, variable));
  session.present.add(list);
  if (parts.length <= mostParts) noteGiven(session, list, parts);
  return list;
}
