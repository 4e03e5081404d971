/**
 * Calls of functions whose derivative the user gives, or says to be nothing. They are not looked into:
 *
 *   /** @enzyme inactive *\/ seconds()     =>   opaque "seconds()"
 *   defineRule(solve, { reverse })         =>   call solve A b, whose reverse calls the rule
 */
import ts from "typescript";
import { analyzeAliases } from "../analyze/aliases.js";
import { reachableMemory } from "../analyze/reachable-memory.js";
import { Compilation } from "../compilation.js";
import { makeValue } from "../ir/build.js";
import { freeKey } from "../ir/function-keys.js";
import { isAssignable } from "../ir/assignable.js";
import {
  isReference,
  type IRFunction,
  type Parameter,
  type Rule,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { printType } from "../ir/print.js";
import { externalFunction } from "../rules/calls.js";
import { mayBeLeftOut } from "../syntax/javascript.js";
import { findOwnRules, type OwnRule, type OwnRules, type RuleFunction, type RulePart } from "../syntax/own-rules.js";
import { spanOf } from "../syntax/span.js";
import { typeOf } from "../syntax/type-of.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { anyField, noteFieldWrite } from "./known-fields.js";
import type { Argument } from "./lower-call.js";
import { checkedType, lowerExpression } from "./lower-expression.js";
import { activityOf, declaredResult, lowerCallee, unwrapTo } from "./lower-function.js";
import { importedName, visibleName } from "./module-constants.js";
import { declaredParameter, parameterTypeOf } from "./parameter-type.js";
import {
  createLoweringSession,
  refuse,
  type ExternalSignature,
  type LoweringSession,
  type SourceEffects,
  type WrittenParameter,
} from "./session.js";
import { misfit } from "./rule-signature.js";

type Custom = Extract<OwnRule, { readonly kind: "custom" }>;

/** The rule of a function, found once for the whole program. */
export function ownRuleOf(session: LoweringSession, declaration: ts.Node): OwnRule | null {
  const rules = ownRules(session);
  // A whole module has nothing around it.
  if (ts.isSourceFile(declaration)) return null;
  return rules.of(declaration) ?? (ts.isVariableDeclaration(declaration.parent) ? rules.of(declaration.parent) : null);
}

function ownRules(session: LoweringSession): OwnRules {
  session.rules.found ??= findOwnRules(session.program, session.compilation);
  return session.rules.found;
}

/** Is a function part of a rule? It is told by `Const` what it takes, as the caller of a derivative is. */
export const isRuleFunction = (session: LoweringSession, node: ts.Node): boolean =>
  ownRules(session).all.some(({ parts }) => [...parts.values()].some((part) => part.node === node));

/** A declaration with a rule that an expression names, where there is no source of it. */
export function declaredWithRule(
  cursor: Cursor,
  callee: ts.Expression,
): { readonly declaration: ts.SignatureDeclaration; readonly rule: OwnRule } | null {
  const at = unwrapped(callee);
  const name = ts.isPropertyAccessExpression(at) ? at.name : at;
  const symbol = ts.isIdentifier(name) ? symbolAt(cursor.session, name) : null;
  const declarations = symbol === null ? [] : (resolveAlias(cursor.session, symbol).declarations ?? []);
  for (const one of declarations) {
    const rule = ownRuleOf(cursor.session, one);
    const type = ts.isVariableDeclaration(one) ? one.type : one;
    if (rule !== null && type !== undefined && isSignature(type)) return { declaration: type, rule };
  }
  return null;
}

const isSignature = (node: ts.Node): node is ts.SignatureDeclaration => ts.isFunctionLike(node);

/** Calls such a function; its result, null where it has none. */
export function callWithRule(
  cursor: Cursor,
  declaration: ts.SignatureDeclaration,
  rule: OwnRule,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  if (args.some(({ kind }) => kind === "function")) {
    return refused(cursor, node, "EZ2001", {
      what: "a function handed to a function with a rule, or to an inactive one,",
      advice: "hand over numbers, arrays and objects",
    });
  }
  if (usesInstance(declaration))
    return refused(cursor, node, "EZ2047", { name: nameNode(declaration)?.getText() ?? "it" });
  const values = args.flatMap((one) => (one.kind === "function" ? [] : [one.value]));
  if (isPoisoned(cursor, ...values)) return poison(cursor, node);
  if (values.some(({ type }) => isReference(type))) noteFieldWrite(cursor, anyField, node);
  const text = nameOfFunction(cursor, declaration);
  if (text === null) {
    const { fileName } = declaration.getSourceFile();
    const file = fileName.slice(fileName.lastIndexOf("/") + 1);
    return refused(cursor, node, "EZ2023", { name: nameNode(declaration)?.getText() ?? "it", file });
  }
  if (rule.kind === "inactive") return callInactive(cursor, declaration, text, args, node, variable);
  return callCustom(cursor, declaration, rule, text, args, node, variable);
}

/** A method that is not static. */
const usesInstance = (declaration: ts.SignatureDeclaration): boolean =>
  ts.isMethodDeclaration(declaration) &&
  ts.isClassLike(declaration.parent) &&
  declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) !== true;

