/** What passes share to rebuild a function while they walk it in program order: substitution, and keeping what did not change. */
import { typeOfLiteral } from "../ir/build.js";
import {
  inventedOrigin,
  type ConstantOp,
  type Exit,
  type IfOp,
  type IRFunction,
  type Literal,
  type LoopOp,
  type Op,
  type Origin,
  type Region,
  type Type,
  type Value,
} from "../ir/ir.js";
import { exitOperands, mapExit, operandsOf, rebuild } from "../ir/traverse.js";

/** Values that others stand for. As definitions precede uses, one walk in program order replaces all uses. */
export class Substitution {
  private readonly map = new Map<Value, Value>();

  get isEmpty(): boolean {
    return this.map.size === 0;
  }

  readonly look = (value: Value): Value => this.map.get(value) ?? value;

  replace(old: Value, by: Value): void {
    this.map.set(old, this.look(by));
  }

  /** The operation with its own operands replaced; regions are left to the walk. */
  operands(op: Op): Op {
    if (this.map.size === 0 || !operandsOf(op).some((value) => this.map.has(value))) return op;
    return rebuild(op, { value: this.look, region: (region) => region, result: (value) => value });
  }

  exit(exit: Exit): Exit {
    if (this.map.size === 0 || !exitOperands(exit).some((value) => this.map.has(value))) return exit;
    return mapExit(exit, this.look);
  }
}

const sameOps = (a: readonly Op[], b: readonly Op[]): boolean =>
  a === b || (a.length === b.length && a.every((op, k) => op === b[k]));

/** The region with other operations and another exit; the same object where they are the same. */
export function withOps(region: Region, ops: readonly Op[], exit: Exit = region.exit): Region {
  return exit === region.exit && sameOps(ops, region.ops) ? region : { params: region.params, ops, exit };
}

/** The function with another body; the same object where it is the same. */
export function withBody(fn: IRFunction, body: Region): IRFunction {
  return body === fn.body ? fn : { ...fn, body };
}

/** The operation with each of its regions replaced; the same object where they are the same. */
export function withRegions(op: Op, change: (region: Region) => Region): Op {
  if (op.kind === "if") return withBranches(op, change(op.then), change(op.else));
  if (op.kind === "loop") return withLoopBody(op, change(op.body));
  return op;
}

/** The `if` with other branches; the same object where they are the same. */
export const withBranches = (op: IfOp, then: Region, otherwise: Region): IfOp =>
  then === op.then && otherwise === op.else ? op : { ...op, then, else: otherwise };

/** The loop with another body; the same object where it is the same. */
export const withLoopBody = (op: LoopOp, body: Region): LoopOp => (body === op.body ? op : { ...op, body });

/** Walks a region: `visit` gets each operation with its operands replaced, and appends what is to stand for it. */
export function rewriteRegion(region: Region, substitution: Substitution, visit: (op: Op, out: Op[]) => void): Region {
  const out: Op[] = [];
  for (const op of region.ops) visit(substitution.operands(op), out);
  return withOps(region, out, substitution.exit(region.exit));
}

/** Replaces uses throughout a region. */
export function substituteRegion(region: Region, substitution: Substitution): Region {
  if (substitution.isEmpty) return region;
  return rewriteRegion(region, substitution, (op, out) =>
    out.push(withRegions(op, (inner) => substituteRegion(inner, substitution))),
  );
}

/** An operation that gives a literal: as `result`, or as a new value. */
export function constantOp(
  value: Literal,
  result: Value | null = null,
  origin: Origin = inventedOrigin,
  type: Type = typeOfLiteral(value),
): ConstantOp & { readonly results: readonly [Value] } {
  return { kind: "constant", results: [result ?? { type, origin }], value, text: null };
}

/** What a region hands to its owner; nothing where it leaves the function. */
export const yieldedBy = (region: Region): readonly Value[] | null =>
  region.exit.kind === "yield" && !diverges(region) ? region.exit.values : null;

/** Does control never reach the end of this region? */
export function diverges(region: Region): boolean {
  if (region.exit.kind === "throw") return true;
  const last = region.ops.at(-1);
  return last?.kind === "if" && diverges(last.then) && diverges(last.else);
}

/** How often each value is used in a function. */
export function countUses(fn: IRFunction): ReadonlyMap<Value, number> {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      operandsOf(op).forEach(use);
      if (op.kind === "if") {
        visit(op.then);
        visit(op.else);
      } else if (op.kind === "loop") visit(op.body);
    }
    exitOperands(region.exit).forEach(use);
  };
  visit(fn.body);
  return uses;
}
