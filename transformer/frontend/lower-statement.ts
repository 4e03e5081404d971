/** Statements, in order; how they end is a `Flow`. */
import ts from "typescript";
import { assertNever, isText, type Type, type Value } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { bindPattern } from "./bind-pattern.js";
import {
  branches,
  isPoisoned,
  outcome,
  poison,
  report,
  resumed,
  type Callable,
  type Cursor,
  type Outcome,
} from "./environment.js";
import { escaped, throwAt } from "./escape.js";
import { continueAt, fork, leaf, type Flow } from "./flow.js";
import { hoistFunctions } from "./hoist-variables.js";
import { lowerCondition } from "./lower-condition.js";
import { lowerEffect, lowerExpression } from "./lower-expression.js";
import { isOfConstructor, returnInstead } from "./other-instance.js";
import { lowerForIn } from "./lower-for-in.js";
import { lowerYield } from "./lower-generator.js";
import { lowerForOf } from "./lower-for-of.js";
import { isLeftOut } from "./lower-memo.js";
import { lowerDo, lowerFor, lowerWhile } from "./lower-loop.js";
import { lowerSwitch } from "./lower-switch.js";
import { lowerThrown } from "./lower-opaque.js";
import { lowerTry } from "./lower-try.js";
import { isMixedValue } from "./mixed-value.js";
import { isGlobal } from "./module-constants.js";
import { isFunctionSymbolConstant, resolveCallable } from "./resolve-callable.js";

/** Lowers statements in order; control that reaches their end goes to `next`. */
export function lowerStatements(cursor: Cursor, statements: readonly ts.Statement[], next: Outcome): Flow {
  hoistFunctions(cursor, statements);
  return lowerFrom(cursor, statements, 0, next);
}

function lowerFrom(cursor: Cursor, statements: readonly ts.Statement[], start: number, next: Outcome): Flow {
  for (let k = start; k < statements.length; k++) {
    const statement = statements[k];
    if (statement === undefined) break;
    if (isPlain(statement) && !isYield(statement)) {
      if (isLeftOut(cursor, statement)) continue;
      lowerPlain(cursor, statement);
      if (cursor.escapes.length > 0) return escaped(cursor, lowerFrom(cursor, statements, k + 1, next));
      continue;
    }
    if (!mayContinue(statement) || k + 1 === statements.length) return lowerStatement(cursor, statement, next);
    const after = outcome("after");
    return continueAt(
      lowerStatement(cursor, statement, after),
      after,
      (place) => lowerFrom(resumed(cursor, place), statements, k + 1, next),
      isSmall(statements, k + 1),
    );
  }
  return leaf(cursor, next);
}

/** Never goes on to the next statement. */
const mayContinue = (statement: ts.Statement): boolean =>
  !ts.isReturnStatement(statement) &&
  !ts.isBreakStatement(statement) &&
  !ts.isContinueStatement(statement) &&
  !ts.isThrowStatement(statement);

/** Is what follows so short that it is better written twice than reached by a flag? */
export function isSmall(statements: readonly ts.Statement[], start: number): boolean {
  const [first, ...others] = statements.slice(start);
  if (first === undefined) return true;
  if (others.length > 0) return false;
  if (ts.isBreakStatement(first) || ts.isContinueStatement(first)) return true;
  if (!ts.isReturnStatement(first)) return false;
  if (first.expression === undefined) return true;
  return isAtom(first.expression);
}

/** A name or a literal, perhaps negative. */
export function isAtom(node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isPrefixUnaryExpression(at)) return at.operator === ts.SyntaxKind.MinusToken && isAtom(at.operand);
  return (
    ts.isIdentifier(at) ||
    ts.isNumericLiteral(at) ||
    at.kind === ts.SyntaxKind.TrueKeyword ||
    at.kind === ts.SyntaxKind.FalseKeyword
  );
}

type Plain =
  | ts.VariableStatement
  | ts.ExpressionStatement
  | ts.EmptyStatement
  | ts.FunctionDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration;

const isPlain = (statement: ts.Statement): statement is Plain =>
  ts.isVariableStatement(statement) ||
  ts.isExpressionStatement(statement) ||
  ts.isEmptyStatement(statement) ||
  ts.isFunctionDeclaration(statement) ||
  ts.isInterfaceDeclaration(statement) ||
  ts.isTypeAliasDeclaration(statement);

