/**
 * Reverse mode: the function that gives the adjoints of a primal's inputs (Griewank & Walther, ch. 3.2).
 *
 *   f(x) -> y     =>     f_gradient(x) -> dx                 dResult is 1, shadows are made
 *                        f_reverse(x, dX, dResult) -> ...    the caller hands shadows and seed in
 *
 * One function holds both sweeps, so that what the forward sweep computes at its top level is simply
 * there for the reverse sweep.
 */
import type { Compilation } from "../compilation.js";
import { Block, element, field, makeValue } from "../ir/build.js";
import {
  booleanType,
  carriesDerivative,
  isDictionary,
  isMerged,
  isReference,
  numberType,
  type IRFunction,
  type Location,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import { isRecursive, recordsIn } from "../ir/recursive.js";
import { Refusal } from "./refusal.js";
import { Cells, Twins } from "./cells.js";
import { asDerivative, shapeOfMany, type DerivedFunction, type ResultShape } from "./derivative.js";
import type { Derivatives } from "./derivatives.js";
import { isActiveNumber } from "./facts.js";
import { firstRun } from "./forward-sweep.js";
import { planWithinBudget } from "./memory-budget.js";
import { resultsOf, type Caller, type Plan } from "./plan.js";
import { overElements } from "./reverse-memory.js";
import { emitJoined, emitReversed } from "./reverse-sweep.js";
import { beside, shadowType } from "./shadow-type.js";
import { refuseUnseeded } from "./unseeded.js";
import { makeSweep, takeAdjoint, twinOf, type Site } from "./sweep.js";

export type ReverseMode = "gradient" | "valueAndGradient" | "reverse" | "reverseWithPrimal";

export interface ReverseResult extends DerivedFunction {
  readonly plan: Plan;
}

/** The derivative of a function with both sweeps in one. */
export function differentiateReverse(
  primal: IRFunction,
  mode: ReverseMode,
  name: string,
  compilation: Compilation,
  derivatives: Derivatives,
  caller: Caller = "user",
): ReverseResult {
  const takesShadows = mode === "reverse" || mode === "reverseWithPrimal";
  const givesValue = mode === "valueAndGradient" || mode === "reverseWithPrimal";

  // The seed: 1, or what the caller hands in.
  const [declared] = primal.results;
  if (declared !== undefined && takesShadows && [...recordsIn(declared)].some(isRecursive))
    throw new Refusal("EZ2001", {
      what: `a seed of a type that holds itself, in mode ${mode},`,
      advice: "use a forward mode, or return numbers and arrays",
    });
  const seed =
    takesShadows && resultsOf(primal).length > 0 && declared !== undefined && isSeeded(declared)
      ? seedFor(declared, caller)
      : null;
  const options = { name, takesShadows, caller, apart: null, givesValue, seed, addSeed };
  const plan = planWithinBudget(primal, options, compilation, derivatives);
  const { shadowed, facts } = plan;
  if (takesShadows && caller === "user" && primal.results.length === 0) refuseUnseeded(facts);
  const { params } = shadowed.fn;
  const defaults = new Map<Value, string>();
  if (seed?.value.type.kind === "number") defaults.set(seed.value, "1");
  const [result] = resultsOf(shadowed.primal);

  const sweep = makeSweep(plan, { joined: emitJoined, reversed: emitReversed }, derivatives);
  const block = new Block(true);
  const site: Site = { block, twins: new Twins(), cells: new Cells(), frame: null };
  for (const param of params) site.twins.set(param.value, param.value);
  if (result !== undefined && isActiveNumber(result, facts))
    site.cells.set(result, seed === null ? block.constant(1) : adjointOfSeed(seed.value, block));
  emitJoined(sweep, shadowed.fn.body, site, firstRun);

  // Hand out.
  const adjoints = primal.params.flatMap((param): readonly Value[] => {
    if (param.activity === "const") return [];
    if (!isReference(param.value.type)) return [adjointOf(param.value, site, caller)];
    const shadow = shadowed.shadows.get(param.value);
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
  const fn = asDerivative(primal, mode, name, params, block, returned);
  return { fn, shape, defaults, plan };
}

/** The adjoint of a number handed in, when all is reversed; to the user the slot of an absent argument is undefined. */
export function adjointOf(argument: Value, site: Site, caller: Caller): Value {
  const { block } = site;
  const adjoint = takeAdjoint(site, argument) ?? block.constant(0, beside(argument, "adjoint"), null, numberType);
  return caller === "derivative" ? adjoint : slotOf(argument, adjoint, block);
}

/** The adjoint of a number that was left out is undefined. */
export function slotOf(argument: Value, adjoint: Value, block: Block): Value {
  if (argument.type.kind !== "optional" || adjoint.type.kind === "optional") return adjoint;
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

/** A parameter `dResult`. Of a number that may be absent, derivatives hand on the adjoint, which is always there. */
export const seedFor = (type: Type, caller: Caller): Parameter => ({
  value: makeValue(caller === "derivative" && isOptionalNumber(type) ? numberType : seedType(type), {
    span: null,
    variable: { name: "result" },
    role: "adjoint",
  }),
  name: "result",
  activity: "const",
  typeText: null,
  isSeed: true,
});

const seedType = (type: Type): Type => (type.kind === "integer" ? numberType : shadowType(type));

const isOptionalNumber = (type: Type): boolean => type.kind === "optional" && !isReference(type.of);

/** The adjoint of a number that the user hands in as a seed: 0 where the seed is absent, as the result may be. */
export function adjointOfSeed(seed: Value, block: Block): Value {
  if (seed.type.kind !== "optional" || isReference(seed.type)) return seed;
  const absent = makeValue(booleanType);
  block.append({ kind: "isAbsent", results: [absent], value: seed });
  const [then, otherwise] = [block.inner(), block.inner()];
  const given = makeValue(numberType, seed.origin);
  otherwise.append({ kind: "unwrap", results: [given], value: seed });
  const adjoint = makeValue(numberType, seed.origin);
  block.if(absent, then.yield([], [then.constant(0)]), otherwise.yield([], [given]), [adjoint]);
  return adjoint;
}

const unlikeResult = {
  what: "a result that is one of several objects, which keep unlike things under one name,",
  advice: "give these fields names of their own",
};

/** Adds a seed, given as a container, to the shadow of the result. */
export function addSeed(seed: Value, shadow: Value, block: Block): void {
  const { type } = seed;
  if (type.kind === "optional") {
    whereBoth(seed, shadow, block, (one, other, inner) => addSeed(one, other, inner));
  } else if (type.kind === "record") {
    if (!isMerged(type)) throw new Refusal("EZ2001", unlikeResult);
    for (const { name, type: part } of type.fields) {
      if (part.kind === "number") block.accumulate(field(shadow, name), block.load(field(seed, name)));
      else if (part.kind === "optional" && part.of.kind === "number")
        addToOptional(field(seed, name), field(shadow, name), block);
      else addSeed(block.load(field(seed, name)), block.load(field(shadow, name)), block);
    }
  } else if (type.kind === "tuple") {
    type.elements.forEach((part, index) => {
      if (part.kind === "number") block.accumulate(field(shadow, index), block.load(field(seed, index)));
      else if (part.kind === "optional" && part.of.kind === "number")
        addToOptional(field(seed, index), field(shadow, index), block);
      else if (carriesDerivative(part))
        addSeed(block.load(field(seed, index)), block.load(field(shadow, index)), block);
    });
  } else if (isDictionary(type)) {
    throw new Refusal("EZ2095", {
      what: "A result in reverse mode",
      advice: "return an array, or the number that is made of it",
    });
  } else if (type.kind === "array") {
    const site: Site = { block, twins: new Twins(), cells: new Cells(), frame: null };
    overElements(site, block.length(shadow), [], [], [], (inner, index) => {
      const part = inner.block.load(element(seed, index));
      if (type.element.kind === "optional" && type.element.of.kind === "number")
        addToOptional(element(seed, index), element(shadow, index), inner.block);
      else if (isReference(type.element)) addSeed(part, inner.block.load(element(shadow, index)), inner.block);
      else inner.block.accumulate(element(shadow, index), part);
      return [];
    });
  }
}

/** A number that may be absent: the cell is there where the primal's was. */
function addToOptional(seed: Location, shadow: Location, block: Block): void {
  whereBoth(block.load(seed), block.load(shadow), block, (one, other, inner) =>
    inner.store(shadow, inner.apply("add", [other, one])),
  );
}

/** Does something with two values that may be absent, where both are there. */
function whereBoth(a: Value, b: Value, block: Block, then: (a: Value, b: Value, inner: Block) => void): void {
  const absent = [a, b].map((value) => {
    const result = makeValue(booleanType);
    block.append({ kind: "isAbsent", results: [result], value });
    return result;
  });
  const inner = block.inner();
  const [one, other] = [a, b].map((value) => {
    const result = makeValue(value.type.kind === "optional" ? value.type.of : value.type, value.origin);
    inner.append({ kind: "unwrap", results: [result], value });
    return result;
  });
  if (one !== undefined && other !== undefined) then(one, other, inner);
  block.if(block.apply("or", absent), block.inner().yield([], []), inner.yield([], []), []);
}
