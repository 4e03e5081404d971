/**
 * Variables of a module that its functions only work in: each call gives them a value before it reads them, so that they
 * are as good as variables of the function.
 *
 *   let sum = 0;
 *   function add(v: number): void { sum += v; }
 *   export function total(xs: number[]): number { sum = 0; for (const x of xs) add(x); return sum; }
 *
 * Nobody else may look at what a call leaves behind. So every function that reads such a variable before it gives it a
 * value must be one that its file calls, and hands to nobody; on the way that is lowered, the value must be known.
 */
import ts from "typescript";
import { typeOf } from "../syntax/type-of.js";
import { isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import type { Cursor, Slot } from "./environment.js";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";
import { isPublic } from "./settled-constant.js";
import { isUndeclared, undeclaredVariable } from "./undeclared-variable.js";

/** The variable of the function that stands for one of its module; null: the declaration is none of these. */
export function scratchVariable(cursor: Cursor, node: ts.Identifier): Slot | null {
  const { session } = cursor;
  const found = sharedVariable(session, node);
  if (found === null) return null;
  const { declaration, symbol } = found;
  const known = session.scratchVariables.get(declaration);
  if (known !== undefined) return known;
  if (!isWrittenFirst(session, found)) return null;
  const slot: Slot = {
    variable: { name: node.text },
    key: symbol ?? declaration,
    type:
      symbol === null ? null : typeOf(session.checker.getTypeOfSymbolAtLocation(symbol, declaration), session.types),
    late: false,
    shared: true,
  };
  session.scratchVariables.set(declaration, slot);
  for (const one of cursor.frame.inlining.slice(0, 1)) session.scratchUsers.add(one);
  return slot;
}

/** A variable of a module that nobody else knows, or one that nobody declares. */
interface Variable {
  readonly declaration: ts.VariableDeclaration | ts.Identifier;
  /** null: it is not declared. */
  readonly symbol: ts.Symbol | null;
  readonly name: string;
}

function sharedVariable(session: LoweringSession, node: ts.Identifier): Variable | null {
  const name = node.text;
  const symbol = symbolAt(session, node);
  const declaration = symbol?.valueDeclaration;
  if (symbol === null || declaration === undefined) {
    const first = undeclaredVariable(session, node);
    return first === null ? null : { declaration: first, symbol: null, name };
  }
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return null;
  const isOwn = isAtTop(session, declaration) && !isPublic(session, declaration);
  return isOwn ? { declaration, symbol, name: declaration.name.text } : null;
}

/** What an identifier stands for in the eyes of `mentionsScratch`. */
export const variableBehind = (session: LoweringSession, node: ts.Identifier): ts.Node | undefined =>
  symbolAt(session, node)?.valueDeclaration ??
  session.undeclared.get(node.getSourceFile())?.get(node.text) ??
  undefined;

const isUse = (session: LoweringSession, node: ts.Node, { symbol, name }: Variable): node is ts.Identifier =>
  ts.isIdentifier(node) &&
  node.text === name &&
  (symbol === null ? isUndeclared(session, node) : symbolAt(session, node) === symbol);

export const isScratchVariable = ({ session }: Cursor, slot: Slot): boolean =>
  [...session.scratchVariables.values()].includes(slot);

/** What a function does with a variable, or with another function, in the order of its text. */
type Event =
  | { readonly kind: "read" }
  /** It happens whenever the function runs. */
  | { readonly kind: "write" }
  | { readonly kind: "mention"; readonly unit: Unit; readonly isCall: boolean; readonly isCertain: boolean };

/** A function of the file that no other is around, but those that run once. */
interface Unit {
  readonly node: ts.FunctionLikeDeclaration;
  readonly symbol: ts.Symbol | null;
}

/** Is nobody left who could see what an earlier call has put into a variable? */
function isWrittenFirst(session: LoweringSession, variable: Variable): boolean {
  const { declaration } = variable;
  const known = session.writtenFirst.get(declaration);
  if (known !== undefined) return known;
  const units = unitsOf(session, declaration.getSourceFile());
  const events = new Map(units.map((unit) => [unit, eventsOf(session, unit, variable, units)] as const));
  const exposed = new Set<Unit>();
  // A call of a function that writes it is a write.
  const writers = new Set<Unit>();
  const writes = (one: Event): boolean =>
    one.kind === "write" || (one.kind === "mention" && one.isCall && one.isCertain && writers.has(one.unit));
  for (let before = -1; before !== writers.size;) {
    before = writers.size;
    for (const [unit, list] of events) if (list.some(writes)) writers.add(unit);
  }
  const isExposed = (list: readonly Event[]): boolean => {
    const first = list.find(
      (one) => one.kind === "read" || writes(one) || (one.kind === "mention" && exposed.has(one.unit)),
    );
    return first !== undefined && (first.kind === "read" || (first.kind === "mention" && exposed.has(first.unit)));
  };
  for (let before = -1; before !== exposed.size;) {
    before = exposed.size;
    for (const [unit, list] of events) if (isExposed(list)) exposed.add(unit);
  }
  const mentioned = [...events.values(), topEvents(session, declaration.getSourceFile(), units)].flat();
  const answer = [...exposed].every(
    (unit) =>
      unit.symbol !== null &&
      !isExported(unit.node) &&
      mentioned.every((one) => one.kind !== "mention" || one.unit !== unit || one.isCall),
  );
  session.writtenFirst.set(declaration, answer);
  return answer;
}

function unitsOf(session: LoweringSession, file: ts.SourceFile): readonly Unit[] {
  const units: Unit[] = [];
  const visit = (node: ts.Node): void => {
    if (isFunction(node) && !isRunOnce(session, node)) {
      const name = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      const isNamed = name !== undefined && ts.isIdentifier(name) && !ts.isClassLike(node.parent);
      units.push({ node, symbol: isNamed ? symbolAt(session, name) : null });
    } else ts.forEachChild(node, visit);
  };
  visit(file);
  return units;
}

const isFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration => ts.isFunctionLike(node) && "body" in node;

/** Does what stands in it count as the top of the file? */
function isRunOnce(session: LoweringSession, { body }: ts.FunctionLikeDeclaration): boolean {
  const first = body !== undefined && ts.isBlock(body) ? body.statements[0] : body;
  return first !== undefined && isAtTop(session, first);
}

function isExported(node: ts.FunctionLikeDeclaration): boolean {
  const holder = ts.isVariableDeclaration(node.parent) ? node.parent : node;
  return (ts.getCombinedModifierFlags(holder) & ts.ModifierFlags.Export) !== 0;
}

function eventsOf(session: LoweringSession, unit: Unit, variable: Variable, units: readonly Unit[]): readonly Event[] {
  const events: Event[] = [];
  // A function that is declared further down can be called further up.
  const hoisted: ts.Node[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node !== unit.node) hoisted.push(node);
    else ts.forEachChild(node, collect);
  };
  collect(unit.node);
  const visit = (node: ts.Node, isCertain: boolean): void => {
    if (ts.isFunctionDeclaration(node) && hoisted.includes(node)) return;
    // A function that is kept may run when everything else is over.
    if (node !== unit.node && ts.isFunctionLike(node) && !ts.isCallExpression(node.parent)) {
      if (namesVariable(session, node, variable)) events.unshift({ kind: "read" });
    }
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      const target = unwrapped(node.left);
      if (isUse(session, target, variable)) {
        const isPlain = node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
        if (!isPlain) events.push({ kind: "read" });
        visit(node.right, isCertain);
        if (isPlain && isCertain) events.push({ kind: "write" });
        return;
      }
    }
    if (ts.isIdentifier(node)) {
      const symbol = symbolAt(session, node);
      if (isUse(session, node, variable)) events.push({ kind: "read" });
      const mentioned = symbol === null ? undefined : units.find((one) => one.symbol === symbol);
      if (mentioned !== undefined) events.push({ kind: "mention", unit: mentioned, isCall: isCalled(node), isCertain });
      return;
    }
    if (ts.isCallExpression(node)) {
      // What is handed over is known before the function runs.
      for (const one of node.arguments) visit(one, isCertain);
      visit(node.expression, isCertain);
      return;
    }
    ts.forEachChild(node, (child) => visit(child, isCertain && runs(node, child)));
  };
  for (const node of hoisted) ts.forEachChild(node, (child) => visit(child, false));
  const { body } = unit.node;
  for (const parameter of unit.node.parameters) visit(parameter, false);
  if (body !== undefined) visit(body, true);
  return events;
}

