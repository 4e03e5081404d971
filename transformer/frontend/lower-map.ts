/**
 * `Map` and `Set`. One that the function makes is memory like an array, with keys in the place of indices, so that
 * derivatives flow through its values; a `Set` is a Map to `true`. One that is given from outside is a constant.
 */
import ts from "typescript";
import { element, field } from "../ir/build.js";
import {
  booleanType,
  integerType,
  isMap,
  isReference,
  isScalar,
  isText,
  type MapType,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { isAssignable } from "../ir/assignable.js";
import { isAbsence } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isAnyType, isMapText, isNumberLiterals, isVagueText, typeOf } from "../syntax/type-of.js";
import { isTakenAtOnce } from "./array-walk.js";
import { unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { leaf } from "./flow.js";
import { lowerReference } from "./lower-assignment.js";
import { callCallable, lowerArguments, type Argument } from "./lower-call.js";
import { kept, keptKey, keysOf, listEntries, makeEmpty, overKeys, valueUnder } from "./lower-dictionary.js";
import { tellsOfMaps } from "./known-where-made.js";
import { learnMap, learntMapType } from "./learnt-map.js";
import { checkedType } from "./lower-expression.js";
import { unwrapTo } from "./lower-function.js";
import { overPositions, runLoop } from "./lower-loop.js";
import { opaque } from "./lower-opaque.js";
import { changesInWalk, roundOfMap } from "./map-walk.js";
import { isGlobal } from "./module-constants.js";
import type { LoweringSession } from "./session.js";
import { settleTogether } from "./pending-elements.js";

/** `new Map()`, `new Map(pairs)`, `new Set(list)`; null: it makes something else. */
export function lowerNewMap(cursor: Cursor, node: ts.NewExpression, variable: Variable | null): Value | null {
  const callee = unwrapped(node.expression);
  const name = ts.isIdentifier(callee) ? callee.text : "";
  if ((name !== "Map" && name !== "Set") || !isGlobal(cursor.session, callee, name)) return null;
  const type = mapTypeOf(cursor, node);
  if (type === null) {
    return refused(cursor, node, "EZ2097", {
      what: `a ${name} of this type`,
      advice: "let its keys be text, numbers or booleans, and declare what it holds: new Map<string, number>()",
    });
  }
  const made = makeEmpty(cursor, type, node, variable);
  const [given] = node.arguments ?? [];
  if (given === undefined) return made;
  const source = lowerReference(cursor, given);
  if (isPoisoned(cursor, source)) return poison(cursor, node);
  if (isMap(source.type)) {
    if (!isAssignable(source.type, type, false)) return refusedContents(cursor, given);
    overKeys(cursor, source, node, (at, key, value) => at.block.store(element(made, key), value));
    return made;
  }
  if (source.type.kind !== "array") return refusedContents(cursor, given);
  runLoop(cursor, node, overPositions(cursor, source, given), (at, { counter, again }) => {
    const one = at.block.load(element(source, counter), originOf(node));
    if (name === "Set") put(at, made, one, at.block.constant(true), given);
    else if (one.type.kind === "tuple" && one.type.elements.length === 2) {
      const [key, value] = [at.block.load(field(one, 0), originOf(node)), at.block.load(field(one, 1), originOf(node))];
      put(at, made, key, value, given);
    } else refusedContents(at, given);
    return leaf(at, again);
  });
  return made;
}

const refusedContents = (cursor: Cursor, node: ts.Node): Value =>
  refused(cursor, node, "EZ2097", {
    what: "a Map or Set made of this",
    advice: "make it empty, and fill it in a loop",
  });

/** The type of a Map that is made: keys that are compared by their value, and values that are known. */
function mapTypeOf(cursor: Cursor, node: ts.NewExpression): MapType | null {
  const { session } = cursor;
  const { checker } = session;
  const own = checker.getTypeAtLocation(node);
  const type =
    node.typeArguments === undefined ? checker.getNonNullableType(checker.getContextualType(node) ?? own) : own;
  const [keyType, valueType] = checker.getTypeArguments(type as ts.TypeReference);
  const isOfAny = [keyType, valueType].some((one) => one !== undefined && isAnyType(one));
  if (isOfAny && node.typeArguments === undefined) return learntMapType(cursor, node, own.symbol.name === "Set");
  const read = keyType === undefined ? null : mapOf(session, own.symbol.name === "Set", keyType, valueType);
  // Instances that are made with Maps are not what their class says.
  return read !== null && tellsOfMaps(read) ? learntMapType(cursor, node, false) : read;
}

/** A Map or Set of keys and values of these types. What it holds may be another, made by the function as well. */
function mapOf(
  session: LoweringSession,
  isOfKeys: boolean,
  keyType: ts.Type,
  valueType: ts.Type | undefined,
): MapType | null {
  const { types } = session;
  const keys = typeOf(keyType, types);
  const held = isOfKeys
    ? booleanType
    : valueType === undefined
      ? null
      : (innerMap(session, valueType) ?? typeOf(valueType, types));
  if (keys === null || held === null || isAbsence(held) || (held.kind === "opaque" && isVagueText(held.text)))
    return null;
  const isPlain = isScalar(keys) || isText(keys);
  return isPlain ? { kind: "array", element: held, storage: "Map", keys } : null;
}

/** `Map<string, Set<number>>`: the Set. */
function innerMap(session: LoweringSession, type: ts.Type): MapType | null {
  const name = type.getSymbol()?.name;
  if (name !== "Map" && name !== "Set") return null;
  const [keyType, valueType] = session.checker.getTypeArguments(type as ts.TypeReference);
  return keyType === undefined ? null : mapOf(session, name === "Set", keyType, valueType);
}

/** Puts a value under a key; false: it does not fit, which is reported. */
function put(cursor: Cursor, map: Value, key: Value, value: Value, node: ts.Node): boolean {
  if (!isMap(map.type) || isPoisoned(cursor, key, value)) return false;
  learnMap(cursor, map, key, value);
  const { element: held, keys } = map.type;
  settleTogether(cursor.session, value.type, held);
  const present = value.type.kind === "optional" && held.kind !== "optional" ? value.type.of : value.type;
  if (keys === undefined || !isAssignable(key.type, keys, true) || !isAssignable(present, held, true)) {
    refused(cursor, node, "EZ2025", {
      type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node)),
    });
    return false;
  }
  const stored = present === value.type ? value : unwrapTo(cursor, value, present);
  cursor.block.store(element(map, asKey(cursor, key, node)), stored);
  return true;
}

