/**
 * The road, in order; the only file that knows it:
 *
 *   lower -> simplify -> differentiate (analyze, both sweeps) -> remove what nobody needs -> simplify -> emit
 */
import type ts from "typescript";
import { analyzeAliases } from "./analyze/aliases.js";
import { writtenDetached } from "./analyze/detached.js";
import { markSeenInstances } from "./analyze/seen-instances.js";
import { isUnwritten } from "./analyze/reachable-memory.js";
import type { Compilation } from "./compilation.js";
import { modes, type DerivativeRequest, type GeneratedFunction, type Step } from "./derivative-request.js";
import { asPrimal } from "./differentiate/as-primal.js";
import { Batches, several } from "./differentiate/batch.js";
import { isRepeatable, mayOverwriteArgument } from "./differentiate/calls.js";
import { Refusal } from "./differentiate/refusal.js";
import type { DerivedFunction, ResultShape, Derived } from "./differentiate/derivative.js";
import { Derivatives, withActivities, type CalleeDerivative, type NamesOfFile } from "./differentiate/derivatives.js";
import { firstLine } from "./diagnostics/diagnostic.js";
import type { Caller } from "./differentiate/plan.js";
import { explainReverse } from "./differentiate/explain.js";
import { explainForward, explainMemory, type Source } from "./differentiate/explain-memory.js";
import { alongDirections, sideBySide } from "./differentiate/directions.js";
import { differentiateForward } from "./differentiate/forward.js";
import { differentiateReverse } from "./differentiate/reverse.js";
import { countOf } from "./differentiate/leaves.js";
import type { LaneMask } from "./differentiate/lanes.js";
import {
  directionOf,
  hessianByRows,
  isFlatArray,
  jacobianByColumns,
  jacobianByRows,
  mostRowsAtOnce,
  slotsOf,
} from "./differentiate/tabulate.js";
import { columnsAtOnce, type Part } from "./differentiate/unit-directions.js";
import { sparseJacobian, whyNotSparse, type SparsePart } from "./differentiate/sparse-jacobian.js";
import { withColumns } from "./differentiate/sparsity.js";
import { checkComplete, checkTape, differentiatePullback, type Pullback } from "./differentiate/pullback.js";
import { canBeKept, pullbackAgain } from "./differentiate/pullback-again.js";
import { markSharing } from "./differentiate/shared-arguments.js";
import { differentiateSplit } from "./differentiate/split.js";
import { unneeded } from "./differentiate/sweep.js";
import { hintFor } from "./emit/hints.js";
import { findUses } from "./emit/uses.js";
import { lowerFunction } from "./frontend/lower-function.js";
import { reportUnusedRules } from "./frontend/own-rules.js";
import { createLoweringSession, type CalledDerivative, type LoweringSession } from "./frontend/session.js";
import { freeKey, nameOfKey } from "./ir/function-keys.js";
import { isReference, isTape, numberType, type IRFunction, type Parameter } from "./ir/ir.js";
import { isRecursive, recordsIn } from "./ir/recursive.js";
import { print } from "./ir/print.js";
import { walk } from "./ir/traverse.js";
import { verify } from "./ir/verify.js";
import { inlineCallsWhere } from "./simplify/inline-calls.js";
import { joinCopies } from "./simplify/join-copies.js";
import { joinRecords } from "./simplify/join-records.js";
import { removeDead } from "./simplify/remove-dead.js";
import { simplifications, simplify } from "./simplify/simplify.js";
import { storeFirst } from "./simplify/store-first.js";
import { trimCallees } from "./differentiate/trim-callees.js";
import { mentions } from "./syntax/find-requests.js";
import { blameTypeErrors } from "./syntax/type-errors.js";
import { visibleNames } from "./syntax/visible-names.js";
import { emitDerivative, capturedIn } from "./emit-derivative.js";
import { isDifferentiable } from "./is-differentiable.js";

