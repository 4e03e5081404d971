/**
 * To be recorded: how the reverse sweep comes by each primal value that it needs (TBR; Hascoët,
 * Naumann & Pascual 2005; Griewank & Walther, ch. 12).
 *
 * - available: defined where the reverse sweep still sees it: at the top of a function, in a branch
 *   that is reversed right after it ran, in the body of a replayed loop;
 * - recompute: cheap, from what is available or recorded, or loaded from where the program itself keeps it;
 * - record: kept in an array by iteration, or handed out of a branch as one more result.
 *
 * A loop is *replayed* where its body can be run again, iteration by iteration, inside the reversed
 * loop, without anything recorded, and nobody else needs what its forward run computes: that run then
 * falls away. What is recorded in other loops is a minimum cut between what cannot be computed again
 * (carried values, overwritten memory, calls into the mathematics library) and what is needed.
 */
import { freeValues, operandsOf, regionsOf, someOperation, walk } from "../ir/traverse.js";
import { isReference } from "../ir/ir.js";
import type { ApplyOp, Effects, IfOp, IRFunction, Location, LoopOp, Op, Region, Value } from "../ir/ir.js";
import { primitives, type Primitive } from "../ir/primitives.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import type { Dependencies } from "./dependencies.js";
import { takenIn, writersIn } from "./effects.js";
import { isOrderFree } from "./free-order.js";
import { exchangeOf, type Exchange } from "./exchanges.js";
import { inductionOf, sourcesOfInduction, type Induction } from "./induction.js";
import type { KeptInMemory } from "./kept-in-memory.js";
import { minimumCut } from "./minimum-cut.js";
import type { PrivateArrays } from "./private-arrays.js";
import type { RegionTree } from "./region-tree.js";
import type { Stability } from "./stability.js";
import { isKnownBefore } from "./trip-counts.js";

/** The reverse of `region` needs the primal `value`. */
export interface Need {
  readonly value: Value;
  readonly region: Region;
  readonly reason: string;
  /** What the operation that needs it gives, where one does. */
  readonly by: Value | null;
}

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

export interface RecordingInput {
  readonly fn: IRFunction;
  readonly tree: RegionTree;
  readonly aliases: Aliases;
  readonly stability: Stability;
  readonly arrays: PrivateArrays;
  readonly kept: KeptInMemory;
  readonly dependencies: Dependencies;
  readonly needs: readonly Need[];
  readonly isReversible: (op: Op) => boolean;
  readonly isActive: (value: Value) => boolean;
  /** Operations on shadows alone; a fresh shadow is made anew in the reversed iteration. */
  readonly shadowOps: ReadonlySet<Op>;
  /** Values that the derivative hands to its caller, so that the forward sweep computes them anyway. */
  readonly wanted: readonly Value[];
  /** May a last `if` be reversed where it runs? Not where something must happen between the sweeps. */
  readonly joinsTails: boolean;
  /** Are the sweeps functions of their own? Then nothing is simply there, and these references are handed in again. */
  readonly handedIn: ReadonlySet<Value> | null;
  /** Loops of which the user wants snapshots: their iterations run again from these. */
  readonly checkpointed: ReadonlySet<Op>;
  /** Record whatever is needed, recompute and replay nothing: for tests that compare. */
  readonly recordEverything: boolean;
}

/** How a scope comes by what is needed of it. */
interface Cut {
  readonly recordable: ReadonlySet<Value>;
  /** Values of scopes around it that are needed for that. */
  readonly used: ReadonlySet<Value>;
  /** Loops whose own order is needed, and references that are changed back. */
  readonly varying: readonly LoopOp[];
  readonly exchanged: ReadonlyMap<Value, Exchange>;
}

