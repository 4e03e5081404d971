/**
 * What reverse mode knows before it emits anything: the primal with shadows beside its references, the
 * analyses of it, and how the reverse sweep comes by each value that it needs. One plan serves both
 * ways to put the sweeps together: in one function (reverse.ts) or in two (split.ts).
 */
import { analyzeActivity, type Activity as ActivityFacts } from "../analyze/activity.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { analyzeDependencies } from "../analyze/dependencies.js";
import { findKeptInMemory } from "../analyze/kept-in-memory.js";
import { planRecording, type Recording } from "../analyze/to-be-recorded.js";
import type { Compilation } from "../compilation.js";
import { Block, makeValue } from "../ir/build.js";
import {
  carriesDerivative,
  isReference,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Parameter,
  type Value,
} from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import { splitAt } from "./calls.js";
import { carryInPlace } from "./carry-in-place.js";
import { withActivities, type CallerPromises, type Derivatives } from "./derivatives.js";
import { checkDistinct, checkShadow } from "./entry-checks.js";
import { expandScratch } from "./expand-scratch.js";
import { makeGrowthExplicit } from "./explicit-growth.js";
import { findCheckpointed } from "./loop-state.js";
import { gatherFacts, isReversible, type Facts, type KeptArguments } from "./facts.js";
import { findLengthening } from "./lengthening-stores.js";
import { findNeeds, findStops, type Stops } from "./needs.js";
import { keepArguments, refuseActiveWrites } from "./rule-calls.js";
import { isShadowed, shadowBody, type ShadowedBody } from "./shadows.js";
import { beside, shadowType } from "./shadow-type.js";
import { takeSnapshots } from "./snapshots.js";

/** The primal with shadows, before it is analysed. */
export interface ShadowedPrimal {
  readonly primal: IRFunction;
  /** Under the name that the derivative will have; its parameters include the shadows that are handed in. */
  readonly fn: IRFunction;
  readonly body: ShadowedBody;
  readonly activity: ActivityFacts;
  readonly kept: KeptArguments;
  /** Shadows of parameters, handed in or made first of all. */
  readonly shadows: ReadonlyMap<Value, Value>;
}

/** Who calls the derivative: the user, who may hand in wrong shadows, or the reverse of a call. */
export type Caller = "user" | "derivative";

export interface ShadowOptions {
  readonly name: string;
  /** Are the shadows of duplicated parameters handed in? Otherwise they are made. */
  readonly takesShadows: boolean;
  readonly caller: Caller;
  /** The sweeps are functions of their own: what their caller promises. Null where nothing runs between them. */
  readonly apart: { readonly promises: CallerPromises } | null;
}

