/**
 * The reverse of control: an `if` becomes an `if` with the same test, a loop a loop that runs
 * backwards and carries adjoints.
 */
import { lastCounter } from "../analyze/trip-counts.js";
import { makeValue } from "../ir/build.js";
import { freeValues, walk } from "../ir/traverse.js";
import { integerType, numberType, type IfOp, type LoopOp, type Range, type Region, type Value } from "../ir/ir.js";
import { isCheckpointed } from "./checkpoints.js";
import { takeRun } from "./checkpointed-runs.js";
import { isActiveNumber, knownBranch, yieldsOf, type Facts } from "./facts.js";
import { countAt, define, enterLoop, hoistRecords, reversedCount } from "./forward-sweep.js";
import { carryExchanges } from "./exchanges.js";
import { bindInductions, carryInductions } from "./inductions.js";
import { stateOf } from "./loop-state.js";
import { bringBack, keepFinal, stepAgain } from "./reverse-steps.js";
import { iterationNumber, nestsWithin, recordsOf } from "./records.js";
import { beside } from "./shadow-type.js";
import {
  addAdjoint,
  frameOf,
  innerSite,
  takeAdjoint,
  twinOf,
  twinOrUnneeded,
  type ForwardRun,
  type Frame,
  type Site,
  type Sweep,
} from "./sweep.js";

// ---- if -----------------------------------------------------------------

/** The adjoints of an `if`'s results, taken before its branches are reversed. */
function takeResults(op: IfOp, site: Site): readonly (Value | null)[] {
  return op.results.map((result) => takeAdjoint(site, result));
}

/** In a branch, what the `if` yields receives the adjoints of its results. */
function giveYields(sweep: Sweep, region: Region, adjoints: readonly (Value | null)[], site: Site): void {
  yieldsOf(region.exit).forEach((value, index) => {
    const adjoint = adjoints[index] ?? null;
    if (adjoint !== null && isActiveNumber(value, sweep.facts)) addAdjoint(site, value, adjoint);
  });
}

/** Keys that a branch changed and that outlive it. */
function outlive(
  sweep: Sweep,
  site: Site,
  branches: readonly { readonly region: Region; readonly inner: Site }[],
): readonly object[] {
  const { tree } = sweep.facts;
  const isLocal = (key: object, region: Region): boolean =>
    isValue(key) ? tree.isWithin(tree.definitionOf(key).region, region) : site.cells.get(key) === null;
  const keys = branches.flatMap(({ region, inner }) => inner.cells.changed().filter((key) => !isLocal(key, region)));
  return [...new Set(keys)];
}

const isValue = (key: object): key is Value => "origin" in key;

/** Emits an `if` with the same test, which reverses the branch that was taken. */
export function reverseIf(sweep: Sweep, op: IfOp, site: Site): void {
  const adjoints = takeResults(op, site);
  const known = knownBranch(op, sweep.stops.notTaken);
  if (known !== null) {
    giveYields(sweep, known, adjoints, site);
    sweep.regions.reversed(sweep, known, site);
    return;
  }
  const branches = [op.then, op.else].map((region) => {
    const inner = innerSite(site);
    giveYields(sweep, region, adjoints, inner);
    sweep.regions.reversed(sweep, region, inner);
    return { region, inner };
  });
  closeIf(sweep, twinOf(site, op.test), branches, site, () => [], []);
}

/** Forward and reverse of an `if` that nothing active follows, in one `if`. */
export function reverseJoinedIf(sweep: Sweep, op: IfOp, site: Site, run: ForwardRun): void {
  const adjoints = takeResults(op, site);
  const branches = [op.then, op.else].map((region) => {
    const inner = innerSite(site);
    giveYields(sweep, region, adjoints, inner);
    sweep.regions.joined(sweep, region, inner, run);
    return { region, inner };
  });
  closeIf(
    sweep,
    twinOf(site, op.test),
    branches,
    site,
    ({ region, inner }) => yieldsOf(region.exit).map((value) => twinOrUnneeded(inner, value)),
    op.results.map((result) => define(result, site, run)),
  );
}

type Branch = { readonly region: Region; readonly inner: Site };

function closeIf(
  sweep: Sweep,
  test: Value,
  branches: readonly Branch[],
  site: Site,
  primalYields: (branch: Branch) => readonly Value[],
  primalResults: readonly Value[],
): void {
  const keys = outlive(
    sweep,
    site,
    branches.filter(({ region }) => region.exit.kind !== "throw"),
  );
  const outgoing = keys.map((key) => ({
    key,
    result: isValue(key) ? makeValue(numberType, beside(key, "adjoint")) : likeState(key, branches),
  }));
  const [then, otherwise] = branches.map((branch) => {
    const { region, inner } = branch;
    if (region.exit.kind === "throw") {
      return inner.block.region([], { kind: "throw", value: twinOrUnneeded(inner, region.exit.value) });
    }
    const primal = primalYields(branch);
    return inner.block.yield([], [...primal, ...keys.map((key) => inner.cells.get(key) ?? inner.block.constant(0))]);
  });
  if (then === undefined || otherwise === undefined) return;
  if (then.exit.kind === "throw" && otherwise.exit.kind === "throw") {
    site.block.if(test, then, otherwise, []);
    return;
  }
  site.block.if(test, then, otherwise, [...primalResults, ...outgoing.map(({ result }) => result)]);
  for (const { key, result } of outgoing) site.cells.set(key, result);
}

