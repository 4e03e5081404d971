/**
 * What stands below a strong zero. `guard d t` is 0 where d is 0, whatever t is, and t is linear in d: so are all
 * operations on the way from d to t. Their derivatives are below the same strong zero.
 *
 *   q = div d y; t = guard d q        q = d / y:  dq/dd = 1 / y,  dq/dy = -(d / y) / y, which is 0 where d is
 *
 * So the second derivative of a branch that is not taken is 0 where the first is, also where 1 / y is infinite.
 */
import type { Primitive } from "../ir/primitives.js";
import type { ApplyOp, IRFunction, Op, Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Ranges } from "./ranges.js";
import type { RegionTree } from "./region-tree.js";

export interface Guarded {
  /** What an operation is linear in. */
  readonly zero: Value;
  /** Arguments that are linear in it too, and whose partial may be infinite. */
  readonly strong: ReadonlySet<number>;
  /** Other arguments, whose own derivative or whose partial may be infinite: 0 where `zero` is. */
  readonly below: ReadonlySet<number>;
}

const deepest = 12;

export function findGuardedTerms(fn: IRFunction, tree: RegionTree, ranges: Ranges): ReadonlyMap<Op, Guarded> {
  const found = new Map<Op, Guarded>();

  /** Is a value, or where `ofDerivative` its derivative, infinite at some argument: does it come from what is? */
  const mayBeInfinite = (value: Value, ofDerivative: boolean, depth: number): boolean => {
    const { op } = tree.definitionOf(value);
    if (depth === 0 || op?.kind !== "apply") return false;
    const [, divisor] = op.args;
    if (op.primitive === "div" && divisor !== undefined && !ranges.isNonzero(divisor)) return true;
    if ((ofDerivative ? steep : unbounded).has(op.primitive)) return true;
    return op.args.some((arg) => mayBeInfinite(arg, ofDerivative, depth - 1));
  };

  const note = (op: ApplyOp, zero: Value, linear: number): void => {
    if ((op.primitive !== "mul" && op.primitive !== "div") || found.has(op)) return;
    const other = 1 - linear;
    const by = op.args[other];
    if (by === undefined) return;
    const isInfinite = op.primitive === "mul" ? mayBeInfinite(by, false, deepest) : false;
    const isSteep = mayBeInfinite(by, true, deepest) || (op.primitive === "div" && !ranges.isNonzero(by));
    found.set(op, { zero, strong: new Set(isInfinite ? [linear] : []), below: new Set(isSteep ? [other] : []) });
  };

  /** Does a value come from `zero` by operations that are linear in it? */
  const comesFrom = (value: Value | undefined, zero: Value, depth: number): boolean => {
    if (value === undefined || value === zero) return value === zero;
    const { op } = tree.definitionOf(value);
    if (depth === 0 || op?.kind !== "apply") return false;
    const linear = linearPositions(op).filter((position) => comesFrom(op.args[position], zero, depth - 1));
    const [first] = linear;
    if (first !== undefined) note(op, zero, first);
    return first !== undefined;
  };
  walk(fn.body, (op) => {
    if (op.kind !== "apply" || op.primitive !== "guard") return;
    const [zero, term] = op.args;
    if (zero !== undefined) comesFrom(term, zero, deepest);
  });
  return found;
}

/** Infinite at some finite argument. */
const unbounded: ReadonlySet<Primitive> = new Set<Primitive>(["log", "log1p", "log2", "log10", "pow", "atanh", "tan"]);
/** Their derivative is infinite, or not a number, at some finite argument. */
const steep: ReadonlySet<Primitive> = new Set<Primitive>([
  ...unbounded,
  "sqrt",
  "cbrt",
  "asin",
  "acos",
  "acosh",
  "atan2",
]);

function linearPositions({ primitive }: ApplyOp): readonly number[] {
  switch (primitive) {
    case "mul":
    case "add":
    case "sub":
      return [0, 1];
    case "div":
    case "neg":
      return [0];
    case "select":
      return [1, 2];
    case "guard":
      return [1];
    default:
      return [];
  }
}
