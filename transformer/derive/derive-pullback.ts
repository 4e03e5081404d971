import type { Compilation } from "../compilation.js";
import type { DerivativeRequest } from "../derivative-request.js";
import type { ResultShape, Derived } from "../differentiate/derivative.js";
import { Derivatives, type NamesOfFile } from "../differentiate/derivatives.js";
import { canBeKept, pullbackAgain } from "../differentiate/pullback-again.js";
import { checkComplete, checkTape, differentiatePullback, type Pullback } from "../differentiate/pullback.js";
import { Refusal } from "../differentiate/refusal.js";
import { markSharing } from "../differentiate/shared-arguments.js";
import { trimCallees } from "../differentiate/trim-callees.js";
import { isTape, type IRFunction, type Parameter } from "../ir/ir.js";
import { removeDead } from "../simplify/remove-dead.js";
import { deriveCallees, finishHelpers, reachable } from "./derive-callees.js";
import { derivePart } from "./derive.js";
import { narrow } from "./narrow.js";
import { prepareCallees } from "./prepare-primal.js";
import { seenWhenRepeated } from "./repeat-primal.js";
import type { Setting } from "./setting.js";
import { prune, finish } from "./stages.js";
import { widen } from "./widen.js";

/** Reverse mode in two halves, or as one that runs again: what the first one would keep is not always the pullback's own. */
export function derivePullback(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const before = new Set(compilation.functions.keys());
  const added: string[] = [];
  const names: NamesOfFile = {
    has: (name) => setting.names.has(name) || added.includes(name),
    add: (name) => added.push(name),
  };
  try {
    const derived = deriveHalves(narrowed, request, compilation, { ...setting, names });
    added.forEach((name) => setting.names.add(name));
    return derived;
  } catch (fault) {
    const isKept = fault instanceof Refusal && fault.code === "EZ2084";
    if (!isKept || !canBeKept(primal) || seenWhenRepeated(primal, compilation) !== null) throw fault;
    for (const name of [...compilation.functions.keys()]) if (!before.has(name)) compilation.functions.delete(name);
  }
  return deriveAgain(primal, request, compilation, setting);
}

/** A pullback that is reverse mode of copies of the arguments. */
function deriveAgain(
  primal: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const derivatives = new Derivatives(setting.names, compilation.functions);
  const name = derivatives.nameFor(primal.name, "reverse");
  const reverse = derivePart(primal, { ...request, mode: "reverse", width: null, name }, compilation, setting);
  if (reverse === null) return null;
  const narrowed = narrow(primal, request);
  const names = {
    forward: request.name,
    pullback: derivatives.nameFor(primal.name, "pullback"),
    tape: derivatives.tapeFor(primal.name),
  };
  const halves = pullbackAgain(narrowed, reverse.fn, names);
  // the value is what the primal gives as it stands, its instances made as those of their classes
  prepareCallees(halves.forward, compilation, setting.originals);
  return asPullback(halves, [...reverse.helpers, reverse.fn], request, compilation, setting);
}

/** The two halves of reverse mode, the second one as a function of the seed. */
function deriveHalves(
  narrowed: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived {
  markSharing(narrowed, compilation, setting.originals);
  prepareCallees(narrowed, compilation, setting.originals);
  const derivatives = new Derivatives(setting.names, compilation.functions);
  const { name } = request.primal;
  const names = {
    forward: request.name,
    pullback: derivatives.nameFor(name, "pullback"),
    tape: derivatives.tapeFor(name),
  };
  const halves = differentiatePullback(narrowed, names, compilation, derivatives);
  checkComplete(removeDead(halves.pullback, compilation));
  const made = deriveCallees(derivatives, compilation, setting);
  const pruned = [halves.pullback, ...made.map(({ fn }) => fn)].map((fn) => prune(fn, "reversePass", compilation));
  const trimmed = trimCallees(prune(halves.forward, request.mode, compilation), pruned);
  const [pass, ...helpers] = trimmed.helpers;
  if (pass === undefined) throw new Error("a pullback is lost");
  for (const fn of helpers) compilation.functions.set(fn.name, fn);
  const kept = trimmed.main.results.find(isTape);
  if (kept !== undefined) checkTape(trimmed.main, kept);
  const finished = finishHelpers(helpers, compilation);
  return asPullback({ ...halves, forward: trimmed.main, pullback: pass }, finished, request, compilation, setting);
}

/** What the user gets: the value, and the second half as a function of the seed, or of several. */
function asPullback(
  { forward, pullback: pass, shape: gradient, defaults }: Pullback,
  helpers: readonly IRFunction[],
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived {
  const takesTape = pass.params.some(({ value }) => isTape(value.type));
  const { exit } = forward.body;
  const main =
    takesTape || exit.kind !== "return"
      ? forward
      : {
          ...forward,
          results: forward.results.slice(0, 1),
          body: { ...forward.body, exit: { ...exit, values: exit.values.slice(0, 1) } },
        };
  const shape: ResultShape = {
    kind: "object",
    entries: [
      { name: "value", shape: { kind: "bare" } },
      { name: "pullback", shape: { kind: "function", callee: pass.name, takesTape } },
    ],
  };
  const single = { fn: finish(pass, compilation), shape: gradient, defaults };
  const fn = finish(main, compilation);
  const isSeed = ({ value }: Parameter): boolean => !isTape(value.type);
  const wide = request.width === null ? null : widen(single, isSeed, request.width, compilation, setting);
  const pullback = wide === null ? single : { ...wide.derived, fn: finish(wide.derived.fn, compilation) };
  const all = [...helpers, ...(wide?.helpers ?? [])];
  return { fn, shape, defaults: new Map(), helpers: reachable([fn, pullback.fn], all), pullback };
}
