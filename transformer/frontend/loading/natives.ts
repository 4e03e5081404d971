/** Functions of the language, while modules are loaded. What is not here does with what it is given what nobody knows. */
import type ts from "typescript";
import { builtin, intrinsicAt, isTypedArrayName } from "./builtins.js";
import { call, callUnknown, construct } from "./call.js";
import { freeze, leak } from "./leaks.js";
import { define, makeArray, makeObject, stored, type Machine } from "./machine.js";
import { get, keysOf, memberOf, ownMember } from "./members.js";
import { callArrayMethod } from "./native-arrays.js";
import { callCollectionMethod, isCollectionName, makeCollection } from "./native-maps.js";
import { elementsOf } from "./patterns.js";
import { constructPattern } from "./regular-expressions.js";
import {
  isFunction,
  isObject,
  isPrimitive,
  isVague,
  objectsOf,
  unknown,
  type LoadedMember,
  type LoadedObject,
  type LoadedPrimitive,
  type LoadedValue,
} from "./values.js";

/** Functions that look at what they are given, and no more. */
const harmless = /^(console|Math|Number|isNaN|isFinite|parseFloat|parseInt|String|Boolean|Date|Symbol|JSON)\b/;

export function callNative(
  machine: Machine,
  path: string,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const dot = path.lastIndexOf(".");
  const [owner, name] = dot < 0 ? ["", path] : [path.slice(0, dot), path.slice(dot + 1)];
  switch (owner) {
    case "Math":
      return name === "random" ? unknown : numbers(args, path);
    case "Object":
      return callObject(machine, name, args, node);
    case "Reflect":
      return callReflect(machine, name, args, node);
    case "Function.prototype":
      return callFunctionMethod(machine, name, thisValue, args, node);
    case "Object.prototype":
      return callObjectMethod(machine, name, thisValue, args);
    case "Array.prototype":
      return callArrayMethod(machine, name, thisValue, args, node);
    case "String.prototype":
      return callText(machine, name, thisValue, args, node);
    case "Map.prototype":
    case "Set.prototype":
    case "WeakMap.prototype":
    case "WeakSet.prototype":
      return callCollectionMethod(machine, name, thisValue, args, node);
    case "Number.prototype":
      return primitives([thisValue, ...args]) === null ? unknown : onPrimitive(path, thisValue, args);
    case "Array":
      if (name === "isArray") return isArray(args[0]);
      if (name === "of") return makeArray(machine, node, args);
      return name === "from" ? arrayFrom(machine, args, node) : callUnknown(machine, undefined, undefined, args);
    case "Number":
      return numbers(args, path);
    case "":
      return callGlobal(machine, name, args, node);
    default:
      if (isTypedArrayName(owner)) return typedFrom(machine, owner, name, args, node);
      if (harmless.test(path)) return unknown;
      return callUnknown(machine, undefined, thisValue, args);
  }
}

const isArray = (value: LoadedValue): LoadedValue =>
  isVague(value) ? unknown : isObject(value) && value.storage === "Array";

function primitives(values: readonly LoadedValue[]): readonly LoadedPrimitive[] | null {
  const known = values.filter(isPrimitive);
  return known.length === values.length ? known : null;
}

/** A function of numbers, computed by the engine that builds. */
function numbers(args: readonly LoadedValue[], path: string): LoadedValue {
  const known = primitives(args);
  const fn = intrinsicAt(path);
  if (known === null || typeof fn !== "function") return unknown;
  return primitive(Reflect.apply(fn, undefined, known));
}

const primitive = (value: unknown): LoadedValue => {
  if (value === null || value === undefined) return value;
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : unknown;
};

function onPrimitive(path: string, thisValue: LoadedValue, args: readonly LoadedValue[]): LoadedValue {
  const fn = intrinsicAt(path);
  if (typeof fn !== "function" || thisValue === undefined || thisValue === null) return unknown;
  try {
    return primitive(Reflect.apply(fn, thisValue, primitives(args) ?? []));
  } catch {
    return unknown;
  }
}

