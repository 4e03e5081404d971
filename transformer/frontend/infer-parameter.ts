/** What a parameter of JavaScript without types must be, from what its function does with it. */
import ts from "typescript";
import { numberType, type Type } from "../ir/ir.js";
import { isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import { isGlobal } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** What the uses of a value say of it. */
type Evidence =
  | { readonly kind: "nothing" }
  | { readonly kind: "number" }
  | { readonly kind: "array"; readonly element: Evidence }
  | { readonly kind: "record"; readonly fields: ReadonlyMap<string, Evidence> }
  /** Uses that contradict each other, or that take it for one of several things. */
  | { readonly kind: "unsure" };

const nothing: Evidence = { kind: "nothing" };
const unsure: Evidence = { kind: "unsure" };
const number: Evidence = { kind: "number" };

/**
 * The type of a parameter, where its uses leave no doubt, or null.
 *
 *   function f(x, w, p) { return w[0] * x + p.scale * w.length }   =>   x: number, w: numbers, p: { scale: number }
 *   function g(x) { return typeof x === "number" ? x : x[0] }      =>   null
 */
export function inferParameter(session: LoweringSession, parameter: ts.ParameterDeclaration): Type | null {
  return typeFrom(ofBinding(session, parameter.name, bodyOf(parameter), []));
}

const bodyOf = (parameter: ts.ParameterDeclaration): ts.Node => parameter.parent;

function typeFrom(evidence: Evidence): Type | null {
  switch (evidence.kind) {
    case "number":
      return numberType;
    case "array": {
      const element = typeFrom(evidence.element);
      if (element === null) return null;
      return { kind: "array", element, storage: element.kind === "number" ? "ArrayLike" : "Array" };
    }
    case "record": {
      const fields = [...evidence.fields].map(([name, one]) => ({ name, type: typeFrom(one) }));
      const known = fields.flatMap(({ name, type }) => (type === null ? [] : [{ name, type }]));
      return known.length < fields.length ? null : { kind: "record", name: null, fields: known };
    }
    case "nothing":
    case "unsure":
      return null;
  }
}

function both(a: Evidence, b: Evidence): Evidence {
  if (a.kind === "nothing") return b;
  if (b.kind === "nothing") return a;
  if (a.kind === "array" && b.kind === "array") return { kind: "array", element: both(a.element, b.element) };
  if (a.kind === "record" && b.kind === "record") {
    const fields = new Map(a.fields);
    for (const [name, one] of b.fields) fields.set(name, both(fields.get(name) ?? nothing, one));
    return { kind: "record", fields };
  }
  return a.kind === b.kind ? a : unsure;
}

/** Functions whose parameters are being looked at: one that calls itself says nothing new. */
type Path = readonly ts.Node[];

function ofBinding(session: LoweringSession, name: ts.BindingName, within: ts.Node, path: Path): Evidence {
  if (ts.isIdentifier(name)) return ofVariable(session, name, within, path);
  let all: Evidence = nothing;
  for (const element of name.elements) {
    if (!ts.isBindingElement(element)) continue;
    if (element.dotDotDotToken !== undefined) return unsure;
    const one = ofBinding(session, element.name, within, path);
    if (ts.isArrayBindingPattern(name)) {
      all = both(all, { kind: "array", element: one });
      continue;
    }
    const key = element.propertyName ?? element.name;
    if (!ts.isIdentifier(key)) return unsure;
    all = both(all, { kind: "record", fields: new Map([[key.text, one]]) });
  }
  return all;
}

function ofVariable(session: LoweringSession, name: ts.Identifier, within: ts.Node, path: Path): Evidence {
  const symbol = symbolAt(session, name);
  if (symbol === null) return unsure;
  let all: Evidence = nothing;
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) && at.text === name.text && at !== name && symbolAt(session, at) === symbol) {
      all = both(all, ofUse(session, at, within, path));
    }
    ts.forEachChild(at, visit);
  };
  visit(within);
  return all;
}

const arithmetic = new Set([
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PercentToken,
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.MinusEqualsToken,
  ts.SyntaxKind.AsteriskEqualsToken,
  ts.SyntaxKind.SlashEqualsToken,
  ts.SyntaxKind.PercentEqualsToken,
  ts.SyntaxKind.AsteriskAsteriskEqualsToken,
]);

