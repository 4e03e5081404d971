/**
 * `a[i] = v` that always writes just behind the end is a push, which is what the passes after this know best.
 *
 *   const a = []; for (let i = 0; i < n; i++) a[i] = v;   =>   push a v
 *
 * Any other store behind the end stays one: the derivative sees to it that shadows follow.
 */
import ts from "typescript";
import type { Location, Value } from "../ir/ir.js";
import type { Cursor } from "./environment.js";
import { isAppend } from "./known-bounds.js";

/** Stores an element; true where that was done by a push. */
export function appends(cursor: Cursor, at: Location, value: Value, node: ts.Node): boolean {
  const { session, block } = cursor;
  if (at.kind !== "element" || !ts.isElementAccessExpression(node)) return false;
  const { base } = at;
  if (base.type.kind !== "array" || base.type.storage !== "Array") return false;
  // Where elements are taken off again, the literal says nothing.
  const shrinks = /\.(?:pop|shift|splice)\(|\.length\s*(?:--|\+\+|[-+*/%]?=[^=])|(?:--|\+\+)[\w.]+\.length/.test(
    cursor.frame.declaration.getText(),
  );
  const count = shrinks ? null : (session.literalCounts.get(base) ?? null);
  if (!isAppend(session, node, count)) return false;
  block.push(base, value);
  return true;
}
