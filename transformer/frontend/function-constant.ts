/**
 * Constant objects and lists of a module that hold functions: the functions are those that stand in the literal, and
 * everything else is read by the name of the object.
 *
 *   const spring = { k: 3, force(x: number) { return -this.k * x; } };   spring.force(x)   =>   -spring.k * x
 */
import ts from "typescript";
import { numberType, type Field, type RecordType, type Value } from "../ir/ir.js";
import { isAnyType, typeOf } from "../syntax/type-of.js";
import { unwrapped } from "./assigned-symbols.js";
import type { Callable, Cursor } from "./environment.js";
import { namedClass } from "./class-value.js";
import { isFunctionType, isOfFunctions } from "./function-value.js";
import { lowerElsewhere, namedRead } from "./module-constants.js";
import { ofExpression } from "./resolve-callable.js";
import type { LoweringSession } from "./session.js";
import { isPlain, isUnchanged } from "./settled-constant.js";
import { writesIn } from "./writes.js";

/** null: it holds none, or something might give it others. `text`: how the output file reaches it. */
export function constantOfFunctions(
  cursor: Cursor,
  node: ts.Expression,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  text: string | null,
): Value | null {
  const { session } = cursor;
  const { initializer } = declaration;
  const declared = session.checker.getTypeOfSymbolAtLocation(symbol, declaration);
  if (initializer === undefined || !isOfFunctions(session, declared)) return null;
  const literal = unwrapped(initializer);
  if (ts.isArrayLiteralExpression(literal)) {
    const isFixed = literal.elements.every((one) => isFixedPart(cursor, one)) && isUnchanged(session, declaration);
    return isFixed ? lowerElsewhere(cursor, initializer, node) : null;
  }
  if (!ts.isObjectLiteralExpression(literal)) return null;
  const functions = functionsOf(cursor, literal);
  if (functions === null || functions.size === 0) return null;
  const properties = session.checker.getPropertiesOfType(declared);
  const isHeld = (one: ts.Symbol): boolean => isOfFunctions(session, session.checker.getTypeOfSymbol(one));
  const isOwn = [declared, session.checker.getTypeAtLocation(literal)];
  if (properties.some((one) => isHeld(one) && isGivenLater(session, isOwn, one.name))) return null;
  if (text === null) {
    const isFixed = literal.properties.every(
      (one) => !ts.isPropertyAssignment(one) || isFixedPart(cursor, one.initializer),
    );
    return isFixed ? lowerElsewhere(cursor, initializer, node) : null;
  }
  const fields = properties.flatMap((one): readonly Field[] => {
    const type = isHeld(one) ? null : typeOf(session.checker.getTypeOfSymbol(one), session.types);
    if (type === null) return [];
    return [{ name: one.name, type: type.kind === "integer" ? numberType : type }];
  });
  const instance = { hidden: new Set<string>(), takesFields: false, identity: {} };
  const type: RecordType = { kind: "record", name: null, fields, instance };
  session.functionFields.set(type, functions);
  const value = namedRead(cursor, text, type, node);
  session.complete.add(value);
  return value;
}

/** Does any file give a member of this name to something that an object of one of these types may be? */
function isGivenLater(session: LoweringSession, types: readonly ts.Type[], name: string): boolean {
  const { checker } = session;
  const mayBeOwner = (node: ts.Expression): boolean => {
    const owner = checker.getNonNullableType(checker.getTypeAtLocation(node));
    return isAnyType(owner) || types.some((one) => checker.isTypeAssignableTo(one, owner));
  };
  return session.program.getSourceFiles().some((file) => {
    if (file.isDeclarationFile) return false;
    const { named, computed, merged } = writesIn(session, file);
    const isNamed = (named.get(name) ?? []).some(
      ({ target }) =>
        (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) &&
        mayBeOwner(target.expression),
    );
    return (
      isNamed || [...computed.map(({ expression }) => expression), ...merged.map(({ owner }) => owner)].some(mayBeOwner)
    );
  });
}

/** The functions of a literal, by their names; null: of a member it is not known what it is. */
function functionsOf(cursor: Cursor, literal: ts.ObjectLiteralExpression): ReadonlyMap<string, Callable> | null {
  const { session } = cursor;
  const functions = new Map<string, Callable>();
  for (const one of literal.properties) {
    if (one.name === undefined || ts.isComputedPropertyName(one.name)) return null;
    const key = one.name.text;
    if (ts.isMethodDeclaration(one)) {
      functions.set(key, { kind: "closure", node: one, scope: null, thisValue: null });
      continue;
    }
    if (!ts.isPropertyAssignment(one) && !ts.isShorthandPropertyAssignment(one)) return null;
    const value = ts.isPropertyAssignment(one) ? one.initializer : one.name;
    if (!isFunctionType(session.checker.getTypeAtLocation(value))) continue;
    const callable = namedClass(cursor, value) ?? ofExpression(cursor, value, 0);
    if (callable === null) return null;
    functions.set(key, callable);
  }
  return functions;
}

/** A function, or what gives the same whenever it is computed. */
function isFixedPart(cursor: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isObjectLiteralExpression(at)) {
    return at.properties.every((one) => ts.isPropertyAssignment(one) && isFixedPart(cursor, one.initializer));
  }
  if (isFunctionType(cursor.session.checker.getTypeAtLocation(at)))
    return (namedClass(cursor, at) ?? ofExpression(cursor, at, 0)) !== null;
  return isPlain(cursor.session, at);
}