/** How the output file calls a function: `solve`, `Layout.energy`, or null where it cannot. */
function nameOfFunction(cursor: Cursor, declaration: ts.SignatureDeclaration): string | null {
  const { parent } = declaration;
  if (ts.isClassLike(parent) && parent.name !== undefined && declaration.name !== undefined) {
    const owner = symbolAt(cursor.session, parent.name);
    const base = owner === null ? null : (visibleName(cursor, owner) ?? importedName(cursor, owner));
    return base === null ? null : `${base}.${declaration.name.getText()}`;
  }
  const name = nameNode(declaration);
  const symbol = name === undefined ? undefined : cursor.session.checker.getSymbolAtLocation(name);
  return symbol === undefined ? null : (visibleName(cursor, symbol) ?? importedName(cursor, symbol));
}

function nameNode(declaration: ts.SignatureDeclaration): ts.Node | undefined {
  return ts.isVariableDeclaration(declaration.parent) ? declaration.parent.name : declaration.name;
}

// ---- Inactive -------------------------------------------------------------------------------------------------------

function callInactive(
  cursor: Cursor,
  declaration: ts.SignatureDeclaration,
  text: string,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const seen = sourceEffects(cursor, declaration);
  const operands = args.flatMap((one) => (one.kind === "function" ? [] : [one.value]));
  const list = args.map(({ kind }, k) => (kind === "spread" ? `...$${k}` : `$${k}`)).join(", ");
  const type = resultOf(cursor.session, declaration);
  if (type === "unknown") return refused(cursor, node, "EZ1011", { name: text, type: "any" });
  const results = type === "nothing" ? [] : [makeValue(type, originOf(node, variable))];
  cursor.block.append({
    kind: "opaque",
    results,
    template: `${text.replaceAll("$", "\\u0024")}(${list})`,
    operands,
    effects: {
      reads: seen?.reads ?? true,
      writes: (seen?.written.length ?? 0) > 0,
      observable: seen?.observable ?? true,
    },
    ...(results.some((one) => isReference(one.type)) ? { detached: true } : {}),
  });
  return results[0] ?? null;
}

