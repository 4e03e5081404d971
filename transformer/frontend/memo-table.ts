/**
 * A table in which a function remembers what it has answered, where that follows from the key alone:
 *
 *   const known = [1];
 *   function factorial(n) { if (known[n]) return known[n]; let s = 1; ...; known[n] = s; return s; }
 *
 * What it answers is computed anew each time: the table holds what it held at first, and nothing is put into it. That
 * is the same where only this function knows the table, looks up and keeps one parameter and nothing else, answers with
 * what it keeps, and does nothing but compute. One that calls itself would take too long without its table.
 */
import ts from "typescript";
import { assignedSymbols, resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { exactValue, isGlobal } from "./module-constants.js";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";
import { isPublic } from "./settled-constant.js";

/** Is a variable of a module such a table? */
export function isMemoTable(session: LoweringSession, declaration: ts.VariableDeclaration): boolean {
  const known = session.memoTables.get(declaration);
  if (known !== undefined) return known;
  session.memoTables.set(declaration, false);
  const answer = isTable(session, declaration);
  session.memoTables.set(declaration, answer);
  return answer;
}

/** What a statement does with such a table: nothing that counts. null: it does something else. */
export interface MemoStep {
  readonly kind: "look" | "keep";
  readonly table: ts.Identifier;
  readonly key: ts.Expression;
  readonly value: ts.Expression | null;
}

export function memoStep(session: LoweringSession, statement: ts.Statement): MemoStep | null {
  const step = ts.isIfStatement(statement)
    ? lookIn(statement)
    : ts.isExpressionStatement(statement)
      ? put(statement)
      : null;
  if (step === null) return null;
  const declaration = symbolAt(session, step.table)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || !isMemoTable(session, declaration))
    return null;
  const { initializer } = declaration;
  const holds =
    initializer !== undefined && ts.isArrayLiteralExpression(initializer) && initializer.elements.length > 0;
  return step.kind === "look" && holds ? null : step;
}

/** `if (...) return known[n];` */
function lookIn({ thenStatement }: ts.IfStatement): MemoStep | null {
  const then = ts.isBlock(thenStatement) ? thenStatement.statements[0] : thenStatement;
  const found = then !== undefined && ts.isReturnStatement(then) ? then.expression : undefined;
  const at = found === undefined ? null : partsOf(unwrapped(found));
  return at === null ? null : { kind: "look", ...at, value: null };
}

/** `known[n] = s;`, `known.set(n, s);` */
function put({ expression }: ts.ExpressionStatement): MemoStep | null {
  const at = unwrapped(expression);
  const isStore = ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  const parts = partsOf(isStore ? at.left : at);
  const value = isStore ? at.right : ts.isCallExpression(at) ? (at.arguments[1] ?? null) : null;
  return parts === null || value === null ? null : { kind: "keep", ...parts, value };
}

/** `known[n]`, `known.get(n)` */
function partsOf(at: ts.Expression): Pick<MemoStep, "table" | "key"> | null {
  if (ts.isElementAccessExpression(at)) {
    return ts.isIdentifier(at.expression) ? { table: at.expression, key: at.argumentExpression } : null;
  }
  if (!ts.isCallExpression(at) || !ts.isPropertyAccessExpression(at.expression)) return null;
  const { expression: table } = at.expression;
  const [key] = at.arguments;
  return ts.isIdentifier(table) && key !== undefined ? { table, key } : null;
}

interface Memo {
  readonly session: LoweringSession;
  readonly table: ts.Symbol;
  readonly key: ts.Symbol;
}

