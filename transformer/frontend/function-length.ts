/** `f.length`: how many parameters a function has before the first that need not be given. */
import ts from "typescript";

export function functionLength(node: ts.FunctionLikeDeclaration): number {
  const parameters = node.parameters.filter(({ name }) => !(ts.isIdentifier(name) && name.text === "this"));
  const first = parameters.findIndex((one) => one.initializer !== undefined || one.dotDotDotToken !== undefined);
  return first < 0 ? parameters.length : first;
}
