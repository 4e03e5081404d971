/**
 * `a[i] = v` where `a` may be shorter: in JavaScript it gets longer. Here only `push` makes an array longer, so that its
 * shadow follows.
 *
 *   a[i] = v   =>   if (i < a.length) a[i] = v; else { while (a.length < i) a.push(NaN); a.push(v); }
 */
import ts from "typescript";
import { inventedOrigin, isReference, type Location, type Value } from "../ir/ir.js";
import { inner, originOf, outcome, placeholder, type Cursor } from "./environment.js";
import { fork, gather, leaf, thrown } from "./flow.js";
import { unwrapped } from "./assigned-symbols.js";
import { isAppend, isInBounds, neverShortened, testsElements } from "./known-bounds.js";
import { unwrapTo } from "./lower-function.js";
import { runLoop } from "./lower-loop.js";
import { apply } from "./lower-operator.js";
import { pure } from "../ir/effects.js";

/** Stores an element; true where that was done in a way that lets the array grow. */
export function storeGrowing(cursor: Cursor, at: Location, value: Value, node: ts.Node): boolean {
  const { session, block } = cursor;
  if (at.kind !== "element" || !ts.isElementAccessExpression(node)) return false;
  const { base, index } = at;
  if (base.type.kind !== "array" || base.type.storage !== "Array") return false;
  // Where elements are taken off again, the literal says nothing.
  const shrinks = /\.(?:pop|shift|splice)\(|\.length = /.test(cursor.frame.declaration.getText());
  const count = shrinks ? null : (session.literalCounts.get(base) ?? null);
  if (isAppend(session, node, count)) {
    block.push(base, value);
    return true;
  }
  if (!session.growable.has(base)) return false;
  const sure = neverShortened(session, node.expression) ? count : null;
  if (isInBounds(session, node.expression, node.argumentExpression, sure)) return false;
  const length = block.length(base, originOf(node));
  const test = apply(cursor, "lt", [index, length], node);
  const [then, otherwise] = [inner(cursor), inner(cursor)];
  then.block.store(at, value);
  fillGap(otherwise, base, index, node);
  otherwise.block.push(base, value);
  const end = outcome("stored");
  gather(fork(cursor, test, leaf(then, end), leaf(otherwise, end)), []);
  return true;
}

/** Elements between the end and a place behind it: undefined, which is NaN in arithmetic. */
function fillGap(cursor: Cursor, base: Value, index: Value, node: ts.ElementAccessExpression): void {
  const held = base.type.kind === "array" ? base.type.element : null;
  const isFilled = held !== null && (held.kind === "number" || (isReference(held) && fallsToZero(node)));
  if (!isFilled || testsElements(cursor.frame.declaration)) {
    const length = cursor.block.length(base, originOf(node));
    const gap = apply(cursor, "gt", [index, length], node);
    throwWhere(
      cursor,
      gap,
      "an element is written far behind the end of its array, which a derivative cannot follow",
      node,
    );
    return;
  }
  runLoop(cursor, node.parent, null, (at, round) => {
    const length = at.block.length(base, originOf(node));
    const short = apply(at, "lt", [length, index], node);
    const [then, otherwise] = [inner(at), inner(at)];
    // Who reads an array or object before it is put there fails, as in the function itself.
    const gap = placeholder(then.block, held, inventedOrigin, NaN);
    then.block.push(base, isReference(held) ? unwrapTo(then, gap, held) : gap);
    return fork(at, short, leaf(then, round.again), leaf(otherwise, round.stop));
  });
}

/** `while (i--) rows[i] = [];`: is an array filled from its end? */
function fallsToZero({ argumentExpression }: ts.ElementAccessExpression): boolean {
  const index = unwrapped(argumentExpression);
  const within = ts.findAncestor(argumentExpression, (at) => ts.isIterationStatement(at, false));
  if (!ts.isIdentifier(index) || within === undefined) return false;
  const visit = (at: ts.Node): boolean =>
    ((ts.isPostfixUnaryExpression(at) || ts.isPrefixUnaryExpression(at)) &&
      at.operator === ts.SyntaxKind.MinusMinusToken &&
      at.operand.getText() === index.text) ||
    ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  return visit(within);
}

/** What a derivative cannot follow ends there, whatever the function would do. */
export function throwWhere(cursor: Cursor, test: Value, message: string, node: ts.Node): void {
  const [then, otherwise] = [inner(cursor), inner(cursor)];
  const value: Value = { type: { kind: "opaque", text: "RangeError" }, origin: originOf(node) };
  then.block.append({
    kind: "opaque",
    results: [value],
    template: `new RangeError(${JSON.stringify(message)})`,
    operands: [],
    effects: pure,
  });
  gather(fork(cursor, test, thrown(then, value), leaf(otherwise, outcome("followed"))), []);
}

/** What is loaded from an array that may grow may grow too. */
export function followGrowth(cursor: Cursor, base: Value, loaded: Value): void {
  if (loaded.type.kind === "array" && cursor.session.growable.has(base)) cursor.session.growable.add(loaded);
}
