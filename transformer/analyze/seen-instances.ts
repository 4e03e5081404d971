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

/** `isCallee`: it is called by functions that are differentiated, and by nobody else. */
export function markSeenInstances(
  fn: IRFunction,
  aliases: Aliases,
  functions: Functions,
  isCallee: boolean,
): SeenInstances {
  const inside = seenInside(fn, aliases, functions);
  const seen = new Set([...inside, ...seenByCallers(fn, aliases)]);
  // What a callee is handed is looked at where that happens.
  const shown = isCallee ? inside : seen;
  const nameless: Value[] = handedToMakers(fn, functions).filter((value) =>
    [...aliases.reachedFrom(value)].some((memory) => shown.has(memory)),
  );
  const placed = placedAmongOthers(fn);
  const same = (value: Value): Value => value;
  const mark = (op: Op): Op => {
    if (regionsOf(op).length > 0) return rebuild(op, { value: same, region: within, result: same });
    if (op.kind !== "allocate" || op.initial.kind !== "parts") return op;
    const [made] = op.results;
    const { maker } = op.initial;
    if (made === undefined || maker === undefined) return op;
    const memory = aliases.classOf(made);
    if (maker.name === null) {
      if (shown.has(memory)) nameless.push(made);
      return op;
    }
    if (!seen.has(memory) && !placed.has(made)) return op;
    return { ...op, initial: { ...op.initial, maker: { ...maker, isSeen: true } } };
  };
  const within = (region: Region): Region => {
    const ops = region.ops.map(mark);
    return ops.every((op, k) => op === region.ops[k]) ? region : { ...region, ops };
  };
  const body = within(fn.body);
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

/** Whoever asks only whether something is there sees nothing of it. */
const asksForAbsence = /^\$0 === (null|undefined)$/;

/** What goes into calls that make instances whose class the output cannot name, and what comes out of them. */
function handedToMakers(fn: IRFunction, functions: Functions): Value[] {
  const handed: Value[] = [];
  walk(fn.body, (op) => {
    if (op.kind !== "call" || !makesNameless(op.callee, functions)) return;
    handed.push(...[...op.results, ...op.args].filter(({ type }) => isReference(type)));
  });
  return handed;
}

/** Does a function, or one that it calls, make an instance whose class the output cannot name? */
function makesNameless(callee: string, functions: Functions, asked = new Set<string>()): boolean {
  const fn = functions.get(callee);
  if (fn === undefined || asked.has(callee)) return false;
  asked.add(callee);
  let makes = false;
  walk(fn.body, (op) => {
    makes ||= op.kind === "allocate" && op.initial.kind === "parts" && op.initial.maker?.name === null;
    makes ||= op.kind === "call" && makesNameless(op.callee, functions, asked);
  });
  return makes;
}

/** What callers see. Other functions that are differentiated ask for fields only. */
function seenByCallers({ params, body }: IRFunction, aliases: Aliases): ReadonlySet<MemoryClass> {
  const returned = body.exit.kind === "return" ? body.exit.values : [];
  return reachable([...params.map(({ value }) => value), ...returned], aliases);
}

/** What is thrown, and what code sees that stays as it is. */
function seenInside(fn: IRFunction, aliases: Aliases, functions: Functions): ReadonlySet<MemoryClass> {
  const values: Value[] = [];
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      if (op.kind === "opaque" && !asksForAbsence.test(op.template)) values.push(...op.operands);
      if (op.kind === "call" && (aliases.isExternal(op) || asksForClass(op.callee, functions))) values.push(...op.args);
      regionsOf(op).forEach(visit);
    }
    if (region.exit.kind === "throw") values.push(...exitOperands(region.exit));
  };
  visit(fn.body);
  return reachable(values, aliases);
}

const reachable = (values: readonly Value[], aliases: Aliases): ReadonlySet<MemoryClass> =>
  new Set(values.filter(({ type }) => isReference(type)).flatMap((value) => [...aliases.reachedFrom(value)]));

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
