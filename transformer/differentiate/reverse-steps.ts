/**
 * A loop that is marked `@enzyme checkpoint`, in the reverse sweep: for each step, from the last to the first,
 *
 *   restore             the nearest snapshot that is not behind the step
 *   advance             from there to the step, taking snapshots on the way where there is room
 *   reverse one step    the body once forward and once backward, with records of this step alone
 *
 * Steps are run again in the memory in which they ran before; what others see of it holds its final contents again when
 * all steps are reversed.
 */
import { element, field, makeValue } from "../ir/build.js";
import { integerType, type LoopOp, type Op, type Value } from "../ir/ir.js";
import { counterAt } from "../analyze/trip-counts.js";
import { askSchedule, isCheckpointed, rootBefore, roomOf, takeSnapshot } from "./checkpoints.js";
import { knownBranch, yieldsOf } from "./facts.js";
import { emitForwardOp } from "./forward-sweep.js";
import { stateOf, type LoopState } from "./loop-state.js";
import { copyMemory, restoreMemory } from "./state-copies.js";
import { innerSite, twinOf, twinOrUnneeded, type ForwardRun, type Site, type Sweep } from "./sweep.js";

/** A step once more: new values, no records, in the memory of its state and in what it makes itself. */
export const stepAgain = ({ mayWrite, mayResize, isRead }: LoopState, records: boolean): ForwardRun => ({
  define: (value) => makeValue(value.type, value.origin),
  records,
  mayWrite,
  mayResize,
  isRead,
});

/**
 * Copies what others see of the state, to be put back when the loop is reversed; within the step of another such loop that
 * one puts it back, when it is reversed itself.
 */
export function keepFinal(sweep: Sweep, loop: LoopOp, site: Site): () => void {
  const { facts, recording } = sweep;
  const around = facts.tree.loopsAround(facts.tree.placeOf(loop).region);
  if (around.some((outer) => isCheckpointed(sweep, outer))) return () => undefined;
  const { memory } = stateOf(loop, facts, recording);
  const kept = memory
    .filter(({ escapes }) => escapes)
    .map(({ root, shape }) => {
      const target = rootBefore(loop, root, site);
      const name = root.origin.variable?.name;
      const variable = name === undefined ? null : { name: `${name}After` };
      return { target, shape, copy: copyMemory(site.block, target, shape, { span: null, variable, role: "primal" }) };
    });
  return () => kept.forEach(({ target, shape, copy }) => restoreMemory(site.block, target, copy, shape));
}

