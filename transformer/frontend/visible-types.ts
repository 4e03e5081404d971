/** Types as the user wrote them, where the output file understands them in the same way. */
import ts from "typescript";
import { resolveAlias } from "./assigned-symbols.js";
import { isLibrarySymbol } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** The text of a type for a signature in the output file; null: print it from what it means. */
export function typeTextIn(
  outputFile: ts.SourceFile,
  node: ts.TypeNode | undefined,
  session: LoweringSession,
): string | null {
  if (node === undefined) return null;
  let visible = true;
  const visit = (at: ts.Node): void => {
    if (ts.isImportTypeNode(at)) visible &&= node.getSourceFile() === outputFile;
    else if (ts.isTypeReferenceNode(at)) check(at.typeName);
    else if (ts.isTypeQueryNode(at)) check(at.exprName);
    else if (ts.isExpressionWithTypeArguments(at)) visible = false;
    ts.forEachChild(at, visit);
  };
  const check = (name: ts.EntityName): void => {
    let root = name;
    while (ts.isQualifiedName(root)) root = root.left;
    visible &&= isVisibleType(root, outputFile, session);
  };
  visit(node);
  return visible ? node.getText() : null;
}

/** Does a name of a type, of a namespace or of a value in a type mean the same at the top of the output file? */
export function isVisibleType(name: ts.Identifier, outputFile: ts.SourceFile, session: LoweringSession): boolean {
  const { checker } = session;
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return false;
  if (symbol.declarations?.some((one) => one.getSourceFile() === outputFile && isAtTop(one)) === true) return true;
  const target = resolveAlias(session, symbol);
  if (isLibrarySymbol(session, target)) return true;
  const declarations = target.declarations ?? [];
  const flags = ts.SymbolFlags.Type | ts.SymbolFlags.Namespace | ts.SymbolFlags.Value | ts.SymbolFlags.Alias;
  return checker
    .getSymbolsInScope(outputFile, flags)
    .some(
      (one) =>
        one.name === name.text &&
        resolveAlias(session, one).declarations?.some((declaration) => declarations.includes(declaration)) === true,
    );
}

/**
 * The names by which a file calls its interfaces and types. Those of classes are left out: what is known of an instance
 * are its fields, and an object of just those is none. So are generic ones, whose name alone is no type.
 */
export function typeNamesIn(file: ts.SourceFile, session: LoweringSession): ReadonlySet<string> {
  const names = new Set<string>();
  const flags = ts.SymbolFlags.Type | ts.SymbolFlags.Alias;
  for (const symbol of session.checker.getSymbolsInScope(file, flags)) {
    const target = resolveAlias(session, symbol);
    if (!(target.flags & ts.SymbolFlags.Type) || target.flags & ts.SymbolFlags.Class) continue;
    if (isLibrarySymbol(session, target) || target.declarations?.some(isGeneric) === true) continue;
    names.add(symbol.name);
  }
  return names;
}

const isGeneric = (declaration: ts.Declaration): boolean =>
  (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)) &&
  (declaration.typeParameters?.length ?? 0) > 0;

const isAtTop = (declaration: ts.Declaration): boolean =>
  ts.isSourceFile(declaration.parent) ||
  ts.isImportSpecifier(declaration) ||
  ts.isImportClause(declaration) ||
  ts.isNamespaceImport(declaration);