function callGlobal(machine: Machine, name: string, args: readonly LoadedValue[], node: ts.Node | null): LoadedValue {
  switch (name) {
    case "isNaN":
    case "isFinite":
    case "parseFloat":
    case "parseInt":
    case "Number":
    case "String":
    case "Boolean":
      return numbers(args, name);
    case "Array":
      return constructNative(machine, name, args, node);
    case "Object": {
      const [first] = args;
      if (isObject(first) || isVague(first)) return first;
      return makeObject(machine, node, { prototype: builtin(machine, "Object.prototype") });
    }
    case "Symbol":
    case "Date":
      return unknown;
    default:
      return callUnknown(machine, undefined, undefined, args);
  }
}

export function constructNative(
  machine: Machine,
  path: string,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const [first] = args;
  if (path === "Array") {
    if (args.length !== 1 || typeof first === "string") return makeArray(machine, node, args);
    return typeof first === "number" && first <= 1e6 ? makeArray(machine, node, filled(first, undefined)) : unknown;
  }
  if (isTypedArrayName(path)) {
    if (args.length === 0) return makeArray(machine, node, [], path);
    if (typeof first === "number" && first <= 1e6) return makeArray(machine, node, filled(first, 0), path);
    const list = elementsOf(first);
    if (list === null || args.length > 1) return callUnknown(machine, undefined, undefined, args);
    const values = list.map((one) => stored(path, one));
    return makeArray(machine, node, values, path);
  }
  if (isCollectionName(path)) return makeCollection(machine, path, args, node);
  if (path === "Object") return callGlobal(machine, path, args, node);
  const pattern = path === "RegExp" ? constructPattern(machine, args, node) : unknown;
  if (pattern !== unknown) return pattern;
  return harmless.test(path) ? unknown : callUnknown(machine, undefined, undefined, args);
}

const filled = (length: number, value: LoadedValue): readonly LoadedValue[] =>
  Array.from({ length: Math.max(0, Math.floor(length)) }, () => value);

function arrayFrom(machine: Machine, args: readonly LoadedValue[], node: ts.Node | null): LoadedValue {
  const [source, map] = args;
  const length = isObject(source) && !source.isOpen && source.elements === null ? get(machine, source, "length") : null;
  const list = typeof length === "number" && length <= 1e6 ? filled(length, undefined) : elementsOf(source);
  if (list === null) return callUnknown(machine, undefined, undefined, args);
  if (map === undefined) return makeArray(machine, node, list);
  if (!machine.isLoading && list.length > 32) return callUnknown(machine, undefined, undefined, args);
  return makeArray(
    machine,
    node,
    list.map((one, k) => call(machine, map, undefined, [one, k], node)),
  );
}

/** `Float64Array.from(list)`: what is in it are numbers, which are copied. */
function typedFrom(
  machine: Machine,
  storage: string,
  name: string,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const [source, map] = args;
  const list = name === "of" ? args : elementsOf(source);
  const isPlain =
    isObject(source) && source.elements !== null && source.elements.every((one) => [...objectsOf(one)].length === 0);
  if (name !== "of" && (name !== "from" || map !== undefined || !(isPlain || source === unknown))) {
    return callUnknown(machine, undefined, undefined, args);
  }
  return list === null
    ? unknown
    : makeArray(
        machine,
        node,
        list.map((one) => stored(storage, one)),
        storage,
      );
}

function callText(
  machine: Machine,
  name: string,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const known = primitives(args);
  if (typeof thisValue !== "string" || known === null) {
    for (const one of args) leak(machine, one);
    return unknown;
  }
  if (name === "split") {
    const [separator] = known;
    return typeof separator === "string" ? makeArray(machine, node, thisValue.split(separator)) : unknown;
  }
  return onPrimitive(`String.prototype.${name}`, thisValue, known);
}

// ---- Object ---------------------------------------------------------------------------------------------

