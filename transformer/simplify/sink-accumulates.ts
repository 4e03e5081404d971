import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import type { AccumulateOp, ApplyOp, IfOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import { operandsOf } from "../ir/traverse.js";
import { isShadow, touchesMemory } from "./merge-accumulates.js";
import { constantOp, countUses, withBody, withOps, withRegions, yieldedBy } from "./rewrite.js";

/** Operations up to which what follows a branch is written in each of its sides. */
const maximalSize = 12;

/**
 * Adds to an element within a branch, where the other side has nothing to add.
 *
 *   d = if t { yield e } else { yield zero }; accumulate dx[i] d   =>   if t { accumulate dx[i] e } else {}
 *
 * What is computed from the results of the `if` for the addition alone goes along; where it is a product with the
 * zero of a side, that side adds nothing. Only derivative code: the zero says that no adjoint arrives there, so
 * nothing is added whatever it would be multiplied with. Safe because nothing between the branch and the addition
 * may see the element or overwrite it.
 */
export function sinkAccumulates(fn: IRFunction, compilation: Compilation): IRFunction {
  let known: { readonly aliases: Aliases; readonly uses: ReadonlyMap<Value, number> } | null = null;
  const visit = (region: Region): Region => {
    let ops: readonly Op[] = region.ops.map((op) => withRegions(op, visit));
    for (let position = ops.length - 2; position >= 0; position--) {
      const op = ops[position];
      if (op?.kind !== "if" || op.results.length === 0 || zerosOf(op).size === 0) continue;
      known ??= { aliases: analyzeAliases(fn, compilation), uses: countUses(fn) };
      const group = findGroup(ops, position, op, known.aliases, known.uses);
      if (group !== null) ops = sink(ops, position, op, group);
    }
    return withOps(region, ops);
  };
  return withBody(fn, visit(fn.body));
}

/** What moves into the branches, in order, and the results of the `if` that nothing else uses. */
interface Group {
  readonly ops: ReadonlySet<Op>;
  readonly spared: ReadonlySet<Value>;
}

/** The results for which a side yields the number zero. */
function zerosOf(op: IfOp): ReadonlySet<Value> {
  const sides = [op.then, op.else].map((side) => ({ yields: yieldedBy(side), zeros: zerosIn(side) }));
  const isZero = (_: Value, k: number): boolean =>
    sides.some(({ yields, zeros }) => {
      const value = yields?.[k];
      return value !== undefined && zeros.has(value);
    });
  return new Set(op.results.filter(isZero));
}

function zerosIn(region: Region): ReadonlySet<Value> {
  const zeros = new Set<Value>();
  for (const op of region.ops) {
    if (op.kind === "constant" && op.value === 0 && op.text === null) op.results.forEach((value) => zeros.add(value));
  }
  return zeros;
}

const isLinear = (op: Op): op is ApplyOp =>
  op.kind === "apply" &&
  ["add", "sub", "mul", "div", "neg"].includes(op.primitive) &&
  op.results.every(({ origin }) => origin.role === "adjoint");

function findGroup(
  ops: readonly Op[],
  position: number,
  op: IfOp,
  aliases: Aliases,
  uses: ReadonlyMap<Value, number>,
): Group | null {
  const results = new Set(op.results);
  const zeros = zerosOf(op);
  const later = new Map<Value, Op>();
  for (const one of ops.slice(position + 1)) for (const value of one.results) later.set(value, one);

  /** The operations that a value takes from the results of the `if`; null where it takes anything else that is later. */
  const sliceOf = (value: Value, slice: Set<Op>): boolean => {
    const by = later.get(value);
    if (by === undefined) return true;
    if (!isLinear(by)) return false;
    if (by.args.every((arg) => !dependsOn(arg, results))) return false;
    slice.add(by);
    return by.args.every((arg) => sliceOf(arg, slice));
  };
  const dependsOn = (value: Value, on: ReadonlySet<Value>): boolean => {
    if (on.has(value)) return true;
    const by = later.get(value);
    return by !== undefined && isLinear(by) && by.args.some((arg) => dependsOn(arg, on));
  };

  const sinks = new Map<AccumulateOp, ReadonlySet<Op>>();
  const memory = new Set<ReturnType<Aliases["classOf"]>>();
  for (const one of ops.slice(position + 1)) {
    if (one.kind === "accumulate" && isShadow(one)) {
      const slice = new Set<Op>();
      const isPlaced = operandsOf(one).every(
        (value) => value === one.value || (!later.has(value) && !results.has(value)),
      );
      if (isPlaced && dependsOn(one.value, zeros) && sliceOf(one.value, slice)) {
        sinks.set(one, slice);
        memory.add(aliases.classOf(one.at.base));
      }
    }
  }
  // up to where the elements are left alone
  const end = ops.findIndex((one, at) => at > position && touchesMemory(one, aliases, memory));
  if (end >= 0) for (const one of sinks.keys()) if (ops.indexOf(one) > end) sinks.delete(one);

  // what somebody else uses stays, and what depends on it
  for (;;) {
    const group = new Set<Op>([...sinks.keys(), ...[...sinks.values()].flatMap((slice) => [...slice])]);
    const inside = new Map<Value, number>();
    for (const one of group) for (const value of operandsOf(one)) inside.set(value, (inside.get(value) ?? 0) + 1);
    const isOwn = (value: Value): boolean => inside.get(value) === uses.get(value);
    const broken = [...sinks].filter(([, slice]) => [...slice].some((one) => !one.results.every(isOwn)));
    if (broken.length > 0) {
      for (const [one] of broken) sinks.delete(one);
      continue;
    }
    const spared = new Set([...results].filter((value) => inside.has(value) && isOwn(value)));
    const isWorthIt = group.size <= maximalSize && [...spared].some((value) => zeros.has(value));
    return sinks.size > 0 && isWorthIt ? { ops: group, spared } : null;
  }
}

function sink(ops: readonly Op[], position: number, op: IfOp, group: Group): readonly Op[] {
  const moved = ops.filter((one) => group.ops.has(one));
  const kept = op.results.map((value) => !group.spared.has(value));
  const [then, otherwise] = [op.then, op.else].map((side): Region => {
    const yields = yieldedBy(side);
    if (yields === null) return side;
    const zeros = new Set(zerosIn(side));
    const values = new Map(op.results.map((result, k) => [result, yields[k] ?? result]));
    const out: Op[] = [...side.ops];
    for (const one of moved) place(one, values, zeros, out);
    return { ...side, ops: out, exit: { kind: "yield", values: yields.filter((_, k) => kept[k]) } };
  });
  if (then === undefined || otherwise === undefined) return ops;
  const changed: IfOp = { ...op, then, else: otherwise, results: op.results.filter((_, k) => kept[k]) };
  return ops.flatMap((one, at) => (at === position ? [changed] : group.ops.has(one) ? [] : [one]));
}

/** Appends an operation for one side, where some values are known to be zero. */
function place(op: Op, values: Map<Value, Value>, zeros: Set<Value>, out: Op[]): void {
  const look = (value: Value): Value => values.get(value) ?? value;
  if (op.kind === "accumulate") {
    const value = look(op.value);
    if (!zeros.has(value)) out.push({ ...op, value });
    return;
  }
  const [result] = op.results;
  if (op.kind !== "apply" || result === undefined) return;
  const args = op.args.map(look);
  const [a, b] = args;
  const [isZero, other] = [a !== undefined && zeros.has(a), b !== undefined && zeros.has(b)];
  const nothing = (): void => {
    const zero = constantOp(0, null, result.origin, result.type);
    out.push(zero);
    zeros.add(zero.results[0]);
    values.set(result, zero.results[0]);
  };
  switch (op.primitive) {
    case "mul":
      if (isZero || other) return nothing();
      break;
    case "div":
    case "neg":
      if (isZero) return nothing();
      break;
    case "add":
      if (isZero && b !== undefined) return void values.set(result, b);
      if (other && a !== undefined) return void values.set(result, a);
      break;
    case "sub":
      if (other && a !== undefined) return void values.set(result, a);
      break;
    default:
      break;
  }
  const made: Value = { type: result.type, origin: result.origin };
  values.set(result, made);
  out.push({ ...op, args, results: [made] });
}
