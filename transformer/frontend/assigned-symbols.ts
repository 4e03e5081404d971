/** Which variables a stretch of source assigns. */
import ts from "typescript";
import type { LoweringSession } from "./session.js";

export const isAssignmentOperator = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

/** The symbol an identifier stands for, also in the short form `{ x }` of a property. */
export function symbolAt(session: LoweringSession, node: ts.Node): ts.Symbol | null {
  const { checker } = session;
  if (ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node) {
    return checker.getShorthandAssignmentValueSymbol(node.parent) ?? null;
  }
  const { parent } = node;
  // A parameter property is two things: in the constructor its name means the parameter.
  if (ts.isParameter(parent) && ts.isIdentifier(node) && ts.isParameterPropertyDeclaration(parent, parent.parent)) {
    const symbols = checker.getSymbolsOfParameterPropertyDeclaration(parent, node.text);
    return symbols.find((one) => one.flags & ts.SymbolFlags.FunctionScopedVariable) ?? null;
  }
  return checker.getSymbolAtLocation(node) ?? null;
}

/** The symbol behind imports, re-exports and the declarations of packages. */
export function resolveAlias(session: LoweringSession, symbol: ts.Symbol): ts.Symbol {
  const target = symbol.flags & ts.SymbolFlags.Alias ? session.checker.getAliasedSymbol(symbol) : symbol;
  return session.implementations.of(target) ?? target;
}

/** Variables assigned anywhere in a node, in inner functions too. */
export function assignedSymbols(session: LoweringSession, node: ts.Node): ReadonlySet<ts.Symbol> {
  const known = session.assigned.get(node);
  if (known !== undefined) return known;
  const symbols = new Set<ts.Symbol>();
  session.assigned.set(node, symbols);
  const target = (at: ts.Node): void => {
    if (ts.isIdentifier(at)) {
      const symbol = symbolAt(session, at);
      if (symbol !== null) symbols.add(symbol);
    } else if (ts.isArrayLiteralExpression(at)) at.elements.forEach(target);
    else if (ts.isObjectLiteralExpression(at)) at.properties.forEach(target);
    else if (ts.isPropertyAssignment(at)) target(at.initializer);
    else if (ts.isShorthandPropertyAssignment(at)) target(at.name);
    else if (ts.isSpreadElement(at) || ts.isSpreadAssignment(at) || isWrapper(at)) target(at.expression);
    else if (ts.isBinaryExpression(at)) target(at.left);
  };
  const declared = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) target(name);
    else for (const element of name.elements) if (ts.isBindingElement(element)) declared(element.name);
  };
  const visit = (at: ts.Node): void => {
    if (ts.isBinaryExpression(at) && isAssignmentOperator(at.operatorToken.kind)) target(at.left);
    else if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) {
      if (at.operator === ts.SyntaxKind.PlusPlusToken || at.operator === ts.SyntaxKind.MinusMinusToken) {
        target(at.operand);
      }
    } else if (ts.isForOfStatement(at) || ts.isForInStatement(at)) {
      if (!ts.isVariableDeclarationList(at.initializer)) target(at.initializer);
    }
    // `var` lives outside the loop that declares it.
    if (ts.isVariableDeclarationList(at) && !(at.flags & ts.NodeFlags.BlockScoped)) {
      for (const one of at.declarations) if (one.initializer !== undefined || isLoopHead(at)) declared(one.name);
    }
    ts.forEachChild(at, visit);
  };
  visit(node);
  return symbols;
}

const isLoopHead = (list: ts.VariableDeclarationList): boolean =>
  ts.isForOfStatement(list.parent) || ts.isForInStatement(list.parent);

/** `(x)`, `x!`, `x as T`, `<T>x`, `x satisfies T`: nothing happens at run time. */
export const isWrapper = (
  node: ts.Node,
): node is
  ts.ParenthesizedExpression | ts.NonNullExpression | ts.AsExpression | ts.SatisfiesExpression | ts.TypeAssertion =>
  ts.isParenthesizedExpression(node) ||
  ts.isNonNullExpression(node) ||
  ts.isAsExpression(node) ||
  ts.isSatisfiesExpression(node) ||
  ts.isTypeAssertionExpression(node);

export function unwrapped(node: ts.Expression): ts.Expression {
  let at = node;
  while (isWrapper(at)) at = at.expression;
  return at;
}

/** `null`, `undefined` */
export const saysNothing = (node: ts.Expression): boolean =>
  node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === "undefined");

/** Variables that functions inside this one assign: a call may change them. */
export function sharedSymbols(session: LoweringSession, declaration: ts.Node): ReadonlySet<ts.Symbol> {
  const known = session.shared.get(declaration);
  if (known !== undefined) return known;
  const symbols = new Set<ts.Symbol>();
  const visit = (at: ts.Node): void => {
    if (at !== declaration && ts.isFunctionLike(at)) {
      for (const symbol of assignedSymbols(session, at)) symbols.add(symbol);
    } else ts.forEachChild(at, visit);
  };
  visit(declaration);
  session.shared.set(declaration, symbols);
  return symbols;
}

/** Does a statement leave the function it stands in by `return`? */
export function containsReturn(node: ts.Node): boolean {
  if (ts.isReturnStatement(node)) return true;
  if (ts.isFunctionLike(node)) return false;
  return ts.forEachChild(node, (child) => containsReturn(child) || undefined) === true;
}
