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
  const placed = placedAmongOthers(fn);
  const same = (value: Value): Value => value;
  const mark = (op: Op): Op => {
    if (regionsOf(op).length > 0) return rebuild(op, { value: same, region: inside, result: same });
    if (op.kind !== "allocate" || op.initial.kind !== "parts") return op;
    const [made] = op.results;
    const { maker } = op.initial;
    if (made === undefined || maker === undefined) return op;
    if (!seen.has(aliases.classOf(made))) {
      if (maker.name === null || !placed.has(made)) return op;
    } else if (maker.name === null) nameless.push(made);
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

/**
 * Instances that take the place of one of several classes, by whose common name the output calls that place: an object with
 * the same fields would not pass for one.
 */
function placedAmongOthers(fn: IRFunction): ReadonlySet<Value> {
  const placed = new Set<Value>();
  const place = (values: readonly Value[], into: readonly Value[]): void =>
    values.forEach((value, k) => {
      const type = into[k]?.type;
      const of = type?.kind === "optional" ? type.of : type;
      if (of?.kind === "record" && of.members !== undefined && of.name !== null && of !== value.type) placed.add(value);
    });
  walk(fn.body, (op) => {
    if (op.kind === "if") for (const branch of [op.then, op.else]) place(yielded(branch), op.results);
    if (op.kind === "loop") {
      place(op.initial, op.body.params.slice(1));
      place(yielded(op.body).slice(1), op.body.params.slice(1));
    }
  });
  return placed;
}

const yielded = ({ exit }: Region): readonly Value[] => (exit.kind === "yield" ? exit.values : []);