function callObject(machine: Machine, name: string, args: readonly LoadedValue[], node: ts.Node | null): LoadedValue {
  const [first, second, third] = args;
  switch (name) {
    case "freeze":
      if (isObject(first)) freeze(machine, first);
      return first;
    case "seal":
    case "preventExtensions":
      return first;
    case "assign":
      return assign(machine, first, args.slice(1));
    case "create": {
      const isKnown = isObject(first) || first === null;
      const made = makeObject(machine, node, {
        prototype: isObject(first) ? first : null,
        maker: isObject(first) ? makerOfPrototype(machine, first) : null,
        isOpen: !isKnown,
      });
      if (!isKnown) leak(machine, first);
      if (second !== undefined) defineAll(machine, made, second);
      return made;
    }
    case "defineProperty":
      if (!isObject(first) || isVague(second) || isObject(second))
        return callUnknown(machine, undefined, undefined, args);
      defineOne(machine, first, String(second), third);
      return first;
    case "defineProperties":
      if (!isObject(first)) return callUnknown(machine, undefined, undefined, args);
      defineAll(machine, first, second);
      return first;
    case "keys":
    case "values":
    case "entries":
    case "getOwnPropertyNames": {
      const keys = keysOf(machine, first);
      if (keys === null) {
        for (const one of name === "keys" || name === "getOwnPropertyNames" ? [] : args) leak(machine, one);
        return unknown;
      }
      const all = name === "getOwnPropertyNames" && isObject(first) ? [...first.members.keys()] : keys;
      if (name === "keys" || name === "getOwnPropertyNames") return makeArray(machine, node, all);
      const values = keys.map((key) => get(machine, first, key));
      if (name === "values") return makeArray(machine, node, values);
      return makeArray(
        machine,
        node,
        keys.map((key, k) => makeArray(machine, node, [key, values[k]])),
      );
    }
    case "getPrototypeOf":
      return isObject(first) ? (first.prototype?.isOpen === true ? unknown : first.prototype) : unknown;
    case "setPrototypeOf":
      if (!isObject(first)) return callUnknown(machine, undefined, undefined, args);
      setPrototype(machine, first, second);
      return first;
    case "getOwnPropertyDescriptor":
      return isObject(first) && isPrimitive(second) ? descriptorOf(machine, first, String(second), node) : unknown;
    case "is":
      return isPrimitive(first) && isPrimitive(second) ? Object.is(first, second) : unknown;
    case "hasOwn":
      return callObjectMethod(machine, "hasOwnProperty", first, [second]);
    case "isFrozen":
    case "isSealed":
    case "isExtensible":
    case "getOwnPropertySymbols":
      return unknown;
    default:
      return callUnknown(machine, undefined, undefined, args);
  }
}

function callReflect(machine: Machine, name: string, args: readonly LoadedValue[], node: ts.Node | null): LoadedValue {
  const [first, second, third] = args;
  if (name === "construct") return construct(machine, first, elementsOf(second)?.slice() ?? null, node, third ?? first);
  if (name === "apply") return call(machine, first, second, elementsOf(third)?.slice() ?? null, node);
  if (["getPrototypeOf", "setPrototypeOf", "defineProperty"].includes(name))
    return callObject(machine, name, args, node);
  return callUnknown(machine, undefined, undefined, args);
}

/** What `new` of which an instance with this prototype would look like. */
function makerOfPrototype(machine: Machine, prototype: LoadedObject): LoadedObject | null {
  const found = ownMember(machine, prototype, "constructor");
  return found?.kind === "data" && isFunction(found.value) ? found.value : null;
}

function setPrototype(machine: Machine, owner: LoadedObject, value: LoadedValue): void {
  const given = isObject(value) ? value : value === null ? null : undefined;
  if (given !== undefined && (owner.id >= machine.weakBelow || owner.prototype === given)) {
    owner.prototype = given;
    return;
  }
  leak(machine, value);
  if (owner.prototype?.isOpen !== true) owner.prototype = makeObject(machine, null, { isOpen: true });
}

function assign(machine: Machine, owner: LoadedValue, sources: readonly LoadedValue[]): LoadedValue {
  if (!isObject(owner)) return callUnknown(machine, undefined, undefined, [owner, ...sources]);
  for (const source of sources) {
    if (source === undefined || source === null) continue;
    const keys = keysOf(machine, source);
    if (keys === null) {
      // It may have any members.
      callUnknown(machine, undefined, undefined, [owner, source]);
      continue;
    }
    for (const key of keys) {
      define(machine, owner, key, { kind: "data", value: get(machine, source, key), isListed: true });
    }
  }
  return owner;
}

