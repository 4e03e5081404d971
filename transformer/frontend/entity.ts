/** What an expression that runs while its file is loaded stands for, found without running anything. */
import ts from "typescript";
import { isCommonJs, isExports } from "../syntax/javascript.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { isReassigned } from "./module-constants.js";
import { environmentTest, isAtTop, runOf } from "./run-once.js";
import type { LoweringSession } from "./session.js";
import { lastValue, writesIn, writesTo } from "./writes.js";
import { exportedModule, fileAt, getterOf, requiredFile, takesWhole } from "./required-module.js";

/** Something that is there once a file is loaded; compared by identity. */
export interface Entity {
  /** value: what the node declares, or evaluates to. module: the exports of a file. prototype: that of a function or a class. */
  readonly kind: "value" | "module" | "prototype";
  readonly node: ts.Node;
}

/** One object for each entity. */
function entity(session: LoweringSession, kind: Entity["kind"], node: ts.Node): Entity {
  const known = session.entities[kind].get(node);
  if (known !== undefined) return known;
  const made = { kind, node };
  session.entities[kind].set(node, made);
  return made;
}

/**
 * What a name or a path stands for; null: that is not settled, or depends on what runs.
 *
 *   const convert = { rgb: {} };  convert.rgb.hsl = function (rgb) { ... };      convert.rgb.hsl: the function
 *   var lib = (function () { function f() {} return { f: f }; })();              lib.f: the function
 *   (function (exports) { exports.f = function () {}; })(module.exports);        what others import as `f`
 */
export function entityOf(session: LoweringSession, node: ts.Expression): Entity | null {
  const known = session.entities.ofExpression.get(node);
  if (known !== undefined) return known;
  session.entities.ofExpression.set(node, null);
  const found = find(session, unwrapped(node));
  session.entities.ofExpression.set(node, found);
  return found;
}

function find(session: LoweringSession, at: ts.Expression): Entity | null {
  if (isExports(at) && symbolAt(session, at)?.valueDeclaration?.kind !== ts.SyntaxKind.Parameter) {
    const file = at.getSourceFile();
    return ts.isIdentifier(at) ? entity(session, "module", file) : exportsOf(session, file);
  }
  if (ts.isIdentifier(at)) {
    const symbol = symbolAt(session, at);
    return symbol === null ? null : entityOfSymbol(session, symbol);
  }
  if (ts.isPropertyAccessExpression(at)) {
    const owner = entityOf(session, at.expression);
    return owner === null ? null : memberOf(session, owner, at.name.text);
  }
  if (ts.isElementAccessExpression(at)) {
    const key = unwrapped(at.argumentExpression);
    const owner = ts.isStringLiteralLike(key) ? entityOf(session, at.expression) : null;
    return owner === null || !ts.isStringLiteralLike(key) ? null : memberOf(session, owner, key.text);
  }
  if (ts.isCallExpression(at)) return ofCall(session, at);
  if (ts.isConditionalExpression(at)) {
    const test = environmentTest(session, at.condition);
    return test === null ? null : entityOf(session, test ? at.whenTrue : at.whenFalse);
  }
  if (ts.isBinaryExpression(at)) {
    const { kind } = at.operatorToken;
    if (kind === ts.SyntaxKind.EqualsToken) return entityOf(session, at.right);
    if (kind === ts.SyntaxKind.CommaToken && ts.isNumericLiteral(unwrapped(at.left)))
      return entityOf(session, at.right);
  }
  return isAtTop(session, at) ? entity(session, "value", at) : null;
}

function ofCall(session: LoweringSession, at: ts.CallExpression): Entity | null {
  const file = requiredFile(session, at);
  if (file !== null) return exportsOf(session, file);
  const callee = unwrapped(at.expression);
  const [first] = at.arguments;
  if (ts.isPropertyAccessExpression(callee) && first !== undefined) {
    const isFreeze = ts.isIdentifier(callee.expression) && callee.expression.text === "Object";
    if (isFreeze && ["freeze", "seal"].includes(callee.name.text)) return entityOf(session, first);
  }
  const returned = returnedOnce(session, at);
  if (returned !== null) return entityOf(session, returned);
  return isAtTop(session, at) ? entity(session, "value", at) : null;
}

/** What the function gives back that a call runs, and no other call. */
function returnedOnce(session: LoweringSession, call: ts.CallExpression): ts.Expression | null {
  let callee: ts.Expression = unwrapped(call.expression);
  if (ts.isPropertyAccessExpression(callee) && callee.name.text === "call") callee = unwrapped(callee.expression);
  const fn = ts.isIdentifier(callee) ? entityOf(session, callee)?.node : callee;
  if (fn === undefined || !(ts.isFunctionExpression(fn) || ts.isArrowFunction(fn))) return null;
  if (runOf(session, fn) === null) return null;
  if (!ts.isBlock(fn.body)) return fn.body;
  const returns = returnsIn(fn.body);
  const [only] = returns;
  return only !== undefined && returns.length === 1 && isAtTop(session, only) ? (only.expression ?? null) : null;
}