/** What one use of a value, in the place where it stands, says of it. */
function ofUse(session: LoweringSession, node: ts.Expression, within: ts.Node, path: Path): Evidence {
  const { parent } = node;
  if (unwrapped(parent as ts.Expression) !== parent) return ofUse(session, parent as ts.Expression, within, path);
  if (ts.isTypeOfExpression(parent)) return unsure;
  if (ts.isBinaryExpression(parent)) return ofOperand(session, node, parent, within, path);
  if (ts.isPrefixUnaryExpression(parent)) {
    const isNumeric = parent.operator !== ts.SyntaxKind.ExclamationToken && parent.operator !== ts.SyntaxKind.PlusToken;
    return isNumeric ? number : nothing;
  }
  if (ts.isPostfixUnaryExpression(parent)) return number;
  if (ts.isElementAccessExpression(parent) && parent.expression === node) {
    if (ts.isStringLiteralLike(parent.argumentExpression)) return unsure;
    return { kind: "array", element: ofUse(session, parent, within, path) };
  }
  if (ts.isPropertyAccessExpression(parent)) return ofProperty(session, parent, within, path);
  if (ts.isVariableDeclaration(parent) && parent.initializer === node) {
    return ofBinding(session, parent.name, within, path);
  }
  if (ts.isForOfStatement(parent) && parent.expression === node) {
    const [variable] = ts.isVariableDeclarationList(parent.initializer) ? parent.initializer.declarations : [];
    const element = variable === undefined ? nothing : ofBinding(session, variable.name, within, path);
    return { kind: "array", element };
  }
  if (ts.isForInStatement(parent) || ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent)) return unsure;
  if (ts.isCallExpression(parent)) return ofArgument(session, node, parent, path);
  if (ts.isNewExpression(parent)) return unsure;
  if (ts.isConditionalExpression(parent) && parent.condition !== node) return ofUse(session, parent, within, path);
  return nothing;
}

function ofOperand(
  session: LoweringSession,
  node: ts.Expression,
  parent: ts.BinaryExpression,
  within: ts.Node,
  path: Path,
): Evidence {
  const { kind } = parent.operatorToken;
  if (arithmetic.has(kind)) return number;
  if (kind === ts.SyntaxKind.InKeyword || kind === ts.SyntaxKind.InstanceOfKeyword) return unsure;
  if (kind === ts.SyntaxKind.PlusToken || kind === ts.SyntaxKind.PlusEqualsToken) {
    // Text is added as well: the other side, or what becomes of the sum, has to say.
    const other = parent.left === node ? parent.right : parent.left;
    if (isSurelyNumber(session, other)) return number;
    return kind === ts.SyntaxKind.PlusToken ? onlyNumber(ofUse(session, parent, within, path)) : nothing;
  }
  if (kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken) {
    return ofUse(session, parent, within, path);
  }
  if (isAssignmentOperator(kind) && parent.right === node) {
    const target = unwrapped(parent.left);
    return ts.isIdentifier(target) && !path.includes(parent)
      ? ofVariable(session, target, within, [...path, parent])
      : nothing;
  }
  return nothing;
}

const onlyNumber = (evidence: Evidence): Evidence => (evidence.kind === "number" ? evidence : nothing);

function isSurelyNumber(session: LoweringSession, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isNumericLiteral(at)) return true;
  if (ts.isBinaryExpression(at)) {
    return (
      arithmetic.has(at.operatorToken.kind) || (isSurelyNumber(session, at.left) && isSurelyNumber(session, at.right))
    );
  }
  return (session.checker.getTypeAtLocation(at).flags & ts.TypeFlags.NumberLike) !== 0;
}

/** Methods that numbers and arrays do not share. */
const arrayMethods = new Set(["map", "forEach", "reduce", "filter", "every", "some", "slice", "concat", "fill"]);

function ofProperty(
  session: LoweringSession,
  access: ts.PropertyAccessExpression,
  within: ts.Node,
  path: Path,
): Evidence {
  const name = access.name.text;
  if (name === "length") return { kind: "array", element: nothing };
  const call = access.parent;
  if (!ts.isCallExpression(call) || call.expression !== access) {
    return { kind: "record", fields: new Map([[name, ofUse(session, access, within, path)]]) };
  }
  const [callback] = call.arguments;
  if (!arrayMethods.has(name)) return unsure;
  const fn = callback === undefined ? undefined : unwrapped(callback);
  if (fn === undefined || !(ts.isArrowFunction(fn) || ts.isFunctionExpression(fn))) {
    return { kind: "array", element: nothing };
  }
  const element = fn.parameters[name === "reduce" ? 1 : 0];
  const one = element === undefined ? nothing : ofBinding(session, element.name, fn, path);
  return { kind: "array", element: one };
}

/** An argument is what the parameter is that it is given to. */
function ofArgument(session: LoweringSession, node: ts.Expression, call: ts.CallExpression, path: Path): Evidence {
  const callee = unwrapped(call.expression);
  if (callee === node) return unsure;
  if (ts.isPropertyAccessExpression(callee) && isGlobal(session, callee.expression, "Math")) return number;
  const fn = session.checker.getResolvedSignature(call)?.declaration;
  if (fn === undefined || !ts.isFunctionLike(fn) || !("body" in fn) || path.includes(fn)) return nothing;
  const parameter = fn.parameters[call.arguments.indexOf(node)];
  return parameter === undefined || parameter.dotDotDotToken !== undefined
    ? nothing
    : ofBinding(session, parameter.name, fn, [...path, fn]);
}