function defineAll(machine: Machine, owner: LoadedObject, descriptors: LoadedValue): void {
  const keys = keysOf(machine, descriptors);
  if (keys === null) callUnknown(machine, undefined, undefined, [owner, descriptors]);
  for (const key of keys ?? []) defineOne(machine, owner, key, get(machine, descriptors, key));
}

function defineOne(machine: Machine, owner: LoadedObject, key: string, descriptor: LoadedValue): void {
  if (!isObject(descriptor) || descriptor.isOpen) {
    leak(machine, descriptor);
    define(machine, owner, key, { kind: "data", value: unknown, isListed: true });
    return;
  }
  const has = (name: string): boolean => memberOf(machine, descriptor, name) !== null;
  const isListed = get(machine, descriptor, "enumerable") === true;
  if (!has("get") && !has("set")) {
    const known = ownMember(machine, owner, key);
    const value = has("value") || known?.kind !== "data" ? get(machine, descriptor, "value") : known.value;
    define(machine, owner, key, { kind: "data", value, isListed });
    return;
  }
  const getter: LoadedValue = get(machine, descriptor, "get");
  const setter: LoadedValue = get(machine, descriptor, "set");
  if (isVague(getter) || isVague(setter)) {
    leak(machine, getter);
    leak(machine, setter);
    define(machine, owner, key, { kind: "data", value: unknown, isListed });
    return;
  }
  const accessor: LoadedMember = {
    kind: "accessor",
    get: isFunction(getter) ? getter : null,
    set: isFunction(setter) ? setter : null,
  };
  define(machine, owner, key, accessor);
}

function descriptorOf(machine: Machine, owner: LoadedObject, key: string, node: ts.Node | null): LoadedValue {
  const member = ownMember(machine, owner, key);
  if (owner.isOpen) return unknown;
  if (member === null) return undefined;
  const made = makeObject(machine, node, { prototype: builtin(machine, "Object.prototype") });
  const give = (name: string, value: LoadedValue): void => {
    made.members.set(name, { kind: "data", value, isListed: true });
  };
  if (member.kind === "accessor") {
    give("get", member.get ?? undefined);
    give("set", member.set ?? undefined);
  } else give("value", member.kind === "binding" ? member.cell.value : member.value);
  give("writable", unknown);
  give("enumerable", member.kind === "data" ? member.isListed : unknown);
  give("configurable", unknown);
  return made;
}

function callObjectMethod(
  machine: Machine,
  name: string,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
): LoadedValue {
  const [first] = args;
  switch (name) {
    case "hasOwnProperty":
    case "propertyIsEnumerable": {
      if (!isObject(thisValue) || !isPrimitive(first) || thisValue.isOpen) return unknown;
      return ownMember(machine, thisValue, String(first)) !== null;
    }
    case "toString":
      return tagOf(thisValue);
    case "valueOf":
      return thisValue;
    default:
      return unknown;
  }
}

/** `Object.prototype.toString.call(x)` */
function tagOf(value: LoadedValue): LoadedValue {
  if (isVague(value)) return unknown;
  if (!isObject(value)) return Object.prototype.toString.call(value);
  if (value.run !== null) return "[object Function]";
  if (value.elements === null) return value.isOpen || value.entries !== null ? unknown : "[object Object]";
  return value.storage === "arguments" ? "[object Arguments]" : `[object ${value.storage ?? "Array"}]`;
}

function callFunctionMethod(
  machine: Machine,
  name: string,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const [self, ...rest] = args;
  switch (name) {
    case "call":
      return call(machine, thisValue, self, rest, node);
    case "apply": {
      const [list] = rest;
      return call(
        machine,
        thisValue,
        self,
        list === undefined || list === null ? [] : (elementsOf(list)?.slice() ?? null),
        node,
      );
    }
    case "bind":
      if (!isFunction(thisValue)) return callUnknown(machine, thisValue, undefined, args);
      return makeObject(machine, node, {
        run: { kind: "bound", target: thisValue, thisValue: self, given: rest },
        prototype: builtin(machine, "Function.prototype"),
      });
    default:
      return unknown;
  }
}