function returnsIn(body: ts.Block): readonly ts.ReturnStatement[] {
  const found: ts.ReturnStatement[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node)) found.push(node);
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

/** What a name stands for that is declared at the top of a file, or exported there. */
export function entityOfSymbol(session: LoweringSession, symbol: ts.Symbol): Entity | null {
  const target = resolveAlias(session, symbol);
  const declarations = (target.declarations ?? []).filter((one) => !one.getSourceFile().isDeclarationFile);
  if (declarations.length === 0) return imported(session, symbol);
  const file = declarations.find(ts.isSourceFile);
  if (file !== undefined) return exportsOf(session, file);
  const known = declarations.find(
    (one) => (ts.isFunctionDeclaration(one) && one.body !== undefined) || ts.isClassLike(one),
  );
  if (known !== undefined) return isAtTop(session, known) ? entity(session, "value", known) : null;
  const [first] = declarations;
  if (first === undefined) return null;
  if (ts.isVariableDeclaration(first)) return ofVariable(session, target, first);
  if (ts.isBindingElement(first)) return ofBinding(session, target, first);
  if (ts.isParameter(first)) return ofParameter(session, target, first);
  if (ts.isPropertyAssignment(first)) return entityOf(session, first.initializer);
  if (ts.isShorthandPropertyAssignment(first)) return entityOf(session, first.name);
  if (ts.isExportAssignment(first)) return entityOf(session, first.expression);
  const values = declarations.flatMap((one) => assignedValue(one));
  const [value] = values;
  return value !== undefined && values.length === 1 && isAtTop(session, value) ? entityOf(session, value) : null;
}

/** An import of something that the compiler does not know as an export: modules that are made while they run. */
function imported(session: LoweringSession, { declarations }: ts.Symbol): Entity | null {
  const declaration = declarations?.find(
    (one) => ts.isImportClause(one) || ts.isImportSpecifier(one) || ts.isNamespaceImport(one),
  );
  const statement = declaration === undefined ? undefined : ts.findAncestor(declaration, ts.isImportDeclaration);
  if (declaration === undefined || statement === undefined) return null;
  const file = ts.isStringLiteralLike(statement.moduleSpecifier) ? fileAt(session, statement.moduleSpecifier) : null;
  const whole = file === null ? null : exportsOf(session, file);
  if (whole === null || file === null) return null;
  if (ts.isImportSpecifier(declaration))
    return memberOf(session, whole, (declaration.propertyName ?? declaration.name).text);
  const isModern = ts.isExternalModule(file) && !isCommonJs(file);
  if (!ts.isImportClause(declaration)) return whole;
  const isOwnDefault =
    isModern || (file.text.includes("__esModule") && !takesWhole(session.program, statement.getSourceFile()));
  return isOwnDefault ? memberOf(session, whole, "default") : whole;
}

function ofVariable(session: LoweringSession, symbol: ts.Symbol, declaration: ts.VariableDeclaration): Entity | null {
  const { initializer, name } = declaration;
  if (!isAtTop(session, declaration) || !ts.isIdentifier(name)) return null;
  if (initializer !== undefined) {
    return isReassigned(session, symbol, declaration) ? null : entityOf(session, initializer);
  }
  const given = writesIn(session, declaration.getSourceFile()).named.get(name.text) ?? [];
  const own = given.filter(({ target }) => ts.isIdentifier(target) && symbolAt(session, target) === symbol);
  const [only] = own;
  return only !== undefined && own.length === 1 && isAtTop(session, only.value) ? entityOf(session, only.value) : null;
}

/** `const { f } = require("m")` */
function ofBinding(session: LoweringSession, symbol: ts.Symbol, element: ts.BindingElement): Entity | null {
  const declaration = element.parent.parent;
  const key = element.propertyName ?? element.name;
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return null;
  if (!ts.isObjectBindingPattern(element.parent) || element.dotDotDotToken !== undefined) return null;
  if (!(ts.isIdentifier(key) || ts.isStringLiteralLike(key)) || element.initializer !== undefined) return null;
  if (!isAtTop(session, declaration) || !(declaration.parent.flags & ts.NodeFlags.Const)) {
    if (isReassigned(session, symbol, declaration)) return null;
  }
  const owner = entityOf(session, declaration.initializer);
  return owner === null ? null : memberOf(session, owner, key.text);
}

/** A parameter of a function that runs once. */
function ofParameter(session: LoweringSession, symbol: ts.Symbol, parameter: ts.ParameterDeclaration): Entity | null {
  const argument = argumentOf(session, symbol, parameter);
  return argument === null ? null : entityOf(session, argument);
}

