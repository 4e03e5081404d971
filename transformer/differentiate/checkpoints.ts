/**
 * A loop that is marked `@enzyme checkpoint`, in the forward sweep: it takes snapshots of some of its steps, and
 * records nothing.
 *
 *   for i { ... }   =>   checkpoints = []; next = 0; for i { if (i === next) { checkpoints.push({ step: i, x }); next = ... }; ... }
 *
 * Where the number of steps is known before, the binomial schedule says which. Where it is not, every step is
 * taken at first, then every second, every fourth: when half of the snapshots are there, every other one is dropped. The
 * other half is left for the reverse sweep, which takes more between them (reverse-steps.ts).
 */
import { makeValue, type Block, element, field } from "../ir/build.js";
import { integerType, type Checkpoint, type LoopOp, type Value } from "../ir/ir.js";
import { scheduleIn } from "./checkpoint-schedule.js";
import { copyMemory, stateOf, type LoopState } from "./loop-state.js";
import { twinOf, type Site, type Sweep } from "./sweep.js";

/** What the forward loop carries to know when the next snapshot is due. */
export interface Saving {
  readonly initial: readonly Value[];
  readonly params: readonly Value[];
  readonly results: readonly Value[];
  /** At the start of an iteration; gives what the loop yields for `params`. */
  readonly save: (body: Site, number: Value) => readonly Value[];
}

const named = (name: string): Value["origin"] => ({ span: null, variable: { name }, role: "primal" });

/** Is this a loop of which snapshots are taken? */
export const isCheckpointed = (sweep: Sweep, loop: LoopOp): boolean =>
  loop.checkpoint !== undefined && sweep.recording.isReplayed(loop);

/** Makes the list of snapshots, before the loop. `count`: its number of steps, null where only the loop knows. */
export function openCheckpoints(sweep: Sweep, loop: LoopOp, site: Site, count: Value | null): Saving | null {
  const { checkpoint } = loop;
  if (checkpoint === undefined) return null;
  const { block } = site;
  const state = stateOf(loop, sweep.facts, sweep.recording);
  const type = { kind: "array", element: state.snapshot, storage: "Array" } as const;
  const list = block.allocate(type, { kind: "parts", parts: [] }, named("checkpoints"));
  site.cells.set(sweep.snapshotsKey(loop), list);
  const variables = ["next", ...(thins(checkpoint, count) ? ["stride"] : [])].map((name) => named(name));
  const make = (): readonly Value[] => variables.map((origin) => makeValue(integerType, origin));
  const params = make();
  return {
    initial: params.map((_, k) => block.constant(k, variables[k])),
    params,
    results: make(),
    save: (body, number) => {
      const [next, stride] = params;
      if (next === undefined) return [];
      const inner = body.block.inner();
      const here: Site = { ...body, block: inner };
      const after = stride === undefined ? [] : [thinOut(inner, list, stride, limitOf(checkpoint))];
      inner.push(list, takeSnapshot(state, here, number));
      after.unshift(followingStep(sweep, checkpoint, here, list, number, count, after[0] ?? null));
      const results = variables.map((origin) => makeValue(integerType, origin));
      body.block.if(
        body.block.apply("eq", [number, next]),
        inner.yield([], after),
        body.block.inner().yield([], params),
        results,
      );
      return results;
    },
  };
}

/** The number of the step after `number` of which a snapshot is taken. */
function followingStep(
  sweep: Sweep,
  { snapshots }: Checkpoint,
  { block }: Site,
  list: Value,
  number: Value,
  count: Value | null,
  stride: Value | null,
): Value {
  if (stride !== null) return block.apply("add", [number, stride]);
  if (count === null) return block.constant(-1);
  const free = block.apply("sub", [block.constant(snapshots), block.length(list)]);
  const ahead = block.apply("sub", [count, number]);
  return block.apply("add", [number, askSchedule(sweep, block, ahead, free)]);
}

export function askSchedule({ facts }: Sweep, block: Block, ahead: Value, free: Value): Value {
  const stride = makeValue(integerType);
  block.append({ kind: "call", results: [stride], callee: scheduleIn(facts.compilation), args: [ahead, free] });
  return stride;
}

/** Of an unknown number of steps, so many snapshots are taken at most: an even number. The others are for the reverse sweep. */
const limitOf = ({ snapshots }: Checkpoint): number => 2 * Math.floor(snapshots / 4);

const thins = (checkpoint: Checkpoint, count: Value | null): boolean => count === null && limitOf(checkpoint) > 0;

/** `if (checkpoints.length === limit) { every other one goes; stride *= 2 }` */
function thinOut(block: Block, list: Value, stride: Value, limit: number): Value {
  const then = block.inner();
  const loop = (from: number, to: number, body: (inner: Block, k: Value) => void): void => {
    const k = makeValue(integerType, named("k"));
    const inner = then.inner();
    body(inner, k);
    const range = { from: then.constant(from), to: then.constant(to), step: 1, inclusive: false };
    then.loop(range, [], inner.yield([k], [inner.constant(false)]), [makeValue(integerType), makeValue(integerType)]);
  };
  const { type } = list;
  if (type.kind !== "array") throw new Error("snapshots are kept in an array");
  loop(1, limit / 2, (inner, k) =>
    inner.store(element(list, k), inner.load(element(list, inner.apply("mul", [inner.constant(2), k])))),
  );
  loop(limit / 2, limit, (inner) => void inner.pop(list, type.element));
  const doubled = then.apply("mul", [then.constant(2), stride], stride.origin);
  const result = makeValue(integerType, stride.origin);
  block.if(
    block.apply("eq", [block.length(list), block.constant(limit)]),
    then.yield([], [doubled]),
    block.inner().yield([], [stride]),
    [result],
  );
  return result;
}

/** `{ step: i, x, u: u.slice() }`, of the state at a site. */
export function takeSnapshot({ carried, memory, snapshot }: LoopState, site: Site, number: Value): Value {
  const { block } = site;
  const parts = [
    number,
    ...carried.map(({ param }) => twinOf(site, param)),
    ...memory.map(({ root, shape }) => copyMemory(block, twinOf(site, root), shape)),
  ];
  return block.allocate(snapshot, { kind: "parts", parts });
}

/**
 * The iteration that ended the loop may have been one to take a snapshot of, and changed nothing: then there is nothing
 * to reverse in it, and its snapshot goes.
 */
export function dropLast(sweep: Sweep, loop: LoopOp, site: Site): void {
  const { block } = site;
  const [completed] = loop.results;
  const list = site.cells.get(sweep.snapshotsKey(loop));
  if (completed === undefined || list?.type.kind !== "array") return;
  const { element: snapshot } = list.type;
  const inner = block.inner();
  const last = inner.load(element(list, inner.apply("sub", [inner.length(list), inner.constant(1)])));
  const then = inner.inner();
  then.pop(list, snapshot);
  const isPast = inner.apply("ge", [inner.load(field(last, "step")), twinOf(site, completed)]);
  inner.if(isPast, then.yield([], []), inner.inner().yield([], []), []);
  const any = block.apply("gt", [block.length(list), block.constant(0)]);
  block.if(any, inner.yield([], []), block.inner().yield([], []), []);
}