/** `m.delete(key)`: was it there? */
function takeOut(cursor: Cursor, map: Value, given: Value, node: ts.CallExpression, variable: Variable | null): Value {
  learnMap(cursor, map, given, null);
  if (!canLose(cursor, map, node)) return poison(cursor, node);
  const key = asKey(cursor, given, node);
  const wasThere = opaque(cursor, "$0.has($1)", [map, key], booleanType, node, variable, readsOnly);
  cursor.block.remove(element(map, key));
  return wasThere;
}

/** Under a key that is gone nothing is found, which must not be one of the things that may be found under a key. */
function canLose(cursor: Cursor, { type }: Value, node: ts.CallExpression): boolean {
  if (!isMap(type) || type.element.kind !== "optional") return true;
  refused(cursor, node, "EZ2097", {
    what: "taking a key out of a Map whose values may be undefined",
    advice: "let its values be numbers or objects, and leave out the keys that have none",
  });
  return false;
}

/** A number through which a derivative flows is no key: what is found under it would not follow it. */
const asKey = (cursor: Cursor, key: Value, node: ts.Node): Value =>
  key.type.kind === "number" && cursor.block.literalOf(key) === undefined
    ? keptKey(cursor, "$0", key, key.type, "a key", node)
    : key;

/** Is it a Map or a Set that is given from outside? */
const isGiven = ({ type }: Value): boolean => type.kind === "opaque" && isMapText(type.text);

