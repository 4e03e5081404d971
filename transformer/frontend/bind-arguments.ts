/** What a call hands over, bound to the parameters of the callee: defaults, rest parameters, spread lists. */
import ts from "typescript";
import { field } from "../ir/build.js";
import { numberType, type Type, type Value } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { typeOf } from "../syntax/type-of.js";
import { assignedSymbols, symbolAt } from "./assigned-symbols.js";
import { bindPattern } from "./bind-pattern.js";
import { originOf, refused, type Closure, type Cursor, type GivenArguments } from "./environment.js";
import { functionValue } from "./function-value.js";
import { givenParts, listOf } from "./given-list.js";
import { argumentsAsArray } from "./lower-arguments.js";
import { parametersOf } from "./lower-function.js";
import { spreadOf } from "./lower-literal.js";
import { isMark } from "./open-object.js";
import type { Argument } from "./lower-call.js";

/** What is handed over, as `arguments` holds it; null: some values, and the elements of some list. */
export function givenArguments(
  cursor: Cursor,
  args: readonly Argument[],
  callee: Closure | null = null,
): GivenArguments | null {
  const [only] = args;
  if (only?.kind === "spread" && args.length === 1) {
    // What sees nothing but its parameters cannot change the list that they are taken from.
    const isSafe = callee !== null && callee.scope === null && callee.thisValue === null;
    return { kind: "list", list: isSafe ? only.value : spreadOf(cursor, only.value, only.node, null) };
  }
  const parts: Value[] = [];
  for (const one of args) {
    if (one.kind === "spread") return null;
    parts.push(one.kind === "value" ? one.value : functionValue(cursor, one.callable, one.node));
  }
  return { kind: "parts", parts };
}

export function bindArguments(
  here: Cursor,
  declaration: ts.FunctionLikeDeclaration,
  args: readonly Argument[],
  node: ts.Node,
): void {
  parametersOf(declaration).forEach((parameter, k) => {
    if (parameter.dotDotDotToken !== undefined) {
      bindPattern(here, parameter.name, restArray(here, args.slice(k), node, parameter), null);
      return;
    }
    const argument = args[k];
    if (argument?.kind === "function") {
      const symbol = ts.isIdentifier(parameter.name) ? symbolAt(here.session, parameter.name) : null;
      const isVariable = symbol !== null && assignedSymbols(here.session, declaration).has(symbol);
      if (isVariable) bindPattern(here, parameter.name, functionValue(here, argument.callable, argument.node), null);
      else if (symbol !== null) here.scope.set(symbol, { kind: "function", callable: argument.callable });
      return;
    }
    if (argument?.kind === "spread") {
      bindPattern(here, parameter.name, refused(here, argument.node, "EZ2010", { kind: "spread" }), null);
      return;
    }
    bindPattern(here, parameter.name, argument?.value ?? null, parameter.initializer ?? null);
  });
}

/** What a rest parameter collects. */
function restArray(here: Cursor, args: readonly Argument[], node: ts.Node, parameter: ts.ParameterDeclaration): Value {
  if (isJavaScript(parameter.getSourceFile().fileName)) {
    const values = plainArguments(spreadOut(here, args));
    if (values !== null) return listOf(here, values, node);
  }
  if (args.some((one) => one.kind === "function")) {
    const values = args.map((one) =>
      one.kind === "function" ? functionValue(here, one.callable, one.node) : one.kind === "value" ? one.value : null,
    );
    const known = values.filter((one) => one !== null);
    if (known.length === values.length) return listOf(here, known, node);
  }
  const [only] = args;
  if (args.length === 1 && only?.kind === "spread") return spreadOf(here, only.value, node, null);
  const parts: Value[] = [];
  for (const one of args) {
    if (one.kind !== "value") return refused(here, one.node, "EZ2010", { kind: "spread" });
    parts.push(one.value);
  }
  const type = typeOf(here.session.checker.getTypeAtLocation(parameter), here.session.types);
  const arrayType: Type =
    type?.kind === "array" ? type : { kind: "array", element: parts[0]?.type ?? numberType, storage: "Array" };
  return here.block.allocate(arrayType, { kind: "parts", parts }, originOf(node));
}

/** `f(...args)` of a list of which the parts are known hands over those. */
export function spreadOut(cursor: Cursor, args: readonly Argument[]): readonly Argument[] {
  return args.flatMap((one): readonly Argument[] => {
    if (one.kind !== "spread" || !ts.isExpression(one.node)) return [one];
    const parts = spreadParts(cursor, one.value, ts.isSpreadElement(one.node) ? one.node.expression : one.node);
    if (parts === null) return [{ ...one, value: argumentsAsArray(cursor, one.value, one.node) }];
    return parts.map((value) => ({ kind: "value", value, node: one.node }));
  });
}

/** The elements of a list, where it is known how many there are. */
function spreadParts(cursor: Cursor, list: Value, node: ts.Expression): readonly Value[] | null {
  const { session, block } = cursor;
  const parts = givenParts(cursor, list, node);
  if (parts !== null || list.type.kind !== "tuple" || isMark(session, list)) return parts;
  return list.type.elements.map((_, k) => block.load(field(list, k), originOf(node)));
}

/** The values among arguments, or null if there is something else. */
export function plainArguments(args: readonly Argument[]): readonly Value[] | null {
  const values: Value[] = [];
  for (const one of args) {
    if (one.kind !== "value") return null;
    values.push(one.value);
  }
  return values;
}
