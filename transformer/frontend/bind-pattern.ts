/** Declarations: a name or a pattern takes a value. */
import ts from "typescript";
import { keyOfCopy, madeOf, noteCopyOf } from "./key-of-copy.js";
import { fieldRead, mayLackKey, noteLiteralKeys, type KeySource } from "./known-fields.js";
import { element, field, makeValue } from "../ir/build.js";
import { booleanType, type Field, type Type, type Value } from "../ir/ir.js";
import { elementTypeOf, presentOpaque } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import { typeOf } from "../syntax/type-of.js";
import { symbolAt } from "./assigned-symbols.js";
import { branches, isPoisoned, originOf, placeholder, poison, refused, type Cursor } from "./environment.js";
import { givenParts, listOf } from "./given-list.js";
import { partsOfFunctions } from "./grown-list.js";
import { readFunction } from "./read-function.js";
import { noteAssignment } from "./declared-const.js";
import { joinSides } from "./escape.js";
import { type Slot } from "./environment.js";
import { typeOfKey } from "./key-type.js";
import { declareSlot, unwrapTo } from "./lower-function.js";
import { isAbsent, isUndefined, mayBeNull } from "./lower-condition.js";
import { mustBeThere } from "./implicit-throws.js";
import { eachWay, settled } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { argumentAt, lengthOfArguments } from "./lower-arguments.js";
import { textsOf } from "../ir/literal-text.js";
import { memberOfMark } from "./loaded-mark.js";
import { listed } from "./lower-iterable.js";
import { lowerExpression } from "./lower-expression.js";
import { lacksField } from "./lower-property.js";
import { partOf } from "./open-object.js";
import { tupleParts } from "./tuple-parts.js";

/** Declares the names of a pattern. `value` null: nothing was given; then the default, or undefined. */
export function bindPattern(
  cursor: Cursor,
  name: ts.BindingName,
  value: Value | null,
  initializer: ts.Expression | null,
): void {
  if (ts.isIdentifier(name)) {
    const slot = slotFor(cursor, name);
    const bound = given(cursor, name, value, initializer, slot);
    cursor.env.set(slot, bound);
    if (slot.declared !== undefined && ts.isVariableDeclaration(name.parent)) {
      noteAssignment(cursor, slot.declared, name.text, bound, name);
    }
    return;
  }
  const whole = given(cursor, name, value, initializer, null);
  if (isPoisoned(cursor, whole)) {
    for (const one of name.elements)
      if (ts.isBindingElement(one)) bindPattern(cursor, one.name, poison(cursor, one), null);
    return;
  }
  mustBeThere(cursor, whole, name);
  if (ts.isObjectBindingPattern(name)) bindObject(cursor, name, whole);
  else bindArray(cursor, name, whole);
}

/** A `var` that was hoisted keeps its slot; everything else gets a new one. */
function slotFor(cursor: Cursor, name: ts.Identifier): Slot {
  const symbol = symbolAt(cursor.session, name);
  const declaration = name.parent;
  const isVar =
    ts.isVariableDeclaration(declaration) &&
    ts.isVariableDeclarationList(declaration.parent) &&
    !(declaration.parent.flags & ts.NodeFlags.BlockScoped);
  const known = isVar && symbol !== null ? cursor.scope.get(symbol) : null;
  return known?.kind === "variable" ? known.slot : declareSlot(cursor, name);
}

function given(
  cursor: Cursor,
  node: ts.Node,
  value: Value | null,
  initializer: ts.Expression | null,
  slot: Slot | null,
): Value {
  if (value !== null) return initializer === null ? value : withDefault(cursor, value, initializer);
  if (initializer !== null) return lowerExpression(cursor, initializer, slot?.variable ?? null);
  const type = slot?.type ?? typeOf(cursor.session.checker.getTypeAtLocation(node), cursor.session.types);
  const unset = placeholder(
    cursor.block,
    type ?? { kind: "opaque", text: "undefined" },
    originOf(node, slot?.variable),
    NaN,
  );
  if (unset.type.kind === "optional" || unset.type.kind === "opaque") cursor.session.absent.add(unset);
  return unset;
}

