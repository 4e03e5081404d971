/** What is written differently in JavaScript: types stand in comments, modules may be CommonJS. */
import ts from "typescript";

export const isJavaScript = (fileName: string): boolean => /\.[cm]?jsx?$/.test(fileName);

/** A module that exports by `module.exports` or `exports`. The compiler may take every file for a module of today's. */
export function isCommonJs(file: ts.SourceFile): boolean {
  if (!isJavaScript(file.fileName) || file.statements.some(isModuleSyntax)) return false;
  return file.fileName.endsWith(".cjs") || /\bexports\b|\brequire\s*\(/.test(file.text);
}

export const isModuleSyntax = (statement: ts.Statement): boolean =>
  ts.isImportDeclaration(statement) ||
  ts.isExportDeclaration(statement) ||
  ts.isExportAssignment(statement) ||
  (ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) === true);

/** `f(x?)`, `f(x = 1)`, and in JavaScript `@param {number} [x]`. */
export function mayBeLeftOut(parameter: ts.ParameterDeclaration): boolean {
  if (parameter.questionToken !== undefined || parameter.initializer !== undefined) return true;
  if (!isJavaScript(parameter.getSourceFile().fileName)) return false;
  const type = ts.getJSDocType(parameter);
  if (type !== undefined && ts.isJSDocOptionalType(type)) return true;
  return ts.getJSDocParameterTags(parameter).some(({ isBracketed }) => isBracketed);
}

/** The type of a parameter as written: behind it, or in JavaScript ahead of the function. */
export function writtenType(parameter: ts.ParameterDeclaration): ts.TypeNode | undefined {
  if (parameter.type !== undefined || !isJavaScript(parameter.getSourceFile().fileName)) return parameter.type;
  const type = ts.getJSDocType(parameter);
  // `@param {Object} p` with `@param {number} p.x` below it, and `{number=}`, are no types by themselves.
  return type === undefined || ts.isJSDocTypeLiteral(type) || ts.isJSDocOptionalType(type) ? undefined : type;
}

/** `exports.f = ...`, `module.exports.f = ...`: the name, or null. */
export function exportedName(node: ts.Node): ts.Identifier | null {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  const { left } = node;
  if (!ts.isPropertyAccessExpression(left) || !ts.isIdentifier(left.name)) return null;
  return isExports(left.expression) ? left.name : null;
}

/** `exports`, `module.exports` */
export function isExports(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return node.text === "exports";
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === "exports" &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === "module"
  );
}

/** `const { f } = require("m")`, `const m = require("m")`: the module's name, or null. */
export function requiredModule(node: ts.VariableDeclaration): ts.StringLiteralLike | null {
  const call = node.initializer;
  if (call === undefined || !ts.isCallExpression(call) || !ts.isIdentifier(call.expression)) return null;
  const [module] = call.arguments;
  if (call.expression.text !== "require" || module === undefined || !ts.isStringLiteralLike(module)) return null;
  return module;
}

/** How a CommonJS file exports one more name: `exports` is no longer what is exported once `module.exports` is assigned. */
export const exportsOf = (file: ts.SourceFile): string =>
  /\bmodule\.exports\b/.test(file.text) ? "module.exports" : "exports";

/** The names and functions that a CommonJS file exports, as its expressions. */
export function commonJsExports(file: ts.SourceFile): readonly ts.Expression[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return [];
    const { left, right } = statement.expression;
    if (exportedName(statement.expression) !== null) return [right];
    if (!isExports(left)) return [];
    if (!ts.isObjectLiteralExpression(right)) return [right];
    return right.properties.flatMap((one) =>
      ts.isShorthandPropertyAssignment(one) ? [one.name] : ts.isPropertyAssignment(one) ? [one.initializer] : [],
    );
  });
}
