/** The derivative of a function in the mode that is asked for; modes are made of one another. */
import type { Compilation } from "../compilation.js";
import type { DerivativeRequest, Step } from "../derivative-request.js";
import type { DerivedFunction, Derived } from "../differentiate/derivative.js";
import { Derivatives } from "../differentiate/derivatives.js";
import { explainForward, explainMemory, type Source } from "../differentiate/explain-memory.js";
import { explainReverse } from "../differentiate/explain.js";
import { differentiateForward } from "../differentiate/forward.js";
import type { Caller } from "../differentiate/plan.js";
import { Refusal } from "../differentiate/refusal.js";
import { differentiateReverse } from "../differentiate/reverse.js";
import { markSharing } from "../differentiate/shared-arguments.js";
import { trimCallees } from "../differentiate/trim-callees.js";
import type { IRFunction } from "../ir/ir.js";
import { deriveCallees, finishHelpers, reachable } from "./derive-callees.js";
import { deriveHvp } from "./derive-hvp.js";
import { derivePullback } from "./derive-pullback.js";
import { deriveTable } from "./derive-table.js";
import { isDifferentiable } from "./is-differentiable.js";
import { narrow } from "./narrow.js";
import { nested, pullbackOf } from "./nested.js";
import { prepareCallees } from "./prepare-primal.js";
import type { Setting } from "./setting.js";
import { prune, finish } from "./stages.js";
import { widen } from "./widen.js";

/** The derivative that is asked for, by way of those that it is a derivative of. */
export function derive(
  primal: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const helpers: IRFunction[] = [];
  const steps: readonly Step[] = [...request.inner, request];
  let current = primal;
  const { sparse: _last, ...plain } = request;
  let derived: Derived | null = null;
  for (const [position, step] of steps.entries()) {
    if (derived !== null) current = nested(derived, current, compilation);
    try {
      derived = deriveOnce(current, { ...plain, ...step }, position === 0, compilation, setting);
    } catch (fault) {
      // What stands in the way has a name of ours.
      if (position === 0 || !(fault instanceof Refusal) || fault.code !== "EZ2033") throw fault;
      throw new Refusal("EZ2039", { name: request.primal.name, mode: step.mode, what: fault.details["what"] ?? "" });
    }
    if (derived === null) return null;
    helpers.push(...derived.helpers);
  }
  return derived === null ? null : { ...derived, helpers: reachable([derived.fn, ...pullbackOf(derived)], helpers) };
}

/** One differentiation, along as many directions as are asked for. */
export function deriveOnce(
  primal: IRFunction,
  request: DerivativeRequest,
  isFirst: boolean,
  compilation: Compilation,
  setting: Setting,
  caller: Caller = "user",
): Derived | null {
  const { mode, width } = request;
  if (width === null || mode === "vjp") return deriveAlong(primal, request, isFirst, compilation, setting, caller);
  const single = deriveAlong(primal, { ...request, width: null }, isFirst, compilation, setting, caller);
  if (single === null) return null;
  const own = new Set(primal.params.map(({ value }) => value));
  const { derived, helpers } = widen(single, ({ value }) => !own.has(value), width, compilation, setting);
  const fn = finish(derived.fn, compilation);
  return { ...single, ...derived, fn, helpers: reachable([fn], [...single.helpers, ...helpers]) };
}

/** One differentiation. `isFirst`: of what the user wrote, so that warnings speak of it. */
function deriveAlong(
  primal: IRFunction,
  request: DerivativeRequest,
  isFirst: boolean,
  compilation: Compilation,
  setting: Setting,
  caller: Caller = "user",
): Derived | null {
  const narrowed = narrow(primal, request);
  if (!isDifferentiable(primal, narrowed, request, isFirst, compilation)) return null;
  switch (request.mode) {
    case "hvp":
      return deriveHvp(primal, narrowed, request, compilation, setting);
    case "vjp":
      return derivePullback(primal, narrowed, request, compilation, setting);
    case "hessian":
    case "jacobian":
      return deriveTable(primal, narrowed, request, request.mode, compilation, setting);
    default:
  }
  markSharing(primal, compilation, setting.originals);
  prepareCallees(primal, compilation, setting.originals);
  const derivatives = new Derivatives(setting.names, compilation.functions);
  const derived = differentiate(narrowed, request, compilation, derivatives, setting.source, caller);
  if (derived === null) return null;
  const made = deriveCallees(derivatives, compilation, setting);
  const pruned = made.map(({ fn, mode }) => prune(fn, mode, compilation));
  const trimmed = trimCallees(prune(derived.fn, request.mode, compilation), pruned);
  for (const fn of trimmed.helpers) compilation.functions.set(fn.name, fn);
  const helpers = finishHelpers(trimmed.helpers, compilation);
  return { ...derived, fn: finish(trimmed.main, compilation), helpers };
}

/** A derivative that another one is made of; what a rest parameter takes is handed to it as an array. */
export function derivePart(
  from: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const asArrays = { ...from, params: from.params.map(({ rest: _, ...param }) => param) };
  const derived = deriveOnce(asArrays, request, false, compilation, setting, "derivative");
  if (derived === null) return null;
  for (const fn of [...derived.helpers, derived.fn]) compilation.functions.set(fn.name, fn);
  return derived;
}

function differentiate(
  primal: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  derivatives: Derivatives,
  source: Source,
  caller: Caller,
): DerivedFunction | null {
  const { mode, name } = request;
  switch (mode) {
    case "gradient":
    case "valueAndGradient":
    case "reverse":
    case "reverseWithPrimal": {
      const derived = differentiateReverse(primal, mode, name, compilation, derivatives, caller);
      compilation.dump("analyze", () => explainReverse(derived));
      compilation.dump("explain", () => explainMemory({ names: [name], plan: derived.plan }, source));
      return derived;
    }
    case "forward":
    case "forwardWithPrimal":
      compilation.dump("explain", () => explainForward(name));
      return differentiateForward(primal, mode, name, compilation, derivatives);
    case "vjp":
    case "jacobian":
    case "hessian":
    case "hvp":
      compilation.report("EZ2002", request.primal.nameSpan, { mode });
      return null;
  }
}