/** A method of a Map or Set; undefined: the object is neither. */
export function lowerMapMethod(
  cursor: Cursor,
  map: Value,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null | undefined {
  if (isGiven(map)) return askGiven(cursor, map, callee, node, variable);
  if (!isMap(map.type)) return undefined;
  const { session } = cursor;
  const name = callee.name.text;
  const args = lowerArguments(cursor, node);
  const [first, second] = args.map((one) => (one.kind === "value" ? one.value : null));
  if (args.some((one) => one.kind === "value" && isPoisoned(cursor, one.value))) return poison(cursor, node);
  const { block } = cursor;
  if ((name === "get" || name === "has") && first != null) {
    learnMap(cursor, map, first, null);
    const { keys } = map.type;
    const isOfKeys = keys === undefined || !session.mapsOfType.has(map.type) || isAssignable(first.type, keys, true);
    if (!isOfKeys) return refused(cursor, node, "EZ2025", { type: callee.getText() });
  }
  switch (name) {
    case "get":
      if (first == null) break;
      return block.load(element(map, asKey(cursor, first, node)), originOf(node, variable));
    case "has":
      if (first == null) break;
      return opaque(cursor, "$0.has($1)", [map, asKey(cursor, first, node)], booleanType, node, variable, readsOnly);
    case "set":
      if (first == null || second == null) break;
      put(cursor, map, first, second, node);
      return map;
    case "add":
      if (first == null) break;
      put(cursor, map, first, block.constant(true), node);
      return map;
    case "delete":
      if (first == null) break;
      return takeOut(cursor, map, first, node, variable);
    case "clear":
      if (args.length > 0 || !canLose(cursor, map, node)) break;
      overKeys(cursor, map, node, (at, key) => at.block.remove(element(map, key)));
      return block.constant(undefined);
    case "keys":
    case "values":
    case "entries": {
      if (!isTakenAtOnce(node)) break;
      const of = isSet(cursor, callee.expression) && name !== "entries" ? "keys" : name;
      return listEntries(cursor, map, of, node, variable);
    }
    case "forEach":
      return forEach(cursor, map, isSet(cursor, callee.expression), args, node);
    default:
  }
  return refused(cursor, node, "EZ2097", {
    what: `\`${name}\` of a Map or Set`,
    advice: "put in what is wanted only, or mark what is gone with a value",
  });
}

/** Is it a Set to the checker? */
export const isSet = ({ session }: Cursor, node: ts.Expression): boolean =>
  /^(?:Readonly)?Set$/.test(session.checker.getTypeAtLocation(node).getSymbol()?.name ?? "");

/** `m.size` */
export function lowerMapSize(cursor: Cursor, map: Value, node: ts.PropertyAccessExpression): Value | null {
  if (node.name.text !== "size" || !(isMap(map.type) || isGiven(map))) return null;
  const size = opaque(cursor, "$0.size", [map], integerType, node, null, readsOnly);
  cursor.session.present.add(size);
  return size;
}

function forEach(cursor: Cursor, map: Value, ofSet: boolean, args: readonly Argument[], node: ts.CallExpression): null {
  const [given] = args;
  if (given?.kind !== "function") {
    refused(cursor, node, "EZ2013", { name: node.arguments[0]?.getText() ?? "it" });
    return null;
  }
  const changes = changesInWalk(cursor, map, node.arguments[0] ?? node);
  if (changes === null) return null;
  const keys = keysOf(cursor, map, node, null);
  const walk = { map, keys, changes, node };
  runLoop(cursor, node, overPositions(cursor, keys, node), (at, round) => {
    const key = at.block.load(element(keys, round.counter), originOf(node, { name: "key" }));
    return roundOfMap(at, walk, key, round, (here, again) => {
      const value = valueUnder(here, map, key, node);
      const handed = [ofSet ? key : value, key].map((one) => ({ kind: "value", value: one, node }) as const);
      callCallable(here, given.callable, handed, node, null);
      return leaf(here, again);
    });
  });
  return null;
}

/** ` as 1 | 3`: what is asked of a `Set<1 | 3>` is any number in the derivative. */
function castOfKey({ session, frame }: Cursor, callee: ts.PropertyAccessExpression, node: ts.CallExpression): string {
  const { checker } = session;
  const [keys] = checker.getTypeArguments(checker.getTypeAtLocation(unwrapped(callee.expression)) as ts.TypeReference);
  const [argument] = node.arguments;
  if (keys === undefined || argument === undefined || isJavaScript(frame.outputFile.fileName)) return "";
  let given = argument;
  while (ts.isParenthesizedExpression(given)) given = given.expression;
  const isCast = ts.isAsExpression(given);
  const isOneOf =
    isNumberLiterals(keys) || (isCast && keys.isUnion() && keys.types.every((one) => one.isStringLiteral()));
  return isOneOf ? ` as ${checker.typeToString(keys, undefined, ts.TypeFormatFlags.InTypeAlias)}` : "";
}

/** What a Map or Set from outside answers is constant. */
function askGiven(
  cursor: Cursor,
  map: Value,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | undefined {
  const name = callee.name.text;
  const [argument] = lowerArguments(cursor, node);
  const key = argument?.kind === "value" ? argument.value : null;
  const type = name === "get" ? checkedType(cursor, node) : booleanType;
  if ((name === "get" || name === "has") && key !== null && type !== null && !isReference(type)) {
    return kept(cursor, `$0.${name}($1${castOfKey(cursor, callee, node)})`, [map, key], type, "a key", node, variable);
  }
  return refused(cursor, node, "EZ2097", {
    what: `\`${name}\` of a Map or Set from outside`,
    advice: "hand over an array, or an object with open keys (Record<string, number>)",
  });
}
