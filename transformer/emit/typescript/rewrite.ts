import ts from "typescript";
import type { GeneratedFunction } from "../../derivative-request.js";
import { bareExpression } from "../../syntax/bare-expression.js";
import { isCommonJs, requiredModule } from "../../syntax/javascript.js";
import { symbolOf } from "../../syntax/symbol-of.js";
import { mentions } from "../../syntax/find-requests.js";
import { relativeSpecifier } from "../../syntax/module-specifier.js";
import { editText, type Edit, type EditedText } from "./edit-text.js";
import { planImports, replacement, type ImportPlan, type Layout } from "./import-plan.js";
import { liftedCall } from "./lifted-call.js";
import { planRequires } from "./require-plan.js";
import { nameImports } from "./name-imports.js";

/** A call of the macro, and the function that takes its place. */
export interface MacroAnswer {
  readonly call: ts.CallExpression;
  readonly generated: GeneratedFunction;
}

export interface FileChanges {
  readonly functions: readonly GeneratedFunction[];
  readonly macros: readonly MacroAnswer[];
}

/**
 * Splices derivatives into a file.
 *
 *   const dw = enzyme(loss, "gradient")(w);   =>   const dw = loss_gradient(w);
 *
 * Functions are appended at the end, macro calls replaced where they stand, imports added to or removed from the
 * declarations that are there; everything else stays byte for byte. In layout `keepLines` no line of the user moves.
 */
export function rewriteFile(
  sourceFile: ts.SourceFile,
  changes: FileChanges,
  program: ts.Program,
  layout: Layout,
): EditedText {
  const options = program.getCompilerOptions();
  const { text } = sourceFile;
  const eol = /\r\n|\n/.exec(text)?.[0] ?? "\n";
  const imports = isCommonJs(sourceFile)
    ? planRequires(sourceFile, layout, eol)
    : planImports(sourceFile, options, layout, eol);
  const edits: Edit[] = [];

  for (const { call, generated } of changes.macros) {
    const { standsIn } = generated.request;
    const reference =
      generated.captured.length > 0
        ? liftedCall(generated, call)
        : referenceTo(generated.name, standsIn, call, program, imports);
    edits.push(replacement(sourceFile, call.getStart(sourceFile), call.end, reference, layout));
  }
  const functions = changes.functions.map((generated) => nameImports(generated, imports));
  dropUnused(sourceFile, changes, program, imports);
  edits.push(...imports.edits());
  edits.push(...append(text, functions, eol));
  return editText(text, edits, sourceFile.fileName);
}

/** The functions at the end of the file, a blank line before each. */
function append(text: string, functions: readonly string[], eol: string): readonly Edit[] {
  if (functions.length === 0) return [];
  const bodies = functions.map((generated) => generated.trim().replace(/\r\n|\n/g, eol));
  const ended = text === "" || /[\r\n]$/.test(text);
  const joined = `${ended ? "" : eol}${eol}${bodies.join(eol + eol)}${eol}`;
  return [{ start: text.length, end: text.length, text: joined }];
}

/** How the generated function is named at the place of a macro call; imported where it stands in another file. */
function referenceTo(
  name: string,
  standsIn: ts.SourceFile,
  call: ts.CallExpression,
  program: ts.Program,
  imports: ImportPlan,
): string {
  const sourceFile = call.getSourceFile();
  if (standsIn === sourceFile) return name;
  const checker = program.getTypeChecker();
  const [argument] = call.arguments;
  const expression = argument === undefined ? null : bareExpression(argument);

  // `M.loss`, where M is the module that it stands in: `M.loss_gradient`.
  if (expression !== null && ts.isPropertyAccessExpression(expression)) {
    const owner = symbolOf(expression.expression, checker);
    if (owner?.valueDeclaration === standsIn) return `${expression.expression.getText(sourceFile)}.${name}`;
  }

  const declaration = expression === null ? null : importOf(rootOf(expression), checker);
  const specifier = declaration === null ? null : specifierOf(declaration);
  const beside = declaration !== null && ts.isImportDeclaration(declaration) ? declaration : null;
  if (specifier !== null && checker.getSymbolAtLocation(specifier)?.valueDeclaration === standsIn) {
    return imports.add(specifier.text, name, beside);
  }
  return imports.add(relativeSpecifier(sourceFile, standsIn, program.getCompilerOptions()), name, beside);
}

