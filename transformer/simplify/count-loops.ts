import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { isPure, writesOf, type WriteLog } from "../analyze/effects.js";
import type { Compilation } from "../compilation.js";
import { makeValue } from "../ir/build.js";
import {
  integerType,
  numberType,
  type IRFunction,
  type LoopOp,
  type Op,
  type Origin,
  type Range,
  type Region,
  type Value,
} from "../ir/ir.js";
import { operandsOf, regionsOf, someOperation } from "../ir/traverse.js";
import {
  constantOp,
  countUses,
  rewriteRegion,
  Substitution,
  substituteRegion,
  withBody,
  withRegions,
  yieldedBy,
} from "./rewrite.js";

/**
 * Finds the range of a loop that counts.
 *
 *   loop carrying i = 0, s = s0 { c = lt i n; stop, i, s = if c { ...; yield false (add i 1) s' } else { yield true i s } }
 *   =>   loop i from 0 to n step 1 carrying s = s0 { ... }
 *
 * A carried integer that the loop tests before it has any effect, and that every path that goes on steps by the
 * same constant, is the counter; the other end must be the same in every iteration: defined outside, or computed
 * from such values and from memory that the loop does not write. Other ways out of the loop (`break`) stay as its
 * stop. What the counter is afterwards is computed, if anybody asks: from + step * completed.
 *
 * Safe because integers are stepped exactly, and because the loop did nothing in the iteration in which the test
 * failed: that is checked by following the body under the assumption that it fails.
 * Relies on inferIntegers. Afterwards the test in the body is the constant true; foldConstants takes the branch.
 */
export function countLoops(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, (op) => op.kind === "loop" && op.range === null)) return fn;
  const counting = new Counting(analyzeAliases(fn, compilation), countUses(fn));
  return withBody(fn, counting.region(fn.body));
}

/** A test of the counter, as it must hold for the loop to go on. */
interface Test {
  readonly result: Value;
  /** Position among the carried values. */
  readonly counter: number;
  /** What is added to the counter before it is compared: 1 in `i + 1 < n`. */
  readonly offset: number;
  readonly to: Value;
  readonly comparison: "lt" | "le" | "gt" | "ge" | "ne";
}

/** What a path through a body yields, and whether it stops the loop there (null: now and then). */
interface Leaf {
  readonly value: Value;
  readonly stop: Value;
  readonly stops: boolean | null;
}

const mirrored = { lt: "gt", le: "ge", gt: "lt", ge: "le", ne: "ne" } as const;

class Counting {
  private readonly substitution = new Substitution();

  constructor(
    private readonly aliases: Aliases,
    private readonly uses: ReadonlyMap<Value, number>,
  ) {}

  region(region: Region): Region {
    return rewriteRegion(region, this.substitution, (op, out) => {
      const next = withRegions(op, (inner) => this.region(inner));
      if (next.kind !== "loop" || next.range !== null || !this.count(next, out)) out.push(next);
    });
  }

  /** Appends the counted loop, or answers false where it does not count. */
  private count(loop: LoopOp, out: Op[]): boolean {
    const yielded = yieldedBy(loop.body);
    if (yielded === null) return false;
    const operations = new Map<Value, Op>();
    for (const op of loop.body.ops) for (const result of op.results) operations.set(result, op);
    const inside = new Set<Value>(loop.body.params);
    for (const result of operations.keys()) inside.add(result);
    const writes = writesOf(loop.body, this.aliases);
    const carried = loop.body.params.slice(1);

    for (const op of loop.body.ops) {
      const test = this.testOf(op, carried);
      if (test === null) continue;
      const bound = new Bound(this.aliases, loop, test, carried[test.counter], inside, operations, writes);
      if (!bound.canMove(test.to)) continue;
      if (!this.leavesUntouched(loop, test)) continue;
      const step = this.stepOf(yielded, test, carried);
      if (step === null || !isTowards(test, step)) continue;
      const from = loop.initial[test.counter];
      if (from === undefined || from.type.kind !== "integer") continue;
      if (test.comparison === "ne" && test.to.type.kind !== "integer") continue;
      this.convert(
        loop,
        test,
        { from, to: test.to, step, inclusive: test.comparison.endsWith("e") && test.comparison !== "ne" },
        bound,
        out,
      );
      return true;
    }
    return false;
  }

