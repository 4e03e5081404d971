/** Regular expressions of modules: objects of which it is known what they look for. */
import type ts from "typescript";
import { builtin } from "./builtins.js";
import { makeObject, type Machine } from "./machine.js";
import { isObject, unknown, type LoadedObject, type LoadedValue } from "./values.js";

/** The pattern and the flags of a literal. */
export function partsOfLiteral({ text }: ts.RegularExpressionLiteral): readonly [source: string, flags: string] {
  const end = text.lastIndexOf("/");
  return [text.slice(1, end), text.slice(end + 1)];
}

/** A regular expression, which may have been given other members than its own. */
export function makePattern(machine: Machine, node: ts.Node | null, source: string, flags: string): LoadedValue {
  const made = makeObject(machine, node, { prototype: patternPrototype(machine), isOpen: true });
  for (const [name, value] of [
    ["source", source],
    ["flags", flags],
  ] as const) {
    made.members.set(name, { kind: "data", value, isListed: false });
  }
  return made;
}

/** `new RegExp(source, flags)`, also of another one. */
export function constructPattern(machine: Machine, args: readonly LoadedValue[], node: ts.Node | null): LoadedValue {
  const [first, second] = args;
  const like = isObject(first) ? patternOf(machine, first) : null;
  const source = like?.source ?? (typeof first === "string" ? first : null);
  const flags = second === undefined ? (like?.flags ?? "") : typeof second === "string" ? second : null;
  return source === null || flags === null ? unknown : makePattern(machine, node, source, flags);
}

/** What an object looks for, where it is a regular expression; null: it is something else. */
export function patternOf(machine: Machine, object: LoadedObject): RegExp | null {
  if (object.prototype !== patternPrototype(machine)) return null;
  const [source, flags] = ["source", "flags"].map((name) => {
    const member = object.members.get(name);
    return member?.kind === "data" && typeof member.value === "string" ? member.value : null;
  });
  return source == null || flags == null ? null : patternFrom(source, flags);
}

/** null: the language knows no such pattern, or no such flags. */
export function patternFrom(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

function patternPrototype(machine: Machine): LoadedObject | null {
  const prototype = builtin(machine, "RegExp.prototype");
  return isObject(prototype) ? prototype : null;
}
