/**
 * What of a derivative differs from one direction to the next, and what all directions share.
 *
 *   c = cos x; yDot = mul c xDot        along several xDot: c is computed once, yDot has a lane for each
 *
 * A lane is what one direction has of a value. Numbers have lanes where they depend on something with lanes; memory has
 * them where such a number is written, and then every reference to it has.
 */
import type { Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { isReference, type CallOp, type IRFunction, type Op, type Region, type Value } from "../ir/ir.js";
import { operandsOf, regionsOf } from "../ir/traverse.js";
import { yieldsOf } from "./facts.js";
import { Refusal } from "./refusal.js";

/** Which parameters and results of a function have lanes, by position. */
export interface LaneMask {
  readonly params: ReadonlySet<number>;
  readonly results: ReadonlySet<number>;
}

export interface Lanes {
  /** What follows for the parameters and results from what was asked for. */
  readonly mask: LaneMask;
  has(value: Value): boolean;
}

/** What a call of a function with lanes has, as far as it is known. */
export type MaskOfCall = (op: CallOp, asked: LaneMask) => LaneMask;

/** Finds what of a function has lanes, where its parameters do as `asked` says. */
export function findLanes(fn: IRFunction, asked: LaneMask, aliases: Aliases, maskOfCall: MaskOfCall): Lanes {
  const numbers = new Set<Value>();
  const memory = new Set<MemoryClass>();
  const has = (value: Value | undefined): boolean =>
    value !== undefined && (numbers.has(value) || (isReference(value.type) && memory.has(aliases.classOf(value))));
  const mark = (value: Value | undefined): void => {
    if (value === undefined) return;
    if (isReference(value.type)) memory.add(aliases.classOf(value));
    else numbers.add(value);
  };
  /** Where one has lanes, so has the other. */
  const both = (one: Value | undefined, other: Value | undefined): void => {
    if (has(one)) mark(other);
    if (has(other)) mark(one);
  };
  /** References that are kept in memory have lanes where it has. */
  const keep = (base: Value, part: Value): void => {
    if (has(part)) mark(base);
    if (has(base) && isReference(part.type)) mark(part);
  };
  const refuseIf = (isSo: boolean, what: string): void => {
    if (isSo) throw new Refusal("EZ2040", { what });
  };

  const visit = (op: Op): void => {
    const [result] = op.results;
    switch (op.kind) {
      case "constant":
      case "random":
      case "length":
        return;
      case "apply":
        if (op.args.some(has)) mark(result);
        if (result !== undefined && isReference(result.type))
          for (const arg of op.args) if (isReference(arg.type)) both(result, arg);
        return;
      case "load":
        refuseIf(op.at.kind === "element" && has(op.at.index), "which element is read depends on the direction");
        if (has(op.at.base)) mark(result);
        if (result !== undefined && isReference(result.type) && has(result)) mark(op.at.base);
        return;
      case "store":
      case "accumulate":
        refuseIf(op.at.kind === "element" && has(op.at.index), "which element is written depends on the direction");
        return keep(op.at.base, op.value);
      case "push":
        return keep(op.array, op.value);
      case "pop":
        if (has(op.array)) mark(result);
        if (result !== undefined && isReference(result.type) && has(result)) mark(op.array);
        return;
      case "grow":
        return both(op.array, result);
      case "unwrap":
        return both(op.value, result);
      case "isAbsent":
        return refuseIf(has(op.value), "whether something is left out depends on the direction");
      case "allocate":
        if (result !== undefined) visitAllocation(op, result);
        return;
      case "if":
        refuseIf(has(op.test), "which way the program goes depends on the direction");
        op.results.forEach((one, k) => {
          for (const { exit } of [op.then, op.else]) if (has(yieldsOf(exit)[k])) mark(one);
        });
        return;
      case "loop":
        refuseIf(has(op.range?.from) || has(op.range?.to), "how often a loop runs depends on the direction");
        refuseIf(has(yieldsOf(op.body.exit)[0]), "how often a loop runs depends on the direction");
        op.initial.forEach((initial, k) => {
          const param = op.body.params[k + 1];
          if (has(initial) || has(yieldsOf(op.body.exit)[k + 1])) mark(param);
          both(param, op.results[k + 2]);
        });
        return;
      case "call":
        return visitCall(op);
      case "opaque":
        refuseIf(op.operands.some(has), "a text, or something that is not differentiated, depends on the direction");
        return;
    }
  };

  const visitAllocation = (op: Extract<Op, { kind: "allocate" }>, result: Value): void => {
    const { initial } = op;
    switch (initial.kind) {
      case "zeros":
        return refuseIf(has(initial.length), "how long an array is depends on the direction");
      case "parts":
        return initial.parts.forEach((part) => keep(result, part));
      case "filled":
        refuseIf(has(initial.length), "how long an array is depends on the direction");
        return keep(result, initial.value);
      case "copy":
        refuseIf(has(initial.from) || has(initial.to), "how long an array is depends on the direction");
        if (has(initial.source)) mark(result);
        if (result.type.kind === "array" && isReference(result.type.element) && has(result)) mark(initial.source);
        return;
      case "zerosLike":
        return;
    }
  };

  const visitCall = (op: CallOp): void => {
    const positions = (values: readonly Value[]): ReadonlySet<number> =>
      new Set(values.flatMap((value, position) => (has(value) ? [position] : [])));
    const wanted: LaneMask = { params: positions(op.args), results: positions(op.results) };
    if (wanted.params.size === 0 && wanted.results.size === 0) return;
    const found = maskOfCall(op, wanted);
    op.args.forEach((arg, k) => {
      if (found.params.has(k)) mark(arg);
    });
    op.results.forEach((one, k) => {
      if (found.results.has(k)) mark(one);
    });
    if (!aliases.isExternal(op)) return;
    // What it writes, it writes for each direction.
    for (const write of aliases.effectsOfCall(op).writes) memory.add(write.memory);
  };

  const visitRegion = (region: Region): void => {
    for (const op of region.ops) {
      visit(op);
      regionsOf(op).forEach(visitRegion);
    }
    if (region.exit.kind === "throw") refuseIf(has(region.exit.value), "an error depends on the direction");
  };

  fn.params.forEach(({ value }, position) => {
    if (asked.params.has(position)) mark(value);
  });
  const returned = fn.body.exit.kind === "return" ? fn.body.exit.values : [];
  // A number that all share is handed out several times; arrays and objects are the caller's own, each.
  returned.forEach((value, position) => {
    if (asked.results.has(position) && isReference(value.type)) mark(value);
  });
  for (let before = -1; before < numbers.size + memory.size;) {
    before = numbers.size + memory.size;
    visitRegion(fn.body);
  }
  const params = fn.params.flatMap(({ value }, position) => (has(value) ? [position] : []));
  const results = returned.flatMap((value, position) => (has(value) ? [position] : []));
  return { mask: { params: new Set(params), results: new Set([...results, ...asked.results]) }, has };
}

/** Has an operation itself lanes, its regions left aside? */
export const isInLanes = (op: Op, lanes: Lanes): boolean =>
  [...op.results, ...operandsOf(op)].some((value) => lanes.has(value));
