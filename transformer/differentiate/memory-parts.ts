/**
 * The arrays and objects that an argument leads to, and how to reach them:
 *
 *   p: { a: number[]; rows: number[][] }   =>   p, p.a, p.rows, and what is somewhere below p.rows
 */
import type { Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { isRecursive } from "../ir/recursive.js";
import { isReference, type Type, type Value } from "../ir/ir.js";

export interface MemoryPart {
  /** What stands behind the argument: `.a`. Of what is somewhere below: of what it is below. */
  readonly path: string;
  readonly type: Type;
  readonly memory: MemoryClass;
  /** Does the primal write it? */
  readonly isWritten: boolean;
  /** May it be absent? */
  readonly isOptional: boolean;
  /** Elements, fields of some members of a union: one path does not lead to it. */
  readonly isBelow: boolean;
}

/** What the primal never looks at is left out: it does not write it either. */
export function memoryParts(argument: Value, aliases: Aliases): readonly MemoryPart[] {
  const parts: MemoryPart[] = [];
  const seen = new Map<MemoryClass, Type[]>();
  const visit = (memory: MemoryClass, type: Type, path: string, isInside: boolean, isOptional: boolean): void => {
    if (type.kind === "optional") {
      visit(memory, type.of, path, isInside, true);
      return;
    }
    const isBelow = isInside || (type.kind === "record" && isRecursive(type));
    const known = seen.get(memory) ?? [];
    if (isBelow && known.includes(type)) return;
    seen.set(memory, [...known, type]);
    parts.push({ path, type, memory, isWritten: memory.written, isBelow, isOptional });
    const inside = (key: string | number, part: Type, step: string | null): void => {
      const content = isReference(part) ? aliases.contentOf(memory, key) : null;
      if (content === null) return;
      if (isBelow || step === null) visit(content, part, path, true, isOptional);
      else visit(content, part, path + (isOptional ? `?.${step.replace(/^\./, "")}` : step), false, isOptional);
    };
    if (type.kind === "array") inside("element", type.element, null);
    if (type.kind === "tuple")
      type.elements.forEach((part, k) => {
        inside(k, part, `[${k}]`);
        inside("element", part, null);
      });
    if (type.kind !== "record") return;
    for (const { name, type: part } of type.fields) {
      const isPlain =
        type.members === undefined && type.instance?.hidden.has(name) !== true && /^[A-Za-z_]\w*$/.test(name);
      inside(name, part, isPlain ? `.${name}` : type.members === undefined ? `[${JSON.stringify(name)}]` : null);
    }
  };
  if (isReference(argument.type)) visit(aliases.classOf(argument), argument.type, "", false, false);
  return parts;
}