/** A value for a state (a position, a record that grows) that a branch changed. */
function likeState(key: object, branches: readonly Branch[]): Value {
  const sample = branches.map(({ inner }) => inner.cells.get(key)).find((value) => value !== null) ?? null;
  return sample === null ? makeValue(integerType) : makeValue(sample.type, sample.origin);
}

// ---- loops -----------------------------------------------------------------

/** The range of a reversed loop and how its counter gives the primal's. */
interface Reversal {
  readonly range: Range;
  /** Does the counter of the reversed loop run over the primal's own, or over iteration numbers? */
  readonly counts: "counter" | "iterations";
}

function reversalOf(sweep: Sweep, op: LoopOp, site: Site): Reversal {
  const { block } = site;
  if (op.range !== null && sweep.stops.shapes.get(op)?.kind === "never") {
    const [from, to] = [twinOf(site, op.range.from), twinOf(site, op.range.to)];
    if (sweep.recording.isInOrder(op)) return { range: { ...op.range, from, to }, counts: "counter" };
    const last = lastCounter(block, { ...op.range, from, to });
    return { range: { from: last, to: from, step: -op.range.step, inclusive: true }, counts: "counter" };
  }
  const count = reversedCount(sweep, op);
  if (count === undefined) throw new Error("a loop has no count");
  const last = block.apply("sub", [twinOf(site, count), block.constant(1)]);
  return { range: { from: last, to: block.constant(0), step: -1, inclusive: true }, counts: "iterations" };
}

/** Scalars from outside whose adjoints grow inside a loop. */
function touchedOutside(op: LoopOp, facts: Facts): readonly Value[] {
  return freeValues(op.body).filter((value) => isActiveNumber(value, facts));
}

/** Emits a loop that runs through the iterations backwards, each with the adjoints of what it did. */
export function reverseLoop(sweep: Sweep, op: LoopOp, site: Site): void {
  const { facts, recording } = sweep;
  const isReplayed = recording.isReplayed(op);
  const reversal = reversalOf(sweep, op, site);

  // The frame: which records are read back in this loop, and where its own begin.
  const frame = isReplayed ? null : (site.frame ?? nestOf(sweep, op, site));
  if (frame?.records.has(op) === true) beginOfRun(sweep, op, site);
  const positions = [...(frame?.records.values() ?? [])]
    .filter(({ chain, loop, layout }) => layout !== "counted" && loop !== op && chain.includes(op))
    .map(({ loop }) => sweep.positionKey(loop));
  const grown = isReplayed ? hoistRecords(sweep, op, site) : grownIn(sweep, op, site);

  // What the reversed loop carries: the adjoints of the carried values, of scalars outside, positions.
  const carried = carriedAdjoints(op, facts, site);
  const outside = touchedOutside(op, facts).map((value) => ({
    key: value,
    start: site.cells.get(value) ?? site.block.constant(0),
    ...pair(beside(value, "adjoint"), numberType),
  }));
  const states = [...positions, ...grown].flatMap((key) => {
    const start = site.cells.get(key);
    return start === null ? [] : [{ key, start, ...pair(start.origin, start.type) }];
  });

  const isStepwise = isCheckpointed(sweep, op);
  if (isStepwise) takeRun(sweep, op, site);
  const restoreFinal = isStepwise ? keepFinal(sweep, op, site) : () => undefined;

  const inner = innerSite({ ...site, frame: null });
  const [primalCounter] = op.body.params;
  const counter = makeValue(integerOr(primalCounter), primalCounter?.origin);
  for (const { key, inside } of [...outside, ...states]) inner.cells.set(key, inside);
  for (const { yielded, inside } of carried) {
    if (isActiveNumber(yielded, facts)) addAdjoint(inner, yielded, inside);
  }
  const from = op.range === null ? null : twinOf(site, op.range.from);
  const number = bindCounter(op, reversal, counter, from, inner);
  if (isStepwise) bringBack(sweep, op, number, inner);
  else bindInductions(sweep, op, number, inner);
  const others = [...carryInductions(sweep, op, site, inner), ...carryExchanges(sweep, op, site, inner)];
  const bodySite: Site = { ...inner, frame: frame === null ? null : enterLoop(sweep, op, frame, number, inner) };

  if (isStepwise) sweep.regions.joined(sweep, op.body, bodySite, stepAgain(stateOf(op, facts, recording), true));
  else if (isReplayed) sweep.regions.joined(sweep, op.body, bodySite, runAgain(sweep, op));
  else sweep.regions.reversed(sweep, op.body, bodySite);

  const stop = inner.block.constant(false);
  const zero = inner.block.constant(0);
  const values = [
    ...carried.map(({ param }) => takeAdjoint(inner, param) ?? zero),
    ...[...outside, ...states].map(({ key, inside }) => inner.cells.get(key) ?? inside),
    ...others.map(({ next }) => next()),
  ];
  const all = [...carried, ...outside, ...states, ...others];
  site.block.loop(
    reversal.range,
    all.map(({ start }) => start),
    inner.block.yield([counter, ...all.map(({ inside }) => inside)], [stop, ...values]),
    [makeValue(integerType), makeValue(integerType), ...all.map(({ after }) => after)],
  );
  for (const { key, after } of [...outside, ...states]) site.cells.set(key, after);
  for (const { initial, after } of carried) if (isActiveNumber(initial, facts)) addAdjoint(site, initial, after);
  restoreFinal();
}

