/**
 * A budget for what a derivative keeps of its loops (`@enzyme memory 64MB`): loops that record much are run from
 * snapshots, as if each were marked `@enzyme checkpoint` with as many snapshots as fit.
 *
 *   loop ... { x = f(x) }   =>   loop ... checkpoint within 67108864 { x = f(x) }
 *
 * Which loops, is chosen when the derivative is made, so that there is one version of each; how many snapshots, when it
 * runs and the size of a state is known (checkpoints.ts). A loop is left as it is where its records fit certainly, where
 * a snapshot would be larger than what a step records, and where its steps cannot run again: the gradient is the same
 * with and without a budget.
 */
import { countStaticTrips } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import { isReference, type IRFunction, type LoopOp, type Op, type Region, type Value } from "../ir/ir.js";
import { rebuild, regionsOf, someOperation } from "../ir/traverse.js";
import type { Derivatives } from "./derivatives.js";
import { isReversible } from "./facts.js";
import { stateOf } from "./loop-state.js";
import { planReverse, type LeftRecorded, type Plan, type PlanOptions } from "./plan.js";
import { recordsOf, type LoopRecord } from "./records.js";
import { Refusal } from "./refusal.js";
import { isSnapshot } from "./shadows.js";
import { changesLength } from "./state-copies.js";

/** The plan of a function under its budget; without one, the plan as it is. */
export function planWithinBudget(
  primal: IRFunction,
  options: PlanOptions,
  compilation: Compilation,
  derivatives: Derivatives,
): Plan {
  const bytes = primal.memory ?? compilation.options.memory;
  const recorded = planReverse(primal, options, compilation, derivatives);
  if (bytes === null || recorded.isSplit) return recorded;
  const loops = recordingLoops(recorded);
  const left: LeftRecorded[] = [];
  const leave = (loop: LoopOp, why: string): void => void left.push({ loop, why });
  const large = loops.filter((loop) => {
    const why = whyRecorded(loop, recorded, bytes / loops.length);
    if (why !== null) leave(loop, why);
    return why === null;
  });
  const planOf = (marked: IRFunction): Plan => planReverse(marked, options, compilation, derivatives);
  const chosen: LoopOp[] = [];
  for (const loop of large) {
    const why = tryFromSnapshots(loop, recorded, () => planOf(withSnapshots(primal, [...chosen, loop], bytes)));
    if (why === null) chosen.push(loop);
    else leave(loop, why);
  }
  if (chosen.length === 0) return { ...recorded, left };
  const share = Math.floor((bytes * forSnapshots) / chosen.length);
  return { ...planOf(withSnapshots(primal, chosen, share)), left };
}

/** The other half is the engine's: snapshots that went stay in memory until it clears away. */
const forSnapshots = 0.5;

/** Why a loop cannot be run from snapshots, or better is not; null where it can. */
function tryFromSnapshots(loop: LoopOp, recorded: Plan, plan: () => Plan): string | null {
  try {
    const { facts, recording } = plan();
    const found = loopsIn(facts.fn.body).find((one) => isSame(one, loop));
    if (found?.checkpoint === undefined) return "it cannot be told from others";
    // each iteration of a loop around it that is recorded would keep as many
    const around = facts.tree.loopsAround(facts.tree.placeOf(found).region);
    if (!around.every((outer) => recording.isReplayed(outer))) return "it stands in a loop that is recorded";
    const { memory } = stateOf(found, facts, recording);
    if (memory.some(({ shape }) => changesLength(shape))) return "its state grows";
    return memory.length === 0 || recordsArrays(loop, recorded)
      ? null
      : "a snapshot would be larger than what one of its steps records";
  } catch (fault) {
    if (!(fault instanceof Refusal) || fault.code !== "EZ2034") throw fault;
    return `its steps cannot run again from a snapshot: ${fault.details["what"] ?? ""}`;
  }
}

/** A loop is the same one after each rewriting around it: its count is. */
const isSame = (one: LoopOp, other: LoopOp): boolean => one.results[0] === other.results[0];

const loopsIn = (region: Region): readonly LoopOp[] =>
  region.ops.flatMap((op) => [...(op.kind === "loop" ? [op] : []), ...regionsOf(op).flatMap(loopsIn)]);

/** The outermost loops that record something, and of which the user has not said himself what to keep. */
function recordingLoops(plan: Plan): readonly LoopOp[] {
  const { facts, recording } = plan;
  const within = (region: Region): readonly LoopOp[] =>
    region.ops.flatMap((op) => {
      if (op.kind !== "loop") return regionsOf(op).flatMap(within);
      if (op.checkpoint !== undefined || !isReversible(op, facts)) return [];
      if (recording.isReplayed(op)) return within(op.body);
      return recordsOf(op, recording, facts).length > 0 || copiesArrays(op, plan) ? [op] : [];
    });
  return within(facts.fn.body);
}

/** With fewer steps there is little to be won. */
const fewSteps = 16;

/** Why a loop is better recorded, as far as that is known before a run; null where it is not. */
function whyRecorded(loop: LoopOp, plan: Plan, share: number): string | null {
  const steps = staticCount(loop, plan);
  if (steps !== null && steps < fewSteps) return `it has ${steps} steps only`;
  if (copiesArrays(loop, plan)) return null;
  const sizes = recordsOf(loop, plan.recording, plan.facts).map((record) => staticBytes(record, plan));
  const all = sizes.reduce<number>((sum, one) => sum + (one ?? Infinity), 0);
  return all <= share ? "its records fit" : null;
}

function staticCount({ range }: LoopOp, { facts }: Plan): number | null {
  return range === null ? null : countStaticTrips(range, facts.aliases.definitions);
}

/** How much a record takes, where that is known before a run; null also where it holds arrays or tapes. */
function staticBytes({ layout, factors, values }: LoopRecord, plan: Plan): number | null {
  if (layout === "grown" || values.some(({ type }) => isReference(type))) return null;
  let entries = values.length;
  for (const factor of factors) {
    const count = "inner" in factor ? null : staticCount(factor, plan);
    if (count === null) return null;
    entries *= count;
  }
  return 8 * entries;
}

/** Does a step record as much as an array holds: by an inner loop of so many iterations, or an array as it is? */
function recordsArrays(loop: LoopOp, plan: Plan): boolean {
  const isLong = (one: LoopOp): boolean => staticCount(one, plan) === null;
  return (
    copiesArrays(loop, plan) ||
    recordsOf(loop, plan.recording, plan.facts).some(
      ({ chain, values }) => chain.slice(1).some(isLong) || values.some(({ type }) => isReference(type)),
    )
  );
}

const copiesArrays = (loop: LoopOp, { facts }: Plan): boolean =>
  someOperation(loop.body, (op) => op.kind === "allocate" && isSnapshot(op) && !facts.shadowOps.has(op));

/** The same function, its loops run from as many snapshots as fit into so many bytes each. */
function withSnapshots(fn: IRFunction, loops: readonly LoopOp[], bytes: number): IRFunction {
  const same = (value: Value): Value => value;
  const mark = (region: Region): Region => ({
    ...region,
    ops: region.ops.map((op): Op => {
      const isMeant = op.kind === "loop" && loops.some((one) => isSame(op, one));
      if (isMeant) return { ...op, checkpoint: { bytes, span: null } };
      return regionsOf(op).length === 0 ? op : rebuild(op, { value: same, result: same, region: mark });
    }),
  });
  return { ...fn, body: mark(fn.body) };
}
