/** Which classes of memory can be reached from a reference, by its type. */
import { heldFields, isReference, type Type } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";

/** The memory of something of a type, and all that it leads to. */
export function reachableMemory(memory: MemoryClass, type: Type, aliases: Aliases): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  const visit = (one: MemoryClass, of: Type): void => {
    if (of.kind === "optional") return visit(one, of.of);
    if (found.has(one)) return;
    found.add(one);
    const inner = (key: string | number, part: Type): void => {
      const content = isReference(part) ? aliases.contentOf(one, key) : null;
      if (content !== null) visit(content, part);
    };
    if (of.kind === "array") inner("element", of.element);
    if (of.kind === "record") for (const { name, type: part } of heldFields(of)) inner(name, part);
    if (of.kind !== "tuple") return;
    of.elements.forEach((part, position) => {
      inner(position, part);
      inner("element", part);
    });
  };
  visit(memory, type);
  return found;
}

/** Does nothing in the function write this memory, or what can be reached from it? */
export const isUnwritten = (memory: MemoryClass, type: Type, aliases: Aliases): boolean =>
  [...reachableMemory(memory, type, aliases)].every(({ written }) => !written);
