import type { IfOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import { exitOperands, operandsOf, rebuild, regionsOf } from "../ir/traverse.js";
import {
  countUses,
  rewriteRegion,
  substituteRegion,
  Substitution,
  withBody,
  withBranches,
  withLoopBody,
} from "./rewrite.js";

/**
 * Inside a branch it is known what another `if` of the same test gave.
 *
 *   d = if t { yield 0 } else { yield x }; s = if t { yield 1 } else { yield d }
 *   =>   ..; s = if t { yield 1 } else { yield x }
 *
 * Safe because a test is a value, and does not change. What the other branch computes is computed in here if it only
 * computes, and nothing else asks for it.
 */
export function followBranches(fn: IRFunction): IRFunction {
  const uses = countUses(fn);
  return withBody(fn, follow(fn.body, new Map(), uses));
}

/** A result of an `if`, and the branches that give it. */
interface Chosen {
  readonly op: IfOp;
  readonly position: number;
}

type Before = ReadonlyMap<Value, Chosen>;

function follow(region: Region, outer: Before, uses: ReadonlyMap<Value, number>): Region {
  const before = new Map(outer);
  return rewriteRegion(region, new Substitution(), (op, out) => {
    if (op.kind === "loop") {
      // what is computed once is not moved into a loop
      out.push(withLoopBody(op, follow(op.body, new Map(), uses)));
      return;
    }
    if (op.kind !== "if") return void out.push(op);
    const [then, otherwise] = [op.then, op.else].map((branch, k) =>
      follow(within(branch, op.test, k === 0, before, uses), before, uses),
    );
    const next = then === undefined || otherwise === undefined ? op : withBranches(op, then, otherwise);
    next.results.forEach((result, position) => before.set(result, { op: next, position }));
    out.push(next);
  });
}

/** A branch in which `test` came out as `outcome`. */
function within(
  branch: Region,
  test: Value,
  outcome: boolean,
  before: Before,
  uses: ReadonlyMap<Value, number>,
): Region {
  const substitution = new Substitution();
  const moved: Op[] = [];
  for (const [value, count] of countIn(branch)) {
    const chosen = before.get(value);
    if (chosen?.op.test !== test) continue;
    const { ops, exit } = outcome ? chosen.op.then : chosen.op.else;
    const given = exit.kind === "yield" ? exit.values[chosen.position] : undefined;
    if (given === undefined) continue;
    if (!ops.some(({ results }) => results.includes(given))) substitution.replace(value, given);
    else if (count === uses.get(value) && chosen.op.results.length === 1 && ops.every(onlyComputes)) {
      const copies = new Substitution();
      moved.push(...ops.map((op) => copyOf(op, copies)));
      substitution.replace(value, copies.look(given));
    }
  }
  const result = substituteRegion(branch, substitution);
  return moved.length === 0 ? result : { ...result, ops: [...moved, ...result.ops] };
}

function countIn(region: Region): ReadonlyMap<Value, number> {
  const counts = new Map<Value, number>();
  const use = (value: Value): void => void counts.set(value, (counts.get(value) ?? 0) + 1);
  const visit = (inner: Region): void => {
    for (const op of inner.ops) {
      operandsOf(op).forEach(use);
      regionsOf(op).forEach(visit);
    }
    exitOperands(inner.exit).forEach(use);
  };
  visit(region);
  return counts;
}

const onlyComputes = (op: Op): boolean =>
  op.kind === "constant" ||
  op.kind === "apply" ||
  op.kind === "isAbsent" ||
  op.kind === "unwrap" ||
  (op.kind === "if" && [op.then, op.else].every(({ ops, exit }) => exit.kind === "yield" && ops.every(onlyComputes)));

/** The operation with results of its own. */
function copyOf(op: Op, copies: Substitution): Op {
  return rebuild(op, {
    value: copies.look,
    region: (region) => {
      const ops = region.ops.map((inner) => copyOf(inner, copies));
      const { exit } = region;
      return {
        params: region.params,
        ops,
        exit: exit.kind === "yield" ? { kind: "yield", values: exit.values.map(copies.look) } : exit,
      };
    },
    result: (value) => {
      const copy: Value = { type: value.type, origin: value.origin };
      copies.replace(value, copy);
      return copy;
    },
  });
}
