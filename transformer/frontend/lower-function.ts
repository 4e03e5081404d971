/** A function of the user's program -> IRFunction. */
import ts from "typescript";
import { noteForeign } from "./undefined-keys.js";
import type { Capture } from "../derivative-request.js";
import { isError } from "../diagnostics/diagnostic.js";
import { isAssignable } from "../ir/assignable.js";
import { Block, makeValue } from "../ir/build.js";
import { freeKey } from "../ir/function-keys.js";
import {
  carriesDerivative,
  isReference,
  numberType,
  type Activity,
  type IRFunction,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import { optionalOf } from "../ir/join-types.js";
import { hiddenMembers } from "../ir/hidden-members.js";
import { isRecursive, recordsIn } from "../ir/recursive.js";
import { isJavaScript, mayBeLeftOut, writtenType } from "../syntax/javascript.js";
import { spanOf } from "../syntax/span.js";
import {
  isMapText,
  brandOf,
  isAnyType,
  isConstType,
  isNumberLiterals,
  isVagueText,
  mayBeNothing,
  typeOf,
} from "../syntax/type-of.js";
import { sharedSymbols, symbolAt } from "./assigned-symbols.js";
import { bindPattern } from "./bind-pattern.js";
import { putBack } from "./captured-boxes.js";
import { lowerCaptures } from "./lower-captures.js";
import {
  originOf,
  outcome,
  placeholder,
  refused,
  report,
  Scope,
  type Cursor,
  type Frame,
  type Slot,
} from "./environment.js";
import { noHoles, noteAsked, noteShortens } from "./hole-notes.js";
import { checkSinks, noteNarrowing } from "./declared-const.js";
import { isExhausted, reportExhausted, spend } from "./effort.js";
import { adopt, escaped } from "./escape.js";
import { fence } from "./fence.js";
import { continueAt, gather, leaf, type Flow, type Gathered } from "./flow.js";
import { refuseWrittenLists } from "./given-list.js";
import { isOfFunctions } from "./function-value.js";
import { tellsOfMaps } from "./known-where-made.js";
import { bindCaptured, bindHanded, type HandedFunction } from "./handed-function.js";
import { hoistVariables } from "./hoist-variables.js";
import { errorName } from "./error-values.js";
import { foundAnswer, type Answer, type UntypedGiven } from "./untyped-recursion.js";
import { ownArguments } from "./lower-arguments.js";
import { lowerExpression } from "./lower-expression.js";
import { isMixedValue, settledAs } from "./mixed-value.js";
import { startAgain, startOf } from "./start-again.js";
import { reportMixtures } from "./mixtures.js";
import { reportEscapes } from "./open-object.js";
import { takenTooEarly } from "./pending-elements.js";
import { resolveViews } from "./resolve-views.js";
import { lowerStatements } from "./lower-statement.js";
import { callWithRule, isRuleFunction, ownRuleOf } from "./own-rules.js";
import { declaredParameter, declaredReturn, parameterTypeOf } from "./parameter-type.js";
import { canName, closedCircle, openingAdvice, typeTextIn } from "./visible-types.js";
import { InternalError, type CalleeSignature, type LoweringSession } from "./session.js";
import { isSurelyThere } from "./surely-there.js";

/**
 * Is a parameter of a callee given, left out, or perhaps undefined? Wide: declared `int`, and given any number, whose
 * derivative must not be lost. Untyped: a parameter whose type says too little, and what it is given. Of a function it
 * is known which one it is. A callee is lowered once for each combination.
 */
export type Given = "given" | "absent" | "maybe" | "wide" | UntypedGiven | HandedFunction;

/** Where the derivative of a function will stand, and what it is handed of the functions around it. */
export interface Placement {
  readonly outputFile: ts.SourceFile;
  readonly captures: readonly Capture[];
}

/** Lowers a function and all it calls; null when something in them was refused, and reported. */
export function lowerFunction(
  declaration: ts.FunctionLikeDeclaration,
  name: string,
  session: LoweringSession,
  placement: Placement = { outputFile: declaration.getSourceFile(), captures: [] },
): IRFunction | null {
  const given = parametersOf(declaration).map((parameter): Given => (mayBeLeftOut(parameter) ? "maybe" : "given"));
  const rest = declaration.parameters.find((parameter) => parameter.dotDotDotToken !== undefined);
  if (rest !== undefined && placement.captures.length > 0) {
    session.failures++;
    session.compilation.report("EZ2001", spanOf(rest), {
      what: "a rest parameter of a function that captures variables",
      advice: "take an array instead",
    });
    return null;
  }
  const signature = lowerCallee(declaration, name, given, placement.outputFile, session, placement);
  return signature.usable ? (session.compilation.functions.get(signature.name) ?? null) : null;
}

/** How often a function is lowered anew because of what was learnt of the objects that it makes. */
const mostAttempts = 20;

/** Lowers a callee for one combination of given parameters, or finds it where it was lowered before. */
export function lowerCallee(
  declaration: ts.FunctionLikeDeclaration,
  name: string,
  given: readonly Given[],
  outputFile: ts.SourceFile,
  session: LoweringSession,
  primal: Placement | null = null,
  assumed: Answer | null = null,
): CalleeSignature {
  const variants = session.callees.get(declaration) ?? new Map<string, CalleeSignature>();
  session.callees.set(declaration, variants);
  // A primal keeps the lengths of its arrays, and takes what it captures: as a callee it is another function.
  const isLifted = primal !== null && primal.captures.length > 0;
  const key = `${variantKey(given, outputFile)}${isLifted ? " lifted" : ""}${session.holes.left ? " holes" : ""}`;
  const known = variants.get(key);
  if (known !== undefined) {
    if (!known.usable) session.failures++;
    if (known.asksForHoles) noteAsked(session);
    if (known.shortens) noteShortens(session);
    return known;
  }
  const signature: CalleeSignature = {
    name: freeKey(name, (key) => session.reserved.has(key) || session.compilation.functions.has(key)),
    params: [],
    results: declaredResults(declaration, assumed, session),
    usable: true,
    asksForHoles: false,
    shortens: false,
    takesAsWritten: given.every((one) => typeof one === "string" || (one.kind === "untyped" && one.isPlain)),
    found: null,
  };
  variants.set(key, signature);
  const isLowering = session.lowering.has(declaration);
  session.lowering.add(declaration);
  session.reserved.add(signature.name);
  const isOutermost = session.lowering.size === 1;
  if (isOutermost) {
    session.holes = noHoles(false);
    session.effort.bodies = 0;
  }
  const { asked, shortened } = session.holes;
  const [outerSinks, outerScratch, outerVariables] = [session.sinks, session.scratch, session.scratchVariables];
  const start = startOf(session);
  const before = session.failures;
  for (let attempt = 0; ; attempt++) {
    const { learnt } = session;
    session.scratch = new Map();
    session.scratchVariables = new Map();
    session.sinks = [];
    if (!spend(session)) {
      session.failures++;
      break;
    }
    try {
      fence(declaration, session);
      const fn = lowerBody(declaration, signature, given, outputFile, session, primal, assumed);
      refuseWrittenLists(fn, session);
      if (session.failures === before) {
        session.compilation.functions.set(signature.name, fn);
        signature.params = fn.params.map(({ value }) => value.type);
        session.lowered.push({ fn, sinks: session.sinks });
        if (primal !== null) checkSinks(session);
      }
    } catch (error) {
      session.failures++;
      const node = error instanceof InternalError ? (error.node ?? declaration) : declaration;
      const text = error instanceof Error ? error.message : String(error);
      // After an error of the user's, what was put in its place may well confuse the rest.
      if (!session.compilation.diagnostics.some(isError)) {
        session.compilation.report("EZ9001", spanOf(node), { name, text });
      }
    }
    const isDone = session.failures === before || session.learnt === learnt;
    if (!isOutermost || isDone || attempt === mostAttempts) break;
    startAgain(session, start, signature);
    session.holes = noHoles(session.holes.left);
  }
  if (isOutermost && isExhausted(session)) reportExhausted(session, declaration);
  session.sinks = outerSinks;
  session.scratch = outerScratch;
  session.scratchVariables = outerVariables;
  if (!isLowering) session.lowering.delete(declaration);
  if (session.scratchUsers.has(declaration) && session.calledMeanwhile.has(declaration)) {
    session.failures++;
    session.compilation.report("EZ2001", spanOf(declaration.name ?? declaration), {
      what: "a function that calls itself and works in something of its module",
      advice: "make what it works in a variable of its own",
    });
  }
  if (session.failures > before) signature.usable = false;
  signature.asksForHoles = session.holes.asked > asked;
  signature.shortens = session.holes.shortened > shortened;
  return signature;
}

/** What tells one variant of a callee from the others. */
export const variantKey = (given: readonly Given[], outputFile: ts.SourceFile): string =>
  `${given.map((one) => (typeof one === "string" ? one : one.key)).join(",")} ${outputFile.fileName}`;

/** What a function is declared to return: nothing, one type, or (JavaScript) what is found in its body. */
export function declaredResult(
  declaration: ts.FunctionLikeDeclaration,
  session: LoweringSession,
): Type | "nothing" | "unknown" {
  if (ts.isConstructorDeclaration(declaration)) return "nothing";
  const type = declaredReturn(session, declaration);
  // Of a member that JavaScript gives its object later, the checker says that it is undefined.
  const isGuess = type !== null && isUndefined(type) && isJavaScript(declaration.getSourceFile().fileName);
  if (type === null || isGuess) return "unknown";
  if (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return "nothing";
  if (hasUntypedField(type, session) || isOfFunctions(session, type)) return "unknown";
  const read = typeOf(type, session.types);
  if (read !== null && tellsOfMaps(read)) return "unknown";
  // A Map that the function makes is more than one that is given, and a generator runs where it is walked.
  if (read?.kind === "opaque" && (isMapText(read.text) || isGeneratorText(read.text))) return "unknown";
  // `@returns {Object}` says nothing.
  return read === null || (read.kind === "opaque" && /^(Object|object|\{\})$/.test(read.text)) ? "unknown" : read;
}

const isGeneratorText = (text: string): boolean => /^(?:Generator|Iterator|Iterable|IterableIterator)</.test(text);

const isUndefined = (type: ts.Type): boolean => (type.flags & ts.TypeFlags.Undefined) !== 0;

/** An object of JavaScript whose fields have no types: what is in them shows where they are made. */
function hasUntypedField(type: ts.Type, { checker }: LoweringSession): boolean {
  if (!(type.flags & ts.TypeFlags.Object) || checker.isArrayType(type) || checker.isTupleType(type)) return false;
  return checker.getPropertiesOfType(type).some((one) => isAnyType(checker.getTypeOfSymbol(one)));
}

function declaredResults(
  declaration: ts.FunctionLikeDeclaration,
  assumed: Answer | null,
  session: LoweringSession,
): readonly Type[] {
  const result = assumed ?? declaredResult(declaration, session);
  return typeof result === "string" ? [] : [result];
}

function lowerBody(
  declaration: ts.FunctionLikeDeclaration,
  signature: CalleeSignature,
  given: readonly Given[],
  outputFile: ts.SourceFile,
  session: LoweringSession,
  primal: Placement | null,
  assumed: Answer | null,
): IRFunction {
  const { name } = signature;
  const before = session.failures;
  const result = assumed ?? declaredResult(declaration, session);
  const self = givenSelf(declaration, given) ?? selfParameter(declaration, session);
  // What is only assumed is found in the body.
  const inBody = assumed === null || assumed === "nothing" ? result : "unknown";
  const answers: Type[] = [];
  const made = makeFrame(declaration, inBody, true, [declaration], outputFile, self?.value ?? null);
  // What is put back where it ends must be known there.
  const isAssigning = given.some(
    (one) => typeof one !== "string" && one.kind === "function" && one.captured.some(({ isBoxed }) => isBoxed),
  );
  const frame: Frame = {
    ...made,
    ...(isAssigning ? { returned: outcome("return") } : {}),
    answers,
    boxes: [],
  };
  const around = new Scope(null);
  const cursor: Cursor = {
    block: new Block(false),
    env: new Map(),
    scope: new Scope(around),
    frame,
    targets: null,
    handler: null,
    escapes: [],
    session,
  };
  if (self !== null) session.present.add(self.value);
  if (primal === null && !isRuleFunction(session, declaration)) tellIdleConst(declaration, session);
  const taken = lowerParameters(cursor, declaration, given, primal !== null);
  // What an inner function captures that calls itself is around it, not among its own variables.
  const lifted = given[parametersOf(declaration).length];
  const isLifted = lifted !== undefined && typeof lifted !== "string" && lifted.kind === "function";
  const captured = isLifted ? bindCaptured({ ...cursor, scope: around }, lifted) : [];
  const params = [...(self === null ? [] : [self]), ...taken, ...captured];
  if (primal !== null) {
    for (const { value, typeText, name: own, activity } of params) {
      const members = activity === "duplicated" ? hiddenMembers(value.type) : [];
      if (members.length > 0)
        session.compilation.report("EZ3006", spanOf(declaration.name ?? declaration), {
          name: own,
          members: [...new Set(members)].map((one) => `\`${one}\``).join(", "),
        });
      const isSpelt = typeText === null || [...recordsIn(value.type)].some(isRecursive);
      if (!isSpelt || canName(value.type, outputFile, session)) continue;
      const closed = closedCircle(value.type);
      report(cursor, "EZ2001", declaration.name ?? declaration, {
        what: `\`${own}\`, of a type that the file of the derivative cannot write down,`,
        advice:
          closed === undefined
            ? "give a type that holds itself a name there, and import classes that have private members"
            : openingAdvice(closed),
      });
    }
    for (const { activity, value, name: own } of params)
      if (activity === "duplicated") session.fixedParameters.set(value, own);
  }
  if (primal !== null) params.push(...lowerCaptures(cursor, declaration, primal.captures));
  if (
    primal !== null &&
    typeof result !== "string" &&
    carriesDerivative(result) &&
    [...recordsIn(result)].some(isRecursive)
  ) {
    report(cursor, "EZ2001", declaration.name ?? declaration, {
      what: "a result of a type that holds itself",
      advice: "return numbers, or arrays and objects of them",
    });
  }
  const rule = primal === null ? null : ownRuleOf(session, declaration);
  if (rule !== null) {
    // what is asked of a function with a rule is asked of the rule
    const args = params.map(({ value }) => ({ kind: "value", value, node: declaration }) as const);
    const given = callWithRule(cursor, declaration, rule, args, declaration.name ?? declaration, null);
    const body = cursor.block.region([], { kind: "return", values: given === null ? [] : [given] });
    const results = given === null ? [] : [given.type];
    return { name, params, results, body, derivation: null, span: spanOf(declaration.name ?? declaration) };
  }
  const own =
    primal === null
      ? null
      : ownArguments(
          declaration,
          taken.map(({ value }) => value),
        );
  const flow = lowerFunctionBody({ ...cursor, frame: { ...frame, given: own } }, declaration);
  const end = gather(flow, []);
  adopt(cursor, flow);
  const values = returnedValues(cursor, end, declaration);
  if (end.kind !== "thrown") putBack(cursor, frame, declaration);
  const [first] = values;
  if (primal !== null && typeof result !== "string" && first !== undefined && !isAssignable(first.type, result, true)) {
    const declared = declaredReturn(session, declaration);
    const text = declared === null ? "what it is not" : `\`${session.checker.typeToString(declared)}\``;
    const details = { what: `a result that is only asserted to be ${text}`, advice: "return a literal of that type" };
    if (!session.compilation.diagnostics.some(isError))
      report(cursor, "EZ2001", declaration.name ?? declaration, details);
  }
  if (assumed !== null && first !== undefined)
    signature.found = foundAnswer(cursor, assumed, first, answers, session.failures === before);
  const results = typeof result !== "string" ? [result] : result === "nothing" ? [] : values.map((value) => value.type);
  const body = resolveViews(
    end.kind === "thrown"
      ? cursor.block.region([], { kind: "throw", value: end.value })
      : cursor.block.region([], { kind: "return", values }),
    params,
    session,
  );
  reportEscapes(cursor, body);
  reportMixtures(session, body);
  const early = takenTooEarly(session, body);
  if (early !== null) {
    session.failures++;
    session.compilation.report("EZ2025", early.origin.span ?? spanOf(declaration), { type: "number" });
  }
  return { name, params, results, body, derivation: null, span: spanOf(declaration.name ?? declaration) };
}

export function makeFrame(
  declaration: ts.FunctionLikeDeclaration,
  result: Type | "nothing" | "unknown",
  final: boolean,
  inlining: readonly ts.Node[],
  outputFile: ts.SourceFile,
  thisValue: Value | null = null,
): Frame {
  const returnSlot: Slot | null =
    result === "nothing"
      ? null
      : {
          variable: final ? { name: "result" } : null,
          key: {},
          type: result === "unknown" ? null : result,
          late: true,
          shared: false,
        };
  return {
    declaration,
    returned: outcome("return", final),
    returnSlot,
    thisValue,
    given: null,
    inlining,
    outputFile,
  };
}

/** The statements (or the expression) of a body, ending in the frame's `returned`. */
export function lowerFunctionBody(cursor: Cursor, declaration: ts.FunctionLikeDeclaration): Flow {
  return escaped(cursor, lowerBodyStatements(cursor, declaration));
}

function lowerBodyStatements(cursor: Cursor, declaration: ts.FunctionLikeDeclaration): Flow {
  const { frame } = cursor;
  const { body } = declaration;
  if (body === undefined) throw new InternalError("a function without body", declaration);
  if (!ts.isBlock(body)) {
    if (frame.returnSlot === null) lowerDiscarded(cursor, body);
    else cursor.env.set(frame.returnSlot, lowerExpression(cursor, body));
    return leaf(cursor, frame.returned);
  }
  hoistVariables(cursor, body);
  const { returnSlot } = frame;
  if (returnSlot === null) return lowerStatements(cursor, body.statements, frame.returned);
  const end = outcome("end of body");
  return continueAt(
    lowerStatements(cursor, body.statements, end),
    end,
    (place) => {
      place.env.set(
        returnSlot,
        placeholder(place.block, returnSlot.type ?? typeBehind(cursor, declaration), originOf(declaration), NaN),
      );
      return leaf(place, frame.returned);
    },
    true,
  );
}

/** What an inlined body gives that ends without a `return`: nothing, or what the checker has made sure that it gives. */
function typeBehind({ session }: Cursor, declaration: ts.FunctionLikeDeclaration): Type {
  const declared = answersSurely(session, declaration) ? declaredResult(declaration, session) : "unknown";
  return typeof declared === "string" ? { kind: "opaque", text: "undefined" } : declared;
}

/** In strict TypeScript a function that is not declared to give nothing never ends without a value. */
export function answersSurely(session: LoweringSession, declaration: ts.FunctionLikeDeclaration): boolean {
  const { checker } = session;
  const type = isJavaScript(declaration.getSourceFile().fileName) ? null : declaredReturn(session, declaration);
  if (type === null || isAnyType(type) || mayBeNothing(type) || type.flags & ts.TypeFlags.Never) return false;
  return !checker.isTypeAssignableTo(checker.getUndefinedType(), checker.getNumberType());
}

function lowerDiscarded(cursor: Cursor, body: ts.Expression): void {
  lowerExpression(cursor, body, null, true);
}

/** What a body hands back, under the declared type. */
export function returnedValues(cursor: Cursor, end: Gathered, node: ts.Node): readonly Value[] {
  const { returnSlot } = cursor.frame;
  if (end.kind === "thrown" || returnSlot === null) return [];
  const value = cursor.env.get(returnSlot);
  cursor.env.delete(returnSlot);
  if (value === undefined) throw new InternalError("a function ends without its value", node);
  const { type } = returnSlot;
  if (isMixedValue(value)) return [type === null ? value : settledAs(value, type)];
  if (type !== null && errorName(value.type) !== null && type.kind !== "opaque") {
    return [refused(cursor, node, "EZ2001", { what: "a result that is always an error", advice: "return a number" })];
  }
  noteNarrowing(cursor, type, value, node);
  if (type === null || value.type.kind !== "optional" || type.kind === "optional" || type.kind === "opaque")
    return [value];
  return [unwrapTo(cursor, value, type)];
}

export function unwrapTo(cursor: Cursor, value: Value, type: Type): Value {
  const result = makeValue(type, value.origin);
  cursor.block.append({ kind: "unwrap", results: [result], value });
  return result;
}

/** `Const` tells the caller of a derivative what it asks for; a helper has no such caller. */
export function tellIdleConst(declaration: ts.FunctionLikeDeclaration, session: LoweringSession): void {
  for (const parameter of declaration.parameters) {
    if (brandOf(session.checker.getTypeAtLocation(parameter)) !== "const") continue;
    session.compilation.report("EZ3003", spanOf(parameter.name), { name: parameter.name.getText() });
  }
}

/** A member of a class that works on an instance. */
export function isInstanceMember(declaration: ts.FunctionLikeDeclaration): boolean {
  if (!ts.isClassLike(declaration.parent) || ts.isConstructorDeclaration(declaration)) return false;
  const modifiers = ts.canHaveModifiers(declaration) ? ts.getModifiers(declaration) : undefined;
  return modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) !== true;
}

/** The instance, as the first parameter of a method. */
/** An instance of JavaScript that a method is lowered for: it stands behind what the parameters are given. */
function givenSelf(declaration: ts.FunctionLikeDeclaration, given: readonly Given[]): Parameter | null {
  const self = given[parametersOf(declaration).length];
  if (self === undefined || typeof self === "string" || self.kind !== "untyped") return null;
  const value = makeValue(self.type, originOf(declaration.name ?? declaration, { name: "self" }));
  return { value, name: "self", activity: bareActivity(self.type), typeText: null };
}

function selfParameter(declaration: ts.FunctionLikeDeclaration, session: LoweringSession): Parameter | null {
  const { parent } = declaration;
  if (!isInstanceMember(declaration) || !ts.isClassLike(parent) || parent.name === undefined) return null;
  const symbol = session.checker.getSymbolAtLocation(parent.name);
  if (symbol === undefined) return null;
  const declared = session.checker.getDeclaredTypeOfSymbol(symbol);
  const type = typeOf(declared, session.types);
  if (type?.kind !== "record") return null;
  const value = makeValue(type, originOf(parent.name, { name: "self" }));
  return { value, name: "self", activity: activityOf(declared, type), typeText: null };
}

// ---- Parameters ---------------------------------------------------------------------------------

function lowerParameters(
  cursor: Cursor,
  declaration: ts.FunctionLikeDeclaration,
  given: readonly Given[],
  isPrimal: boolean,
): readonly Parameter[] {
  const params: Parameter[] = [];
  const captured: Parameter[] = [];
  const values = parametersOf(declaration).map((parameter, k): Value | "function" | null => {
    const how = given[k] ?? "absent";
    if (how === "absent") return null;
    if (typeof how !== "string" && how.kind === "function") {
      captured.push(...bindHanded(cursor, parameter, how));
      return "function";
    }
    const name = ts.isIdentifier(parameter.name) ? parameter.name.text : `parameter${k}`;
    const { type, declared, isRefused } = parameterType(cursor, parameter, how, name);
    const value = makeValue(type, originOf(parameter.name, { name }));
    if (isRefused === true) cursor.session.poisoned.add(value);
    if (isPrimal) noteForeign(cursor, type, parameter);
    const activity =
      how === "wide" ? "active" : typeof how === "string" ? activityOf(declared, type) : bareActivity(type);
    params.push({
      value,
      name,
      activity,
      typeText: isPrimal || isAsWritten(parameter, how, type) ? typeTextOf(cursor, parameter) : null,
      ...(parameter.dotDotDotToken === undefined ? {} : { rest: true }),
    });
    const asDeclared = cursor.session.checker.getTypeAtLocation(parameter);
    if (typeof how !== "string") {
      if (how.isThere) cursor.session.present.add(value);
    } else if (isSurelyThere(type, asDeclared, mayBeLeftOut(parameter))) cursor.session.present.add(value);
    return value;
  });
  parametersOf(declaration).forEach((parameter, k) => {
    const value = values[k] ?? null;
    if (value !== "function") bindParameter(cursor, parameter, value);
  });
  return [...params, ...captured];
}

/** All but a declared `this`, which is a type only. */
export const parametersOf = (declaration: ts.FunctionLikeDeclaration): readonly ts.ParameterDeclaration[] =>
  declaration.parameters.filter((one) => !(ts.isIdentifier(one.name) && one.name.text === "this"));

/**
 * Is a callee handed just what the text of a type says? `k?: number` does not tell of undefined, which is handed over
 * too, and instances of a class may be made as plain objects with its fields.
 */
function isAsWritten(parameter: ts.ParameterDeclaration, how: Given, type: Type): boolean {
  if (typeof how !== "string") return false;
  if (how === "maybe" && mayBeLeftOut(parameter)) return false;
  const records = [...recordsIn(type)];
  return records.every(({ instance }) => instance === undefined) || records.some(isRecursive);
}

/** Of `degree: 1 | 2` the derivative takes any number: what it compares it with need not be one of these. */
const typeTextOf = ({ frame, session }: Cursor, parameter: ts.ParameterDeclaration): string | null =>
  isNumberLiterals(session.checker.getTypeAtLocation(parameter))
    ? null
    : typeTextIn(frame.outputFile, writtenType(parameter), session);

function parameterType(
  cursor: Cursor,
  parameter: ts.ParameterDeclaration,
  how: Exclude<Given, HandedFunction>,
  name: string,
): { readonly type: Type; readonly declared: ts.Type; readonly isRefused?: boolean } {
  const { checker } = cursor.session;
  const declared = declaredParameter(cursor.session, parameter);
  if (typeof how !== "string") return { type: how.type, declared };
  const read = parameterTypeOf(cursor.session, parameter);
  if (read === null) {
    const text = checker.typeToString(declared);
    if (parameter.type === undefined) report(cursor, "EZ1020", parameter, { name });
    else if (isAnyType(declared) || isVagueText(text)) report(cursor, "EZ1011", parameter, { name, type: text });
    else if (declared.isUnion()) report(cursor, "EZ2026", parameter, { type: text });
    else report(cursor, "EZ2007", parameter, { type: text });
    return { type: numberType, declared, isRefused: true };
  }
  const present = read.kind === "optional" ? read.of : read;
  if (how === "maybe") return { type: mayBeLeftOut(parameter) ? optionalOf(read) : read, declared };
  if (how === "wide") return { type: { kind: "number" }, declared };
  return { type: how === "given" && mayBeLeftOut(parameter) ? present : read, declared };
}

/** The slot of a parameter in a derivative follows from its declared type. */
export function activityOf(declared: ts.Type, type: Type): Activity {
  const isConst = brandOf(declared) === "int" || isConstType(declared) || isNumberLiterals(declared);
  return isConst ? "const" : bareActivity(type);
}

const bareActivity = (type: Type): Activity =>
  !carriesDerivative(type) ? "const" : isReference(type) ? "duplicated" : "active";

/** Gives a parameter its value, or its default, or undefined. */
export function bindParameter(cursor: Cursor, parameter: ts.ParameterDeclaration, value: Value | null): void {
  bindPattern(cursor, parameter.name, value, parameter.initializer ?? null);
}

/** A variable of the function that is being lowered. */
export function declareSlot(cursor: Cursor, name: ts.Identifier): Slot {
  const { session } = cursor;
  const symbol = symbolAt(session, name);
  if (symbol === null) throw new InternalError(`no symbol for ${name.text}`, name);
  const declared = typeOf(session.checker.getTypeOfSymbolAtLocation(symbol, name), session.types);
  const slot: Slot = {
    variable: { name: name.text },
    key: symbol,
    // An instance that is made with a Map is not what its class says.
    type: declared !== null && tellsOfMaps(declared) ? null : declared,
    declared: isAnnotated(symbol) ? session.checker.getTypeAtLocation(name) : undefined,
    late: false,
    shared: sharedSymbols(session, cursor.frame.declaration).has(symbol),
  };
  cursor.scope.set(symbol, { kind: "variable", slot });
  return slot;
}

function isAnnotated({ valueDeclaration: declaration }: ts.Symbol): boolean {
  if (declaration === undefined) return false;
  return (ts.isVariableDeclaration(declaration) || ts.isParameter(declaration)) && declaration.type !== undefined;
}