/** The passes that can be switched off; all simplifications too, those before and those after differentiation. */
export const passNames: readonly string[] = [
  ...Object.keys(simplifications),
  "simplifyPrimal",
  "simplifyDerivative",
  "toBeRecorded",
  "takeSnapshots",
  "storeFirst",
  "joinCopies",
  "joinRecords",
];

/** The stages that can be dumped. */
export const dumpNames: readonly string[] = [
  "lower",
  "primal",
  ...Object.keys(simplifications),
  "analyze",
  "explain",
  ...modes,
  "augmentedPrimal",
  "reversePass",
  "prune",
  "derivative",
  "storeFirst",
  "joinCopies",
  "joinRecords",
];

/** Answers every request that can be answered; what stands in the way of the others is reported. */
export function deriveFunctions(
  requests: readonly DerivativeRequest[],
  program: ts.Program,
  compilation: Compilation,
  outputs: ReadonlySet<ts.SourceFile> = new Set(),
): readonly GeneratedFunction[] {
  const called = new Map<DerivativeRequest, CalledDerivative | null>();
  const byMacro = new Map<ts.CallExpression, DerivativeRequest>();
  for (const request of requests) {
    for (const origin of request.origins) if (origin.kind === "macro") byMacro.set(origin.call, request);
  }
  const session = createLoweringSession(program, compilation, {
    isMacro: (node) => byMacro.has(node),
    derivativeOf: (macro, outputFile) => {
      const request = byMacro.get(macro);
      return request === undefined ? null : derivativeToCall(request, outputFile);
    },
  });
  const primals = new Map<string, IRFunction | null>();
  const source = sourceOf(program);
  const originals = new Map<string, IRFunction>();
  const copied = new Map<ts.SourceFile, Map<string, string>>();
  const reserved = new Map<ts.SourceFile, Set<string>>();
  const namesIn = (file: ts.SourceFile): Set<string> => {
    const known = reserved.get(file);
    if (known !== undefined) return known;
    const names = new Set(visibleNames(file));
    for (const request of requests) if (request.standsIn === file) names.add(request.name);
    reserved.set(file, names);
    return names;
  };
  const copiesIn = (file: ts.SourceFile): Map<string, string> => {
    const copies = copied.get(file) ?? new Map<string, string>();
    copied.set(file, copies);
    return copies;
  };
  const primalOf = (request: DerivativeRequest): IRFunction | null => {
    const { primal: at, standsIn } = request;
    const place = `${at.sourceFile.fileName} ${at.node.pos} ${standsIn.fileName}`;
    if (!primals.has(place)) primals.set(place, lowerPrimal(request, session, compilation));
    return primals.get(place) ?? null;
  };
  const answers = new Map<DerivativeRequest, Derived | null>();
  const answer = (request: DerivativeRequest, primal: IRFunction): Derived | null => {
    const known = answers.get(request);
    if (known !== undefined) return known;
    const { standsIn } = request;
    const names = namesIn(standsIn);
    const taken: NamesOfFile = {
      has: (name) => names.has(name) || mentions(standsIn.text, name),
      add: (name) => names.add(name),
    };
    const derived = derive(primal, request, compilation, { originals, source, names: taken });
    answers.set(request, derived);
    return derived;
  };

  /** The derivative as a function that another primal calls. */
  const derivativeToCall = (request: DerivativeRequest, outputFile: ts.SourceFile): CalledDerivative | null => {
    const known = called.get(request);
    if (known !== undefined) return known;
    called.set(request, null);
    const primal = primalOf(request);
    const derived = primal === null ? null : answer(request, primal);
    if (primal === null || derived === null) return null;
    const { main, pullback: pass } = nestedParts(derived, primal, compilation);
    const isTaken = (key: string): boolean => compilation.functions.has(key);
    const fn = { ...main, name: freeKey(main.name, isTaken) };
    const pullback = pass === null ? null : { ...pass, name: freeKey(`${main.name}_pullback`, isTaken) };
    for (const one of pullback === null ? [fn] : [fn, pullback]) compilation.functions.set(one.name, one);
    // Beside the caller it is called by its name, and so are its helpers; what the user gets of a pullback is put together.
    const copies = copiesIn(request.standsIn);
    const beside = pullback === null ? [fn, ...derived.helpers] : derived.helpers;
    if (request.standsIn === outputFile) for (const { name } of beside) copies.set(name, nameOfKey(name));
    const symbols = request.primal.captures.filter(({ kind }) => kind === "value").map(({ symbol }) => symbol);
    const captured = new Map<number, ts.Symbol>();
    capturedIn(fn, primal, request.primal).forEach(({ position }, k) => {
      const symbol = symbols[k];
      if (symbol !== undefined) captured.set(position, symbol);
    });
    const made = { fn, captured, pullback };
    called.set(request, made);
    return made;
  };

  const generated = requests.flatMap((request): readonly GeneratedFunction[] => {
    try {
      const primal = primalOf(request);
      const derived = primal === null ? null : answer(request, primal);
      if (primal === null || derived === null) return [];
      const { standsIn } = request;
      return [
        emitDerivative(laidOut(derived, compilation), primal, request, namesIn(standsIn), copiesIn(standsIn), session),
      ];
    } catch (fault) {
      if (fault instanceof Refusal) {
        compilation.report(fault.code, fault.span ?? request.primal.nameSpan, fault.details);
        return [];
      }
      const text = firstLine(fault);
      compilation.report("EZ9001", request.primal.nameSpan, { name: request.primal.name, text });
      return [];
    }
  });
  blameTypeErrors(session.examined, program, compilation);
  if (!compilation.hasErrors) reportUnusedRules(session, outputs);
  return generated;
}

