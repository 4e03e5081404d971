/**
 * `for-in` over an array, whose positions are text: as long as they are only used as positions, they are numbers here.
 * Over an object that was made of a literal, the body is written once for each key.
 */
import ts from "typescript";
import { element } from "../ir/build.js";
import { readsOnly } from "../ir/effects.js";
import { booleanType, isMap, isOpenRecord, type Value } from "../ir/ir.js";
import { isNothing } from "../ir/join-types.js";
import { assignedSymbols, isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import { branches, originOf, outcome, refused, resumed, type Cursor, type Outcome, type Slot } from "./environment.js";
import { continueAt, fork, leaf, type Flow } from "./flow.js";
import { leavingHoles } from "./holes.js";
import { keysOfLiteral, type LiteralKey } from "./known-fields.js";
import { keysOfMark } from "./loaded-mark.js";
import { keysOf } from "./lower-dictionary.js";
import { lowerExpression } from "./lower-expression.js";
import { resizes } from "./lower-for-of.js";
import { inLoop, lowerLoop, overPositions } from "./lower-loop.js";
import { opaque } from "./lower-opaque.js";
import { lowerStatement } from "./lower-statement.js";

export function lowerForIn(cursor: Cursor, node: ts.ForInStatement, next: Outcome): Flow {
  const name = declaredName(node);
  const symbol = name === null ? null : symbolAt(cursor.session, name);
  if (
    name === null ||
    symbol === null ||
    assignedSymbols(cursor.session, node.statement).has(symbol) ||
    isUsedOutside(cursor, node, symbol)
  ) {
    return refuse(cursor, node, next, "`for-in` with a variable that is not its own", "declare it: for (const k in a)");
  }
  const object = lowerExpression(cursor, node.expression);
  const bind = (at: Cursor, value: Value): Cursor => {
    const slot: Slot = { variable: { name: name.text }, key: symbol, type: value.type, late: false, shared: false };
    at.scope.set(symbol, { kind: "variable", slot });
    at.env.set(slot, value);
    return at;
  };
  const { type } = object;
  if (isOpenRecord(type)) {
    const keys = keysOf(cursor, object, node.expression, null);
    return lowerLoop(
      cursor,
      node,
      overPositions(cursor, keys, node.expression),
      (at, round) => {
        const key = at.block.load(element(keys, round.counter), originOf(name, { name: name.text }));
        return lowerStatement(bind(inLoop(at, node, round.stop, round.again), key), node.statement, round.again);
      },
      next,
    );
  }
  if (type.kind === "array" && !isMap(type)) {
    const used = textUse(cursor, node.statement, symbol);
    if (used !== null) {
      return refuse(
        cursor,
        used,
        next,
        `\`${name.text}\`, which is text in \`for-in\`,`,
        `write Number(${name.text}), or loop with an index`,
      );
    }
    if (resizes(node.statement) || cursor.session.arrayMembers.size > 0) {
      return refuse(
        cursor,
        node,
        next,
        "`for-in` over an array that has other members or changes its length",
        "loop with an index",
      );
    }
    const range = overPositions(cursor, object, node.expression);
    return lowerLoop(
      cursor,
      node,
      range,
      (at, { counter, stop, again }) =>
        leavingHoles(at, object, counter, again, node, (there) =>
          lowerStatement(bind(inLoop(there, node, stop, again), counter), node.statement, again),
        ),
      next,
    );
  }
  if (isNothing(type)) return leaf(cursor, next);
  const ofMark = keysOfMark(cursor, object)?.map((name): LiteralKey => ({ name, isSure: true }));
  const keys = ofMark ?? keysOfLiteral(cursor, object);
  // In which order those stand that it may have, nobody knows.
  const isOrdered = keys !== null && (keys.every(({ isSure }) => isSure) || isForEachItself(node.statement, name.text));
  if (keys !== null && isOrdered) return unrolled(cursor, node, object, keys, bind, next);
  return refuse(cursor, node, next, "`for-in` over such a value", "name the fields, or use an array");
}

/** Does a body nothing but copy or set the member that the key names? `target[key] = source[key]` */
function isForEachItself(body: ts.Node, key: string): boolean {
  const isKeyed = (node: ts.Expression): boolean =>
    ts.isElementAccessExpression(node) &&
    ts.isIdentifier(node.argumentExpression) &&
    node.argumentExpression.text === key;
  const visit = (node: ts.Node): boolean => {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind) && !isKeyed(node.left))
      return false;
    const isCall = ts.isCallExpression(node) || ts.isNewExpression(node);
    if (isCall && !/\bhasOwnProperty(\.call)?$/.test(node.expression.getText())) return false;
    const isOther =
      ts.isPostfixUnaryExpression(node) ||
      (ts.isPrefixUnaryExpression(node) && node.operator !== ts.SyntaxKind.ExclamationToken) ||
      ts.isReturnStatement(node) ||
      ts.isBreakStatement(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isThrowStatement(node);
    return !isOther && ts.forEachChild(node, (child) => !visit(child) || undefined) !== true;
  };
  return visit(body);
}

