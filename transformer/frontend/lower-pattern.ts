/**
 * Regular expressions: carried along as they are written. What is asked of a text that is known is known, too, and no
 * number is text of a pattern that asks for characters which numbers do not have.
 *
 *   /deg$/.test(unit)   =>   as written      /^(\d+)x$/.exec("3x")   =>   ["3x", "3"]      /^\d+°$/.test(String(x))   =>   false
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { isText, type Type, type Value, type Variable } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { resolveAlias, unwrapped } from "./assigned-symbols.js";
import { plainArguments } from "./bind-arguments.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { listOf } from "./given-list.js";
import type { Argument } from "./lower-call.js";
import { opaqueTest } from "./lower-condition.js";
import { lowerExpression } from "./lower-expression.js";
import { opaque } from "./lower-opaque.js";
import { partsOfLiteral, patternFrom } from "./loading/regular-expressions.js";
import { matchesNoNumber } from "./number-patterns.js";

const patternType: Type = { kind: "opaque", text: "RegExp" };
const matchType: Type = { kind: "opaque", text: "RegExpExecArray | null" };

/** `/deg$/` */
export function lowerPatternLiteral(
  cursor: Cursor,
  node: ts.RegularExpressionLiteral,
  variable: Variable | null,
): Value {
  return patternValue(cursor, patternFrom(...partsOfLiteral(node)), node, variable);
}

/** `const degrees = /deg$/;` of a module, which is written where it is needed; null: a name of something else. */
export function patternConstant(cursor: Cursor, symbol: ts.Symbol, node: ts.Node): Value | null {
  const declaration = resolveAlias(cursor.session, symbol).valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || declaration.initializer === undefined)
    return null;
  const at = unwrapped(declaration.initializer);
  const isConst = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  if (!isConst || !ts.isRegularExpressionLiteral(at)) return null;
  const pattern = patternFrom(...partsOfLiteral(at));
  // One that remembers where it was is no constant.
  return pattern === null || pattern.global || pattern.sticky ? null : patternValue(cursor, pattern, node, null);
}

/** A regular expression that is known. */
export function patternValue(cursor: Cursor, pattern: RegExp | null, node: ts.Node, variable: Variable | null): Value {
  // `$1` would be taken for an operand.
  if (pattern === null || /\$\d/.test(pattern.source)) {
    return refused(cursor, node, "EZ2001", {
      what: "such a regular expression",
      advice: "test the text before, and pass the answer",
    });
  }
  const value = makeValue(patternType, originOf(node, variable));
  cursor.block.append({ kind: "opaque", results: [value], template: String(pattern), operands: [], effects: pure });
  cursor.session.patterns.set(value, pattern);
  cursor.session.present.add(value);
  return value;
}

/** `new RegExp(source, flags)` of what is known; undefined: it is not. */
export function lowerNewPattern(
  cursor: Cursor,
  args: readonly ts.Expression[],
  node: ts.Node,
  variable: Variable | null,
): Value {
  const [first, second] = args.map((one) => lowerExpression(cursor, one));
  const like = first === undefined ? undefined : cursor.session.patterns.get(first);
  const literal = first === undefined ? undefined : cursor.block.literalOf(first);
  const flags = second === undefined ? (like?.flags ?? "") : cursor.block.literalOf(second);
  const source = like?.source ?? (typeof literal === "string" ? literal : null);
  const pattern = source === null || typeof flags !== "string" ? null : patternFrom(source, flags);
  if (first !== undefined && isPoisoned(cursor, first)) return poison(cursor, node);
  return patternValue(cursor, pattern, node, variable);
}

/** `pattern.test(text)`, `pattern.exec(text)`; undefined: the object is no regular expression. */
export function lowerPatternMethod(
  cursor: Cursor,
  base: Value,
  name: string,
  args: readonly Argument[],
  node: ts.CallExpression,
  variable: Variable | null,
): Value | undefined {
  const pattern = cursor.session.patterns.get(base);
  if (pattern === undefined) return undefined;
  const [text, ...others] = plainArguments(args) ?? [];
  if (text === undefined || others.length > 0 || (name !== "test" && name !== "exec")) {
    return refused(cursor, node, "EZ2014", { name, type: "a regular expression" });
  }
  if (isPoisoned(cursor, text)) return poison(cursor, node);
  if (pattern.global || pattern.sticky) {
    return refused(cursor, node, "EZ2001", {
      what: "a regular expression that remembers where it was,",
      advice: "leave out the flags `g` and `y`",
    });
  }
  return name === "test"
    ? tested(cursor, base, pattern, text, node)
    : found(cursor, base, pattern, text, node, variable);
}

/** `text.match(pattern)`; undefined: it is something else. */
export function lowerMatch(
  cursor: Cursor,
  text: Value,
  args: readonly Argument[],
  node: ts.CallExpression,
  variable: Variable | null,
): Value | undefined {
  const [base] = plainArguments(args) ?? [];
  const pattern = base === undefined ? undefined : cursor.session.patterns.get(base);
  if (base === undefined || pattern === undefined || pattern.global || !isText(text.type)) return undefined;
  return found(cursor, base, pattern, text, node, variable);
}

/** Is it known what a regular expression finds in a text? undefined: no. */
function match({ session, block }: Cursor, pattern: RegExp, text: Value): RegExpExecArray | null | undefined {
  const literal = block.literalOf(text);
  if (typeof literal === "string") return new RegExp(pattern).exec(literal);
  const isNumber = text.type.kind === "number" || text.type.kind === "integer" || session.numberTexts.has(text);
  return isNumber && matchesNoNumber(pattern) ? null : undefined;
}

function tested(cursor: Cursor, base: Value, pattern: RegExp, text: Value, node: ts.Node): Value {
  const known = match(cursor, pattern, text);
  if (known !== undefined) return cursor.block.constant(known !== null, originOf(node));
  return opaqueTest(cursor, `$0.test(${asText(text)})`, [base, text], node);
}

/** Whatever is looked at is made a text first. */
const asText = ({ type }: Value): string => (isText(type) ? "$1" : "String($1)");

function found(
  cursor: Cursor,
  base: Value,
  pattern: RegExp,
  text: Value,
  node: ts.Node,
  variable: Variable | null,
): Value {
  const known = match(cursor, pattern, text);
  if (known === null) return cursor.block.constant(null, originOf(node, variable));
  if (known === undefined)
    return opaque(cursor, `$0.exec(${asText(text)})`, [base, text], matchType, node, variable, pure);
  // A group that took nothing is undefined.
  const parts = [...known].map((one: string | undefined) => cursor.block.constant(one, originOf(node)));
  return listOf(cursor, parts, node);
}
