/** Methods of arrays, while modules are loaded. */
import ts from "typescript";
import { call, callUnknown } from "./call.js";
import { leak, open } from "./leaks.js";
import { anyOf, makeArray, repeatedly, stored, type Machine } from "./machine.js";
import { compare } from "./operators.js";
import { elementsOf } from "./patterns.js";
import { truthOf } from "./evaluate.js";
import {
  isFunction,
  isObject,
  isOneOf,
  isPrimitive,
  isVague,
  unknown,
  type LoadedObject,
  type LoadedValue,
} from "./values.js";

const changing = new Set(["push", "pop", "shift", "unshift", "splice", "reverse", "sort", "fill", "copyWithin"]);
const looking = new Set(["indexOf", "lastIndexOf", "includes", "join", "toString", "at", "keys"]);

export function callArrayMethod(
  machine: Machine,
  name: string,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const list = elementsOf(thisValue);
  if (!isObject(thisValue) || list === null) return onUnknown(machine, name, thisValue, args);
  if (changing.has(name)) {
    if (thisValue.id < machine.weakBelow) {
      for (const one of args) leak(machine, one);
      open(machine, thisValue);
      return unknown;
    }
    return change(machine, name, thisValue, args, node);
  }
  const [first, second] = args;
  const storage = thisValue.storage === "arguments" ? "Array" : (thisValue.storage ?? "Array");
  switch (name) {
    case "slice":
      return isPrimitive(first) && isPrimitive(second)
        ? makeArray(machine, node, list.slice(number(first), number(second)), storage)
        : onUnknown(machine, name, thisValue, args);
    case "concat": {
      const parts = args.map((one) =>
        isObject(one) ? (one.storage === "Array" ? elementsOf(one) : [one]) : isVague(one) ? null : [one],
      );
      if (parts.includes(null)) return onUnknown(machine, name, thisValue, args);
      return makeArray(machine, node, [...list, ...parts.flatMap((one) => [...(one ?? [])])]);
    }
    case "join":
      return list.every(isPrimitive) && isPrimitive(first)
        ? list
            .map((one) => (one === undefined || one === null ? "" : String(one as number)))
            .join(first === undefined ? "," : String(first))
        : unknown;
    case "indexOf":
    case "includes": {
      const equal = list.map((one) => compare(ts.SyntaxKind.EqualsEqualsEqualsToken, one, first));
      if (equal.includes(unknown) || second !== undefined) return unknown;
      return name === "indexOf" ? equal.indexOf(true) : equal.includes(true);
    }
    case "map":
    case "forEach":
    case "filter":
    case "some":
    case "every":
    case "find":
    case "findIndex":
    case "reduce":
      return goThrough(machine, name, thisValue, [...list], args, node);
    default:
      return onUnknown(machine, name, thisValue, args);
  }
}

const number = (value: unknown): number | undefined => (value === undefined ? undefined : Number(value));

function change(
  machine: Machine,
  name: string,
  owner: LoadedObject,
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const { elements } = owner;
  if (elements === null) return unknown;
  const [first] = args;
  switch (name) {
    case "push":
      elements.push(...args);
      return elements.length;
    case "unshift":
      elements.unshift(...args);
      return elements.length;
    case "pop":
      return elements.pop();
    case "shift":
      return elements.shift();
    case "reverse":
      elements.reverse();
      return owner;
    case "fill": {
      if (args.length > 1) break;
      elements.fill(owner.storage === "Array" ? first : stored(owner.storage ?? "", first));
      return owner;
    }
    case "splice": {
      const [start, count, ...given] = args;
      if (typeof start !== "number" || (count !== undefined && typeof count !== "number")) break;
      const taken = args.length === 1 ? elements.splice(start) : elements.splice(start, number(count) ?? 0, ...given);
      return makeArray(machine, node, taken);
    }
    case "sort": {
      if (first === undefined && elements.every((one) => typeof one === "string")) {
        elements.sort();
        return owner;
      }
      break;
    }
    default:
  }
  for (const one of args) leak(machine, one);
  open(machine, owner);
  return name === "sort" || name === "copyWithin" || name === "fill" ? owner : unknown;
}

/** `list.map(f)` and its like. */
function goThrough(
  machine: Machine,
  name: string,
  owner: LoadedObject,
  list: readonly LoadedValue[],
  args: readonly LoadedValue[],
  node: ts.Node | null,
): LoadedValue {
  const [callback, second] = args;
  if (!isFunction(callback) || (!machine.isLoading && list.length > 16)) {
    return onUnknown(machine, name, owner, args);
  }
  if (name === "reduce") {
    let total = args.length > 1 ? second : list[0];
    list.forEach((one, k) => {
      if (args.length > 1 || k > 0) total = call(machine, callback, undefined, [total, one, k, owner], node);
    });
    return total;
  }
  const results = list.map((one, k) => call(machine, callback, second, [one, k, owner], node));
  if (name === "forEach") return undefined;
  if (name === "map")
    return makeArray(machine, node, results, owner.storage === "Array" ? "Array" : (owner.storage ?? "Array"));
  const truths = results.map(truthOf);
  if (truths.includes(null)) {
    return name === "filter" || name === "find" ? anyOf(machine, [...list, unknown]) : unknown;
  }
  switch (name) {
    case "filter":
      return makeArray(
        machine,
        node,
        list.filter((_, k) => truths[k] === true),
      );
    case "some":
      return truths.includes(true);
    case "every":
      return !truths.includes(false);
    case "find":
      return list[truths.indexOf(true)];
    default:
      return truths.indexOf(true);
  }
}

/** A method of an array of which not all is known, or of many elements: callbacks are given any of them. */
function onUnknown(machine: Machine, name: string, thisValue: LoadedValue, args: readonly LoadedValue[]): LoadedValue {
  const owners = isOneOf(thisValue) ? [...thisValue.objects] : isObject(thisValue) ? [thisValue] : [];
  if (changing.has(name) || owners.some((one) => one.elements === null)) {
    return callUnknown(machine, undefined, thisValue, args);
  }
  if (looking.has(name))
    return name === "at" ? anyOf(machine, [unknown, ...owners.flatMap((one) => one.elements ?? [])]) : unknown;
  const any = anyOf(machine, [unknown, ...owners.flatMap((one) => one.elements ?? [])]);
  const [callback] = args;
  if (callback === undefined || isPrimitive(callback)) {
    // What comes out holds the same elements.
    leak(machine, any);
    return unknown;
  }
  if (!isFunction(callback)) return callUnknown(machine, undefined, thisValue, args);
  let result: LoadedValue = unknown;
  repeatedly(machine, () => {
    const given: readonly LoadedValue[] =
      name === "reduce" || name === "reduceRight" ? [any, any, unknown, thisValue] : [any, unknown, thisValue];
    const first = name === "reduce" ? anyOf(machine, [result, args[1]]) : any;
    const value = call(machine, callback, args[1], [first, ...given.slice(1)], null);
    result = anyOf(machine, [result, value]);
  });
  if (name === "find" || name === "reduce") return anyOf(machine, [result, any]);
  leak(machine, result);
  if (name === "filter") leak(machine, any);
  return unknown;
}