const isYield = (node: ts.Statement): node is ts.ExpressionStatement & { readonly expression: ts.YieldExpression } =>
  ts.isExpressionStatement(node) && ts.isYieldExpression(node.expression);

/** Statements without a way out. */
function lowerPlain(cursor: Cursor, statement: Plain): void {
  if (ts.isVariableStatement(statement)) lowerDeclarations(cursor, statement.declarationList);
  else if (ts.isExpressionStatement(statement)) lowerEffect(cursor, statement.expression);
}

/** One statement; control that reaches its end goes to `next`. */
export function lowerStatement(cursor: Cursor, statement: ts.Statement, next: Outcome): Flow {
  return escaped(cursor, lowerOne(cursor, statement, next));
}

function lowerOne(cursor: Cursor, statement: ts.Statement, next: Outcome): Flow {
  if (isLeftOut(cursor, statement)) return leaf(cursor, next);
  if (isYield(statement)) return lowerYield(cursor, statement.expression, next);
  if (isPlain(statement)) {
    lowerPlain(cursor, statement);
    return leaf(cursor, next);
  }
  if (ts.isBlock(statement)) return lowerStatements(cursor, statement.statements, next);
  if (ts.isIfStatement(statement)) return lowerIf(cursor, statement, next);
  if (ts.isForStatement(statement)) return lowerFor(cursor, statement, next);
  if (ts.isWhileStatement(statement)) return lowerWhile(cursor, statement, next);
  if (ts.isDoStatement(statement)) return lowerDo(cursor, statement, next);
  if (ts.isForOfStatement(statement)) return lowerForOf(cursor, statement, next);
  if (ts.isForInStatement(statement)) return lowerForIn(cursor, statement, next);
  if (ts.isSwitchStatement(statement)) return lowerSwitch(cursor, statement, next);
  if (ts.isLabeledStatement(statement)) return lowerLabeled(cursor, statement, next);
  if (ts.isReturnStatement(statement)) return lowerReturn(cursor, statement);
  if (ts.isBreakStatement(statement) || ts.isContinueStatement(statement)) return lowerJump(cursor, statement, next);
  if (ts.isThrowStatement(statement)) return throwAt(cursor, lowerThrown(cursor, statement), statement);
  if (ts.isTryStatement(statement)) return lowerTry(cursor, statement, next);
  if (!cursor.session.fenced.has(statement)) {
    report(cursor, "EZ2001", statement, { what: describe(statement), advice: "write it in another way" });
  }
  return leaf(cursor, next);
}

const describe = (node: ts.Node): string => `\`${ts.SyntaxKind[node.kind]}\``;

function lowerIf(cursor: Cursor, statement: ts.IfStatement, next: Outcome): Flow {
  const test = lowerCondition(cursor, statement.expression);
  const known = cursor.block.literalOf(test);
  const { thenStatement, elseStatement } = statement;
  if (known === true) return lowerStatement(cursor, thenStatement, next);
  if (known === false)
    return elseStatement === undefined ? leaf(cursor, next) : lowerStatement(cursor, elseStatement, next);
  const [then, otherwise] = branches(cursor, test);
  return fork(
    cursor,
    test,
    lowerStatement(then, thenStatement, next),
    elseStatement === undefined ? leaf(otherwise, next) : lowerStatement(otherwise, elseStatement, next),
  );
}

function lowerReturn(cursor: Cursor, statement: ts.ReturnStatement): Flow {
  const { frame } = cursor;
  if (statement.expression !== undefined && isOfConstructor(cursor)) {
    returnInstead(cursor, statement.expression);
  } else if (statement.expression !== undefined) {
    if (frame.returnSlot === null) lowerEffect(cursor, statement.expression);
    else {
      const answer = lowerAnswer(cursor, statement.expression, frame.returnSlot.type);
      cursor.env.set(frame.returnSlot, answer);
      if (!isPoisoned(cursor, answer) && !isMixedValue(answer)) frame.answers?.push(answer.type);
    }
  } else if (frame.returnSlot !== null) {
    cursor.env.set(frame.returnSlot, cursor.block.constant(undefined));
  }
  return leaf(cursor, frame.returned);
}

/** What is declared to be a number is no text; JavaScript alone may know better than its types say. */
function lowerAnswer(cursor: Cursor, node: ts.Expression, declared: Type | null): Value {
  const value = lowerExpression(cursor, node);
  const isNumber = declared?.kind === "number" || declared?.kind === "integer";
  if (isNumber && isText(value.type) && !isJavaScript(node.getSourceFile().fileName))
    report(cursor, "EZ2026", node, { type: "text or a number" });
  return value;
}

