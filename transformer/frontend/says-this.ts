/** Functions that ask for the object they are called on. */
import ts from "typescript";

/** Is `this` said in a function, or in an arrow function in it? */
export function saysThis(node: ts.Node): boolean {
  const visit = (at: ts.Node): boolean =>
    at.kind === ts.SyntaxKind.ThisKeyword ||
    at.kind === ts.SyntaxKind.SuperKeyword ||
    (!(ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at) || ts.isClassLike(at)) &&
      ts.forEachChild(at, (child) => visit(child) || undefined) === true);
  return ts.forEachChild(node, (child) => visit(child) || undefined) === true;
}
