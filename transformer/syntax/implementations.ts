/** Packages that ship JavaScript beside declarations: which function of the one a name of the other stands for. */
import ts from "typescript";

/**
 * From declarations that imports lead to, to the files that run instead of them. A declaration is a file, or the name of
 * an ambient module: `"gl-matrix"`, with its quotes.
 */
export type PackageSources = ReadonlyMap<string, string>;

export interface Implementations {
  /** What runs under a name that is only declared; null: it is not known. */
  of(symbol: ts.Symbol): ts.Symbol | null;
  /** The signature that a function of JavaScript is declared with elsewhere, or null. */
  signatureOf(declaration: ts.SignatureDeclaration): ts.Signature | null;
  /** The name that a variable of JavaScript is declared under elsewhere, or null. */
  declaredName(declaration: ts.VariableDeclaration): ts.Symbol | null;
}

/** The symbol behind imports and re-exports. */
const behind = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/**
 * Walks the exports of each declaration file beside those of the file that runs.
 *
 *   // index.d.ts                                        // index.js
 *   export function hypot(x: number): number;     <=>    export function hypot(x) { ... }
 *   export declare class Vector { dot(): number } <=>    class Vector { dot() { ... } }   module.exports = { Vector }
 */
export function createImplementations(program: ts.Program, sources: PackageSources): Implementations {
  const checker = program.getTypeChecker();
  const sourceOf = new Map<ts.Symbol, ts.Symbol>();
  const declaredAs = new Map<ts.Node, ts.Symbol>();
  let isWalked = false;

  const walk = (): void => {
    isWalked = true;
    const ambient = checker.getAmbientModules();
    for (const [declarations, source] of sources) {
      const declared = ambient.find(({ name }) => name === declarations) ?? moduleOf(declarations);
      const running = moduleOf(source);
      if (declared !== undefined && running !== undefined) pairModules(declared, running);
    }
  };

  const moduleOf = (name: string): ts.Symbol | undefined => {
    const file: Bound | undefined = program.getSourceFile(name);
    // The checker knows no symbol of a CommonJS file, but the binder does.
    return file === undefined ? undefined : (checker.getSymbolAtLocation(file) ?? file.symbol);
  };

  const pair = (declared: ts.Symbol, running: ts.Symbol): void => {
    const [a, b] = [behind(declared, checker), original(running, checker)];
    if (a === b || !isOnlyDeclared(a) || sourceOf.has(a)) return;
    sourceOf.set(a, b);
    for (const one of b.declarations ?? []) {
      const fn = functionOf(one) ?? (ts.isVariableDeclaration(one) ? one : null);
      if (fn !== null && !declaredAs.has(fn)) declaredAs.set(fn, a);
    }
    if (a.flags & ts.SymbolFlags.Module) pairModules(a, b);
    if (a.flags & ts.SymbolFlags.Class) pairMembers(a, b);
  };

  const pairModules = (declared: ts.Symbol, running: ts.Symbol): void => {
    // What is exported by a name is taken by that: the default is often a copy of it.
    const names = [...checker.getExportsOfModule(declared)].sort((a, b) => Number(isDefault(a)) - Number(isDefault(b)));
    for (const one of names) {
      const other = exportOf(running, one.name, checker);
      if (other !== null) pair(one, other);
    }
    const whole = declared.exports?.get(ts.InternalSymbolName.ExportEquals);
    const other = whole === undefined ? null : exportOf(running, exportEquals, checker);
    if (whole !== undefined && other !== null) pair(whole, other);
  };

  const pairMembers = (declared: ts.Symbol, running: ts.Symbol): void => {
    for (const side of ["members", "exports"] as const) {
      declared[side]?.forEach((one, name) => {
        const other = running[side]?.get(name);
        if (other !== undefined) pair(one, other);
      });
    }
  };

  return {
    of(symbol) {
      if (sources.size === 0 || !isOnlyDeclared(symbol)) return null;
      if (!isWalked) walk();
      return sourceOf.get(symbol) ?? null;
    },
    signatureOf(declaration) {
      if (sources.size === 0) return null;
      if (!isWalked) walk();
      const symbol = declaredAs.get(declaration);
      if (symbol === undefined) return null;
      // Of overloads the last, as everywhere.
      return checker.getSignaturesOfType(checker.getTypeOfSymbol(symbol), ts.SignatureKind.Call).at(-1) ?? null;
    },
    declaredName(declaration) {
      if (sources.size === 0) return null;
      if (!isWalked) walk();
      return declaredAs.get(declaration) ?? null;
    },
  };
}

/** What the binder knows of a file. */
interface Bound extends ts.SourceFile {
  readonly symbol?: ts.Symbol;
}

const isDefault = ({ name }: ts.Symbol): boolean => name === "default";

/** `export const f = other.f`: what the constant stands for. */
function original(symbol: ts.Symbol, checker: ts.TypeChecker, depth = 0): ts.Symbol {
  const target = behind(symbol, checker);
  const declaration = target.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || depth > 8) return target;
  const value = declaration.initializer;
  const isConst = (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  if (value === undefined || !(isConst || target.declarations?.length === 1)) return target;
  if (!ts.isIdentifier(value) && !ts.isPropertyAccessExpression(value)) return target;
  const other = checker.getSymbolAtLocation(value);
  return other === undefined ? target : original(other, checker, depth + 1);
}

/** Does a symbol stand in declaration files only? */
const isOnlyDeclared = ({ declarations }: ts.Symbol): boolean =>
  declarations !== undefined && declarations.every((one) => one.getSourceFile().isDeclarationFile);

const exportEquals: string = ts.InternalSymbolName.ExportEquals;

/** An export by its name; of `module.exports = { f }` too, and the whole as the default where there is no other. */
function exportOf(module: ts.Symbol, name: string, checker: ts.TypeChecker): ts.Symbol | null {
  const names = checker.getExportsOfModule(module);
  const own = names.find((one) => one.name === name);
  if (own !== undefined) return own;
  const whole = module.exports?.get(ts.InternalSymbolName.ExportEquals);
  if (whole === undefined) return name === exportEquals ? (names.find(isDefault) ?? null) : null;
  if (name === exportEquals || name === "default") return whole;
  const target = behind(whole, checker);
  return target.exports?.get(ts.escapeLeadingUnderscores(name)) ?? propertyOf(whole, name, checker);
}

function propertyOf(whole: ts.Symbol, name: string, checker: ts.TypeChecker): ts.Symbol | null {
  return checker.getPropertyOfType(checker.getTypeOfSymbol(whole), name) ?? null;
}

/** The function that a declaration of JavaScript gives a name to. */
function functionOf(declaration: ts.Node): ts.SignatureDeclaration | null {
  if (ts.isFunctionLike(declaration)) return declaration;
  if (ts.isSourceFile(declaration)) return null;
  const value =
    ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)
      ? declaration.initializer
      : ts.isBinaryExpression(declaration)
        ? declaration.right
        : ts.isBinaryExpression(declaration.parent)
          ? declaration.parent.right
          : undefined;
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? value : null;
}

/** Does a file belong to a package that somebody else wrote? */
export const isInPackage = (file: ts.SourceFile, program: ts.Program): boolean =>
  program.isSourceFileFromExternalLibrary(file) || file.fileName.includes("/node_modules/");
