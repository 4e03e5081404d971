/**
 * `new C(...)`: the constructor runs on variables, one for each field, and the record is made at its end.
 *
 *   class P { constructor(readonly x: number) { this.y = x * 2; } }   new P(3)   =>   { x: 3, y: 3 * 2 }
 *
 * In JavaScript nothing declares the fields: they are what the constructor leaves behind.
 */
import ts from "typescript";
import {
  numberType,
  type Field,
  type InstanceMaker,
  type RecordType,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { exactTypeOf } from "../syntax/type-of.js";
import { noteField } from "./declared-const.js";
import { noteKnownFields, noteSettledFields } from "./known-fields.js";
import { unwrapped } from "./assigned-symbols.js";
import { changedMember, isArrayClass, makeElements } from "./array-class.js";
import {
  baseExpression,
  classesAbove,
  hasPrivateNames,
  makerOf,
  repeatedPrivateName,
  type Maker,
} from "./class-members.js";
import { makerOfCallable } from "./class-value.js";
import {
  isPoisoned,
  originOf,
  placeholder,
  poison,
  refused,
  Scope,
  type Callable,
  type Choice,
  type Cursor,
  type Slot,
} from "./environment.js";
import { fence } from "./fence.js";
import { heldAside, keepsThis } from "./function-value.js";
import { isGlobal, isModuleValue, markModuleValue, nameInScope } from "./module-constants.js";
import { runInside } from "./escape.js";
import { callFirst, lowerArguments, type Argument } from "./lower-call.js";
import { asksForArguments } from "./lower-arguments.js";
import { keepsFunctions } from "./keeps-functions.js";
import { lowerEffect, lowerExpression } from "./lower-expression.js";
import { lowerFunctionBody, makeFrame } from "./lower-function.js";
import { givenLater, heldLater, noteMadeWith } from "./given-later.js";
import { settleTogether } from "./pending-elements.js";
import { withHidden } from "./hidden-fields.js";
import { madeType, newType } from "./made-types.js";
import { eachWay, settled } from "./lower-mixed.js";
import { isMixedValue, kindOf } from "./mixed-value.js";
import { memberNamesOf } from "./member-names.js";
import { handedOutInstead, instead, type Instead } from "./other-instance.js";
import { fieldName, openObject, selfOf } from "./open-object.js";
import { ownText } from "./own-text.js";
import { bindArguments, givenArguments } from "./bind-arguments.js";

/** The class or function that an instance was made of, where that is known. */
export function exactClassOf({ session }: Cursor, value: Value): Maker | null {
  const type = value.type.kind === "optional" ? value.type.of : value.type;
  return session.open.get(value)?.maker ?? session.exactClasses.get(value) ?? session.makers.get(type) ?? null;
}

/** `called`: what `new` runs, as far as that is known. */
export function lowerInstance(
  cursor: Cursor,
  node: ts.NewExpression,
  called: Callable | null,
  variable: Variable | null,
): Value {
  const args = lowerArguments(cursor, node);
  if (called?.kind === "choice") return lowerChosen(cursor, node, called, args, variable);
  const maker = makerOfCallable(called);
  return lowerMade(cursor, node, typeof maker === "string" ? null : maker, args, variable);
}

/** `new (c ? A : B)(x)` */
function lowerChosen(
  cursor: Cursor,
  node: ts.NewExpression,
  { ways, otherwise }: Choice,
  args: readonly Argument[],
  variable: Variable | null,
): Value {
  const made =
    (callable: Callable) =>
    (at: Cursor): Value => {
      if (callable.kind === "choice") return lowerChosen(at, node, callable, args, variable);
      const maker = makerOfCallable(callable);
      return lowerMade(at, node, typeof maker === "string" ? null : maker, args, variable);
    };
  const calls = ways.map(({ test, callable }) => ({ test: () => test, call: made(callable) }));
  const last = otherwise === null ? "not a constructor" : made(otherwise);
  return callFirst(cursor, calls, last, node, variable) ?? poison(cursor, node);
}

function lowerMade(
  cursor: Cursor,
  node: ts.NewExpression,
  maker: Maker | null,
  args: readonly Argument[],
  variable: Variable | null,
): Value {
  const { session } = cursor;
  if (maker !== null && isArrayClass(session, maker)) return lowerArrayInstance(cursor, node, maker, args);
  const repeated = maker === null ? null : repeatedPrivateName(session, maker);
  if (repeated !== null) {
    return refused(cursor, node, "EZ2001", {
      what: `\`${repeated}\` of a class beside \`${repeated}\` of one above it`,
      advice: "call one of them something else",
    });
  }
  const declared = declaredInstance(cursor, maker, node);
  if (maker !== null && (isJavaScript(maker.getSourceFile().fileName) || keepsFunctions(session, maker))) {
    return lowerUntyped(cursor, node, maker, args, variable);
  }
  if (maker === null || declared?.kind !== "record") {
    return refused(cursor, node, "EZ2001", {
      what: `\`new ${node.expression.getText()}\``,
      advice: "use an object literal",
    });
  }
  const self = openObject(cursor, { maker, node, names: [] });
  const slots = session.open.get(self)?.slots ?? new Map<string, Slot>();
  for (const field of declared.fields) {
    const slot: Slot = { variable: { name: field.name }, key: field, type: field.type, late: false, shared: true };
    slots.set(field.name, slot);
    cursor.env.set(slot, placeholder(cursor.block, field.type, originOf(node, slot.variable), NaN));
  }
  const other = construct(cursor, maker, args, node, self, instead());
  session.closed.add(self);
  if (other !== null) return other;
  const parts = declared.fields.map((field) => taken(cursor, slots.get(field.name)) ?? poison(cursor, node));
  if (isPoisoned(cursor, ...parts)) return poison(cursor, node);
  const unlike = declared.fields.find((_, k) => isMixedValue(parts[k] ?? self));
  if (unlike !== undefined) return refused(cursor, node, "EZ2026", { type: unlike.name });
  const unset = declared.fields.find((field, k) => isUnset(field.type, parts[k]));
  if (unset !== undefined) {
    return refused(cursor, node, "EZ2001", {
      what: `an instance whose field \`${unset.name}\` is not set on every path`,
      advice: "give the field a value where it is declared",
    });
  }
  declared.fields.forEach((field, k) => {
    const part = parts[k];
    if (part !== undefined) noteField(cursor, field, part, node);
  });
  const value = cursor.block.allocate(
    typeWith(declared, parts),
    { kind: "parts", parts, maker: madeBy(cursor, maker, declared.instance?.takesFields === true) },
    originOf(node, variable),
  );
  session.present.add(value);
  session.exactClasses.set(value, maker);
  return isModuleValue(cursor, self) ? markModuleValue(cursor, value) : value;
}

function madeBy(cursor: Cursor, maker: Maker, takesFields = false): InstanceMaker {
  const classes = classesAbove(cursor.session, maker);
  const name = makerName(cursor, maker, takesFields);
  return classes === null ? { name } : { name, classes };
}

/**
 * How the output file calls a class or function that makes instances; null: it has no name for it, or cannot make one.
 * `#private` members are given by the constructor alone. `takesFields`: it is called.
 */
function makerName({ session, frame }: Cursor, maker: Maker, takesFields = false): string | null {
  if (!takesFields && hasPrivateNames(session, maker)) return null;
  const symbol = maker.name === undefined ? undefined : session.checker.getSymbolAtLocation(maker.name);
  return symbol === undefined ? null : nameInScope(session, frame.outputFile, symbol);
}

/** The type of instances of a class; one that is generic is known by what it is made for. */
function declaredInstance({ session }: Cursor, maker: Maker | null, node: ts.NewExpression): Type | null {
  const { checker, types } = session;
  const own = exactTypeOf(checker.getTypeAtLocation(node), types);
  if (maker === null || !ts.isClassLike(maker) || (maker.typeParameters?.length ?? 0) > 0) return own;
  const symbol = maker.name === undefined ? undefined : checker.getSymbolAtLocation(maker.name);
  return symbol === undefined ? own : exactTypeOf(checker.getDeclaredTypeOfSymbol(symbol), types);
}

/** The value of a variable that is not needed any more. */
function taken({ env }: Cursor, slot: Slot | undefined): Value | undefined {
  if (slot === undefined) return undefined;
  const value = env.get(slot);
  env.delete(slot);
  return value;
}

/** An instance of JavaScript. A member that nothing was given to is none. */
function lowerUntyped(
  cursor: Cursor,
  node: ts.NewExpression,
  maker: Maker,
  args: readonly Argument[],
  variable: Variable | null,
): Value {
  const self = openObject(cursor, { maker, node, names: memberNamesOf(cursor.session, maker) });
  const other = construct(cursor, maker, args, node, self, instead());
  if (other !== null) cursor.session.closed.add(self);
  return other ?? finish(cursor, self, node, variable);
}

/** An instance that is an array: the one that `super(...)` makes. */
function lowerArrayInstance(cursor: Cursor, node: ts.NewExpression, maker: Maker, args: readonly Argument[]): Value {
  const changed = changedMember(cursor.session, maker);
  if (changed !== null) {
    return refused(cursor, node, "EZ2001", {
      what: `an array class that has a member \`${changed.name?.getText() ?? ""}\` of its own`,
      advice: "give it another name",
    });
  }
  const array: Slot = { variable: null, key: {}, type: null, late: false, shared: true };
  const self = openObject(cursor, { maker, node, names: [], array });
  const other = construct(cursor, maker, args, node, self, instead());
  cursor.session.closed.add(self);
  return other ?? taken(cursor, array) ?? poison(cursor, node);
}

/** `Object.create(V.prototype)`: an instance that no constructor runs for. */
export function lowerCreated(cursor: Cursor, node: ts.CallExpression): Value | null {
  const callee = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== "create" || node.arguments.length !== 1)
    return null;
  const [prototype] = node.arguments;
  const of = prototype === undefined ? undefined : unwrapped(prototype);
  if (!isGlobal(cursor.session, callee.expression, "Object") || of === undefined) return null;
  if (!ts.isPropertyAccessExpression(of) || of.name.text !== "prototype") return null;
  const maker = makerOf(cursor.session, of.expression);
  return maker === null ? null : openObject(cursor, { maker, node, names: memberNamesOf(cursor.session, maker) });
}

