/**
 * Reverse mode: the function that gives the adjoints of a primal's inputs (Griewank & Walther, ch. 3.2).
 *
 *   f(x) -> y     =>     f_gradient(x) -> dx                 dResult is 1, shadows are made
 *                        f_reverse(x, dX, dResult) -> ...    the caller hands shadows and seed in
 *
 * One function holds both sweeps, so that what the forward sweep computes at its top level is simply
 * there for the reverse sweep.
 */
import { analyzeAliases } from "../analyze/aliases.js";
import { analyzeDependencies } from "../analyze/dependencies.js";
import { planRecording, type Recording } from "../analyze/to-be-recorded.js";
import type { Compilation } from "../compilation.js";
import { Block, element, field, makeValue } from "../ir/build.js";
import {
  booleanType,
  carriesDerivative,
  isReference,
  numberType,
  type IRFunction,
  type Op,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import { Cells, Twins } from "./cells.js";
import type { Derivatives } from "./derivatives.js";
import { shapeOfMany, type DerivedFunction, type ResultShape } from "./derivative.js";
import { analyzeActivity, gatherFacts, isActiveNumber, isReversible, type Facts } from "./facts.js";
import { checkDistinct, checkShadow } from "./entry-checks.js";
import { firstRun } from "./forward-sweep.js";
import { findNeeds, findStops } from "./needs.js";
import { overElements } from "./reverse-memory.js";
import { emitJoined, emitReversed } from "./reverse-sweep.js";
import { takeSnapshots } from "./snapshots.js";
import { shadowBody } from "./shadows.js";
import { beside, shadowType } from "./shadow-type.js";
import { makeSweep, takeAdjoint, twinOf, type Site } from "./sweep.js";

export type ReverseMode = "gradient" | "valueAndGradient" | "reverse" | "reverseWithPrimal";

/** Who calls the derivative: the user, to whom the slot of an absent argument is undefined, or the reverse of a call. */
export type Caller = "user" | "derivative";

export interface ReverseResult extends DerivedFunction {
  readonly facts: Facts;
  readonly recording: Recording;
}

export function differentiateReverse(
  primal: IRFunction,
  mode: ReverseMode,
  name: string,
  compilation: Compilation,
  derivatives: Derivatives,
  caller: Caller = "user",
): ReverseResult {
  return withSnapshots(primal, mode, name, compilation, derivatives, caller, compilation.isEnabled("takeSnapshots"));
}

function withSnapshots(
  primal: IRFunction,
  mode: ReverseMode,
  name: string,
  compilation: Compilation,
  derivatives: Derivatives,
  caller: Caller,
  mayCopy: boolean,
): ReverseResult {
  const takesShadows = mode === "reverse" || mode === "reverseWithPrimal";
  const givesValue = mode === "valueAndGradient" || mode === "reverseWithPrimal";
  const primalAliases = analyzeAliases(primal, compilation);
  const activity = analyzeActivity(primal, primalAliases, { outputsInMemory: takesShadows });

  // Shadows of the parameters: handed in, or made first of all.
  const shadows = new Map<Value, Value>();
  const preamble = new Block(false);
  const params: Parameter[] = [];
  checkDistinct(preamble, name, primal.params, primalAliases);
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
      checkShadow(preamble, name, param, shadow);
    } else {
      preamble.append({ kind: "allocate", results: [shadow], initial: { kind: "zerosLike", of: value } });
    }
  }
  const shadowed = shadowBody(primal.body, shadows, preamble.ops, activity, "adjoint", null);
  const results = primal.body.exit.kind === "return" ? primal.body.exit.values : [];
  const [result] = results;

  // The seed: 1, or what the caller hands in.
  const [declared] = primal.results;
  const seed =
    takesShadows && result !== undefined && declared !== undefined && isSeeded(declared) ? seedFor(declared) : null;
  const defaults = new Map<Value, string>();
  if (seed !== null) {
    params.push({ value: seed, name: "result", activity: "const", typeText: null });
    if (seed.type.kind === "number") defaults.set(seed, "1");
  }
  const seeding = new Block(false);
  const resultShadow = result === undefined ? undefined : shadowed.shadowOf.get(result);
  if (seed !== null && resultShadow !== undefined) addSeed(seed, resultShadow, seeding);
  const shadowOps = new Set([...shadowed.shadowOps, ...seeding.ops]);
  const withShadows: IRFunction = {
    ...primal,
    params,
    body: { ...shadowed.body, ops: [...shadowed.body.ops, ...seeding.ops] },
  };

  // Plan, then emit.
  const facts = gatherFacts(withShadows, { ...shadowed, shadowOps }, activity, compilation);
  const stops = findStops(facts);
  const recording = planRecording({
    fn: withShadows,
    tree: facts.tree,
    aliases: facts.aliases,
    stability: facts.stability,
    arrays: facts.arrays,
    dependencies: analyzeDependencies(withShadows, facts.tree, facts.aliases),
    needs: findNeeds(facts, stops),
    isReversible: (op: Op) => isReversible(op, facts),
    shadowOps,
    wanted: givesValue ? results : [],
    joinsTails: seeding.ops.length === 0,
    recordEverything: !compilation.isEnabled("toBeRecorded"),
  });
  if (mayCopy) {
    const copied = takeSnapshots(primal, facts, recording);
    if (copied !== primal) return withSnapshots(copied, mode, name, compilation, derivatives, caller, false);
  }
  const sweep = makeSweep(facts, stops, recording, { joined: emitJoined, reversed: emitReversed }, derivatives);
  const block = new Block(true);
  const site: Site = { block, twins: new Twins(), cells: new Cells(), frame: null };
  for (const param of params) site.twins.set(param.value, param.value);
  if (result !== undefined && isActiveNumber(result, facts)) site.cells.set(result, seed ?? block.constant(1));
  emitJoined(sweep, withShadows.body, site, firstRun);

  // Hand out.
  const adjoints = primal.params.flatMap((param): readonly Value[] => {
    if (param.activity === "const") return [];
    if (!isReference(param.value.type)) {
      const origin = beside(param.value, "adjoint");
      return [
        presentOnly(param.value, takeAdjoint(site, param.value) ?? block.constant(0, origin, null, numberType), block),
      ];
    }
    const shadow = shadows.get(param.value);
    return takesShadows || shadow === undefined ? [] : [shadow];
  });
  const value = givesValue ? [result === undefined ? block.constant(undefined) : twinOf(site, result)] : [];
  const gradient = shapeOfMany(adjoints.length);
  const entries = [
    { name: "value", shape: { kind: "bare" } },
    ...(adjoints.length > 0 ? [{ name: "gradient", shape: gradient }] : []),
  ] as const;
  const shape: ResultShape = givesValue ? { kind: "object", entries } : gradient;
  const returned = [...value, ...adjoints];
  const fn: IRFunction = {
    name,
    params,
    results: returned.map(({ type }) => type),
    body: block.region([], primal.body.exit.kind === "throw" ? primal.body.exit : { kind: "return", values: returned }),
    derivation: { of: primal.name, mode },
    span: primal.span,
  };
  return { fn, shape, defaults, facts, recording };
}

