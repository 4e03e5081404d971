/**
 * Objects with open keys, `Record<string, number>`: to the compiler they are arrays whose indices are text. Their keys
 * carry no derivative, and are asked for as they are: `Object.keys(weights)`.
 */
import ts from "typescript";
import { element, field, makeValue } from "../ir/build.js";
import {
  isDictionary,
  isMap,
  isOpenRecord,
  isText,
  type ArrayType,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { isAssignable } from "../ir/assignable.js";
import { joinTypes } from "../ir/join-types.js";
import { typeOf } from "../syntax/type-of.js";
import { unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { leaf } from "./flow.js";
import { carriesFunctions, functionsIn, isSetter } from "./function-value.js";
import { noteGiven } from "./given-list.js";
import { lowerReference } from "./lower-assignment.js";
import { lowerExpression } from "./lower-expression.js";
import { overPositions, runLoop } from "./lower-loop.js";
import { isGlobal } from "./module-constants.js";

export const textType: Type = { kind: "opaque", text: "string" };
const keysTypeOf = (type: Type): ArrayType => ({ kind: "array", element: keyOf(type), storage: "Array" });
const keyOf = (type: Type): Type => (isMap(type) && type.keys !== undefined ? type.keys : textType);

/** A key as text, which is what objects take it for. */
export function lowerKey(cursor: Cursor, node: ts.Expression): Value {
  const key = lowerExpression(cursor, node);
  return asKey(cursor, key, node);
}

function asKey(cursor: Cursor, key: Value, node: ts.Node): Value {
  if (isText(key.type) || isPoisoned(cursor, key)) return key;
  const literal = cursor.block.literalOf(key);
  if (typeof literal === "number") return cursor.block.constant(String(literal), originOf(node));
  if (key.type.kind === "integer" || key.type.kind === "number" || key.type.kind === "opaque") {
    return keptKey(cursor, "String($0)", key, textType, "the key of an object", node);
  }
  return refused(cursor, node, "EZ2010", { kind: "computed" });
}

/** Something made of numbers that keeps no derivative: one that would flow into it is refused. */
export function kept(
  cursor: Cursor,
  template: string,
  operands: Value | readonly Value[],
  type: Type,
  what: string,
  node: ts.Node,
  variable: Variable | null = null,
): Value {
  const value = makeValue(type, originOf(node, variable));
  const effects = { reads: Array.isArray(operands), writes: false, observable: false };
  cursor.block.append({
    kind: "opaque",
    results: [value],
    template,
    operands: Array.isArray(operands) ? operands : [operands],
    effects,
    keeps: what,
  });
  return value;
}

/** As a key, which is a number to nobody but who lists the keys. */
export function keptKey(cursor: Cursor, template: string, key: Value, type: Type, what: string, node: ts.Node): Value {
  const value = makeValue(type, originOf(node));
  const effects = { reads: false, writes: false, observable: false };
  cursor.block.append({
    kind: "opaque",
    results: [value],
    template,
    operands: [key],
    effects,
    keeps: what,
    isKey: true,
  });
  return value;
}

/** The keys that a dictionary has now, as a list of their own. */
export function keysOf(cursor: Cursor, dictionary: Value, node: ts.Node, variable: Variable | null): Value {
  const ofMap = isMap(dictionary.type);
  const keys = makeValue(keysTypeOf(dictionary.type), originOf(node, variable ?? { name: "keys" }));
  cursor.block.append({
    kind: "opaque",
    results: [keys],
    template: ofMap ? "Array.from($0.keys())" : "Object.keys($0)",
    operands: [dictionary],
    effects: readsOnly,
    fresh: true,
    listsKeys: true,
  });
  cursor.session.present.add(keys);
  cursor.session.certain.add(keys);
  return keys;
}

/** The value under a key that is known to be there. */
export function valueUnder(cursor: Cursor, dictionary: Value, key: Value, node: ts.Node): Value {
  const value = cursor.block.load(element(dictionary, key), originOf(node));
  if (value.type.kind !== "optional") cursor.session.certain.add(value);
  return value;
}

/** Does something for each key of a dictionary, in their order. */
export function overKeys(
  cursor: Cursor,
  dictionary: Value,
  node: ts.Node,
  each: (at: Cursor, key: Value, value: Value) => void,
): void {
  const keys = keysOf(cursor, dictionary, node, null);
  runLoop(cursor, node, overPositions(cursor, keys, node), (at, { counter, again }) => {
    const key = at.block.load(element(keys, counter), originOf(node, { name: "key" }));
    each(at, key, valueUnder(at, dictionary, key, node));
    return leaf(at, again);
  });
}

/** `{ ...weights, bias: b }`, where an object with open keys is wanted. */
export function lowerDictionaryLiteral(
  cursor: Cursor,
  node: ts.ObjectLiteralExpression,
  type: ArrayType,
  variable: Variable | null,
): Value {
  const made = makeEmpty(cursor, type, node, variable);
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      const source = lowerReference(cursor, property.expression);
      if (isPoisoned(cursor, source)) return source;
      if (!copyEntries(cursor, made, source, property)) return refused(cursor, property, "EZ2010", { kind: "spread" });
      continue;
    }
    if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property))
      return refused(cursor, property, "EZ2001", { what: "a method in an object", advice: "use a plain function" });
    const { name } = property;
    const key = ts.isComputedPropertyName(name)
      ? lowerKey(cursor, name.expression)
      : cursor.block.constant(ts.isPrivateIdentifier(name) ? name.getText() : name.text, originOf(name));
    const value = lowerExpression(cursor, ts.isPropertyAssignment(property) ? property.initializer : property.name);
    if (isPoisoned(cursor, key, value)) return poison(cursor, node);
    if (!isAssignable(value.type, type.element, true)) {
      return refused(cursor, property, "EZ2025", {
        type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(property)),
      });
    }
    cursor.block.store(element(made, key), value);
  }
  return made;
}

