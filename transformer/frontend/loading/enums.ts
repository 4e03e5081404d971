/** Enums of TypeScript, while modules are loaded. */
import type ts from "typescript";
import { builtin } from "./builtins.js";
import { evaluate, evaluateKey } from "./evaluate.js";
import { declare, makeObject, makeScope, type Machine } from "./machine.js";
import { unknown, type LoadedObject, type LoadedScope, type LoadedValue } from "./values.js";

export function compileEnum(machine: Machine, scope: LoadedScope, node: ts.EnumDeclaration): LoadedObject {
  const made = makeObject(machine, node, { prototype: builtin(machine, "Object.prototype") });
  const inside = makeScope(machine, node, scope);
  let next: LoadedValue = 0;
  for (const member of node.members) {
    const key = evaluateKey(machine, inside, member.name);
    const value: LoadedValue = member.initializer === undefined ? next : evaluate(machine, inside, member.initializer);
    next = typeof value === "number" ? value + 1 : unknown;
    if (key === null) continue;
    made.members.set(key, { kind: "data", value, isListed: true });
    declare(machine, inside, key, value);
    if (typeof value === "number") made.members.set(String(value), { kind: "data", value: key, isListed: true });
  }
  return made;
}
