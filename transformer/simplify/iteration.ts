import { freeValues, operandsOf, regionsOf } from "../ir/traverse.js";
import type { LoopOp, Op, Region, Value } from "../ir/ir.js";

/**
 * The iterations of a loop: how long its values wait for what the iteration before hands over (operations, the longest
 * way), and which values are the same in all of them. Where there is no loop nothing waits, and nothing repeats.
 */
export class Iteration {
  private readonly waits = new Map<Value, number>();
  private readonly own = new Set<Value>();
  private readonly awaited = new Set<Value>();

  /** `matters`: the carried values that are worth waiting for. */
  constructor(
    region: Region,
    private readonly loop: LoopOp | null,
    matters: (carried: Value) => boolean,
  ) {
    if (loop === null) return;
    for (const value of region.params.slice(1)) if (matters(value)) this.waits.set(value, 0);
    for (const value of region.params) this.own.add(value);
    for (const op of region.ops) {
      const leaves = op.kind === "constant" || (op.kind === "apply" && op.args.every((value) => this.isSame(value)));
      if (!leaves) for (const value of op.results) this.own.add(value);
      if (this.waits.size > 0) this.follow(op, this.waits, (value) => this.waitOf(value));
    }
    if (this.waits.size > 0) this.findAwaited(region);
  }

  /** Backwards from what the next iteration begins with; sums that only collect something keep nobody waiting. */
  private findAwaited(region: Region): void {
    if (region.exit.kind !== "yield") return;
    const uses = new Map<Value, number>();
    const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
    const operands = (op: Op): Value[] => [...operandsOf(op), ...regionsOf(op).flatMap(freeValues)];
    region.ops.flatMap(operands).forEach(use);
    region.exit.values.forEach(use);
    const sums = new Set<Value>();
    for (const op of region.ops) {
      if (op.kind !== "apply" || (op.primitive !== "add" && op.primitive !== "sub")) continue;
      const [[sum], [total]] = [op.results, op.args];
      const position = total === undefined ? -1 : region.params.indexOf(total);
      if (sum === undefined || total === undefined || position < 0 || region.exit.values[position] !== sum) continue;
      if (uses.get(sum) === 1 && uses.get(total) === 1) sums.add(sum);
    }
    region.exit.values.forEach((value, k) => {
      const carried = region.params[k];
      if (carried !== undefined && this.waits.has(carried) && !sums.has(value)) this.awaited.add(value);
    });
    for (const op of [...region.ops].reverse()) {
      if (op.results.some((value) => this.awaited.has(value)))
        for (const value of operands(op)) this.awaited.add(value);
    }
  }

  private follow(op: Op, waits: Map<Value, number>, waitOf: (value: Value) => number | null): void {
    const before = [...operandsOf(op), ...regionsOf(op).flatMap(freeValues)].map((value) => waitOf(value) ?? -1);
    const longest = Math.max(-1, ...before);
    if (longest >= 0) for (const result of op.results) waits.set(result, longest + 1);
  }

  /** null: it waits for nothing. */
  waitOf(value: Value): number | null {
    return this.waits.get(value) ?? null;
  }

  /** Does the next iteration wait for it? */
  isAwaited(value: Value): boolean {
    return this.awaited.has(value);
  }

  /** Is it computed before the loop, or could it be? */
  isSame(value: Value): boolean {
    return this.loop !== null && !this.own.has(value);
  }

  /** The same questions of operations that may come to stand in the iteration. */
  draft(): Draft {
    const waits = new Map<Value, number>();
    const varying = new Set<Value>();
    const waitOf = (value: Value): number | null => waits.get(value) ?? this.waitOf(value);
    const isSame = (value: Value): boolean => this.isSame(value) && !varying.has(value);
    const add = (op: Op): void => {
      this.follow(op, waits, waitOf);
      if (!operandsOf(op).every(isSame)) for (const result of op.results) varying.add(result);
    };
    return { waitOf, isSame, add };
  }
}

export interface Draft {
  waitOf(value: Value): number | null;
  isSame(value: Value): boolean;
  add(op: Op): void;
}
