/**
 * The reverse sweep: the operations of a region backwards, each handing the adjoint of its result to
 * its arguments (Griewank & Walther, ch. 3.2). Memory is in reverse-memory.ts, control in
 * reverse-control.ts.
 */
import { mapLocation, operandsOf } from "../ir/traverse.js";
import type { ApplyOp, IfOp, Op, Region, Type, Value } from "../ir/ir.js";
import { applyScale } from "./apply-rule.js";
import { reverseCall } from "./calls.js";
import { isReversible, knownBranch, scalesOf, yieldsOf } from "./facts.js";
import { emitForward, emitForwardOp, firstRun, indexInto } from "./forward-sweep.js";
import { readRecord } from "./records.js";
import { reverseIf, reverseJoinedIf, reverseLoop } from "./reverse-control.js";
import { reverseMemory } from "./reverse-memory.js";
import { addAdjoint, takeAdjoint, twinOf, type ForwardRun, type Site, type Sweep } from "./sweep.js";

/**
 * Forward, then backward, in one place: everything the region computes is available to its reverse.
 * An `if` that nothing active follows is itself reversed where it runs. The adjoints of what the
 * region yields stand in the cells already.
 */
export function emitJoined(sweep: Sweep, region: Region, site: Site, run: ForwardRun): void {
  const { ops } = region;
  const last = ops.findLastIndex((op) => isReversible(op, sweep.facts));
  const tail = ops[last];
  if (tail?.kind === "if" && sweep.recording.isJoined(tail)) {
    emitForward(sweep, ops.slice(0, last), site, run);
    joinTail(sweep, tail, site, run);
    emitForward(sweep, ops.slice(last + 1), site, run);
    emitReverse(sweep, ops.slice(0, last), site);
  } else {
    emitForward(sweep, ops, site, run);
    emitReverse(sweep, ops, site);
  }
}

/** A tail `if`; where one of its branches is known not to be taken here, the other stands in its place. */
function joinTail(sweep: Sweep, op: IfOp, site: Site, run: ForwardRun): void {
  const known = knownBranch(op, sweep.stops.notTaken);
  if (known === null || known.exit.kind === "throw" || run === firstRun) return reverseJoinedIf(sweep, op, site, run);
  const yields = yieldsOf(known.exit);
  op.results.forEach((result, index) => {
    const adjoint = takeAdjoint(site, result);
    const value = yields[index];
    if (adjoint !== null && value !== undefined && sweep.facts.activity.isActive(value))
      addAdjoint(site, value, adjoint);
  });
  emitJoined(sweep, known, site, run);
  op.results.forEach((result, index) => {
    const value = yields[index];
    const twin = value === undefined ? null : site.twins.get(value);
    if (twin !== null) site.twins.set(result, twin);
  });
}

/** Backward, in a region whose forward run was elsewhere. */
export function emitReversed(sweep: Sweep, region: Region, site: Site): void {
  emitPrologue(sweep, region, site);
  emitReverse(sweep, region.ops, site);
}

function emitReverse(sweep: Sweep, ops: readonly Op[], site: Site): void {
  for (const op of [...ops].reverse()) if (isReversible(op, sweep.facts)) reverseOp(sweep, op, site);
}

function reverseOp(sweep: Sweep, op: Op, site: Site): void {
  switch (op.kind) {
    case "apply":
      return reverseApply(sweep, op, site);
    case "unwrap": {
      const [result] = op.results;
      const adjoint = result === undefined ? null : takeAdjoint(site, result);
      if (adjoint !== null) addAdjoint(site, op.value, adjoint);
      return;
    }
    case "if":
      return reverseIf(sweep, op, site);
    case "loop":
      return reverseLoop(sweep, op, site);
    case "load":
    case "store":
    case "accumulate":
    case "push":
    case "pop":
    case "allocate":
      return reverseMemory(sweep, op, site);
    case "call":
      return reverseCall(sweep, op, site);
    case "constant":
    case "length":
    case "grow":
    case "opaque":
    case "random":
    case "isAbsent":
      return;
  }
}

