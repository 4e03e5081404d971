/**
 * The forward sweep: the primal's operations again, with what the reverse sweep will need recorded on
 * the way. It serves the first run and the run of one iteration again inside a replayed loop.
 */
import { isKnownBefore } from "../analyze/trip-counts.js";
import { makeValue } from "../ir/build.js";
import { operandsOf, rebuild, regionsOf } from "../ir/traverse.js";
import {
  inventedOrigin,
  isReference,
  isScalar,
  type IfOp,
  type LoopOp,
  type Op,
  type Type,
  type Value,
} from "../ir/ir.js";
import { dropLast, isCheckpointed, openCheckpoints } from "./checkpoints.js";
import { keepRun, openRuns } from "./checkpointed-runs.js";
import { yieldsOf } from "./facts.js";
import {
  endsOf,
  iterationNumber,
  makeRecord,
  nestsWithin,
  recordsOf,
  tripCountOf,
  writeRecord,
  type LoopRecord,
} from "./records.js";
import { beside } from "./shadow-type.js";
import { sumOf } from "./triangle.js";
import {
  innerSite,
  twinOrUnneeded,
  type Deferred,
  type ForwardRun,
  frameOf,
  type Frame,
  type Site,
  type Sweep,
} from "./sweep.js";

export const firstRun: ForwardRun = { define: (value) => value, records: true, mayWrite: () => true };

/** Emits operations of the primal again, one after another. */
export function emitForward(sweep: Sweep, ops: readonly Op[], site: Site, run: ForwardRun): void {
  for (const op of ops) emitForwardOp(sweep, op, site, run);
}

/** The value that stands for one of the primal in this run. */
export function define(value: Value, site: Site, run: ForwardRun): Value {
  const twin = run.define(value);
  site.twins.set(value, twin);
  return twin;
}

/** Keeps a value that was just defined, if the plan says so. */
export function record(sweep: Sweep, value: Value, site: Site, run: ForwardRun): void {
  if (!run.records || !sweep.recording.isRecorded(value)) return;
  if (run.deferred !== undefined) {
    run.deferred.values.push(value);
    return;
  }
  const twin = site.twins.get(value);
  if (twin === null) return;
  const key = sweep.recordKey(value);
  const scope = sweep.recording.scopeOf(sweep.facts.tree.definitionOf(value).region);
  const owner = scope === null ? null : sweep.facts.tree.ownerOf(scope);
  if (owner?.kind !== "loop") {
    site.cells.set(key, twin);
    return;
  }
  const array = site.cells.get(key);
  const index = indexInto(owner, site);
  if (array !== null && index !== null) writeRecord(site.block, array, index, twin);
}

/** Where the current iteration's entry stands in the records of a loop. */
export function indexInto(loop: LoopOp, { frame }: Site): Value | null {
  if (frame === null || frame.loop !== loop) return null;
  return frame.records.get(loop)?.layout === "counted" ? frame.flat : frame.position;
}

/** Emits one operation of the primal again, and records what is needed of it. */
export function emitForwardOp(sweep: Sweep, op: Op, site: Site, run: ForwardRun): void {
  const { isRead } = run;
  if (isRead !== undefined && isLeftOut(op, site) && someWrite(op, isRead))
    throw new Error("a step that runs again leaves out a write");
  if (op.kind === "loop") return emitForwardLoop(sweep, op, site, run);
  if (op.kind === "if") return emitForwardIf(sweep, op, site, run);
  if ((op.kind === "store" || op.kind === "accumulate") && !run.mayWrite(op.at.base)) return;
  if ((op.kind === "push" || op.kind === "pop") && run.mayResize?.(op.array) === false) return;
  if (operandsOf(op).some((operand) => site.twins.get(operand) === null)) return;
  site.block.append(
    rebuild(op, {
      value: (value) => twinOrUnneeded(site, value),
      region: (region) => region,
      result: (value) => define(value, site, run),
    }),
  );
  for (const result of op.results) record(sweep, result, site, run);
}