function isTable(session: LoweringSession, declaration: ts.VariableDeclaration): boolean {
  const { name, initializer } = declaration;
  if (initializer === undefined || !ts.isIdentifier(name) || !isAtTop(session, declaration)) return false;
  const table = symbolAt(session, name);
  if (table === null || !isPlainTable(session, unwrapped(initializer)) || isPublic(session, declaration)) return false;
  const uses = usesOf(session, declaration.getSourceFile(), table, name);
  const owners = new Set(uses.map((one) => ts.findAncestor(one, ts.isFunctionLike)));
  const [owner] = owners;
  if (owners.size !== 1 || owner === undefined || !("body" in owner) || owner.body === undefined) return false;
  if (!ts.isBlock(owner.body) || ts.findAncestor(name, (one) => one === owner) !== undefined) return false;
  const [parameter] = owner.parameters;
  const key = parameter !== undefined && ts.isIdentifier(parameter.name) ? symbolAt(session, parameter.name) : null;
  if (key === null || owner.parameters.length !== 1 || parameter?.initializer !== undefined) return false;
  if (parameter?.dotDotDotToken !== undefined || assignedSymbols(session, owner).has(key) || isSpecial(owner))
    return false;
  const memo: Memo = { session, table, key };
  return keeps(memo, owner.body) && computes(session, owner, memo, new Set());
}

/** A generator, or one that answers later. */
const isSpecial = (owner: ts.FunctionLikeDeclaration): boolean =>
  owner.asteriskToken !== undefined ||
  (ts.canHaveModifiers(owner) && owner.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true);

/** Numbers under positions, or nothing yet. */
function isPlainTable(session: LoweringSession, node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.every((one) => typeof exactValue(session, one) === "number");
  }
  if (ts.isObjectLiteralExpression(node)) return node.properties.length === 0;
  return ts.isNewExpression(node) && isGlobal(session, node.expression, "Map") && (node.arguments?.length ?? 0) === 0;
}

function usesOf(
  session: LoweringSession,
  file: ts.SourceFile,
  symbol: ts.Symbol,
  own: ts.Identifier,
): readonly ts.Identifier[] {
  const found: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node !== own && node.text === own.text && symbolAt(session, node) === symbol)
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * `if (known[n]) return known[n];` somewhere, and at the end `known[n] = s; return s;`. There is no other mention, and the
 * key stays what it is.
 */
function keeps(memo: Memo, { statements }: ts.Block): boolean {
  const guard = statements.findIndex((one) => isGuard(memo, one));
  const [write, answer] = statements.slice(-2);
  if (guard < 0 || write === undefined || answer === undefined || guard >= statements.length - 2) return false;
  if (!ts.isReturnStatement(answer) || answer.expression === undefined) return false;
  const kept = keptBy(memo, write);
  const answered = unwrapped(answer.expression);
  if (kept === null || !ts.isIdentifier(answered) || symbolAt(memo.session, answered) !== kept) return false;
  return statements.every((one, k) => k === guard || one === write || !mentions(memo.session, one, memo.table));
}

/** `if (TEST) return known[n];`, where the test looks at nothing but that. */
function isGuard(memo: Memo, statement: ts.Statement): boolean {
  if (!ts.isIfStatement(statement) || statement.elseStatement !== undefined) return false;
  const { thenStatement } = statement;
  if (ts.isBlock(thenStatement) && thenStatement.statements.length !== 1) return false;
  const then = ts.isBlock(thenStatement) ? thenStatement.statements[0] : thenStatement;
  if (then === undefined || !ts.isReturnStatement(then) || then.expression === undefined) return false;
  return isLookup(memo, then.expression) && isTest(memo, statement.expression);
}

/** `known[n]`, `known.get(n)` */
function isLookup(memo: Memo, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isElementAccessExpression(at)) {
    return isName(memo, at.expression, memo.table) && isName(memo, at.argumentExpression, memo.key);
  }
  return isMethodCall(memo, at, "get", 1);
}

function isTest(memo: Memo, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (isLookup(memo, at) || isMethodCall(memo, at, "has", 1)) return true;
  if (!ts.isBinaryExpression(at)) return false;
  const { left, right } = at;
  switch (at.operatorToken.kind) {
    case ts.SyntaxKind.InKeyword:
      return isName(memo, left, memo.key) && isName(memo, right, memo.table);
    case ts.SyntaxKind.ExclamationEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return isLookup(memo, left) && isGlobal(memo.session, right, "undefined");
    default:
      return false;
  }
}

