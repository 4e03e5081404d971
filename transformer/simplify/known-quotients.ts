import type { Definitions } from "../analyze/definitions.js";

import { appendTo } from "../ir/grouped.js";
import type { Op, Value } from "../ir/ir.js";
import { isDerivative } from "../ir/roles.js";
import type { Factor } from "./sum-of-products.js";
import type { Users } from "./primal-uses.js";

interface Quotient {
  /** null: 1. */
  readonly dividend: Value | null;
  readonly quotient: Value;
}

/**
 * Quotients that the primal computes in any case: `q = a / b`, so that `d * a / b` is `d * q`; `r = sqrt(a)`, which is `a / r`;
 * `t = 1 / b`, with which `d / b` is `d * t`. A region knows its own, so far, and those of the regions around it.
 */
export class KnownQuotients {
  private readonly own = new Map<Value, Quotient[]>();

  constructor(
    private readonly around: KnownQuotients | null,
    private readonly definitions: Definitions,
    private readonly users: Users,
  ) {}

  /** Notes what an operation divides, if the primal reads the quotient. */
  note(op: Op): void {
    if (op.kind !== "apply") return;
    const [result] = op.results;
    const [a, b] = op.args;
    if (result === undefined || a === undefined || isDerivative(result) || !this.users.of.has(result)) return;
    if (op.primitive === "sqrt") this.add(result, a, result);
    if (op.primitive !== "div" || b === undefined) return;
    if (this.definitions.isLiteral(a, 1)) this.add(b, null, result);
    else if (this.users.primal.has(result)) this.add(b, a, result);
  }

  private add(divisor: Value, dividend: Value | null, quotient: Value): void {
    appendTo(this.own, divisor, { dividend, quotient });
  }

  /** The quotient of one of the factors, or of 1, by the divisor. */
  find(factors: readonly Factor[], divisor: Value): Quotient | null {
    for (const known of this.own.get(divisor) ?? []) {
      if (known.dividend === null || factors.includes(known.dividend)) return known;
    }
    return this.around?.find(factors, divisor) ?? null;
  }
}
