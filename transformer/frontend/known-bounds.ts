/** What can be read off the source about indices: which are not negative, which lie in their array, which append to it. */
import ts from "typescript";
import { assignedSymbols, symbolAt, unwrapped } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

/** `for (let i = from; i < to; i++)` around a place, with `i` changed nowhere else. */
interface Counter {
  readonly loop: ts.ForStatement;
  readonly from: ts.Expression;
  /** null: not of the form `i < to`. */
  readonly to: ts.Expression | null;
  readonly inclusive: boolean;
  readonly step: number;
}

function counterOf(session: LoweringSession, node: ts.Identifier): Counter | null {
  const symbol = symbolAt(session, node);
  const declaration = symbol?.valueDeclaration;
  if (symbol === null || declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
  const loop = declaration.parent.parent;
  if (!ts.isForStatement(loop) || declaration.initializer === undefined) return null;
  if (assignedSymbols(session, loop.statement).has(symbol)) return null;
  const step = loop.incrementor === undefined ? null : stepOf(unwrapped(loop.incrementor), node.text);
  if (step === null) return null;
  const condition = loop.condition === undefined ? null : unwrapped(loop.condition);
  const less =
    condition !== null &&
    ts.isBinaryExpression(condition) &&
    ts.isIdentifier(condition.left) &&
    condition.left.text === node.text &&
    (condition.operatorToken.kind === ts.SyntaxKind.LessThanToken ||
      condition.operatorToken.kind === ts.SyntaxKind.LessThanEqualsToken)
      ? condition
      : null;
  return {
    loop,
    from: declaration.initializer,
    to: less === null ? null : unwrapped(less.right),
    inclusive: less?.operatorToken.kind === ts.SyntaxKind.LessThanEqualsToken,
    step,
  };
}

function stepOf(node: ts.Expression, name: string): number | null {
  const isOwn = (at: ts.Expression): boolean => ts.isIdentifier(at) && at.text === name;
  if (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) {
    if (!isOwn(node.operand)) return null;
    return node.operator === ts.SyntaxKind.PlusPlusToken
      ? 1
      : node.operator === ts.SyntaxKind.MinusMinusToken
        ? -1
        : null;
  }
  if (!ts.isBinaryExpression(node) || !isOwn(node.left) || !ts.isNumericLiteral(node.right)) return null;
  if (node.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken) return Number(node.right.text);
  return node.operatorToken.kind === ts.SyntaxKind.MinusEqualsToken ? -Number(node.right.text) : null;
}

/** Can an index never be negative, as far as its text tells? */
export function isNonNegative(session: LoweringSession, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isNumericLiteral(at)) return true;
  if (ts.isPropertyAccessExpression(at)) return at.name.text === "length";
  if (ts.isIdentifier(at)) {
    const counter = counterOf(session, at);
    if (counter !== null) return counter.step > 0 && isNonNegative(session, counter.from);
    const declaration = symbolAt(session, at)?.valueDeclaration;
    const isConst =
      declaration !== undefined &&
      ts.isVariableDeclaration(declaration) &&
      (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
    return isConst && declaration.initializer !== undefined && isNonNegative(session, declaration.initializer);
  }
  if (!ts.isBinaryExpression(at)) return false;
  const { kind } = at.operatorToken;
  return (
    (kind === ts.SyntaxKind.PlusToken || kind === ts.SyntaxKind.AsteriskToken) &&
    isNonNegative(session, at.left) &&
    isNonNegative(session, at.right)
  );
}

const isLengthOf = (node: ts.Expression, array: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(node) && node.name.text === "length" && sameText(node.expression, array);

const sameText = (a: ts.Expression, b: ts.Expression): boolean => unwrapped(a).getText() === unwrapped(b).getText();

/**
 * Does `array[index] = ...` always write just behind the end? Either it says so (`xs[xs.length] = v`), or a loop fills
 * an array from its start: `const xs = []; for (let i = 0; i < n; i++) { ...; xs[i] = v; }`.
 */
export function isAppend(session: LoweringSession, target: ts.ElementAccessExpression, count: number | null): boolean {
  const [array, index] = [unwrapped(target.expression), unwrapped(target.argumentExpression)];
  if (isLengthOf(index, array)) return true;
  if (!ts.isIdentifier(array) || !ts.isIdentifier(index) || count === null) return false;
  const counter = counterOf(session, index);
  if (counter?.step !== 1) return false;
  const start = unwrapped(counter.from);
  if (!ts.isNumericLiteral(start) || Number(start.text) !== count) return false;
  const assignment = target.parent;
  const statement = assignment.parent;
  if (!ts.isExpressionStatement(statement)) return false;
  const body = counter.loop.statement;
  const statements = ts.isBlock(body) ? body.statements : [body];
  const position = statements.indexOf(statement);
  if (position < 0 || statements.slice(0, position).some(mayContinueLoop)) return false;
  const declaration = symbolAt(session, array)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return false;
  const list = declaration.parent.parent;
  if (list.parent !== counter.loop.parent) return false;
  // Another array in its place is not as long.
  if (!keepsLength(session, array, counter.loop)) return false;
  return growthSites(session, array, list.parent) === 1;
}

const mayContinueLoop = (node: ts.Node): boolean =>
  ts.isContinueStatement(node) || ts.forEachChild(node, (child) => mayContinueLoop(child) || undefined) === true;

/** How many places may change the length of an array: writes at an index that is no literal, methods, calls that take it. */
function growthSites(session: LoweringSession, array: ts.Identifier, inside: ts.Node): number {
  const symbol = symbolAt(session, array);
  let sites = 0;
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) && at.text === array.text && symbolAt(session, at) === symbol && mayGrow(at)) sites++;
    ts.forEachChild(at, visit);
  };
  visit(inside);
  return sites;
}

