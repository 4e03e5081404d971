/**
 * Gives a scratch array a row for each iteration that it serves, where what it holds would be recorded (array expansion;
 * Feautrier, ICS 1988).
 *
 *   h = zeros d; for s { for c from 0 to k { for i from 0 to d { h[i] = ... }; ... h[i] ... } }
 *     =>   h = zeros (d * k); for s { for c from 0 to k { for i from 0 to d { h[c * d + i] = ... }; ... h[c * d + i] ... } }
 *
 * A record of what is read from h in all iterations of c would be as large, and would have to be filled besides. Only
 * within iterations that run again (s): there the rows are few, and so are those of the shadow.
 */
import { mayStop } from "../analyze/trip-counts.js";
import type { Recording } from "../analyze/to-be-recorded.js";
import { Block } from "../ir/build.js";
import { operandsOf, rebuild, regionsOf, walk } from "../ir/traverse.js";
import type { AccumulateOp, AllocateOp, IRFunction, LoadOp, LoopOp, Op, Region, StoreOp, Value } from "../ir/ir.js";
import type { Facts } from "./facts.js";

/** The primal with the rows; the same one where there are none to make. */
export function expandScratch(primal: IRFunction, facts: Facts, recording: Recording): IRFunction {
  const expansions = chooseExpansions(facts, recording);
  return expansions.size === 0 ? primal : { ...primal, body: rewrite(primal.body, expansions, new Map()) };
}

/** A row of `length` for each iteration of the loop whose first result is `loop`. */
interface Expansion {
  readonly loop: Value;
  /** How many iterations, where it is not negative. */
  readonly count: Value | number;
  readonly length: Value;
}

/** By array. */
type Expansions = ReadonlyMap<Value, Expansion>;

function chooseExpansions(facts: Facts, recording: Recording): Expansions {
  const { tree, aliases, arrays, bounds, fn } = facts;
  const { definitions } = aliases;

  /** The outermost loop, of those in the iterations that run again, to each iteration of which the array is private. */
  const loopFor = (load: LoadOp): LoopOp | null => {
    const { base } = load.at;
    const around = tree.loopsAround(tree.placeOf(load).region);
    const replayed = around.findLastIndex((loop) => recording.isReplayed(loop));
    if (replayed < 0) return null;
    return around.slice(replayed + 1).find((loop) => arrays.isPrivateTo(loop, base)) ?? null;
  };
  const isWhole = ({ range }: LoopOp, length: Value): boolean =>
    range !== null &&
    range.step === 1 &&
    !range.inclusive &&
    range.to === length &&
    definitions.isLiteral(range.from, 0);
  const isMadeBefore = (value: Value, made: AllocateOp): boolean => {
    const { op, region } = tree.definitionOf(value);
    const place = tree.placeOf(made);
    return tree.isWithin(place.region, region) && (op === null || tree.placeOf(op).order < place.order);
  };
  /** Is the array nothing but a place for numbers, all of them inside, in the iterations of one loop? */
  const isTableIn = (loop: LoopOp, base: Value): boolean => {
    let isTable = true;
    walk(fn.body, (op, region) => {
      if (facts.shadowOps.has(op) || !operandsOf(op).includes(base)) return;
      const isAccess = op.kind === "load" || op.kind === "store" || op.kind === "accumulate";
      const isOwn = isAccess && op.at.base === base && tree.isWithin(region, loop.body) && bounds.isInside(op);
      if (!isOwn) isTable = false;
    });
    return isTable;
  };

  const expansions = new Map<Value, Expansion>();
  const consider = (load: LoadOp): void => {
    const { base } = load.at;
    const { op: made } = tree.definitionOf(base);
    if (made?.kind !== "allocate" || made.initial.kind !== "zeros" || facts.shadowOps.has(load)) return;
    const { length } = made.initial;
    const loop = loopFor(load);
    const [first] = loop?.results ?? [];
    if (loop === null || first === undefined || loop.range === null || mayStop(loop)) return;
    const { to } = loop.range;
    const literal = definitions.literalOf(to);
    const count = typeof literal === "number" ? literal : isMadeBefore(to, made) ? to : null;
    const inner = tree.loopsAround(tree.placeOf(load).region);
    const readsAll = inner.slice(inner.indexOf(loop) + 1).some((one) => isWhole(one, length));
    if (count === null || !isWhole(loop, to) || !readsAll || tree.isWithin(tree.definitionOf(base).region, loop.body))
      return;
    if (isTableIn(loop, base)) expansions.set(base, { loop: first, count, length });
  };
  const visit = (region: Region): void => {
    for (const value of recording.recordedIn(region)) {
      const { op } = tree.definitionOf(value);
      if (op?.kind === "load" && op.at.kind === "element") consider(op);
    }
    for (const op of region.ops) regionsOf(op).forEach(visit);
  };
  visit(fn.body);
  return expansions;
}

/** `rows`: where the row of this iteration begins, by array. */
function rewrite(region: Region, expansions: Expansions, rows: ReadonlyMap<Value, Value>): Region {
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const [result] = op.results;
    const expansion = result === undefined ? undefined : expansions.get(result);
    if (op.kind === "allocate" && op.initial.kind === "zeros" && expansion !== undefined) {
      const block = new Block(false);
      const { count, length: row } = expansion;
      const iterations = typeof count === "number" ? block.constant(count) : count;
      const length = block.apply("mul", [row, block.apply("max", [iterations, block.constant(0)])]);
      return [...block.ops, { ...op, initial: { ...op.initial, length } }];
    }
    if (op.kind === "load" || op.kind === "store" || op.kind === "accumulate") return inRow(op, rows);
    const begun = new Map(rows);
    const starts = new Block(false);
    for (const [base, { loop, length }] of op.kind === "loop" ? expansions : []) {
      const [counter] = op.kind === "loop" ? op.body.params : [];
      if (loop === result && counter !== undefined) begun.set(base, starts.apply("mul", [counter, length]));
    }
    const enter = (inner: Region): Region => {
      const rewritten = rewrite(inner, expansions, begun);
      return { ...rewritten, ops: [...starts.ops, ...rewritten.ops] };
    };
    return [rebuild(op, { value: same, result: same, region: enter })];
  });
  return { ...region, ops };
}

const same = (value: Value): Value => value;

function inRow(op: LoadOp | StoreOp | AccumulateOp, rows: ReadonlyMap<Value, Value>): readonly Op[] {
  const { at } = op;
  const row = rows.get(at.base);
  if (row === undefined || at.kind !== "element") return [op];
  const block = new Block(false);
  const index = block.apply("add", [row, at.index]);
  return [...block.ops, { ...op, at: { ...at, index } }];
}
