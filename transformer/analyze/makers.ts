/** Which operations make the arrays of each class of memory, where all of them are known. */
import { isReference, type Op, type Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import type { RegionTree } from "./region-tree.js";

/** A class that is not here has arrays that come from elsewhere: arguments, what calls give, the inside of copies. */
export type Makers = ReadonlyMap<MemoryClass, readonly Value[]>;

/** Finds what makes the arrays of each class. */
export function findMakers(tree: RegionTree, aliases: Aliases): Makers {
  const found = new Map<MemoryClass, Value[]>();
  const foreign = new Set<MemoryClass>();
  for (const param of tree.root.params)
    if (isReference(param.type)) for (const memory of aliases.reachedFrom(param)) foreign.add(memory);
  walk(tree.root, (op) => {
    for (const result of op.results) {
      if (!isReference(result.type) || passesOn(op)) continue;
      const own = aliases.classOf(result);
      if (op.kind === "allocate") found.set(own, [...(found.get(own) ?? []), result]);
      if (op.kind === "allocate" && op.initial.kind !== "zerosLike") continue;
      for (const memory of aliases.reachedFrom(result))
        if (memory !== own || op.kind !== "allocate") foreign.add(memory);
    }
  });
  for (const memory of foreign) found.delete(memory);
  return found;
}

/** Does an operation give only what was made before? */
function passesOn(op: Op): boolean {
  return op.kind === "if" || op.kind === "loop" || op.kind === "load" || op.kind === "unwrap" || op.kind === "pop";
}
