/** Types as the user wrote them, where the output file understands them in the same way. */
import ts from "typescript";
import type { RecordType, Type } from "../ir/ir.js";
import { isRecursive, recordsIn } from "../ir/recursive.js";
import { typeOf } from "../syntax/type-of.js";
import { isJavaScript } from "../syntax/javascript.js";
import { resolveAlias } from "./assigned-symbols.js";
import { isLibrarySymbol } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** The text of a type for a signature in the output file; null: print it from what it means. */
export function typeTextIn(
  outputFile: ts.SourceFile,
  node: ts.TypeNode | undefined,
  session: LoweringSession,
): string | null {
  if (node === undefined || (isJavaScript(node.getSourceFile().fileName) && node.getSourceFile() !== outputFile))
    return null;
  return isVisible(node, outputFile, session) ? textWithBounds(node, session) : null;
}

/** `readonly T[]` under `<T extends number>`: `readonly number[]`. */
function textWithBounds(node: ts.TypeNode, session: LoweringSession): string {
  const start = node.getStart();
  let text = node.getText();
  const bounded: ts.Node[] = [];
  const visit = (at: ts.Node): void => {
    if (isBoundedNumber(at, session)) bounded.push(at);
    else ts.forEachChild(at, visit);
  };
  visit(node);
  for (const at of bounded.reverse())
    text = `${text.slice(0, at.getStart() - start)}number${text.slice(at.getEnd() - start)}`;
  return text;
}

/** A type parameter that can be numbers only. */
function isBoundedNumber(node: ts.Node, { checker, types }: LoweringSession): boolean {
  if (!ts.isTypeReferenceNode(node)) return false;
  const type = checker.getTypeFromTypeNode(node);
  return (type.flags & ts.TypeFlags.TypeParameter) !== 0 && typeOf(type, types) !== null;
}

/** Do all names in a type mean the same at the top of the output file? */
function isVisible(node: ts.Node, outputFile: ts.SourceFile, session: LoweringSession): boolean {
  if (ts.isImportTypeNode(node) && node.getSourceFile() !== outputFile) return false;
  if (ts.isExpressionWithTypeArguments(node)) return false;
  if (isBoundedNumber(node, session)) return true;
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

/** The names by which a file calls interfaces, types and classes. */
export interface TypeNames {
  /** Generic ones are left out: their name alone is no type. */
  readonly types: ReadonlySet<string>;
  /** Those of classes that are there at run time, and not imported as types only. */
  readonly classes: ReadonlySet<string>;
}

export function typeNamesIn(file: ts.SourceFile, session: LoweringSession): TypeNames {
  const known = session.typeNames.get(file);
  if (known !== undefined) return known;
  const [types, classes] = [new Set<string>(), new Set<string>()];
  const inScope = [ts.SymbolFlags.Type, ts.SymbolFlags.Alias].flatMap((flag) =>
    session.checker.getSymbolsInScope(file, flag),
  );
  for (const symbol of inScope) {
    // What is exported is in scope by a local symbol that says nothing of itself.
    const target = session.checker.getExportSymbolOfSymbol(resolveAlias(session, symbol));
    if (!(target.flags & ts.SymbolFlags.Type) || isLibrarySymbol(session, target)) continue;
    if (target.declarations?.some(isGeneric) === true) continue;
    types.add(symbol.name);
    if (
      target.flags & ts.SymbolFlags.Class &&
      symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) !== true
    )
      classes.add(symbol.name);
  }
  const names = { types, classes };
  session.typeNames.set(file, names);
  return names;
}

const isGeneric = (declaration: ts.Declaration): boolean =>
  (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration) || ts.isClassLike(declaration)) &&
  (declaration.typeParameters?.length ?? 0) > 0;

/**
 * Can a file write down a type and its shadow? It must know by name each class that has private members, since a type
 * that spells out its fields does not take its instances, and each type that holds itself.
 */
export function canName(type: Type, file: ts.SourceFile, session: LoweringSession): boolean {
  const { types } = typeNamesIn(file, session);
  return [...recordsIn(type)].every((record) => {
    const { name, instance } = record;
    const isHidden = (instance?.hidden.size ?? 0) > 0;
    // One without a name is declared beside the derivative: see emit/typescript/linked-types.ts.
    if (isRecursive(record)) return !isHidden && (name === null || types.has(name));
    return !isHidden || (name !== null && types.has(name));
  });
}

/** The class in a type that leads back to itself and has private members: no shadow of it can be written down. */
export const closedCircle = (type: Type): RecordType | undefined =>
  [...recordsIn(type)].find((record) => (record.instance?.hidden.size ?? 0) > 0 && isRecursive(record));

/** How to open it. */
export const openingAdvice = ({ name, instance }: RecordType): string =>
  `declare ${[...(instance?.hidden ?? [])].map((one) => `\`${one}\``).join(", ")} of ${name ?? "the class"} readonly instead of private`;

const isAtTop = (declaration: ts.Declaration): boolean =>
  ts.isSourceFile(declaration.parent) ||
  ts.isImportSpecifier(declaration) ||
  ts.isImportClause(declaration) ||
  ts.isNamespaceImport(declaration);
