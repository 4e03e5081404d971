/**
 * Variables that old JavaScript assigns without declaring them: they belong to all files at once.
 *
 *   Finance.prototype.wacc = function (e, d) { V = e + d; return e / V; };
 */
import ts from "typescript";
import { isJavaScript, isModuleSyntax } from "../syntax/javascript.js";
import { symbolAt } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

/** Is it the name of a variable that nobody declares? */
export function isUndeclared(session: LoweringSession, node: ts.Identifier): boolean {
  const { parent } = node;
  const isMember =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    (!ts.isShorthandPropertyAssignment(parent) && ts.isObjectLiteralElementLike(parent) && parent.name === node);
  if (isMember || !isJavaScript(node.getSourceFile().fileName)) return false;
  return (symbolAt(session, node)?.declarations ?? []).length === 0;
}

/**
 * The first use of such a variable, which stands for it; null: it is none that only this file knows. A file that is
 * strict may not assign it.
 */
export function undeclaredVariable(session: LoweringSession, node: ts.Identifier): ts.Identifier | null {
  const file = node.getSourceFile();
  const known = session.undeclared.get(file)?.get(node.text);
  if (known !== undefined) return known;
  const first = !isUndeclared(session, node) || isStrict(node) ? null : firstUse(session, file, node.text);
  const isOwn = first !== null && !isUsedElsewhere(session, file, node.text);
  const found = isOwn ? first : null;
  const names = session.undeclared.get(file) ?? new Map<string, ts.Identifier | null>();
  session.undeclared.set(file, names.set(node.text, found));
  return found;
}

const isUsedElsewhere = (session: LoweringSession, file: ts.SourceFile, name: string): boolean =>
  session.program
    .getSourceFiles()
    .some((one) => one !== file && !one.isDeclarationFile && firstUse(session, one, name) !== null);

function firstUse(session: LoweringSession, file: ts.SourceFile, name: string): ts.Identifier | null {
  if (!file.text.includes(name)) return null;
  const visit = (node: ts.Node): ts.Identifier | undefined =>
    ts.isIdentifier(node) && node.text === name && isUndeclared(session, node) ? node : ts.forEachChild(node, visit);
  return visit(file) ?? null;
}

function isStrict(node: ts.Node): boolean {
  const isDirective = (one: ts.Statement): boolean =>
    ts.isExpressionStatement(one) && ts.isStringLiteral(one.expression) && one.expression.text === "use strict";
  const says = (at: ts.Node): boolean => {
    if (ts.isClassLike(at)) return true;
    if (ts.isSourceFile(at)) return at.statements.some(isModuleSyntax) || at.statements.slice(0, 3).some(isDirective);
    return ts.isBlock(at) && ts.isFunctionLike(at.parent) && at.statements.slice(0, 3).some(isDirective);
  };
  return /\.mjs$/.test(node.getSourceFile().fileName) || ts.findAncestor(node, says) !== undefined;
}
