/**
 * IR -> statements and nested expressions.
 *
 *   t1 = load x[i]; t2 = mul t1 t1; t3 = add s t2   =>   s = s + x[i] * x[i]
 *
 * One variable for each value that is not nested; `coalesce` merges them afterwards. Expressions wait until they
 * are used (`waiting.ts`), and effects keep their order.
 */
import {
  integerType,
  inventedOrigin,
  type IfOp,
  type IRFunction,
  type Literal,
  type LoopOp,
  type Op,
  type Range,
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
import { WaitingExpressions } from "./waiting.js";

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

/** What becomes of the values that a region hands over. */
type Leaf = (values: readonly Value[]) => void;

/** How the iterations of a loop are counted. */
interface Counts {
  /** The counter of the loop, or of its iterations where there is no range. */
  readonly counter: Local;
  /** The same, where there is no range and somebody asks for it. */
  readonly own: Local | null;
  readonly completed: Local | null;
  readonly started: Local | null;
  /** Counts an iteration. */
  readonly next: (local: Local) => Statement;
}

class Scheduler {
  private readonly uses: Uses;
  private readonly memory: Memory;
  private readonly nesting: Nesting;
  private readonly locals = new Map<Value, Local>();
  private readonly sinkable = new Map<Local, Value>();
  private readonly waiting: WaitingExpressions;
  private out: Statement[] = [];

  constructor(
    private readonly fn: IRFunction,
    sunk: ReadonlySet<Value>,
  ) {
    this.uses = findUses(fn);
    this.memory = analyzeMemory(fn, this.uses);
    this.nesting = decideNesting(fn, this.uses, this.memory, sunk);
    this.waiting = new WaitingExpressions(this.uses, this.memory, this.nesting, {
      write: (value, expression) => this.write(value, expression),
      variableOf: (value) => this.locals.get(value) ?? null,
    });
  }

  run(): Schedule {
    const params = this.fn.params.map(({ value, name }): Local => {
      const local: Local = { type: value.type, origin: value.origin, kind: "parameter", hint: name };
      this.locals.set(value, local);
      return local;
    });
    const body = this.region(this.fn.body, (values) => {
      const taken = this.waiting.takeAll(values, 0);
      this.out.push({ kind: "return", values: taken.map(({ expression }) => expression) });
    });
    return { params, body, sinkable: this.sinkable };
  }

  // ---- Regions -----------------------------------------------------------------

  private region(region: Region, leaf: Leaf): Block {
    const outer = this.out;
    this.out = [];
    this.waiting.during(region, () => this.walk(region, leaf));
    const block = this.out;
    this.out = outer;
    return block;
  }

  private walk(region: Region, leaf: Leaf): void {
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
      this.out.push({ kind: "throw", value: this.waiting.take(exit.value).expression });
    } else leaf(exit.values);
  }

  private branches(op: IfOp, leaf: Leaf): void {
    this.waiting.settle(op);
    const test = this.waiting.take(op.test).expression;
    const then = this.region(op.then, leaf);
    const otherwise = this.region(op.else, leaf);
    this.out.push({ kind: "if", test, then, otherwise });
  }

  // ---- Operations ----------------------------------------------------------------

  private operation(op: Op): void {
    const [result] = op.results;
    if (op.kind === "constant" || (result !== undefined && this.nesting.isFree(result))) return;
    if (isPlain(op) && op.results.every((value) => this.uses.of(value).length === 0)) return;
    this.waiting.settle(op);
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
        const waiting = op.kind === "accumulate" ? this.waiting.find(op.value) : null;
        if (waiting !== null && callsSomething(waiting.expression)) this.waiting.writeDown(op.value);
        const [base, ...rest] = this.waiting.takeAll(operandsOf(op), 1);
        const value = rest.at(-1)?.expression;
        if (base === undefined || value === undefined) return;
        const index = rest[0]?.expression ?? value;
        const of = op.at.base.type;
        const place =
          op.at.kind === "element"
            ? ({ kind: "element", base: base.expression, index, of } as const)
            : ({ kind: "field", base: base.expression, field: op.at.field, of } as const);
        const isRemoval = op.kind === "store" && op.removes === true;
        this.out.push(isRemoval ? { kind: "store", place, value, removes: true } : { kind: op.kind, place, value });
        return;
      }
      default: {
        const operands = this.waiting.takeAll(operandsOf(op), 1, op.results[0]);
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
      this.waiting.add(result, computed);
    } else {
      this.write(result, computed.expression);
      if (isPlain(op) && this.nesting.isHandedOver(result)) this.sinkable.set(this.localOf(result), result);
    }
  }

  private isUsed(value: Value): boolean {
    return this.uses.of(value).length > 0;
  }

  private isNeeded(value: Value | undefined): value is Value {
    return value !== undefined && this.isUsed(value);
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
    const test = this.waiting.take(op.test);
    const alternative = (region: Region): Operand => {
      for (const inner of region.ops) this.operation(inner);
      const value = region.exit.kind === "yield" ? region.exit.values[0] : undefined;
      if (value === undefined) throw new Error("a branch without a value");
      return this.waiting.take(value);
    };
    const [then, otherwise] = this.waiting.asOne(() => [alternative(op.then), alternative(op.else)] as const);
    return {
      expression: conditional(test.expression, then.expression, otherwise.expression),
      reads: [...test.reads, ...then.reads, ...otherwise.reads],
      hasEffects: test.hasEffects || then.hasEffects || otherwise.hasEffects,
      operators: test.operators + then.operators + otherwise.operators + 2,
      width: test.width + then.width + otherwise.width + 6,
    };
  }

  private move(to: readonly Value[], values: readonly Value[], at: "entry" | "join"): void {
    const moves = to.flatMap((target, k): readonly Move[] => {
      const value = values[k];
      if (value === undefined) return [];
      const { expression } = this.waiting.take(value);
      return this.isUsed(target) ? [{ to: this.localOf(target), value: expression }] : [];
    });
    if (moves.length > 0) this.out.push({ kind: "moves", moves, at });
  }

  // ---- Loops -----------------------------------------------------------------------

  private loop(op: LoopOp): void {
    const { range, body } = op;
    const [completed, started] = op.results;
    const slots = this.slotsOf(op);
    const isCounted = range === null || mayStop(body, this.nesting, this.uses);
    if (range !== null)
      this.settleBounds(op, range, !isCounted && (this.isNeeded(completed) || this.isNeeded(started)));
    const entry = slots.map((to, k): Move => {
      const value = op.initial[k];
      if (value === undefined) throw new Error("a carried value without a beginning");
      return { to, value: this.waiting.take(value).expression };
    });
    const from = range === null ? null : this.waiting.take(range.from).expression;
    const to = range === null ? null : this.waiting.take(range.to).expression;
    const counts = this.beginCounts(op, from, isCounted);
    if (entry.length > 0) this.out.push({ kind: "moves", moves: entry, at: "entry" });

    const inside = this.region(body, (values) => this.endIteration(values, slots, counts));
    const block = counts.started === null ? inside : [counts.next(counts.started), ...inside];
    if (range === null || from === null || to === null) {
      this.out.push({ kind: "while", test: null, body: block });
      return;
    }
    const { step, inclusive } = range;
    this.out.push({ kind: "for", counter: counts.counter, from, to, step, inclusive, body: block });
    if (isCounted) return;
    const trips = tripCount(from, to, step, inclusive, range.to.type);
    for (const value of [completed, started]) if (this.isNeeded(value)) this.bindTrips(value, trips);
  }

  /** A variable for each carried value, and for what the loop gives of it. */
  private slotsOf({ body, results }: LoopOp): readonly Local[] {
    const [, ...params] = body.params;
    return params.map((param, k) => {
      const result = results[k + 2];
      const origin = param.origin.variable === null && result !== undefined ? result.origin : param.origin;
      const hint = param.type.kind === "boolean" ? "done" : "";
      const slot: Local = { type: param.type, origin, kind: "value", hint };
      this.locals.set(param, slot);
      if (result !== undefined) this.locals.set(result, slot);
      return slot;
    });
  }

  /** The bounds stand in the head of the loop where they are cheap, stay the same, and nothing else reads them. */
  private settleBounds(op: LoopOp, { from, to }: Range, areReused: boolean): void {
    const waiting = this.waiting.find(to);
    const writes = this.memory.writesOf(op);
    const changes = waiting?.reads.some((one) => writes.some((write) => this.memory.mayOverlap(write, one)));
    if (waiting !== null && (changes === true || areReused || !isCheapBound(waiting.expression)))
      this.waiting.writeDown(to);
    if (areReused) this.waiting.writeDown(from);
  }

  /** Variables for how many iterations were begun and completed, where somebody asks and the range does not tell. */
  private beginCounts(op: LoopOp, from: Expression | null, isCounted: boolean): Counts {
    const { range } = op;
    const [counterParam] = op.body.params;
    const [completed, started] = op.results;
    const counter: Local = {
      type: counterParam?.type ?? integerType,
      origin: counterParam?.origin ?? inventedOrigin,
      kind: range === null ? "value" : "counter",
      hint: range === null ? "count" : "",
    };
    if (counterParam !== undefined) this.locals.set(counterParam, counter);
    const beginAtZero = (local: Local): Local => {
      this.out.push({ kind: "assign", local, value: literal(0) });
      return local;
    };
    const count = (value: Value, hint: string): Local => {
      const local: Local = { type: integerType, origin: value.origin, kind: "value", hint };
      this.locals.set(value, local);
      return beginAtZero(local);
    };
    // Without a range the counter itself is how many iterations were completed.
    const isOwn = range === null && (this.isNeeded(counterParam) || this.isNeeded(completed));
    if (isOwn && completed !== undefined) this.locals.set(completed, counter);
    const first = range?.step === 1 && from?.kind === "literal" ? from.value : null;
    return {
      counter,
      own: isOwn ? beginAtZero(counter) : null,
      completed: range !== null && isCounted && this.isNeeded(completed) ? count(completed, "steps") : null,
      started: isCounted && this.isNeeded(started) ? count(started, "started") : null,
      next: (local) => ({
        kind: "assign",
        local,
        value: first === 1 ? read(counter) : apply("add", read(first === 0 ? counter : local), literal(1)),
      }),
    };
  }

  /** `[stop, ...carried]`: the way out, and what the next iteration begins with. */
  private endIteration([stop, ...carried]: readonly Value[], slots: readonly Local[], counts: Counts): void {
    const known = stop === undefined ? false : this.literalOf(stop);
    if (known === false && counts.completed !== null) this.out.push(counts.next(counts.completed));
    const moves = slots.flatMap((slot, k): readonly Move[] => {
      const value = carried[k];
      return value === undefined ? [] : [{ to: slot, value: this.waiting.take(value).expression }];
    });
    const goOn = (): void => {
      const { own, counter } = counts;
      if (own !== null) this.out.push({ kind: "assign", local: own, value: apply("add", read(counter), literal(1)) });
    };
    if (typeof known === "boolean") {
      if (moves.length > 0) this.out.push({ kind: "moves", moves, at: "iteration" });
      if (known) this.out.push({ kind: "break" });
      else goOn();
    } else if (stop !== undefined) {
      const stopping: Local = { type: stop.type, origin: inventedOrigin, kind: "value", hint: "stop" };
      moves.push({ to: stopping, value: this.waiting.take(stop).expression });
      this.out.push({ kind: "moves", moves, at: "iteration" });
      this.out.push({ kind: "if", test: read(stopping), then: [{ kind: "break" }], otherwise: [] });
      if (counts.completed !== null) this.out.push(counts.next(counts.completed));
      goOn();
    }
  }

  private bindTrips(value: Value, expression: Expression): void {
    const [use, second] = this.uses.of(value);
    const region = this.uses.definition(value)?.region;
    const user = use?.op?.results[0];
    const isRepeated = user !== undefined && this.nesting.isFree(user);
    if (use?.region === region && use?.op !== null && second === undefined && !isRepeated) {
      this.waiting.add(value, { expression, reads: [], hasEffects: false, operators: 2, width: 24 });
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
