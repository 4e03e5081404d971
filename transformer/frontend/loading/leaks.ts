/** What gets where it is not followed, or may hold anything from now on. */
import { mayCall, noteChange, noteMember, type Machine } from "./machine.js";
import {
  isFunction,
  isObject,
  isOneOf,
  objectsOf,
  unknown,
  type LoadedMember,
  type LoadedObject,
  type LoadedValue,
} from "./values.js";

/** Gives all members of an object new values that are not known. */
export function open(machine: Machine, owner: LoadedObject): void {
  if (owner.isOpen) return;
  if (owner.isFrozen) return leakContents(machine, owner);
  if (machine.isSpeculating && !isContainer(owner) && isApi(owner)) return forgetData(machine, owner);
  owner.isOpen = true;
  noteChange(machine, owner.id);
  leakContents(machine, owner);
}

/** An array, or what a map holds: its members are no names that a program says. */
const isContainer = ({ storage }: LoadedObject): boolean => storage !== null;

function leakContents(machine: Machine, owner: LoadedObject): void {
  leakEntries(machine, owner);
  for (const value of owner.elements ?? []) leak(machine, value);
  for (const member of owner.members.values()) leakMember(machine, member);
}

function leakEntries(machine: Machine, { entries }: LoadedObject): void {
  if (entries === null) return;
  leak(machine, entries.store);
  for (const key of entries.keys.values()) leak(machine, key);
}

/** `Object.freeze(value)`, where it surely happens. */
export function freeze(machine: Machine, value: LoadedObject): void {
  if (value.id >= machine.weakBelow && !value.isOpen) value.isFrozen = true;
}

/** All members that are no functions may hold anything. */
function forgetData(machine: Machine, owner: LoadedObject): void {
  for (const [key, member] of owner.members) {
    if (member.kind !== "data" || isFunction(member.value) || member.value === unknown) continue;
    if (key === "prototype" || key === "constructor") continue;
    leakMember(machine, member);
    owner.members.set(key, { ...member, value: unknown });
    noteMember(machine, owner, key);
    noteChange(machine, owner.id);
  }
}

/** Does an object hold functions, as modules and classes do? */
function isApi(value: LoadedObject): boolean {
  if (value.run !== null) return true;
  return [...value.members.values()].some((one) => one.kind !== "data" || isFunction(one.value));
}

export function leakMember(machine: Machine, member: LoadedMember): void {
  if (member.kind === "data") leak(machine, member.value);
  else if (member.kind === "binding") leak(machine, member.cell.value);
  else {
    leak(machine, member.get);
    leak(machine, member.set);
  }
}

/**
 * A value gets where it is not followed. What is in arrays and records may be changed there; what holds functions is
 * taken for a module or a class, of which only members are changed that somebody writes by their names.
 */
export function leak(machine: Machine, value: LoadedValue): void {
  if (isOneOf(value)) for (const one of value.objects) leak(machine, one);
  if (!isObject(value) || value.isLeaked) return;
  value.isLeaked = true;
  noteChange(machine, value.id);
  if (value.run !== null) mayCall(machine, value, unknown);
  if (isContainer(value) || !isApi(value)) open(machine, value);
  leakEntries(machine, value);
  for (const [key, member] of value.members) {
    if (member.kind === "data" && isFunction(member.value)) mayCall(machine, member.value, value);
    // From an instance nobody gets at what its class keeps, unless the program asks for classes in this way.
    if (key !== "constructor" || machine.asksForClasses) leakMember(machine, member);
  }
  if (value.prototype !== null) leak(machine, value.prototype);
}

/** A list is walked, and what it gives is not followed: the list itself nobody gets hold of. */
export function leakElements(machine: Machine, list: LoadedValue): void {
  for (const one of objectsOf(list)) {
    if (one.elements === null || one.entries !== null) leak(machine, one);
    else for (const part of one.elements) leak(machine, part);
  }
}