/** The primal as IR, simplified: once for all its derivatives. */
function lowerPrimal(
  request: DerivativeRequest,
  session: LoweringSession,
  compilation: Compilation,
): IRFunction | null {
  const { node, name, captures } = request.primal;
  const lowered = lowerFunction(node, name, session, { outputFile: request.standsIn, captures });
  if (lowered === null) return null;
  show("lower", lowered, compilation);
  const simplified = simplifyPrimal(lowered, compilation);
  const aliases = analyzeAliases(simplified, compilation);
  const inlined = inlineCallsWhere(simplified, compilation, (op) => mayOverwriteArgument(op, aliases));
  const primal = inlined === simplified ? simplified : simplifyPrimal(inlined, compilation);
  refuseWrittenDetached(primal, compilation, false);
  return show("primal", makeSeen(primal, compilation), compilation);
}

/** Instances that others see are made as such; one that cannot be is refused. */
function makeSeen(fn: IRFunction, compilation: Compilation): IRFunction {
  const { fn: made, nameless } = markSeenInstances(fn, analyzeAliases(fn, compilation));
  const [first] = nameless;
  if (first === undefined) return made;
  const name = first.type.kind === "record" ? first.type.name : null;
  throw new Refusal("EZ2070", { what: name === null ? "an instance" : `an instance of ${name}` }, first.origin.span);
}

/** A constant view of memory is one only while nobody writes there. */
function refuseWrittenDetached(fn: IRFunction, compilation: Compilation, isCallee: boolean): void {
  const [written] = writtenDetached(fn, analyzeAliases(fn, compilation), isCallee);
  if (written !== undefined) throw new Refusal("EZ2035", {}, written.origin.span);
}

/** What simplifies before differentiation: a record is never made of what is simplified away. */
function simplifyPrimal(fn: IRFunction, compilation: Compilation): IRFunction {
  return compilation.isEnabled("simplifyPrimal") ? simplify(fn, compilation) : fn;
}

