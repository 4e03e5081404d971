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
  return node !== undefined && isVisible(node, outputFile, session) ? node.getText() : null;
}

/** Do all names in a type mean the same at the top of the output file? */
function isVisible(node: ts.Node, outputFile: ts.SourceFile, session: LoweringSession): boolean {
  if (ts.isImportTypeNode(node) && node.getSourceFile() !== outputFile) return false;
  if (ts.isExpressionWithTypeArguments(node)) return false;
  const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isTypeQueryNode(node) ? node.exprName : null;
  if (name !== null && !isVisibleType(rootOf(name), outputFile, session)) return false;
  return ts.forEachChild(node, (child) => !isVisible(child, outputFile, session) || undefined) !== true;
}

function rootOf(name: ts.EntityName): ts.Identifier {
  return ts.isQualifiedName(name) ? rootOf(name.left) : name;
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
  const flags = [ts.SymbolFlags.Type, ts.SymbolFlags.Namespace, ts.SymbolFlags.Value, ts.SymbolFlags.Alias];
  return flags
    .flatMap((flag) => checker.getSymbolsInScope(outputFile, flag))
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
  const inScope = [ts.SymbolFlags.Type, ts.SymbolFlags.Alias].flatMap((flag) =>
    session.checker.getSymbolsInScope(file, flag),
  );
  for (const symbol of inScope) {
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
