/**
 * To be recorded: how the reverse sweep comes by each primal value that it needs (TBR; Hascoët,
 * Naumann & Pascual 2005; Griewank & Walther, ch. 12).
 *
 * - available: defined where the reverse sweep still sees it: at the top of a function, in a branch
 *   that is reversed right after it ran, in the body of a replayed loop;
 * - recompute: cheap, from what is available or recorded, or loaded from where the program itself keeps it;
 * - record: kept in an array by iteration, or handed out of a branch as one more result.
 *
 * First `replay.ts` settles which loops run again inside the reversed loop, and `scopes.ts` what is available then;
 * in what is left, `scope-cut.ts` finds as little to record as possible, from the innermost loop outwards: what is
 * computed again there is needed around it.
 */
import { setOf } from "../ir/grouped.js";
import type { IfOp, Location, LoopOp, Op, Region, Value } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import type { Exchange } from "./exchanges.js";
import { analyzeRecomputation } from "./recomputation.js";
import type { Need, RecordingInput } from "./recording-input.js";
import { findReplay } from "./replay.js";
import { cheapestCut } from "./scope-cut.js";
import { findScopes } from "./scopes.js";

export interface Recording {
  isRecorded(value: Value): boolean;
  isReplayed(loop: LoopOp): boolean;
  /** Does nothing at all need the forward run of a replayed loop: neither its results, nor what it writes, nor who watches? */
  isSkipped(loop: LoopOp): boolean;
  /** Do the reversed iterations of a loop run in their own order, carrying what it carries? */
  isInOrder(loop: LoopOp): boolean;
  /** The references that the reversed loop changes back, for it needs them. */
  exchangedIn(loop: LoopOp): readonly Exchange[];
  /** Is this `if` reversed right where it runs, because nothing active follows it? */
  isJoined(op: IfOp): boolean;
  /** Values recorded whose own iteration is that of `scope` (a loop's body or a branch), in order of definition. */
  recordedIn(scope: Region): readonly Value[];
  /** The region whose iteration or branch `region` belongs to for recording; null where everything is available. */
  scopeOf(region: Region): Region | null;
  /** Where the program itself keeps a value of a scope, so that it is loaded again. */
  keptAt(value: Value, scope: Region): Location | null;
  /** May the reverse of a scope compute this operation again, if its operands are there? */
  isRecomputable(op: Op, scope: Region): boolean;
  why(value: Value): string | null;
  /** What the reverse of a loop's body asks for, directly or not. */
  reachedIn(loop: LoopOp): ReadonlySet<Value>;
  /** Who asked for a value first. */
  needOf(value: Value): Pick<Need, "reason" | "by"> | null;
}

/** Decides how the reverse sweep comes by everything that it needs. */
export function planRecording(input: RecordingInput): Recording {
  const { fn, tree, dependencies, needs } = input;
  const replay = findReplay(input);
  const scopes = findScopes(input, replay);
  const recomputation = analyzeRecomputation(input, scopes);
  const inOrder = new Set(replay.inOrder);
  const exchanges = new Map<LoopOp, readonly Exchange[]>();
  const recorded = new Set<Value>();
  const recordedByScope = new Map<Region, readonly Value[]>();
  const recordedIn = (scope: Region): readonly Value[] => recordedByScope.get(scope) ?? [];
  const reasons = new Map<Value, Pick<Need, "reason" | "by">>();
  /** What is asked of a scope, or of a region where everything is available. */
  const asked = new Map<Region, Set<Value>>();

  /** Notes that the reverse sweep needs a value, at the scope that defines it. */
  const ask = (value: Value, reason: string, by: Value | null = null): void => {
    if (!reasons.has(value)) reasons.set(value, { reason, by });
    const home = tree.definitionOf(value).region;
    setOf(asked, scopes.of(home) ?? home).add(value);
  };

  /** In a replayed body everything is computed again: what that takes from outside is needed there. */
  const askFromReplay = (region: Region, sinks: ReadonlySet<Value>): void => {
    const owner = scopes.replayedAround(region);
    if (owner === null) return;
    for (const value of dependencies.of(sinks)) {
      if (!tree.isWithin(tree.definitionOf(value).region, owner.body)) {
        ask(value, "is used when an iteration runs again");
      }
    }
  };

  const cutAt = (scope: Region, sinks: ReadonlySet<Value>): void => {
    const cut = cheapestCut(scope, sinks, { input, scopes, recomputation, recordedIn });
    const ordered = scopes.definedIn(scope).filter((value) => cut.recordable.has(value));
    recordedByScope.set(scope, ordered);
    for (const value of ordered) recorded.add(value);
    for (const value of cut.used) ask(value, "operand of what is computed again");
    for (const loop of cut.varying) inOrder.add(loop);
    for (const [value, exchange] of cut.exchanged) {
      const known = exchanges.get(exchange.loop) ?? [];
      const isKnown = known.some(({ members }) => members.some(({ param }) => param === value));
      if (!isKnown) exchanges.set(exchange.loop, [...known, exchange]);
    }
  };

  for (const { value, reason, by } of needs) ask(value, reason, by);
  for (const region of innermostFirst(fn.body)) {
    const sinks = asked.get(region);
    if (sinks === undefined) continue;
    const scope = scopes.of(region);
    if (scope === null) askFromReplay(region, sinks);
    else if (scope === region) cutAt(scope, sinks);
  }

  return {
    isRecorded: (value) => recorded.has(value),
    keptAt: (value, scope) => recomputation.keptAt(value, scope),
    isRecomputable: (op, scope) => recomputation.isRecomputable(op, scope),
    isReplayed: (loop) => replay.replayed.has(loop),
    isSkipped: (loop) => replay.skipped.has(loop),
    isInOrder: (loop) => inOrder.has(loop),
    exchangedIn: (loop) => exchanges.get(loop) ?? [],
    isJoined: (op) => replay.joined.has(op),
    recordedIn,
    scopeOf: (region) => scopes.of(region),
    why: (value) => {
      const reason = reasons.get(value)?.reason;
      if (reason === undefined) return null;
      if (recorded.has(value)) return `recorded: ${reason}`;
      const scope = scopes.of(tree.definitionOf(value).region);
      return `${scope === null ? "available" : "recomputed"}: ${reason}`;
    },
    needOf: (value) => reasons.get(value) ?? null,
    reachedIn: (loop) => replay.reachedIn(loop),
  };
}

/** A region and those in it, each after all that are in it. */
function* innermostFirst(region: Region): Iterable<Region> {
  for (const op of region.ops) for (const inner of regionsOf(op)) yield* innermostFirst(inner);
  yield region;
}