function mayGrow(at: ts.Identifier): boolean {
  const { parent } = at;
  if (ts.isElementAccessExpression(parent) && parent.expression === at) {
    const outer = parent.parent;
    return (
      ts.isBinaryExpression(outer) && outer.left === parent && outer.operatorToken.kind === ts.SyntaxKind.EqualsToken
    );
  }
  if (ts.isPropertyAccessExpression(parent))
    return ["push", "pop", "shift", "unshift", "splice"].includes(parent.name.text);
  // As a value it may be known under another name afterwards, but only what stands before the loop's end matters.
  return ts.isCallExpression(parent) || (ts.isVariableDeclaration(parent) && parent.name !== at);
}

/** Is `array[index]` surely there, as far as the text of the function tells? Elements of an array are taken not to be undefined. */
export function isElementThere(session: LoweringSession, node: ts.ElementAccessExpression): boolean {
  return liesIn(session, node.expression, node.argumentExpression, 0);
}

function liesIn(session: LoweringSession, array: ts.Expression, index: ts.Expression, depth: number): boolean {
  const at = unwrapped(index);
  if (depth > 8) return false;
  // `i - 1`, with an `i` that begins at 1.
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.MinusToken) {
    const [left, right] = [unwrapped(at.left), unwrapped(at.right)];
    if (!ts.isIdentifier(left) || !ts.isNumericLiteral(right)) return false;
    const from = counterOf(session, left)?.from;
    const isLater = from !== undefined && ts.isNumericLiteral(from) && Number(from.text) >= Number(right.text);
    return isLater && Number.isInteger(Number(right.text)) && liesIn(session, array, left, depth + 1);
  }
  if (!ts.isIdentifier(at)) return false;
  const counter = counterOf(session, at);
  if (counter === null || !keepsLength(session, array, counter.loop)) return false;
  if (counter.step > 0) {
    if (counter.to === null || !isNonNegative(session, counter.from)) return false;
    return isUpTo(session, array, counter.to, counter.inclusive, depth);
  }
  return staysPositive(counter.loop, at.text) && isUpTo(session, array, counter.from, true, depth);
}

