/** A derivative as the text that stands in its file: named, typed, with the helpers that it calls. */
import type { DerivativeRequest, GeneratedFunction, Primal, RequestMode } from "./derivative-request.js";
import type { ResultShape, Derived } from "./differentiate/derivative.js";
import { Refusal } from "./differentiate/refusal.js";
import { linkedTypes } from "./emit/typescript/linked-types.js";
import { printTape, printType as printTypeText, type TypeNames } from "./emit/typescript/types.js";
import { emitFunction } from "./emit/typescript/emit-function.js";
import type { ResultShape as EmittedShape } from "./emit/typescript/print.js";
import { freeName, placeCallees } from "./frontend/place-callees.js";
import type { LoweringSession } from "./frontend/session.js";
import { typeNamesIn } from "./frontend/visible-types.js";
import { nameOfKey } from "./ir/function-keys.js";
import { isTape, type IRFunction, type RecordType, type Type, type Value } from "./ir/ir.js";
import { recordsIn } from "./ir/recursive.js";
import { walk } from "./ir/traverse.js";
import { uncountedIn } from "./ir/uncounted.js";
import { exportsOf, isCommonJs, isJavaScript, mayBeLeftOut } from "./syntax/javascript.js";
import { mentions } from "./syntax/find-requests.js";

/** The text of a derivative and of all that it needs. */
export function emitDerivative(
  { fn, shape, defaults, helpers, pullback }: Derived,
  primal: IRFunction,
  request: DerivativeRequest,
  reservedNames: Set<string>,
  copied: Map<string, string>,
  session: LoweringSession,
): GeneratedFunction {
  const { standsIn } = request;
  const { program } = session;
  const isTaken = (name: string): boolean => reservedNames.has(name) || mentions(standsIn.text, name);
  const { functions, copies } = placeCallees(
    [fn, ...(pullback === undefined ? [] : [pullback.fn]), ...helpers],
    standsIn,
    copied,
    isTaken,
    session,
  );
  for (const one of [...functions, ...copies]) {
    const left = uncountedIn(one);
    if (left !== null) throw new Refusal("EZ2150", { name: left.name }, left.span);
  }
  for (const { name } of copies) reservedNames.add(name);
  const tapes = tapesOf(functions);
  const known = typeNamesIn(standsIn, session);
  const typeNames = new Set([...known.types, ...tapes.map(({ name }) => name ?? "")]);
  const isVisible = (name: string): boolean => typeNames.has(name);
  const reserve = (name: string): string => {
    const free = freeName(name, (one) => isVisible(one) || isTaken(one));
    reservedNames.add(free);
    return free;
  };
  const isTyped = !isJavaScript(standsIn.fileName);
  const linked = linkedTypes(isTyped ? functions : [], isVisible, reserve);
  const types = { isVisible, linked: linked.nameOf };
  const common = {
    reservedNames,
    isTaken,
    typeNames,
    classNames: known.classes,
    uncheckedIndexedAccess: program.getCompilerOptions().noUncheckedIndexedAccess === true,
    language: isTyped ? ("typescript" as const) : ("javascript" as const),
    linkedType: linked.nameOf,
  };
  const [first = fn, ...rest] = functions;
  const pass = pullback === undefined ? undefined : rest[0];
  const others = pass === undefined ? rest : rest.slice(1);
  const { main, optionalParameters } = withOptionalParameters(first, primal, request.primal, defaults);
  const interfaces = isTyped
    ? [...tapes.map((tape) => printTape(tape, types)), ...linked.texts].map((text) => ({ text, imports: [] }))
    : [];
  const takesTape = pass?.params.some(({ value }) => isTape(value.type)) === true;
  const emittedPass =
    pass === undefined || pullback === undefined
      ? null
      : emitFunction(pass, {
          ...common,
          exported: false,
          doc: null,
          isCurried: takesTape,
          resultShape: emittedShape(pullback.shape),
          parameterDefaults: pullback.defaults,
          ...(pullback.shape.kind === "none" ? { resultTypeText: "void" } : {}),
        });
  const valueType = printValueType(fn.results[0], types);
  const emitted = [
    emitFunction(main, {
      ...common,
      optionalParameters,
      exported: request.exported && !isCommonJs(standsIn),
      doc: describe(fn, request),
      resultShape: emittedShape(shape),
      ...(shape.kind === "none" ? { resultTypeText: "void" } : {}),
      ...(emittedPass === null ? {} : { resultTypeText: `{ value: ${valueType}; pullback: ${emittedPass.type} }` }),
      parameterDefaults: defaults,
    }),
    ...interfaces,
    ...(emittedPass === null ? [] : [emittedPass]),
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

/** What the primal gives: an instance is one of its class, whatever it is made of. */
function printValueType(type: Type | undefined, names: TypeNames): string {
  if (type === undefined) return "void";
  const isInstance = type.kind === "record" && type.instance !== undefined;
  return isInstance && type.name !== null && names.isVisible(type.name) ? type.name : printTypeText(type, names);
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
    // A shadow or a tangent is called after what it belongs to, or stands behind it, a seed behind everything.
    const named = primal.params.find(({ name }) => name === param.name);
    const owner = own.has(param.value) || param.isSeed === true ? param : (named ?? reversed[k + 1] ?? param);
    const isOptional = mayBeAbsent.has(owner.value);
    isLast &&= isOptional || defaults.has(param.value);
    if (!isOptional) return param;
    if (isLast) optionalParameters.add(param.value);
    else if (param.typeText !== null) return { ...param, typeText: `${param.typeText} | undefined` };
    return param;
  });
  return { main: { ...fn, params: params.reverse() }, optionalParameters };
}