  private testOf(op: Op, carried: readonly Value[]): Test | null {
    const [result] = op.results;
    if (op.kind !== "apply" || result === undefined) return null;
    const { primitive } = op;
    if (primitive !== "lt" && primitive !== "le" && primitive !== "gt" && primitive !== "ge" && primitive !== "ne")
      return null;
    const [a, b] = op.args;
    if (a === undefined || b === undefined) return null;
    const isNumber = (value: Value): boolean => value.type.kind === "number" || value.type.kind === "integer";
    const counterIn = (value: Value, other: Value): Pick<Test, "counter" | "offset"> | null => {
      if (value.type.kind !== "integer" || !isNumber(other)) return null;
      const { root, offset } = this.aliases.definitions.affine(value);
      const counter = carried.findIndex((one) => one === root && one.type.kind === "integer");
      // `i + 1 < n` is `i < n - 1` of integers, but not of 1e-20
      return counter < 0 || (offset !== 0 && other.type.kind !== "integer") ? null : { counter, offset };
    };
    const left = counterIn(a, b);
    if (left !== null) return { result, ...left, to: b, comparison: primitive };
    const right = counterIn(b, a);
    return right === null ? null : { result, ...right, to: a, comparison: mirrored[primitive] };
  }

  /**
   * Follows the body under the assumption that the test fails: does it then do nothing but stop, with all carried
   * values as they came in?
   */
  private leavesUntouched(loop: LoopOp, test: Test): boolean {
    const known = new Map<Value, boolean>([[test.result, false]]);
    const same = new Map<Value, Value>();
    const resolve = (value: Value): Value => same.get(value) ?? value;
    const decide = (value: Value): boolean | null => {
      const outcome = known.get(resolve(value));
      if (outcome !== undefined) return outcome;
      const literal = this.aliases.definitions.literalOf(resolve(value));
      return typeof literal === "boolean" ? literal : null;
    };
    const follow = (region: Region): readonly Value[] | null => {
      for (const op of region.ops) {
        const [result] = op.results;
        if (op.kind === "apply" && result !== undefined) {
          const outcome = decideApplication(op.primitive, op.args.map(decide));
          if (outcome !== null) known.set(result, outcome);
        } else if (op.kind === "if") {
          const outcome = decide(op.test);
          if (outcome === null) {
            // either way nothing may happen, and the results stay unknown unless both sides agree
            const [then, otherwise] = [follow(op.then), follow(op.else)];
            if (then === null || otherwise === null) return null;
            op.results.forEach((value, k) => {
              const [a, b] = [then[k], otherwise[k]];
              if (a === undefined || b === undefined) return;
              if (resolve(a) === resolve(b)) same.set(value, resolve(a));
              const [x, y] = [decide(a), decide(b)];
              if (x !== null && x === y) known.set(value, x);
            });
            continue;
          }
          const taken = follow(outcome ? op.then : op.else);
          if (taken === null) return null;
          op.results.forEach((value, k) => {
            const by = taken[k];
            if (by === undefined) return;
            same.set(value, resolve(by));
            const decided = decide(by);
            if (decided !== null) known.set(value, decided);
          });
        } else if (!isPure(op) && op.kind !== "load" && op.kind !== "length") return null;
      }
      return yieldedBy(region);
    };
    const yielded = follow(loop.body);
    const [stop, ...finals] = yielded ?? [];
    if (stop === undefined || decide(stop) !== true) return false;
    return finals.every((value, k) => {
      const param = loop.body.params[k + 1];
      const final = resolve(value);
      return final === param || this.isConstantlyInitial(loop, k, final);
    });
  }