const isLeftOut = (op: Op, site: Site): boolean =>
  op.kind !== "loop" && operandsOf(op).some((operand) => site.twins.get(operand) === null);

/** Does an operation, or one within it, write memory of which `is` says yes? */
function someWrite(op: Op, is: (base: Value) => boolean): boolean {
  switch (op.kind) {
    case "store":
    case "accumulate":
      return is(op.at.base);
    case "push":
    case "pop":
      return is(op.array);
    case "call":
      return op.args.some((arg) => isReference(arg.type) && is(arg));
    default:
      return regionsOf(op).some((region) => region.ops.some((inner) => someWrite(inner, is)));
  }
}

function emitForwardIf(sweep: Sweep, op: IfOp, site: Site, run: ForwardRun): void {
  const test = site.twins.get(op.test);
  if (test === null) return;
  const { deferred, ...outright } = run;
  const inBranch = deferred?.decider === op ? outright : run;
  const branches = [op.then, op.else].map((region) => {
    const inner = innerSite(site);
    if (deferred?.decider === op && deferred.goesOn === region) recordDeferred(sweep, deferred, inner, outright);
    emitForward(sweep, region.ops, inner, inBranch);
    return { region, inner };
  });
  const keys = [...new Set(branches.flatMap(({ inner }) => inner.cells.changed()))];
  const throws = branches.filter(({ region }) => region.exit.kind === "throw");
  const handed = keys.map((key) => handOut(sweep, key, branches));
  const regions = branches.map(({ region, inner }) => {
    if (region.exit.kind === "throw") {
      return inner.block.region([], { kind: "throw", value: twinOrUnneeded(inner, region.exit.value) });
    }
    const values = yieldsOf(region.exit).map((value) => twinOrUnneeded(inner, value));
    return inner.block.yield([], [...values, ...handed.map(({ valueIn }) => valueIn(inner))]);
  });
  const [then, otherwise] = regions;
  if (then === undefined || otherwise === undefined) return;
  if (throws.length === 2) {
    site.block.if(test, then, otherwise, []);
    return;
  }
  const results = op.results.map((value) => define(value, site, run));
  site.block.if(test, then, otherwise, [...results, ...handed.map(({ result }) => result)]);
  handed.forEach(({ key, result }) => site.cells.set(key, result));
  for (const result of op.results) record(sweep, result, site, run);
}

/** The test of a loop came out as going on: now the iteration is recorded. */
function recordDeferred(sweep: Sweep, { own, values }: Deferred, site: Site, run: ForwardRun): void {
  if (own.layout === "grown" && own.loop.range === null) growInside(sweep, own, site);
  for (const value of values) record(sweep, value, site, run);
}

/**
 * Can recording wait until the loop is known to go on? Where the iteration that stops it changes nothing, and all that
 * is recorded is computed in front of the test, or behind it where the loop goes on.
 */
function deferralOf(sweep: Sweep, loop: LoopOp, own: LoopRecord): Deferred | null {
  const shape = sweep.stops.shapes.get(loop);
  if (shape?.kind !== "idle") return null;
  const { ops, params } = loop.body;
  const at = ops.findIndex((op) => op.kind === "if" && shape.notTaken.has(op.then) !== shape.notTaken.has(op.else));
  const decider = ops[at];
  if (decider?.kind !== "if") return null;
  const goesOn = shape.notTaken.has(decider.then) ? decider.else : decider.then;
  const { tree } = sweep.facts;
  const isKnown = (value: Value): boolean => {
    const { op, region } = tree.definitionOf(value);
    if (region === loop.body) return params.includes(value) || (op !== null && ops.indexOf(op) < at);
    return tree.isWithin(region, goesOn);
  };
  return own.values.every(isKnown) ? { decider, goesOn, own, values: [] } : null;
}

