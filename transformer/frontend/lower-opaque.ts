/** Text and errors: carried along as source, with the values they mention as operands. */
import { noteForeign } from "./undefined-keys.js";
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { isReference, type Effects, type Type, type Value, type Variable } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { resolveAlias, unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { lowerMaybe } from "./lower-expression.js";
import { importedName, visibleName } from "./module-constants.js";

const stringType: Type = { kind: "opaque", text: "string" };

/** Text made by an operator or a method: `$0 + $1`. */
export function opaqueText(
  cursor: Cursor,
  template: string,
  operands: readonly Value[],
  node: ts.Node,
  variable: Variable | null,
): Value {
  return opaque(cursor, template, operands, stringType, node, variable, pure);
}

export function opaque(
  cursor: Cursor,
  template: string,
  operands: readonly Value[],
  type: Type,
  node: ts.Node,
  variable: Variable | null,
  effects: Effects,
): Value {
  if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
  const value = makeValue(type, originOf(node, variable));
  if (isReference(type)) noteForeign(cursor, type, node);
  const reads = effects.reads || operands.some((operand) => isReference(operand.type));
  cursor.block.append({ kind: "opaque", results: [value], template, operands, effects: { ...effects, reads } });
  return value;
}

/** A dollar of the user's own is no place for an operand. */
const escaped = (text: string): string => text.replaceAll("$", "\\u0024");

/** Text as it is written in a template of an operation. */
export const escapedText = (text: string): string => escaped(JSON.stringify(text));

/** Template and concatenation as one operation, so that it reads as the user wrote it. */
export function lowerOpaqueText(cursor: Cursor, node: ts.Expression, variable: Variable | null): Value {
  const operands: Value[] = [];
  const template = textOf(cursor, node, operands);
  const known = operands.length > 0 ? knownText(cursor, node, [...operands]) : null;
  if (known !== null) return cursor.block.constant(known, originOf(node, variable));
  return opaqueText(cursor, template, operands, node, variable);
}

/** The text itself, where all that is in it is known: `[object ${name}]`. `operands` are those of `textOf`, in order. */
function knownText(cursor: Cursor, node: ts.Expression, operands: Value[]): string | null {
  const at = unwrapped(node);
  if (ts.isStringLiteralLike(at)) return at.text;
  if (ts.isNumericLiteral(at)) return String(Number(at.text));
  if (ts.isTemplateExpression(at)) {
    const spans = at.templateSpans.map((span) => {
      const inside = knownText(cursor, span.expression, operands);
      return inside === null ? null : inside + span.literal.text;
    });
    return spans.includes(null) ? null : at.head.text + spans.join("");
  }
  if (isConcatenation(cursor, at)) {
    const left = knownText(cursor, at.left, operands);
    const right = knownText(cursor, at.right, operands);
    return left === null || right === null ? null : left + right;
  }
  const operand = operands.shift();
  const literal = operand === undefined ? undefined : cursor.block.literalOf(operand);
  return typeof literal === "string" || typeof literal === "number" ? String(literal) : null;
}

function textOf(cursor: Cursor, node: ts.Expression, operands: Value[]): string {
  const at = unwrapped(node);
  if (ts.isStringLiteral(at)) return escaped(JSON.stringify(at.text));
  if (ts.isNumericLiteral(at)) return at.getText();
  if (ts.isNoSubstitutionTemplateLiteral(at)) return escaped(JSON.stringify(at.text));
  if (ts.isTemplateExpression(at)) {
    const spans = at.templateSpans.map(
      (span) => `\${${textOf(cursor, span.expression, operands)}}${rawText(span.literal)}`,
    );
    return `\`${rawText(at.head)}${spans.join("")}\``;
  }
  if (isConcatenation(cursor, at)) {
    const left = textOf(cursor, at.left, operands);
    return `${left} + ${textOf(cursor, at.right, operands)}`;
  }
  operands.push(lowerMaybe(cursor, at));
  return `$${operands.length - 1}`;
}

const isConcatenation = ({ session }: Cursor, node: ts.Expression): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) &&
  node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
  (session.checker.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike) !== 0;

/** The text between the holes of a template, as it stands in the source. */
function rawText(literal: ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail): string {
  const text = literal.getText();
  return escaped(text.slice(1, ts.isTemplateTail(literal) ? -1 : -2));
}

/** What is thrown: `new RangeError("...")`, or any value. */
export function lowerThrown(cursor: Cursor, statement: ts.ThrowStatement): Value {
  // What a `catch` looks at may be one of several errors: all it knows is that it is one.
  const isLookedAt = cursor.handler !== null && cursor.handler.error !== null;
  return lowerError(cursor, statement.expression, isLookedAt ? "Error" : null);
}

export function lowerError(cursor: Cursor, node: ts.Expression, typeText: string | null = null): Value {
  const at = unwrapped(node);
  if (!(ts.isNewExpression(at) || ts.isCallExpression(at)) || !ts.isIdentifier(at.expression))
    return lowerMaybe(cursor, at);
  const name = at.expression.text;
  const symbol = cursor.session.checker.getSymbolAtLocation(at.expression);
  const { program } = cursor.session;
  const isGlobal =
    symbol?.declarations?.some((one) => program.isSourceFileDefaultLibrary(one.getSourceFile())) === true &&
    /Error$/.test(name);
  const seen = isGlobal ? name : symbol === undefined ? null : visibleName(cursor, symbol);
  const visible = seen ?? (symbol === undefined ? null : importedName(cursor, resolveAlias(cursor.session, symbol)));
  if (visible === null) return refused(cursor, at, "EZ2008", { name });
  const operands: Value[] = [];
  const args = (at.arguments ?? []).map((argument) => {
    const bare = unwrapped(argument);
    // The cause of an error and its like: `{ cause: e }`.
    if (ts.isObjectLiteralExpression(bare)) return null;
    return textOf(cursor, argument, operands);
  });
  if (args.includes(null))
    return refused(cursor, at, "EZ2001", { what: "an error with options", advice: "give it a message only" });
  const constructed = ts.isNewExpression(at) ? "new " : "";
  return opaque(
    cursor,
    `${constructed}${visible}(${args.join(", ")})`,
    operands,
    { kind: "opaque", text: typeText ?? name },
    at,
    null,
    pure,
  );
}

/** `console.log(...)`: seen from outside, once. */
export function lowerConsole(cursor: Cursor, node: ts.CallExpression, method: string): void {
  const operands: Value[] = [];
  const args = node.arguments.map((argument) => {
    if (ts.isSpreadElement(argument)) return `...${textOf(cursor, argument.expression, operands)}`;
    return textOf(cursor, argument, operands);
  });
  if (isPoisoned(cursor, ...operands)) return;
  cursor.block.append({
    kind: "opaque",
    results: [],
    template: `console.${method}(${args.join(", ")})`,
    operands,
    effects: { reads: true, writes: false, observable: true },
  });
}
