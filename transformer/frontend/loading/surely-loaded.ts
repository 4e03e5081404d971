/**
 * Which modules are surely loaded before a derivative is called.
 *
 *   // third.ts, which nobody imports:
 *   config.rate = 7;         it may never run, or run while the program does
 *
 * A derivative is called by the files that ask for one. What a module does to objects of others while it is loaded counts
 * only if all those that can see these objects import it, too.
 */
import ts from "typescript";
import type { Machine } from "./machine.js";

type FileAt = Machine["fileAt"];

/** The files of a program that each file which asks for a derivative loads with what they import, if any of it. */
export function surelyLoaded(program: ts.Program, fileAt: FileAt): ReadonlySet<ts.SourceFile> {
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
  const imports = new Map<ts.SourceFile, readonly ts.SourceFile[]>();
  const importsOf = (file: ts.SourceFile): readonly ts.SourceFile[] => {
    const known = imports.get(file) ?? importedBy(file, fileAt);
    imports.set(file, known);
    return known;
  };
  const closureOf = (file: ts.SourceFile): ReadonlySet<ts.SourceFile> => {
    const closure = new Set([file]);
    for (const one of closure) for (const next of importsOf(one)) closure.add(next);
    return closure;
  };
  const askers = new Map<ts.SourceFile, number>();
  for (const file of files) {
    if (file.fileName.includes("/node_modules/") || !file.text.includes("enzyme")) continue;
    for (const one of closureOf(file)) askers.set(one, (askers.get(one) ?? 0) + 1);
  }
  const countOf = (file: ts.SourceFile): number => askers.get(file) ?? 0;
  return new Set(files.filter((file) => [...closureOf(file)].every((one) => countOf(one) === countOf(file))));
}

/** The files that a file loads when it is loaded. */
function importedBy(file: ts.SourceFile, fileAt: FileAt): readonly ts.SourceFile[] {
  const found = new Set<ts.SourceFile>();
  const add = (specifier: ts.Node | undefined): void => {
    const target = specifier !== undefined && ts.isStringLiteralLike(specifier) ? fileAt(specifier) : null;
    if (target !== null) found.add(target);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      if (!isOfTypes(node.importClause)) add(node.moduleSpecifier);
    } else if (ts.isExportDeclaration(node)) {
      if (!node.isTypeOnly) add(node.moduleSpecifier);
    } else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "require") {
      add(node.arguments[0]);
    }
    // A function that is called where it stands, or handed to such a one, is how modules are wrapped.
    if (ts.isFunctionLike(node) && !isHandedOver(node)) return;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found];
}

/** An import of nothing but types is left out of what runs. */
function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || ts.isNamespaceImport(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((one) => one.isTypeOnly);
}

function isHandedOver(node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  const { parent } = at;
  const isMember = ts.isPropertyAccessExpression(parent) && ts.isCallExpression(parent.parent);
  return ts.isCallExpression(parent) || isMember;
}
