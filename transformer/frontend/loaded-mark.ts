/**
 * Objects that are there once the modules are loaded, and that nobody changes: modules with functions that say `this`,
 * instances with long tables. The value is a mark: their members are known, and no memory holds them.
 */
import type ts from "typescript";
import { makeValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { originOf, refused, type Callable, type Cursor } from "./environment.js";
import { functionValue } from "./function-value.js";
import { functionList } from "./given-list.js";
import { callCallable } from "./lower-call.js";
import { callableFrom, written } from "./loaded-constant.js";
import { loadedProgram } from "./loading/loading.js";
import { get, keysOf, memberOf } from "./loading/members.js";
import { isFunction, isVague, type LoadedObject, type LoadedValue } from "./loading/values.js";

export interface LoadedMark {
  readonly object: LoadedObject;
  /** Where it is mentioned first. */
  readonly node: ts.Node;
}

export function loadedMark({ session }: Cursor, object: LoadedObject, node: ts.Node): Value {
  const known = session.marksOfLoaded.get(object);
  if (known !== undefined) return known;
  const mark = makeValue({ kind: "record", name: null, fields: [] }, originOf(node));
  session.loadedMarks.set(mark, { object, node });
  session.marksOfLoaded.set(object, mark);
  session.present.add(mark);
  session.certain.add(mark);
  return mark;
}

/** `mark.name`; null: it is no mark. */
export function memberOfMark(cursor: Cursor, base: Value, name: string, node: ts.Node): Value | null {
  const { session } = cursor;
  const object = session.loadedMarks.get(base)?.object;
  const machine = loadedProgram(session);
  if (object === undefined || machine === null) return null;
  const found = memberOf(machine, object, name);
  if (found?.member.kind === "accessor") {
    const callable = found.member.get === null ? null : callableFrom(cursor, found.member.get, base);
    const result = callable === null ? null : callCallable(cursor, callable, [], node, null);
    return result ?? refused(cursor, node, "EZ2024", { name: node.getText() });
  }
  const value: LoadedValue = get(machine, object, name);
  if (isFunction(value)) {
    const callable = callableFrom(cursor, value, base);
    if (callable !== null) return functionValue(cursor, callable, node);
  }
  return (
    (isVague(value) ? null : written(cursor, value, node)) ?? refused(cursor, node, "EZ2024", { name: node.getText() })
  );
}

/** `key in mark`; `own`: its prototypes do not count. null: it is not known. */
export function markHas({ session }: Cursor, base: Value, key: string, own: boolean): boolean | null {
  const object = session.loadedMarks.get(base)?.object;
  const machine = loadedProgram(session);
  if (object === undefined || machine === null) return null;
  const value = get(machine, object, key);
  if (isVague(value)) return null;
  const found = memberOf(machine, object, key);
  if (found !== null) return !own || found.holder === object;
  return !own && key in Object.prototype;
}

/** The method of a mark. */
export function methodOfMark(cursor: Cursor, base: Value, name: string): Callable | null {
  const { session } = cursor;
  const object = session.loadedMarks.get(base)?.object;
  const machine = loadedProgram(session);
  if (object === undefined || machine === null) return null;
  const value = get(machine, object, name);
  return isFunction(value) ? callableFrom(cursor, value, base) : null;
}

/** What is in a list that is there once the modules are loaded, as a list of known parts; null: it is none, or too long. */
export function listOfMark(cursor: Cursor, value: Value, node: ts.Node): Value | null {
  const object = cursor.session.loadedMarks.get(value)?.object;
  if (object === undefined || object.elements === null || object.isOpen || object.entries !== null) return null;
  if (object.members.size > 0 || object.elements.length > mostParts) return null;
  const parts = object.elements.map((one) => (isVague(one) ? null : written(cursor, one, node)));
  const known = parts.filter((one) => one !== null);
  return known.length === parts.length ? functionList(cursor, known, node) : null;
}

/** So many times what walks a list is written. */
export const mostParts = 32;

/** The keys of an object that is there once the modules are loaded, as `for-in` lists them; null: that is not known. */
export function keysOfMark({ session }: Cursor, value: Value): readonly string[] | null {
  const object = session.loadedMarks.get(value)?.object;
  const machine = loadedProgram(session);
  if (object === undefined || machine === null || object.isOpen) return null;
  const isPlain = object.prototype === null || object.prototype.run?.kind === "native";
  const keys = isPlain && object.run === null ? keysOf(machine, object) : null;
  return keys === null || keys.length > mostParts ? null : keys;
}
