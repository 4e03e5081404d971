import type { Definitions } from "../analyze/definitions.js";
import type { ApplyOp, Region, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { isDerivative } from "../ir/roles.js";
import type { Users } from "./primal-uses.js";

/**
 * How far an expression goes on: through operations that it alone uses, once; that it alone uses; or also through
 * those that others need, which then are computed all the same.
 */
export type Reach = "once" | "own" | "others";

const collected: ReadonlySet<Primitive> = new Set(["add", "sub", "mul", "div", "neg"]);

/** The expressions of one region: what it computes with `+ - * /` for one result alone. */
export class Expressions {
  private readonly own = new Map<Value, ApplyOp>();
  /** The expression that each operation belongs to, by its result: all who use the operation belong to it, too. */
  private readonly expression = new Map<Value, Value>();

  constructor(
    region: Region,
    private readonly users: Users,
    private readonly definitions: Definitions,
  ) {
    for (const op of region.ops) {
      const [result] = op.results;
      if (op.kind === "apply" && result !== undefined && collected.has(op.primitive)) this.own.set(result, op);
    }
    for (const [result, op] of [...this.own].reverse()) this.expression.set(result, this.findExpression(result, op));
  }

  private findExpression(result: Value, op: ApplyOp): Value {
    const users = this.users.of.get(result) ?? [];
    let found: Value | null = null;
    for (const user of users) {
      const [target] = user.results;
      const expression = target === undefined ? undefined : this.expression.get(target);
      if (user.kind !== "apply" || expression === undefined || !mayTakeIn(user, op)) return result;
      if (found !== null && found !== expression) return result;
      found = expression;
    }
    return found !== null && this.mayRewrite(found) ? found : result;
  }

  has(value: Value): boolean {
    return this.own.has(value);
  }

  /** The operation of the region that computes a value, if it may stand in an expression. */
  opOf(value: Value): ApplyOp | null {
    return this.own.get(value) ?? null;
  }

  /** Is it the result of its expression? */
  isWhole(result: Value): boolean {
    return this.expression.get(result) === result;
  }

  /** Is it a derivative, for derivatives alone? */
  mayRewrite(value: Value): boolean {
    return isDerivative(value) && !this.users.primal.has(value) && value.type.kind === "number";
  }

  isUsedOnce(value: Value): boolean {
    return this.users.of.get(value)?.length === 1;
  }

  /** Is it added to an element, and nothing else? */
  isAdded(value: Value): boolean {
    return this.users.of.get(value)?.[0]?.kind === "accumulate" && this.isUsedOnce(value);
  }

  isLiteral(value: Value): boolean {
    return this.definitions.opOf(value)?.kind === "constant";
  }

  /** The number that a value is, if the user gave it no name. */
  numberOf(value: Value): number | null {
    const op = this.definitions.opOf(value);
    return op?.kind === "constant" && op.text === null && typeof op.value === "number" ? op.value : null;
  }

  /** The `x` of a `-x` of the primal. */
  negatedBy(value: Value): Value | null {
    const op = this.definitions.opOf(value);
    return op?.kind === "apply" && op.primitive === "neg" && !isDerivative(value) ? (op.args[0] ?? null) : null;
  }

  /** Does the expression of `user` go on into its operand `op`? */
  takesIn(user: ApplyOp, op: ApplyOp, reach: Reach): boolean {
    const [[target], [result]] = [user.results, op.results];
    if (target === undefined || result === undefined) return false;
    if (this.isForeign(result, target)) {
      // a sum that others need is a factor as it is
      const isProduct = op.primitive === "mul" || op.primitive === "neg";
      return reach === "others" && isProduct && mayTakeIn(user, op) && this.mayRewrite(result);
    }
    return reach !== "once" || this.isUsedOnce(result);
  }

  /** Does a value that `target` is computed from belong to another expression? */
  isForeign(value: Value, target: Value): boolean {
    return this.isWhole(value) || this.expression.get(value) !== this.expression.get(target);
  }
}

/** Can an expression go on from an operation into its operand at all? */
function mayTakeIn(user: ApplyOp, op: ApplyOp): boolean {
  const [result] = op.results;
  if (result === undefined || (user.primitive === "div" && user.args[1] === result)) return false;
  // a sum of the primal stays as it is: taken apart, `1 - x` loses what x has in common with 1
  return (op.primitive !== "add" && op.primitive !== "sub") || isDerivative(result);
}
