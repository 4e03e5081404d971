/** Which function an expression stands for, as far as that is known at build time. */
import ts from "typescript";
import { isReference, type Op } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isAssignmentOperator, resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { isHeldClass, onNamedClass, staticMethod } from "./class-value.js";
import { Scope, type Callable, type Cursor } from "./environment.js";
import { chosenByPosition, chosenFrom, entryOf } from "./function-table.js";
import { lowerCondition } from "./lower-condition.js";
import { numberFunction } from "./lower-conversion.js";
import { callableOf } from "./function-value.js";
import { isGivenLater, loadedCallable } from "./loaded-constant.js";
import { makeFunction } from "./make-function.js";
import { exactValue, isGlobal, isReassigned, markMadeAtLoad } from "./module-constants.js";
import { entityOf, type Entity } from "./entity.js";
import { memberName, selfOf } from "./open-object.js";
import { isMemberWritten } from "./writes.js";
import { getterOf } from "./required-module.js";
import { chosenByMode, eitherByMode } from "./environment-mode.js";
import { isPlain } from "./settled-constant.js";
import { boundFunction } from "./lower-borrowed.js";
import { isAtTop } from "./run-once.js";
import { assignedSymbols } from "./assigned-symbols.js";

export function resolveCallable(cursor: Cursor, node: ts.Expression): Callable | null {
  const found = resolveWritten(cursor, node);
  if (!isPath(node)) return found;
  if (found !== null && isGivenLater(cursor, node)) return null;
  const loaded = loadedCallable(cursor, node);
  if (found?.kind !== "closure" || loaded?.kind !== "closure") return found ?? loaded;
  const isSame = found.node === loaded.node && (loaded.thisValue === null || found.thisValue !== null);
  // Of a function that runs more than once it is known which of its variables are meant.
  const isOfSeveral = found.scope === null && loaded.scope !== null;
  if (!isSame) return loaded;
  return isOfSeveral && found.thisValue === null ? loaded : found;
}

/** `f`, `m.f`, `table["f"]` */
function isPath(node: ts.Expression): boolean {
  const at = unwrapped(node);
  return ts.isIdentifier(at) || ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at);
}

function resolveWritten(cursor: Cursor, node: ts.Expression): Callable | null {
  const at = unwrapped(node);
  if (ts.isArrowFunction(at) || ts.isFunctionExpression(at)) {
    const name = ts.isFunctionExpression(at) && at.name !== undefined ? symbolAt(cursor.session, at.name) : null;
    const scope = name === null ? cursor.scope : new Scope(cursor.scope);
    const made: Callable = { kind: "closure", node: at, scope, thisValue: selfOf(cursor) };
    // Its own name means the function inside of it.
    if (name !== null) scope.set(name, { kind: "function", callable: made });
    return made;
  }
  if (ts.isIdentifier(at)) {
    const symbol = symbolAt(cursor.session, at);
    if (symbol === null) return null;
    const binding = cursor.scope.get(symbol);
    if (binding?.kind === "variable") return callableOf(cursor.session, cursor.env.get(binding.slot));
    if (binding !== null) return binding.callable;
    return (
      numberFunction(cursor, at) ??
      ofSymbol(cursor, resolveAlias(cursor.session, symbol), 0) ??
      ofEntity(cursor, entityOf(cursor.session, at), 0)
    );
  }
  if (ts.isPropertyAccessExpression(at)) {
    if (isGlobal(cursor.session, at.expression, "Math")) return { kind: "math", name: at.name.text };
    const self = at.expression.kind === ts.SyntaxKind.ThisKeyword ? selfOf(cursor) : null;
    if (self !== null && callableOf(cursor.session, self) !== null) return staticMethod(cursor, self, at.name.text);
    const inTable = entryOf(cursor, at.expression, at.name.text) ?? numberFunction(cursor, at);
    return inTable ?? ofMember(cursor, at, 0);
  }
  // `(0, m.f)(x)`: how compilers call a function without its object.
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.CommaToken && ts.isNumericLiteral(at.left)) {
    return resolveCallable(cursor, at.right);
  }
  if (ts.isCallExpression(at)) {
    return derivativeOf(cursor, at, cursor.scope) ?? boundFunction(cursor, at) ?? returnedBy(cursor, at);
  }
  if (ts.isConditionalExpression(at)) return oneOfTwo(cursor, at);
  if (ts.isBinaryExpression(at)) return orAnother(cursor, at);
  if (!ts.isElementAccessExpression(at)) return null;
  const key = at.argumentExpression;
  if (!ts.isStringLiteralLike(key)) return chosenFrom(cursor, at) ?? chosenByPosition(cursor, at);
  const inTable = entryOf(cursor, at.expression, key.text);
  if (inTable !== null) return inTable;
  const symbol = cursor.session.checker.getSymbolAtLocation(key);
  return symbol === undefined ? null : ofSymbol(cursor, resolveAlias(cursor.session, symbol), 0);
}