function lowerJump(cursor: Cursor, statement: ts.BreakOrContinueStatement, next: Outcome): Flow {
  const label = statement.label?.text ?? null;
  const isBreak = ts.isBreakStatement(statement);
  for (let at = cursor.targets; at !== null; at = at.outer) {
    if (label !== null ? at.label !== label : isBreak ? !at.plainBreak : at.continueTo === null) continue;
    const to = isBreak ? at.breakTo : at.continueTo;
    if (to !== null) return leaf(cursor, to);
  }
  report(cursor, "EZ2018", statement, { name: label ?? "" });
  return leaf(cursor, next);
}

function lowerLabeled(cursor: Cursor, statement: ts.LabeledStatement, next: Outcome): Flow {
  const label = statement.label.text;
  const { statement: body } = statement;
  if (ts.isIterationStatement(body, false)) {
    // The loop reads its label from its parent: `continue label` means its own next round.
    return lowerStatement(cursor, body, next);
  }
  return lowerStatement(
    {
      ...cursor,
      targets: { label, breakTo: next, continueTo: null, plainBreak: false, outer: cursor.targets },
    },
    body,
    next,
  );
}

/** `let x = 1, { y } = p;` */
export function lowerDeclarations(cursor: Cursor, list: ts.VariableDeclarationList): void {
  for (const declaration of list.declarations) lowerDeclaration(cursor, declaration, list);
}

function lowerDeclaration(cursor: Cursor, declaration: ts.VariableDeclaration, list: ts.VariableDeclarationList): void {
  const { name, initializer } = declaration;
  const isVar = !(list.flags & ts.NodeFlags.BlockScoped);
  // Another name of `Math` is looked up where it is used.
  if (initializer !== undefined && (list.flags & ts.NodeFlags.Const) !== 0 && ts.isIdentifier(name)) {
    if (isGlobal(cursor.session, initializer, "Math")) return;
  }
  if (initializer !== undefined && ts.isIdentifier(name)) {
    const callable = functionConstant(cursor, name, initializer);
    if (callable !== null) {
      const symbol = symbolAt(cursor.session, name);
      if (symbol !== null) cursor.scope.set(symbol, { kind: "function", callable });
      return;
    }
  }
  if (initializer !== undefined && ts.isObjectBindingPattern(name) && bindMath(cursor, name, initializer)) return;
  // `var x;` after `x = 1` changes nothing.
  if (isVar && initializer === undefined) return;
  bindPattern(cursor, name, null, initializer ?? null);
}

/** A variable that holds a function which is known here. */
function functionConstant(cursor: Cursor, name: ts.Identifier, initializer: ts.Expression): Callable | null {
  const { checker } = cursor.session;
  const signatures = checker.getNonNullableType(checker.getTypeAtLocation(initializer)).getCallSignatures();
  if (signatures.length === 0) return null;
  const callable = resolveCallable(cursor, initializer);
  if (callable === null) return null;
  // One that is given another function later is a variable that holds functions.
  return isFunctionSymbolConstant(cursor, name) ? callable : null;
}

/** `const { sin, cos } = Math;` */
function bindMath(cursor: Cursor, pattern: ts.ObjectBindingPattern, initializer: ts.Expression): boolean {
  if (!isGlobal(cursor.session, initializer, "Math")) return false;
  for (const one of pattern.elements) {
    if (!ts.isIdentifier(one.name)) continue;
    const key = one.propertyName ?? one.name;
    const symbol = symbolAt(cursor.session, one.name);
    if (symbol === null || !ts.isIdentifier(key)) continue;
    const isFunction = cursor.session.checker.getTypeAtLocation(one.name).getCallSignatures().length > 0;
    if (isFunction) cursor.scope.set(symbol, { kind: "function", callable: { kind: "math", name: key.text } });
    else bindPattern(cursor, one.name, mathValue(cursor, key), null);
  }
  return true;
}

function mathValue(cursor: Cursor, key: ts.Identifier): ReturnType<typeof poison> {
  const value = Object.entries(Object.getOwnPropertyDescriptors(Math)).find(([name]) => name === key.text)?.[1]
    .value as unknown;
  return typeof value === "number" ? cursor.block.constant(value, undefined, `Math.${key.text}`) : poison(cursor, key);
}

export { assertNever };
