import { Definitions } from "../analyze/definitions.js";
import type { Compilation } from "../compilation.js";
import { booleanType, integerType, type GrowOp, type IRFunction, type Op, type Region, type Value } from "../ir/ir.js";
import { operandsOf, someOperation, walk } from "../ir/traverse.js";
import { withBody, withOps, withRegions, yieldedBy } from "./rewrite.js";

/**
 * Asks once whether records that grow together are long enough.
 *
 *   a' = grow a n; b' = grow b n   =>   a', b' = if (length a) < n { yield (grow a n) (grow b n) } else { yield a b }
 *
 * Safe where all have the same length at all times: they begin with the same length, and wherever one of them
 * grows the others do, to the same length.
 */
export function shareGrowth(fn: IRFunction, _compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "grow")) return fn;
  const lengths = new Lengths(fn);
  const visit = (region: Region): Region => {
    const ops = region.ops.map((op) => withRegions(op, visit));
    const group = findGroup(ops, lengths);
    return withOps(region, group.length < 2 ? ops : together(ops, group));
  };
  return withBody(fn, visit(fn.body));
}

/** The first operations of a region that grow records in step, up to where one of these is used. */
function findGroup(ops: readonly Op[], lengths: Lengths): readonly GrowOp[] {
  const group: GrowOp[] = [];
  // the side of a branch in which records grow together already
  if (ops.every(({ kind }) => kind === "grow")) return group;
  for (const op of ops) {
    const [first] = group;
    if (op.kind === "grow") {
      if (first === undefined || lengths.areEqual(first.array, op.array, first.length, op.length)) group.push(op);
    } else if (group.some(({ results }) => operandsOf(op).some((value) => results.includes(value)))) break;
  }
  return group;
}

/** Which arrays have the same length at all times. */
class Lengths {
  private readonly definitions: Definitions;
  private readonly homes = new Map<Op, Region>();

  constructor(fn: IRFunction) {
    this.definitions = new Definitions(fn);
    walk(fn.body, (op, region) => {
      if (op.kind === "grow") this.homes.set(op, region);
    });
  }

  areEqual(a: Value, b: Value, first: Value, second: Value): boolean {
    return first === second && this.inStep(a, b, new Map());
  }

  /** `assumed`: pairs being looked into, which hold if all that they come from does. */
  private inStep(a: Value, b: Value, assumed: Map<Value, Set<Value>>): boolean {
    const known = assumed.get(a) ?? new Set<Value>();
    if (known.has(b)) return true;
    assumed.set(a, known.add(b));
    const [one, other] = [this.definitions.of(a), this.definitions.of(b)];
    if (one?.kind === "body" && other?.kind === "body") {
      return one.loop === other.loop && this.carriedInStep(one.loop, one.position - 1, other.position - 1, assumed);
    }
    if (one?.kind !== "result" || other?.kind !== "result") return false;
    const [by, with_] = [one.op, other.op];
    if (by.kind === "grow" && with_.kind === "grow") {
      const together = by.length === with_.length && this.homes.get(by) === this.homes.get(with_);
      return together && this.inStep(by.array, with_.array, assumed);
    }
    if (by.kind === "allocate" && with_.kind === "allocate") {
      if (by.initial.kind !== "zeros" || with_.initial.kind !== "zeros") return false;
      const length = this.definitions.literalOf(by.initial.length);
      return typeof length === "number" && length === this.definitions.literalOf(with_.initial.length);
    }
    if (by !== with_) return false;
    if (by.kind === "loop") return this.carriedInStep(by, one.position - 2, other.position - 2, assumed);
    if (by.kind !== "if") return false;
    return [by.then, by.else].every((side) => {
      const yields = yieldedBy(side);
      const [left, right] = [yields?.[one.position], yields?.[other.position]];
      return yields === null || (left !== undefined && right !== undefined && this.inStep(left, right, assumed));
    });
  }

  private carriedInStep(
    loop: Extract<Op, { kind: "loop" }>,
    first: number,
    second: number,
    assumed: Map<Value, Set<Value>>,
  ): boolean {
    const yields = yieldedBy(loop.body);
    const [begin, start] = [loop.initial[first], loop.initial[second]];
    const [next, after] = [yields?.[first + 1], yields?.[second + 1]];
    if (begin === undefined || start === undefined || next === undefined || after === undefined) return false;
    return this.inStep(begin, start, assumed) && this.inStep(next, after, assumed);
  }
}

function together(ops: readonly Op[], group: readonly GrowOp[]): readonly Op[] {
  const [first] = group;
  if (first === undefined) return ops;
  const length: Value = { type: integerType, origin: { span: null, variable: null, role: "residual" } };
  const isShort: Value = { type: booleanType, origin: length.origin };
  const copies = group.map((op): GrowOp => ({ ...op, results: op.results.map((value) => ({ ...value })) }));
  const side = (inner: readonly Op[], values: readonly Value[]): Region => ({
    params: [],
    ops: inner,
    exit: { kind: "yield", values },
  });
  const all: readonly Op[] = [
    { kind: "length", results: [length], array: first.array },
    { kind: "apply", results: [isShort], primitive: "lt", args: [length, first.length] },
    {
      kind: "if",
      results: group.flatMap(({ results }) => results),
      test: isShort,
      then: side(
        copies,
        copies.flatMap(({ results }) => results),
      ),
      else: side(
        [],
        group.map(({ array }) => array),
      ),
    },
  ];
  const last = group.at(-1);
  return ops.flatMap((op) => (op === last ? all : op.kind === "grow" && group.includes(op) ? [] : [op]));
}