function rootOf(expression: ts.Expression): ts.Expression {
  let root = expression;
  while (ts.isPropertyAccessExpression(root)) root = root.expression;
  return root;
}

/** The declaration that brings a name into the file: an import, or a variable that is what is required. */
function importOf(name: ts.Expression, checker: ts.TypeChecker): ts.ImportDeclaration | ts.VariableDeclaration | null {
  const declaration = checker.getSymbolAtLocation(name)?.declarations?.[0];
  for (let node: ts.Node | undefined = declaration; node !== undefined; node = node.parent) {
    if (ts.isImportDeclaration(node)) return node;
    if (ts.isVariableDeclaration(node)) return requiredModule(node) === null ? null : node;
  }
  return null;
}

function specifierOf(declaration: ts.ImportDeclaration | ts.VariableDeclaration): ts.StringLiteralLike | null {
  if (ts.isVariableDeclaration(declaration)) return requiredModule(declaration);
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier : null;
}

/** Drops imports that only the replaced calls used: the macro itself, and primals. */
function dropUnused(sourceFile: ts.SourceFile, changes: FileChanges, program: ts.Program, imports: ImportPlan): void {
  const checker = program.getTypeChecker();
  const replaced = new Set<ts.Node>(changes.macros.map((macro) => macro.call));
  const candidates = new Map<string, ts.Node>();
  const consider = (expression: ts.Expression): void => {
    const root = rootOf(expression);
    if (!ts.isIdentifier(root)) return;
    const declaration = checker.getSymbolAtLocation(root)?.declarations?.[0];
    if (declaration !== undefined && isImportBinding(declaration)) candidates.set(root.text, declaration);
  };
  for (const { call } of changes.macros) {
    consider(call.expression);
    const [argument] = call.arguments;
    if (argument !== undefined) forEachRoot(argument, consider);
  }
  if (candidates.size === 0) return;

  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isImportEqualsDeclaration(node) || replaced.has(node)) return;
    if (ts.isVariableDeclaration(node) && requiredModule(node) !== null) return;
    if (ts.isIdentifier(node) && candidates.has(node.text) && !isMemberName(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(sourceFile, visit);
  for (const { call, generated } of changes.macros) {
    const { standsIn } = generated.request;
    // `M.loss` became `M.loss_gradient`.
    const [argument] = call.arguments;
    const expression = argument === undefined ? null : bareExpression(argument);
    if (standsIn === sourceFile || expression === null || !ts.isPropertyAccessExpression(expression)) continue;
    const root = rootOf(expression);
    const owner = symbolOf(expression.expression, checker);
    if (ts.isIdentifier(root) && owner?.valueDeclaration === standsIn) used.add(root.text);
  }
  for (const [name, binding] of candidates) {
    if (used.has(name) || changes.functions.some((generated) => mentions(withoutComments(generated.text), name))) {
      continue;
    }
    imports.drop(binding);
  }
}

/** The line above a function names its primal, and needs no import for that. */
const withoutComments = (text: string): string => text.replace(/^\/\*\*.*\*\/$/gm, "");

/** Every name in an expression that could be an import. */
function forEachRoot(node: ts.Node, consider: (expression: ts.Expression) => void): void {
  if (ts.isIdentifier(node) && !isMemberName(node)) consider(node);
  ts.forEachChild(node, (child) => forEachRoot(child, consider));
}

function isMemberName(name: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(name.parent) && name.parent.name === name;
}

function isRequired(declaration: ts.Node): boolean {
  const owner = ts.isBindingElement(declaration) ? declaration.parent.parent : declaration;
  return ts.isVariableDeclaration(owner) && requiredModule(owner) !== null;
}

function isImportBinding(declaration: ts.Node): boolean {
  return (
    ts.isImportSpecifier(declaration) ||
    ts.isImportClause(declaration) ||
    ts.isNamespaceImport(declaration) ||
    ts.isImportEqualsDeclaration(declaration) ||
    isRequired(declaration)
  );
}
