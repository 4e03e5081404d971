/** Which classes of a program stand below a class or an interface. */
import ts from "typescript";

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
 * The classes that a value is made of whose type is an interface with methods, or an abstract class: those below come
 * first. null: the type is no such one, or one of its classes takes type parameters.
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
  if (symbol === undefined || declaration === undefined || !isOpen(declaration)) return null;
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
  return declaration.typeParameters === undefined && collect(symbol) && classes.length > 0 ? classes : null;
}

/** Are there no instances of just this, and methods that each class below brings? */
function isOpen(node: Heir): boolean {
  if (ts.isClassLike(node)) return isAbstract(node) && !node.getSourceFile().isDeclarationFile;
  return node.members.some((one) => ts.isMethodSignature(one) || ts.isGetAccessorDeclaration(one));
}

export const isAbstract = (node: ts.ClassLikeDeclaration): boolean =>
  (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) !== 0;
