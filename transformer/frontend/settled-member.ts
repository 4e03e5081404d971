/** Members of objects of JavaScript that stand at the top of a file, found by where they are given. */
import ts from "typescript";
import { isExports } from "../syntax/javascript.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

/** What a member is: an expression, or a method written in an object. */
export type Member = ts.Expression | ts.MethodDeclaration;

/**
 * What `a.b.c` is given, where that happens once and at the top of the file of `a`; null: it is not known.
 *
 *   const Easing = Object.freeze({ Sine: { In: function (x) { ... } } });     Easing.Sine.In
 *   const convert = { rgb: {} };  convert.rgb.hsl = function (rgb) { ... };   convert.rgb.hsl
 *   var _m = _interopRequireDefault(require("./m"));                          _m.default
 */
export function settledMember(session: LoweringSession, node: ts.PropertyAccessExpression): Member | null {
  const path: string[] = [];
  let root: ts.Expression = node;
  while (ts.isPropertyAccessExpression(root)) {
    path.unshift(root.name.text);
    root = unwrapped(root.expression);
  }
  const symbol = ts.isIdentifier(root) ? symbolAt(session, root) : null;
  return symbol === null ? null : memberOf(session, resolveAlias(session, symbol), path, 0);
}

function memberOf(session: LoweringSession, owner: ts.Symbol, path: readonly string[], depth: number): Member | null {
  if (depth > 8) return null;
  const file = owner.declarations?.find(ts.isSourceFile);
  if (file !== undefined) return exportOf(session, owner, path, depth);
  const declaration = owner.valueDeclaration;
  if (declaration === undefined || !isTopVariable(declaration)) return null;
  const required = requiredBy(session, declaration.initializer);
  if (required !== null) return exportOf(session, required, path, depth);
  const given = assignmentsTo(session, owner, declaration.getSourceFile(), path);
  const [only] = given;
  // What happens later, or perhaps, or again, is not settled.
  if (only !== undefined) return given.length === 1 && isAtTop(only) ? only : null;
  return declaration.initializer === undefined ? null : inside(session, declaration.initializer, path, depth);
}