/** An array, a dictionary or a Map with nothing in it. */
export function makeEmpty(cursor: Cursor, type: ArrayType, node: ts.Node, variable: Variable | null): Value {
  const made = cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable));
  cursor.session.present.add(made);
  return made;
}

/** Puts everything that an object holds into a dictionary; false: what it holds is not known. */
function copyEntries(cursor: Cursor, into: Value, source: Value, node: ts.Node): boolean {
  const { block, session } = cursor;
  if (!isOpenRecord(into.type)) return false;
  const { element: held } = into.type;
  if (isOpenRecord(source.type)) {
    if (!isAssignable(source.type.element, held, false)) return false;
    overKeys(cursor, source, node, (at, key, value) => at.block.store(element(into, key), value));
    return true;
  }
  if (source.type.kind !== "record" || !session.complete.has(source)) return false;
  const { fields } = source.type;
  if (!fields.every((one) => isAssignable(one.type, held, true))) return false;
  for (const { name } of fields) {
    block.store(element(into, block.constant(name)), block.load(field(source, name), originOf(node)));
  }
  return true;
}

const named = /^(?:keys|values|entries|fromEntries)$/;

/** Is it `Object.keys(...)` and its like? */
export const isObjectStatic = (cursor: Cursor, node: ts.CallExpression): boolean => {
  const callee = unwrapped(node.expression);
  return (
    ts.isPropertyAccessExpression(callee) &&
    named.test(callee.name.text) &&
    node.arguments.length === 1 &&
    isGlobal(cursor.session, callee.expression, "Object")
  );
};

/** What `for-of` walks where it is over keys, values or entries of a dictionary. */
export interface DictionaryWalk {
  readonly dictionary: Value;
  readonly of: "keys" | "values" | "entries";
}

/** `for (const [name, w] of Object.entries(weights))`; null: it walks something else. */
export function dictionaryWalk(cursor: Cursor, node: ts.Expression): DictionaryWalk | null {
  const at = unwrapped(node);
  if (!ts.isCallExpression(at)) return null;
  const ofMap = mapWalk(cursor, at);
  if (ofMap !== null || !isObjectStatic(cursor, at)) return ofMap;
  const callee = unwrapped(at.expression);
  const [given] = at.arguments;
  const of = ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
  if (given === undefined || (of !== "keys" && of !== "values" && of !== "entries")) return null;
  const { checker, types } = cursor.session;
  const type = typeOf(checker.getTypeAtLocation(given), types);
  if (type === null || !isOpenRecord(type)) return null;
  const dictionary = lowerReference(cursor, given);
  return isOpenRecord(dictionary.type) ? { dictionary, of } : null;
}

/** `for (const [key, value] of totals.entries())` */
function mapWalk(cursor: Cursor, node: ts.CallExpression): DictionaryWalk | null {
  const callee = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(callee) || node.arguments.length > 0) return null;
  const of = callee.name.text;
  if (of !== "keys" && of !== "values" && of !== "entries") return null;
  const symbol = cursor.session.checker.getTypeAtLocation(callee.expression).getSymbol();
  if (symbol?.name !== "Map" && symbol?.name !== "Set") return null;
  const dictionary = lowerReference(cursor, callee.expression);
  if (!isMap(dictionary.type)) return null;
  return { dictionary, of: symbol.name === "Set" && of === "values" ? "keys" : of };
}

