/**
 * `new C(...)`: the constructor runs on variables, one for each field, and the record is made at its end.
 *
 *   class P { constructor(readonly x: number) { this.y = x * 2; } }   new P(3)   =>   { x: 3, y: 3 * 2 }
 */
import ts from "typescript";
import { numberType, type Field, type RecordType, type Type, type Value, type Variable } from "../ir/ir.js";
import { typeOf } from "../syntax/type-of.js";
import { baseExpression, classOf } from "./class-members.js";
import { isPoisoned, originOf, placeholder, poison, refused, Scope, type Cursor, type Slot } from "./environment.js";
import { noteField } from "./declared-const.js";
import { fence } from "./fence.js";
import { runInside } from "./escape.js";
import { bindArguments, lowerArguments, type Argument } from "./lower-call.js";
import { lowerExpression } from "./lower-expression.js";
import { lowerFunctionBody, makeFrame } from "./lower-function.js";

/** The class that an instance was made of, where that is known. */
export function exactClassOf(cursor: Cursor, value: Value): ts.ClassLikeDeclaration | null {
  return cursor.session.exactClasses.get(value) ?? null;
}

export function lowerInstance(cursor: Cursor, node: ts.NewExpression, variable: Variable | null): Value {
  const { session } = cursor;
  const args = lowerArguments(cursor, node);
  const declaration = classOf(session, node.expression);
  const type = typeOf(session.checker.getTypeAtLocation(node), session.types);
  if (declaration === null || type?.kind !== "record") {
    return refused(cursor, node, "EZ2001", {
      what: `\`new ${node.expression.getText()}\``,
      advice: "use an object literal",
    });
  }
  const escaping = thisEscapes(cursor, declaration);
  if (escaping !== null) {
    return refused(cursor, escaping, "EZ2001", {
      what: "a constructor that hands out `this` before it is done",
      advice: "compute the fields in the constructor itself",
    });
  }
  const fields = new Map<string, Slot>();
  for (const field of type.fields) {
    const slot: Slot = { variable: { name: field.name }, key: field, type: field.type, late: false, shared: true };
    fields.set(field.name, slot);
    cursor.env.set(slot, placeholder(cursor.block, field.type, originOf(node, slot.variable), NaN));
  }
  construct(cursor, declaration, args, node, fields);
  const parts = type.fields.map((field): Value => {
    const slot = fields.get(field.name);
    const value = slot === undefined ? undefined : cursor.env.get(slot);
    if (slot !== undefined) cursor.env.delete(slot);
    return value ?? poison(cursor, node);
  });
  if (isPoisoned(cursor, ...parts)) return poison(cursor, node);
  const unset = type.fields.find((field, k) => isUnset(field.type, parts[k]));
  if (unset !== undefined) {
    return refused(cursor, node, "EZ2001", {
      what: `an instance whose field \`${unset.name}\` is not set on every path`,
      advice: "give the field a value where it is declared",
    });
  }
  type.fields.forEach((field, k) => {
    const part = parts[k];
    if (part !== undefined) noteField(cursor, field, part, node);
  });
  const value = cursor.block.allocate(typeWith(type, parts), { kind: "parts", parts }, originOf(node, variable));
  session.present.add(value);
  session.exactClasses.set(value, declaration);
  return value;
}

/** A generic class says little of its fields: what they hold here does. */
function typeWith(type: RecordType, parts: readonly Value[]): RecordType {
  const isVague = (field: Field, part: Value | undefined): boolean =>
    field.type.kind === "opaque" && part !== undefined && part.type.kind !== "opaque";
  if (!type.fields.some((field, k) => isVague(field, parts[k]))) return type;
  const fields = type.fields.map((field, k) => {
    const part = parts[k];
    return part !== undefined && isVague(field, part) ? { name: field.name, type: widened(part.type) } : field;
  });
  return { ...type, fields };
}

const widened = (type: Type): Type => (type.kind === "integer" ? numberType : type);

const isUnset = (type: Type, value: Value | undefined): boolean =>
  value !== undefined && value.type.kind === "optional" && type.kind !== "optional";

