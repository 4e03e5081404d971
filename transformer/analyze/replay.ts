/**
 * What runs again in the reverse sweep, or runs only there, with nothing recorded.
 *
 * A loop is *replayed* where its body can be run again, iteration by iteration, inside the reversed loop, and nobody
 * else needs what its forward run computes: that run then falls away. An `if` that nothing active follows is
 * *joined*: it is reversed right where it runs.
 */
import { appendTo } from "../ir/grouped.js";
import type { IfOp, LoopOp, Op, Region, Value } from "../ir/ir.js";
import { operandsOf, regionsOf, someOperation, walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import { isPure, takenIn, writersIn } from "./effects.js";
import { isOrderFree } from "./free-order.js";
import { inductionOf, type Induction } from "./induction.js";
import type { MemoryClass } from "./memory-class.js";
import type { Need, RecordingInput } from "./recording-input.js";

export interface Replay {
  readonly joined: ReadonlySet<IfOp>;
  readonly replayed: ReadonlySet<LoopOp>;
  /** Replayed loops whose reversed iterations run in their own order, because they carry what follows only so. */
  readonly inOrder: ReadonlySet<LoopOp>;
  /** Replayed loops whose forward run nothing needs: neither its results, nor what it writes, nor who watches. */
  readonly skipped: ReadonlySet<LoopOp>;
  /** What the reverse of a loop's body asks for, directly or not. */
  reachedIn(loop: LoopOp): ReadonlySet<Value>;
}

/** Which loops are replayed, and which branches are joined. */
export function findReplay(input: RecordingInput): Replay {
  const { fn, dependencies, needs, checkpointed } = input;
  const needsIn = needsByRegion(input);
  const forwardNeeded = dependencies.of([...needs.map(({ value }) => value), ...input.wanted]);
  /** What the caller sees happen depends on these, and on the tests around it. */
  const visible = dependencies.of(visibleRoots(input));
  const isNeeded = (value: Value): boolean => forwardNeeded.has(value) || visible.has(value);
  const isSeen = seenMemory(input, isNeeded);
  const askedIn = (loop: LoopOp): readonly Value[] => (needsIn.get(loop.body) ?? []).map(({ value }) => value);

  /**
   * Can every iteration run again by itself, from what is available after the forward sweep: in any order, or in their
   * own? null: they cannot.
   */
  const replayOrder = (loop: LoopOp): "any" | "own" | null => {
    if (loop.results.some((result, position) => position >= 2 && forwardNeeded.has(result))) return null;
    if (someOperation(loop.body, (op) => !isRepeatable(op, loop, input, isSeen))) return null;
    const asked = askedIn(loop);
    const dependsOn = (isMeant: (induction: Induction | null) => boolean): boolean => {
      const params = loop.body.params.slice(1).filter((param) => isMeant(inductionOf(param, input.tree)));
      return dependencies.reach(asked, new Set(params), loop);
    };
    if (dependsOn((induction) => induction === null)) return null;
    if (!dependsOn((induction) => induction?.isUniform === false)) return "any";
    return isOrderFree(loop, input) ? "own" : null;
  };

  const joined = new Set<IfOp>();
  const replayed = new Set<LoopOp>();
  const inOrder = new Set<LoopOp>();
  if (!input.recordEverything && input.joinsTails) joinTails(fn.body, input, joined);
  walk(fn.body, (op) => {
    if (op.kind !== "loop" || !input.isReversible(op)) return;
    if (!checkpointed.has(op)) {
      const order = input.recordEverything ? null : replayOrder(op);
      if (order === null) return;
      if (order === "own") inOrder.add(op);
    }
    replayed.add(op);
    if (!input.recordEverything) joinTails(op.body, input, joined);
  });

  const isSkipped = (loop: LoopOp): boolean =>
    !checkpointed.has(loop) &&
    !loop.results.some(isNeeded) &&
    !someOperation(loop.body, throwsInside) &&
    loop.body.exit.kind !== "throw";

  return {
    joined,
    replayed,
    inOrder,
    skipped: new Set([...replayed].filter(isSkipped)),
    reachedIn: (loop) => {
      // a call writes whatever it writes, asked for or not, and from all that it is given
      const writers = writersIn(loop.body);
      const written = writers.some(({ kind }) => kind === "call") ? writers.flatMap(operandsOf) : [];
      return dependencies.of([...askedIn(loop), ...written]);
    },
  };
}

/** Needs by the regions that they arise in, at any depth. */
function needsByRegion({ needs, tree }: RecordingInput): ReadonlyMap<Region, readonly Need[]> {
  const found = new Map<Region, Need[]>();
  for (const need of needs) for (const region of tree.pathTo(need.region)) appendTo(found, region, need);
  return found;
}

/** Notes the last `if` of a region, if it is the last thing to be reversed there, and those at the ends of its branches. */
function joinTails(region: Region, input: RecordingInput, joined: Set<IfOp>): void {
  const tail = region.ops.findLast((op) => input.isReversible(op));
  if (tail?.kind !== "if") return;
  joined.add(tail);
  joinTails(tail.then, input, joined);
  joinTails(tail.else, input, joined);
}

/** What decides about all that others see happen: what it takes, and the tests around it. */
function visibleRoots({ fn, tree, aliases, shadowOps }: RecordingInput): readonly Value[] {
  const roots: Value[] = [];
  const seen = (op: Op): boolean => {
    switch (op.kind) {
      case "opaque":
        return op.effects.observable || op.effects.writes;
      case "store":
      case "accumulate":
        return !shadowOps.has(op) && aliases.classOf(op.at.base).escapes;
      case "push":
      case "pop":
        return aliases.classOf(op.array).escapes;
      case "call":
        return true;
      case "if":
        return throwsInside(op);
      default:
        return false;
    }
  };
  walk(fn.body, (op, region) => {
    if (!seen(op)) return;
    roots.push(...operandsOf(op));
    for (const inner of regionsOf(op)) if (inner.exit.kind === "throw") roots.push(inner.exit.value);
    for (const around of tree.pathTo(region)) {
      const owner = tree.ownerOf(around);
      if (owner?.kind === "if") roots.push(owner.test);
      if (owner?.kind === "loop") {
        if (owner.range !== null) roots.push(owner.range.from, owner.range.to);
        if (around.exit.kind === "yield") roots.push(...around.exit.values.slice(0, 1));
      }
    }
  });
  return roots;
}

/** Can an operation run again in an iteration of the reversed loop? `isSeen`: does the function need what is written there? */
function isRepeatable(
  op: Op,
  loop: LoopOp,
  { stability, arrays, shadowOps }: RecordingInput,
  isSeen: (base: Value, loop: LoopOp) => boolean,
): boolean {
  switch (op.kind) {
    case "random":
    case "call":
    case "push":
    case "pop":
    case "grow":
      return false;
    case "opaque":
      return isPure(op);
    case "load":
      return stability.isStable(op, loop) || arrays.isPrivateTo(loop, op.at.base);
    case "store":
    case "accumulate":
      // what others see must be written by the forward run, which then is no dead weight
      return shadowOps.has(op) || !isSeen(op.at.base, loop);
    default:
      return true;
  }
}

/** Is the memory that a loop writes visible to the caller, or read by something needed: outside, if private to it? */
function seenMemory(
  input: RecordingInput,
  isNeeded: (value: Value) => boolean,
): (base: Value, loop: LoopOp) => boolean {
  const { tree, aliases, arrays } = input;
  let readers: ReadonlyMap<MemoryClass, readonly Op[]> | null = null;
  return (base, loop) => {
    const memory = aliases.classOf(base);
    if (memory.escapes) return true;
    readers ??= neededReaders(input, isNeeded);
    const isPrivate = arrays.isPrivateTo(loop, base);
    return (readers.get(memory) ?? []).some(
      (reader) =>
        !(isPrivate && tree.isWithin(tree.placeOf(reader).region, loop.body)) &&
        (reader.kind === "load" || !tree.isOverBefore(reader, loop)),
    );
  };
}

/** What reads each memory, and is needed itself; a call happens whatever becomes of its results. */
function neededReaders(
  { fn, aliases }: RecordingInput,
  isNeeded: (value: Value) => boolean,
): ReadonlyMap<MemoryClass, readonly Op[]> {
  const found = new Map<MemoryClass, Op[]>();
  walk(fn.body, (op) => {
    if (op.kind !== "call" && !op.results.some(isNeeded)) return;
    for (const memory of memoryReadBy(op, aliases)) appendTo(found, memory, op);
  });
  return found;
}

function memoryReadBy(op: Op, aliases: Aliases): readonly MemoryClass[] {
  if (op.kind === "load") return [aliases.classOf(op.at.base)];
  return op.kind === "pop" ? [aliases.classOf(op.array)] : takenIn(op, aliases);
}

const throwsInside = (op: Op): boolean => regionsOf(op).some(({ exit }) => exit.kind === "throw");
