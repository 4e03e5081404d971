/** The derivatives that a derivative calls. */
import type { Compilation } from "../compilation.js";
import { type Batches } from "../differentiate/batch.js";
import { type Derivatives, withActivities, type CalleeDerivative } from "../differentiate/derivatives.js";
import { explainMemory, type Source } from "../differentiate/explain-memory.js";
import { differentiateForward } from "../differentiate/forward.js";
import { differentiateReverse } from "../differentiate/reverse.js";
import { differentiateSplit } from "../differentiate/split.js";
import type { IRFunction } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Setting } from "./setting.js";
import { finish } from "./stages.js";

/** The derivatives that others call. All are known before any is simplified: what a call does is read off its callee. */
export function deriveCallees(
  derivatives: Derivatives,
  compilation: Compilation,
  setting: Setting,
): readonly { readonly fn: IRFunction; readonly mode: string }[] {
  const made: { readonly fn: IRFunction; readonly mode: string }[] = [];
  for (let next = derivatives.next(); next !== undefined; next = derivatives.next()) {
    const callee = compilation.functions.get(next.callee);
    if (callee === undefined) throw new Error(`the callee ${next.callee} is not known`);
    for (const fn of differentiateCallee(callee, next, compilation, derivatives, setting.source)) {
      compilation.functions.set(fn.name, fn);
      made.push({ fn, mode: fn.derivation?.mode ?? next.mode });
    }
  }
  return made;
}

function differentiateCallee(
  callee: IRFunction,
  wanted: CalleeDerivative,
  compilation: Compilation,
  derivatives: Derivatives,
  source: Source,
): readonly IRFunction[] {
  switch (wanted.mode) {
    case "split": {
      const { augmentedPrimal, reversePass, plan } = differentiateSplit(callee, wanted, compilation, derivatives);
      const names = [augmentedPrimal.name, reversePass.name];
      compilation.dump("explain", () => explainMemory({ names, plan }, source));
      return [augmentedPrimal, reversePass];
    }
    case "reverse": {
      const active = withActivities(callee, wanted.activities);
      const derived = differentiateReverse(active, "reverse", wanted.name, compilation, derivatives, "derivative");
      compilation.dump("explain", () => explainMemory({ names: [wanted.name], plan: derived.plan }, source));
      return [derived.fn];
    }
    case "forwardWithPrimal": {
      const active = withActivities(callee, wanted.activities);
      return [
        differentiateForward(active, "forwardWithPrimal", wanted.name, compilation, derivatives, "derivative").fn,
      ];
    }
  }
}

/** The functions that several directions at once call, finished. */
export function finishCallees(batches: Batches, compilation: Compilation): readonly IRFunction[] {
  return finishHelpers(
    batches.callees((fn) => compilation.functions.set(fn.name, fn)),
    compilation,
  );
}

/** Functions that a derivative calls, finished, and known as such to what is differentiated after them. */
export function finishHelpers(helpers: readonly IRFunction[], compilation: Compilation): readonly IRFunction[] {
  return helpers.map((fn) => {
    const helper = finish(fn, compilation);
    compilation.functions.set(helper.name, helper);
    return helper;
  });
}

/** The helpers that functions call, themselves or by way of others. */
export function reachable(from: readonly IRFunction[], helpers: readonly IRFunction[]): readonly IRFunction[] {
  const byName = new Map(helpers.map((helper) => [helper.name, helper]));
  const found = new Set<IRFunction>();
  const visit = ({ body }: IRFunction): void =>
    walk(body, (op) => {
      const helper = op.kind === "call" ? byName.get(op.callee) : undefined;
      if (helper === undefined || found.has(helper)) return;
      found.add(helper);
      visit(helper);
    });
  from.forEach(visit);
  return helpers.filter((helper) => found.has(helper));
}
