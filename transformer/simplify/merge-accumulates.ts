import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { analyzeBounds, type Touching } from "../analyze/bounds.js";
import { readsOf } from "../analyze/effects.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import { typeOfApplication } from "../ir/build.js";
import type { AccumulateOp, IRFunction, Op, Origin, Region, StoreOp, Value } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Writes to an element once, where derivative code adds to it several times.
 *
 *   accumulate dx[i] a; ..; accumulate dx[i] b   =>   ..; accumulate dx[i] (a + b)
 *   store dx[i] 0; ..; accumulate dx[i] b        =>   ..; store dx[i] b
 *
 * Only elements of shadows, where sums may be regrouped, and only in one region with nothing in between that
 * might read the element or overwrite it. Additions to other elements in between may stay: behind a store, if they
 * are surely others, as q is another than p where q = p + h and k < h for a k that is not negative.
 */
export function mergeAccumulates(fn: IRFunction, compilation: Compilation): IRFunction {
  let aliases: Aliases | null = null;
  let apart: Apart | null = null;
  const areApart: Apart = (first, later) => {
    apart ??= findApart(fn, aliases ?? analyzeAliases(fn, compilation));
    return apart(first, later);
  };
  const visit = (region: Region): Region => {
    const inner = region.ops.map((op) => withRegions(op, visit));
    if (!inner.some((op, at) => isAddition(op) && inner.slice(0, at).some(isWrite))) return withOps(region, inner);
    aliases ??= analyzeAliases(fn, compilation);
    return withOps(region, merge(inner, aliases, areApart));
  };
  return withBody(fn, visit(fn.body));
}

/** Do two operations of one iteration touch different elements? */
type Apart = (first: Touching, later: Touching) => boolean;

function findApart(fn: IRFunction, aliases: Aliases): Apart {
  const bounds = analyzeBounds(buildRegionTree(fn), aliases);
  return (first, later) => bounds.staysApart(null, first, later);
}

/** Does it add to a shadow, where sums may be regrouped? */
export const isShadow = (op: AccumulateOp | StoreOp): boolean => op.at.base.origin.role === "adjoint";

const isAddition = (op: Op): op is AccumulateOp => op.kind === "accumulate" && isShadow(op);
const isWrite = (op: Op): op is AccumulateOp | StoreOp =>
  isAddition(op) || (op.kind === "store" && isShadow(op) && op.value.type.kind !== "optional" && isNumeric(op.value));
const isNumeric = ({ type }: Value): boolean => type.kind === "number" || type.kind === "integer";

/** A write that a later addition to the same element may take in. */
interface Open {
  readonly op: AccumulateOp | StoreOp;
  /** The operation of the function that touches the same element. */
  readonly place: AccumulateOp | StoreOp;
  readonly position: number;
}

function merge(ops: readonly Op[], aliases: Aliases, areApart: Apart): readonly Op[] {
  const result: (Op | null)[] = [];
  const open = new Map<string, Open>();
  const shadows = new Set<MemoryClass>();
  const names = new Map<Value, number>();
  const nameOf = (value: Value): number => {
    const known = names.get(value) ?? names.size;
    names.set(value, known);
    return known;
  };
  const keyOf = ({ at }: AccumulateOp | StoreOp): string => {
    if (at.kind === "field") return `${nameOf(at.base)}.${at.field}`;
    const { root, offset } = aliases.definitions.affine(at.index);
    return `${nameOf(at.base)}[${root === null ? "" : nameOf(root)}+${offset}]`;
  };
  const lastAddition = new Map<string, number>();
  ops.forEach((op, at) => {
    if (isAddition(op)) lastAddition.set(keyOf(op), at);
  });
  /** Forgets what may be the element that an operation touches, if it is of a kind and would be added to later. */
  const close = (op: Touching, at: number, concerns: (one: Open) => boolean): void => {
    for (const [key, one] of open) {
      if (!concerns(one) || !aliases.mayOverlap(one.op.at, op.at)) continue;
      if ((lastAddition.get(key) ?? -1) <= at || !areApart(one.place, op)) open.delete(key);
    }
  };
  const closeAll = (): void => {
    open.clear();
    shadows.clear();
  };
  const add = (op: AccumulateOp | StoreOp, key: string, place: AccumulateOp | StoreOp): void => {
    open.set(key, { op, place, position: result.length });
    shadows.add(aliases.classOf(op.at.base));
    result.push(op);
  };

  let changed = false;
  for (const [at, op] of ops.entries()) {
    if (isAddition(op)) {
      const key = keyOf(op);
      const earlier = open.get(key);
      close(op, at, (one) => one !== earlier && one.op.kind === "store");
      if (earlier === undefined) {
        add(op, key, op);
        continue;
      }
      changed = true;
      result[earlier.position] = null;
      const value = sumOf(earlier.op, op, aliases, result);
      add(earlier.op.kind === "store" ? { ...earlier.op, at: op.at, value } : { ...op, value }, key, op);
    } else if (isWrite(op)) {
      close(op, at, () => true);
      add(op, keyOf(op), op);
    } else if (op.kind === "load") {
      close(op, at, () => true);
      result.push(op);
    } else {
      const hasStores = [...open.values()].some((one) => one.op.kind === "store");
      if (open.size > 0 && touchesMemory(op, aliases, shadows, hasStores)) closeAll();
      result.push(op);
    }
  }
  return changed ? result.filter((op): op is Op => op !== null) : ops;
}

/** The sum of what two writes hand over; of a zero that was stored nothing is left. */
function sumOf(earlier: AccumulateOp | StoreOp, op: AccumulateOp, aliases: Aliases, out: (Op | null)[]): Value {
  if (earlier.kind === "store" && aliases.definitions.isLiteral(earlier.value, 0)) return op.value;
  const args = [earlier.value, op.value];
  const origin: Origin = { ...op.value.origin, variable: null, role: "adjoint" };
  const sum: Value = { type: typeOfApplication("add", args), origin };
  out.push({ kind: "apply", results: [sum], primitive: "add", args });
  return sum;
}

/** May an operation see, or overwrite, one of the elements that are written? With `addsCount` also: add to one? */
export function touchesMemory(op: Op, aliases: Aliases, shadows: ReadonlySet<MemoryClass>, addsCount = false): boolean {
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
      return isConcerned(aliases.classOf(op.at.base)) && (op.kind === "store" || addsCount);
    case "push":
    case "pop":
    case "grow":
      return isConcerned(aliases.classOf(op.array));
    case "call":
      return true;
    case "if":
    case "loop":
      return regionsOf(op).some(
        ({ ops, exit }) =>
          exit.kind === "throw" || ops.some((inner) => touchesMemory(inner, aliases, shadows, addsCount)),
      );
    default: {
      const cells = readsOf(op, aliases);
      if (cells === null || (op.kind === "opaque" && op.effects.writes)) return true;
      return cells.some(({ memory }) => isConcerned(memory));
    }
  }
}