/** `enzyme(energy, "gradient")` */
const derivativeOf = (cursor: Cursor, macro: ts.CallExpression, scope: Scope): Callable | null =>
  cursor.session.isMacro(macro) ? { kind: "derivative", macro, scope } : null;

/** `c ? f : g` */
function oneOfTwo(cursor: Cursor, node: ts.ConditionalExpression): Callable | null {
  if (!isKnownFunction(cursor, node.whenTrue) || !isKnownFunction(cursor, node.whenFalse)) return null;
  const test = lowerCondition(cursor, node.condition);
  const callable = resolveCallable(cursor, node.whenTrue);
  const otherwise = resolveCallable(cursor, node.whenFalse);
  if (callable === null || otherwise === null) return null;
  const known = cursor.block.literalOf(test);
  if (typeof known === "boolean") return known ? callable : otherwise;
  return { kind: "choice", ways: [{ test, callable }], otherwise };
}

/** `table[name] ?? f`: a function of a table, or another where it has none. */
function orAnother(cursor: Cursor, { left, operatorToken, right }: ts.BinaryExpression): Callable | null {
  const isDefault =
    operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken || operatorToken.kind === ts.SyntaxKind.BarBarToken;
  const first = unwrapped(left);
  if (!isDefault || !ts.isElementAccessExpression(first) || !isKnownFunction(cursor, right)) return null;
  const found = chosenFrom(cursor, first);
  if (found?.kind !== "choice" || found.otherwise !== null) return found;
  const otherwise = resolveCallable(cursor, right);
  return otherwise === null ? null : { ...found, otherwise };
}

/** Nothing is evaluated to find out which function it is, but perhaps a variable that is a key. */
function isKnownFunction(cursor: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isElementAccessExpression(at) && ts.isIdentifier(unwrapped(at.argumentExpression)))
    return chosenFrom(cursor, at) !== null;
  if (ts.isCallExpression(at) || ts.isElementAccessExpression(at) || ts.isConditionalExpression(at)) return false;
  return resolveCallable(cursor, at) !== null;
}

/** `Layout.area`, `m.f`: by the symbol of the member, or by where its object is given it. */
function ofMember(cursor: Cursor, node: ts.PropertyAccessExpression, depth: number): Callable | null {
  const { session } = cursor;
  const owner = isLocal(cursor, node) ? null : entityOf(session, node.expression);
  // What is given to it later counts, not what its object is declared with.
  if (owner !== null && isMemberWritten(session, owner, node.name.text)) {
    return ofEntity(cursor, entityOf(session, node), depth);
  }
  const symbol = session.checker.getSymbolAtLocation(node.name);
  // What an object of a variable holds is known by its value: of several objects of one type the checker names the first.
  if (isLocal(cursor, node) && symbol?.declarations?.some(isOfLiteral) === true) return null;
  if (symbol?.declarations?.some((one) => isOfOther(one, entityOf(session, node.expression))) === true) {
    return depth > 20 ? null : ofEntity(cursor, entityOf(session, node), depth);
  }
  const found = symbol === undefined ? null : ofSymbol(cursor, resolveAlias(session, symbol), depth);
  if (found?.kind === "closure" && ts.isMethodDeclaration(found.node) && isHeldClass(cursor, node.expression))
    return null;
  const known = found === null ? null : onNamedClass(cursor, found, node.expression);
  // It is called on its object.
  if (known?.kind === "closure" && known.thisValue === null && isMethodOfLiteral(known.node)) return null;
  if (known !== null || depth > 20 || isLocal(cursor, node)) return known;
  return ofEntity(cursor, entityOf(session, node), depth);
}

