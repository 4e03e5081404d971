/**
 * Expressions that wait until they are used, and so come to stand where they are used. One that reads memory is
 * written down before anything writes there, effects keep their order, and what would become too long to read is
 * taken apart again: its largest part gets a variable.
 */
import type { Op, Region, Value } from "../ir/ir.js";
import { operandsOf } from "../ir/traverse.js";
import { express, type Operand } from "./express.js";
import type { Memory } from "./memory.js";
import { isPlain, type Nesting } from "./nesting.js";
import { read, type Expression, type Local } from "./tree.js";
import type { Uses } from "./uses.js";

/** Operators in one expression, and about how many characters. */
const maximalOperators = 8;
const maximalOperatorsOfUser = 16;
const maximalWidth = 90;
/** What is added to a variable stands on a line of its own. */
const maximalUpdate = 100;

export interface Variables {
  /** Gives a value a variable, and writes down what it is. */
  write(value: Value, expression: Expression): void;
  /** The variable of a value that is written down. */
  variableOf(value: Value): Local | null;
}

/** The expressions of one function that wait where the walk stands. */
export class WaitingExpressions {
  /** In the order in which they were computed. */
  private readonly pending = new Map<Value, Operand>();
  private isUnlimited = false;

  constructor(
    private readonly uses: Uses,
    private readonly memory: Memory,
    private readonly nesting: Nesting,
    private readonly variables: Variables,
  ) {}

  add(value: Value, computed: Operand): void {
    this.pending.set(value, computed);
  }

  /** What a value will be, as long as it waits. */
  find(value: Value): Operand | null {
    return this.pending.get(value) ?? null;
  }

  /** Expressions that are not used in a region wait outside, until the walk through it is over. */
  during<T>(region: Region, walk: () => T): T {
    const outside = [...this.pending].filter(
      ([value]) => !this.uses.of(value).every((use) => this.uses.isWithin(use.region, region)),
    );
    for (const [value] of outside) this.pending.delete(value);
    const result = walk();
    for (const [value, waiting] of outside) this.pending.set(value, waiting);
    return result;
  }

  /** Whatever is taken becomes one expression, however long. */
  asOne<T>(walk: () => T): T {
    const before = this.isUnlimited;
    this.isUnlimited = true;
    const result = walk();
    this.isUnlimited = before;
    return result;
  }

  /** Writes down the expressions that may not wait until this operation is over. */
  settle(op: Op): void {
    const writes = this.memory.writesOf(op);
    const isQuiet = isPlain(op) && this.memory.readsOf(op).length === 0;
    if (isQuiet && writes.length === 0) return;
    const consumed = new Set(operandsOf(op));
    for (const [value, waiting] of [...this.pending]) {
      if (consumed.has(value)) continue;
      const useInside = op.kind === "if" && this.uses.of(value).every(({ region }) => this.uses.isInside(region, op));
      const overwritten =
        !useInside && waiting.reads.some((one) => writes.some((write) => this.memory.mayOverlap(write, one)));
      if (waiting.hasEffects || overwritten) this.writeDown(value);
    }
  }

  writeDown(value: Value): void {
    const waiting = this.pending.get(value);
    if (waiting === undefined) return;
    this.pending.delete(value);
    this.variables.write(value, waiting.expression);
  }

  take(value: Value): Operand {
    const waiting = this.pending.get(value);
    if (waiting !== undefined) {
      this.pending.delete(value);
      return waiting;
    }
    const definition = this.uses.definition(value);
    if (definition !== null && this.nesting.isFree(value)) {
      const operands = operandsOf(definition.op).map((operand) => this.take(operand));
      return express(definition.op, operands, this.memory);
    }
    const local = this.variables.variableOf(value);
    if (local === null) throw new Error("a value is used before it is written down");
    const width = local.origin.variable?.name.length ?? 3;
    return { expression: read(local), reads: [], hasEffects: false, operators: 0, width };
  }

  /** Operands of one operation, of `own` operators; the largest get a variable where it would be too long to read. */
  takeAll(values: readonly Value[], own: number, consumer?: Value): readonly Operand[] {
    this.shorten(values, own, consumer);
    return values.map((value) => this.take(value));
  }

  private shorten(values: readonly Value[], own: number, consumer: Value | undefined): void {
    while (!this.isUnlimited) {
      const waiting = values.flatMap((value) => {
        const operand = this.pending.get(value);
        return operand === undefined ? [] : [{ value, operand }];
      });
      const operators = waiting.reduce((sum, { operand }) => sum + operand.operators, own);
      const width = waiting.reduce((sum, { operand }) => sum + operand.width, 4);
      const isOfUser = waiting.some(({ value }) => isUsersOwn(value, consumer));
      const limit = isOfUser ? maximalOperatorsOfUser : maximalOperators;
      // `x += e`: a variable for e alone would say nothing
      const isUpdate = waiting.length === 1 && this.isUpdate(values, consumer) && width <= maximalUpdate;
      const isWholeStatement = own === 0 && waiting.length === 1;
      if (isWholeStatement || isUpdate || (operators <= limit && width <= maximalWidth)) return;
      const largest = waiting
        .filter(({ operand }) => operand.operators >= 2)
        .reduce<(typeof waiting)[number] | null>(
          (best, one) => (best === null || one.operand.operators > best.operand.operators ? one : best),
          null,
        );
      if (largest === null) return;
      // What was computed before keeps its place before.
      this.writeDown(largest.value);
    }
  }

  /** Is it the sum of something and a carried value, for the next iteration? */
  private isUpdate(operands: readonly Value[], result: Value | undefined): boolean {
    const op = result === undefined ? undefined : this.uses.definition(result)?.op;
    if (result === undefined || op?.kind !== "apply" || (op.primitive !== "add" && op.primitive !== "sub"))
      return false;
    const isCarried = operands.some((value) => this.uses.loopOf(value) !== null && !this.uses.isOfCounter(value));
    return isCarried && this.nesting.isHandedOver(result);
  }
}

/** Did the user write it, within the expression that it goes into? */
function isUsersOwn({ origin: { span, role } }: Value, consumer: Value | undefined): boolean {
  if (span === null || role !== "primal") return false;
  if (consumer === undefined) return true;
  const around = consumer.origin.span;
  return around?.file === span.file && around.start <= span.start && span.end <= around.end;
}