export function planRecording(input: RecordingInput): Recording {
  const { fn, tree, aliases, stability, arrays, dependencies, needs } = input;

  let readers: ReadonlyMap<MemoryClass, readonly Op[]> | null = null;

  // ---- joined branches and replayed loops ----
  const joined = new Set<IfOp>();
  const findJoined = (region: Region): void => {
    let last = region.ops.length - 1;
    while (last >= 0) {
      const op = region.ops[last];
      if (op !== undefined && input.isReversible(op)) break;
      last--;
    }
    const tail = region.ops[last];
    if (tail?.kind !== "if") return;
    joined.add(tail);
    findJoined(tail.then);
    findJoined(tail.else);
  };
  if (!input.recordEverything && input.joinsTails) findJoined(fn.body);

  const needsIn = new Map<Region, Need[]>();
  for (const need of needs) {
    for (const region of tree.pathTo(need.region)) {
      const list = needsIn.get(region);
      if (list === undefined) needsIn.set(region, [need]);
      else list.push(need);
    }
  }
  const forwardNeeded = dependencies.of([...needs.map(({ value }) => value), ...input.wanted]);
  /** What the caller sees happen depends on these, and on the tests around it. */
  const visible = dependencies.of(visibleRoots());
  const replayed = new Set<LoopOp>();
  const inOrder = new Set<LoopOp>();
  const exchanges = new Map<LoopOp, readonly Exchange[]>();
  walk(fn.body, (op) => {
    if (op.kind !== "loop" || !input.isReversible(op)) return;
    if (input.checkpointed.has(op)) {
      replayed.add(op);
      if (!input.recordEverything) findJoined(op.body);
      return;
    }
    if (input.recordEverything) return;
    const order = op.results.some((result) => isResultNeeded(op, result)) ? null : replayOrder(op);
    if (order !== null) {
      replayed.add(op);
      if (order === "own") inOrder.add(op);
      findJoined(op.body);
    }
  });

  const skipped = new Set<LoopOp>();
  for (const loop of replayed) {
    if (input.checkpointed.has(loop)) continue;
    const isUsed = loop.results.some((result) => forwardNeeded.has(result) || visible.has(result));
    if (!isUsed && !someOperation(loop.body, throwsInside) && loop.body.exit.kind !== "throw") skipped.add(loop);
  }

  function visibleRoots(): readonly Value[] {
    const roots: Value[] = [];
    const seen = (op: Op): boolean => {
      switch (op.kind) {
        case "opaque":
          return op.effects.observable || op.effects.writes;
        case "store":
        case "accumulate":
          return !input.shadowOps.has(op) && aliases.classOf(op.at.base).escapes;
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

  function isResultNeeded(loop: LoopOp, result: Value): boolean {
    return loop.results.indexOf(result) >= 2 && forwardNeeded.has(result);
  }

  /**
   * Can every iteration run again by itself, from what is available after the forward sweep: in any order, or in their
   * own? null: they cannot.
   */
  function replayOrder(loop: LoopOp): "any" | "own" | null {
    if (someOperation(loop.body, (op) => !isRepeatable(op, loop))) return null;
    const asked = (needsIn.get(loop.body) ?? []).map(({ value }) => value);
    const dependsOn = (isMeant: (induction: Induction | null) => boolean): boolean => {
      const params = loop.body.params.slice(1).filter((param) => isMeant(inductionOf(param, tree)));
      return dependencies.reach(asked, new Set(params), loop);
    };
    if (dependsOn((induction) => induction === null)) return null;
    if (!dependsOn((induction) => induction?.isUniform === false)) return "any";
    return isOrderFree(loop, input) ? "own" : null;
  }

  /** The carried value as what follows from the iterations before, where the reversed loop can tell. */
  function inductionIn(scope: Region, param: Value): Induction | null {
    const induction = input.recordEverything ? null : inductionOf(param, tree);
    if (induction === null || induction.isUniform) return induction;
    const { loop } = induction;
    if (loop.body !== scope || input.checkpointed.has(loop) || !isOrderFree(loop, input)) return null;
    return recordsKeepOrder(loop) ? induction : null;
  }

  /** The carried reference as what the iterations only exchange, where the reversed loop runs back through them. */
  function exchangeIn(scope: Region, value: Value): Exchange | null {
    if (input.recordEverything || !scope.params.includes(value)) return null;
    const exchange = exchangeOf(value, tree);
    if (exchange === null || input.checkpointed.has(exchange.loop) || isOrderFree(exchange.loop, input)) return null;
    return exchange;
  }

  const isCountKnownBefore = ({ range }: LoopOp, around: LoopOp): boolean =>
    range !== null && isKnownBefore(range.from, around, tree) && isKnownBefore(range.to, around, tree);

  /** Is every record made within a loop as long as is known before the loop? Others are read from their end. */
  function recordsKeepOrder(loop: LoopOp): boolean {
    return !someOperation(
      loop.body,
      (op) =>
        op.kind === "loop" &&
        (recordedByScope.get(op.body) ?? []).length > 0 &&
        tree.loopsAround(op.body).some((around) => around !== op && !isCountKnownBefore(op, around)),
    );
  }

  function isRepeatable(op: Op, loop: LoopOp): boolean {
    switch (op.kind) {
      case "random":
      case "call":
      case "push":
      case "pop":
      case "grow":
        return false;
      case "opaque":
        return isPure(op.effects);
      case "load":
        return stability.isStable(op, loop) || arrays.isPrivateTo(loop, op.at.base);
      case "store":
      case "accumulate":
        // what others see must be written by the forward run, which then is no dead weight
        return input.shadowOps.has(op) || !isSeen(op.at.base, loop);
      default:
        return true;
    }
  }

  /** Is the memory that a loop writes visible to the caller, or read by something needed: outside, if private to it? */
  function isSeen(base: Value, loop: LoopOp): boolean {
    const memory = aliases.classOf(base);
    if (memory.escapes) return true;
    const isPrivate = arrays.isPrivateTo(loop, base);
    return (neededReaders().get(memory) ?? []).some(
      (reader) =>
        !(isPrivate && tree.isWithin(tree.placeOf(reader).region, loop.body)) &&
        (reader.kind === "load" || !tree.isOverBefore(reader, loop)),
    );
  }

  /** What reads each memory, and is needed itself; a call happens whatever becomes of its results. */
  function neededReaders(): ReadonlyMap<MemoryClass, readonly Op[]> {
    if (readers !== null) return readers;
    const found = new Map<MemoryClass, Op[]>();
    walk(fn.body, (op) => {
      const isNeeded = op.results.some((result) => forwardNeeded.has(result) || visible.has(result));
      if (op.kind !== "call" && !isNeeded) return;
      for (const memory of memoryReadBy(op)) {
        const known = found.get(memory);
        if (known === undefined) found.set(memory, [op]);
        else known.push(op);
      }
    });
    readers = found;
    return found;
  }

  function memoryReadBy(op: Op): readonly MemoryClass[] {
    if (op.kind === "load") return [aliases.classOf(op.at.base)];
    return op.kind === "pop" ? [aliases.classOf(op.array)] : takenIn(op, aliases);
  }

  function isMadeIn(region: Region, base: Value): boolean {
    const { op, region: home } = tree.definitionOf(base);
    return op?.kind === "allocate" && tree.isWithin(home, region) && !aliases.classOf(base).escapes;
  }

  /** The innermost loop around a region whose iterations run again. */
  function replayedAround(region: Region): LoopOp | null {
    return tree.loopsAround(region).findLast((loop) => replayed.has(loop)) ?? null;
  }

  let held: ReadonlySet<Value> | null = null;
  let loaded: ReadonlySet<MemoryClass> | null = null;
  const loadsOf = new Map<Region, ReadonlyMap<Op, readonly Op[]>>();

  // ---- scopes ----
  const scopes = new Map<Region, Region | null>();
  function scopeOf(region: Region): Region | null {
    const known = scopes.get(region);
    if (known !== undefined) return known;
    const found = findScope(region);
    scopes.set(region, found);
    return found;
  }
  function findScope(region: Region): Region | null {
    const owner = tree.ownerOf(region);
    const parent = tree.parentOf(region);
    if (owner === null || parent === null) return input.handedIn === null ? null : region;
    if (owner.kind === "loop") return replayed.has(owner) ? null : region;
    return joined.has(owner) ? scopeOf(parent) : (scopeOf(parent) ?? region);
  }

  // ---- the cut, innermost scopes first ----
  const recorded = new Set<Value>();
  const reasons = new Map<Value, Pick<Need, "reason" | "by">>();
  const asked = new Map<Region, Set<Value>>();
  const recordedByScope = new Map<Region, Value[]>();
  /** Values that are loaded again although they could be computed again. */
  const reloaded = new Set<Value>();

  const order: Region[] = [];
  const collect = (region: Region): void => {
    for (const op of region.ops) regionsOf(op).forEach(collect);
    order.push(region);
  };
  collect(fn.body);

  /** Notes that the reverse sweep needs a value, at the scope that defines it. */
  const ask = (value: Value, reason: string, by: Value | null = null): void => {
    if (!reasons.has(value)) reasons.set(value, { reason, by });
    const home = tree.definitionOf(value).region;
    const scope = scopeOf(home);
    if (scope !== null) setOf(asked, scope).add(value);
    else setOf(asked, home).add(value);
  };
  for (const { value, reason, by } of needs) ask(value, reason, by);

  for (const region of order) {
    const sinks = asked.get(region);
    const scope = scopeOf(region);
    if (sinks === undefined) continue;
    if (scope === null) {
      askFromReplay(region, sinks);
      continue;
    }
    if (scope !== region) continue;
    const { recordable, used, varying, exchanged } = cheapestCut(region, sinks);
    const ordered = [...definedIn(region)].filter((value) => recordable.has(value));
    recordedByScope.set(region, ordered);
    for (const value of ordered) recorded.add(value);
    for (const value of used) ask(value, "operand of what is computed again");
    for (const loop of varying) inOrder.add(loop);
    for (const [value, exchange] of exchanged) {
      const known = exchanges.get(exchange.loop) ?? [];
      const isKnown = known.some(({ members }) => members.some(({ param }) => param === value));
      if (!isKnown) exchanges.set(exchange.loop, [...known, exchange]);
    }
  }

  /** The values of a scope: of its region and of the branches in it that are not scopes of their own. */
  function* definedIn(scope: Region): Iterable<Value> {
    const visit = function* (region: Region): Iterable<Value> {
      yield* region.params;
      for (const op of region.ops) {
        yield* op.results;
        if (op.kind !== "if") continue;
        for (const branch of [op.then, op.else]) if (scopeOf(branch) === scope) yield* visit(branch);
      }
    };
    if (scope === fn.body) for (const { value } of fn.params) yield value;
    yield* visit(scope);
  }

  /** In a replayed body everything is computed again: what that takes from outside is needed there. */
  function askFromReplay(region: Region, sinks: ReadonlySet<Value>): void {
    const owner = tree.pathTo(region).findLast((one) => {
      const by = tree.ownerOf(one);
      return by?.kind === "loop" && replayed.has(by);
    });
    if (owner === undefined) return;
    for (const value of dependencies.of(sinks)) {
      if (!tree.isWithin(tree.definitionOf(value).region, owner)) ask(value, "is used when an iteration runs again");
    }
  }

  /** As few records as possible: quotients and roots are loaded again where the program keeps them, if that costs none. */
  function cheapestCut(scope: Region, sinks: ReadonlySet<Value>): Cut {
    const computed = cutScope(scope, sinks);
    const kept = [...definedIn(scope)].filter((value) => {
      const { op } = tree.definitionOf(value);
      return op?.kind === "apply" && isSlow(op.primitive) && isRecomputable(op, scope) && keptAt(value, scope) !== null;
    });
    if (kept.length === 0) return computed;
    for (const value of kept) reloaded.add(value);
    const loaded = cutScope(scope, sinks);
    if (loaded.recordable.size <= computed.recordable.size) return loaded;
    for (const value of kept) reloaded.delete(value);
    return computed;
  }

  function cutScope(scope: Region, sinks: ReadonlySet<Value>): Cut {
    const inScope = new Set(definedIn(scope));
    const users = new Map<Value, Value[]>();
    const operands = new Map<Value, readonly Value[]>();
    const sources = new Set<Value>();
    const exchangeOfValue = new Map<Value, Exchange>();
    const varying: { readonly value: Value; readonly loop: LoopOp }[] = [];
    for (const value of inScope) {
      const { op, region } = tree.definitionOf(value);
      if (isFree(value, op, region)) continue;
      const induction = op === null ? inductionIn(scope, value) : null;
      if (induction !== null) {
        operands.set(value, sourcesOfInduction(induction, tree));
        if (!induction.isUniform) varying.push({ value, loop: induction.loop });
        continue;
      }
      const exchange = exchangeIn(scope, value);
      if (exchange !== null) {
        exchangeOfValue.set(value, exchange);
        operands.set(
          value,
          exchange.members.map(({ result }) => result),
        );
        continue;
      }
      const from = sourcesOf(value, op, scope);
      if (from === null) {
        sources.add(value);
        continue;
      }
      operands.set(value, from);
      for (const operand of from) {
        if (!inScope.has(operand)) continue;
        const list = users.get(operand);
        if (list === undefined) users.set(operand, [value]);
        else list.push(value);
      }
    }
    const recordable = minimumCut({ sources, sinks, usersOf: (value) => users.get(value) ?? [] });
    const used = new Set<Value>();
    const seen = new Set<Value>();
    const visit = (value: Value): void => {
      if (seen.has(value) || recordable.has(value)) return;
      seen.add(value);
      for (const operand of operands.get(value) ?? []) {
        if (inScope.has(operand)) visit(operand);
        else used.add(operand);
      }
    };
    sinks.forEach(visit);
    return {
      recordable,
      used,
      varying: varying.filter(({ value }) => seen.has(value)).map(({ loop }) => loop),
      exchanged: new Map([...exchangeOfValue].filter(([value]) => seen.has(value))),
    };
  }

  /** What a value is computed from again, or where it is kept; null where it is recorded or lost. */
  function sourcesOf(value: Value, op: Op | null, scope: Region): readonly Value[] | null {
    if (op !== null && isRecomputable(op, scope))
      return op.kind === "if" ? [op.test, ...freeValues(op.then), ...freeValues(op.else)] : operandsOf(op);
    const place = keptAt(value, scope);
    if (place === null) return null;
    return place.kind === "element" ? [place.base, place.index] : [place.base];
  }

  function keptAt(value: Value, scope: Region): Location | null {
    if (input.recordEverything) return null;
    const place = input.kept.placeOf(value, replayedAround(scope));
    return place === null || isMadeIn(scope, place.base) ? null : place;
  }

  /** References that other memory, a call, or a variable of a loop or branch holds. */
  function handedOn(): ReadonlySet<Value> {
    if (held !== null) return held;
    const found = new Set<Value>();
    walk(fn.body, (op) => {
      if (op.kind === "store" || op.kind === "push") {
        found.add(op.value);
        // rows that were stored by the forward sweep would be missing from a new array of rows
        if (op.kind === "store" && isReference(op.value.type)) found.add(op.at.base);
      } else if (op.kind === "allocate" || op.kind === "call" || op.kind === "opaque" || op.kind === "loop") {
        for (const value of operandsOf(op)) found.add(value);
      }
      for (const { exit } of regionsOf(op))
        if (exit.kind === "yield") for (const value of exit.values) found.add(value);
    });
    held = found;
    return found;
  }

  /** Known in the reverse sweep without more ado: literals, the counter of the reversed loop. */
  function isFree(value: Value, op: Op | null, region: Region): boolean {
    if (input.handedIn?.has(value) === true) return true;
    if (op !== null) return op.kind === "constant";
    return tree.ownerOf(region)?.kind === "loop" && region.params[0] === value;
  }

  /** Is what a scope records just one more result of a branch, in a loop where time matters? */
  function isHandedOut(scope: Region): boolean {
    return tree.ownerOf(scope)?.kind === "if" && tree.loopsAround(scope).length > 0;
  }

  /** Is it cheaper to load a value from where the program keeps it, in memory that the reverse sweep reads anyway? */
  function isReloaded(op: ApplyOp, scope: Region): boolean {
    const [result] = op.results;
    if (result !== undefined && reloaded.has(result)) return true;
    if (result?.type.kind !== "number" || (loadsBehind(scope).get(op)?.length ?? 0) < 2) return false;
    const place = keptAt(result, scope);
    return place !== null && readAnyway().has(aliases.classOf(place.base));
  }

  /** Loads that each value of a scope is computed from, there: two of them, where there are more. */
  function loadsBehind(scope: Region): ReadonlyMap<Op, readonly Op[]> {
    const known = loadsOf.get(scope);
    if (known !== undefined) return known;
    const found = new Map<Op, readonly Op[]>();
    for (const op of scope.ops) {
      if (op.kind === "load") found.set(op, [op]);
      if (op.kind !== "apply") continue;
      const loads = op.args.flatMap((arg) => {
        const from = tree.definitionOf(arg).op;
        return from === null ? [] : (found.get(from) ?? []);
      });
      found.set(op, [...new Set(loads)].slice(0, 2));
    }
    loadsOf.set(scope, found);
    return found;
  }

  /** Memory from which the reverse sweep loads what it needs. */
  function readAnyway(): ReadonlySet<MemoryClass> {
    if (loaded !== null) return loaded;
    loaded = new Set(
      needs.flatMap(({ value }) => {
        const { op, region } = tree.definitionOf(value);
        if (op?.kind !== "load" || op.results[0]?.type.kind !== "number") return [];
        return stability.isStable(op, replayedAround(region)) ? [aliases.classOf(op.at.base)] : [];
      }),
    );
    return loaded;
  }

  function isRecomputable(op: Op, scope: Region): boolean {
    if (op.kind === "constant") return true;
    if (input.recordEverything) return false;
    switch (op.kind) {
      case "apply":
        return (
          primitives[op.primitive].cost === "cheap" &&
          !(isSlow(op.primitive) && isHandedOut(scope)) &&
          !isReloaded(op, scope)
        );
      case "load":
      case "length":
        return (
          stability.isStable(op, replayedAround(scope)) && !isMadeIn(scope, op.kind === "load" ? op.at.base : op.array)
        );
      case "unwrap":
      case "isAbsent":
        return true;
      case "opaque":
        // a test: of a class, of a text
        return isPure(op.effects) && op.results.every(({ type }) => type.kind === "boolean");
      case "allocate":
        // what was pushed onto a shadow by the forward run would be missing from a new one
        return (
          input.shadowOps.has(op) &&
          op.results.every((result) => !aliases.classOf(result).escapes && !aliases.classOf(result).resized) &&
          // a row that was put into other memory is the one that the reverse sweep adds to, not a new one
          !op.results.some((result) => handedOn().has(result))
        );
      case "if":
        return [op.then, op.else].every(
          (branch) => branch.exit.kind === "yield" && branch.ops.every((inner) => isRecomputable(inner, scope)),
        );
      default:
        return false;
    }
  }

  return {
    isRecorded: (value) => recorded.has(value),
    keptAt,
    isRecomputable,
    isReplayed: (loop) => replayed.has(loop),
    isSkipped: (loop) => skipped.has(loop),
    isInOrder: (loop) => inOrder.has(loop),
    exchangedIn: (loop) => exchanges.get(loop) ?? [],
    isJoined: (op) => joined.has(op),
    recordedIn: (scope) => recordedByScope.get(scope) ?? [],
    scopeOf,
    why: (value) => {
      const reason = reasons.get(value)?.reason;
      if (reason === undefined) return null;
      if (recorded.has(value)) return `recorded: ${reason}`;
      const scope = scopeOf(tree.definitionOf(value).region);
      return `${scope === null ? "available" : "recomputed"}: ${reason}`;
    },
    needOf: (value) => reasons.get(value) ?? null,
    reachedIn: (loop) => {
      const asked = (needsIn.get(loop.body) ?? []).map(({ value }) => value);
      // a call writes whatever it writes, asked for or not, and from all that it is given
      const writers = writersIn(loop.body);
      const written = writers.some(({ kind }) => kind === "call") ? writers.flatMap(operandsOf) : [];
      return dependencies.of([...asked, ...written]);
    },
  };
}

/** Slower than to hand a value out of a branch, though not than to keep it in an array. */
const isSlow = (primitive: Primitive): boolean => slow.has(primitive);
const slow: ReadonlySet<Primitive> = new Set(["div", "mod", "sqrt", "hypot"]);

const isPure = ({ observable, writes, reads }: Effects): boolean => !observable && !writes && !reads;

const throwsInside = (op: Op): boolean => regionsOf(op).some(({ exit }) => exit.kind === "throw");

function setOf<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = new Set<V>();
  map.set(key, made);
  return made;
}
