/** Functions of the package itself that have a meaning at build time, found by what a name resolves to. */
import ts from "typescript";
import { bareExpression } from "./bare-expression.js";
import { symbolOf } from "./symbol-of.js";

/** By name; the tag in the documentation of its declaration stays the same wherever the package stands. */
const tags = { stopGradient: "@enzyme-stop-gradient", defineRule: "@enzyme-define-rule" } as const;
export type PackageFunction = keyof typeof tags;

const packageName = "enzyme-ts";

/** Is this expression that function of the package, under whatever name it was imported? */
export function isPackageFunction(callee: ts.Expression, which: PackageFunction, checker: ts.TypeChecker): boolean {
  const at = bareExpression(callee);
  const name = ts.isPropertyAccessExpression(at) ? at.name : at;
  if (!ts.isIdentifier(name)) return false;
  if (symbolOf(name, checker)?.declarations?.some((one) => declaresPackageFunction(one, which)) === true) return true;
  return isUnresolvedImport(at, which, checker);
}

export function declaresPackageFunction(declaration: ts.Node, which: PackageFunction): boolean {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  if (!ts.isFunctionDeclaration(statement) && !ts.isVariableStatement(statement)) return false;
  const { text } = statement.getSourceFile();
  const comments = ts.getLeadingCommentRanges(text, statement.pos) ?? [];
  return comments.some((comment) => text.slice(comment.pos, comment.end).includes(tags[which]));
}

/** The package cannot be resolved here (a lone file): believe the import's own words. */
function isUnresolvedImport(callee: ts.Expression, which: PackageFunction, checker: ts.TypeChecker): boolean {
  const root = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  const declaration = ts.isIdentifier(root) ? checker.getSymbolAtLocation(root)?.declarations?.[0] : undefined;
  if (declaration === undefined) return false;
  if (ts.isImportSpecifier(declaration)) {
    if (root !== callee || (declaration.propertyName ?? declaration.name).text !== which) return false;
    return isUnresolvedPackage(declaration.parent.parent.parent.moduleSpecifier, checker);
  }
  if (!ts.isNamespaceImport(declaration) || !ts.isPropertyAccessExpression(callee)) return false;
  return callee.name.text === which && isUnresolvedPackage(declaration.parent.parent.moduleSpecifier, checker);
}

const isUnresolvedPackage = (specifier: ts.Expression, checker: ts.TypeChecker): boolean =>
  ts.isStringLiteral(specifier) &&
  specifier.text === packageName &&
  checker.getSymbolAtLocation(specifier) === undefined;
