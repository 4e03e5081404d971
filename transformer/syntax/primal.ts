import ts from "typescript";
import type { Primal } from "../derivative-request.js";
import { bareExpression } from "./bare-expression.js";
import { capturesOf, hasFunctionAround } from "./captures.js";
import type { Implementations } from "./implementations.js";
import { commonJsExports, exportedName, isCommonJs } from "./javascript.js";
import { spanOf, spanOfHead } from "./span.js";
import { symbolOf } from "./symbol-of.js";

export type PrimalNode = Primal["node"];

/** Why an expression names no function that can be differentiated. */
export type NoPrimal =
  | { readonly kind: "notFound"; readonly what: string }
  | { readonly kind: "noBody"; readonly name: string }
  | { readonly kind: "noSource"; readonly name: string }
  /** A generic function for certain types: `f<number[]>`. */
  | { readonly kind: "instantiated"; readonly name: string; readonly text: string }
  | { readonly kind: "captures"; readonly name: string; readonly captured: string };

export type PrimalOrNot = { readonly kind: "primal"; readonly primal: Primal } | NoPrimal;

/** The function that an argument of the macro names, or stands for. */
export function primalOfExpression(
  argument: ts.Expression,
  program: ts.Program,
  implementations: Implementations,
): PrimalOrNot {
  const checker = program.getTypeChecker();
  const expression = bareExpression(argument);
  if (ts.isArrowFunction(expression) || ts.isFunctionExpression(expression)) return primalOfNode(expression, program);
  if (ts.isExpressionWithTypeArguments(expression)) return primalOfInstantiation(expression, program, implementations);
  if (!ts.isIdentifier(expression) && !ts.isPropertyAccessExpression(expression)) {
    return { kind: "notFound", what: "this expression" };
  }
  const named = symbolOf(expression, checker);
  const symbol = (named === undefined ? null : implementations.of(named)) ?? named;
  const declarations = symbol?.declarations ?? [];
  if (symbol === undefined || declarations.length === 0)
    return { kind: "notFound", what: `\`${expression.getText()}\`` };
  for (const declaration of declarations) {
    const node = functionOfDeclaration(declaration);
    if (node !== null && node.body !== undefined && !node.getSourceFile().isDeclarationFile) {
      return primalOfNode(node, program);
    }
  }
  const first = declarations[0];
  if (first !== undefined && first.getSourceFile().isDeclarationFile) return { kind: "noSource", name: symbol.name };
  if (declarations.some((declaration) => functionOfDeclaration(declaration) !== null)) {
    return { kind: "noBody", name: symbol.name };
  }
  return { kind: "notFound", what: `\`${expression.getText()}\`` };
}

/** `f<number>` is `f`, where that is what its type parameters are declared to be anyway. */
function primalOfInstantiation(
  { expression, typeArguments }: ts.ExpressionWithTypeArguments,
  program: ts.Program,
  implementations: Implementations,
): PrimalOrNot {
  const checker = program.getTypeChecker();
  const found = primalOfExpression(expression, program, implementations);
  if (found.kind !== "primal") return found;
  const isBound = typeArguments?.every((argument, k) => {
    const declared = found.primal.node.typeParameters?.[k]?.constraint;
    return (
      declared !== undefined &&
      checker.isTypeAssignableTo(checker.getTypeFromTypeNode(declared), checker.getTypeFromTypeNode(argument))
    );
  });
  return isBound !== false ? found : { kind: "instantiated", name: found.primal.name, text: expression.getText() };
}

/** The function that a declaration holds: itself, or the initializer of a const or property. */
function functionOfDeclaration(declaration: ts.Declaration): PrimalNode | null {
  if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) return declaration;
  if (ts.isFunctionExpression(declaration) || ts.isArrowFunction(declaration)) return declaration;
  if (ts.isVariableDeclaration(declaration)) {
    if (!(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const)) return null;
    return functionOfInitializer(declaration.initializer);
  }
  if (ts.isPropertyAssignment(declaration)) return functionOfInitializer(declaration.initializer);
  if (ts.isPropertyDeclaration(declaration) && isStatic(declaration))
    return functionOfInitializer(declaration.initializer);
  // `exports.f = function (x) { ... }`
  const assignment = ts.isPropertyAccessExpression(declaration) ? declaration.parent : declaration;
  if (exportedName(assignment) !== null && ts.isBinaryExpression(assignment)) {
    return functionOfInitializer(assignment.right);
  }
  return null;
}