  /** A carried constant (a flag) that goes on as it began: whatever stops by the range leaves it so. */
  private isConstantlyInitial(loop: LoopOp, k: number, final: Value): boolean {
    const { definitions } = this.aliases;
    const [initial, param] = [loop.initial[k], loop.body.params[k + 1]];
    const literal = initial === undefined ? undefined : definitions.literalOf(initial);
    if (literal === undefined || !Object.is(definitions.literalOf(final), literal)) return false;
    const yielded = yieldedBy(loop.body);
    const [stop, value] = [yielded?.[0], yielded?.[k + 1]];
    if (stop === undefined || value === undefined) return false;
    return this.leaves(stop, value, null).every(
      (leaf) =>
        leaf.stops === true ||
        leaf.value === param ||
        // it goes on only where its own stop is false
        (leaf.value === leaf.stop && literal === false) ||
        Object.is(definitions.literalOf(leaf.value), literal),
    );
  }

  /** The values that may be yielded, by the paths through the `if`s that yield them, and whether each path stops the loop. */
  private leaves(stop: Value, value: Value, test: Test | null, found: Leaf[] = []): readonly Leaf[] {
    const { definitions } = this.aliases;
    const [ofStop, ofValue] = [definitions.of(stop), definitions.of(value)];
    const owner =
      ofValue?.kind === "result" && ofValue.op.kind === "if"
        ? ofValue.op
        : ofStop?.kind === "result" && ofStop.op.kind === "if"
          ? ofStop.op
          : null;
    if (owner === null || found.length > 200) {
      const literal = definitions.literalOf(stop);
      found.push({ value, stop, stops: typeof literal === "boolean" ? literal : null });
      return found;
    }
    for (const branch of [owner.then, owner.else]) {
      // the test holds on all paths that count
      if (test !== null && owner.test === test.result && branch === owner.else) continue;
      const yielded = yieldedBy(branch);
      if (yielded === null) continue; // it throws
      const follow = (one: Value): Value => {
        const definition = definitions.of(one);
        const mine = definition?.kind === "result" && definition.op === owner;
        return mine ? (yielded[definition.position] ?? one) : one;
      };
      this.leaves(follow(stop), follow(value), test, found);
    }
    return found;
  }

  /** The constant by which every path that goes on steps the counter. */
  private stepOf(yielded: readonly Value[], test: Test, carried: readonly Value[]): number | null {
    const [stop, next, param] = [yielded[0], yielded[test.counter + 1], carried[test.counter]];
    if (stop === undefined || next === undefined || param === undefined) return null;
    const steps = new Set<number>();
    for (const { value, stops } of this.leaves(stop, next, test)) {
      if (stops === true) continue;
      const { root, offset } = this.aliases.definitions.affine(value);
      if (root !== param) return null;
      steps.add(offset);
    }
    const [step, other] = steps;
    return step !== undefined && other === undefined && step !== 0 ? step : null;
  }

  private convert(loop: LoopOp, test: Test, range: Range, bound: Bound, out: Op[]): void {
    const [oldCounter, ...carried] = loop.body.params;
    const [completed, started, ...finals] = loop.results;
    const yielded = yieldedBy(loop.body) ?? [];
    const [counter, final] = [carried[test.counter], finals[test.counter]];
    if (oldCounter === undefined || counter === undefined || completed === undefined || started === undefined) return;
    if (final === undefined) return;
    const isUsed = (value: Value): boolean => (this.uses.get(value) ?? 0) > 0;

    const moved = bound.move(test.to);
    out.push(...moved.ops);
    const to = movedBy(moved.to, -test.offset, out);

    // where a path stops with the counter stepped already, only the loop itself knows its last value
    const stop = yielded[0];
    const next = yielded[test.counter + 1];
    const isFound = stop !== undefined && next !== undefined;
    const stopsElsewhere =
      isFound && this.leaves(stop, next, test).some(({ value, stops }) => stops !== false && value !== counter);
    const keepsFinal = isUsed(final) && stopsElsewhere;

    const keep = <T>(values: readonly T[], ahead: number): readonly T[] =>
      keepsFinal ? values : values.filter((_, k) => k - ahead !== test.counter);
    const newCounter: Value = keepsFinal ? { type: integerType, origin: counter.origin } : counter;
    const body: Op[] = [];
    const within = new Substitution();
    if (keepsFinal) within.replace(counter, newCounter);
    if (isUsed(oldCounter)) within.replace(oldCounter, iterationsBefore(newCounter, range, oldCounter.origin, body));
    for (const op of loop.body.ops) {
      if (moved.operations.has(op)) continue;
      body.push(op.results[0] === test.result ? constantOp(true, test.result) : op);
    }
    const region = substituteRegion(
      {
        params: [newCounter, ...keep(carried, 0)],
        ops: body,
        exit: { kind: "yield", values: keep(yielded, 1) },
      },
      within,
    );
    const count: Value = { type: integerType, origin: completed.origin };
    out.push({
      kind: "loop",
      results: [count, { type: integerType, origin: started.origin }, ...keep(finals, 0)],
      range: { ...range, to },
      initial: keep(loop.initial, 0),
      body: region,
      ...(loop.checkpoint === undefined ? {} : { checkpoint: loop.checkpoint }),
    });
    this.substitution.replace(completed, count);
    if (isUsed(started)) {
      // the iteration whose test failed had begun
      const one = constantOp(1);
      out.push(one, { kind: "apply", results: [started], primitive: "add", args: [count, one.results[0]] });
    }
    if (!keepsFinal && isUsed(final)) writeEnd(final, range, count, out);
  }
}

