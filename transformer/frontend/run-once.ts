/** Functions that run exactly once, while their file is loaded: what stands in them counts as the top of the file. */
import ts from "typescript";
import { isExports } from "../syntax/javascript.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

/** The one call that runs a function, and what its parameters are given. */
export interface Run {
  readonly arguments: readonly ts.Expression[];
}

type RunFunction = ts.FunctionExpression | ts.ArrowFunction;

const asFunction = (node: ts.Node): RunFunction | null =>
  ts.isFunctionExpression(node) || ts.isArrowFunction(node) ? node : null;

/**
 * How a function is run, if that happens once and for certain; null: another number of times, or perhaps.
 *
 *   (function () { ... })();                                                  a module in a function
 *   (function (root, factory) {
 *     if (typeof exports === "object") module.exports = factory();
 *     else root.lib = factory();
 *   })(this, function () { ... });                                            the function that is handed over, too
 */
export function runOf(session: LoweringSession, node: ts.Node): Run | null {
  const known = session.runs.get(node);
  if (known !== undefined) return known;
  // A function that is run by itself is none.
  session.runs.set(node, null);
  const fn = asFunction(node);
  const run = fn === null || isSpecial(fn) ? null : findRun(session, fn);
  session.runs.set(node, run);
  return run;
}

const isSpecial = (fn: RunFunction): boolean =>
  fn.asteriskToken !== undefined || fn.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true;

function findRun(session: LoweringSession, fn: RunFunction): Run | null {
  const at = outermost(fn);
  const call = callOf(at);
  if (call !== null) return isAtTop(session, call.node) && !namesItself(session, fn) ? call : null;
  const { parent } = at;
  if (!ts.isCallExpression(parent)) return null;
  const wrapper = asFunction(calleeOf(parent));
  const run = wrapper === null ? null : runOf(session, wrapper);
  const position = run?.arguments.findIndex((one) => one === at) ?? -1;
  const parameter = wrapper?.parameters[position];
  if (wrapper === null || parameter === undefined || !ts.isIdentifier(parameter.name)) return null;
  const uses = usesOf(session, parameter.name, wrapper.body).filter(
    (use) => isReached(session, use, wrapper) !== false,
  );
  const [only] = uses;
  const inside = only === undefined || uses.length > 1 ? null : callOf(only);
  return inside !== null && isReached(session, inside.node, wrapper) === true ? inside : null;
}

function outermost(node: ts.Expression): ts.Expression {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  return at;
}

/** `f(...)`, `f.call(this, ...)`, where `f` is the node given. */
function callOf(node: ts.Expression): (Run & { readonly node: ts.CallExpression }) | null {
  const at = outermost(node);
  const { parent } = at;
  if (ts.isCallExpression(parent) && parent.expression === at && !parent.arguments.some(ts.isSpreadElement)) {
    return { node: parent, arguments: parent.arguments };
  }
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== at || parent.name.text !== "call") return null;
  const call = parent.parent;
  if (!ts.isCallExpression(call) || call.expression !== parent || call.arguments.some(ts.isSpreadElement)) return null;
  return { node: call, arguments: call.arguments.slice(1) };
}

/** What a call runs, with or without `.call`. */
function calleeOf(call: ts.CallExpression): ts.Expression {
  const callee = unwrapped(call.expression);
  const isCall = ts.isPropertyAccessExpression(callee) && callee.name.text === "call";
  return isCall ? unwrapped(callee.expression) : callee;
}

const namesItself = (session: LoweringSession, fn: RunFunction): boolean =>
  fn.name !== undefined && usesOf(session, fn.name, fn.body).length > 0;

function usesOf(session: LoweringSession, name: ts.Identifier, within: ts.Node): readonly ts.Identifier[] {
  const symbol = symbolAt(session, name);
  const found: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name.text && symbolAt(session, node) === symbol) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(within);
  return found;
}

/** Does a node run exactly once, while its file is loaded? */
export function isAtTop(session: LoweringSession, node: ts.Node): boolean {
  const owner = ts.findAncestor(node.parent, (one) => ts.isFunctionLike(one) || ts.isSourceFile(one));
  if (owner === undefined || isReached(session, node, owner) !== true) return false;
  return ts.isSourceFile(owner) || runOf(session, owner) !== null;
}