/** Moves the position in the records of a loop from the end of its run to where that begins. */
function beginOfRun(sweep: Sweep, op: LoopOp, site: Site): void {
  const position = sweep.positionKey(op);
  const end = site.cells.get(position);
  if (end === null) return;
  // A count that follows from the range is not recorded.
  const isCounted = op.range !== null && sweep.stops.shapes.get(op)?.kind === "never";
  const ended = reversedCount(sweep, op);
  const count = isCounted ? countAt(sweep, op, site, new Map()) : ended === undefined ? null : twinOf(site, ended);
  if (count !== null) site.cells.set(position, site.block.apply("sub", [end, count]));
}

/** The carried values with an adjoint; it begins with that of the loop's result. */
const carriedAdjoints = (op: LoopOp, facts: Facts, site: Site): readonly CarriedAdjoint[] =>
  op.initial.flatMap((initial, index) => {
    const [param, result] = [op.body.params[index + 1], op.results[index + 2]];
    const yielded = yieldsOf(op.body.exit)[index + 1];
    if (param === undefined || result === undefined || yielded === undefined) return [];
    if (!isActiveNumber(param, facts) && !isActiveNumber(result, facts)) return [];
    const start = takeAdjoint(site, result) ?? site.block.constant(0);
    return [{ initial, param, yielded, start, ...pair(beside(param, "adjoint"), numberType) }];
  });

interface CarriedAdjoint extends Pair {
  readonly initial: Value;
  readonly param: Value;
  readonly yielded: Value;
  readonly start: Value;
}

const integerOr = (value: Value | undefined): Value["type"] => value?.type ?? integerType;

/** A value carried by the reversed loop: in an iteration, and after all. */
interface Pair {
  readonly inside: Value;
  readonly after: Value;
}

const pair = (origin: Value["origin"], type: Value["type"]): Pair => ({
  inside: makeValue(type, origin),
  after: makeValue(type, origin),
});

/** Grown records that replayed loops inside a loop use, made by a replayed loop around it. */
function grownIn(sweep: Sweep, op: LoopOp, site: Site): readonly object[] {
  const { recording, facts } = sweep;
  const inner = loopsWithin(op).filter((loop) => recording.isReplayed(loop));
  const keys = inner
    .flatMap((loop) => nestsWithin(loop, recording))
    .flatMap((root) => recordsOf(root, recording, facts))
    .filter(({ layout }) => layout === "grown")
    .flatMap(({ values }) => values.map((value) => sweep.recordKey(value)));
  return keys.filter((key) => site.cells.get(key) !== null);
}

function loopsWithin(op: LoopOp): readonly LoopOp[] {
  const loops: LoopOp[] = [];
  walk(op.body, (inner) => {
    if (inner.kind === "loop") loops.push(inner);
  });
  return loops;
}

/** Gives the primal's counter its value in the reversed loop; returns the number of the iteration. */
function bindCounter(op: LoopOp, reversal: Reversal, counter: Value, from: Value | null, inner: Site): Value {
  const [primal] = op.body.params;
  if (primal === undefined) return counter;
  if (reversal.counts === "counter") {
    inner.twins.set(primal, counter);
    return iterationNumber(inner.block, op, counter, from);
  }
  if (op.range === null || from === null) {
    inner.twins.set(primal, counter);
    return counter;
  }
  const distance = inner.block.apply("mul", [counter, inner.block.constant(op.range.step)]);
  inner.twins.set(primal, inner.block.apply("add", [from, distance], primal.origin));
  return counter;
}

/** The records of a nest that was recorded by the forward sweep, seen from its outermost loop. */
function nestOf(sweep: Sweep, root: LoopOp, site: Site): Frame | null {
  const counts = new Map<LoopOp, Value>();
  const frame = frameOf(sweep, root, counts);
  for (const { chain, layout } of frame?.records.values() ?? []) {
    if (layout === "counted") for (const loop of chain) countAt(sweep, loop, site, counts);
  }
  return frame;
}

/** Runs an iteration again, leaving alone what was made outside it. */
function runAgain({ facts }: Sweep, loop: LoopOp): ForwardRun {
  return {
    define: (value) => makeValue(value.type, value.origin),
    records: true,
    mayWrite: (base) => facts.arrays.isPrivateTo(loop, base),
  };
}