/** Runs the constructors from the base class down. */
function construct(
  cursor: Cursor,
  node: ts.ClassLikeDeclaration,
  args: readonly Argument[],
  at: ts.Node,
  fields: ReadonlyMap<string, Slot>,
): void {
  const { session, frame } = cursor;
  if (frame.inlining.includes(node)) {
    refused(cursor, at, "EZ2001", {
      what: "a constructor that makes an instance of its own class",
      advice: "pass it in",
    });
    return;
  }
  const declaration = node.members.find(
    (one): one is ts.ConstructorDeclaration => ts.isConstructorDeclaration(one) && one.body !== undefined,
  );
  const owner: ts.FunctionLikeDeclaration = declaration ?? frame.declaration;
  const inside = (at: Cursor): Cursor => ({
    ...at,
    scope: new Scope(null),
    frame: {
      ...makeFrame(owner, "nothing", false, [...frame.inlining, node], frame.outputFile),
      fields,
    },
    targets: null,
  });
  if (declaration === undefined) {
    const here = inside(cursor);
    const base = baseExpression(node);
    if (base !== null) constructBase(here, base, args, at);
    initialize(here, node);
    return;
  }
  fence(declaration, session);
  runInside(cursor, (place) => {
    const here = inside(place);
    bindArguments(here, declaration, args, at);
    const superCall = declaration.body?.statements.find(isSuperCall);
    if (superCall === undefined) initializeFirst(here, node, declaration);
    return lowerFunctionBody(here, declaration);
  });
}

export const isSuperCall = (statement: ts.Node): boolean =>
  ts.isExpressionStatement(statement) &&
  ts.isCallExpression(statement.expression) &&
  statement.expression.expression.kind === ts.SyntaxKind.SuperKeyword;

function initializeFirst(here: Cursor, node: ts.ClassLikeDeclaration, declaration: ts.ConstructorDeclaration): void {
  for (const parameter of declaration.parameters) {
    if (!ts.isParameterPropertyDeclaration(parameter, declaration) || !ts.isIdentifier(parameter.name)) continue;
    const slot = here.frame.fields?.get(parameter.name.text);
    if (slot !== undefined) here.env.set(slot, lowerExpression(here, parameter.name));
  }
  initialize(here, node);
}

function initialize(here: Cursor, node: ts.ClassLikeDeclaration): void {
  for (const member of node.members) {
    if (!ts.isPropertyDeclaration(member) || member.initializer === undefined) continue;
    if (member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true) continue;
    const slot = here.frame.fields?.get(member.name.getText());
    if (slot !== undefined) here.env.set(slot, lowerExpression(here, member.initializer, slot.variable));
  }
}

/** `super(...)` in a constructor. */
export function lowerSuperCall(cursor: Cursor, node: ts.CallExpression): void {
  const declaration = cursor.frame.declaration;
  const owner = declaration.parent;
  const args = lowerArguments(cursor, node);
  if (!ts.isConstructorDeclaration(declaration) || !ts.isClassLike(owner)) return;
  const base = baseExpression(owner);
  if (base !== null) constructBase(cursor, base, args, node);
  initializeFirst(cursor, owner, declaration);
}

function constructBase(cursor: Cursor, base: ts.Expression, args: readonly Argument[], node: ts.Node): void {
  const declaration = classOf(cursor.session, base);
  const { fields } = cursor.frame;
  if (declaration === null || fields === null) {
    refused(cursor, node, "EZ2008", { name: base.getText() });
    return;
  }
  construct(cursor, declaration, args, node, fields);
}

/** The first place where a constructor uses `this` other than for a field of its own. */
function thisEscapes(cursor: Cursor, node: ts.ClassLikeDeclaration): ts.Expression | null {
  const found: ts.Expression[] = [];
  const visit = (at: ts.Node): void => {
    if (at.kind === ts.SyntaxKind.ThisKeyword && ts.isExpression(at)) {
      const { parent } = at;
      const isField =
        ts.isPropertyAccessExpression(parent) &&
        parent.expression === at &&
        !(ts.isCallExpression(parent.parent) && parent.parent.expression === parent) &&
        !isAccessor(cursor, parent);
      if (!isField) found.push(at);
    }
    ts.forEachChild(at, visit);
  };
  for (const member of node.members) {
    if (ts.isConstructorDeclaration(member)) visit(member);
    if (ts.isPropertyDeclaration(member) && member.initializer !== undefined) visit(member.initializer);
  }
  const base = baseExpression(node);
  const above = base === null ? null : classOf(cursor.session, base);
  return found[0] ?? (above === null ? null : thisEscapes(cursor, above));
}

const isAccessor = (cursor: Cursor, node: ts.PropertyAccessExpression): boolean =>
  ((cursor.session.checker.getSymbolAtLocation(node.name)?.flags ?? 0) & ts.SymbolFlags.Accessor) !== 0;