/** The primal with shadows beside its references. */
export function shadowPrimal(
  written: IRFunction,
  { name, takesShadows, caller, apart }: ShadowOptions,
  compilation: Compilation,
  derivatives: Derivatives,
): ShadowedPrimal {
  const positions = written.params.flatMap((_, index) => (apart?.promises.stable[index] === true ? [index] : []));
  const between = apart === null ? null : { stable: new Set(positions) };
  const analyses = (fn: IRFunction, found: Aliases): { aliases: Aliases; activity: ActivityFacts } => {
    const question = { outputsInMemory: takesShadows, handsOut: apart !== null };
    return { aliases: found, activity: analyzeActivity(fn, found, question) };
  };
  const aliasesIn = (fn: IRFunction): Aliases => analyzeAliases(fn, compilation);
  const writtenAliases = aliasesIn(written);
  const explicit = makeGrowthExplicit(written, writtenAliases, caller === "derivative");
  const before = analyses(explicit, explicit === written ? writtenAliases : aliasesIn(explicit));
  const { primal, kept } = keepArguments(explicit, { ...before, apart: between }, compilation);
  const { aliases, activity } = primal === explicit ? before : analyses(primal, aliasesIn(primal));
  refuseActiveWrites(primal, activity);
  const shadows = new Map<Value, Value>();
  const preamble = new Block(false);
  const params: Parameter[] = [];
  if (caller === "user" && primal.derivation === null) checkDistinct(preamble, name, primal.params, aliases);
  for (const param of primal.params) {
    params.push(param);
    const { value } = param;
    if (!isReference(value.type) || !carriesDerivative(value.type)) continue;
    const isDuplicated = param.activity === "duplicated";
    if (!isDuplicated && !activity.isActive(value)) continue;
    const shadow = makeValue(shadowType(value.type), beside(value, "adjoint"));
    shadows.set(value, shadow);
    if (isDuplicated && takesShadows) {
      params.push({ value: shadow, name: param.name, activity: "const", typeText: null });
      if (caller === "user") checkShadow(preamble, name, param, shadow);
    } else {
      preamble.append({ kind: "allocate", results: [shadow], initial: { kind: "zerosLike", of: value } });
    }
  }
  const callerFacts = { aliases, activity, apart: between };
  const split = splitAt(callerFacts, compilation, (callee, activities, promises) =>
    derivatives.requestSplit(callee, activities, promises, (made) => {
      // What the augmented primal does to memory is known before its body is made.
      const options = {
        name: made.augmentedPrimal,
        takesShadows: true,
        caller: "derivative",
        apart: made,
      } as const;
      const { fn } = shadowPrimal(withActivities(callee, activities), options, compilation, derivatives);
      compilation.functions.set(made.augmentedPrimal, fn);
    }),
  );
  const body = shadowBody(primal.body, shadows, preamble.ops, activity, {
    kind: "adjoint",
    split,
    escapes: (reference) => aliases.classOf(reference).escapes,
    lengthening: findLengthening(primal, aliases, caller === "derivative"),
  });
  const fn = { ...primal, name, params, body: body.body };
  return { primal, fn: apart === null ? fn : withResultShadows(fn, body), body, activity, kept, shadows };
}

/** An augmented primal gives its results with their shadows; what is not active has one too, of zeros. */
function withResultShadows(fn: IRFunction, { shadowOf }: ShadowedBody): IRFunction {
  const { exit } = fn.body;
  if (exit.kind !== "return") return fn;
  const block = new Block(true);
  for (const op of fn.body.ops) block.append(op);
  const shadows = exit.values
    .filter(isShadowed)
    .map(
      (result) =>
        shadowOf.get(result) ??
        block.allocate(shadowType(result.type), { kind: "zerosLike", of: result }, beside(result, "adjoint")),
    );
  const values = [...exit.values, ...shadows];
  const body = block.region([], { kind: "return", values });
  return { ...fn, results: [...fn.results, ...shadows.map(({ type }) => type)], body };
}

export interface Plan {
  readonly isSplit: boolean;
  readonly shadowed: ShadowedPrimal;
  readonly facts: Facts;
  readonly stops: Stops;
  readonly recording: Recording;
  /** Where values stand in copies of ours, besides where they were loaded from. */
  readonly copies: ReadonlyMap<Value, Location>;
  /** Loops that are recorded in spite of a budget for memory. */
  readonly left: readonly LeftRecorded[];
}

export interface LeftRecorded {
  readonly loop: LoopOp;
  readonly why: string;
}

export interface PlanOptions extends ShadowOptions {
  /** Does the derivative give the primal's results too? */
  readonly givesValue: boolean;
  /** Handed in besides. */
  readonly seed: Parameter | null;
  /** Between the sweeps the seed of a container is added to the shadow of the result. */
  readonly addSeed: (seed: Value, shadow: Value, block: Block) => void;
}

/** Settles all that the sweeps are emitted from. */
export function planReverse(
  written: IRFunction,
  options: PlanOptions,
  compilation: Compilation,
  derivatives: Derivatives,
): Plan {
  const carried = carryInPlace(written, compilation);
  const { primal, plan } = planExpanded(carried, options, compilation, derivatives);
  if (!compilation.isEnabled("takeSnapshots")) return plan;
  const copied = takeSnapshots(primal, plan.facts, plan.recording);
  return copied.primal === primal ? plan : planOnce(copied.primal, options, compilation, derivatives, copied.kept);
}