/** The options of a macro: what is not asked for is const. */
function narrow(primal: IRFunction, { wrt }: Step): IRFunction {
  if (wrt === null) return primal;
  const params = primal.params.map((param, position) =>
    wrt.includes(position) ? param : { ...param, activity: "const" as const },
  );
  return { ...primal, params };
}

/**
 * Dumps and verifies one stage: always, not only where every pass is checked, for what is not well-formed here would
 * be a wrong derivative.
 */
function show(stage: string, fn: IRFunction, compilation: Compilation): IRFunction {
  compilation.dump(stage, () => print(fn));
  verify(fn, stage, compilation.functions);
  return fn;
}

/** What all differentiations of a program share. */
interface Setting {
  /** Callees as they were before they were simplified. */
  readonly originals: Map<string, IRFunction>;
  readonly source: Source;
  readonly names: NamesOfFile;
}

/** The derivative that is asked for, by way of those that it is a derivative of. */
function derive(
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

/** A derivative that is differentiated again; `declared` is what it is the derivative of. */
function nested(derived: Derived, declared: IRFunction, compilation: Compilation): IRFunction {
  return nestedParts(derived, declared, compilation).main;
}

/** The same, with the pullback as a function of the tape and the seed. */
function nestedParts(
  derived: Derived,
  declared: IRFunction,
  compilation: Compilation,
): { readonly main: IRFunction; readonly pullback: IRFunction | null } {
  const { main, helpers, pullback } = asPrimal(derived, derived.helpers, declared.params);
  for (const helper of helpers) compilation.functions.set(helper.name, helper);
  for (const fn of [main, ...helpers, ...(pullback === null ? [] : [pullback])])
    verify(fn, "derivative as a primal", compilation.functions);
  return {
    main: simplifyPrimal(main, compilation),
    pullback: pullback === null ? null : simplifyPrimal(pullback, compilation),
  };
}

const pullbackOf = ({ pullback }: Derived): readonly IRFunction[] => (pullback === undefined ? [] : [pullback.fn]);

/** The helpers that functions call, themselves or by way of others. */
function reachable(from: readonly IRFunction[], helpers: readonly IRFunction[]): readonly IRFunction[] {
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

/** One differentiation, along as many directions as are asked for. */
function deriveOnce(
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

/** The same for several directions at once, with the callees that it takes for that. */
function widen(
  single: DerivedFunction,
  isDirection: (param: Parameter) => boolean,
  width: number,
  compilation: Compilation,
  setting: Setting,
): { readonly derived: DerivedFunction; readonly helpers: readonly IRFunction[] } {
  const names = new Derivatives(setting.names, compilation.functions);
  const batches = new Batches(several(width), compilation, (callee) => names.nameFor(callee, `width_${width}`));
  const derived = alongDirections(single, isDirection, width, batches, compilation);
  return { derived, helpers: finishCallees(batches, compilation) };
}

function finishCallees(batches: Batches, compilation: Compilation): readonly IRFunction[] {
  return finishHelpers(
    batches.callees((fn) => compilation.functions.set(fn.name, fn)),
    compilation,
  );
}

/** Functions that a derivative calls, finished, and known as such to what is differentiated after them. */
function finishHelpers(helpers: readonly IRFunction[], compilation: Compilation): readonly IRFunction[] {
  return helpers.map((fn) => {
    const helper = finish(fn, compilation);
    compilation.functions.set(helper.name, helper);
    return helper;
  });
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

/** The derivatives that others call. All are known before any is simplified: what a call does is read off its callee. */
function deriveCallees(
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

/** Reverse mode in two halves, or as one that runs again: what the first one would keep is not always the pullback's own. */
function derivePullback(
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

/** A derivative that another one is made of; what a rest parameter takes is handed to it as an array. */
function derivePart(
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

/**
 * Forward over reverse: the gradient, and its tangent along a direction. The directions stand behind the arguments.
 *
 *   f(x, w)   =>   f_gradient(x, w)   =>   f_hvp(x, w, xDot, wDot)
 */
function deriveHvp(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const gradient = deriveOnce(primal, { ...request, mode: "gradient" }, true, compilation, setting);
  if (gradient === null) return null;
  const again = { ...request, mode: "forward", wrt: null, width: null } as const;
  const derived = deriveOnce(nested(gradient, narrowed, compilation), again, false, compilation, setting);
  if (derived === null) return null;
  const own = new Set(primal.params.map(({ value }) => value));
  const [args, directions] = [true, false].map((is) => derived.fn.params.filter(({ value }) => own.has(value) === is));
  const fn: IRFunction = { ...derived.fn, params: [...(args ?? []), ...(directions ?? [])] };
  return { ...derived, fn, helpers: reachable([fn], [...gradient.helpers, ...derived.helpers]) };
}

/** A Jacobian or a Hessian: a function that calls another derivative, once for each row or column. */
function deriveTable(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  mode: "jacobian" | "hessian",
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const [result] = primal.results;
  const notSparse = request.sparse === true ? whyNotSparse(narrowed, mode) : null;
  if (notSparse !== null) throw new Refusal("EZ2082", { name: primal.name, what: notSparse });
  // The Jacobian of a number is its gradient.
  if (mode === "jacobian" && result?.kind === "number")
    return deriveOnce(primal, { ...request, mode: "gradient" }, false, compilation, setting);
  const shapes = [...slotsOf(narrowed.params).map(({ value }) => value.type), ...primal.results];
  if (shapes.some((type) => [...recordsIn(type)].some(isRecursive)))
    throw new Refusal("EZ2001", {
      what: `mode ${mode} over a type that holds itself`,
      advice: 'use "hvp", "forward" or "reverse"',
    });
  if (!canRepeat(primal, request, mode, compilation)) return null;
  const derivatives = new Derivatives(setting.names, compilation.functions);
  const helpers: IRFunction[] = [];
  const deriveNamed = (from: IRFunction, suffix: string, part: Step): IRFunction | null => {
    const name = derivatives.nameFor(primal.name, suffix);
    const derived = derivePart(from, { ...request, ...part, name }, compilation, setting);
    if (derived === null) return null;
    helpers.push(...derived.helpers, derived.fn);
    return derived.fn;
  };
  /** The same along several directions, or from several seeds; null where that is not possible. */
  const widenPart = (single: IRFunction, asked: LaneMask, width: number): IRFunction | null => {
    const batches = new Batches(several(width), compilation, (callee) => derivatives.nameFor(callee, `width_${width}`));
    try {
      const wide = sideBySide(single, asked, batches, derivatives.nameFor(single.name, `width_${width}`));
      if (isTooLong(wide)) return null;
      const callees = finishCallees(batches, compilation);
      const fn = finish(wide, compilation);
      compilation.functions.set(fn.name, fn);
      helpers.push(...callees, fn);
      return fn;
    } catch (fault) {
      if (fault instanceof Refusal && fault.code === "EZ2040") return null;
      throw fault;
    }
  };
  const slots = slotsOf(narrowed.params).map((slot) => narrowed.params.indexOf(slot));
  const alongEach = (from: IRFunction, base: string): readonly Part[] =>
    slots.flatMap((slot) => {
      const suffix = slots.length === 1 ? base : `${base}_wrt_${slot}`;
      const single = deriveNamed(from, suffix, { mode: "forward", wrt: [slot], width: null });
      if (single === null) return [];
      // The direction stands behind its argument.
      const asked = { params: new Set([slot + 1]), results: new Set(single.results.keys()) };
      const isArray = isFlatArray(narrowed.params[slot]?.value.type ?? numberType);
      return { single, wide: isArray ? widenPart(single, asked, columnsAtOnce) : null };
    });
  const fromSeeds = (single: IRFunction): Part => {
    const own = new Set(primal.params.map(({ value }) => value));
    const params = single.params.flatMap(({ value }, k) => (own.has(value) ? [] : [k]));
    const count = result === undefined ? null : countOf(result);
    const asked = { params: new Set(params), results: new Set(single.results.keys()) };
    const isFew = count !== null && count > 1 && count <= mostRowsAtOnce;
    return { single, wide: isFew ? widenPart(single, asked, count) : null };
  };
  /** Forward mode once more, over sets of columns in the place of tangents. */
  const patternOf = ({ single }: Part, slot: number): IRFunction => {
    const batches = new Batches(withColumns(compilation), compilation, (callee) =>
      derivatives.nameFor(callee, "pattern"),
    );
    const asked = { params: new Set([slot + 1]), results: new Set(single.results.keys()) };
    try {
      const pattern = sideBySide(single, asked, batches, derivatives.nameFor(primal.name, "pattern"));
      const callees = finishCallees(batches, compilation);
      const fn = finish(pattern, compilation);
      compilation.functions.set(fn.name, fn);
      helpers.push(...callees, fn);
      return fn;
    } catch (fault) {
      if (!(fault instanceof Refusal) || (fault.code !== "EZ2040" && fault.code !== "EZ2081")) throw fault;
      throw new Refusal("EZ2081", { name: primal.name, what: fault.details["what"] ?? "" });
    }
  };
  const tabulateSparse = (from: IRFunction, base: string): DerivedFunction => {
    const parts = alongEach(from, base).map((part, k): SparsePart => {
      const slot = slots[k] ?? 0;
      const isArray = isFlatArray(narrowed.params[slot]?.value.type ?? numberType);
      return { ...part, pattern: isArray ? patternOf(part, slot) : null };
    });
    return sparseJacobian(from, parts, request.name);
  };
  const tabulate = (): DerivedFunction | null => {
    if (mode === "hessian") {
      const gradient = deriveOnce(primal, { ...request, mode: "gradient" }, true, compilation, setting);
      if (gradient === null) return null;
      helpers.push(...gradient.helpers);
      const from = nested(gradient, narrowed, compilation);
      if (request.sparse === true) return tabulateSparse(from, "hvp");
      return hessianByRows(narrowed, alongEach(from, "hvp"), request.name);
    }
    if (request.sparse === true) return tabulateSparse(narrowed, "forward");
    if (directionOf(narrowed) === "columns")
      return jacobianByColumns(narrowed, alongEach(narrowed, "forward"), request.name);
    const reverse = deriveNamed(primal, "reverse", { mode: "reverse", wrt: request.wrt, width: null });
    return reverse === null ? null : jacobianByRows(narrowed, fromSeeds(reverse), request.name);
  };
  const table = tabulate();
  if (table === null) return null;
  const fn = finish(table.fn, compilation);
  return { ...table, fn, helpers: reachable([fn], helpers) };
}

/** Engines do not optimise functions of any length: what is nearly as long as that is not made longer. */
function isTooLong({ body }: IRFunction): boolean {
  let count = 0;
  walk(body, () => count++);
  return count > 1200;
}

/** Who would notice that the primal runs again; null: nobody. */
function seenWhenRepeated(primal: IRFunction, compilation: Compilation): "writes" | "acts" | null {
  const aliases = analyzeAliases(primal, compilation);
  const writes = primal.params.some(
    ({ value }) => isReference(value.type) && !isUnwritten(aliases.classOf(value), value.type, aliases),
  );
  return writes ? "writes" : isRepeatable(primal, compilation) ? null : "acts";
}

/** May the primal run once for each row or column? */
function canRepeat(
  primal: IRFunction,
  request: DerivativeRequest,
  mode: "jacobian" | "hessian",
  compilation: Compilation,
): boolean {
  const seen = seenWhenRepeated(primal, compilation);
  if (seen === null) return true;
  compilation.report("EZ2001", request.primal.nameSpan, {
    what: `mode ${mode} of a function that ${seen === "writes" ? "writes to its arguments" : "prints, or draws random numbers,"}`,
    advice:
      seen === "writes"
        ? "write to a copy, and return the array"
        : "keep what is seen outside out of it, and pass random numbers as arguments",
  });
  return false;
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

/** Callees that stay calls are simplified once, before anything is derived from them. */
function prepareCallees(
  fn: IRFunction,
  compilation: Compilation,
  originals: Map<string, IRFunction>,
  done = new Set<string>(),
): void {
  const prepare = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    const callee = compilation.functions.get(name);
    if (callee === undefined) return;
    if (callee.external !== undefined) {
      const { rule } = callee.external;
      for (const part of [rule?.reverse, rule?.forward, rule?.partials]) if (typeof part === "string") prepare(part);
      return;
    }
    if (!originals.has(name)) originals.set(name, callee);
    const simplified = simplifyPrimal(callee, compilation);
    refuseWrittenDetached(simplified, compilation, true);
    const made = makeSeen(simplified, compilation);
    compilation.functions.set(name, made);
    prepareCallees(made, compilation, originals, done);
  };
  walk(fn.body, (op) => {
    if (op.kind === "call") prepare(op.callee);
  });
}

/** What differentiation made is rid of what nobody needs. */
function prune(fn: IRFunction, stage: string, compilation: Compilation): IRFunction {
  compilation.dump(stage, () => print(fn));
  const pruned = show("prune", removeDead(fn, compilation), compilation);
  walk(pruned.body, (op) => {
    if (op.kind === "constant" && op.text === unneeded)
      throw new Error("a value that the reverse sweep needs is not available to it");
  });
  return pruned;
}

/** The user's text, for `--explain`. */
function sourceOf(program: ts.Program): Source {
  const fileOf = (name: string): ts.SourceFile => {
    const file = program.getSourceFile(name);
    if (file === undefined) throw new Error(`the program has no file ${name}`);
    return file;
  };
  return {
    lineOf: ({ file, start }) => fileOf(file).getLineAndCharacterOfPosition(start).line + 1,
    textOf: ({ file, start, end }) => fileOf(file).text.slice(start, end),
    nameOf: (file) => {
      const folder = `${program.getCurrentDirectory().replaceAll("\\", "/").replace(/\/$/, "")}/`;
      return file.startsWith(folder) ? file.slice(folder.length) : file;
    },
  };
}

/** What simplifies after differentiation; the ablation switches it off. */
function finish(fn: IRFunction, compilation: Compilation): IRFunction {
  const trimmed = removeDead(fn, compilation);
  const simplified = compilation.isEnabled("simplifyDerivative") ? simplify(trimmed, compilation) : trimmed;
  return show("derivative", simplified, compilation);
}

/** A derivative as it is written down: sums begin with their first term, and what is kept together lies together. */
function laidOut(derived: Derived, compilation: Compilation): Derived {
  const { foldConstants, shareCommon, hoistInvariants } = simplifications;
  const tidy = (fn: IRFunction): IRFunction =>
    [shareCommon, foldConstants, hoistInvariants].reduce((current, pass) => pass(current, compilation), fn);
  const layouts = {
    storeFirst: (fn: IRFunction): IRFunction => storeFirst(fn, compilation),
    joinCopies: (fn: IRFunction): IRFunction => joinCopies(fn, compilation),
    joinRecords: (fn: IRFunction): IRFunction => {
      const uses = findUses(fn);
      return joinRecords(fn, (value) => hintFor(value, uses) || "t");
    },
  };
  const layOut = (fn: IRFunction): IRFunction => {
    let current = fn;
    for (const [name, pass] of Object.entries(layouts)) {
      const next = compilation.isEnabled(name) ? pass(current) : current;
      if (next === current) continue;
      current = show(name, tidy(next), compilation);
    }
    return current;
  };
  return { ...derived, fn: layOut(derived.fn), helpers: derived.helpers.map(layOut) };
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
