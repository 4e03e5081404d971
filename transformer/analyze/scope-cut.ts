/**
 * What a scope records: a minimum cut between what cannot be computed again (carried values, overwritten memory, calls
 * into the mathematics library) and what is needed of the scope.
 */
import { appendTo } from "../ir/grouped.js";
import type { LoopOp, Op, Region, Value } from "../ir/ir.js";
import { someOperation } from "../ir/traverse.js";
import { exchangeOf, type Exchange } from "./exchanges.js";
import { isOrderFree } from "./free-order.js";
import { inductionOf, sourcesOfInduction, type Induction } from "./induction.js";
import { minimumCut } from "./minimum-cut.js";
import type { Recomputation } from "./recomputation.js";
import type { RecordingInput } from "./recording-input.js";
import type { Scopes } from "./scopes.js";
import { isKnownBefore } from "./trip-counts.js";

/** How a scope comes by what is needed of it. */
export interface Cut {
  readonly recordable: ReadonlySet<Value>;
  /** Values of scopes around it that are needed for that. */
  readonly used: ReadonlySet<Value>;
  /** Loops whose own order is needed, and references that are changed back. */
  readonly varying: readonly LoopOp[];
  readonly exchanged: ReadonlyMap<Value, Exchange>;
}

/** What a cut is made from. */
export interface Cutting {
  readonly input: RecordingInput;
  readonly scopes: Scopes;
  readonly recomputation: Recomputation;
  /** What the scopes that are cut already record. */
  readonly recordedIn: (scope: Region) => readonly Value[];
}

/** As few records as possible: quotients and roots are loaded again where the program keeps them, if that costs none. */
export function cheapestCut(scope: Region, sinks: ReadonlySet<Value>, cutting: Cutting): Cut {
  const { scopes, recomputation } = cutting;
  const computed = cutScope(scope, sinks, cutting);
  const kept = scopes.definedIn(scope).filter((value) => recomputation.isSlowButKept(value, scope));
  if (kept.length === 0) return computed;
  recomputation.preferLoads(kept, true);
  const loaded = cutScope(scope, sinks, cutting);
  if (loaded.recordable.size <= computed.recordable.size) return loaded;
  recomputation.preferLoads(kept, false);
  return computed;
}

/** How one value of a scope follows from others. */
interface Way {
  readonly from: readonly Value[];
  /** The loop whose own order is needed for it. */
  readonly varying: LoopOp | null;
  readonly exchange: Exchange | null;
  /** May it be recorded all the same? Not what is told by a count, or changed back. */
  readonly isCut: boolean;
}

function cutScope(scope: Region, sinks: ReadonlySet<Value>, cutting: Cutting): Cut {
  const { input, scopes } = cutting;
  const inScope = new Set(scopes.definedIn(scope));
  const ways = new Map<Value, Way>();
  const users = new Map<Value, Value[]>();
  const sources = new Set<Value>();
  for (const value of inScope) {
    const { op, region } = input.tree.definitionOf(value);
    if (isFree(value, op, region, input)) continue;
    const way = wayTo(value, op, scope, cutting);
    if (way === null) {
      sources.add(value);
      continue;
    }
    ways.set(value, way);
    if (!way.isCut) continue;
    for (const operand of way.from) if (inScope.has(operand)) appendTo(users, operand, value);
  }
  const recordable = minimumCut({ sources, sinks, usersOf: (value) => users.get(value) ?? [] });

  const used = new Set<Value>();
  const taken = new Set<Value>();
  const take = (value: Value): void => {
    if (taken.has(value) || recordable.has(value)) return;
    taken.add(value);
    for (const operand of ways.get(value)?.from ?? []) {
      if (inScope.has(operand)) take(operand);
      else used.add(operand);
    }
  };
  sinks.forEach(take);
  const takenWays = [...ways].filter(([value]) => taken.has(value));
  return {
    recordable,
    used,
    varying: takenWays.flatMap(([, { varying }]) => varying ?? []),
    exchanged: new Map(takenWays.flatMap(([value, { exchange }]) => (exchange === null ? [] : [[value, exchange]]))),
  };
}

/** Known in the reverse sweep without more ado: literals, the counter of the reversed loop. */
function isFree(value: Value, op: Op | null, region: Region, { handedIn, tree }: RecordingInput): boolean {
  if (handedIn?.has(value) === true) return true;
  if (op !== null) return op.kind === "constant";
  return tree.ownerOf(region)?.kind === "loop" && region.params[0] === value;
}

/** null: it is recorded or lost. */
function wayTo(value: Value, op: Op | null, scope: Region, cutting: Cutting): Way | null {
  const { input, recomputation } = cutting;
  const induction = op === null ? inductionIn(scope, value, cutting) : null;
  if (induction !== null) {
    const varying = induction.isUniform ? null : induction.loop;
    return { from: sourcesOfInduction(induction, input.tree), varying, exchange: null, isCut: false };
  }
  const exchange = exchangeIn(scope, value, input);
  if (exchange !== null) {
    return { from: exchange.members.map(({ result }) => result), varying: null, exchange, isCut: false };
  }
  const from = recomputation.sourcesOf(value, op, scope);
  return from === null ? null : { from, varying: null, exchange: null, isCut: true };
}

/** The carried value as what follows from the iterations before, where the reversed loop can tell. */
function inductionIn(scope: Region, param: Value, cutting: Cutting): Induction | null {
  const { input } = cutting;
  const induction = input.recordEverything ? null : inductionOf(param, input.tree);
  if (induction === null || induction.isUniform) return induction;
  const { loop } = induction;
  if (loop.body !== scope || input.checkpointed.has(loop) || !isOrderFree(loop, input)) return null;
  return recordsKeepOrder(loop, cutting) ? induction : null;
}

/** The carried reference as what the iterations only exchange, where the reversed loop runs back through them. */
function exchangeIn(scope: Region, value: Value, input: RecordingInput): Exchange | null {
  if (input.recordEverything || !scope.params.includes(value)) return null;
  const exchange = exchangeOf(value, input.tree);
  if (exchange === null || input.checkpointed.has(exchange.loop) || isOrderFree(exchange.loop, input)) return null;
  return exchange;
}

/** Is every record made within a loop as long as is known before the loop? Others are read from their end. */
function recordsKeepOrder(loop: LoopOp, { input: { tree }, recordedIn }: Cutting): boolean {
  const isCountKnownBefore = ({ range }: LoopOp, around: LoopOp): boolean =>
    range !== null && isKnownBefore(range.from, around, tree) && isKnownBefore(range.to, around, tree);
  return !someOperation(
    loop.body,
    (op) =>
      op.kind === "loop" &&
      recordedIn(op.body).length > 0 &&
      tree.loopsAround(op.body).some((around) => around !== op && !isCountKnownBefore(op, around)),
  );
}