/** An optional argument that is absent has undefined in its slot. */
function presentOnly(argument: Value, adjoint: Value, block: Block): Value {
  if (argument.type.kind !== "optional") return adjoint;
  const absent = makeValue(booleanType);
  block.append({ kind: "isAbsent", results: [absent], value: argument });
  const [then, otherwise] = [block.inner(), block.inner()];
  const result = makeValue({ kind: "optional", of: numberType }, adjoint.origin);
  const nothing = then.constant(undefined, adjoint.origin);
  block.if(absent, then.yield([], [nothing]), otherwise.yield([], [adjoint]), [result]);
  return result;
}

/** Is there a seed for a result of this type? A constant result has one too: the type of `reverse` says so. */
const isSeeded = (type: Type): boolean => type.kind === "integer" || carriesDerivative(type);

const seedFor = (type: Type): Value =>
  makeValue(seedType(type), { span: null, variable: { name: "result" }, role: "adjoint" });

const seedType = (type: Type): Type => (type.kind === "integer" ? numberType : shadowType(type));

/** Adds a seed, given as a container, to the shadow of the result. */
function addSeed(seed: Value, shadow: Value, block: Block): void {
  const { type } = seed;
  if (type.kind === "record") {
    for (const { name, type: part } of type.fields) {
      if (part.kind === "number") block.accumulate(field(shadow, name), block.load(field(seed, name)));
      else addSeed(block.load(field(seed, name)), block.load(field(shadow, name)), block);
    }
  } else if (type.kind === "tuple") {
    type.elements.forEach((part, index) => {
      if (part.kind === "number") block.accumulate(field(shadow, index), block.load(field(seed, index)));
      else if (carriesDerivative(part))
        addSeed(block.load(field(seed, index)), block.load(field(shadow, index)), block);
    });
  } else if (type.kind === "array") {
    const site: Site = { block, twins: new Twins(), cells: new Cells(), frame: null };
    overElements(site, block.length(shadow), [], [], [], (inner, index) => {
      const part = inner.block.load(element(seed, index));
      if (isReference(type.element)) addSeed(part, inner.block.load(element(shadow, index)), inner.block);
      else inner.block.accumulate(element(shadow, index), part);
      return [];
    });
  }
}
