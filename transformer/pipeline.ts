/**
 * The road, in order; the only file that knows it:
 *
 *   lower -> simplify -> differentiate (analyze, both sweeps) -> remove what nobody needs -> simplify -> emit
 */
import type ts from "typescript";
import { analyzeActivity } from "./analyze/activity.js";
import { analyzeAliases, type Aliases } from "./analyze/aliases.js";
import { writtenDetached } from "./analyze/detached.js";
import { resizedParameters } from "./analyze/origins.js";
import type { Compilation } from "./compilation.js";
import { modes, type DerivativeRequest, type GeneratedFunction, type Primal } from "./derivative-request.js";
import { mayOverwriteArgument } from "./differentiate/calls.js";
import { refuseActiveWrites } from "./differentiate/rule-calls.js";
import { Refusal } from "./differentiate/refusal.js";
import type { DerivedFunction, ResultShape } from "./differentiate/derivative.js";
import { Derivatives, withActivities, type CalleeDerivative } from "./differentiate/derivatives.js";
import { firstLine } from "./diagnostics/diagnostic.js";
import { explainReverse } from "./differentiate/explain.js";
import { explainForward, explainMemory, type Source } from "./differentiate/explain-memory.js";
import { differentiateForward } from "./differentiate/forward.js";
import { differentiateReverse } from "./differentiate/reverse.js";
import { differentiateSplit } from "./differentiate/split.js";
import { unneeded } from "./differentiate/sweep.js";
import { printTape } from "./emit/typescript/types.js";
import { emitFunction, type ResultShape as EmittedShape } from "./emit/typescript/emit-function.js";
import { lowerFunction } from "./frontend/lower-function.js";
import { reportUnusedRules } from "./frontend/own-rules.js";
import { placeCallees } from "./frontend/place-callees.js";
import { createLoweringSession, type LoweringSession } from "./frontend/session.js";
import { typeNamesIn } from "./frontend/visible-types.js";
import { carriesDerivative, isReference, isTape, type IRFunction, type Parameter, type Value } from "./ir/ir.js";
import { print, printType } from "./ir/print.js";
import { primitives } from "./ir/primitives.js";
import { operandsOf, walk } from "./ir/traverse.js";
import { verify } from "./ir/verify.js";
import { inlineCallsWhere } from "./simplify/inline-calls.js";
import { removeDead } from "./simplify/remove-dead.js";
import { simplifications, simplify } from "./simplify/simplify.js";
import { trimCallees } from "./differentiate/trim-callees.js";
import { positionInWrt } from "./syntax/find-macros.js";
import { exportsOf, isCommonJs, isJavaScript, mayBeLeftOut } from "./syntax/javascript.js";
import { mentions } from "./syntax/find-requests.js";
import { visibleNames } from "./syntax/visible-names.js";

/** The passes that can be switched off; all simplifications too, those before and those after differentiation. */
export const passNames: readonly string[] = [
  ...Object.keys(simplifications),
  "simplifyPrimal",
  "simplifyDerivative",
  "toBeRecorded",
  "takeSnapshots",
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
];

