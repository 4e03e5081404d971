/** `a.b`: lengths, fields, constants of `Math`, of namespaces and of enums. */
import ts from "typescript";
import { field } from "../ir/build.js";
import { integerType, isReference, isText, type Value, type Variable } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isVagueText } from "../syntax/type-of.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { compiledEnumMember } from "./compiled-enum.js";
import { isPoisoned, originOf, poison, refused, type Cursor, type Slot } from "./environment.js";
import { lowerArgumentsRead } from "./lower-arguments.js";
import { lowerGetter } from "./lower-method.js";
import { checkedType, lowerOptionalChain } from "./lower-expression.js";
import { lowerReference } from "./lower-assignment.js";
import { opaque } from "./lower-opaque.js";
import {
  isGlobal,
  isModuleValue,
  markModuleValue,
  mathConstants,
  moduleConstant,
  numberConstants,
  settledMember,
} from "./module-constants.js";

const pure = { reads: false, writes: false, observable: false } as const;

export function lowerProperty(
  cursor: Cursor,
  node: ts.PropertyAccessExpression,
  variable: Variable | null,
  given: Value | null = null,
): Value {
  const { session, block } = cursor;
  const name = node.name.text;
  if (given === null) {
    if (node.questionDotToken !== undefined) return lowerOptionalChain(cursor, node, variable);
    const constant =
      lowerArgumentsRead(cursor, node) ??
      libraryConstant(cursor, node) ??
      enumConstant(cursor, node) ??
      moduleProperty(cursor, node);
    if (constant !== null) return constant;
  }
  const own = fieldSlot(cursor, node);
  if (own !== null) return cursor.env.get(own) ?? poison(cursor, node);
  const base = given ?? lowerReference(cursor, node.expression);
  if (isPoisoned(cursor, base)) return poison(cursor, node);
  const { type } = base;
  if (name === "length") {
    if (type.kind === "array" || type.kind === "tuple") {
      const length = block.length(base, originOf(node, variable));
      session.present.add(length);
      return length;
    }
    if (isText(type)) {
      return opaque(cursor, "$0.length", [base], integerType, node, variable, pure);
    }
  }
  if (type.kind === "record") {
    if (type.fields.some((one) => one.name === name)) {
      const value = block.load(field(base, name), originOf(node, variable));
      if (value.type.kind !== "optional") session.certain.add(value);
      return isModuleValue(cursor, base) && isReference(value.type) ? markModuleValue(cursor, value) : value;
    }
    const getter = lowerGetter(cursor, base, node);
    if (getter !== null) return getter;
    if (lacksField(cursor, base, node)) return block.constant(undefined, originOf(node, variable));
  }
  if (type.kind === "opaque") {
    const result = checkedType(cursor, node);
    if (result !== null && (result.kind === "boolean" || result.kind === "opaque")) {
      return opaque(cursor, `$0.${name}`, [base], result, node, variable, { ...pure, reads: true });
    }
    return isVagueText(type.text)
      ? refused(cursor, node, "EZ1011", { name: node.expression.getText(), type: type.text })
      : refused(cursor, node, "EZ2007", { type: type.text });
  }
  return refused(cursor, node, "EZ2001", { what: `\`.${name}\` of such a value`, advice: "declare it in the type" });
}

/** A field that an object of a literal does not have is undefined. Other objects may have more than their types say. */
export const lacksField = (cursor: Cursor, base: Value, node: ts.Node): boolean =>
  cursor.session.complete.has(base) && isJavaScript(node.getSourceFile().fileName);

/** `this.x` in a constructor: a variable until the instance is made. */
export function fieldSlot(cursor: Cursor, node: ts.PropertyAccessExpression): Slot | null {
  if (node.expression.kind !== ts.SyntaxKind.ThisKeyword) return null;
  return cursor.frame.fields?.get(node.name.text) ?? null;
}

function enumConstant(cursor: Cursor, node: ts.PropertyAccessExpression): Value | null {
  const value = compiledEnumMember(cursor.session, node);
  return value === undefined ? null : cursor.block.constant(value, originOf(node));
}

function libraryConstant(cursor: Cursor, node: ts.PropertyAccessExpression): Value | null {
  const name = node.name.text;
  for (const [owner, constants] of [
    ["Math", mathConstants],
    ["Number", numberConstants],
  ] as const) {
    if (!isGlobal(cursor.session, node.expression, owner)) continue;
    const value = constants.get(name);
    if (value === undefined) return refused(cursor, node, "EZ2009", { name });
    return cursor.block.constant(value, originOf(node), `${owner}.${name}`);
  }
  return null;
}

/** A member of something that stands outside the function: a namespace, an imported module, a constant object, an enum. */
function moduleProperty(cursor: Cursor, node: ts.PropertyAccessExpression): Value | null {
  const { session } = cursor;
  let root: ts.Expression = unwrapped(node.expression);
  while (ts.isPropertyAccessExpression(root)) root = unwrapped(root.expression);
  if (!ts.isIdentifier(root)) return null;
  const rootSymbol = symbolAt(session, root);
  if (rootSymbol === null || cursor.scope.get(rootSymbol) !== null) return null;
  const symbol = session.checker.getSymbolAtLocation(node.name);
  const declaration = symbol === undefined ? undefined : resolveAlias(session, symbol).valueDeclaration;
  if (symbol === undefined || declaration === undefined) return settledMember(cursor, node);
  if (ts.isPropertyAssignment(declaration)) {
    const object = declaration.parent.parent;
    return ts.isVariableDeclaration(object) || ts.isPropertyAssignment(object) || isWrapped(object)
      ? moduleConstant(cursor, node, symbol)
      : null;
  }
  if (ts.isPropertyDeclaration(declaration)) {
    const isStatic = declaration.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true;
    return isStatic ? moduleConstant(cursor, node, symbol) : null;
  }
  return ts.isEnumMember(declaration) || ts.isVariableDeclaration(declaration)
    ? moduleConstant(cursor, node, symbol)
    : settledMember(cursor, node);
}

const isWrapped = (node: ts.Node): boolean =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node);