/** What a function gives back that has made an instance and filled it: a record from there on. */
export function finishReturned(cursor: Cursor, value: Value, depth: number, node: ts.Node): Value {
  const open = cursor.session.open.get(value);
  if (open === undefined || open.scratch !== null || open.depth !== depth || open.maker === null) return value;
  // Somebody else may know it, too.
  const isShared = [...cursor.env].some(([slot, one]) => one === value && slot.shared);
  return isShared || !isJavaScript(open.maker.getSourceFile().fileName) ? value : finish(cursor, value, node, null);
}

/** The record that an instance becomes; one that was given nothing yet stays open. */
function finish(cursor: Cursor, self: Value, node: ts.Node, variable: Variable | null): Value {
  const { session } = cursor;
  const open = session.open.get(self);
  if (open === undefined || open.maker === null) return self;
  const { maker, slots } = open;
  const isSet = (value: Value | undefined): value is Value =>
    value !== undefined && !(value.type.kind === "opaque" && value.type.text === "undefined");
  if (slots.size > 0 && ![...slots.values()].some((slot) => isSet(cursor.env.get(slot)))) return self;
  session.closed.add(self);
  const members = new Map<string, Value>();
  for (const [name, slot] of slots) {
    if (!cursor.env.has(slot)) {
      return refused(cursor, node, "EZ2001", {
        what: `an instance whose field \`${name}\` is not set on every path`,
        advice: "give the field a value in the constructor, before any branch",
      });
    }
    const value = taken(cursor, slot);
    if (isSet(value)) members.set(name, value);
  }
  return recordOf(cursor, { self, maker, node, variable }, members);
}