/** What only one branch keeps leaves the `if` as one more result; the other branch gives something empty. */
function handOut(
  sweep: Sweep,
  key: object,
  branches: readonly { readonly inner: Site }[],
): { readonly key: object; readonly result: Value; readonly valueIn: (inner: Site) => Value } {
  const sample = branches.map(({ inner }) => inner.cells.get(key)).find((value) => value !== null) ?? null;
  if (sample === null) throw new Error("a branch hands out a value that it does not have");
  const isEverywhere = branches.every(({ inner }) => inner.cells.get(key) !== null);
  // on a tape what is not there is undefined: an empty array for each call would be dear
  const hasEmpty = isEverywhere || isScalar(sample.type) || (sample.type.kind === "array" && !sweep.isSplit);
  return {
    key,
    result: makeValue(hasEmpty ? sample.type : optionalOf(sample.type), sample.origin),
    valueIn: (inner) => inner.cells.get(key) ?? (hasEmpty ? emptyLike(sample, inner) : absentFrom(sample, inner)),
  };
}

const optionalOf = (type: Type): Type => (type.kind === "optional" ? type : { kind: "optional", of: type });

/** Absent in the way in which the value itself can be. */
const absentFrom = ({ type }: Value, { block }: Site): Value =>
  block.constant(type.kind === "optional" && type.absence === "null" ? null : undefined, inventedOrigin);

function emptyLike(sample: Value, { block }: Site): Value {
  switch (sample.type.kind) {
    case "number":
    case "integer":
      return block.constant(0, sample.origin, null, sample.type);
    case "boolean":
      return block.constant(false, sample.origin);
    case "array":
      return block.allocate(sample.type, { kind: "zeros", length: block.constant(0) }, sample.origin);
    default:
      return block.constant(undefined, inventedOrigin);
  }
}

/** Keys that a nest of recorded loops carries: grown records and the positions in them. */
function carriedKeys(sweep: Sweep, loop: LoopOp, frame: Frame): readonly object[] {
  const keys: object[] = [];
  for (const record of frame.records.values()) {
    if (record.layout === "counted" || !record.chain.includes(loop)) continue;
    const isOwn = record.loop === loop;
    if (record.layout === "grown" && (!isOwn || loop.range === null))
      keys.push(...record.values.map((value) => sweep.recordKey(value)));
    if (!isOwn) keys.push(sweep.positionKey(record.loop));
  }
  return keys;
}

/** Makes the records of a nest, before its outermost loop, if nobody around it has made them already. */
function openNest(sweep: Sweep, root: LoopOp, site: Site): Frame | null {
  const counts = new Map<LoopOp, Value>();
  const frame = frameOf(sweep, root, counts);
  for (const record of frame?.records.values() ?? []) {
    makeRecords(sweep, record, site, counts);
    if (record.layout !== "counted" && record.chain.length > 1) {
      site.cells.set(sweep.positionKey(record.loop), site.block.constant(0));
    }
  }
  return frame;
}

/** Makes the records of one loop at a site, where they are not made yet; `counts` gathers the counts of its nest. */
function makeRecords(
  sweep: Sweep,
  { factors, layout, values }: LoopRecord,
  site: Site,
  counts: Map<LoopOp, Value>,
): void {
  const lengths = factors.map((factor) => {
    if (!("inner" in factor)) return countAt(sweep, factor, site, counts);
    const count = countAt(sweep, factor.outer, site, counts);
    const sum = sumOf(site.block, factor, count, (value) => knownAt(sweep, value, site));
    if (sum === null) throw new Error("the number of iterations is not known where a record is made");
    return sum;
  });
  for (const value of values) {
    const key = sweep.recordKey(value);
    if (site.cells.get(key) !== null) continue;
    const mayBeAbsent = sweep.facts.mayBeAbsent.has(value);
    site.cells.set(key, makeRecord(site.block, value, layout, lengths, mayBeAbsent));
  }
}

function knownAt(sweep: Sweep, value: Value, site: Site): Value | null {
  const { op } = sweep.facts.tree.definitionOf(value);
  return op?.kind === "constant" ? site.block.constant(op.value) : site.twins.get(value);
}

