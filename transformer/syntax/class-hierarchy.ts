/** Which classes of a program stand below a class or an interface. */
import ts from "typescript";
import { isJavaScript } from "./javascript.js";

/** Classes and interfaces by what they extend or implement. */
export type Hierarchy = ReadonlyMap<ts.Symbol, readonly Heir[]>;
export type Heir = ts.ClassLikeDeclaration | ts.InterfaceDeclaration;

export function readHierarchy(program: ts.Program): Hierarchy {
  const checker = program.getTypeChecker();
  const heirs = new Map<ts.Symbol, Heir[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node)) {
      for (const { expression } of node.heritageClauses?.flatMap(({ types }) => [...types]) ?? []) {
        const above = targetOf(checker.getSymbolAtLocation(expression), checker);
        if (above !== null) heirs.set(above, [...(heirs.get(above) ?? []), node]);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) visit(file);
  return heirs;
}

function targetOf(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): ts.Symbol | null {
  if (symbol === undefined) return null;
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The classes that extend a class. */
export const subclassesOf = (symbol: ts.Symbol, hierarchy: Hierarchy): readonly ts.ClassLikeDeclaration[] =>
  (hierarchy.get(symbol) ?? []).filter(ts.isClassLike);

/**
 * The classes that a value is made of whose type is an interface with methods, an abstract class, or a class of which
 * others below override methods: those below come first. null: the type is no such one, or one of its classes takes type
 * parameters.
 */
export function concreteClasses(
  type: ts.Type,
  hierarchy: Hierarchy,
  checker: ts.TypeChecker,
): readonly ts.ClassDeclaration[] | null {
  const symbol = type.getSymbol();
  const declaration = symbol?.declarations?.find(
    (one): one is Heir => ts.isClassLike(one) || ts.isInterfaceDeclaration(one),
  );
  if (symbol === undefined || declaration === undefined || !isOpen(declaration, hierarchy, checker)) return null;
  const classes: ts.ClassDeclaration[] = [];
  const seen = new Set<Heir>([declaration]);
  const collect = (of: ts.Symbol): boolean =>
    (hierarchy.get(of) ?? []).every((heir) => {
      if (seen.has(heir)) return true;
      seen.add(heir);
      if (heir.typeParameters !== undefined || heir.name === undefined) return false;
      const own = checker.getSymbolAtLocation(heir.name);
      if (own === undefined || !collect(own)) return false;
      if (ts.isClassDeclaration(heir) && !isAbstract(heir)) classes.push(heir);
      return ts.isInterfaceDeclaration(heir) || ts.isClassDeclaration(heir);
    });
  if (declaration.typeParameters !== undefined || !collect(symbol)) return null;
  if (ts.isClassDeclaration(declaration) && !isAbstract(declaration)) classes.push(declaration);
  return classes.length > 0 ? classes : null;
}

/** Are there methods that each class below brings? */
function isOpen(node: Heir, hierarchy: Hierarchy, checker: ts.TypeChecker): boolean {
  if (ts.isClassLike(node)) {
    const file = node.getSourceFile();
    if (file.isDeclarationFile) return false;
    return isAbstract(node) || (!isJavaScript(file.fileName) && isOverridden(node, hierarchy, checker));
  }
  return node.members.some((one) => ts.isMethodSignature(one) || ts.isGetAccessorDeclaration(one));
}

/** Does a class below have a method or an accessor of its own that this class, or one above it, has too? */
function isOverridden(node: ts.ClassLikeDeclaration, hierarchy: Hierarchy, checker: ts.TypeChecker): boolean {
  const symbol = node.name === undefined ? undefined : checker.getSymbolAtLocation(node.name);
  if (symbol === undefined || !hierarchy.has(symbol)) return false;
  const accessed = ts.SymbolFlags.Method | ts.SymbolFlags.Accessor;
  const names = new Set(
    checker
      .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
      .flatMap((one) => (one.flags & accessed ? [one.name] : [])),
  );
  const seen = new Set<ts.Symbol>();
  const overrides = (above: ts.Symbol): boolean => {
    if (seen.has(above)) return false;
    seen.add(above);
    return subclassesOf(above, hierarchy).some((one) => {
      const own = one.name === undefined ? undefined : checker.getSymbolAtLocation(one.name);
      return (
        one.members.some((member) => isRun(member) && names.has(member.name.getText())) ||
        (own !== undefined && overrides(own))
      );
    });
  };
  return overrides(symbol);
}

const isRun = (node: ts.ClassElement): node is ts.MethodDeclaration | ts.AccessorDeclaration =>
  (ts.isMethodDeclaration(node) || ts.isAccessor(node)) &&
  (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) === 0;

export const isAbstract = (node: ts.ClassLikeDeclaration): boolean =>
  (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) !== 0;