/** `{ k: 3, force(x) { return this.k * x; } }` in TypeScript; in JavaScript it is known what was loaded. */
function isMethodOfLiteral(node: ts.FunctionLikeDeclaration): boolean {
  const isInLiteral = ts.isObjectLiteralElementLike(node) || ts.isPropertyAssignment(node.parent);
  return isInLiteral && !ts.isArrowFunction(node) && !isJavaScript(node.getSourceFile().fileName) && usesThis(node);
}

function usesThis(node: ts.Node): boolean {
  const visit = (at: ts.Node): boolean =>
    at.kind === ts.SyntaxKind.ThisKeyword ||
    ((ts.isArrowFunction(at) || !ts.isFunctionLike(at)) &&
      ts.forEachChild(at, (one) => visit(one) || undefined) === true);
  return ts.forEachChild(node, (one) => visit(one) || undefined) === true;
}

/** What stands at the top of a file, wherever that is known from. */
function ofEntity(cursor: Cursor, found: Entity | null, depth: number): Callable | null {
  if (found?.kind !== "value" || depth > 20) return null;
  const { node } = found;
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) {
    return { kind: "closure", node, scope: null, thisValue: null };
  }
  return ts.isExpression(node) ? (madeOnce(cursor, node) ?? ofExpression(cursor, node, depth + 1)) : null;
}

const isOfLiteral = ({ parent }: ts.Node): boolean => ts.isObjectLiteralExpression(parent);

/** Is a member declared in the literal of another object than this, which has the type of that one? */
function isOfOther(member: ts.Declaration, owner: Entity | null): boolean {
  if (!isOfLiteral(member)) return false;
  if (owner?.kind !== "value" || !ts.isExpression(owner.node)) return true;
  const at = unwrapped(owner.node);
  const [frozen] = ts.isCallExpression(at) && at.expression.getText() === "Object.freeze" ? at.arguments : [];
  return member.parent !== (frozen === undefined ? at : unwrapped(frozen));
}

/** Is the object a variable of the function that is lowered? */
function isLocal(cursor: Cursor, node: ts.PropertyAccessExpression): boolean {
  let root: ts.Expression = node;
  while (ts.isPropertyAccessExpression(root)) root = unwrapped(root.expression);
  const symbol = ts.isIdentifier(root) ? symbolAt(cursor.session, root) : null;
  return symbol === null || cursor.scope.get(symbol) !== null;
}

/** The function that a call of another one gives back: `const f = line(2, 1)`. */
function returnedBy(cursor: Cursor, node: ts.CallExpression): Callable | null {
  if (cursor.session.checker.getTypeAtLocation(node).getCallSignatures().length === 0) return null;
  const maker = resolveCallable(cursor, node.expression);
  return maker?.kind === "closure" && maker.thisValue === null ? makeFunction(cursor, maker, node) : null;
}

/** A function at the top level of some file. Functions inside functions are found in scopes, not here. */
function ofSymbol(cursor: Cursor, symbol: ts.Symbol, depth: number): Callable | null {
  if (depth > 20) return null;
  for (const declaration of symbol.declarations ?? []) {
    const callable = ofDeclaration(cursor, symbol, declaration, depth);
    if (callable !== null) return callable;
  }
  return null;
}