/** How often a loop of a counted nest runs, built where its bounds are known. */
export function countAt(sweep: Sweep, loop: LoopOp, site: Site, counts: Map<LoopOp, Value>): Value {
  const known = counts.get(loop);
  if (known !== undefined) return known;
  const ends = loop.range === null ? [] : [loop.range.from, loop.range.to];
  const [from = null, to = null] = ends.map((end) => knownAt(sweep, end, site));
  const count = from === null || to === null ? null : tripCountOf(site.block, loop, from, to);
  if (count === null) throw new Error("the number of iterations is not known where a record is made");
  counts.set(loop, count);
  return count;
}

/**
 * Makes the records of the nests in a replayed loop once, before it, where their length is known there
 * or grows anyway. Gives the keys of those that grow: the loop carries them.
 */
export function hoistRecords(sweep: Sweep, loop: LoopOp, site: Site): readonly object[] {
  const { recording, facts } = sweep;
  const grown: object[] = [];
  for (const root of nestsWithin(loop, recording)) {
    for (const record of recordsOf(root, recording, facts)) {
      const isKnown = endsOf(record).every((end) => isKnownBefore(end, loop, facts.tree) && isHere(end, site, facts));
      if (!isKnown) continue;
      makeRecords(sweep, record, site, new Map());
      if (record.layout === "grown") grown.push(...record.values.map((value) => sweep.recordKey(value)));
    }
  }
  return grown;
}

const isHere = (value: Value, site: Site, { tree }: Sweep["facts"]): boolean =>
  tree.definitionOf(value).op?.kind === "constant" || site.twins.get(value) !== null;

/** The frame inside one iteration of a loop; `number` is that of the iteration, from 0. */
export function enterLoop(sweep: Sweep, loop: LoopOp, frame: Frame, number: Value, site: Site): Frame {
  const { block } = site;
  const count = frame.counts.get(loop) ?? null;
  const flat =
    frame.loop === null
      ? number
      : frame.flat !== null && count !== null
        ? block.apply("add", [block.apply("mul", [frame.flat, count]), number])
        : null;
  const base = site.cells.get(sweep.positionKey(loop));
  return { ...frame, loop, flat, position: base === null ? number : block.apply("add", [base, number]) };
}

