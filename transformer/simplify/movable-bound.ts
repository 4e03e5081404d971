import type { Aliases } from "../analyze/aliases.js";
import { isPure, type WriteLog } from "../analyze/effects.js";
import type { LoopOp, Op, Region, Value } from "../ir/ir.js";
import { operandsOf, regionsOf } from "../ir/traverse.js";
import type { CounterTest } from "./counter-test.js";

/** The end of the range: where it is computed in the loop, the operations that compute it move out. */
export class Bound {
  private readonly movable = new Set<Value>();

  constructor(
    private readonly aliases: Aliases,
    private readonly loop: LoopOp,
    private readonly test: CounterTest,
    private readonly counter: Value | undefined,
    private readonly inside: ReadonlySet<Value>,
    private readonly operations: ReadonlyMap<Value, Op>,
    private readonly writes: WriteLog,
  ) {}

  /** Is it the same in every iteration, and may it be computed before the first? It is computed there in any case. */
  canMove(value: Value): boolean {
    if (!this.inside.has(value) || this.movable.has(value)) return true;
    const op = this.operations.get(value);
    if (op === undefined || !operandsOf(op).every((operand) => this.canMove(operand)) || !this.isInvariant(op))
      return false;
    this.movable.add(value);
    return true;
  }

  private isInvariant(op: Op): boolean {
    if (op.kind === "load") return this.isFirst(op) && !this.writes.writtenSince(op.at);
    if (op.kind === "length") return this.isFirst(op) && this.keepsLength(op.array);
    return isPure(op);
  }

  /** Does nothing stand before it that might throw or loop, so that it is the first thing to happen in any case? */
  private isFirst(op: Op): boolean {
    for (const other of this.loop.body.ops) {
      if (other === op) return true;
      if (!isPure(other) && other.kind !== "load" && other.kind !== "length") return false;
    }
    return false;
  }

  private keepsLength(array: Value): boolean {
    if (!this.writes.resizedSince(array)) return true;
    // stores at the counter are below the length that the test compares it with
    const { definitions } = this.aliases;
    const { root: end, offset: distance } = definitions.affine(this.test.to);
    const source = end === null ? null : definitions.opOf(end);
    if (this.test.comparison !== "lt" && this.test.comparison !== "ne") return false;
    if (source?.kind !== "length" || source.array !== array || distance > 0) return false;
    const memory = this.aliases.classOf(array);
    const isBelow = (region: Region): boolean =>
      region.ops.every((op) => {
        if (op.kind === "store" || op.kind === "accumulate") {
          if (op.at.kind === "field" || this.aliases.classOf(op.at.base) !== memory) return true;
          if (!this.aliases.mayLengthen(op.at)) return true;
          const { root, offset } = definitions.affine(op.at.index);
          return op.at.base === array && root === this.counter && offset <= 0;
        }
        if (op.kind === "push" || op.kind === "pop" || op.kind === "grow") {
          return this.aliases.classOf(op.array) !== memory;
        }
        if (op.kind === "call") {
          const effects = this.aliases.effectsOfCall(op);
          return !effects.resizes.includes(memory) && !(effects.writesEverything && memory.escapes);
        }
        if (op.kind === "opaque") return !op.effects.writes || !memory.escapes;
        return regionsOf(op).every(isBelow);
      });
    return isBelow(this.loop.body);
  }

  /** The operations that compute it, in order, to stand before the loop. */
  move(value: Value): { readonly ops: readonly Op[]; readonly operations: ReadonlySet<Op>; readonly to: Value } {
    const needed = new Set<Op>();
    const visit = (one: Value): void => {
      const op = this.inside.has(one) ? this.operations.get(one) : undefined;
      if (op === undefined || needed.has(op)) return;
      needed.add(op);
      operandsOf(op).forEach(visit);
    };
    visit(value);
    return { ops: this.loop.body.ops.filter((op) => needed.has(op)), operations: needed, to: value };
  }
}