/** `value ?? default`, but for undefined only. */
export function withDefault(cursor: Cursor, value: Value, initializer: ts.Expression): Value {
  if (cursor.session.certain.has(value) && !isJavaScript(initializer.getSourceFile().fileName)) return value;
  const isNullable = mayBeNull(value.type) && cursor.block.literalOf(value) === undefined;
  const test = isNullable ? isUndefined(cursor, value, initializer) : isAbsent(cursor, value, initializer);
  const known = cursor.block.literalOf(test);
  if (known === false) return value;
  if (known === true) return lowerExpression(cursor, initializer);
  const [then, otherwise] = branches(cursor, test);
  const slot: Slot = { variable: value.origin.variable, key: {}, type: null, late: true, shared: false };
  const { type } = value;
  then.env.set(slot, asOneOf(then, lowerExpression(then, initializer), presentOpaque(type) ?? type));
  const isThere = type.kind === "optional" && !isNullable;
  otherwise.env.set(slot, isThere ? unwrapTo(otherwise, value, type.of) : settled(otherwise, value));
  joinSides(cursor, test, then, otherwise);
  const result = cursor.env.get(slot) ?? value;
  cursor.env.delete(slot);
  return result;
}

/** A text that stands beside others: `unit = "m"` of `"m" | "km" | undefined` is one of them, not any text. */
function asOneOf({ block }: Cursor, value: Value, type: Type): Value {
  const literal = block.literalOf(value);
  if (type.kind !== "opaque" || typeof literal !== "string" || textsOf(type.text) === null) return value;
  return block.constant(literal, value.origin, null, { kind: "opaque", text: JSON.stringify(literal) });
}

function propertyKey(cursor: Cursor, name: ts.PropertyName | ts.BindingName): string | null {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  if (ts.isComputedPropertyName(name)) {
    const type = typeOfKey(cursor.session, name.expression);
    if (type.isStringLiteral() || type.isNumberLiteral()) return String(type.value);
  }
  return null;
}

function bindObject(cursor: Cursor, pattern: ts.ObjectBindingPattern, whole: Value): void {
  const used = new Set<string>();
  for (const one of pattern.elements) {
    if (one.dotDotDotToken !== undefined) {
      bindPattern(cursor, one.name, otherFields(cursor, one, whole, used), null);
      continue;
    }
    const key = propertyKey(cursor, one.propertyName ?? one.name);
    if (key === null) {
      bindPattern(cursor, one.name, refused(cursor, one, "EZ2010", { kind: "computed" }), null);
      continue;
    }
    used.add(key);
    bindPattern(cursor, one.name, loadField(cursor, whole, key, one), one.initializer ?? null);
  }
}

/** A field, an element by constant position, or the length. */
export function loadField(cursor: Cursor, whole: Value, key: string, node: ts.Node): Value {
  if (isMixedValue(whole)) return eachWay(cursor, whole, node, (at, one) => loadField(at, one, key, node));
  const part = partOf(cursor, whole, key) ?? memberOfMark(cursor, whole, key, node);
  if (part !== null) return part;
  const base = whole.type.kind === "optional" ? unwrapTo(cursor, whole, whole.type.of) : whole;
  const { type } = base;
  const held = readFunction(cursor, base, key, node);
  if (held !== null) return held;
  if (type.kind === "record") {
    if (type.fields.some(({ name }) => name === key))
      return fieldRead(cursor, base, key, cursor.block.load(field(base, key), originOf(node)));
    if (lacksField(cursor, base, node)) return cursor.block.constant(undefined, originOf(node));
  } else if (type.kind === "tuple" || type.kind === "array") {
    if (key === "length") return lengthOfArguments(cursor, base, node) ?? cursor.block.length(base, originOf(node));
    const position = Number(key);
    if (Number.isInteger(position) && position >= 0) return loadPosition(cursor, base, position, node);
  }
  return refused(cursor, node, "EZ2001", { what: `\`${key}\` of such a value`, advice: "declare it in the type" });
}

export function loadPosition(cursor: Cursor, base: Value, position: number, node: ts.Node): Value {
  if (isMixedValue(base)) return eachWay(cursor, base, node, (at, one) => loadPosition(at, one, position, node));
  const held = partsOfFunctions(cursor, base)?.[position];
  if (held !== undefined) return held;
  const loaded = memberOfMark(cursor, base, String(position), node);
  if (loaded !== null) return loaded;
  const argument = argumentAt(cursor, base, cursor.block.constant(position), node);
  if (argument !== null) return argument;
  const { type } = base;
  if (type.kind === "tuple" && position < type.elements.length) {
    return cursor.block.load(field(base, position), originOf(node));
  }
  // Behind the end of a tuple there is nothing.
  if (type.kind === "tuple" && elementTypeOf(type) === null) return cursor.block.constant(undefined, originOf(node));
  return cursor.block.load(element(base, cursor.block.constant(position)), originOf(node));
}