/** With rows for the scratch arrays of which less is recorded then. */
function planExpanded(
  primal: IRFunction,
  options: PlanOptions,
  compilation: Compilation,
  derivatives: Derivatives,
): { readonly primal: IRFunction; readonly plan: Plan } {
  const plan = planOnce(primal, options, compilation, derivatives);
  if (!compilation.isEnabled("expandScratch")) return { primal, plan };
  const expanded = expandScratch(primal, plan.facts, plan.recording);
  if (expanded === primal) return { primal, plan };
  const again = planOnce(expanded, options, compilation, derivatives);
  return countRecords(again) < countRecords(plan) ? { primal: expanded, plan: again } : { primal, plan };
}

function countRecords({ facts, recording }: Plan): number {
  let count = recording.recordedIn(facts.fn.body).length;
  walk(facts.fn.body, (op) => {
    for (const region of regionsOf(op)) count += recording.recordedIn(region).length;
  });
  return count;
}

function planOnce(
  primal: IRFunction,
  options: PlanOptions,
  compilation: Compilation,
  derivatives: Derivatives,
  copies: ReadonlyMap<Value, Location> = new Map(),
): Plan {
  const { givesValue, seed, addSeed } = options;
  const shadowed = shadowPrimal(primal, options, compilation, derivatives);
  const { body, activity, kept } = shadowed;
  const block = new Block(false);
  const [result] = resultsOf(shadowed.primal);
  const resultShadow = result === undefined ? undefined : body.shadowOf.get(result);
  if (seed !== null && resultShadow !== undefined) addSeed(seed.value, resultShadow, block);
  const params = [...shadowed.fn.params, ...(seed === null ? [] : [seed])];
  const fn = { ...shadowed.fn, params, body: { ...shadowed.fn.body, ops: [...shadowed.fn.body.ops, ...block.ops] } };
  const shadowOps = new Set([...body.shadowOps, ...block.ops]);
  const apart = options.apart === null ? null : { stable: stablePositions(shadowed, options.apart.promises) };
  const facts = gatherFacts(fn, { ...body, shadowOps }, activity, compilation, apart, kept);
  const stops = findStops(facts);
  const recording = planRecording({
    fn,
    tree: facts.tree,
    aliases: facts.aliases,
    stability: facts.stability,
    arrays: facts.arrays,
    kept: findKeptInMemory(fn, facts.tree, facts.stability, facts.bounds, shadowOps, copies),
    dependencies: analyzeDependencies(fn, facts.tree, facts.aliases),
    needs: findNeeds(facts, stops),
    isReversible: (op: Op) => isReversible(op, facts),
    isActive: (value) => activity.isActive(value),
    shadowOps,
    // the seed goes into the shadow that the forward sweep made, not into one that an iteration makes again
    wanted: [
      ...(givesValue ? resultsOf(primal) : []),
      ...(seed !== null && resultShadow !== undefined ? [resultShadow] : []),
    ],
    joinsTails: block.ops.length === 0 && apart === null,
    handedIn: apart === null ? null : new Set(handedIn(shadowed)),
    checkpointed: findCheckpointed(facts, options.apart !== null),
    recordEverything: !compilation.isEnabled("toBeRecorded"),
  });
  return { isSplit: apart !== null, shadowed: { ...shadowed, fn }, facts, stops, recording, copies, left: [] };
}

/** A parameter and its shadow stand side by side, and what holds for one holds for the other, or for the shadow alone. */
function stablePositions(
  { primal, fn, shadows }: ShadowedPrimal,
  { stable, ownShadows }: CallerPromises,
): ReadonlySet<number> {
  const found = new Set<number>();
  primal.params.forEach(({ value }, index) => {
    const isStable = stable[index] === true;
    for (const one of [isStable ? value : undefined, isStable || ownShadows ? shadows.get(value) : undefined]) {
      const position = fn.params.findIndex((param) => param.value === one);
      if (position >= 0) found.add(position);
    }
  });
  return found;
}

/** The values that a function returns. */
export const resultsOf = ({ body }: IRFunction): readonly Value[] =>
  body.exit.kind === "return" ? body.exit.values : [];

/** The references that a reverse pass is handed in again: arguments and results, with their shadows. */
const handedIn = ({ fn }: ShadowedPrimal): readonly Value[] =>
  [...fn.params.map(({ value }) => value), ...resultsOf(fn)].filter(({ type }) => isReference(type));
