/**
 * Instances that others see: put into an argument, returned, printed. The fields alone are no such instance.
 *
 *   a[0] = new Vec(1, 2)   =>   a[0] = Object.assign(Object.create(Vec.prototype), { x: 1, y: 2 })
 */
import { isReference, type Op, type IRFunction, type Region, type Value } from "../ir/ir.js";
import { exitOperands, rebuild, regionsOf } from "../ir/traverse.js";
import type { Aliases, MemoryClass } from "./aliases.js";

export interface SeenInstances {
  readonly fn: IRFunction;
  /** Those whose class the output file cannot name. */
  readonly nameless: readonly Value[];
}

export function markSeenInstances(fn: IRFunction, aliases: Aliases): SeenInstances {
  const nameless: Value[] = [];
  const seen = seenMemory(fn, aliases);
  const same = (value: Value): Value => value;
  const mark = (op: Op): Op => {
    if (regionsOf(op).length > 0) return rebuild(op, { value: same, region: inside, result: same });
    if (op.kind !== "allocate" || op.initial.kind !== "parts") return op;
    const [made] = op.results;
    const { maker } = op.initial;
    if (made === undefined || maker === undefined || !seen.has(aliases.classOf(made))) return op;
    if (maker.name === null) nameless.push(made);
    return { ...op, initial: { ...op.initial, maker: { ...maker, isSeen: true } } };
  };
  const inside = (region: Region): Region => {
    const ops = region.ops.map(mark);
    return ops.every((op, k) => op === region.ops[k]) ? region : { ...region, ops };
  };
  const body = inside(fn.body);
  return { fn: body === fn.body ? fn : { ...fn, body }, nameless };
}

/** What callers see, what is thrown, and what code sees that stays as it is. Functions that are differentiated ask for fields only. */
function seenMemory(fn: IRFunction, aliases: Aliases): ReadonlySet<MemoryClass> {
  const seen = new Set<MemoryClass>();
  const see = (value: Value): void => {
    if (isReference(value.type)) for (const memory of aliases.reachedFrom(value)) seen.add(memory);
  };
  fn.params.forEach(({ value }) => see(value));
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      if (op.kind === "opaque") op.operands.forEach(see);
      if (op.kind === "call" && aliases.isExternal(op)) op.args.forEach(see);
      regionsOf(op).forEach(visit);
    }
    if (region.exit.kind !== "yield") exitOperands(region.exit).forEach(see);
  };
  visit(fn.body);
  return seen;
}