/** An instance whose constructor is done. */
interface Finished {
  readonly self: Value;
  readonly maker: Maker;
  readonly node: ts.Node;
  readonly variable: Variable | null;
}

/** The record of an instance. Where a member is one of several things, so is the instance: one for each of them. */
function recordOf(
  cursor: Cursor,
  finished: Finished,
  members: ReadonlyMap<string, Value>,
  settledHere: ReadonlySet<string> = new Set(),
): Value {
  const { session } = cursor;
  const { self, maker, node, variable } = finished;
  const parts: Value[] = [];
  const fields: Field[] = [];
  const functions = new Map<string, Callable>();
  for (const [name, member] of members) {
    const value = settled(cursor, member);
    if (isMixedValue(value)) {
      return eachWay(cursor, value, node, (at, one) =>
        recordOf(at, finished, new Map(members).set(name, one), new Set([...settledHere, name])),
      );
    }
    if (kindOf(value.type) === "undefined") continue;
    const held = heldAside(session, value);
    if (held !== null) {
      const isOwn = held.kind === "closure" && keepsThis(held) && held.thisValue === self;
      functions.set(name, isOwn ? { ...held, thisValue: null, isOfInstance: true } : held);
      continue;
    }
    parts.push(value);
    const text = cursor.block.literalOf(value);
    const isOwn = typeof text === "string" && ownText(session, maker, name) === text;
    fields.push({ name, type: isOwn ? { kind: "opaque", text: JSON.stringify(text) } : widened(value.type) });
  }
  if (isPoisoned(cursor, ...parts)) return poison(cursor, node);
  const fieldsOf = (own: RecordType): readonly Field[] => {
    const isKnown = ({ name }: Field): boolean => functions.has(name) || fields.some((one) => one.name === name);
    const later = givenLater(session, maker, own).filter((one) => !isKnown(one));
    return [...fields.map((one) => ({ ...one, type: heldLater(session, maker, own, one) })), ...later];
  };
  const type = functions.size === 0 ? madeType(session, maker, fieldsOf) : newType(session, maker, fieldsOf);
  noteMadeWith(session, maker, type);
  // An empty array holds what those of other instances of its kind are known to hold.
  type.fields.forEach((field, k) => parts[k] && settleTogether(session, parts[k].type, field.type));
  while (parts.length < type.fields.length) parts.push(cursor.block.constant(undefined));
  if (functions.size > 0) session.functionFields.set(type, functions);
  noteSettledFields(cursor, type, settledHere);
  const value = cursor.block.allocate(
    type,
    { kind: "parts", parts, maker: withHidden(cursor, madeBy(cursor, maker), type) },
    originOf(node, variable),
  );
  session.present.add(value);
  session.certain.add(value);
  session.complete.add(value);
  noteKnownFields(cursor, value, parts);
  // Its constructor has frozen it.
  return isModuleValue(cursor, self) ? markModuleValue(cursor, value) : value;
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

/**
 * Runs the constructors from the base class down; `self` is the mark of the instance. Answers what they hand out in its
 * place; null: nothing.
 */
function construct(
  cursor: Cursor,
  node: Maker,
  args: readonly Argument[],
  at: ts.Node,
  self: Value,
  other: Instead | null = null,
): Value | null {
  const { session, frame } = cursor;
  // One that is called without `new` makes an instance by calling itself with it.
  if (frame.inlining.filter((one) => one === node).length > (frame.declaration === node ? 1 : 0)) {
    refused(cursor, at, "EZ2001", {
      what: "a constructor that makes an instance of its own class",
      advice: "pass it in",
    });
    return null;
  }
  const declaration = ts.isClassLike(node)
    ? node.members.find(
        (one): one is ts.ConstructorDeclaration => ts.isConstructorDeclaration(one) && one.body !== undefined,
      )
    : node;
  const owner: ts.FunctionLikeDeclaration = declaration ?? frame.declaration;
  const inside = (at: Cursor): Cursor => ({
    ...at,
    scope: new Scope(null),
    frame: {
      ...makeFrame(owner, "nothing", false, [...frame.inlining, node], frame.outputFile, self),
      given: asksForArguments(session, owner) ? givenArguments(cursor, args) : null,
      instead: other,
    },
    targets: null,
  });
  if (declaration === undefined) {
    const here = inside(cursor);
    const base = ts.isClassLike(node) ? baseExpression(node) : null;
    if (base !== null) constructBase(here, base, args, at);
    initialize(here, node);
    return null;
  }
  fence(declaration, session);
  runInside(cursor, (place) => {
    const here = inside(place);
    bindArguments(here, declaration, args, at);
    const superCall =
      declaration.body !== undefined && ts.isBlock(declaration.body) && declaration.body.statements.find(isSuperCall);
    if (superCall === undefined && ts.isConstructorDeclaration(declaration)) initializeFirst(here, node, declaration);
    return lowerFunctionBody(here, declaration);
  });
  return other === null ? null : handedOutInstead(cursor, other);
}

export const isSuperCall = (statement: ts.Node): boolean =>
  ts.isExpressionStatement(statement) &&
  ts.isCallExpression(statement.expression) &&
  statement.expression.expression.kind === ts.SyntaxKind.SuperKeyword;

/** The variable of a field of the instance that a constructor makes. */
function fieldOf({ session, frame }: Cursor, name: string): Slot | undefined {
  return frame.thisValue === null ? undefined : session.open.get(frame.thisValue)?.slots.get(name);
}

function initializeFirst(here: Cursor, node: Maker, declaration: ts.ConstructorDeclaration): void {
  for (const parameter of declaration.parameters) {
    if (!ts.isParameterPropertyDeclaration(parameter, declaration) || !ts.isIdentifier(parameter.name)) continue;
    const slot = fieldOf(here, parameter.name.text);
    if (slot !== undefined) here.env.set(slot, lowerExpression(here, parameter.name));
  }
  initialize(here, node);
}

function initialize(here: Cursor, node: Maker): void {
  if (!ts.isClassLike(node)) return;
  for (const member of node.members) {
    if (!ts.isPropertyDeclaration(member) || member.initializer === undefined) continue;
    if (member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true) continue;
    const self = selfOf(here);
    if (self !== null && self.type.kind === "array") {
      refused(here, member, "EZ2001", { what: "a field of an array", advice: "use a getter" });
      continue;
    }
    const slot = fieldOf(here, fieldName(member.name.getText()));
    if (slot !== undefined) here.env.set(slot, lowerExpression(here, member.initializer, slot.variable));
    else lowerEffect(here, member.initializer);
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
  const { session, env } = cursor;
  const { thisValue } = cursor.frame;
  const open = thisValue === null ? undefined : session.open.get(thisValue);
  if (open?.array != null && open.maker !== null && isGlobal(session, base, "Array")) {
    env.set(open.array, makeElements(cursor, open.maker, makerName(cursor, open.maker), args, node));
    return;
  }
  const declaration = makerOf(session, base);
  if (declaration === null || thisValue === null) {
    refused(cursor, node, "EZ2008", { name: base.getText() });
    return;
  }
  construct(cursor, declaration, args, node, thisValue);
}
