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
import { stateOf, type LoopState } from "./loop-state.js";
import { addBytes, bytesOfCopy, bytesOfObject, copyMemory, listEntry, sumOf } from "./state-copies.js";
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
  const room = makeRoom(sweep, loop, checkpoint, state, site);
  const limit = count === null ? limitOf(block, room) : null;
  const type = { kind: "array", element: state.snapshot, storage: "Array" } as const;
  const list = block.allocate(type, { kind: "parts", parts: [] }, named("checkpoints"));
  site.cells.set(sweep.snapshotsKey(loop), list);
  const variables = ["next", ...(limit === null ? [] : ["stride"])].map((name) => named(name));
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
      const after = stride === undefined || limit === null ? [] : [thinOut(inner, list, stride, limit)];
      inner.push(list, takeSnapshot(state, here, number));
      after.unshift(followingStep(sweep, room, here, list, number, count, after[0] ?? null));
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
  room: Value,
  { block }: Site,
  list: Value,
  number: Value,
  count: Value | null,
  stride: Value | null,
): Value {
  if (stride !== null) return block.apply("add", [number, stride]);
  if (count === null) return block.constant(-1);
  const free = block.apply("sub", [room, block.length(list)]);
  const ahead = block.apply("sub", [count, number]);
  return block.apply("add", [number, askSchedule(sweep, block, ahead, free)]);
}

/** How many steps further the schedule takes the next snapshot. */
export function askSchedule({ facts }: Sweep, block: Block, ahead: Value, free: Value): Value {
  const stride = makeValue(integerType);
  block.append({ kind: "call", results: [stride], callee: scheduleIn(facts.compilation), args: [ahead, free] });
  return stride;
}

/** Half as many snapshots as are taken, at most, of an unknown number of steps: the others are for the reverse sweep. */
interface Limit {
  readonly half: Value;
  readonly all: Value;
}

/** null: there are too few for every other one to go. */
function limitOf(block: Block, room: Value): Limit | null {
  const known = block.literalOf(room);
  if (typeof known !== "number") {
    const half = block.apply("floor", [block.apply("div", [room, block.constant(4)])], named("half"));
    return { half, all: block.apply("mul", [block.constant(2), half], named("limit")) };
  }
  const half = Math.floor(known / 4);
  return half === 0 ? null : { half: block.constant(half), all: block.constant(2 * half) };
}

/** However large a state is, so many snapshots of it are kept: with fewer, most steps would run again very often. */
const fewestSnapshots = 4;

/** How many snapshots there may be at a time; null: that depends on how large the arrays of the state are. */
function knownRoom(checkpoint: Checkpoint, { carried, memory }: LoopState): number | null {
  if ("snapshots" in checkpoint) return checkpoint.snapshots;
  if (memory.length > 0) return null;
  return Math.max(Math.floor(checkpoint.bytes / bytesOfRecord(carried)), fewestSnapshots);
}

/** The same as a value, computed before the loop where only a run knows it. */
function makeRoom(sweep: Sweep, loop: LoopOp, checkpoint: Checkpoint, state: LoopState, site: Site): Value {
  const { block } = site;
  const known = knownRoom(checkpoint, state);
  if (known !== null || "snapshots" in checkpoint) return block.constant(known);
  const copies = state.memory.map(({ root, shape }) => bytesOfCopy(block, rootBefore(loop, root, site), shape));
  const size = sumOf(block, addBytes(block, [{ fixed: bytesOfRecord(state.carried), varying: null }, ...copies]));
  const fitting = block.apply("floor", [block.apply("div", [block.constant(checkpoint.bytes), size])]);
  const room = block.apply("max", [fitting, block.constant(fewestSnapshots)], named("snapshots"));
  site.cells.set(sweep.roomKey(loop), room);
  return room;
}

/** The same, in the reverse sweep. */
export function roomOf(sweep: Sweep, loop: LoopOp, state: LoopState, { block, cells }: Site): Value {
  const known = loop.checkpoint === undefined ? null : knownRoom(loop.checkpoint, state);
  const room = known === null ? cells.get(sweep.roomKey(loop)) : block.constant(known);
  if (room === null) throw new Error("nobody said how many snapshots there may be");
  return room;
}

/** How many bytes a snapshot takes, its copies aside. */
const bytesOfRecord = (carried: LoopState["carried"]): number =>
  bytesOfObject([integerType, ...carried.map(({ param }) => param.type)]) + listEntry;

/** `if (checkpoints.length === limit) { every other one goes; stride *= 2 }` */
function thinOut(block: Block, list: Value, stride: Value, { half, all }: Limit): Value {
  const then = block.inner();
  const loop = (from: Value, to: Value, body: (inner: Block, k: Value) => void): void => {
    const k = makeValue(integerType, named("k"));
    const inner = then.inner();
    body(inner, k);
    const range = { from, to, step: 1, inclusive: false };
    then.loop(range, [], inner.yield([k], [inner.constant(false)]), [makeValue(integerType), makeValue(integerType)]);
  };
  const { type } = list;
  if (type.kind !== "array") throw new Error("snapshots are kept in an array");
  loop(then.constant(1), half, (inner, k) =>
    inner.store(element(list, k), inner.load(element(list, inner.apply("mul", [inner.constant(2), k])))),
  );
  loop(half, all, (inner) => void inner.pop(list, type.element));
  const doubled = then.apply("mul", [then.constant(2), stride], stride.origin);
  const result = makeValue(integerType, stride.origin);
  block.if(block.apply("eq", [block.length(list), all]), then.yield([], [doubled]), block.inner().yield([], [stride]), [
    result,
  ]);
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

/** The memory that a loop's state begins with. */
export function rootBefore(loop: LoopOp, root: Value, site: Site): Value {
  const position = loop.body.params.indexOf(root);
  return twinOf(site, position < 0 ? root : (loop.initial[position - 1] ?? root));
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
