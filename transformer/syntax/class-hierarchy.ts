/** Which classes of a program stand below a class or an interface. */
import ts from "typescript";
import { isJavaScript } from "./javascript.js";

export interface Hierarchy {
  /** Classes and interfaces by what they extend or implement. */
  readonly heirs: ReadonlyMap<ts.Symbol, readonly Heir[]>;
  /** Classes that an `instanceof` asks for. */
  readonly asked: ReadonlySet<ts.Symbol>;
}
export type Heir = ts.ClassLikeDeclaration | ts.InterfaceDeclaration;

export function readHierarchy(program: ts.Program): Hierarchy {
  const checker = program.getTypeChecker();
  const heirs = new Map<ts.Symbol, Heir[]>();
  const asked = new Set<ts.Symbol>();
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node)) {
      for (const { expression } of node.heritageClauses?.flatMap(({ types }) => [...types]) ?? []) {
        const above = targetOf(checker.getSymbolAtLocation(expression), checker);
        if (above !== null) heirs.set(above, [...(heirs.get(above) ?? []), node]);
      }
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) {
      const of = targetOf(checker.getSymbolAtLocation(node.right), checker);
      if (of !== null) asked.add(of);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) visit(file);
  return { heirs, asked };
}

function targetOf(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): ts.Symbol | null {
  if (symbol === undefined) return null;
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The classes that extend a class. */
export const subclassesOf = (symbol: ts.Symbol, hierarchy: Hierarchy): readonly ts.ClassLikeDeclaration[] =>
  (hierarchy.heirs.get(symbol) ?? []).filter(ts.isClassLike);

/**
 * The classes that a value is made of whose type is an interface with methods, an abstract class, or a class of which
 * others below override methods, or are asked for: those below come first. null: the type is no such one, or one of its classes takes type
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
    (hierarchy.heirs.get(of) ?? []).every((heir) => {
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
    if (isAbstract(node) || isJavaScript(file.fileName)) return isAbstract(node);
    return isOverridden(node, hierarchy, checker) || isTold(node, hierarchy, checker);
  }
  return node.members.some((one) => ts.isMethodSignature(one) || ts.isGetAccessorDeclaration(one));
}

/** Does the program ask whether an instance is one of a class below, `v instanceof Vec3`? */
function isTold(node: ts.ClassLikeDeclaration, hierarchy: Hierarchy, checker: ts.TypeChecker): boolean {
  const symbol = node.name === undefined ? undefined : checker.getSymbolAtLocation(node.name);
  const seen = new Set<ts.Symbol>();
  const isAsked = (above: ts.Symbol): boolean => {
    if (seen.has(above)) return false;
    seen.add(above);
    return subclassesOf(above, hierarchy).some(({ name }) => {
      const own = name === undefined ? undefined : checker.getSymbolAtLocation(name);
      return own !== undefined && (hierarchy.asked.has(own) || isAsked(own));
    });
  };
  return symbol !== undefined && isAsked(symbol);
}

/** Does a class below have a method or an accessor of its own that this class, or one above it, has too? */
function isOverridden(node: ts.ClassLikeDeclaration, hierarchy: Hierarchy, checker: ts.TypeChecker): boolean {
  const symbol = node.name === undefined ? undefined : checker.getSymbolAtLocation(node.name);
  if (symbol === undefined || !hierarchy.heirs.has(symbol)) return false;
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
