import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { writesOf } from "../analyze/effects.js";
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
import { someOperation } from "../ir/traverse.js";
import { counterTestOf, isTowards, type CounterTest } from "./counter-test.js";
import { leavesUntouched } from "./failing-test.js";
import { Bound } from "./movable-bound.js";
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
import { yieldPaths } from "./yield-paths.js";

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
      const test = counterTestOf(op, carried, this.aliases.definitions);
      if (test === null) continue;
      const bound = new Bound(this.aliases, loop, test, carried[test.counter], inside, operations, writes);
      if (!bound.canMove(test.to)) continue;
      if (!leavesUntouched(loop, test, this.aliases.definitions)) continue;
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

  /** The constant by which every path that goes on steps the counter. */
  private stepOf(yielded: readonly Value[], test: CounterTest, carried: readonly Value[]): number | null {
    const [stop, next, param] = [yielded[0], yielded[test.counter + 1], carried[test.counter]];
    if (stop === undefined || next === undefined || param === undefined) return null;
    const steps = new Set<number>();
    for (const { value, stops } of yieldPaths(stop, next, test, this.aliases.definitions)) {
      if (stops === true) continue;
      const { root, offset } = this.aliases.definitions.affine(value);
      if (root !== param) return null;
      steps.add(offset);
    }
    const [step, other] = steps;
    return step !== undefined && other === undefined && step !== 0 ? step : null;
  }

  /** Appends the loop with its range, and what is asked of it afterwards. */
  private convert(loop: LoopOp, test: CounterTest, range: Range, bound: Bound, out: Op[]): void {
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
      isFound &&
      yieldPaths(stop, next, test, this.aliases.definitions).some(
        ({ value, stops }) => stops !== false && value !== counter,
      );
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
