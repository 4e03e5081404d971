/** Members of objects while modules are loaded. */
import ts from "typescript";
import { functionLength } from "../function-length.js";
import { builtin, intrinsicAt } from "./builtins.js";
import { call } from "./call.js";
import { leak, open } from "./leaks.js";
import { anyOf, define, indexOf, perhaps, type Machine } from "./machine.js";
import { sizeOf } from "./native-maps.js";
import {
  isObject,
  isOneOf,
  isPrimitive,
  isVague,
  unknown,
  type LoadedMember,
  type LoadedObject,
  type LoadedPrimitive,
  type LoadedValue,
} from "./values.js";

/** The member that an object has itself; null: none, or it is not known whether there is one. */
export function ownMember(machine: Machine, owner: LoadedObject, key: string): LoadedMember | null {
  if (owner.elements !== null && !owner.isOpen) {
    if (key === "length") return { kind: "data", value: owner.elements.length, isListed: false };
    const index = indexOf(key);
    if (index !== null) {
      return index < owner.elements.length ? { kind: "data", value: owner.elements[index], isListed: true } : null;
    }
  }
  const known = owner.members.get(key);
  if (known !== undefined) return known;
  if (owner.entries !== null && key === "size") return { kind: "data", value: sizeOf(owner.entries), isListed: false };
  if (owner.run?.kind !== "native") return null;
  const path = `${owner.run.path}.${key}`;
  const found = intrinsicAt(path);
  if (found === undefined) return null;
  const isThing = typeof found === "function" || (typeof found === "object" && found !== null);
  const value = isThing
    ? builtin(machine, path)
    : isPrimitive(found as LoadedPrimitive)
      ? (found as LoadedPrimitive)
      : unknown;
  const member: LoadedMember = { kind: "data", value, isListed: false };
  owner.members.set(key, member);
  return member;
}

/** The member that an object has, itself or by its prototype. */
export function memberOf(
  machine: Machine,
  owner: LoadedObject,
  key: string,
): { readonly member: LoadedMember; readonly holder: LoadedObject } | null {
  for (let at: LoadedObject | null = owner, depth = 0; at !== null && depth < 50; at = at.prototype, depth++) {
    const member = ownMember(machine, at, key);
    if (member !== null) return { member, holder: at };
  }
  if (owner.elements === null) return null;
  const methods = builtin(machine, "Array.prototype");
  const method = ownMember(machine, methods, key);
  return method === null ? null : { member: method, holder: methods };
}

export function get(machine: Machine, base: LoadedValue, key: string): LoadedValue {
  if (isOneOf(base)) {
    const found = [...base.objects].map((one) => get(machine, one, key));
    return anyOf(machine, [...found, unknown]);
  }
  if (base === unknown || base === undefined || base === null) return unknown;
  if (!isObject(base)) return getOfPrimitive(machine, base, key);
  const found = memberOf(machine, base, key);
  if (found === null) return base.isOpen || isOpenAbove(base) ? unknown : undefined;
  const { member, holder } = found;
  // Each function has its own, which nobody has written down.
  const isOwnOfFunction = base.run?.kind === "code" && (key === "name" || key === "length");
  if (isOwnOfFunction && holder.run?.kind === "native") {
    const { node } = base.run;
    return key === "length" && !ts.isClassLike(node) ? functionLength(node) : unknown;
  }
  if (member.kind === "accessor") return member.get === null ? undefined : call(machine, member.get, base, [], null);
  const value = member.kind === "binding" ? member.cell.value : member.value;
  // A method is hardly ever replaced in one instance.
  if (base.isOpen && (holder === base || !(isObject(value) && value.run !== null))) return unknown;
  if (holder.isLeaked && !holder.isFrozen && machine.writtenNames.has(key)) {
    leak(machine, value);
    return unknown;
  }
  return value;
}

function isOpenAbove(owner: LoadedObject): boolean {
  for (let at = owner.prototype; at !== null; at = at.prototype) if (at.isOpen) return true;
  return false;
}

function getOfPrimitive(machine: Machine, base: boolean | number | string, key: string): LoadedValue {
  if (typeof base === "string") {
    if (key === "length") return base.length;
    const index = indexOf(key);
    if (index !== null) return base[index];
  }
  const name = typeof base === "string" ? "String" : typeof base === "number" ? "Number" : "Boolean";
  return get(machine, builtin(machine, `${name}.prototype`), key);
}

/** `owner[key] = value` */
export function put(machine: Machine, owner: LoadedValue, key: LoadedValue, value: LoadedValue): void {
  if (isOneOf(owner)) {
    for (const one of owner.objects) perhaps(machine, () => put(machine, one, key, value));
    if (owner.orUnknown) put(machine, unknown, key, value);
    return;
  }
  if (!isObject(owner)) {
    leak(machine, value);
    if (owner === unknown && typeof key === "string" && !machine.writtenNames.has(key)) {
      machine.writtenNames.add(key);
      machine.changed = 0;
    }
    return;
  }
  if (isVague(key) || isObject(key)) {
    leak(machine, value);
    open(machine, owner);
    return;
  }
  const name = String(key);
  const found = memberOf(machine, owner, name);
  if (found?.member.kind === "accessor") {
    if (found.member.set !== null) call(machine, found.member.set, owner, [value], null);
    return;
  }
  define(machine, owner, name, { kind: "data", value, isListed: true });
}

/** The names of an object's own members that are listed; null: not known. */
export function keysOf(machine: Machine, owner: LoadedValue): readonly string[] | null {
  if (typeof owner === "string") return Array.from({ length: owner.length }, (_, k) => String(k));
  if (!isObject(owner) || owner.isOpen || owner.run?.kind === "native") return null;
  const listed = [...owner.members].flatMap(([key, one]) => {
    if (one.kind === "data" && one.value === unknown && owner.id < machine.weakBelow) return [key];
    return one.kind !== "data" || one.isListed ? [key] : [];
  });
  const numbers = listed.filter((key) => indexOf(key) !== null).sort((a, b) => Number(a) - Number(b));
  const names = listed.filter((key) => indexOf(key) === null);
  return [...(owner.elements ?? []).map((_, k) => String(k)), ...numbers, ...names];
}

/** A key as it is written between brackets; null: not known. */
export const keyText = (key: LoadedValue): string | null => (isVague(key) || isObject(key) ? null : String(key));