/** The tapes that functions name, each once. */
function tapesOf(functions: readonly IRFunction[]): readonly RecordType[] {
  const found = new Map<string, RecordType>();
  const note = (type: Type): void => {
    for (const record of recordsIn(type))
      if (record.opened !== undefined && record.name !== null) found.set(record.name, record);
    if (isTape(type) && type.name !== null) found.set(type.name, type);
  };
  for (const { params, results, body } of functions) {
    results.forEach(note);
    params.forEach(({ value }) => note(value.type));
    walk(body, (op) => op.results.forEach(({ type }) => note(type)));
  }
  return [...found.values()];
}

/** The parameters that take what the primal captures. */
export function capturedIn(fn: IRFunction, primal: IRFunction, { captures }: Primal): GeneratedFunction["captured"] {
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
    case "function":
      return { ...shape, callee: nameOfKey(shape.callee) };
    case "tuple":
      return { kind: "tuple", entries: shape.entries.map(emittedShape) };
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
  const inner = request.inner.map(({ mode }) => `the ${nouns[mode].toLowerCase()} of `).reverse();
  const link = `${inner.join("")}{@link ${request.primal.name}}`;
  const names = [...new Set(fn.params.filter(({ activity }) => activity !== "const").map(({ name }) => name))];
  const list = names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}` : names.join("");
  const toward = list === "" ? "" : ` with respect to ${list}`;
  const noun = nouns[request.mode];
  const { width } = request;
  const along = width === null ? "" : ` along ${counted(width, "direction")}`;
  switch (request.mode) {
    case "gradient":
    case "valueAndGradient":
    case "jacobian":
    case "hessian":
      return `${noun} of ${link}${toward}${request.sparse === true ? ", in compressed rows" : ""}.`;
    case "vjp":
      return `${noun} of ${link}${toward}${width === null ? "" : `, for ${counted(width, "seed")} at once`}.`;
    case "reverse":
    case "reverseWithPrimal":
      return `${noun} of ${link}${toward}: shadows are added to.`;
    case "forward":
    case "forwardWithPrimal":
      return `${noun} of ${link}${along}: the tangent${width === null ? "" : "s"} of its result.`;
    case "hvp":
      return `Hessian of ${link} times ${width === null ? "a direction" : counted(width, "direction")}.`;
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** How a comment calls what a mode makes. */
const nouns: Readonly<Record<RequestMode, string>> = {
  gradient: "Gradient",
  valueAndGradient: "Value and gradient",
  reverse: "Reverse mode",
  reverseWithPrimal: "Reverse mode",
  forward: "Forward mode",
  forwardWithPrimal: "Forward mode",
  vjp: "Value and pullback",
  jacobian: "Jacobian",
  hessian: "Hessian",
  hvp: "Hessian times a direction",
};