/** What the parameter of a function that runs once is given, if it keeps that. */
export function argumentOf(
  session: LoweringSession,
  symbol: ts.Symbol,
  parameter: ts.ParameterDeclaration,
): ts.Expression | null {
  const run = runOf(session, parameter.parent);
  if (run === null || parameter.dotDotDotToken !== undefined || parameter.initializer !== undefined) return null;
  const given = writesIn(session, parameter.getSourceFile()).named.get(symbol.name) ?? [];
  if (given.some(({ target }) => ts.isIdentifier(target) && symbolAt(session, target) === symbol)) return null;
  return run.arguments[parameter.parent.parameters.indexOf(parameter)] ?? null;
}

/** What `require` of a file gives. */
function exportsOf(session: LoweringSession, file: ts.SourceFile): Entity | null {
  const whole = exportedModule(session, file);
  if (whole === "names") return entity(session, "module", file);
  return whole === null ? null : entityOf(session, whole);
}

// ---- Members ------------------------------------------------------------------------------------------------

/** `owner.name` */
export function memberOf(session: LoweringSession, owner: Entity, name: string): Entity | null {
  const members = session.entities.members.get(owner) ?? new Map<string, Entity | null>();
  session.entities.members.set(owner, members);
  const known = members.get(name);
  if (known !== undefined) return known;
  // A member that leads back to itself is none.
  members.set(name, null);
  const found = findMember(session, owner, name);
  members.set(name, found);
  return found;
}

function findMember(session: LoweringSession, owner: Entity, name: string): Entity | null {
  const given = writesTo(session, owner, name);
  if (given === null) return null;
  const [only] = given;
  // What happens later, or perhaps, or again, is not settled.
  if (only !== undefined) return given.length === 1 && isAtTop(session, only) ? entityOf(session, only) : null;
  if (name === "prototype" && owner.kind === "value" && isMaker(owner.node)) {
    return entity(session, "prototype", owner.node);
  }
  if (owner.kind === "module") return ts.isSourceFile(owner.node) ? exported(session, owner, owner.node, name) : null;
  if (owner.kind === "prototype") return null;
  if (ts.isObjectLiteralExpression(owner.node)) return inLiteral(session, owner.node, name);
  return ts.isClassLike(owner.node) ? staticMember(session, owner.node, name) : null;
}

const isMaker = (node: ts.Node): boolean => ts.isFunctionLike(node) || ts.isClassLike(node);

/** Does a node stand for the prototype of a function or a class that it is the initial one of? */
export const prototypeOf = (session: LoweringSession, node: ts.Node): Entity | null =>
  memberOf(session, entity(session, "value", node), "prototype");

function exported(session: LoweringSession, owner: Entity, file: ts.SourceFile, name: string): Entity | null {
  const module = session.checker.getSymbolAtLocation(file);
  const found = module === undefined ? [] : session.checker.getExportsOfModule(module);
  const symbol = found.find((one) => one.name === name);
  if (symbol === undefined) return name === "default" && !file.text.includes("__esModule") ? owner : null;
  const getter = symbol.declarations?.find(ts.isCallExpression);
  const value = getter === undefined ? null : getterOf(getter);
  return value === null ? entityOfSymbol(session, symbol) : entityOf(session, value);
}

function inLiteral(session: LoweringSession, node: ts.ObjectLiteralExpression, name: string): Entity | null {
  const isOpen = node.properties.some((one) => one.name === undefined || ts.isComputedPropertyName(one.name));
  const named = node.properties.filter((one) => one.name !== undefined && nameText(one.name) === name);
  const [found] = named;
  if (isOpen || found === undefined || named.length > 1) return null;
  if (ts.isPropertyAssignment(found)) return entityOf(session, found.initializer);
  if (ts.isShorthandPropertyAssignment(found)) return entityOf(session, found.name);
  return ts.isMethodDeclaration(found) ? entity(session, "value", found) : null;
}

export const nameText = (name: ts.PropertyName): string =>
  ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) ? name.text : name.getText();

function staticMember(session: LoweringSession, node: ts.ClassLikeDeclaration, name: string): Entity | null {
  const member = node.members.find(
    (one) => one.name !== undefined && nameText(one.name) === name && isStatic(one) && !ts.isAccessor(one),
  );
  if (member === undefined) return null;
  if (ts.isMethodDeclaration(member)) return entity(session, "value", member);
  return ts.isPropertyDeclaration(member) && member.initializer !== undefined
    ? entityOf(session, member.initializer)
    : null;
}

const isStatic = (member: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;

/** What `exports.x = value` gives, as a declaration. */
function assignedValue(declaration: ts.Node): readonly ts.Expression[] {
  if (ts.isCallExpression(declaration)) {
    const getter = getterOf(declaration);
    return getter === null ? [] : [getter];
  }
  const assignment =
    ts.isPropertyAccessExpression(declaration) || ts.isElementAccessExpression(declaration)
      ? declaration.parent
      : declaration;
  if (!ts.isBinaryExpression(assignment)) return [];
  const value = lastValue(assignment);
  return ts.isVoidExpression(unwrapped(value)) ? [] : [value];
}