export function otherFields(cursor: Cursor, node: ts.Node, whole: Value, used: ReadonlySet<string>): Value {
  if (whole.type.kind !== "record") return refused(cursor, node, "EZ2010", { kind: "rest" });
  const fields = whole.type.fields.filter(({ name }) => !used.has(name));
  const source: readonly KeySource[] = [{ object: whole, isThere: true }];
  const given = new Map(fields.map(({ name }) => [name, cursor.block.load(field(whole, name), originOf(node))]));
  const keys = new Map(
    fields.flatMap((one) => {
      const test = mayLackKey(one)
        ? keyOfCopy(cursor, { object: whole, field: one, isMissing: null, earlier: null }, node)
        : null;
      return test === null ? [] : [[one.name, test] as const];
    }),
  );
  const rest = allocateRecord(cursor, fields, [...given.values()], node, keys);
  noteCopyOf(cursor, [whole], rest.type, node);
  if (!isJavaScript(node.getSourceFile().fileName) && !cursor.session.complete.has(whole))
    cursor.session.complete.delete(rest);
  const copied = new Map(fields.flatMap((one) => (mayLackKey(one) ? [[one.name, source] as const] : [])));
  noteLiteralKeys(cursor, rest, given, copied);
  return rest;
}

export function allocateRecord(
  cursor: Cursor,
  fields: readonly Field[],
  parts: readonly Value[],
  node: ts.Node,
  keys: ReadonlyMap<string, Value> = new Map(),
): Value {
  const type: Type = { kind: "record", name: null, fields };
  const value = cursor.block.allocate(type, madeOf(type, parts, keys), originOf(node));
  cursor.session.present.add(value);
  cursor.session.complete.add(value);
  return value;
}

function bindArray(cursor: Cursor, pattern: ts.ArrayBindingPattern, whole: Value): void {
  const { parent } = pattern;
  const source = ts.isVariableDeclaration(parent) ? parent.initializer : undefined;
  const present = whole.type.kind === "optional" ? unwrapTo(cursor, whole, whole.type.of) : whole;
  const base = listed(cursor, present, source ?? pattern);
  if (isPoisoned(cursor, base)) {
    for (const one of pattern.elements) if (ts.isBindingElement(one)) bindPattern(cursor, one.name, base, null);
    return;
  }
  const isOneOfTwo = isMixedValue(base) && pattern.elements.every(isPlain);
  if (base.type.kind !== "array" && base.type.kind !== "tuple" && !isOneOfTwo) {
    const value = refused(cursor, pattern, "EZ2010", { kind: "destructuring" });
    for (const one of pattern.elements) if (ts.isBindingElement(one)) bindPattern(cursor, one.name, value, null);
    return;
  }
  const parts = source === undefined ? null : givenParts(cursor, base, source);
  pattern.elements.forEach((one, position) => {
    if (!ts.isBindingElement(one)) return;
    const isRest = one.dotDotDotToken !== undefined;
    const known = isRest && parts !== null ? listOf(cursor, parts.slice(position), one) : parts?.[position];
    const read = isRest ? copyFrom : loadPosition;
    const value = known ?? read(cursor, base, position, one);
    bindPattern(cursor, one.name, value, one.initializer ?? null);
  });
}

const isPlain = (one: ts.ArrayBindingElement): boolean => !ts.isBindingElement(one) || one.dotDotDotToken === undefined;

/** What `...rest` takes of an array. */
export function copyFrom(cursor: Cursor, base: Value, position: number, node: ts.Node): Value {
  const parts = tupleParts(cursor, base, node);
  if (parts !== null) {
    const rest = parts.slice(position).map((part) => part(cursor));
    return listOf(cursor, rest, node);
  }
  if (elementTypeOf(base.type) === null) return refused(cursor, node, "EZ2010", { kind: "rest" });
  const from = cursor.block.constant(position);
  const to = cursor.block.length(base, originOf(node));
  const [first] = base.type.kind === "tuple" ? base.type.elements.slice(position) : [];
  const elementType = base.type.kind === "array" ? base.type.element : (first ?? { kind: "number" });
  const type: Type = { kind: "array", element: elementType, storage: "Array" };
  return cursor.block.allocate(type, { kind: "copy", source: base, from, to }, originOf(node));
}

/** A boolean made by an operation that is not in the table. */
export const booleanResult = (node: ts.Node): Value => makeValue(booleanType, originOf(node));
