/**
 * Maps and sets while modules are loaded. What one holds are members of an object that nobody else knows, by names that
 * tell keys of different kinds apart: what is written perhaps, or later, is treated as that of any other object.
 */
import type ts from "typescript";
import { builtin } from "./builtins.js";
import { call, callUnknown } from "./call.js";
import { leak, open } from "./leaks.js";
import { anyOf, define, makeArray, makeObject, type Machine } from "./machine.js";
import { ownMember } from "./members.js";
import { elementsOf } from "./patterns.js";
import {
  isObject,
  isVague,
  unknown,
  type LoadedEntries,
  type LoadedMember,
  type LoadedObject,
  type LoadedValue,
} from "./values.js";

export const isCollectionName = (name: string): boolean => ["Map", "Set", "WeakMap", "WeakSet"].includes(name);

/** How a key is called among the members; null: it is not known which it is. */
function nameOf(key: LoadedValue): string | null {
  if (isVague(key)) return null;
  if (isObject(key)) return `object ${key.id}`;
  return `${typeof key} ${String(key)}`;
}

const data = (value: LoadedValue): LoadedMember => ({ kind: "data", value, isListed: true });

/** `new Map(pairs)`, `new Set(values)` */
export function makeCollection(
  machine: Machine,
  name: string,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const [source] = args;
  const list = source === undefined || source === null ? [] : elementsOf(source);
  const isMap = name.endsWith("Map");
  const pairs = list?.map((one): readonly LoadedValue[] | null => (isMap ? elementsOf(one) : [one, one]));
  if (pairs === undefined || pairs.includes(null)) return callUnknown(machine, undefined, undefined, args);
  const store = makeObject(machine, null, { storage: "entries" });
  const made = makeObject(machine, node, {
    prototype: builtin(machine, `${name}.prototype`),
    entries: { store, keys: new Map() },
  });
  for (const pair of pairs) if (pair !== null) give(machine, made, pair[0], pair[1]);
  return made;
}

function give(machine: Machine, { entries }: LoadedObject, key: LoadedValue, value: LoadedValue): void {
  const name = nameOf(key);
  if (entries === null) return;
  if (name === null) {
    leak(machine, key);
    leak(machine, value);
    open(machine, entries.store);
    return;
  }
  if (entries.store.isLeaked) leak(machine, key);
  entries.keys.set(name, key);
  define(machine, entries.store, name, data(value));
}

/** All that is in a collection, in its order; null: it is not known what that is. */
function allOf({ store, keys }: LoadedEntries): readonly (readonly [LoadedValue, LoadedValue])[] | null {
  if (store.isOpen) return null;
  const all: (readonly [LoadedValue, LoadedValue])[] = [];
  for (const [name, member] of store.members) {
    if (member.kind !== "data" || isVague(member.value)) return null;
    all.push([keys.get(name), member.value]);
  }
  return all;
}

/** What going through a collection gives, turn by turn; null: that is not known. */
export function turnsOf(machine: Machine, owner: LoadedObject): readonly LoadedValue[] | null {
  const all = owner.entries === null ? null : allOf(owner.entries);
  const isSet = owner.prototype === builtin(machine, "Set.prototype");
  return all?.map(([key, value]) => (isSet ? key : makeArray(machine, null, [key, value]))) ?? null;
}

/** `map.size` */
export function sizeOf(entries: LoadedEntries): LoadedValue {
  return allOf(entries)?.length ?? unknown;
}

export function callCollectionMethod(
  machine: Machine,
  name: string,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const entries = isObject(thisValue) ? thisValue.entries : null;
  if (!isObject(thisValue) || entries === null) return callUnknown(machine, undefined, thisValue, args);
  const { store } = entries;
  const [key, value] = args;
  const text = nameOf(key);
  switch (name) {
    case "get":
    case "has": {
      const member = text === null ? null : ownMember(machine, store, text);
      if (name === "has") {
        const isKnown = text !== null && !store.isOpen && !(member?.kind === "data" && isVague(member.value));
        return isKnown ? member !== null : unknown;
      }
      if (store.isOpen) return unknown;
      if (text === null) return anyOf(machine, [unknown, ...valuesIn(store)]);
      return member?.kind === "data" ? member.value : undefined;
    }
    case "set":
    case "add":
      give(machine, thisValue, key, name === "set" ? value : key);
      return thisValue;
    case "delete":
      return remove(machine, entries, text);
    case "clear":
      if (store.id < machine.weakBelow || store.isOpen) open(machine, store);
      else store.members.clear();
      return undefined;
    case "forEach": {
      const all = machine.isLoading ? allOf(entries) : null;
      if (all === null) return callUnknown(machine, undefined, thisValue, args);
      for (const [one, held] of all) call(machine, key, value, [held, one, thisValue], node);
      return undefined;
    }
    default:
      return callUnknown(machine, undefined, thisValue, args);
  }
}

const valuesIn = ({ members }: LoadedObject): readonly LoadedValue[] =>
  [...members.values()].flatMap((one) => (one.kind === "data" ? [one.value] : []));

function remove(machine: Machine, { store }: LoadedEntries, name: string | null): LoadedValue {
  if (name === null || store.isOpen) {
    open(machine, store);
    return unknown;
  }
  const known = store.members.get(name);
  if (known === undefined) return false;
  if (store.id >= machine.weakBelow) {
    store.members.delete(name);
    return known.kind === "data" && isVague(known.value) ? unknown : true;
  }
  define(machine, store, name, data(unknown));
  return unknown;
}
