/** Destructuring, while modules are loaded. */
import ts from "typescript";
import { anyMember, evaluate, evaluateKey } from "./evaluate.js";
import { leak, leakElements } from "./leaks.js";
import { declare, makeArray, makeObject, perhaps, either, setCell, type Machine } from "./machine.js";
import { builtin } from "./builtins.js";
import { get, keysOf } from "./members.js";
import {
  isObject,
  isOneOf,
  isVague,
  objectsOf,
  unknown,
  type LoadedObject,
  type LoadedScope,
  type LoadedValue,
} from "./values.js";

/** Declares the names of a pattern in a scope, or gives those that are declared there a value. */
export function bindPattern(
  machine: Machine,
  scope: LoadedScope,
  name: ts.BindingName,
  given: LoadedValue,
  initializer: ts.Expression | null,
): void {
  const value = withDefault(machine, scope, given, initializer);
  if (ts.isIdentifier(name)) {
    const cell = scope.cells.get(name.text);
    if (cell === undefined) declare(machine, scope, name.text, value);
    else setCell(machine, cell, value);
    return;
  }
  if (ts.isObjectBindingPattern(name)) {
    const taken: string[] = [];
    for (const element of name.elements) {
      if (element.dotDotDotToken !== undefined) {
        bindPattern(machine, scope, element.name, restOf(machine, value, taken, element), null);
        continue;
      }
      const key = keyOf(machine, scope, element.propertyName ?? element.name);
      if (key !== null) taken.push(key);
      const part = key === null ? (leak(machine, value), unknown) : get(machine, value, key);
      bindPattern(machine, scope, element.name, part, element.initializer ?? null);
    }
    return;
  }
  const list = elementsOf(value);
  // One of several lists: each of them stays what it is.
  const isArray = list === null && isOneOf(value) && [...objectsOf(value)].every(isPlainList);
  if (list === null && !isArray) leak(machine, value);
  const any = isArray ? anyMember(machine, value) : unknown;
  name.elements.forEach((element, k) => {
    if (!ts.isBindingElement(element)) return;
    const rest = element.dotDotDotToken !== undefined;
    if (rest && isArray) leakElements(machine, value);
    const part = list === null ? (rest ? unknown : any) : rest ? makeArray(machine, element, list.slice(k)) : list[k];
    bindPattern(machine, scope, element.name, part, element.initializer ?? null);
  });
}

function keyOf(machine: Machine, scope: LoadedScope, name: ts.PropertyName | ts.BindingName): string | null {
  if (ts.isObjectBindingPattern(name) || ts.isArrayBindingPattern(name)) return null;
  return evaluateKey(machine, scope, name);
}

export function withDefault(
  machine: Machine,
  scope: LoadedScope,
  given: LoadedValue,
  initializer: ts.Expression | null,
): LoadedValue {
  if (initializer === null || (given !== undefined && !isVague(given))) return given;
  if (given === undefined) return evaluate(machine, scope, initializer);
  return either(
    machine,
    given,
    perhaps(machine, () => evaluate(machine, scope, initializer)),
  );
}

export function restOf(machine: Machine, value: LoadedValue, taken: readonly string[], node: ts.Node): LoadedValue {
  const keys = keysOf(machine, value);
  if (keys === null) {
    leak(machine, value);
    return unknown;
  }
  const made = makeObject(machine, node, { prototype: builtin(machine, "Object.prototype") });
  for (const key of keys) {
    if (!taken.includes(key)) made.members.set(key, { kind: "data", value: get(machine, value, key), isListed: true });
  }
  return made;
}

const isPlainList = ({ elements, entries }: LoadedObject): boolean => elements !== null && entries === null;

/** The elements that going through a list gives; null: not known. */
export function elementsOf(value: LoadedValue): readonly LoadedValue[] | null {
  if (typeof value === "string") return Array.from(value);
  return isObject(value) && value.elements !== null && !value.isOpen ? value.elements : null;
}