function ofDeclaration(cursor: Cursor, symbol: ts.Symbol, declaration: ts.Declaration, depth: number): Callable | null {
  const { session } = cursor;
  if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) {
    if (declaration.body === undefined || isInstanceMethod(declaration) || isOfPrototype(declaration)) return null;
    return { kind: "closure", node: declaration, scope: null, thisValue: null };
  }
  if (ts.isVariableDeclaration(declaration)) {
    if (isReassigned(session, symbol, declaration)) {
      return chosenByMode(cursor, symbol, declaration, (one) => ofExpression(cursor, one, depth));
    }
    const { initializer } = declaration;
    return initializer === undefined
      ? null
      : (madeOnce(cursor, initializer) ?? ofExpression(cursor, initializer, depth));
  }
  // A function expression knows itself by its name.
  if (ts.isFunctionExpression(declaration) && isAtTop(session, declaration)) {
    return { kind: "closure", node: declaration, scope: null, thisValue: null };
  }
  if (isOfPrototype(declaration)) return null;
  if (ts.isPropertyAssignment(declaration)) return ofExpression(cursor, declaration.initializer, depth);
  if (ts.isShorthandPropertyAssignment(declaration)) {
    const value = session.checker.getShorthandAssignmentValueSymbol(declaration);
    return value === undefined ? null : ofSymbol(cursor, resolveAlias(session, value), depth + 1);
  }
  if (ts.isPropertyDeclaration(declaration) && declaration.initializer !== undefined) {
    const isStatic = declaration.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true;
    return isStatic ? ofExpression(cursor, declaration.initializer, depth) : null;
  }
  if (ts.isCallExpression(declaration)) {
    const value = getterOf(declaration);
    return value === null ? null : ofExpression(cursor, value, depth + 1);
  }
  if (ts.isExportAssignment(declaration)) return ofExpression(cursor, declaration.expression, depth);
  const assigned = assignedOnce(symbol, declaration);
  // A function that is made while another one runs sees the variables of that one.
  if (assigned !== null && !isAtTop(session, assigned)) return null;
  if (assigned !== null) return madeOnce(cursor, assigned) ?? ofExpression(cursor, assigned, depth);
  if (ts.isBindingElement(declaration)) {
    const owner = declaration.parent.parent;
    const key = declaration.propertyName ?? declaration.name;
    if (ts.isVariableDeclaration(owner) && owner.initializer !== undefined && ts.isIdentifier(key)) {
      if (isGlobal(session, owner.initializer, "Math")) return { kind: "math", name: key.text };
    }
  }
  return null;
}

/** `V.prototype.f`, `this.f` */
const isOfInstance = ({ expression }: ts.PropertyAccessExpression): boolean =>
  memberName(expression) === "prototype" || expression.kind === ts.SyntaxKind.ThisKeyword;

/** A method in `V.prototype = { ... }`: it needs its instance. */
function isOfPrototype(node: ts.Node): boolean {
  const { parent } = node;
  // A whole module has nothing around it.
  if (ts.isSourceFile(node) || !ts.isObjectLiteralExpression(parent)) return false;
  const assignment = parent.parent;
  return ts.isBinaryExpression(assignment) && memberName(unwrapped(assignment.left)) === "prototype";
}

/** `exports.f = function () {}`, `Util.f = function () {}`, `module.exports = f` in JavaScript, where it happens once. */
function assignedOnce(symbol: ts.Symbol, declaration: ts.Declaration): ts.Expression | null {
  const { parent } = declaration;
  const assignment = ts.isPropertyAccessExpression(declaration) ? parent : declaration;
  // A method needs its instance.
  if (ts.isPropertyAccessExpression(declaration) && isOfInstance(declaration)) return null;
  if (!ts.isBinaryExpression(assignment) || assignment.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  if (!isJavaScript(declaration.getSourceFile().fileName) || (symbol.declarations?.length ?? 0) > 1) return null;
  return ts.isExpressionStatement(assignment.parent) || ts.isBinaryExpression(assignment.parent)
    ? assignedValue(assignment)
    : null;
}

/** `a = b = f`: what all of them are given. */
function assignedValue(node: ts.Expression): ts.Expression {
  const at = unwrapped(node);
  return ts.isBinaryExpression(at) && isAssignmentOperator(at.operatorToken.kind) ? assignedValue(at.right) : at;
}

/**
 * `const f = make(3)` at the top of a file: what `make` does is done again where `f` is called, which only makes no
 * difference where it depends on nothing but constants.
 */
function madeOnce(cursor: Cursor, initializer: ts.Expression): Callable | null {
  const at = unwrapped(initializer);
  if (!ts.isCallExpression(at) || !at.arguments.every((one) => isFixed(cursor, one))) return null;
  const before = cursor.block.ops.length;
  const known = new Set(cursor.env.keys());
  const made = returnedBy({ ...cursor, scope: new Scope(null) }, at);
  if (made?.kind !== "closure") return made;
  if (!cursor.block.ops.slice(before).every(isRepeatable) || keepsState(cursor, made.node)) return null;
  for (const [slot, value] of cursor.env) {
    if (!known.has(slot) && isReference(value.type)) markMadeAtLoad(cursor, value);
  }
  return made;
}

/** Does a function assign variables around it, which then last from one call to the next? */
function keepsState(cursor: Cursor, node: ts.Node): boolean {
  return [...assignedSymbols(cursor.session, node)].some(
    ({ declarations }) =>
      declarations?.some((one) => ts.findAncestor(one, (outer) => outer === node) === undefined) === true,
  );
}

function isFixed(cursor: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isArrowFunction(at) || ts.isFunctionExpression(at)) return !keepsState(cursor, at);
  const { session } = cursor;
  if (exactValue(session, node) !== undefined || isPlain(session, node)) return true;
  const found = entityOf(session, node);
  return found?.kind === "value" && ts.isFunctionLike(found.node) && !keepsState(cursor, found.node);
}