function functionOfInitializer(initializer: ts.Expression | undefined): PrimalNode | null {
  if (initializer === undefined) return null;
  const expression = bareExpression(initializer);
  return ts.isArrowFunction(expression) || ts.isFunctionExpression(expression) ? expression : null;
}

function isStatic(node: ts.MethodDeclaration | ts.PropertyDeclaration): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword) === true;
}

/** A function as a primal: its name, whether others can see it, and which variables around it it uses. */
export function primalOfNode(node: PrimalNode, program: ts.Program): PrimalOrNot {
  const sourceFile = node.getSourceFile();
  if (ts.isMethodDeclaration(node) && ts.isClassLike(node.parent) && !isStatic(node)) {
    return { kind: "notFound", what: `the method \`${node.name.getText()}\`` };
  }
  const name = nameOf(node);
  const { captures, refused } = capturesOf(node, program.getTypeChecker());
  if (refused !== null) return { kind: "captures", name: name.text, captured: refused };
  return {
    kind: "primal",
    primal: {
      node,
      sourceFile,
      name: name.text,
      nameSpan: ts.isSourceFile(name.node) ? spanOfHead(node, sourceFile) : spanOf(name.node, sourceFile),
      captures,
      exported: name.node !== node && !hasFunctionAround(node) && isExported(node, program.getTypeChecker()),
    },
  };
}

/** `loss`, `Layout.energy`, the const that an arrow is assigned to, or "inline" for a function without any name. */
function nameOf(node: PrimalNode): { readonly text: string; readonly node: ts.Node } {
  if (ts.isFunctionDeclaration(node)) {
    if (node.name !== undefined) return { text: node.name.text, node: node.name };
    return { text: "defaultExport", node: node.parent };
  }
  const holder = ts.isMethodDeclaration(node) ? node : outerParent(node);
  if (ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name))
    return { text: holder.name.text, node: holder.name };
  if (ts.isMethodDeclaration(holder) || ts.isPropertyAssignment(holder) || ts.isPropertyDeclaration(holder)) {
    const owner = ownerName(holder.parent);
    const own = ts.isIdentifier(holder.name) ? holder.name.text : "member";
    return { text: owner === null ? own : `${owner}.${own}`, node: holder.name };
  }
  const assigned = exportedName(holder);
  if (assigned !== null) return { text: assigned.text, node: assigned };
  if (ts.isFunctionExpression(node) && node.name !== undefined) return { text: node.name.text, node: node.name };
  return { text: "inline", node };
}

/** The parent behind parentheses and assertions. */
function outerParent(node: ts.Node): ts.Node {
  let parent = node.parent;
  while (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent)) {
    parent = parent.parent;
  }
  return parent;
}

function ownerName(owner: ts.Node): string | null {
  if (ts.isClassLike(owner)) return owner.name?.text ?? null;
  const holder = outerParent(owner);
  return ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) ? holder.name.text : null;
}

/** The statement of the file that a node belongs to. */
function topStatement(node: ts.Node): ts.Node {
  let current = node;
  while (!ts.isSourceFile(current.parent)) current = current.parent;
  return current;
}

function isExported(node: PrimalNode, checker: ts.TypeChecker): boolean {
  const sourceFile = node.getSourceFile();
  const statement = topStatement(node);
  if (ts.canHaveModifiers(statement)) {
    if (ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) === true)
      return true;
  }
  if (isCommonJs(sourceFile)) {
    const named = new Set<ts.Node>([node, ...namesDeclaredBy(statement)]);
    return commonJsExports(sourceFile).some(
      (one) => named.has(one) || checker.getSymbolAtLocation(one)?.declarations?.some((at) => named.has(at)) === true,
    );
  }
  // `export { loss }`, `export default loss`
  const module = checker.getSymbolAtLocation(sourceFile);
  if (module === undefined) return false;
  const names = new Set<ts.Node>(namesDeclaredBy(statement));
  return checker.getExportsOfModule(module).some((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return target.declarations?.some((declaration) => names.has(declaration)) === true;
  });
}

function namesDeclaredBy(statement: ts.Node): readonly ts.Node[] {
  return ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
}
