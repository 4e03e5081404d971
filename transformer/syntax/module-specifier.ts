/** How one file of a program imports something that another one exports. */
import path from "node:path";
import ts from "typescript";
import { isInPackage } from "./implementations.js";
import { isJavaScript, requiredModule } from "./javascript.js";

/** An export, as an import declaration of the asking file names it. */
export interface ImportedExport {
  readonly module: string;
  /** The exported name; "default" for the default export. */
  readonly name: string;
}

/**
 * The import by which a file reaches something that stands in another file, or null where that is not exported, or
 * stands in a package that the file does not import it from.
 */
export function importOfSymbol(target: ts.Symbol, from: ts.SourceFile, program: ts.Program): ImportedExport | null {
  const checker = program.getTypeChecker();
  const exportedAs = (module: ts.Symbol | undefined): string | null => {
    if (module === undefined) return null;
    for (const one of checker.getExportsOfModule(module)) if (isSame(one, target, checker)) return one.name;
    return null;
  };
  for (const statement of from.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const name = exportedAs(checker.getSymbolAtLocation(statement.moduleSpecifier));
    if (name !== null) return { module: statement.moduleSpecifier.text, name };
  }
  const file = target.declarations?.[0]?.getSourceFile();
  if (file === undefined || isInPackage(file, program)) return null;
  const name = exportedAs(checker.getSymbolAtLocation(file));
  return name === null ? null : { module: relativeSpecifier(from, file, program.getCompilerOptions()), name };
}

/** The same thing, seen as an alias, as an export or as a local name. */
function isSame(one: ts.Symbol, target: ts.Symbol, checker: ts.TypeChecker): boolean {
  const resolved = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
  if (resolved === target) return true;
  const declaration = target.declarations?.[0];
  return declaration !== undefined && resolved.declarations?.includes(declaration) === true;
}

/** How one file of the program names another, in the manner of the file's other imports. */
export function relativeSpecifier(from: ts.SourceFile, to: ts.SourceFile, options: ts.CompilerOptions): string {
  const relative = path.posix.relative(path.posix.dirname(from.fileName), to.fileName);
  const dotted = relative.startsWith(".") ? relative : `./${relative}`;
  const relatives = from.statements.flatMap(specifiersIn).filter((specifier) => specifier.startsWith("."));
  if (relatives.some((specifier) => /\.[cm]?tsx?$/.test(specifier))) return dotted;
  const needsExtension =
    options.moduleResolution === ts.ModuleResolutionKind.Node16 ||
    options.moduleResolution === ts.ModuleResolutionKind.NodeNext ||
    options.module === ts.ModuleKind.Node16 ||
    options.module === ts.ModuleKind.NodeNext ||
    relatives.some((specifier) => /\.[cm]?js$/.test(specifier)) ||
    // Nobody adds extensions to what JavaScript imports.
    (isJavaScript(from.fileName) && relatives.length === 0);
  if (needsExtension) return dotted.replace(/\.([cm]?)tsx?$/, ".$1js");
  return dotted.replace(/\.[cm]?[tj]sx?$/, "").replace(/\/index$/, "");
}

/** The modules that a statement imports or requires. */
function specifiersIn(statement: ts.Statement): readonly string[] {
  if (ts.isImportDeclaration(statement)) {
    return ts.isStringLiteral(statement.moduleSpecifier) ? [statement.moduleSpecifier.text] : [];
  }
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap((one) => requiredModule(one)?.text ?? []);
}