/** Does control reach a node of a function's body? null: perhaps, or more than once. */
function isReached(session: LoweringSession, node: ts.Node, owner: ts.Node): boolean | null {
  let certain: boolean | null = true;
  for (let at = node; at !== owner; at = at.parent) {
    const { parent } = at;
    if (parent === owner) break;
    const way = wayInto(session, parent, at);
    if (way === false) return false;
    if (way === null) certain = null;
  }
  return certain;
}

/** Does a node run a part of itself? */
function wayInto(session: LoweringSession, node: ts.Node, part: ts.Node): boolean | null {
  const when = (test: ts.Expression, value: boolean): boolean | null => {
    const known = environmentTest(session, test);
    return known === null ? null : known === value;
  };
  if (ts.isIfStatement(node)) {
    return part === node.expression ? true : when(node.expression, part === node.thenStatement);
  }
  if (ts.isConditionalExpression(node)) {
    return part === node.condition ? true : when(node.condition, part === node.whenTrue);
  }
  if (ts.isBinaryExpression(node) && part === node.right) {
    if (node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) return when(node.left, true);
    if (node.operatorToken.kind === ts.SyntaxKind.BarBarToken) return when(node.left, false);
  }
  const isPerhaps =
    ts.isIterationStatement(node, false) ||
    ts.isTryStatement(node) ||
    ts.isCaseOrDefaultClause(node) ||
    ts.isFunctionLike(node) ||
    ts.isPropertyDeclaration(node);
  return isPerhaps ? null : true;
}

/** Which kind of module a file is part of, as it asks itself; null: a test of something else. */
export function environmentTest(session: LoweringSession, node: ts.Expression): boolean | null {
  const at = unwrapped(node);
  if (ts.isPrefixUnaryExpression(at) && at.operator === ts.SyntaxKind.ExclamationToken) {
    const value = environmentTest(session, at.operand);
    return value === null ? null : !value;
  }
  if (ts.isIdentifier(at) || ts.isPropertyAccessExpression(at)) {
    return isExports(at) || (ts.isIdentifier(at) && typeOfName(session, at) === "module") ? true : null;
  }
  if (!ts.isBinaryExpression(at)) return null;
  const { kind } = at.operatorToken;
  if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) {
    const [a, b] = [environmentTest(session, at.left), environmentTest(session, at.right)];
    const decides = kind === ts.SyntaxKind.BarBarToken;
    if (a === decides || (a !== null && b === decides)) return decides;
    return a === null || b === null ? null : !decides;
  }
  const isEqual = kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.EqualsEqualsToken;
  const isOther = kind === ts.SyntaxKind.ExclamationEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsToken;
  if (!isEqual && !isOther) return null;
  for (const [tested, text] of [
    [unwrapped(at.left), unwrapped(at.right)],
    [unwrapped(at.right), unwrapped(at.left)],
  ] as const) {
    if (!ts.isTypeOfExpression(tested) || !ts.isStringLiteralLike(text)) continue;
    const name = typeofName(session, unwrapped(tested.expression));
    return name === null ? null : (name === text.text) === isEqual;
  }
  return null;
}

/** What `typeof` says of a name that tells what kind of module this is. */
function typeofName(session: LoweringSession, node: ts.Expression): string | null {
  if (isExports(node)) return "object";
  if (!ts.isIdentifier(node)) return null;
  switch (typeOfName(session, node)) {
    case "module":
      return "object";
    case "require":
      return "function";
    case "nothing":
      return "undefined";
    case "other":
      return null;
  }
}

/** Things of browsers, which may be there or not. */
const perhapsThere = new Set(["window", "self", "global", "globalThis", "document", "process"]);

function typeOfName(session: LoweringSession, node: ts.Identifier): "module" | "require" | "nothing" | "other" {
  const declarations = symbolAt(session, node)?.declarations ?? [];
  // Without types of the environment, or with them, these names mean the same.
  if (declarations.some((one) => !one.getSourceFile().isDeclarationFile && isOfProgram(one))) return "other";
  if (node.text === "module") return "module";
  if (node.text === "require") return "require";
  return declarations.length === 0 && !perhapsThere.has(node.text) ? "nothing" : "other";
}

const isOfProgram = (node: ts.Declaration): boolean =>
  ts.isVariableDeclaration(node) ||
  ts.isParameter(node) ||
  ts.isBindingElement(node) ||
  ts.isFunctionLike(node) ||
  ts.isClassLike(node) ||
  ts.isImportClause(node) ||
  ts.isImportSpecifier(node) ||
  ts.isNamespaceImport(node);
