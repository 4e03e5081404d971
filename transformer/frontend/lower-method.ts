/** Methods, getters and setters: functions that take the instance first. */
import ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { isAnyType } from "../syntax/type-of.js";
import { findMember, hasSubclasses } from "./class-members.js";
import { symbolAt } from "./assigned-symbols.js";
import { isPoisoned, poison, refused, type Cursor } from "./environment.js";
import { lowerReference } from "./lower-assignment.js";
import { callMember, lowerArguments, type Argument } from "./lower-call.js";
import { lowerExpression } from "./lower-expression.js";
import { exactClassOf } from "./lower-instance.js";
import { lowerTextMethod } from "./lower-text.js";

export function lowerMethodCall(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null {
  const { session, frame } = cursor;
  const { checker } = session;
  if (callee.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const member = checker.getSymbolAtLocation(callee.name)?.valueDeclaration;
    const { thisValue } = frame;
    if (member === undefined || !ts.isMethodDeclaration(member) || member.body === undefined || thisValue === null) {
      return refused(cursor, node, "EZ2011", { name: frame.declaration.name?.getText() ?? "it" });
    }
    return callMember(
      cursor,
      member,
      thisValue,
      lowerArguments(cursor, node),
      node,
      variable,
      exactClassOf(cursor, thisValue) !== null,
    );
  }
  const declared = checker.getTypeAtLocation(callee.expression);
  const external = externalMethod(cursor, callee);
  if (external !== null && !isKnown(declared)) {
    // Of something that was refused where it was made, no more is said.
    const symbol = symbolAt(cursor.session, callee.expression);
    const isLocal = symbol !== null && cursor.scope.get(symbol)?.kind === "variable";
    if (isLocal && isPoisoned(cursor, lowerExpression(cursor, callee.expression))) return poison(cursor, node);
    lowerArguments(cursor, node);
    const advice = "call it outside, and pass what it gives as a parameter";
    return refused(cursor, node, "EZ2008", {
      name: callee.getText(),
      ...(node.arguments.length === 0 ? { advice } : {}),
    });
  }
  const base = lowerReference(cursor, callee.expression);
  return callMethod(cursor, callee, node, base, lowerArguments(cursor, node), variable);
}

/** Calls a method of an object that is lowered already. */
export function callMethod(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  base: Value,
  args: readonly Argument[],
  variable: Variable | null,
): Value | null {
  const { session } = cursor;
  const { checker } = session;
  const name = callee.name.text;
  const declared = checker.getTypeAtLocation(callee.expression);
  if (isPoisoned(cursor, base)) return poison(cursor, node);
  const text = lowerTextMethod(cursor, base, name, args, node, variable);
  if (text !== null) return text;
  const exact = exactClassOf(cursor, base);
  const found = findMember(session, declared, exact, name, "method");
  if (found?.kind === "found")
    return callMember(cursor, found.member, base, args, node, variable, mustInline(cursor, exact));
  const type = isAnyType(declared) ? "such a value" : checker.typeToString(declared);
  if (found?.kind === "open") {
    const which = declared.isUnion() ? "of which each class has its own," : "which subclasses override,";
    return refused(cursor, node, "EZ2014", { name, type: `${type}, ${which}` });
  }
  return refused(cursor, node, "EZ2014", { name, type });
}

/** Where the class is known exactly and others extend it, the knowledge would be lost in a function of its own. */
const mustInline = (cursor: Cursor, exact: ts.ClassLikeDeclaration | null): boolean =>
  exact !== null && (hasSubclasses(cursor.session, exact) || exact.heritageClauses !== undefined);

/** A method without source, of an object that is not the user's: `performance.now()`. */
function externalMethod(cursor: Cursor, callee: ts.PropertyAccessExpression): ts.Declaration | null {
  const declaration = cursor.session.checker.getSymbolAtLocation(callee.name)?.declarations?.[0];
  if (declaration?.getSourceFile().isDeclarationFile !== true) return null;
  return ts.isIdentifier(callee.expression) ? declaration : null;
}

const isKnown = (type: ts.Type): boolean =>
  (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike)) !== 0 || type.isUnion();

/** A property that a getter computes; null: there is no getter. */
export function lowerGetter(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression): Value | null {
  const { session } = cursor;
  const exact = exactClassOf(cursor, base);
  const declared = session.checker.getTypeAtLocation(node.expression);
  const found = findMember(session, declared, exact, node.name.text, "get");
  if (found === null) return null;
  if (found.kind === "open")
    return refused(cursor, node, "EZ2014", { name: node.name.text, type: "a class that subclasses override" });
  return callMember(cursor, found.member, base, [], node, null, mustInline(cursor, exact));
}

/** Assigns through a setter; false: there is none. */
export function lowerSetter(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression, value: Value): boolean {
  const { session } = cursor;
  const exact = exactClassOf(cursor, base);
  const declared = session.checker.getTypeAtLocation(node.expression);
  const found = findMember(session, declared, exact, node.name.text, "set");
  if (found?.kind !== "found") return false;
  const args: readonly Argument[] = [{ kind: "value", value, node }];
  callMember(cursor, found.member, base, args, node, null, mustInline(cursor, exact));
  return true;
}

export function hasSetter(cursor: Cursor, node: ts.PropertyAccessExpression): boolean {
  const symbol = cursor.session.checker.getSymbolAtLocation(node.name);
  return symbol?.declarations?.some(ts.isSetAccessor) === true;
}