const callers = new Set("forEach map filter reduce reduceRight some every find findIndex flatMap sort".split(" "));

/** `f(x)`, `xs.forEach(f)` */
function isCalled(node: ts.Identifier): boolean {
  const { parent } = node;
  if (!ts.isCallExpression(parent)) return false;
  if (parent.expression === node) return true;
  return ts.isPropertyAccessExpression(parent.expression) && callers.has(parent.expression.name.text);
}

const namesVariable = (session: LoweringSession, node: ts.Node, variable: Variable): boolean =>
  isUse(session, node, variable) ||
  ts.forEachChild(node, (child) => namesVariable(session, child, variable) || undefined) === true;

/** Does a node always run a part of it? */
function runs(node: ts.Node, child: ts.Node): boolean {
  if (ts.isForStatement(node)) return child === node.initializer;
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return isAssignmentOperator(kind) || kind === ts.SyntaxKind.CommaToken || child === node.left;
  }
  // What stands behind a way out may never be reached, but then nothing behind it is.
  return (
    ts.isBlock(node) ||
    ts.isExpressionStatement(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isVariableStatement(node) ||
    ts.isVariableDeclarationList(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isReturnStatement(node)
  );
}

/** What the top of a file does with its functions, besides declaring them. */
function topEvents(session: LoweringSession, file: ts.SourceFile, units: readonly Unit[]): readonly Event[] {
  const events: Event[] = [];
  const visit = (node: ts.Node): void => {
    if (units.some((one) => one.node === node)) return;
    if (ts.isIdentifier(node)) {
      const symbol = symbolAt(session, node);
      const unit = symbol === null ? undefined : units.find((one) => one.symbol === symbol);
      const isOwnName = unit !== undefined && ts.isVariableDeclaration(node.parent) && node.parent.name === node;
      // While the file is loaded, nobody has left anything yet.
      const isCall = isOwnName || isCalled(node);
      if (unit !== undefined) events.push({ kind: "mention", unit, isCall, isCertain: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return events;
}