function refuse(cursor: Cursor, node: ts.Node, next: Outcome, what: string, advice: string): Flow {
  refused(cursor, node, "EZ2001", { what, advice });
  return leaf(cursor, next);
}

function declaredName({ initializer }: ts.ForInStatement): ts.Identifier | null {
  const name = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0]?.name : undefined;
  return name !== undefined && ts.isIdentifier(name) ? name : null;
}

/** `var k` lives on after the loop. */
function isUsedOutside(cursor: Cursor, node: ts.ForInStatement, symbol: ts.Symbol): boolean {
  const visit = (at: ts.Node): boolean => {
    if (at === node) return false;
    if (ts.isIdentifier(at) && symbolAt(cursor.session, at) === symbol) return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  };
  return visit(cursor.frame.declaration);
}

/** A place where a position is used as anything but an index or a number: `a[k]`, `Number(k)`, `+k`, `parseInt(k)`. */
function textUse(cursor: Cursor, node: ts.Node, symbol: ts.Symbol): ts.Node | null {
  if (ts.isIdentifier(node) && symbolAt(cursor.session, node) === symbol && !isNumberUse(node)) return node;
  return ts.forEachChild(node, (child) => textUse(cursor, child, symbol) ?? undefined) ?? null;
}

function isNumberUse(node: ts.Identifier): boolean {
  let at: ts.Expression = node;
  while (ts.isExpression(at.parent) && unwrapped(at.parent) === node) at = at.parent;
  const { parent } = at;
  if (ts.isElementAccessExpression(parent)) return parent.argumentExpression === at;
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.PlusToken;
  if (!ts.isCallExpression(parent) || !ts.isIdentifier(parent.expression)) return false;
  return parent.arguments[0] === at && (parent.expression.text === "Number" || parent.expression.text === "parseInt");
}

function unrolled(
  cursor: Cursor,
  node: ts.ForInStatement,
  object: Value,
  [key, ...others]: readonly LiteralKey[],
  bind: (at: Cursor, value: Value) => Cursor,
  next: Outcome,
): Flow {
  if (key === undefined) return leaf(cursor, next);
  const after = outcome("next key");
  const value = cursor.block.constant(key.name, originOf(node));
  const round = (at: Cursor): Flow => lowerStatement(bind(inLoop(at, node, next, after), value), node.statement, after);
  const perhaps = (): Flow => {
    const template = `${JSON.stringify(key.name)} in $0`;
    const test = opaque(cursor, template, [object], booleanType, node, null, readsOnly);
    const [then, otherwise] = branches(cursor, test);
    return fork(cursor, test, round(then), leaf(otherwise, after));
  };
  return continueAt(
    key.isSure ? round(cursor) : perhaps(),
    after,
    (place) => unrolled(resumed(cursor, place), node, object, others, bind, next),
    false,
  );
}
