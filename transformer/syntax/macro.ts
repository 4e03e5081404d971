/** What a call of the macro looks like. */
import ts from "typescript";
import { bareExpression } from "./bare-expression.js";
import { symbolOf } from "./symbol-of.js";

/** The tag in the documentation of the macro's own declaration: it stays the same wherever the package stands. */
const macroTag = "@enzyme-macro";
const packageName = "enzyme-ts";

/** Is this expression the macro, under whatever name it was imported? */
export function isMacro(callee: ts.Expression, checker: ts.TypeChecker): boolean {
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  if (!ts.isIdentifier(name)) return false;
  const symbol = symbolOf(name, checker);
  const declarations = symbol?.declarations ?? [];
  if (declarations.some(isMacroDeclaration)) return true;
  // `const { enzyme } = await import("enzyme-ts")`: no alias, but the type is that of the macro.
  if (declarations.some(ts.isBindingElement)) {
    return checker.getTypeAtLocation(name).getSymbol()?.declarations?.some(isMacroDeclaration) === true;
  }
  return isUnresolvedImport(callee, checker);
}

function isMacroDeclaration(declaration: ts.Declaration): boolean {
  if (!ts.isFunctionDeclaration(declaration)) return false;
  const { text } = declaration.getSourceFile();
  const comments = ts.getLeadingCommentRanges(text, declaration.pos) ?? [];
  if (comments.some((comment) => text.slice(comment.pos, comment.end).includes(macroTag))) return true;
  // The tag stands on the first of several signatures.
  const siblings = ts.isSourceFile(declaration.parent) ? declaration.parent.statements : [];
  return siblings.some(
    (statement) =>
      statement !== declaration &&
      ts.isFunctionDeclaration(statement) &&
      statement.name?.text === declaration.name?.text &&
      statement.body === undefined &&
      text.slice(statement.pos, statement.getStart()).includes(macroTag),
  );
}

/** The package cannot be resolved here (a lone file): believe the import's own words. */
function isUnresolvedImport(callee: ts.Expression, checker: ts.TypeChecker): boolean {
  const root = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  if (!ts.isIdentifier(root)) return false;
  const declaration = checker.getSymbolAtLocation(root)?.declarations?.[0];
  if (declaration === undefined) return false;
  if (ts.isImportSpecifier(declaration)) {
    return (
      (declaration.propertyName ?? declaration.name).text === "enzyme" &&
      isPackage(declaration.parent.parent.parent.moduleSpecifier) &&
      checker.getSymbolAtLocation(declaration.parent.parent.parent.moduleSpecifier) === undefined
    );
  }
  if (ts.isNamespaceImport(declaration) && ts.isPropertyAccessExpression(callee)) {
    const specifier = declaration.parent.parent.moduleSpecifier;
    return (
      callee.name.text === "enzyme" && isPackage(specifier) && checker.getSymbolAtLocation(specifier) === undefined
    );
  }
  return false;
}

function isPackage(specifier: ts.Expression): boolean {
  return ts.isStringLiteral(specifier) && specifier.text === packageName;
}

/** The call of the macro that an expression is. */
export function innerMacro(argument: ts.Expression, checker: ts.TypeChecker): ts.CallExpression | null {
  const expression = bareExpression(argument);
  return ts.isCallExpression(expression) && isMacro(expression.expression, checker) ? expression : null;
}