/** Does an operation give the same whenever it runs? */
function isRepeatable(op: Op): boolean {
  if (op.kind === "random" || op.kind === "call") return false;
  if (op.kind === "opaque" && (op.effects.observable || op.effects.reads || op.effects.writes)) return false;
  return regionsOf(op).every(({ ops }) => ops.every(isRepeatable));
}

const isInstanceMethod = (declaration: ts.FunctionDeclaration | ts.MethodDeclaration): boolean =>
  ts.isMethodDeclaration(declaration) &&
  ts.isClassLike(declaration.parent) &&
  declaration.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) !== true;

export function ofExpression(cursor: Cursor, node: ts.Expression, depth: number): Callable | null {
  const { session } = cursor;
  const at = unwrapped(node);
  if (ts.isArrowFunction(at) || ts.isFunctionExpression(at)) {
    return { kind: "closure", node: at, scope: null, thisValue: null };
  }
  if (ts.isCallExpression(at)) return derivativeOf(cursor, at, new Scope(null));
  if (ts.isIdentifier(at)) {
    const symbol = symbolAt(session, at);
    return symbol === null ? null : ofSymbol(cursor, resolveAlias(session, symbol), depth + 1);
  }
  if (ts.isPropertyAccessExpression(at)) {
    if (isGlobal(session, at.expression, "Math")) return { kind: "math", name: at.name.text };
    return ofMember(cursor, at, depth + 1);
  }
  if (ts.isConditionalExpression(at)) {
    return eitherByMode(cursor, at, (one) => ofExpression(cursor, one, depth + 1));
  }
  // `Math.cosh || function (x) { ... }`: what an engine of today has.
  const isDefault = ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.BarBarToken;
  return isDefault ? ofExpression(cursor, at.left, depth + 1) : null;
}

/** Is a local name that holds a function never given another one? */
export function isFunctionSymbolConstant(cursor: Cursor, name: ts.Identifier): boolean {
  const declaration = name.parent;
  if (ts.isVariableDeclaration(declaration) && declaration.parent.flags & ts.NodeFlags.Const) return true;
  const symbol = symbolAt(cursor.session, name);
  if (symbol === null || (symbol.declarations?.length ?? 0) > 1) return false;
  const isVar = ts.isVariableDeclaration(declaration) && !(declaration.parent.flags & ts.NodeFlags.BlockScoped);
  const { declaration: owner } = cursor.frame;
  const assigned = assignedSymbols(cursor.session, owner).has(symbol);
  return !assigned || (isVar && countAssignments(cursor, owner, symbol) === 0);
}

function countAssignments(cursor: Cursor, owner: ts.Node, symbol: ts.Symbol): number {
  let count = 0;
  const visit = (at: ts.Node): void => {
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const left = unwrapped(at.left);
      if (ts.isIdentifier(left) && symbolAt(cursor.session, left) === symbol) count++;
    }
    ts.forEachChild(at, visit);
  };
  visit(owner);
  return count;
}