/** What `known[n] = s` or `known.set(n, s)` keeps; null: it does something else. */
function keptBy(memo: Memo, statement: ts.Statement): ts.Symbol | null {
  if (!ts.isExpressionStatement(statement)) return null;
  const at = unwrapped(statement.expression);
  const isStore =
    ts.isBinaryExpression(at) &&
    at.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isElementAccessExpression(at.left) &&
    isLookup(memo, at.left);
  const isSet = ts.isCallExpression(at) && isMethodCall(memo, at, "set", 2);
  const value = isStore ? at.right : isSet ? at.arguments[1] : undefined;
  return value !== undefined && ts.isIdentifier(value) ? symbolAt(memo.session, value) : null;
}

function isMethodCall(memo: Memo, node: ts.Expression, name: string, count: number): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression, arguments: args } = node;
  const [first] = args;
  const isOfTable = expression.name.text === name && isName(memo, expression.expression, memo.table);
  return isOfTable && args.length === count && first !== undefined && isName(memo, first, memo.key);
}

const isName = ({ session }: Memo, node: ts.Expression, symbol: ts.Symbol): boolean =>
  ts.isIdentifier(node) && symbolAt(session, node) === symbol;

const mentions = (session: LoweringSession, node: ts.Node, symbol: ts.Symbol): boolean =>
  (ts.isIdentifier(node) && symbolAt(session, node) === symbol) ||
  ts.forEachChild(node, (child) => mentions(session, child, symbol) || undefined) === true;

/** Does a function compute with its parameters, numbers that never change, and functions like it, and nothing else? */
function computes(
  session: LoweringSession,
  owner: ts.SignatureDeclaration,
  memo: Memo | null,
  callers: ReadonlySet<ts.Node>,
): boolean {
  if (callers.has(owner)) return false;
  const within = new Set([...callers, owner]);
  const isOwn = (symbol: ts.Symbol): boolean =>
    symbol.declarations?.every((one) => ts.findAncestor(one, (outer) => outer === owner) !== undefined) === true;
  const visit = (node: ts.Node): boolean => {
    if (ts.isTypeNode(node)) return true;
    if (ts.isFunctionLike(node) && node !== owner) return false;
    if (ts.isThrowStatement(node)) return true;
    if (node.kind === ts.SyntaxKind.ThisKeyword || ts.isNewExpression(node) || ts.isDeleteExpression(node))
      return false;
    if (ts.isCallExpression(node) && !isTableCall(node)) {
      const callee = unwrapped(node.expression);
      const isMath = ts.isPropertyAccessExpression(callee) && isGlobal(session, callee.expression, "Math");
      if (isMath) return callee.name.text !== "random" && node.arguments.every(visit);
      const symbol = ts.isIdentifier(callee) ? symbolAt(session, callee) : null;
      const called = symbol === null ? undefined : resolveAlias(session, symbol).valueDeclaration;
      if (called === undefined || !ts.isFunctionDeclaration(called) || called.body === undefined) return false;
      return isAtTop(session, called) && computes(session, called, null, within) && node.arguments.every(visit);
    }
    if (ts.isPropertyAccessExpression(node)) {
      return exactValue(session, node) !== undefined || node.name.text === "length" || isTableMember(node)
        ? visit(node.expression)
        : false;
    }
    if (ts.isIdentifier(node)) return isKnown(node);
    return ts.forEachChild(node, (child) => (visit(child) ? undefined : true)) !== true;
  };
  const isTableMember = (node: ts.PropertyAccessExpression): boolean =>
    memo !== null && isName(memo, node.expression, memo.table);
  const isTableCall = (node: ts.CallExpression): boolean =>
    ts.isPropertyAccessExpression(node.expression) && isTableMember(node.expression);
  const isKnown = (node: ts.Identifier): boolean => {
    if (["Math", "Number", "undefined", "NaN", "Infinity"].some((name) => isGlobal(session, node, name))) return true;
    const symbol = symbolAt(session, node);
    if (symbol === null || node.text === "arguments") return false;
    return symbol === memo?.table || isOwn(symbol) || exactValue(session, node) !== undefined;
  };
  const parts: readonly ts.Node[] = [...owner.parameters, ...("body" in owner && owner.body ? [owner.body] : [])];
  return parts.every(visit);
}
