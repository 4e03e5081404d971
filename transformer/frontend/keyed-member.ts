/**
 * Members of an object whose name is computed, where it is known at build time which one it is.
 *
 *   const radius = RADII[options.unit];   key in point;   Object.prototype.hasOwnProperty.call(point, key)
 */
import ts from "typescript";
import { element, field } from "../ir/build.js";
import { isReference, type Type, type Value } from "../ir/ir.js";
import { pure, readsOnly } from "../ir/effects.js";
import { isJavaScript } from "../syntax/javascript.js";
import { mayBeNothing } from "../syntax/type-of.js";
import { unwrapped } from "./assigned-symbols.js";
import { branches, isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { joinSides } from "./escape.js";
import { isKeyOfTable } from "./function-table.js";
import { functionsIn, setterOf } from "./function-value.js";
import { readFunction } from "./read-function.js";
import { throwWhere } from "./throw-where.js";
import { isKeyTold } from "./key-of-copy.js";
import { fieldRead, holderOfKey, knownField } from "./known-fields.js";
import { textsOf } from "../ir/literal-text.js";
import { tagOf } from "./known-text.js";
import { markHas, memberOfMark } from "./loaded-mark.js";
import { typeOfKey } from "./key-type.js";
import { isAbsent, negate, opaqueTest } from "./lower-condition.js";
import { refuseKey } from "./lower-assignment.js";
import { lowerEquality } from "./lower-operator.js";
import { choose, lowerExpression, lowerMaybe } from "./lower-expression.js";
import { exactClassOf } from "./lower-instance.js";
import { escapedText, opaque } from "./lower-opaque.js";
import { isGlobal, isModuleValue, markModuleValue } from "./module-constants.js";
import { prototypeMethod } from "./native-path.js";
import { isMixedValue } from "./mixed-value.js";
import { absentMember, fieldName, isMark, readSlot } from "./open-object.js";

/** The name that a value is as a key; null: it is not known. */
export function knownKey({ block }: Cursor, value: Value): string | null {
  const literal = block.literalOf(value);
  if (typeof literal === "string" || typeof literal === "number") return String(literal);
  const { type } = value;
  return type.kind === "opaque" && (type.text === "undefined" || type.text === "null") ? type.text : null;
}

/** The names that a value is one of as a key: `"x" | "y"`, `keyof P`; null: any. */
export function possibleKeys(cursor: Cursor, key: Value, node: ts.Expression): readonly string[] | null {
  const own = key.type.kind === "opaque" ? textsOf(key.type.text) : null;
  return own !== null && own.length > 0 ? own : possibleNames(cursor, node);
}

/** The same, before the key is evaluated. */
export function possibleNames({ session }: Cursor, node: ts.Expression): readonly string[] | null {
  if (isJavaScript(node.getSourceFile().fileName)) return null;
  const { checker } = session;
  const declared = typeOfKey(session, node);
  const type = checker.getBaseConstraintOfType(declared) ?? declared;
  // What a variable may lack is there where the user's own test says so.
  const isThere = !mayBeNothing(checker.getTypeAtLocation(node));
  const members = (type.isUnion() ? type.types : [type]).filter((one) => !(isThere && mayBeNothing(one)));
  if (members.length === 0) return null;
  const names = members.map((one) => (one.isStringLiteral() ? one.value : null));
  // In an order that no other file of the program has a say in.
  return names.every((name) => name !== null) ? names.sort() : null;
}

/**
 * `base[key]` where the key is one of some names.
 *
 *   p[axis]   =>   axis === "x" ? p.x : p.y
 */
export function readOneOf(
  cursor: Cursor,
  base: Value,
  key: Value,
  [name, ...others]: readonly string[],
  node: ts.Expression,
): Value | null {
  if (name === undefined) return null;
  if (others.length === 0) return readKeyed(cursor, base, name, node);
  return choose(
    cursor,
    isKey(cursor, key, name, node),
    (at) => readKeyed(at, base, name, node) ?? refuseKey(at, base, node),
    (at) => readOneOf(at, base, key, others, node) ?? refuseKey(at, base, node),
    node,
    null,
  );
}

/** Writes to the member of a record that the key names. */
export function writeOneOf(
  cursor: Cursor,
  key: Value,
  [name, ...others]: readonly string[],
  node: ts.Node,
  write: (at: Cursor, name: string) => void,
): void {
  if (name === undefined) return;
  if (others.length === 0) return write(cursor, name);
  const test = isKey(cursor, key, name, node);
  const [then, otherwise] = branches(cursor, test);
  write(then, name);
  writeOneOf(otherwise, key, others, node, write);
  joinSides(cursor, test, then, otherwise);
}

const isKey = (cursor: Cursor, key: Value, name: string, node: ts.Node): Value =>
  lowerEquality(cursor, key, cursor.block.constant(name), false, node);

/** `base[key]`; null: it is no member that is known. */
export function readKeyed(cursor: Cursor, base: Value, key: string, node: ts.Expression): Value | null {
  const { session, block } = cursor;
  const name = fieldName(key);
  const open = session.open.get(base);
  if (open !== undefined) {
    const slot = session.closed.has(base) ? undefined : open.slots.get(name);
    return slot === undefined ? absentMember(cursor, base, node) : readSlot(cursor, slot, base, node);
  }
  const loaded = memberOfMark(cursor, base, key, node);
  if (loaded !== null) return loaded;
  const { type } = base;
  if (type.kind !== "record") return null;
  const held = readFunction(cursor, base, name, node);
  if (held !== null) return held;
  if (type.fields.some((one) => one.name === name)) {
    const known = knownField(cursor, base, name);
    if (known !== undefined) return block.constant(known, originOf(node));
    const value = fieldRead(cursor, base, name, block.load(field(base, name), originOf(node)));
    if (value.type.kind !== "optional") session.certain.add(value);
    return isModuleValue(cursor, base) && isReference(value.type) ? markModuleValue(cursor, value) : value;
  }
  return isSurelyWithout(cursor, base, key) ? block.constant(undefined, originOf(node)) : null;
}

/** Is it certain that an object has no member of a name, nor inherits one? */
function isSurelyWithout(cursor: Cursor, base: Value, key: string): boolean {
  const { session } = cursor;
  return session.complete.has(base) && exactClassOf(cursor, base) === null && !(key in Object.prototype);
}

/** `key in base`, or with `own` whether it is a member of the object itself; null: it depends. */
export function hasMember(cursor: Cursor, base: Value, key: string, own: boolean): boolean | null {
  const { session } = cursor;
  const { type } = base;
  if (session.open.has(base)) return null;
  if (session.loadedMarks.has(base)) return markHas(cursor, base, key, own);
  if (own && (type.kind === "number" || type.kind === "integer" || type.kind === "boolean")) return false;
  if (type.kind === "array" || type.kind === "tuple") {
    if (/^\d/.test(key)) return type.kind === "tuple" && /^\d+$/.test(key) ? Number(key) < type.elements.length : null;
    return own ? key === "length" : key in Array.prototype;
  }
  if (type.kind !== "record" || type.members !== undefined) return null;
  if (functionsIn(session, base)?.has(fieldName(key)) === true) return true;
  if (setterOf(session, base, fieldName(key)) !== null) return true;
  if (session.functionMembers.get(base)?.has(fieldName(key)) === true) return true;
  const found = type.fields.find(({ name }) => name === fieldName(key));
  if (found !== undefined) return found.type.kind === "optional" ? null : true;
  if (!own && key in Object.prototype) return !session.bare.has(type);
  // An instance inherits more, and what a type does not tell of may be there all the same.
  const isOwn = own || exactClassOf(cursor, base) === null;
  return isOwn && session.complete.has(base) ? false : null;
}

// ---- What JavaScript asks of an object -------------------------------------------------------------------

/**
 * `Object.prototype.toString.call(x)`, `Object.prototype.hasOwnProperty.call(o, key)`, `o.hasOwnProperty(key)`; undefined:
 * it is none of these.
 */
export function lowerObjectQuestion(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const callee = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const [first, second] = node.arguments;
  if (callee.name.text === "call" && first !== undefined) {
    const name = prototypeMethod(cursor, "Object", callee.expression);
    if (name === "toString") return lowerTag(cursor, first, node);
    return name === "hasOwnProperty" && second !== undefined ? lowerHasOwn(cursor, first, second, node) : undefined;
  }
  const isOfObject = isGlobal(cursor.session, callee.expression, "Object");
  if (isOfObject && first !== undefined && second !== undefined) {
    if (callee.name.text === "hasOwn") return lowerHasOwn(cursor, first, second, node);
    if (callee.name.text === "is") return lowerIs(cursor, first, second, node);
  }
  if (callee.name.text !== "hasOwnProperty") return undefined;
  const ofTable = first === undefined ? null : isKeyOfTable(cursor, callee.expression, first);
  if (ofTable !== null) return ofTable;
  const isOwn = isJavaScript(node.getSourceFile().fileName);
  return isOwn && first !== undefined ? lowerHasOwn(cursor, callee.expression, first, node) : undefined;
}

/** `Object.is(x, y)`: NaN is itself, and 0 is not -0. */
function lowerIs(cursor: Cursor, first: ts.Expression, second: ts.Expression, node: ts.CallExpression): Value {
  const values = [lowerMaybe(cursor, first), lowerMaybe(cursor, second)];
  if (isPoisoned(cursor, ...values)) return poison(cursor, node);
  if (values.some((one) => isMixedValue(one) || isMark(cursor.session, one))) {
    return refused(cursor, node, "EZ2026", { type: node.getText() });
  }
  return opaqueTest(cursor, "Object.is($0, $1)", values, node);
}

function lowerTag(cursor: Cursor, of: ts.Expression, node: ts.CallExpression): Value {
  const value = lowerMaybe(cursor, of);
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  const exact = exactClassOf(cursor, value);
  const names = exact?.getText().includes("toStringTag") === true;
  const isArguments = cursor.session.argumentObjects.has(value);
  const tag = names ? null : isArguments ? "[object Arguments]" : tagOf(value.type);
  const answer = (type: Type): Value =>
    opaque(cursor, "Object.prototype.toString.call($0)", [value], type, node, null, pure);
  if (tag === null) return answer({ kind: "opaque", text: "string" });
  if (value.type.kind === "opaque") return cursor.block.constant(tag, originOf(node));
  // What is absent has a tag of its own, and an element may lie outside of its array.
  const absent = cursor.block.literalOf(isAbsent(cursor, value, node));
  if (absent === false) return cursor.block.constant(tag, originOf(node));
  return answer({ kind: "opaque", text: `"${tag}" | "[object Null]" | "[object Undefined]"` });
}

const asksForOwn = (cursor: Cursor, base: Value, key: string, node: ts.Node): Value =>
  opaqueTest(cursor, `Object.prototype.hasOwnProperty.call($0, ${escapedText(key)})`, [base], node, readsOnly);

/** By its type an object does not have a member. One that has it all the same ends here. */
function mustLack(cursor: Cursor, base: Value, key: string, node: ts.Node): Value {
  const has = asksForOwn(cursor, base, key, node);
  throwWhere(cursor, has, `an object has a member ${key} that its type does not tell of`, node);
  return cursor.block.constant(false, originOf(node));
}

function lowerHasOwn(cursor: Cursor, object: ts.Expression, key: ts.Expression, node: ts.CallExpression): Value {
  const ofTable = isKeyOfTable(cursor, object, key);
  if (ofTable !== null) return ofTable;
  const base = lowerExpression(cursor, object);
  const named = lowerExpression(cursor, key);
  if (isPoisoned(cursor, base, named)) return poison(cursor, node);
  const known = knownKey(cursor, named);
  const answer = known === null ? null : hasMember(cursor, base, known, true);
  if (answer !== null) return cursor.block.constant(answer, originOf(node));
  if (known !== null && base.type.kind === "record") {
    const found = base.type.fields.find(({ name }) => name === fieldName(known));
    if (found !== undefined && base.type.members === undefined && functionsIn(cursor.session, base) === undefined) {
      return asksForOwn(cursor, holderOfKey(cursor.session, base, found.name), known, node);
    }
    if (!isKeyTold(cursor, base, known)) {
      const advice = "declare the field, or ask the object that was copied";
      return refused(cursor, node, "EZ2001", { what: `\`${node.getText()}\` of a copy`, advice });
    }
    if (base.type.members === undefined && !cursor.session.open.has(base) && !cursor.session.loadedMarks.has(base)) {
      return mustLack(cursor, base, known, node);
    }
  }
  if (known !== null && /^\d+$/.test(known) && base.type.kind === "array") {
    const read = cursor.block.load(element(base, cursor.block.constant(Number(known))), originOf(node));
    return negate(cursor, isAbsent(cursor, read, node), node);
  }
  return refused(cursor, node, "EZ2001", {
    what: `\`${node.getText()}\``,
    advice: "test the field for undefined",
  });
}