/** At the start of a reversed step: afterwards what the loop carries has twins, and memory is as this step found it. */
export function bringBack(sweep: Sweep, loop: LoopOp, number: Value, site: Site): void {
  const { facts, recording } = sweep;
  const state = stateOf(loop, facts, recording);
  const { block } = site;
  const list = site.cells.get(sweep.snapshotsKey(loop));
  if (list?.type.kind !== "array" || loop.checkpoint === undefined) throw new Error("a loop has no snapshots");
  const room = roomOf(sweep, loop, state, site);

  // restore
  const lastIndex = block.apply("sub", [block.length(list), block.constant(1)]);
  const last = block.load(element(list, lastIndex), { span: null, variable: { name: "checkpoint" }, role: "primal" });
  const found = block.load(field(last, "step"));
  const dropped = block.inner();
  dropped.pop(list, state.snapshot);
  block.if(block.apply("eq", [found, number]), dropped.yield([], []), block.inner().yield([], []), []);
  for (const { param, name } of state.carried) site.twins.set(param, block.load(field(last, name), param.origin));
  for (const { root, name, shape } of state.memory)
    restoreMemory(block, twinOf(site, root), block.load(field(last, name)), shape);

  // advance
  const stepOrigin: Value["origin"] = { span: null, variable: { name: "step" }, role: "primal" };
  const variables = [
    { type: integerType, origin: stepOrigin },
    ...state.carried.map(({ param: { type, origin } }) => ({ type, origin })),
  ];
  const make = (): readonly Value[] => variables.map(({ type, origin }) => makeValue(type, origin));
  const [params, results, outcome] = [make(), make(), make()];
  const outer = innerSite(site);
  const [at, ...before] = params;
  if (at === undefined) return;
  state.carried.forEach(({ param }, k) => outer.twins.set(param, before[k] ?? param));
  const test = outer.block.apply("lt", [at, number]);
  const then = innerSite(outer);
  const free = then.block.apply("sub", [room, then.block.length(list)]);
  const ahead = then.block.apply("sub", [number, at]);
  const to = then.block.apply("add", [at, askSchedule(sweep, then.block, ahead, free)], {
    span: null,
    variable: { name: "until" },
    role: "primal",
  });
  const after = runSteps(sweep, loop, state, at, to, then);
  state.carried.forEach(({ param }, k) => then.twins.set(param, after[k] ?? param));
  const saved = innerSite(then);
  saved.block.push(list, takeSnapshot(state, saved, to));
  then.block.if(then.block.apply("lt", [to, number]), saved.block.yield([], []), then.block.inner().yield([], []), []);
  const goes = then.block.constant(false);
  const otherwise = outer.block.inner();
  const stops = otherwise.constant(true);
  const stop = makeValue({ kind: "boolean" });
  outer.block.if(test, then.block.yield([], [goes, to, ...after]), otherwise.yield([], [stops, ...params]), [
    stop,
    ...outcome,
  ]);
  block.loop(
    null,
    [found, ...state.carried.map(({ param }) => twinOf(site, param))],
    outer.block.yield([makeValue(integerType), ...params], [stop, ...outcome]),
    [makeValue(integerType), makeValue(integerType), ...results],
  );
  state.carried.forEach(({ param }, k) => site.twins.set(param, results[k + 1] ?? param));
}

/** The steps from one number to another, none of which ends the loop; gives what they carry. */
function runSteps(sweep: Sweep, loop: LoopOp, state: LoopState, from: Value, to: Value, site: Site): readonly Value[] {
  const inner = innerSite(site);
  const number = makeValue(integerType, { span: null, variable: { name: "k" }, role: "primal" });
  const [counter] = loop.body.params;
  if (counter !== undefined) {
    const start = loop.range === null ? null : twinOf(site, loop.range.from);
    const range = loop.range === null || start === null ? null : { ...loop.range, from: start };
    inner.twins.set(counter, range === null ? number : counterAt(inner.block, range, number));
  }
  const params = state.carried.map(({ param }) => makeValue(param.type, param.origin));
  state.carried.forEach(({ param }, k) => inner.twins.set(param, params[k] ?? param));
  emitOnward(sweep, loop.body.ops, inner, stepAgain(state, false));
  const yields = yieldsOf(loop.body.exit);
  const values = state.carried.map(({ param }) =>
    twinOrUnneeded(inner, yields[loop.body.params.indexOf(param)] ?? param),
  );
  const results = state.carried.map(({ param }) => makeValue(param.type, param.origin));
  site.block.loop(
    { from, to, step: 1, inclusive: false },
    state.carried.map(({ param }) => twinOf(site, param)),
    inner.block.yield([number, ...params], [inner.block.constant(false), ...values]),
    [makeValue(integerType), makeValue(integerType), ...results],
  );
  return results;
}

/** Operations of a step that is known not to end the loop, nor to throw: the branches that would are left out. */
function emitOnward(sweep: Sweep, ops: readonly Op[], site: Site, run: ForwardRun): void {
  for (const op of ops) {
    const known = op.kind === "if" ? knownBranch(op, sweep.stops.notTaken) : null;
    if (known === null || known.exit.kind === "throw") {
      emitForwardOp(sweep, op, site, run);
      continue;
    }
    emitOnward(sweep, known.ops, site, run);
    op.results.forEach((result, index) => {
      const value = yieldsOf(known.exit)[index];
      const twin = value === undefined ? null : site.twins.get(value);
      if (twin !== null) site.twins.set(result, twin);
    });
  }
}
