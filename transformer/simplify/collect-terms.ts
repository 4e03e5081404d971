import { Definitions } from "../analyze/definitions.js";
import type { Compilation } from "../compilation.js";
import type { ApplyOp, IRFunction, LoopOp, Op, Region, Value } from "../ir/ir.js";
import { isDerivative } from "../ir/roles.js";
import { Expressions, type Reach } from "./expressions.js";
import { factorSum } from "./common-factors.js";
import { Iteration } from "./iteration.js";
import { KnownQuotients } from "./known-quotients.js";
import { readSum } from "./read-sum.js";
import { withBody, withOps, withRegions } from "./rewrite.js";
import { findUsers } from "./primal-uses.js";
import { weight, writeSum } from "./written-sum.js";

/**
 * Collects terms and factors in derivative code, where that saves work, or lets the next iteration begin earlier.
 *
 *   2 * (100 * t)  =>  200 * t        d * t + d * t  =>  2 * d * t       a * d + b * d  =>  (a + b) * d
 *   x - -y         =>  x + y          -a - b         =>  -(a + b)        (-a) * b       =>  -(a * b)
 *
 * and in a loop, where `c` and `e` are the same in all iterations and `d` comes from the one before:
 *
 *   d * a * b      =>  d * (a * b)    c * x * e      =>  (c * e) * x     x / c          =>  (1 / c) * x
 *
 * An expression is what one region computes with `+ - * /` for one result alone; it is brought into the form of a
 * sum of products, like terms are added up, common factors taken out, and it is written again if that takes fewer
 * operations. Regrouping changes the last bits, which is why only results that are derivatives themselves, and
 * serve derivatives alone, are rewritten: never a value of the primal. Divisors are never multiplied together,
 * and terms that cancel stay, so that no NaN or Infinity is lost on the way.
 */
export function collectTerms(fn: IRFunction, _compilation: Compilation): IRFunction {
  const users = findUsers(fn);
  if (!users.hasDerivatives) return fn;
  const definitions = new Definitions(fn);
  const visit = (region: Region, loop: LoopOp | null, around: KnownQuotients): Region => {
    const quotients = new KnownQuotients(around, definitions, users);
    const iteration = new Iteration(region, loop, isDerivative);
    const expressions = new Expressions(region, users, definitions);
    const inner = (op: Op): Op => withRegions(op, (one) => visit(one, op.kind === "loop" ? op : null, quotients));
    const rewrite = (op: Op): readonly Op[] => {
      const ops = rewriteBest(inner(op), { expressions, iteration, quotients });
      ops.forEach((one) => quotients.note(one));
      return ops;
    };
    return withOps(region, region.ops.flatMap(rewrite));
  };
  return withBody(fn, visit(fn.body, null, new KnownQuotients(null, definitions, users)));
}

/** What is known where an operation stands. */
interface Surroundings {
  readonly expressions: Expressions;
  readonly iteration: Iteration;
  readonly quotients: KnownQuotients;
}

interface Rewriting {
  readonly ops: readonly Op[];
  /** How much cheaper it is. */
  readonly saved: number;
  /** How many operations shorter the way is from what a loop carries to the result. */
  readonly shortened: number;
  /** How many values that need a name of their own it does without. */
  readonly unnamed: number;
}

/** Cheaper; at the same cost shorter where the next iteration waits for it, or with fewer names. */
function isBetter(one: Rewriting, other: Rewriting): boolean {
  if (one.saved !== other.saved) return one.saved > other.saved;
  if (one.shortened !== other.shortened) return one.shortened > other.shortened;
  return one.unnamed > other.unnamed;
}

/** The operations that give the result of `op` at the least cost. */
function rewriteBest(op: Op, around: Surroundings): readonly Op[] {
  const { expressions, iteration } = around;
  const [result] = op.results;
  if (op.kind !== "apply" || result === undefined || !expressions.has(result)) return [op];
  if (!expressions.mayRewrite(result)) return [op];
  const isWhole = expressions.isWhole(result);
  if (!isWhole && expressions.isUsedOnce(result)) return [op];
  const waits = (iteration.waitOf(result) ?? 0) > 1;
  const reaches: readonly Reach[] = !isWhole ? ["once"] : waits ? ["once", "own", "others"] : ["once", "own"];
  let best: Rewriting = { ops: [op], saved: 0, shortened: 0, unnamed: 0 };
  for (const reach of reaches) {
    for (const seesSigns of [false, true]) {
      const found = tryRewriting(op, result, reach, seesSigns, around);
      if (found !== null && isBetter(found, best)) best = found;
    }
  }
  return best.ops;
}

function tryRewriting(
  op: ApplyOp,
  result: Value,
  reach: Reach,
  seesSigns: boolean,
  { expressions, iteration, quotients }: Surroundings,
): Rewriting | null {
  const read = readSum(op, expressions, reach, seesSigns);
  if (read === null || (seesSigns && read.signs === 0)) return null;
  const better = factorSum(read.terms, quotients);
  if (better === null) return null;
  const isAdded = expressions.isAdded(result);
  const written = writeSum(better, { result, isAdded, iteration, isLiteral: (value) => expressions.isLiteral(value) });
  if (written === null) return null;
  // an element is subtracted from as cheaply as it is added to
  const free = isAdded && op.primitive === "neg" ? 1 : 0;
  const own = [...new Set(read.absorbed)];
  const before = own.reduce((cost, one) => cost + costOf(one, iteration), -free);
  const waited = iteration.waitOf(result);
  return {
    ops: written.ops,
    saved: before - written.cost,
    shortened: waited === null ? 0 : waited - written.wait,
    unnamed: own.filter((one) => one !== op && usesIn(own, one.results[0]) > 1).length + Math.min(read.signs, 1),
  };
}

/** What is the same in every iteration leaves the loop. */
const costOf = ({ primitive, args }: ApplyOp, iteration: Iteration): number =>
  args.every((value) => iteration.isSame(value)) ? 0 : weight(primitive);

const usesIn = (ops: readonly ApplyOp[], value: Value | undefined): number =>
  ops.reduce((count, { args }) => count + args.filter((arg) => arg === value).length, 0);
