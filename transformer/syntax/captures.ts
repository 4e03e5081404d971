/** What a function inside another one uses of the variables around it. */
import ts from "typescript";
import type { Capture } from "../derivative-request.js";
import { bareExpression } from "./bare-expression.js";
import { innerMacro } from "./macro.js";

export interface Captures {
  readonly captures: readonly Capture[];
  /** What is used and cannot be handed over: `this`, a type parameter, a class. */
  readonly refused: string | null;
}

type FunctionNode = ts.FunctionLikeDeclaration;

/**
 * The variables and functions of enclosing functions that a function uses, those included that such a function uses in
 * its turn. What is declared at the top of a file is visible where a derivative stands, and so is no capture.
 */
export function capturesOf(node: FunctionNode, checker: ts.TypeChecker): Captures {
  if (!hasFunctionAround(node)) return { captures: [], refused: null };
  const captures = new Map<ts.Symbol, Capture>();
  let refused: string | null = null;
  const pending: ts.Node[] = [node];

  const use = (symbol: ts.Symbol, declaration: ts.Declaration, name: string): void => {
    if (captures.has(symbol)) return;
    const fn = localFunction(declaration);
    const macro = localDerivative(declaration, checker);
    if (fn !== null) {
      captures.set(symbol, { kind: "function", symbol, name, node: fn });
      pending.push(fn);
    } else if (macro !== null) {
      captures.set(symbol, { kind: "derivative", symbol, name, macro });
      pending.push(macro);
    } else if (
      ts.isVariableDeclaration(declaration) ||
      ts.isParameter(declaration) ||
      ts.isBindingElement(declaration)
    ) {
      captures.set(symbol, { kind: "value", symbol, name });
    } else refused ??= name;
  };

  const visit = (child: ts.Node, root: ts.Node): void => {
    if (child.kind === ts.SyntaxKind.ThisKeyword && seesOuterThis(child, root)) refused ??= "this";
    if (ts.isIdentifier(child) && !isMemberName(child)) {
      const symbol = ts.isShorthandPropertyAssignment(child.parent)
        ? checker.getShorthandAssignmentValueSymbol(child.parent)
        : checker.getSymbolAtLocation(child);
      const declaration = symbol?.declarations?.[0];
      if (symbol !== undefined && declaration !== undefined && isOuterLocal(declaration, root, node)) {
        use(symbol, declaration, child.text);
      }
    }
    ts.forEachChild(child, (inner) => visit(inner, root));
  };
  for (let root = pending.pop(); root !== undefined; root = pending.pop()) {
    const here = root;
    ts.forEachChild(here, (child) => visit(child, here));
  }
  return { captures: [...captures.values()], refused };
}

/** Does a node stand inside a function, or in a block that has variables of its own? */
export function hasFunctionAround(node: ts.Node): boolean {
  for (let outer = node.parent; !ts.isSourceFile(outer); outer = outer.parent) {
    // Blocks, loops and switches at the top of a file have variables of their own as well.
    if (ts.isFunctionLike(outer) || ts.isBlock(outer) || ts.isCaseBlock(outer)) return true;
    if (ts.isIterationStatement(outer, false)) return true;
  }
  return false;
}

/** A function declared or held by a const inside a function. */
function localFunction(declaration: ts.Declaration): FunctionNode | null {
  if (ts.isFunctionDeclaration(declaration)) return declaration.body === undefined ? null : declaration;
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return null;
  if (!(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const)) return null;
  const held = bareExpression(declaration.initializer);
  return ts.isArrowFunction(held) || ts.isFunctionExpression(held) ? held : null;
}

/** The macro that a const inside a function was given. */
function localDerivative(declaration: ts.Declaration, checker: ts.TypeChecker): ts.Expression | null {
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return null;
  if (!(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const)) return null;
  return innerMacro(declaration.initializer, checker);
}

/** `n.v`: a field may be declared as a parameter of its constructor, and is no variable. */
const isMemberName = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
  (ts.isBindingElement(node.parent) && node.parent.propertyName === node);

/** `this` of an arrow function is that of the code around it. */
function seesOuterThis(node: ts.Node, root: ts.Node): boolean {
  for (let outer: ts.Node = node; ; outer = outer.parent) {
    if (ts.isFunctionLike(outer) && !ts.isArrowFunction(outer)) return false;
    if (outer === root) return true;
  }
}

/** Declared in the same file outside of the function, and not at the top of the file. */
function isOuterLocal(declaration: ts.Declaration, root: ts.Node, primal: ts.Node): boolean {
  if (declaration.getSourceFile() !== root.getSourceFile()) return false;
  if (ts.isTypeElement(declaration) || ts.isClassElement(declaration) || ts.isObjectLiteralElement(declaration)) {
    return false;
  }
  for (let outer: ts.Node = declaration; !ts.isSourceFile(outer); outer = outer.parent) {
    if (outer === root || outer === primal) return false;
  }
  return hasFunctionAround(declaration);
}