function resultOf(session: LoweringSession, declaration: ts.SignatureDeclaration): Type | "nothing" | "unknown" {
  if (isFunctionLikeDeclaration(declaration)) return declaredResult(declaration, session);
  const signature = session.checker.getSignatureFromDeclaration(declaration);
  const type = signature === undefined ? undefined : session.checker.getReturnTypeOfSignature(signature);
  if (type === undefined) return "unknown";
  if (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return "nothing";
  return typeOf(type, session.types) ?? "unknown";
}

const isFunctionLikeDeclaration = (node: ts.SignatureDeclaration): node is ts.FunctionLikeDeclaration =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isArrowFunction(node) ||
  ts.isFunctionExpression(node);

/** What a function does besides giving a result, as far as its source is in the language; null: not known. */
function sourceEffects(cursor: Cursor, declaration: ts.SignatureDeclaration): SourceEffects | null {
  const { session } = cursor;
  const { tried } = session.rules;
  const known = tried.get(declaration);
  if (known !== undefined) return known;
  tried.set(declaration, null); // a function that calls itself meets this
  const effects = tryEffects(session, declaration, cursor.frame.outputFile);
  tried.set(declaration, effects);
  return effects;
}

function tryEffects(
  session: LoweringSession,
  declaration: ts.SignatureDeclaration,
  outputFile: ts.SourceFile,
): SourceEffects | null {
  const lowered = tryLowering(session, declaration, outputFile);
  if (lowered === null) return null;
  const { fn, compilation } = lowered;
  const aliases = analyzeAliases(fn, compilation);
  const { exit } = fn.body;
  const returned = exit.kind === "return" ? exit.values.filter(({ type }) => isReference(type)) : [];
  const written = fn.params.flatMap(({ value, name }, position): readonly WrittenParameter[] => {
    if (!isReference(value.type)) return [];
    const own = aliases.classOf(value);
    const reached = [...reachableMemory(own, value.type, aliases)];
    if (!reached.some((memory) => memory.written)) return [];
    const isReturned = returned.some((one) => reached.includes(aliases.classOf(one)));
    return [{ name, position, isPlain: isPlain(value.type) && !own.resized && !isReturned }];
  });
  const reads = fn.params.some(({ value }) => isReference(value.type));
  return { reads, observable: aliases.observable, written };
}

/** An array or object of nothing but numbers. */
function isPlain(type: Type): boolean {
  const isNumber = (part: Type): boolean => part.kind === "number" || part.kind === "integer";
  if (type.kind === "array") return isNumber(type.element);
  if (type.kind === "tuple") return type.elements.every(isNumber);
  return type.kind === "record" && type.fields.every((one) => isNumber(one.type));
}

/** Lowers a function beside the run, without a word about what is not in the language; null: something is not. */
function tryLowering(
  session: LoweringSession,
  declaration: ts.SignatureDeclaration,
  outputFile: ts.SourceFile,
): { readonly fn: IRFunction; readonly compilation: Compilation } | null {
  if (!isFunctionLikeDeclaration(declaration) || declaration.body === undefined) return null;
  if (declaration.parameters.some((one) => one.dotDotDotToken !== undefined)) return null;
  const compilation = new Compilation({ packageSources: session.compilation.options.packageSources });
  const beside = createLoweringSession(session.program, compilation, session, session.rules);
  const given = declaration.parameters.map((one) => (mayBeLeftOut(one) ? ("maybe" as const) : ("given" as const)));
  const { name, usable } = lowerCallee(declaration, "tried", given, outputFile, beside);
  const fn = compilation.functions.get(name);
  return usable && fn !== undefined ? { fn, compilation } : null;
}

// ---- Rules ------------------------------------------------------------------------------------------------------------

function callCustom(
  cursor: Cursor,
  declaration: ts.SignatureDeclaration,
  rule: Custom,
  text: string,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const { session } = cursor;
  session.rules.used.add(rule);
  const made = externalOf(cursor, declaration, rule, text, node);
  if (made === null) return poison(cursor, node);
  const operands = args.map((argument, k): Value | null => {
    const type = made.params[k];
    if (argument.kind !== "value" || type === undefined) return null;
    const { value } = argument;
    if (isAssignable(value.type, type, type.kind === "integer")) return value;
    if (value.type.kind !== "optional" || !isAssignable(value.type.of, type, false)) return null;
    return unwrapTo(cursor, value, value.type.of);
  });
  if (operands.length !== made.params.length || operands.some((one) => one === null)) {
    const type = checkedType(cursor, node);
    return refused(cursor, node, "EZ2025", { type: type === null ? "any" : printType(type) });
  }
  const results = made.results.map((type) => makeValue(type, originOf(node, variable)));
  cursor.block.append({
    kind: "call",
    results,
    callee: made.name,
    args: operands.filter((one) => one !== null),
  });
  for (const one of results) {
    cursor.session.certain.add(one);
    cursor.session.present.add(one);
  }
  return results[0] ?? null;
}

/** The function in the compilation's table that stands for one with a rule; null: something was reported. */
function externalOf(
  cursor: Cursor,
  declaration: ts.SignatureDeclaration,
  rule: Custom,
  text: string,
  node: ts.Node,
): ExternalSignature | null {
  const { session } = cursor;
  const { outputFile } = cursor.frame;
  const made = session.externals.get(outputFile) ?? new Map<ts.Node, ExternalSignature | null>();
  session.externals.set(outputFile, made);
  const known = made.get(declaration);
  if (known !== undefined) {
    if (known === null) session.failures++;
    return known;
  }
  made.set(declaration, null);
  const params = readParameters(cursor, declaration);
  const result = resultOf(session, declaration);
  if (params === null) return null;
  const seen = sourceEffects(cursor, declaration);
  const written = seen?.written ?? (result === "nothing" ? handedOut(params) : []);
  if (result === "unknown" || (result === "nothing" && written.length === 0)) {
    refuse(session, "EZ2001", node, {
      what: `a rule for \`${rule.name}\`, which returns ${result === "nothing" ? "nothing, and writes into none of its arguments," : "any,"}`,
      advice: "return a number, an array or an object of a declared type",
    });
    return null;
  }
  const results = result === "nothing" ? [] : [result];
  const intricate = written.find((one) => !one.isPlain);
  if (intricate !== undefined || (written.length > 0 && results.some(isReference))) {
    const into = `writes into \`${(intricate ?? written[0])?.name ?? "it"}\``;
    const what =
      intricate === undefined
        ? `${into} besides returning an array or object`
        : `${into} more than numbers, or changes its length, or returns it`;
    session.failures++;
    session.compilation.report("EZ2038", rule.span, { name: rule.name, what });
    return null;
  }
  const stem = text.replace(/\W+/g, "_");
  const signature = { params, result: results[0] ?? null };
  const name = freeName(stem, session);
  // a function with partials is one of its numbers alone; of others there is only what their source shows
  const isPlain = rule.parts.has("partials");
  const effects = { reads: seen?.reads ?? true, writes: false, observable: seen?.observable ?? !isPlain };
  const put = (given: Rule | null): void => {
    const external = { text, rule: given, written: written.map(({ position }) => position) };
    session.compilation.functions.set(name, externalFunction({ name, external, params, results, effects }));
  };
  // the rule itself may call the function
  const found = { name, params: params.map(({ value }) => value.type), results };
  made.set(declaration, found);
  put(null);
  if (session.isTrial) return found;
  const names = new Map<RulePart, string>();
  for (const [part, fn] of rule.parts) {
    session.rules.depth++;
    const own = lowerRuleFunction(cursor, fn, part, `${stem}_${part}`);
    session.rules.depth--;
    const callee = own === null ? undefined : session.compilation.functions.get(own);
    if (callee === undefined || own === null) continue;
    const wrong = misfit(part, signature, callee);
    if (wrong === null) names.set(part, own);
    else {
      session.failures++;
      session.compilation.report("EZ1032", fn.span, { name: rule.name, part, ...wrong });
    }
  }
  if (names.size < rule.parts.size) {
    made.set(declaration, null);
    return null;
  }
  const part = (which: RulePart): string | null => names.get(which) ?? null;
  put({ reverse: part("reverse"), forward: part("forward"), partials: part("partials") });
  return found;
}

/** Of a function that gives nothing, and whose source is not known: what it can answer through. */
const handedOut = (params: readonly Parameter[]): readonly WrittenParameter[] =>
  params.flatMap(({ name, value, activity }, position) =>
    activity === "duplicated" ? [{ name, position, isPlain: isPlain(value.type) }] : [],
  );

function freeName(stem: string, session: LoweringSession): string {
  const name = freeKey(stem, (key) => session.reserved.has(key) || session.compilation.functions.has(key));
  session.reserved.add(name);
  return name;
}

function readParameters(cursor: Cursor, declaration: ts.SignatureDeclaration): readonly Parameter[] | null {
  const { session } = cursor;
  const params: Parameter[] = [];
  for (const parameter of declaration.parameters) {
    if (!ts.isParameter(parameter)) return null;
    const name = parameter.name.getText();
    if (parameter.dotDotDotToken !== undefined || mayBeLeftOut(parameter)) {
      session.failures++;
      session.compilation.report("EZ2001", spanOf(parameter), {
        what: `the optional or rest parameter \`${name}\` of a function with a rule`,
        advice: "give the rule to a function that takes all of its arguments",
      });
      return null;
    }
    const declared = declaredParameter(session, parameter);
    const type = parameterTypeOf(session, parameter);
    if (type === null) {
      refuse(session, "EZ1011", parameter, { name, type: session.checker.typeToString(declared) });
      return null;
    }
    const value = makeValue(type, originOf(parameter.name, { name }));
    params.push({ value, name, activity: activityOf(declared, type), typeText: null });
  }
  return params;
}

/**
 * Inside of a rule, a function without source is called by name: nobody differentiates the rule, or is refused there.
 * undefined: it is none of these.
 */
export function callUndisclosed(
  cursor: Cursor,
  callee: ts.Expression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | undefined {
  const { session } = cursor;
  if (session.rules.depth === 0) return undefined;
  const signature = session.checker.getResolvedSignature(node)?.declaration;
  if (signature === undefined || !isFunctionSignature(signature)) return undefined;
  const text = nameOfFunction(cursor, signature);
  const result = resultOf(session, signature);
  const values = node.arguments.map((one) => lowerExpression(cursor, one));
  if (text === null || typeof result === "string" || isPoisoned(cursor, ...values)) return undefined;
  const takesReferences = values.some(({ type }) => isReference(type));
  if (takesReferences) noteFieldWrite(cursor, anyField, node);
  const params = values.map(({ type }, k): Parameter => {
    const name = `argument${k}`;
    return { value: makeValue(type, originOf(node)), name, activity: "const", typeText: null };
  });
  const name = freeName(text.replace(/\W+/g, "_"), session);
  const effects = { reads: takesReferences, writes: takesReferences, observable: takesReferences };
  const external = { text, rule: null, written: [] };
  session.compilation.functions.set(name, externalFunction({ name, external, params, results: [result], effects }));
  const value = makeValue(result, originOf(callee, variable));
  cursor.block.append({ kind: "call", results: [value], callee: name, args: values });
  return value;
}

const isFunctionSignature = (node: ts.Node): node is ts.SignatureDeclaration =>
  ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isFunctionTypeNode(node);

/** A function of a rule is an ordinary callee; where it is not in the language, it is called by name. */
function lowerRuleFunction(cursor: Cursor, { node, span }: RuleFunction, part: RulePart, stem: string): string | null {
  const { session } = cursor;
  const { outputFile } = cursor.frame;
  if (isFunctionLikeDeclaration(node) && node.body !== undefined) {
    const isInPlace = nameNode(node) === undefined || ts.isMethodDeclaration(node);
    if (isInPlace || part === "partials" || tryLowering(session, node, outputFile) !== null) {
      const own = isInPlace ? undefined : nameNode(node)?.getText();
      const given = node.parameters.map(() => "given" as const);
      const { name, usable } = lowerCallee(node, own ?? stem, given, outputFile, session);
      return usable ? name : null;
    }
  }
  const text = nameOfFunction(cursor, node);
  const params = readRuleParameters(cursor, node);
  const result = resultOf(session, node);
  if (text === null || params === null || result === "unknown") {
    session.failures++;
    session.compilation.report("EZ1030", span, { what: "this one" });
    return null;
  }
  const name = freeName(text.replace(/\W+/g, "_"), session);
  const effects = { reads: true, writes: params.some(({ value }) => isReference(value.type)), observable: true };
  const results = result === "nothing" ? [] : [result];
  const external = { text, rule: null, written: [] };
  session.compilation.functions.set(name, externalFunction({ name, external, params, results, effects }));
  return name;
}

function readRuleParameters(cursor: Cursor, node: ts.SignatureDeclaration): readonly Parameter[] | null {
  const params: Parameter[] = [];
  for (const parameter of node.parameters) {
    if (!ts.isParameter(parameter)) return null;
    const read = parameterTypeOf(cursor.session, parameter);
    if (read === null) return null;
    const type = read.kind === "optional" ? read.of : read;
    const name = parameter.name.getText();
    params.push({
      value: makeValue(type, originOf(parameter.name, { name })),
      name,
      activity: "const",
      typeText: null,
    });
  }
  return params;
}

/** Rules that stand in the output and that no call has used. */
export function reportUnusedRules(session: LoweringSession, outputs: ReadonlySet<ts.SourceFile>): void {
  const files = new Set([...outputs].map(({ fileName }) => fileName));
  for (const rule of ownRules(session).all) {
    if (!session.rules.used.has(rule) && files.has(rule.span.file))
      session.compilation.report("EZ1031", rule.span, { name: rule.name });
  }
}