/** Is what is less than a bound (or equal to it, if inclusive) an index of an array, if it is not negative? */
function isUpTo(
  session: LoweringSession,
  array: ts.Expression,
  bound: ts.Expression,
  inclusive: boolean,
  depth: number,
): boolean {
  const at = unwrapped(bound);
  if (!inclusive && (isLengthOf(at, array) || isMadeWith(session, array, at))) return true;
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.MinusToken) {
    return ts.isNumericLiteral(at.right) && Number(at.right.text) >= 1 && isUpTo(session, array, at.left, false, depth);
  }
  if (!ts.isIdentifier(at)) return false;
  if (liesIn(session, array, at, depth + 1)) return true;
  const initializer = constInitializer(session, at);
  return initializer !== null && depth <= 8 && isUpTo(session, array, initializer, inclusive, depth + 1);
}

/** `for (let i = n - 1; i >= 0; i--)` */
function staysPositive({ condition }: ts.ForStatement, name: string): boolean {
  const at = condition === undefined ? null : unwrapped(condition);
  if (at === null || !ts.isBinaryExpression(at) || !ts.isIdentifier(at.left) || at.left.text !== name) return false;
  const { kind } = at.operatorToken;
  const isCompared = kind === ts.SyntaxKind.GreaterThanEqualsToken || kind === ts.SyntaxKind.GreaterThanToken;
  return isCompared && ts.isNumericLiteral(at.right);
}

function constInitializer(session: LoweringSession, node: ts.Identifier): ts.Expression | null {
  const declaration = symbolAt(session, node)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
  return (declaration.parent.flags & ts.NodeFlags.Const) !== 0 ? (declaration.initializer ?? null) : null;
}

/** `const a = new Array(n).fill(...)`, `const a = Array.from({ length: n }, ...)`, with an `n` that is never assigned. */
function isMadeWith(session: LoweringSession, array: ts.Expression, length: ts.Expression): boolean {
  const name = unwrapped(array);
  if (!ts.isIdentifier(name) || !ts.isIdentifier(length)) return false;
  const made = constInitializer(session, name);
  const symbol = symbolAt(session, length);
  const owner = ts.findAncestor(length, ts.isFunctionLike);
  if (made === null || symbol === null || owner === undefined) return false;
  if (assignedSymbols(session, owner).has(symbol) || !keepsLength(session, array, owner)) return false;
  const text = unwrapped(made).getText().replace(/\s+/g, "");
  const named = length.text === "length" ? "length|length:length" : `length:${length.text}`;
  return new RegExp(
    `^(new)?Array(<[^(]*>)?\\(${length.text}\\)\\.fill\\(|^Array\\.from(<[^(]*>)?\\(\\{(${named})\\},`,
  ).test(text);
}

const shortening: ReadonlySet<string> = new Set(["pop", "shift", "splice"]);

/** Does nothing in a stretch of source make an array shorter, or put another one in its place? */
const keepsLength = (session: LoweringSession, array: ts.Expression, inside: ts.Node): boolean =>
  !shortenedIn(session, inside).has(unwrapped(array).getText());

/** What a stretch of source makes shorter or replaces, as it is called there. */
function shortenedIn(session: LoweringSession, inside: ts.Node): ReadonlySet<string> {
  const known = session.shortened.get(inside);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isPropertyAccessExpression(at)) {
      const isOperand = ts.isPrefixUnaryExpression(at.parent) || ts.isPostfixUnaryExpression(at.parent);
      const isSet =
        at.name.text === "length" && (isOperand || (ts.isBinaryExpression(at.parent) && at.parent.left === at));
      if (isSet || shortening.has(at.name.text)) names.add(unwrapped(at.expression).getText());
    }
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken)
      names.add(unwrapped(at.left).getText());
    ts.forEachChild(at, visit);
  };
  visit(inside);
  session.shortened.set(inside, names);
  return names;
}
