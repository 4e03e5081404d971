/** What is asked before anything is differentiated: whether there is something, and whether the mode fits it. */
import { analyzeActivity, type Activity } from "../analyze/activity.js";
import { analyzeDependencies } from "../analyze/dependencies.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { resizedParameters } from "../analyze/origins.js";
import type { Compilation } from "../compilation.js";
import type { DerivativeRequest, RequestMode } from "../derivative-request.js";
import { refuseLostDerivatives } from "../differentiate/lost-derivatives.js";
import { memoryParts } from "../differentiate/memory-parts.js";
import { refuseActiveWrites } from "../differentiate/rule-calls.js";
import { nameOfKey } from "../ir/function-keys.js";
import {
  carriesDerivative,
  isDictionary,
  isMap,
  isReference,
  type ApplyOp,
  type CallOp,
  type IRFunction,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import { keepsMaps } from "../frontend/known-where-made.js";
import { primitives } from "../ir/primitives.js";
import { insideOf } from "../ir/recursive.js";
import { operandsOf, walk } from "../ir/traverse.js";
import { typeText } from "../emit/typescript/types.js";
import { spanOf } from "../syntax/span.js";
import { optionOf, positionInWrt } from "../syntax/find-macros.js";

/** Is there something to differentiate, and can this mode do it? Says also what will always be zero. */
export function isDifferentiable(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  isFirst: boolean,
  compilation: Compilation,
): boolean {
  const { mode } = request;
  const { nameSpan: span, name } = request.primal;
  if (!canAnswer(primal, narrowed, request, compilation)) return false;
  if (!asksForNumbers(primal, request, compilation)) return false;
  const aliases = analyzeAliases(primal, compilation);
  const activity = analyzeActivity(narrowed, aliases, { outputsInMemory: seesMemory(mode) });
  refuseActiveWrites(narrowed, activity);
  refuseLostDerivatives(narrowed, activity, compilation);
  // What a derivative makes of arguments keeps their length.
  if (isFirst && !keepsArguments(primal, aliases, request, compilation)) return false;
  if (primal.results.length === 0 && !writesOutside(primal, aliases)) {
    compilation.report("EZ1009", span, { name });
    return false;
  }
  // A derivative may well be constant: only what the user wrote is worth a word.
  if (isFirst) tellZeros(primal, narrowed, activity, aliases, request, compilation);
  return true;
}

/** Can a mode answer for what the function takes and gives? */
function canAnswer(
  primal: IRFunction,
  narrowed: IRFunction,
  { mode, primal: { nameSpan: span, name } }: DerivativeRequest,
  compilation: Compilation,
): boolean {
  const [result] = primal.results;
  if ((mode === "jacobian" || mode === "vjp") && (result === undefined || !carriesDerivative(result))) {
    const what = `mode ${mode} of a function that ${result === undefined ? "returns nothing" : "returns no number, and no array or object of them"}`;
    compilation.report("EZ2001", span, { what, advice: "return the array instead of writing to a parameter" });
    return false;
  }
  if (
    (mode === "gradient" || mode === "valueAndGradient" || mode === "hvp" || mode === "hessian") &&
    (result === undefined || isReference(result) || !isNumeric(result.kind))
  ) {
    const type = result === undefined ? "nothing" : typeText(result);
    const isCarrier = result !== undefined && carriesDerivative(result);
    compilation.report("EZ1004", span, { mode, name, type, ...(isCarrier ? {} : { advice: "return a number" }) });
    return false;
  }
  if (result !== undefined && (isMap(result) || keepsMaps(result))) {
    const what = `a derivative of ${isMap(result) ? "a Map" : "an object with a Map"} that is returned`;
    compilation.report("EZ2097", span, { what, advice: "return an object with open keys: Record<string, number>" });
    return false;
  }
  const tabulated = [...narrowed.params.filter((one) => one.activity !== "const").map((one) => one.value.type), result];
  if (
    (mode === "jacobian" || mode === "hessian") &&
    tabulated.some((type) => type !== undefined && holdsDictionary(type))
  ) {
    compilation.report("EZ2095", span, { what: `Mode ${mode}`, advice: "use hvp, forward or reverse" });
    return false;
  }
  const rest = primal.params.find((param) => param.rest === true);
  if (rest !== undefined && (seesMemory(mode) || mode === "hvp")) {
    const what = `the rest parameter \`${rest.name}\` in mode ${mode}, where a shadow would follow it,`;
    compilation.report("EZ2001", rest.value.origin.span ?? span, { what, advice: "take an array instead" });
    return false;
  }
  return true;
}

/** Is a derivative asked for at all, and with respect to parameters that have numbers only? */
function asksForNumbers(primal: IRFunction, request: DerivativeRequest, compilation: Compilation): boolean {
  const { nameSpan: span, name } = request.primal;
  const named = primal.params.filter((_, position) => request.wrt?.includes(position) ?? true);
  const barren = named.filter(({ activity }) => activity === "const");
  let isNamed = false;
  for (const param of barren) {
    const position = primal.params.indexOf(param);
    const type = param.typeText ?? typeText(param.value.type);
    for (const origin of request.origins) {
      const at = origin.kind === "macro" ? positionInWrt(origin.call, position) : null;
      if (at !== null) compilation.report("EZ1015", at, { position, name, type });
      isNamed ||= at !== null;
    }
  }
  if (isNamed) return false;
  if (barren.length < named.length) return true;
  const hasOthers = primal.params.some(({ activity }) => activity !== "const");
  if (!hasOthers || !blameOption(request, compilation)) compilation.report("EZ1008", span, { name });
  return false;
}

/** Does the function leave the shape of what it is given as it is? */
function keepsArguments(
  primal: IRFunction,
  aliases: Aliases,
  { primal: { nameSpan: span } }: DerivativeRequest,
  compilation: Compilation,
): boolean {
  const resized = findResized(primal, aliases, compilation);
  const unknown = resized.length > 0 ? unknownCall(primal, aliases) : null;
  if (unknown !== null) {
    const what = "may write into any array or object that it is given";
    compilation.report("EZ2033", span, { name: nameOfKey(unknown.callee), what });
    return false;
  }
  for (const { value, name } of resized) compilation.report("EZ1022", value.origin.span ?? span, { name });
  if (resized.length > 0) return false;
  const rewritten = findRewritten(primal, aliases);
  for (const { value, name } of rewritten) compilation.report("EZ2096", value.origin.span ?? span, { name });
  return rewritten.length === 0;
}

/** Says which parameters have a derivative that is always zero. */
function tellZeros(
  primal: IRFunction,
  narrowed: IRFunction,
  activity: Activity,
  aliases: Aliases,
  { primal: { nameSpan: span } }: DerivativeRequest,
  compilation: Compilation,
): void {
  for (const param of narrowed.params) {
    if (param.activity === "const" || activity.isActive(param.value) || !carriesDerivative(param.value.type)) continue;
    const isIndex = param.activity === "active" && isOnlyIndex(param.value, primal);
    const code = isIndex ? "EZ3002" : onlyDecides(param.value, primal, aliases) ? "EZ3050" : "EZ3001";
    compilation.report(code, param.value.origin.span ?? span, { name: param.name });
  }
}

/** The option of a macro that leaves nothing to be differentiated; answers whether there is one. */
function blameOption({ origins, primal: { name } }: DerivativeRequest, compilation: Compilation): boolean {
  let found = false;
  for (const origin of origins) {
    const option = origin.kind === "macro" ? (optionOf(origin.call, "const") ?? optionOf(origin.call, "wrt")) : null;
    if (option === null) continue;
    compilation.report("EZ1110", spanOf(option), { name });
    found = true;
  }
  return found;
}

/** Is what a function writes into its arguments a result of its derivative too? Then shadows are handed in. */
function seesMemory(mode: RequestMode): boolean {
  switch (mode) {
    case "reverse":
    case "reverseWithPrimal":
    case "forward":
    case "forwardWithPrimal":
      return true;
    case "gradient":
    case "valueAndGradient":
    case "vjp":
    case "jacobian":
    case "hessian":
    case "hvp":
      return false;
  }
}

/** A call that may write anything. */
function unknownCall(primal: IRFunction, aliases: Aliases): CallOp | null {
  let found: CallOp | null = null;
  walk(primal.body, (op) => {
    if (op.kind === "call" && aliases.effectsOfCall(op).writesEverything) found ??= op;
  });
  return found;
}

/**
 * The arguments whose derivative is asked for, and whose length changes. Of a function without a result, also what is below
 * them: the seeds in the shadow of a list are those of what the list holds in the end.
 */
function findResized(
  primal: IRFunction,
  aliases: Aliases,
  compilation: Compilation,
): readonly Pick<Parameter, "value" | "name">[] {
  const asked = primal.params.filter(({ value, activity }) => activity === "duplicated" && isReference(value.type));
  if (primal.results.length === 0)
    return asked.flatMap(({ value, name }) => {
      const part = memoryParts(value, aliases).find(({ memory }) => memory.resized);
      return part === undefined ? [] : [{ value, name: name + part.path }];
    });
  if (!asked.some(({ value }) => aliases.classOf(value).resized)) return [];
  // classes do not tell a parameter from a local array that flows into the same variable
  const positions = resizedParameters(primal, aliases, compilation);
  return asked.filter((param) => positions.has(primal.params.indexOf(param)));
}

/** Arguments that are, or hold, objects with open keys that are written: there might be more keys afterwards. */
function findRewritten(primal: IRFunction, aliases: Aliases): readonly Parameter[] {
  return primal.params.filter(
    ({ value, activity }) =>
      activity === "duplicated" &&
      memoryParts(value, aliases).some(({ type, isWritten }) => isWritten && isDictionary(type)),
  );
}

/** Is there an object with open keys in values of this type? */
function holdsDictionary(type: Type, seen = new Set<Type>()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  return isDictionary(type) || insideOf(type).some((one) => holdsDictionary(one, seen));
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
    const isPattern = op.kind === "apply" && op.args.includes(value) && takesIntegers(op, value);
    if (isBound || isElement || isPattern) asIndex = true;
    else if (operandsOf(op).includes(value)) otherwise = true;
  });
  return asIndex && !otherwise;
}

/** Is an operand taken as a bit pattern, or compared with integers? */
function takesIntegers({ primitive, args }: ApplyOp, value: Value): boolean {
  const { result } = primitives[primitive];
  if (result !== "boolean") return result !== "number";
  return args.every((arg) => arg === value || arg.type.kind === "integer");
}

/** Does the result depend on a parameter, by way of a test? Where no derivative flows, it depends in no smooth way. */
function onlyDecides(value: Value, fn: IRFunction, aliases: Aliases): boolean {
  const tests: Value[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "if") tests.push(op.test);
    if (op.kind === "loop" && op.body.exit.kind === "yield") tests.push(...op.body.exit.values.slice(0, 1));
  });
  const dependencies = analyzeDependencies(fn, buildRegionTree(fn), aliases);
  const results = fn.body.exit.kind === "return" ? fn.body.exit.values : [];
  return [tests, results].every((roots) => dependencies.of(roots).has(value));
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
