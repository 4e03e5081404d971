/** Refuses what no lowering knows, before lowering begins: everything at once, each with its place. */
import ts from "typescript";
import type { Code } from "../diagnostics/codes.js";
import type { Details } from "../diagnostics/diagnostic.js";
import { isJavaScript } from "../syntax/javascript.js";
import { reportSyntaxErrors } from "../syntax/syntax-errors.js";
import { refuse, type LoweringSession } from "./session.js";

/** Examines a function with all functions inside it, once. */
export function fence(declaration: ts.FunctionLikeDeclaration, session: LoweringSession): void {
  if (session.examined.has(declaration)) return;
  session.examined.add(declaration);
  examine(declaration, session, null);
}

/** The same for a generator that a loop walks: it may yield, in statements of their own. */
export function fenceWalked(declaration: ts.FunctionLikeDeclaration, session: LoweringSession): void {
  if (session.walkedGenerators.has(declaration)) return;
  session.walkedGenerators.add(declaration);
  examine(declaration, session, declaration);
}

/** `walked`: a generator that may yield. */
function examine(
  declaration: ts.FunctionLikeDeclaration,
  session: LoweringSession,
  walked: ts.FunctionLikeDeclaration | null,
): void {
  // What the parser made of a broken file is not what the user means.
  if (!reportSyntaxErrors(declaration.getSourceFile(), session.program, session.compilation)) session.failures++;
  const isUntyped = isJavaScript(declaration.getSourceFile().fileName);
  const stop = (node: ts.Node, code: Code, details: Details = {}): void => {
    // JavaScript asks what it was given: what stands behind a test that is known to fail is never lowered.
    if (isUntyped && isAsked(node)) {
      session.deferred.set(node, { code, details });
      return;
    }
    session.fenced.add(node);
    refuse(session, code, node, details);
  };
  const simple = (node: ts.Node, what: string, advice: string): void => stop(node, "EZ2001", { what, advice });
  const visit = (node: ts.Node): void => {
    switch (node.kind) {
      case ts.SyntaxKind.AwaitExpression:
        return stop(node, "EZ2005");
      case ts.SyntaxKind.YieldExpression:
        if (walked === null || !isStatementOf(node, walked)) return stop(node, "EZ2006");
        break;
      case ts.SyntaxKind.TryStatement:
        if (walked === null || ts.findAncestor(node, ts.isFunctionLike) !== walked) break;
        return simple(node, "`try` in a generator", "catch around the loop that walks it");
      case ts.SyntaxKind.WithStatement:
        return simple(node, "`with`", "name the object");
      case ts.SyntaxKind.DebuggerStatement:
        return simple(node, "`debugger`", "remove it");
      case ts.SyntaxKind.DeleteExpression:
        return simple(node, "`delete`", "set the field to undefined");
      case ts.SyntaxKind.BigIntLiteral:
        return simple(node, "a bigint", "use a number");
      case ts.SyntaxKind.TaggedTemplateExpression:
        return simple(node, "a tagged template", "call a function");
      case ts.SyntaxKind.ClassExpression:
      case ts.SyntaxKind.ClassDeclaration:
        return simple(node, "a class inside a function", "declare it at the top level of the file");
      case ts.SyntaxKind.PrivateIdentifier:
        // The methods of JavaScript run in place, where their instances are made.
        if (isUntyped) return;
        return simple(node, "a `#private` member", "use a TypeScript `private` member");
      case ts.SyntaxKind.MetaProperty:
        if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.NewKeyword) return;
        return simple(node, `\`${node.getText()}\``, "pass what is needed as a parameter");
      case ts.SyntaxKind.JsxElement:
      case ts.SyntaxKind.JsxSelfClosingElement:
      case ts.SyntaxKind.JsxFragment:
        return simple(node, "JSX", "compute first, and render the result");
      default:
    }
    // Who calls one has to walk it: then it is looked at.
    if (isFunction(node) && node !== declaration && isGenerator(node)) return;
    if (isFunction(node) && node !== walked) examineFunction(node, session, stop);
    if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return stop(node, "EZ2005");
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0) {
      return simple(node, "`using`", "release what it holds outside");
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return simple(node, "`import()`", "import at the top of the file");
    }
    if (ts.isTypeNode(node)) return;
    ts.forEachChild(node, visit);
  };
  visit(declaration);
}

/** `yield v;` and `yield* vs;` in a generator itself. */
const isStatementOf = (node: ts.Node, generator: ts.Node): boolean =>
  ts.isYieldExpression(node) &&
  node.expression !== undefined &&
  ts.isExpressionStatement(node.parent) &&
  ts.findAncestor(node, ts.isFunctionLike) === generator;

/** Does lowering come by here, if control can? */
const isAsked = (node: ts.Node): boolean =>
  ts.isExpression(node) && !ts.isPrivateIdentifier(node) && !ts.isFunctionLike(node) && !ts.isIdentifier(node.parent);

/** Reports what the fence has left to whoever gets there; true: it is refused. */
export function isRefusedHere(session: LoweringSession, node: ts.Node): boolean {
  if (session.fenced.has(node)) return true;
  const deferred = session.deferred.get(node);
  if (deferred === undefined) return false;
  session.fenced.add(node);
  refuse(session, deferred.code, node, deferred.details);
  return true;
}

const isFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration => ts.isFunctionLike(node) && "body" in node;

function examineFunction(
  node: ts.FunctionLikeDeclaration,
  session: LoweringSession,
  stop: (node: ts.Node, code: Code, details?: Details) => void,
): void {
  const name = node.name?.getText() ?? "the function";
  const at = node.name ?? node;
  if (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true
  ) {
    stop(at, "EZ2003", { name });
  }
  // A decorator may put something else in its place.
  const decorated = [node, node.parent].find((one) => ts.canHaveDecorators(one) && ts.getDecorators(one) !== undefined);
  if (decorated !== undefined) {
    stop(at, "EZ2001", { what: "a decorator on something that is used", advice: "use an undecorated function" });
  }
  if (isGenerator(node)) stop(at, "EZ2004", { name });
  session.examined.add(node);
}

const isGenerator = (node: ts.FunctionLikeDeclaration): boolean =>
  "asteriskToken" in node && node.asteriskToken !== undefined;
