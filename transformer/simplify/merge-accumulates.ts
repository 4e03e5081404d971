import { analyzeAliases, type Aliases, type MemoryClass } from "../analyze/aliases.js";
import { readsOf } from "../analyze/effects.js";
import type { Compilation } from "../compilation.js";
import { typeOfApplication } from "../ir/build.js";
import type { AccumulateOp, ApplyOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Adds to an element once, where derivative code adds to it several times.
 *
 *   accumulate dx[i] a; ...; accumulate dx[i] b   =>   ...; accumulate dx[i] (a + b)
 *
 * Only elements of shadows, where sums may be regrouped, and only in one region with nothing in between that
 * might read the element or overwrite it. Additions to other elements in between may stay.
 */
export function mergeAccumulates(fn: IRFunction, compilation: Compilation): IRFunction {
  let aliases: Aliases | null = null;
  const visit = (region: Region): Region => {
    const inner = region.ops.map((op) => withRegions(op, visit));
    const count = inner.filter((op) => op.kind === "accumulate" && isShadow(op)).length;
    if (count < 2) return withOps(region, inner);
    aliases ??= analyzeAliases(fn, compilation);
    return withOps(region, merge(inner, aliases));
  };
  return withBody(fn, visit(fn.body));
}

/** Does it add to a shadow, where sums may be regrouped? */
export const isShadow = (op: AccumulateOp): boolean => op.at.base.origin.role === "adjoint";

function merge(ops: readonly Op[], aliases: Aliases): readonly Op[] {
  const result: (Op | null)[] = [];
  /** Additions that a later one may take in, by element. */
  const open = new Map<string, { readonly op: AccumulateOp; readonly position: number }>();
  const shadows = new Set<MemoryClass>();
  const names = new Map<Value, number>();
  const nameOf = (value: Value): number => {
    const known = names.get(value) ?? names.size;
    names.set(value, known);
    return known;
  };
  const keyOf = ({ at }: AccumulateOp): string => {
    if (at.kind === "field") return `${nameOf(at.base)}.${at.field}`;
    const { root, offset } = aliases.definitions.affine(at.index);
    return `${nameOf(at.base)}[${root === null ? "" : nameOf(root)}+${offset}]`;
  };
  let changed = false;
  for (const op of ops) {
    if (op.kind === "accumulate" && isShadow(op)) {
      const key = keyOf(op);
      const earlier = open.get(key);
      if (earlier === undefined) {
        open.set(key, { op, position: result.length });
        shadows.add(aliases.classOf(op.at.base));
        result.push(op);
        continue;
      }
      changed = true;
      result[earlier.position] = null;
      const sum: ApplyOp = {
        kind: "apply",
        results: [
          {
            type: typeOfApplication("add", [earlier.op.value, op.value]),
            origin: { ...op.value.origin, variable: null, role: "adjoint" },
          },
        ],
        primitive: "add",
        args: [earlier.op.value, op.value],
      };
      const [value] = sum.results;
      const merged: AccumulateOp = value === undefined ? op : { ...op, value };
      result.push(sum);
      open.set(key, { op: merged, position: result.length });
      result.push(merged);
      continue;
    }
    if (open.size > 0 && touchesMemory(op, aliases, shadows)) {
      open.clear();
      shadows.clear();
    }
    result.push(op);
  }
  return changed ? result.filter((op): op is Op => op !== null) : ops;
}

/** May an operation see, or overwrite, one of the elements that are added to? */
export function touchesMemory(op: Op, aliases: Aliases, shadows: ReadonlySet<MemoryClass>): boolean {
  const isConcerned = (memory: MemoryClass): boolean => shadows.has(memory);
  switch (op.kind) {
    case "constant":
    case "apply":
    case "length":
    case "isAbsent":
    case "unwrap":
    case "random":
      return false;
    case "store":
    case "accumulate":
      return isConcerned(aliases.classOf(op.at.base)) && op.kind === "store";
    case "push":
    case "pop":
    case "grow":
      return isConcerned(aliases.classOf(op.array));
    case "call":
      return true;
    case "if":
    case "loop":
      return regionsOf(op).some(
        ({ ops, exit }) => exit.kind === "throw" || ops.some((inner) => touchesMemory(inner, aliases, shadows)),
      );
    default: {
      const cells = readsOf(op, aliases);
      if (cells === null || (op.kind === "opaque" && op.effects.writes)) return true;
      return cells.some(({ memory }) => isConcerned(memory));
    }
  }
}
