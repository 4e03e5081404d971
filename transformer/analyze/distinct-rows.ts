/**
 * Arrays whose rows are all different objects: each row is put into one place, when it is made.
 *
 *   l = allocate n; for i { row = allocate n; store l[i] row }      l[i] and l[j] are one object only where i = j
 *
 * This holds at any two times: a row that was found at i was put there, and nowhere else.
 */
import { isReference, type Op, type Region, type Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import type { RegionTree } from "./region-tree.js";

/** Are the rows of an array such, and those of all that share its class? */
export type HasDistinctRows = (container: Value) => boolean;

/** Answers of an array whether its rows are all different objects. */
export function findDistinctRows(tree: RegionTree, aliases: Aliases): HasDistinctRows {
  const known = new Map<MemoryClass, boolean>();
  return (container) => {
    const memory = aliases.classOf(container);
    const before = known.get(memory);
    if (before !== undefined) return before;
    const found = !memory.escapes && !memory.collapsed && areRowsPutOnce(memory, tree, aliases);
    known.set(memory, found);
    return found;
  };
}

function areRowsPutOnce(memory: MemoryClass, tree: RegionTree, aliases: Aliases): boolean {
  const put = new Set<Value>();
  let isOnce = true;
  const place = (row: Value, region: Region): void => {
    if (!isReference(row.type)) return;
    const { op, region: home } = tree.definitionOf(row);
    const runsOnce = tree.isWithin(region, home) && tree.loopsAround(region).length === tree.loopsAround(home).length;
    if (op?.kind !== "allocate" || !runsOnce || put.has(row)) isOnce = false;
    put.add(row);
  };
  walk(tree.root, (op, region) => {
    const rows = rowsPutBy(op, memory, aliases);
    if (rows === null) isOnce = false;
    else for (const row of rows) place(row, region);
  });
  return isOnce;
}

/** The references that an operation puts into memory of a class; null: not known. */
function rowsPutBy(op: Op, memory: MemoryClass, aliases: Aliases): readonly Value[] | null {
  switch (op.kind) {
    case "store":
      return aliases.classOf(op.at.base) === memory ? [op.value] : [];
    case "push":
      return aliases.classOf(op.array) === memory ? [op.value] : [];
    case "allocate": {
      const [made] = op.results;
      if (made === undefined || aliases.classOf(made) !== memory) return [];
      if (op.initial.kind === "parts") return op.initial.parts;
      return op.initial.kind === "zeros" ? [] : null;
    }
    default:
      return [];
  }
}