function emitForwardLoop(sweep: Sweep, op: LoopOp, site: Site, run: ForwardRun): void {
  const { recording } = sweep;
  if (recording.isSkipped(op)) return;
  const isReplayed = recording.isReplayed(op);
  const records = run.records && !isReplayed;
  const frame = records ? (site.frame ?? openNest(sweep, op, site)) : null;
  const range =
    op.range === null
      ? null
      : { ...op.range, from: twinOrUnneeded(site, op.range.from), to: twinOrUnneeded(site, op.range.to) };
  const own = frame?.records.get(op);
  const deferred = own === undefined ? null : deferralOf(sweep, op, own);
  const { deferred: _around, ...plain } = run;
  const bodyRun: ForwardRun = { ...plain, records, ...(deferred === null ? {} : { deferred }) };
  if (own?.layout === "grown" && range !== null && frame !== null) growBefore(sweep, op, own, site, range);

  // a run that is not reversed from here keeps nothing: the step of a loop around it runs again before it is
  const isSaving = isCheckpointed(sweep, op) && run.records;
  const saving = isSaving ? openCheckpoints(sweep, op, site, knownCount(sweep, op, site)) : null;
  if (records) openRuns(sweep, op, site);
  const keys = frame === null ? [] : carriedKeys(sweep, op, frame);
  const inner = innerSite({ ...site, frame: null });
  const params = op.body.params.map((param) => define(param, inner, bodyRun));
  const keyParams = keys.map((key) => {
    const current = site.cells.get(key);
    if (current === null) throw new Error("a loop carries a record that was not made");
    const param = makeValue(current.type, current.origin);
    inner.cells.set(key, param);
    return { key, initial: current, param, result: makeValue(current.type, current.origin) };
  });
  const [counter] = params;
  let body: Site = inner;
  if (frame !== null && counter !== undefined) {
    const number = iterationNumber(inner.block, op, counter, range?.from ?? null);
    body = { ...inner, frame: enterLoop(sweep, op, frame, number, inner) };
    if (own?.layout === "grown" && range === null && deferred === null) growInside(sweep, own, body);
  }
  const due =
    saving === null || counter === undefined
      ? []
      : saving.save(body, iterationNumber(body.block, op, counter, range?.from ?? null));
  for (const param of op.body.params) record(sweep, param, body, bodyRun);
  emitForward(sweep, op.body.ops, body, bodyRun);

  if (op.body.exit.kind === "throw") {
    const exit = { kind: "throw", value: twinOrUnneeded(body, op.body.exit.value) } as const;
    const results = op.results.map((value) => define(value, site, run));
    site.block.loop(
      range,
      op.initial.map((value) => twinOrUnneeded(site, value)),
      body.block.region(params, exit),
      results,
    );
    return;
  }
  const values = yieldsOf(op.body.exit).map((value) => twinOrUnneeded(body, value));
  const kept = keyParams.map(({ key, param }) => body.cells.get(key) ?? param);
  const results = op.results.map((value) => define(value, site, run));
  site.block.loop(
    range,
    [
      ...op.initial.map((value) => twinOrUnneeded(site, value)),
      ...keyParams.map(({ initial }) => initial),
      ...(saving?.initial ?? []),
    ],
    body.block.yield(
      [...params, ...keyParams.map(({ param }) => param), ...(saving?.params ?? [])],
      [...values, ...kept, ...due],
    ),
    [...results, ...keyParams.map(({ result }) => result), ...(saving?.results ?? [])],
  );
  if (saving !== null) {
    if (sweep.stops.shapes.get(op)?.kind === "idle") dropLast(sweep, op, site);
    keepRun(sweep, op, site);
  }
  for (const { key, result } of keyParams) site.cells.set(key, result);
  advancePosition(sweep, op, own, site);
  for (const result of op.results) record(sweep, result, site, run);
}

/** How often a loop will run, where nothing ends it before. */
function knownCount(sweep: Sweep, op: LoopOp, site: Site): Value | null {
  return op.range !== null && sweep.stops.shapes.get(op)?.kind === "never" ? countAt(sweep, op, site, new Map()) : null;
}

/** The number of iterations that the reverse sweep will run. */
export function reversedCount(sweep: Sweep, op: LoopOp): Value | undefined {
  return op.results[sweep.stops.shapes.get(op)?.kind === "working" ? 1 : 0];
}

function advancePosition(sweep: Sweep, op: LoopOp, own: LoopRecord | undefined, site: Site): void {
  const key = sweep.positionKey(op);
  const position = site.cells.get(key);
  const count = reversedCount(sweep, op);
  if (own === undefined || position === null || count === undefined) return;
  site.cells.set(key, site.block.apply("add", [position, twinOrUnneeded(site, count)]));
}

function growBefore(
  sweep: Sweep,
  op: LoopOp,
  own: LoopRecord,
  site: Site,
  range: { readonly from: Value; readonly to: Value },
): void {
  const count = tripCountOf(site.block, op, range.from, range.to);
  const base = site.cells.get(sweep.positionKey(op));
  if (count === null) return;
  const needed = base === null ? count : site.block.apply("add", [base, count]);
  growRecords(sweep, own, site, needed);
}

function growInside(sweep: Sweep, own: LoopRecord, site: Site): void {
  const position = site.frame?.position;
  if (position === null || position === undefined) return;
  growRecords(sweep, own, site, site.block.apply("add", [position, site.block.constant(1)]));
}

function growRecords(sweep: Sweep, own: LoopRecord, site: Site, length: Value): void {
  for (const value of own.values) {
    const key = sweep.recordKey(value);
    const record = site.cells.get(key);
    // a plain array grows by itself
    if (record?.type.kind === "array" && record.type.storage !== "Array")
      site.cells.set(key, site.block.grow(record, length, beside(value, "residual")));
  }
}