/** How many iterations came before the one in which a counter has this value. */
function iterationsBefore(counter: Value, { from, step }: Range, origin: Origin, out: Op[]): Value {
  const distance = makeValue(integerType, origin);
  out.push({
    kind: "apply",
    results: [distance],
    primitive: "sub",
    args: step > 0 ? [counter, from] : [from, counter],
  });
  if (Math.abs(step) === 1) return distance;
  const divisor = constantOp(Math.abs(step));
  const quotient = makeValue(numberType, origin);
  const count = makeValue(integerType, origin);
  out.push(
    divisor,
    { kind: "apply", results: [quotient], primitive: "div", args: [distance, divisor.results[0]] },
    { kind: "apply", results: [count], primitive: "floor", args: [quotient] },
  );
  return count;
}

/** What the counter of a range is after so many iterations. */
function writeEnd(final: Value, { from, step }: Range, count: Value, out: Op[]): void {
  const primitive = step > 0 ? "add" : "sub";
  if (Math.abs(step) === 1) {
    out.push({ kind: "apply", results: [final], primitive, args: [from, count] });
    return;
  }
  const size = constantOp(Math.abs(step));
  const way = makeValue(integerType, { ...final.origin, variable: null });
  out.push(
    size,
    { kind: "apply", results: [way], primitive: "mul", args: [count, size.results[0]] },
    { kind: "apply", results: [final], primitive, args: [from, way] },
  );
}

/** `value + offset` */
function movedBy(value: Value, offset: number, out: Op[]): Value {
  if (offset === 0) return value;
  const [distance, sum] = [constantOp(Math.abs(offset)), makeValue(integerType, { ...value.origin, variable: null })];
  const primitive = offset > 0 ? "add" : "sub";
  out.push(distance, { kind: "apply", results: [sum], primitive, args: [value, distance.results[0]] });
  return sum;
}

function decideApplication(primitive: string, args: readonly (boolean | null)[]): boolean | null {
  const [a, b] = args;
  if (primitive === "not") return a === null || a === undefined ? null : !a;
  if (primitive === "and") return a === false || b === false ? false : a === true && b === true ? true : null;
  if (primitive === "or") return a === true || b === true ? true : a === false && b === false ? false : null;
  return null;
}

function isTowards({ comparison }: Test, step: number): boolean {
  switch (comparison) {
    case "lt":
    case "le":
      return step > 0;
    case "gt":
    case "ge":
      return step < 0;
    case "ne":
      return Math.abs(step) === 1;
  }
}

/** The end of the range: where it is computed in the loop, the operations that compute it move out. */
class Bound {
  private readonly movable = new Set<Value>();

  constructor(
    private readonly aliases: Aliases,
    private readonly loop: LoopOp,
    private readonly test: Test,
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