function reverseApply(sweep: Sweep, op: ApplyOp, site: Site): void {
  const [result] = op.results;
  const adjoint = result === undefined ? null : takeAdjoint(site, result);
  if (result === undefined || adjoint === null) return;
  const { facts } = sweep;
  scalesOf(op, facts).forEach((scale, index) => {
    const arg = op.args[index];
    if (scale === null || arg === undefined) return;
    const before = site.block.ops.length;
    const contribution = applyScale(scale, op, adjoint, (value) => twinOf(site, value), facts.ranges, site.block);
    addAdjoint(site, arg, contribution, site.block.ops.length > before);
  });
}

/**
 * What the reverse of a region takes from its forward run: recorded values are read back, the rest of
 * what is cheap is computed again. What nobody uses is removed afterwards.
 */
function emitPrologue(sweep: Sweep, region: Region, site: Site): void {
  const { recording, facts } = sweep;
  const scope = recording.scopeOf(region);
  const recall = (value: Value): boolean => {
    if (!recording.isRecorded(value)) return false;
    const kept = site.cells.get(sweep.recordKey(value));
    if (kept === null) return false;
    const owner = scope === null ? null : facts.tree.ownerOf(scope);
    const index = owner?.kind === "loop" ? indexInto(owner, site) : null;
    if (owner?.kind === "loop" && index === null) throw new Error("a record is read outside its loop");
    site.twins.set(
      value,
      index === null ? narrowed(kept, value.type, site) : readRecord(site.block, present(kept, site), index, value),
    );
    return true;
  };
  const isThere = (value: Value): boolean => site.twins.get(value) !== null;
  /** What the program keeps itself is loaded; its index may be computed behind the value. */
  const reload = (value: Value): boolean => {
    const at = scope === null ? null : recording.keptAt(value, scope);
    if (at === null) return false;
    const operands = at.kind === "element" ? [at.base, at.index] : [at.base];
    operands.forEach(restoreBefore);
    if (!operands.every(isThere)) return false;
    const twin = again.define(value);
    site.block.append({ kind: "load", results: [twin], at: mapLocation(at, (operand) => twinOf(site, operand)) });
    site.twins.set(value, twin);
    return true;
  };
  const done = new Set<Op>();
  const restoreBefore = (value: Value): void => {
    const { op, region: home } = facts.tree.definitionOf(value);
    if (op === null || home !== region || done.has(op)) return;
    if (scope !== null && recording.isRecomputable(op, scope)) operandsOf(op).forEach(restoreBefore);
    restore(op);
  };
  const restore = (op: Op): void => {
    if (done.has(op)) return;
    done.add(op);
    const recalled = op.results.map(recall);
    const isHandedIn = sweep.isSplit && op.results.every(isThere);
    if (op.results.length > 0 && (isHandedIn || recalled.every(Boolean))) return;
    if (scope === null || !recording.isRecomputable(op, scope)) {
      op.results.forEach((result, k) => recalled[k] === true || reload(result));
    } else if (isComplete(op, site)) {
      const kept = op.results.map((result, k) => (recalled[k] === true ? site.twins.get(result) : null));
      emitForwardOp(sweep, op, site, again);
      // Of a branch that hands out several values some may be recorded: what computes them is not there a second time.
      op.results.forEach((result, k) => {
        const twin = kept[k];
        if (twin !== null && twin !== undefined) site.twins.set(result, twin);
      });
    }
  };
  if (region === facts.fn.body) facts.fn.params.forEach(({ value }) => recall(value));
  for (const param of region.params) if (!recall(param) && !isThere(param)) reload(param);
  region.ops.forEach(restore);
}

const narrowed = (kept: Value, type: Type, site: Site): Value =>
  type.kind === "optional" ? kept : present(kept, site);

/** What left a branch is there wherever that branch is reversed. */
function present(kept: Value, { block }: Site): Value {
  if (kept.type.kind !== "optional") return kept;
  const result: Value = { type: kept.type.of, origin: kept.origin };
  block.append({ kind: "unwrap", results: [result], value: kept });
  return result;
}

const again: ForwardRun = {
  define: (value) => ({ type: value.type, origin: value.origin }),
  records: false,
  mayWrite: () => false,
};

const isComplete = (op: Op, site: Site): boolean => operandsOf(op).every((operand) => site.twins.get(operand) !== null);
