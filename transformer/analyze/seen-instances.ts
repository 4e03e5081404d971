/**
 * Instances that others see: put into an argument, returned, printed. The fields alone are no such instance.
 *
 *   a[0] = new Vec(1, 2)   =>   a[0] = Object.assign(Object.create(Vec.prototype), { x: 1, y: 2 })
 */
import { isReference, type Op, type IRFunction, type Region, type Value } from "../ir/ir.js";
import { exitOperands, rebuild, regionsOf, walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";

export interface SeenInstances {
  readonly fn: IRFunction;
  /** Those whose class the output file cannot name. */
  readonly nameless: readonly Value[];
}

type Functions = ReadonlyMap<string, IRFunction>;

export function markSeenInstances(fn: IRFunction, aliases: Aliases, functions: Functions): SeenInstances {
  const nameless: Value[] = [];
  const seen = seenMemory(fn, aliases, functions);
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

/** Does a function, or one that it calls, choose a method by the class of an instance? */
function asksForClass(callee: string, functions: Functions, asked = new Set<string>()): boolean {
  const fn = functions.get(callee);
  if (fn === undefined || asked.has(callee)) return false;
  asked.add(callee);
  let asks = false;
  walk(fn.body, (op) => {
    asks ||= op.kind === "opaque" && op.template.includes(" instanceof ");
    asks ||= op.kind === "call" && asksForClass(op.callee, functions, asked);
  });
  return asks;
}

/** What callers see, what is thrown, and what code sees that stays as it is. Other functions that are differentiated ask for fields only. */
function seenMemory(fn: IRFunction, aliases: Aliases, functions: Functions): ReadonlySet<MemoryClass> {
  const seen = new Set<MemoryClass>();
  const see = (value: Value): void => {
    if (isReference(value.type)) for (const memory of aliases.reachedFrom(value)) seen.add(memory);
  };
  fn.params.forEach(({ value }) => see(value));
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      if (op.kind === "opaque") op.operands.forEach(see);
      if (op.kind === "call" && (aliases.isExternal(op) || asksForClass(op.callee, functions))) op.args.forEach(see);
      regionsOf(op).forEach(visit);
    }
    if (region.exit.kind !== "yield") exitOperands(region.exit).forEach(see);
  };
  visit(fn.body);
  return seen;
}