/** `Object.keys(weights)`, `Object.fromEntries(pairs)`; undefined: of something that is not known to that end. */
export function lowerObjectStatic(
  cursor: Cursor,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | undefined {
  const callee = unwrapped(node.expression);
  const [given] = node.arguments;
  if (!ts.isPropertyAccessExpression(callee) || given === undefined) return undefined;
  const of = callee.name.text;
  if (of === "fromEntries") return fromEntries(cursor, node, given, variable);
  const object = lowerReference(cursor, given);
  if (isPoisoned(cursor, object)) return poison(cursor, node);
  const { type } = object;
  if (isOpenRecord(type)) {
    return of === "keys" || of === "values" || of === "entries"
      ? listEntries(cursor, object, of, node, variable)
      : undefined;
  }
  const named = of === "keys" ? keysOfTable(cursor, object) : null;
  if (named !== null) {
    const parts = named.map((name) => cursor.block.constant(name, originOf(node), null, textType));
    return keyList(cursor, parts, node, variable);
  }
  // Other objects may have more than their types say, and keys that look like positions come first. So may functions.
  const isKnown =
    type.kind === "record" &&
    cursor.session.complete.has(object) &&
    !carriesFunctions(cursor.session, object) &&
    type.fields.every((one) => one.type.kind !== "optional" && !/^\d/.test(one.name));
  if (!isKnown) {
    if (type.kind !== "record") return undefined;
    return refused(cursor, node, "EZ2001", {
      what: `\`${node.getText()}\` of an object that may have other keys than its type tells`,
      advice: "name the fields, or declare it `Record<string, number>`",
    });
  }
  const held = type.fields.reduce<Type | null>(
    (all, one, k) => (k === 0 ? one.type : all === null ? null : joinTypes(all, one.type)),
    null,
  );
  if (of !== "keys" && held === null) return undefined;
  const parts = type.fields.map(({ name }) => {
    const key = cursor.block.constant(name, originOf(node), null, textType);
    if (of === "keys") return key;
    const value = cursor.block.load(field(object, name), originOf(node));
    return of === "values" ? value : entry(cursor, key, value, node);
  });
  if (of === "keys") return keyList(cursor, parts, node, variable);
  const partType = held === null ? textType : of === "values" ? held : entryOf(held);
  return partList(cursor, parts, partType, node, variable);
}

function partList(
  { block, session }: Cursor,
  parts: readonly Value[],
  element: Type,
  node: ts.Node,
  variable: Variable | null,
): Value {
  const made = block.allocate(
    { kind: "array", element, storage: "Array" },
    { kind: "parts", parts },
    originOf(node, variable),
  );
  session.present.add(made);
  return made;
}

/** The keys of an object, which are known by name. */
function keyList(cursor: Cursor, parts: readonly Value[], node: ts.Node, variable: Variable | null): Value {
  const made = partList(cursor, parts, textType, node, variable);
  noteGiven(cursor.session, made, parts);
  return made;
}

/** The keys of an object of nothing but functions, as they were written; null: it is none. */
function keysOfTable({ session }: Cursor, object: Value): readonly string[] | null {
  const { type } = object;
  if (type.kind !== "record" || type.fields.length > 0 || !session.complete.has(object)) return null;
  if (session.functionMembers.has(object)) return null;
  const functions = [...(functionsIn(session, object) ?? [])];
  if (functions.some(([, held]) => isSetter(held))) return null;
  const names = functions.map(([name]) => name);
  return names.length === 0 || names.some((name) => /^\d/.test(name)) ? null : names;
}

/** The keys, values or entries that a dictionary has now, as a list. */
export function listEntries(
  cursor: Cursor,
  dictionary: Value,
  of: DictionaryWalk["of"],
  node: ts.Node,
  variable: Variable | null,
): Value {
  const { type } = dictionary;
  if (of === "keys" || !isDictionary(type)) return keysOf(cursor, dictionary, node, variable);
  const part = of === "values" ? type.element : entryOf(type.element, keyOf(type));
  const list = makeEmpty(cursor, { kind: "array", element: part, storage: "Array" }, node, variable);
  overKeys(cursor, dictionary, node, (at, key, value) => {
    at.block.push(list, of === "values" ? value : entry(at, key, value, node));
  });
  return list;
}

const entryOf = (type: Type, key: Type = textType): Type => ({ kind: "tuple", elements: [key, type] });

function entry(cursor: Cursor, key: Value, value: Value, node: ts.Node): Value {
  return cursor.block.allocate(entryOf(value.type, key.type), { kind: "parts", parts: [key, value] }, originOf(node));
}

function fromEntries(
  cursor: Cursor,
  node: ts.CallExpression,
  given: ts.Expression,
  variable: Variable | null,
): Value | undefined {
  const pairs = lowerReference(cursor, given);
  if (isPoisoned(cursor, pairs)) return poison(cursor, node);
  const pair = pairs.type.kind === "array" ? pairs.type.element : null;
  const [key, value] = pair?.kind === "tuple" ? pair.elements : [];
  if (key === undefined || value === undefined || !isText(key)) return undefined;
  const made = makeEmpty(cursor, { kind: "array", element: value, storage: "Dictionary" }, node, variable);
  runLoop(cursor, node, overPositions(cursor, pairs, node), (at, { counter, again }) => {
    const one = at.block.load(element(pairs, counter), originOf(node));
    const [name, held] = [at.block.load(field(one, 0), originOf(node)), at.block.load(field(one, 1), originOf(node))];
    at.block.store(element(made, name), held);
    return leaf(at, again);
  });
  return made;
}
