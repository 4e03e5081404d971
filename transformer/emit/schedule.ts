/**
 * IR -> statements and nested expressions.
 *
 *   t1 = load x[i]; t2 = mul t1 t1; t3 = add s t2   =>   s = s + x[i] * x[i]
 *
 * One variable for each value that is not nested; `coalesce` merges them afterwards. Expressions wait until they
 * are used; one that reads memory is written down before anything writes there, and effects keep their order.
 */
import {
  integerType,
  inventedOrigin,
  type IfOp,
  type IRFunction,
  type Literal,
  type LoopOp,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { operandsOf } from "../ir/traverse.js";
import { conditional } from "./conditional.js";
import { express, type Operand } from "./express.js";
import { hintFor } from "./hints.js";
import { analyzeMemory, type Memory } from "./memory.js";
import { decideNesting, isPlain, type Nesting } from "./nesting.js";
import { isRecord } from "./recorded.js";
import {
  apply,
  literal,
  partsOf,
  read,
  type Block,
  type Expression,
  type Local,
  type Move,
  type Statement,
} from "./tree.js";
import { isCheapBound, tripCount } from "./trip-count.js";
import { findUses, type Uses } from "./uses.js";

export interface Schedule {
  readonly params: readonly Local[];
  readonly body: Block;
  /** Variables of values that could also be computed at the end of their region, where they are handed over. */
  readonly sinkable: ReadonlyMap<Local, Value>;
}

/** `sunk`: values that are computed where their region hands them over. */
export function scheduleFunction(fn: IRFunction, sunk: ReadonlySet<Value>): Schedule {
  return new Scheduler(fn, sunk).run();
}

/** Operators in one expression, and about how many characters. */
const maximalOperators = 8;
const maximalOperatorsOfUser = 16;
const maximalWidth = 90;
/** What is added to a variable stands on a line of its own. */
const maximalUpdate = 100;

type Leaf = (values: readonly Value[]) => void;

class Scheduler {
  private readonly uses: Uses;
  private readonly memory: Memory;
  private readonly nesting: Nesting;
  private readonly locals = new Map<Value, Local>();
  private readonly sinkable = new Map<Local, Value>();
  /** Expressions that wait for their use, in the order in which they were computed. */
  private readonly pending = new Map<Value, Operand>();
  private out: Statement[] = [];
  private conditionals = 0;

  constructor(
    private readonly fn: IRFunction,
    sunk: ReadonlySet<Value>,
  ) {
    this.uses = findUses(fn);
    this.memory = analyzeMemory(fn, this.uses);
    this.nesting = decideNesting(fn, this.uses, this.memory, sunk);
  }

  run(): Schedule {
    const params = this.fn.params.map(({ value, name }): Local => {
      const local: Local = { type: value.type, origin: value.origin, kind: "parameter", hint: name };
      this.locals.set(value, local);
      return local;
    });
    const body = this.region(this.fn.body, (values) => {
      const taken = this.takeAll(values, 0);
      this.out.push({ kind: "return", values: taken.map(({ expression }) => expression) });
    });
    return { params, body, sinkable: this.sinkable };
  }

  // ---- Regions -----------------------------------------------------------------

  private region(region: Region, leaf: Leaf): Block {
    const outer = this.out;
    this.out = [];
    // Expressions that are not used in here wait outside.
    const outside = [...this.pending].filter(
      ([value]) => !this.uses.of(value).every((use) => this.uses.isWithin(use.region, region)),
    );
    for (const [value] of outside) this.pending.delete(value);
    const last = this.nesting.endsInBranches(region);
    for (const op of region.ops) if (op !== last) this.operation(op);
    const { exit } = region;
    if (last !== null && exit.kind !== "throw") {
      this.branches(last, (values) => {
        leaf(
          exit.values.map((value) => {
            const position = last.results.indexOf(value);
            return position < 0 ? value : (values[position] ?? value);
          }),
        );
      });
    } else if (exit.kind === "throw") {
      this.out.push({ kind: "throw", value: this.take(exit.value).expression });
    } else leaf(exit.values);
    const block = this.out;
    this.out = outer;
    for (const [value, waiting] of outside) this.pending.set(value, waiting);
    return block;
  }

  private branches(op: IfOp, leaf: Leaf): void {
    this.settle(op);
    const test = this.take(op.test).expression;
    const then = this.region(op.then, leaf);
    const otherwise = this.region(op.else, leaf);
    this.out.push({ kind: "if", test, then, otherwise });
  }

  // ---- Operations ----------------------------------------------------------------

  private operation(op: Op): void {
    const [result] = op.results;
    if (op.kind === "constant" || (result !== undefined && this.nesting.isFree(result))) return;
    if (isPlain(op) && op.results.every((value) => this.uses.of(value).length === 0)) return;
    this.settle(op);
    switch (op.kind) {
      case "if":
        if (this.nesting.isConditional(op)) this.bind(op, this.conditional(op));
        else {
          this.branches(op, (values) => {
            this.move(op.results, values, "join");
          });
        }
        return;
      case "loop":
        this.loop(op);
        return;
      case "store":
      case "accumulate": {
        // `a[i] += f(a)` reads a[i] before f writes it: the call comes first
        const waiting = op.kind === "accumulate" ? this.pending.get(op.value) : undefined;
        if (waiting !== undefined && callsSomething(waiting.expression)) this.flush(op.value);
        const [base, ...rest] = this.takeAll(operandsOf(op), 1);
        const value = rest.at(-1)?.expression;
        if (base === undefined || value === undefined) return;
        const index = rest[0]?.expression ?? value;
        const of = op.at.base.type;
        const place =
          op.at.kind === "element"
            ? ({ kind: "element", base: base.expression, index, of } as const)
            : ({ kind: "field", base: base.expression, field: op.at.field, of } as const);
        this.out.push({ kind: op.kind, place, value });
        return;
      }
      default: {
        const operands = this.takeAll(operandsOf(op), 1, op.results[0]);
        this.bind(op, express(op, operands, this.memory));
      }
    }
  }

  /** Lets the result of an operation wait for its use, or gives it a variable. */
  private bind(op: Op, computed: Operand): void {
    const [result, second] = op.results;
    if (second !== undefined) {
      const locals = op.results.map((value) => (this.isUsed(value) ? this.localOf(value) : null));
      if (locals.some((local) => local !== null))
        this.out.push({ kind: "unpack", locals, value: computed.expression, declares: null });
      else this.out.push({ kind: "evaluate", value: computed.expression });
    } else if (result === undefined || !this.isUsed(result)) {
      this.out.push({ kind: "evaluate", value: computed.expression });
    } else if (this.nesting.mayNest(result)) {
      this.pending.set(result, computed);
    } else {
      this.write(result, computed.expression);
      if (isPlain(op) && this.nesting.isHandedOver(result)) this.sinkable.set(this.localOf(result), result);
    }
  }

  private isUsed(value: Value): boolean {
    return this.uses.of(value).length > 0;
  }

  private write(value: Value, expression: Expression): void {
    this.out.push({ kind: "assign", local: this.localOf(value), value: expression });
  }

  private localOf(value: Value): Local {
    let local = this.locals.get(value);
    if (local === undefined) {
      const hint = hintFor(value, this.uses);
      // A record of shadows is called after the shadows.
      const kept = isRecord(value) ? this.uses.recorded.in(value) : null;
      const isOfShadows = kept !== null && kept.origin.role !== "primal";
      const isRenamed = isOfShadows || this.uses.isOfCounter(value);
      const origin = isRenamed ? { ...value.origin, variable: null } : value.origin;
      local = {
        type: value.type,
        origin,
        kind: "value",
        hint: hint === "" && isRenamed ? "start" : hint,
      };
      this.locals.set(value, local);
    }
    return local;
  }

  /** `test ? a : b`, or what it is short for. */
  private conditional(op: IfOp): Operand {
    const test = this.take(op.test);
    this.conditionals++;
    const [then, otherwise] = [op.then, op.else].map((region): Operand => {
      for (const inner of region.ops) this.operation(inner);
      const value = region.exit.kind === "yield" ? region.exit.values[0] : undefined;
      if (value === undefined) throw new Error("a branch without a value");
      return this.take(value);
    });
    this.conditionals--;
    if (then === undefined || otherwise === undefined) throw new Error("an if without branches");
    return {
      expression: conditional(test.expression, then.expression, otherwise.expression),
      reads: [...test.reads, ...then.reads, ...otherwise.reads],
      hasEffects: test.hasEffects || then.hasEffects || otherwise.hasEffects,
      operators: test.operators + then.operators + otherwise.operators + 2,
      width: test.width + then.width + otherwise.width + 6,
    };
  }

  // ---- Expressions that wait ---------------------------------------------------

  /** Writes down the expressions that may not wait until this operation is over. */
  private settle(op: Op): void {
    const writes = this.memory.writesOf(op);
    const isQuiet = isPlain(op) && this.memory.readsOf(op).length === 0;
    if (isQuiet && writes.length === 0) return;
    const consumed = new Set(operandsOf(op));
    for (const [value, waiting] of [...this.pending]) {
      if (consumed.has(value)) continue;
      const useInside = op.kind === "if" && this.uses.of(value).every(({ region }) => this.uses.isInside(region, op));
      const overwritten =
        !useInside && waiting.reads.some((one) => writes.some((write) => this.memory.mayOverlap(write, one)));
      if (waiting.hasEffects || overwritten) this.flush(value);
    }
  }

  private flush(value: Value): void {
    const waiting = this.pending.get(value);
    if (waiting === undefined) return;
    this.pending.delete(value);
    this.write(value, waiting.expression);
  }

  private take(value: Value): Operand {
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
    const local = this.locals.get(value);
    if (local === undefined) throw new Error("a value is used before it is written down");
    const width = local.origin.variable?.name.length ?? 3;
    return { expression: read(local), reads: [], hasEffects: false, operators: 0, width };
  }

  /** Operands of one operation; the largest get a variable where the expression would be too long to read. */
  private takeAll(values: readonly Value[], own: number, consumer?: Value): readonly Operand[] {
    const outerSpan = consumer?.origin.span ?? null;
    const isUsersOwn = (value: Value): boolean => {
      const { span, role } = value.origin;
      if (span === null || role !== "primal") return false;
      if (consumer === undefined) return true;
      return outerSpan?.file === span.file && outerSpan.start <= span.start && span.end <= outerSpan.end;
    };
    while (this.conditionals === 0) {
      const waiting = values.flatMap((value) => {
        const operand = this.pending.get(value);
        return operand === undefined ? [] : [{ value, operand }];
      });
      const operators = waiting.reduce((sum, { operand }) => sum + operand.operators, own);
      const width = waiting.reduce((sum, { operand }) => sum + operand.width, 4);
      const limit = waiting.some(({ value }) => isUsersOwn(value)) ? maximalOperatorsOfUser : maximalOperators;
      // `x += e`: a variable for e alone would say nothing
      const isUpdate = waiting.length === 1 && this.isUpdate(values, consumer) && width <= maximalUpdate;
      const isWholeStatement = own === 0 && waiting.length === 1;
      if (isWholeStatement || isUpdate || (operators <= limit && width <= maximalWidth)) break;
      const largest = waiting
        .filter(({ operand }) => operand.operators >= 2)
        .reduce<(typeof waiting)[number] | null>(
          (best, one) => (best === null || one.operand.operators > best.operand.operators ? one : best),
          null,
        );
      if (largest === null) break;
      // What was computed before keeps its place before.
      this.flush(largest.value);
    }
    return values.map((value) => this.take(value));
  }

  /** Is it the sum of something and a carried value, for the next iteration? */
  private isUpdate(operands: readonly Value[], result: Value | undefined): boolean {
    const op = result === undefined ? undefined : this.uses.definition(result)?.op;
    if (result === undefined || op?.kind !== "apply" || (op.primitive !== "add" && op.primitive !== "sub"))
      return false;
    const isCarried = operands.some((value) => this.uses.loopOf(value) !== null && !this.uses.isOfCounter(value));
    return isCarried && this.nesting.isHandedOver(result);
  }

  private move(to: readonly Value[], values: readonly Value[], at: "entry" | "join"): void {
    const moves = to.flatMap((target, k): readonly Move[] => {
      const value = values[k];
      if (value === undefined) return [];
      const { expression } = this.takeAll([value], 0)[0] ?? this.take(value);
      return this.isUsed(target) ? [{ to: this.localOf(target), value: expression }] : [];
    });
    if (moves.length > 0) this.out.push({ kind: "moves", moves, at });
  }

  // ---- Loops -----------------------------------------------------------------------

  private loop(op: LoopOp): void {
    const { range, body } = op;
    const [counterParam, ...params] = body.params;
    const [completed, started, ...results] = op.results;
    const slots = params.map((param, k): Local => {
      const result = results[k];
      const origin = param.origin.variable === null && result !== undefined ? result.origin : param.origin;
      const hint = param.type.kind === "boolean" ? "done" : "";
      const slot: Local = { type: param.type, origin, kind: "value", hint };
      this.locals.set(param, slot);
      if (result !== undefined) this.locals.set(result, slot);
      return slot;
    });
    const isNeeded = (value: Value | undefined): value is Value => value !== undefined && this.isUsed(value);
    const stops = mayStop(body, this.nesting, this.uses);
    const writes = this.memory.writesOf(op);
    if (range !== null) {
      const waiting = this.pending.get(range.to);
      const changes = waiting?.reads.some((one) => writes.some((write) => this.memory.mayOverlap(write, one)));
      const reused = !stops && (isNeeded(completed) || isNeeded(started));
      if (waiting !== undefined && (changes === true || reused || !isCheapBound(waiting.expression)))
        this.flush(range.to);
      if (reused) this.flush(range.from);
    }
    const entry: Move[] = slots.map((to, k) => {
      const value = op.initial[k];
      if (value === undefined) throw new Error("a carried value without a beginning");
      const [taken] = this.takeAll([value], 0);
      if (taken === undefined) throw new Error("a carried value without a beginning");
      return { to, value: taken.expression };
    });

    const count = (value: Value, hint: string): Local => {
      const local: Local = { type: integerType, origin: value.origin, kind: "value", hint };
      this.locals.set(value, local);
      this.out.push({ kind: "assign", local, value: literal(0) });
      return local;
    };
    const from = range === null ? null : this.take(range.from).expression;
    const to = range === null ? null : this.take(range.to).expression;
    const counter: Local = {
      type: counterParam?.type ?? integerType,
      origin: counterParam?.origin ?? inventedOrigin,
      kind: range === null ? "value" : "counter",
      hint: range === null ? "count" : "",
    };
    if (counterParam !== undefined) this.locals.set(counterParam, counter);
    const first = range?.step === 1 && from?.kind === "literal" ? from.value : null;
    const next = (local: Local): Statement => ({
      kind: "assign",
      local,
      value: first === 1 ? read(counter) : apply("add", read(first === 0 ? counter : local), literal(1)),
    });

    // Without a range the counter itself is how many iterations were completed.
    const rangelessCounter = range === null && (isNeeded(counterParam) || isNeeded(completed)) ? counter : null;
    if (rangelessCounter !== null) {
      if (completed !== undefined) this.locals.set(completed, rangelessCounter);
      this.out.push({ kind: "assign", local: rangelessCounter, value: literal(0) });
    }
    const counted = stops || range === null;
    const completedLocal = range !== null && counted && isNeeded(completed) ? count(completed, "steps") : null;
    const startedLocal = counted && isNeeded(started) ? count(started, "started") : null;
    if (entry.length > 0) this.out.push({ kind: "moves", moves: entry, at: "entry" });

    const end = (continues: boolean): void => {
      if (!continues) this.out.push({ kind: "break" });
      else if (rangelessCounter !== null)
        this.out.push({ kind: "assign", local: rangelessCounter, value: apply("add", read(counter), literal(1)) });
    };
    const leaf: Leaf = ([stop, ...carried]) => {
      const known = stop === undefined ? false : this.literalOf(stop);
      if (known === false && completedLocal !== null) this.out.push(next(completedLocal));
      const moves = slots.flatMap((slot, k): readonly Move[] => {
        const value = carried[k];
        if (value === undefined) return [];
        const [taken] = this.takeAll([value], 0);
        return taken === undefined ? [] : [{ to: slot, value: taken.expression }];
      });
      if (typeof known === "boolean") {
        if (moves.length > 0) this.out.push({ kind: "moves", moves, at: "iteration" });
        end(!known);
      } else if (stop !== undefined) {
        const stopping: Local = { type: stop.type, origin: inventedOrigin, kind: "value", hint: "stop" };
        moves.push({ to: stopping, value: this.take(stop).expression });
        this.out.push({ kind: "moves", moves, at: "iteration" });
        this.out.push({ kind: "if", test: read(stopping), then: [{ kind: "break" }], otherwise: [] });
        if (completedLocal !== null) this.out.push(next(completedLocal));
        end(true);
      }
    };
    const inside = this.region(body, leaf);
    const block = startedLocal === null ? inside : [next(startedLocal), ...inside];
    if (range === null || from === null || to === null) {
      this.out.push({ kind: "while", test: null, body: block });
      return;
    }
    const { step, inclusive } = range;
    this.out.push({ kind: "for", counter, from, to, step, inclusive, body: block });
    if (!counted) {
      const trips = tripCount(from, to, step, inclusive, range.to.type);
      for (const value of [completed, started]) if (isNeeded(value)) this.bindTrips(value, trips);
    }
  }

  private bindTrips(value: Value, expression: Expression): void {
    const [use, second] = this.uses.of(value);
    const region = this.uses.definition(value)?.region;
    const user = use?.op?.results[0];
    const isRepeated = user !== undefined && this.nesting.isFree(user);
    if (use?.region === region && use?.op !== null && second === undefined && !isRepeated) {
      this.pending.set(value, { expression, reads: [], hasEffects: false, operators: 2, width: 24 });
    } else this.write(value, expression);
  }

  private literalOf(value: Value): Literal | symbol {
    const op = this.uses.definition(value)?.op;
    return op?.kind === "constant" ? op.value : notLiteral;
  }
}

const notLiteral = Symbol("not a literal");

/** May an iteration of this loop be its last although the range goes on? */
function mayStop(region: Region, nesting: Nesting, uses: Uses): boolean {
  const leaf = (inner: Region, position: number): boolean => {
    if (inner.exit.kind !== "yield") return false;
    const stop = inner.exit.values[position];
    const branches = nesting.endsInBranches(inner);
    const result = stop === undefined || branches === null ? -1 : branches.results.indexOf(stop);
    if (branches !== null && result >= 0) return leaf(branches.then, result) || leaf(branches.else, result);
    const op = stop === undefined ? undefined : uses.definition(stop)?.op;
    return !(op?.kind === "constant" && op.value === false);
  };
  return leaf(region, 0);
}

function callsSomething(expression: Expression): boolean {
  return expression.kind === "call" || partsOf(expression).some(callsSomething);
}