/** A member of the value of an expression. */
function inside(session: LoweringSession, node: ts.Expression, path: readonly string[], depth: number): Member | null {
  const at = frozen(node);
  const [first, ...rest] = path;
  if (first === undefined) return at;
  if (ts.isIdentifier(at)) {
    const symbol = symbolAt(session, at);
    return symbol === null ? null : memberOf(session, resolveAlias(session, symbol), path, depth + 1);
  }
  if (!ts.isObjectLiteralExpression(at)) return null;
  const named = at.properties.filter((one) => one.name?.getText().replace(/^["']|["']$/g, "") === first);
  const [property] = named;
  if (property === undefined || named.length > 1) return null;
  if (ts.isMethodDeclaration(property)) return rest.length === 0 ? property : null;
  if (ts.isPropertyAssignment(property)) return inside(session, property.initializer, rest, depth + 1);
  if (!ts.isShorthandPropertyAssignment(property)) return null;
  return inside(session, property.name, rest, depth + 1);
}

/** `Object.freeze(x)` is x. */
function frozen(node: ts.Expression): ts.Expression {
  const at = unwrapped(node);
  if (!ts.isCallExpression(at) || !ts.isPropertyAccessExpression(at.expression)) return at;
  const { expression, name } = at.expression;
  const [argument] = at.arguments;
  const isFreeze = ts.isIdentifier(expression) && expression.text === "Object" && name.text === "freeze";
  return isFreeze && argument !== undefined ? frozen(argument) : at;
}

/** An export of a module, which compilers may have wrapped. */
function exportOf(
  session: LoweringSession,
  module: ts.Symbol,
  [name, ...rest]: readonly string[],
  depth: number,
): Member | null {
  if (name === undefined) return null;
  const exported = session.checker.getExportsOfModule(module).find((one) => one.name === name);
  const target = exported === undefined ? undefined : resolveAlias(session, exported);
  if (target === undefined) return null;
  if (rest.length > 0) return memberOf(session, target, rest, depth + 1);
  const values = (target.declarations ?? []).flatMap(assignedValue);
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** What `exports.x = value` and `Object.defineProperty(exports, "x", { get: () => value })` export; `void 0` is nothing yet. */
function assignedValue(declaration: ts.Node): readonly ts.Expression[] {
  if (ts.isCallExpression(declaration)) {
    const getter = getterOf(declaration);
    return getter === null ? [] : [getter];
  }
  const assignment = ts.isPropertyAccessExpression(declaration) ? declaration.parent : declaration;
  if (!ts.isBinaryExpression(assignment)) return ts.isExportAssignment(declaration) ? [declaration.expression] : [];
  let value: ts.Expression = assignment;
  while (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.EqualsToken) value = value.right;
  return ts.isVoidExpression(value) ? [] : [value];
}

export function getterOf(call: ts.CallExpression): ts.Expression | null {
  const [target, , descriptor] = call.arguments;
  if (target === undefined || !isExports(target) || descriptor === undefined) return null;
  if (!ts.isObjectLiteralExpression(descriptor)) return null;
  for (const property of descriptor.properties) {
    const isFunction = ts.isPropertyAssignment(property) && property.name.getText() === "get";
    const fn = isFunction ? unwrapped(property.initializer) : property;
    if (property.name?.getText() !== "get" || !(ts.isFunctionExpression(fn) || ts.isMethodDeclaration(fn))) continue;
    const [only] = fn.body?.statements ?? [];
    if (only !== undefined && ts.isReturnStatement(only)) return only.expression ?? null;
  }
  return null;
}

/** Helpers of compilers, which hand a module on as it is, or as the default of another object. */
const interop = /^_*(interopRequire(Default|Wildcard)|importDefault|importStar|toESM)\d*$/;

function requiredBy(session: LoweringSession, initializer: ts.Expression | undefined): ts.Symbol | null {
  if (initializer === undefined || !ts.isCallExpression(initializer) || !ts.isIdentifier(initializer.expression)) {
    return null;
  }
  const [argument] = initializer.arguments;
  if (!interop.test(initializer.expression.text) || argument === undefined || !ts.isCallExpression(argument))
    return null;
  const [specifier] = argument.arguments;
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return null;
  const module = session.checker.getSymbolAtLocation(specifier);
  // The default of a module that is none of today's is the module as a whole: left alone.
  const isModern = module?.declarations?.some(
    (one) => ts.isSourceFile(one) && (ts.isExternalModule(one) || /__esModule/.test(one.text)),
  );
  return module !== undefined && isModern === true ? module : null;
}

const isTopVariable = (node: ts.Node): node is ts.VariableDeclaration =>
  ts.isVariableDeclaration(node) &&
  ts.isVariableStatement(node.parent.parent) &&
  ts.isSourceFile(node.parent.parent.parent);

/** Is an assignment, perhaps one of a chain, a statement of the file itself? */
function isAtTop(value: ts.Expression): boolean {
  let at: ts.Node = value.parent;
  while (ts.isBinaryExpression(at)) at = at.parent;
  return ts.isExpressionStatement(at) && ts.isSourceFile(at.parent);
}

/** The values of `owner.a.b = value`, wherever that stands in its file. */
function assignmentsTo(
  session: LoweringSession,
  owner: ts.Symbol,
  file: ts.SourceFile,
  path: readonly string[],
): readonly ts.Expression[] {
  const found: ts.Expression[] = [];
  const suffix = `.${path.join(".")}`;
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const text = ts.isPropertyAccessExpression(node.left) ? node.left.getText() : "";
      if (text.endsWith(suffix) && symbolAt(session, rootOf(node.left)) === owner) found.push(node.right);
    }
    ts.forEachChild(node, visit);
  };
  if (file.text.includes(path.at(-1) ?? "")) visit(file);
  return found;
}

function rootOf(node: ts.Expression): ts.Expression {
  let root = node;
  while (ts.isPropertyAccessExpression(root)) root = unwrapped(root.expression);
  return root;
}