/** Answers every request that can be answered; what stands in the way of the others is reported. */
export function deriveFunctions(
  requests: readonly DerivativeRequest[],
  program: ts.Program,
  compilation: Compilation,
  outputs: ReadonlySet<ts.SourceFile> = new Set(),
): readonly GeneratedFunction[] {
  const session = createLoweringSession(program, compilation);
  const source = sourceOf(program);
  const primals = new Map<string, IRFunction | null>();
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

  const generated = requests.flatMap((request): readonly GeneratedFunction[] => {
    try {
      const { primal: at, standsIn } = request;
      const place = `${at.sourceFile.fileName} ${at.node.pos} ${standsIn.fileName}`;
      if (!primals.has(place)) primals.set(place, lowerPrimal(request, session, compilation));
      const primal = primals.get(place) ?? null;
      if (primal === null) return [];
      const names = namesIn(standsIn);
      const copies = copied.get(standsIn) ?? new Map<string, string>();
      copied.set(standsIn, copies);
      const isTaken = (name: string): boolean =>
        names.has(name) || compilation.functions.has(name) || mentions(standsIn.text, name);
      const derived = derive(primal, request, compilation, isTaken, source);
      if (derived === null) return [];
      for (const helper of derived.helpers) {
        names.add(helper.name);
        for (const result of helper.results) if (isTape(result) && result.name !== null) names.add(result.name);
      }
      return [emit(derived, primal, request, names, copies, session)];
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
  return show("primal", primal, compilation);
}

/** A constant view of memory is one only while nobody writes there. */
function refuseWrittenDetached(fn: IRFunction, compilation: Compilation, isCallee: boolean): void {
  const [written] = writtenDetached(fn, analyzeAliases(fn, compilation), isCallee);
  if (written !== undefined) throw new Refusal("EZ2038", {}, written.origin.span);
}

/** What simplifies before differentiation: a record is never made of what is simplified away. */
function simplifyPrimal(fn: IRFunction, compilation: Compilation): IRFunction {
  return compilation.isEnabled("simplifyPrimal") ? simplify(fn, compilation) : fn;
}

/** The options of a macro: what is not asked for is const. */
function narrow(primal: IRFunction, { wrt }: DerivativeRequest): IRFunction {
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

/** A derivative and those of the callees that it calls. */
interface Derived extends DerivedFunction {
  readonly helpers: readonly IRFunction[];
}

function derive(
  primal: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  isTaken: (name: string) => boolean,
  source: Source,
): Derived | null {
  const narrowed = narrow(primal, request);
  if (!isDifferentiable(primal, narrowed, request, compilation)) return null;
  prepareCallees(primal, compilation);
  const derivatives = new Derivatives(isTaken);
  const derived = differentiate(narrowed, request, compilation, derivatives, source);
  if (derived === null) return null;
  // All are known before any is simplified: what a call does is read off its callee.
  const made: { readonly fn: IRFunction; readonly mode: string }[] = [];
  for (let next = derivatives.next(); next !== undefined; next = derivatives.next()) {
    const callee = compilation.functions.get(next.callee);
    if (callee === undefined) throw new Error(`the callee ${next.callee} is not known`);
    for (const fn of differentiateCallee(callee, next, compilation, derivatives, source)) {
      compilation.functions.set(fn.name, fn);
      made.push({ fn, mode: fn.derivation?.mode ?? next.mode });
    }
  }
  const pruned = made.map(({ fn, mode }) => prune(fn, mode, compilation));
  const trimmed = trimCallees(prune(derived.fn, request.mode, compilation), pruned);
  for (const fn of trimmed.helpers) compilation.functions.set(fn.name, fn);
  const helpers = trimmed.helpers.map((fn) => {
    const helper = finish(fn, compilation);
    compilation.functions.set(fn.name, helper);
    return helper;
  });
  return { ...derived, fn: finish(trimmed.main, compilation), helpers };
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
      return [differentiateForward(active, "forwardWithPrimal", wanted.name, compilation, derivatives).fn];
    }
  }
}

/** Callees that stay calls are simplified once, before anything is derived from them. */
function prepareCallees(fn: IRFunction, compilation: Compilation, done = new Set<string>()): void {
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
    const simplified = simplifyPrimal(callee, compilation);
    refuseWrittenDetached(simplified, compilation, true);
    compilation.functions.set(name, simplified);
    prepareCallees(simplified, compilation, done);
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

function differentiate(
  primal: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  derivatives: Derivatives,
  source: Source,
): DerivedFunction | null {
  const { mode, name } = request;
  switch (mode) {
    case "gradient":
    case "valueAndGradient":
    case "reverse":
    case "reverseWithPrimal": {
      const derived = differentiateReverse(primal, mode, name, compilation, derivatives);
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

/** Is there something to differentiate, and can this mode do it? Says also what will always be zero. */
function isDifferentiable(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
): boolean {
  const { mode } = request;
  const { nameSpan: span, name } = request.primal;
  const [result] = primal.results;
  if (
    (mode === "gradient" || mode === "valueAndGradient") &&
    (result === undefined || isReference(result) || !isNumeric(result.kind))
  ) {
    compilation.report("EZ1004", span, { mode, name, type: result === undefined ? "nothing" : printType(result) });
    return false;
  }
  const rest = primal.params.find((param) => param.rest === true);
  if (rest !== undefined && mode !== "gradient" && mode !== "valueAndGradient") {
    const what = `the rest parameter \`${rest.name}\` in mode ${mode}, where a shadow would follow it,`;
    compilation.report("EZ2001", rest.value.origin.span ?? span, { what, advice: "take an array instead" });
    return false;
  }
  const named = primal.params.filter((_, position) => request.wrt?.includes(position) ?? true);
  const barren = named.filter(({ activity }) => activity === "const");
  let isNamed = false;
  for (const param of barren) {
    const position = primal.params.indexOf(param);
    const type = param.typeText ?? printType(param.value.type);
    for (const origin of request.origins) {
      const at = origin.kind === "macro" ? positionInWrt(origin.call, position) : null;
      if (at !== null) compilation.report("EZ1015", at, { position, name, type });
      isNamed ||= at !== null;
    }
  }
  if (isNamed) return false;
  if (barren.length === named.length) {
    compilation.report("EZ1008", span, { name });
    return false;
  }
  const aliases = analyzeAliases(primal, compilation);
  const activity = analyzeActivity(narrowed, aliases, {
    outputsInMemory: mode !== "gradient" && mode !== "valueAndGradient",
  });
  refuseActiveWrites(narrowed, activity);
  const resized = findResized(primal, aliases);
  for (const { value, name: array } of resized)
    compilation.report("EZ1022", value.origin.span ?? span, { name: array });
  if (resized.length > 0) return false;
  if (result === undefined && !writesOutside(primal, aliases)) {
    compilation.report("EZ1009", span, { name });
    return false;
  }
  for (const param of narrowed.params) {
    if (param.activity === "const" || activity.isActive(param.value) || !carriesDerivative(param.value.type)) continue;
    const isIndex = param.activity === "active" && isOnlyIndex(param.value, primal);
    compilation.report(isIndex ? "EZ3002" : "EZ3001", param.value.origin.span ?? span, { name: param.name });
  }
  return true;
}

/** The arguments whose derivative is asked for, and whose length changes. */
function findResized(primal: IRFunction, aliases: Aliases): readonly Parameter[] {
  const asked = primal.params.filter(({ value, activity }) => activity === "duplicated" && isReference(value.type));
  if (!asked.some(({ value }) => aliases.classOf(value).resized)) return [];
  // classes do not tell a parameter from a local array that flows into the same variable
  const positions = resizedParameters(primal, aliases);
  return asked.filter((param) => positions.has(primal.params.indexOf(param)));
}

/** Is a number used as an index, a bound or a bit pattern, and for nothing else? */
function isOnlyIndex(value: Value, fn: IRFunction): boolean {
  let [asIndex, otherwise] = [false, false];
  walk(fn.body, (op) => {
    const isBound = op.kind === "loop" && (op.range?.from === value || op.range?.to === value);
    const isElement =
      (op.kind === "load" || op.kind === "store" || op.kind === "accumulate") &&
      op.at.kind === "element" &&
      op.at.index === value;
    const isPattern = op.kind === "apply" && primitives[op.primitive].result !== "number" && op.args.includes(value);
    if (isBound || isElement || isPattern) asIndex = true;
    else if (operandsOf(op).includes(value)) otherwise = true;
  });
  return asIndex && !otherwise;
}

/** Does the function write memory that its caller sees? */
function writesOutside(fn: IRFunction, aliases: Aliases): boolean {
  let found = false;
  walk(fn.body, (op) => {
    if (op.kind === "store" || op.kind === "accumulate") found ||= aliases.classOf(op.at.base).escapes;
    if (op.kind === "push" || op.kind === "pop") found ||= aliases.classOf(op.array).escapes;
    if (op.kind === "call")
      found ||= aliases.effectsOfCall(op).writes.length > 0 || aliases.effectsOfCall(op).writesEverything;
  });
  return found;
}

const isNumeric = (kind: string): boolean => kind === "number" || kind === "integer";

function emit(
  { fn, shape, defaults, helpers }: Derived,
  primal: IRFunction,
  request: DerivativeRequest,
  reservedNames: Set<string>,
  copied: Map<string, string>,
  session: LoweringSession,
): GeneratedFunction {
  const { standsIn } = request;
  const { program } = session;
  const isTaken = (name: string): boolean => reservedNames.has(name) || mentions(standsIn.text, name);
  const { functions, copies } = placeCallees([fn, ...helpers], standsIn, copied, isTaken, session);
  for (const { name } of copies) reservedNames.add(name);
  const tapes = functions.flatMap(({ results }) => results.filter(isTape));
  const known = typeNamesIn(standsIn, session);
  const typeNames = new Set([...known.types, ...tapes.map(({ name }) => name ?? "")]);
  const common = {
    reservedNames,
    typeNames,
    classNames: known.classes,
    uncheckedIndexedAccess: program.getCompilerOptions().noUncheckedIndexedAccess === true,
    language: isJavaScript(standsIn.fileName) ? ("javascript" as const) : ("typescript" as const),
  };
  const [first = fn, ...others] = functions;
  const { main, optionalParameters } = withOptionalParameters(first, primal, request.primal, defaults);
  const isTyped = common.language === "typescript";
  const interfaces = isTyped
    ? tapes.map((tape) => ({ text: printTape(tape, (name) => typeNames.has(name)), imports: [] }))
    : [];
  const emitted = [
    emitFunction(main, {
      ...common,
      optionalParameters,
      exported: request.exported && !isCommonJs(standsIn),
      doc: describe(fn, request),
      resultShape: emittedShape(shape),
      ...(shape.kind === "none" ? { resultTypeText: "void" } : {}),
      parameterDefaults: defaults,
    }),
    ...interfaces,
    ...[...others, ...copies].map((helper) =>
      emitFunction(helper, { ...common, exported: false, doc: helper.helper ?? null }),
    ),
  ];
  const exporting =
    request.exported && isCommonJs(standsIn) ? [`${exportsOf(standsIn)}.${request.name} = ${request.name};\n`] : [];
  const text = [...emitted.map((one) => one.text), ...exporting].join("\n");
  const constants = [...(session.imported.get(standsIn)?.values() ?? [])].filter(({ local }) => mentions(text, local));
  const ours = emitted.flatMap(({ imports }) => imports.map((one) => ({ ...one, local: one.name })));
  return {
    request,
    file: standsIn.fileName,
    name: request.name,
    text,
    imports: [...ours, ...constants],
    captured: capturedIn(fn, primal, request.primal),
  };
}

/**
 * What may be left out of the primal's arguments may be left out of the derivative's, as far as no parameter that is
 * needed follows:
 *
 *   f(x: number, k = 2)   =>   f_forward(x: number, xDot: number, k?: number, kDot?: number)
 */
function withOptionalParameters(
  fn: IRFunction,
  primal: IRFunction,
  { node }: Primal,
  defaults: ReadonlyMap<Value, string>,
): { readonly main: IRFunction; readonly optionalParameters: ReadonlySet<Value> } {
  const mayBeAbsent = new Set<Value>();
  node.parameters.forEach((parameter, k) => {
    const param = primal.params[k];
    if (param !== undefined && mayBeLeftOut(parameter)) mayBeAbsent.add(param.value);
  });
  const own = new Set(primal.params.map(({ value }) => value));
  const optionalParameters = new Set<Value>();
  let isLast = true;
  const params = [...fn.params].reverse().map((param, k, reversed) => {
    // A shadow or a tangent stands behind what it belongs to.
    const owner = own.has(param.value) ? param : (reversed[k + 1] ?? param);
    const isOptional = mayBeAbsent.has(owner.value);
    isLast &&= isOptional || defaults.has(param.value);
    if (!isOptional) return param;
    if (isLast) optionalParameters.add(param.value);
    else if (param.typeText !== null) return { ...param, typeText: `${param.typeText} | undefined` };
    return param;
  });
  return { main: { ...fn, params: params.reverse() }, optionalParameters };
}

/** The parameters that take what the primal captures. */
function capturedIn(fn: IRFunction, primal: IRFunction, { captures }: Primal): GeneratedFunction["captured"] {
  const names = captures.flatMap((one) => (one.kind === "value" ? [one.name] : []));
  // They stand behind the primal's own.
  return primal.params.slice(primal.params.length - names.length).map(({ value }, k) => {
    const position = fn.params.findIndex((param) => param.value === value);
    if (position < 0) throw new Error("a parameter of a lifted function is not found");
    return { position, name: names[k] ?? "" };
  });
}

function emittedShape(shape: ResultShape): EmittedShape {
  switch (shape.kind) {
    case "none":
    case "bare":
      return { kind: "bare" };
    case "tuple":
      return { kind: "tuple", entries: Array.from({ length: shape.count }, () => ({ kind: "bare" as const })) };
    case "object":
      return {
        kind: "object",
        entries: shape.entries
          .filter(({ shape: inner }) => inner.kind !== "none")
          .map(({ name, shape: inner }) => ({ name, shape: emittedShape(inner) })),
      };
  }
}

/** The line above the generated function. */
function describe(fn: IRFunction, request: DerivativeRequest): string {
  const link = `{@link ${request.primal.name}}`;
  const names = [...new Set(fn.params.filter(({ activity }) => activity !== "const").map(({ name }) => name))];
  const list = names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}` : names.join("");
  const toward = list === "" ? "" : ` with respect to ${list}`;
  switch (request.mode) {
    case "gradient":
      return `Gradient of ${link}${toward}.`;
    case "valueAndGradient":
      return `Value and gradient of ${link}${toward}.`;
    case "reverse":
    case "reverseWithPrimal":
      return `Reverse mode of ${link}${toward}: shadows are added to.`;
    case "forward":
    case "forwardWithPrimal":
      return `Forward mode of ${link}: the tangent of its result.`;
    case "vjp":
    case "jacobian":
    case "hessian":
    case "hvp":
      return `Derivative of ${link}${toward}.`;
  }
}
