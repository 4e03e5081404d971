/** Array and object literals, `new`. */
import ts from "typescript";
import { element, makeValue } from "../ir/build.js";
import {
  integerType,
  isDictionary,
  isMap,
  isReference,
  isText,
  numberType,
  type ArrayType,
  type Field,
  type RecordType,
  type Storage,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { elementTypeOf, joinTypes } from "../ir/join-types.js";
import { isStrict, isVagueText, typeOf } from "../syntax/type-of.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Callable, type Cursor } from "./environment.js";
import { noteField, noteNarrowing } from "./declared-const.js";
import { leaf } from "./flow.js";
import { carriesFunctions, heldAside, isGetter, setterName } from "./function-value.js";
import { holdsFunctions, isMixed, noteGiven } from "./given-list.js";
import { grownList, isForFunctions, partsOfFunctions } from "./grown-list.js";
import { tellsOfMaps } from "./known-where-made.js";
import { typeOfKey } from "./key-type.js";
import { mayBeNull } from "./lower-condition.js";
import { eachWay, settled } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { checkedType, lowerExpression } from "./lower-expression.js";
import { isJavaScript } from "../syntax/javascript.js";
import { errorText, madeError } from "./error-values.js";
import { argumentsAsArray } from "./lower-arguments.js";
import { isListedAnew, lowerIterable } from "./lower-iterable.js";
import { lowerDictionaryLiteral } from "./lower-dictionary.js";
import { runLoop, overPositions } from "./lower-loop.js";
import { listed } from "./lower-iterable.js";
import { madeOf, noteCopyOf } from "./key-of-copy.js";
import { notePerhapsUndefined } from "./undefined-keys.js";
import { noteLiteralKeys, noteKnownFields, noteSettledFields } from "./known-fields.js";
import { givenLater, heldLater, noteMadeWith, shapeOfLiteral } from "./given-later.js";
import { shapedType } from "./made-types.js";
import { laterFields } from "./later-fields.js";
import { lowerNewDate } from "./lower-date.js";
import { lowerInstance } from "./lower-instance.js";
import { lowerError } from "./lower-opaque.js";
import { lowerNewMap } from "./lower-map.js";
import { lowerNewPattern } from "./lower-pattern.js";
import { mustBeLength, mustBeThere } from "./implicit-throws.js";
import { mayHaveHoles, noteUnfilled } from "./holes.js";
import { isNonNegative } from "./known-bounds.js";
import { numericOperand } from "./lower-operator.js";
import { insideOf } from "../ir/recursive.js";
import { isGlobal } from "./module-constants.js";
import { noParts, spreadObject, type ObjectParts } from "./spread-object.js";
import { arrayConstructor, storageNamed } from "./array-constructor.js";
import { constructorCalled } from "./class-value.js";
import { pendingArray } from "./pending-elements.js";
import { tupleParts, unlikeParts } from "./tuple-parts.js";

export function allocated(cursor: Cursor, value: Value): Value {
  cursor.session.present.add(value);
  return value;
}

/** The type an expression is meant to have: what it is assigned to decides about `[]` and `{}`. */
export function expectedType(cursor: Cursor, node: ts.Expression): Type | null {
  const { checker, types } = cursor.session;
  const contextual = checker.getContextualType(node);
  if (contextual !== undefined) {
    const type = typeOf(contextual, types);
    if (type !== null && type.kind !== "opaque") return type.kind === "optional" ? type.of : type;
  }
  return null;
}

export function lowerArrayLiteral(cursor: Cursor, node: ts.ArrayLiteralExpression, variable: Variable | null): Value {
  const expected = expectedType(cursor, node);
  if (node.elements.some((one) => ts.isOmittedExpression(one))) {
    return refused(cursor, node, "EZ2001", { what: "an array with holes", advice: "write every element" });
  }
  if (node.elements.some((one) => ts.isSpreadElement(one))) return lowerSpread(cursor, node, expected, variable);
  const parts = node.elements.map((one) => lowerExpression(cursor, one));
  if (isPoisoned(cursor, ...parts)) return poison(cursor, node);
  return arrayOf(cursor, node, parts, variable);
}

/** The array of a literal. Where an element is one of several things, so is the array: one for each of them. */
function arrayOf(
  cursor: Cursor,
  node: ts.ArrayLiteralExpression,
  given: readonly Value[],
  variable: Variable | null,
): Value {
  const expected = expectedType(cursor, node);
  const parts = given.map((one) => settled(cursor, one));
  const unlike = parts.find(isMixedValue);
  if (unlike !== undefined) {
    return eachWay(cursor, unlike, node, (at, one) =>
      arrayOf(
        at,
        node,
        parts.map((part) => (part === unlike ? one : part)),
        variable,
      ),
    );
  }
  const isOfFunctions = parts.length === 0 ? isForFunctions(cursor, node) : holdsFunctions(cursor.session, parts);
  if (isOfFunctions) return grownList(cursor, parts, node, variable);
  const type = literalType(cursor, node, parts, expected);
  if (type === null) return refused(cursor, node, "EZ2026", { type: typeText(cursor, node) });
  if (type.kind === "tuple") parts.forEach((part, k) => noteNarrowing(cursor, type.elements[k] ?? null, part, node));
  const array = allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts }, originOf(node, variable)));
  if (isMixed(cursor.session, parts) || elementTypeOf(type) === null) noteGiven(cursor.session, array, parts);
  if (type.kind === "array") noteCount(cursor, array, parts.length);
  return array;
}

function noteCount({ session }: Cursor, array: Value, count: number): void {
  session.literalCounts.set(array, count);
  session.listDepths.set(array, session.loopDepth);
}

const typeText = (cursor: Cursor, node: ts.Node): string =>
  cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node));

const fits = (parts: readonly Value[], types: readonly Type[]): boolean =>
  parts.length === types.length &&
  parts.every((part, k) => {
    const type = types[k];
    return type !== undefined && isAssignable(part.type, type, true);
  });

function literalType(
  cursor: Cursor,
  node: ts.ArrayLiteralExpression,
  parts: readonly Value[],
  expected: Type | null,
): Type | null {
  // No declared type tells which functions they hold.
  if (parts.some((part) => carriesFunctions(cursor.session, part)))
    return { kind: "tuple", elements: parts.map((part) => part.type) };
  if (expected?.kind === "tuple" && fits(parts, expected.elements)) return expected;
  if (expected?.kind === "array" && (expected.storage === "Array" || expected.storage === "ArrayLike")) {
    const isOpen = parts.length === 0 && (isVague(expected) || tellsOfMaps(expected));
    if (!isOpen && parts.every((part) => isAssignable(part.type, expected.element, false)))
      return { ...expected, storage: "Array" };
  }
  if (parts.length === 0) return evolvedType(cursor, node);
  let joined: Type | null = null;
  for (const part of parts) {
    joined = joined === null ? part.type : joinTypes(joined, part.type);
    if (joined === null) break;
  }
  // `[1, 2]` is an array of numbers: the user may put others in.
  if (joined !== null)
    return { kind: "array", element: joined.kind === "integer" ? numberType : joined, storage: "Array" };
  // JavaScript does not say what is put in later.
  const isUntyped = isJavaScript(node.getSourceFile().fileName);
  const widened = (type: Type): Type => (isUntyped && type.kind === "integer" ? numberType : type);
  return { kind: "tuple", elements: parts.map(({ type }) => widened(type)) };
}

/** `const xs = [];` gets its type from what is pushed or written later: the checker knows it where it is read. */
function evolvedType(cursor: Cursor, node: ts.ArrayLiteralExpression): Type | null {
  const { checker, types } = cursor.session;
  const declaration = node.parent;
  const read = (at: ts.Node): ArrayType | null => {
    const type = typeOf(checker.getTypeAtLocation(at), types);
    return type?.kind === "array" && type.element.kind !== "opaque" && !isVague(type) && !tellsOfMaps(type)
      ? type
      : null;
  };
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) {
    return read(node) ?? pendingArray(cursor.session);
  }
  const { name } = declaration;
  const symbol = symbolAt(cursor.session, name);
  const visit = (at: ts.Node): ArrayType | undefined => {
    const isUse =
      ts.isIdentifier(at) && at !== name && at.text === name.text && symbolAt(cursor.session, at) === symbol;
    return (isUse ? (read(at) ?? pushedType(cursor, at)) : null) ?? ts.forEachChild(at, visit);
  };
  const body = ts.findAncestor(node, ts.isFunctionLike);
  const found = read(name) ?? (body === undefined ? undefined : visit(body));
  return found ?? pendingArray(cursor.session);
}

/** Does the checker know nothing of something in a type, at any depth? */
export function isVague(type: Type, seen = new Set<Type>()): boolean {
  if (type.kind === "opaque") return type.text === "never" || type.text === "void" || isVagueText(type.text);
  if (seen.has(type)) return false;
  seen.add(type);
  return insideOf(type).some((one) => isVague(one, seen));
}

/** What `xs.push(v)` and `xs[i] = v` put in. */
function pushedType(cursor: Cursor, at: ts.Identifier): ArrayType | null {
  const { parent } = at;
  const { checker, types } = cursor.session;
  let value: ts.Expression | undefined;
  if (ts.isPropertyAccessExpression(parent) && parent.name.text === "push" && ts.isCallExpression(parent.parent)) {
    [value] = parent.parent.arguments;
  } else if (ts.isElementAccessExpression(parent) && parent.expression === at) {
    const assignment = parent.parent;
    if (ts.isBinaryExpression(assignment) && assignment.left === parent) value = assignment.right;
  }
  if (value === undefined) return null;
  const type = checker.getTypeAtLocation(value);
  const element = typeOf(checker.getBaseTypeOfLiteralType(type), types);
  return element === null || isVague(element) || tellsOfMaps(element)
    ? null
    : { kind: "array", element: element.kind === "integer" ? numberType : element, storage: "Array" };
}

/** `[...a, x, ...b]`: one spread alone is a copy; otherwise the parts are appended one after the other. */
function lowerSpread(
  cursor: Cursor,
  node: ts.ArrayLiteralExpression,
  expected: Type | null,
  variable: Variable | null,
): Value {
  const [only] = node.elements;
  if (only !== undefined && node.elements.length === 1 && ts.isSpreadElement(only)) {
    const source = lowerIterable(cursor, only.expression);
    const functions = partsOfFunctions(cursor, source);
    if (functions !== null) return grownList(cursor, functions, node, variable);
    const parts = tupleParts(cursor, source, only);
    if (parts !== null)
      return arrayOf(
        cursor,
        node,
        parts.map((part) => part(cursor)),
        variable,
      );
    const given = argumentsAsArray(cursor, source, node);
    // Such a list is known to nobody else.
    const isNew = given !== source || isListedAnew(cursor, only.expression);
    return isNew ? given : spreadOf(cursor, source, node, variable);
  }
  const values = node.elements.map((one) =>
    ts.isSpreadElement(one)
      ? argumentsAsArray(cursor, lowerIterable(cursor, one.expression), one)
      : lowerExpression(cursor, one),
  );
  if (isPoisoned(cursor, ...values)) return poison(cursor, node);
  const known = unlikeParts(cursor, node, values);
  if (known !== null) return arrayOf(cursor, node, known, variable);
  let elementType: Type | null = expected?.kind === "array" ? expected.element : null;
  values.forEach((value, k) => {
    const one = node.elements[k];
    const type = one !== undefined && ts.isSpreadElement(one) ? elementTypeOf(value.type) : value.type;
    if (type !== null) elementType = elementType === null ? type : joinTypes(elementType, type);
  });
  const type: Type = { kind: "array", element: elementType ?? numberType, storage: "Array" };
  const array = allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable)));
  values.forEach((value, k) => {
    const one = node.elements[k];
    if (one === undefined || !ts.isSpreadElement(one)) cursor.block.push(array, value);
    else appendAll(cursor, array, value, one);
  });
  return array;
}

export function appendAll(cursor: Cursor, array: Value, source: Value, node: ts.Node): void {
  mustBeThere(cursor, source, node);
  if (elementTypeOf(source.type) === null) {
    if (!isPoisoned(cursor, source)) refused(cursor, node, "EZ2010", { kind: "spread" });
    return;
  }
  runLoop(cursor, node, overPositions(cursor, source, node), (at, { counter, again }) => {
    at.block.push(array, at.block.load(element(source, counter), originOf(node)));
    return leaf(at, again);
  });
}

/** A plain array with the elements of another array. */
export function copyOf(
  cursor: Cursor,
  source: Value,
  node: ts.Node,
  variable: Variable | null,
  isSpread = false,
): Value {
  mustBeThere(cursor, source, node);
  const elementType = elementTypeOf(source.type);
  if (elementType === null)
    return isPoisoned(cursor, source) ? source : refused(cursor, node, "EZ2010", { kind: "spread" });
  const type: Type = {
    kind: "array",
    element: elementType.kind === "integer" ? numberType : elementType,
    storage: "Array",
  };
  return copyInto(cursor, type, source, node, variable, isSpread);
}

/** `[...a]`: also what is not there is an element of it. */
export function spreadOf(cursor: Cursor, source: Value, node: ts.Node, variable: Variable | null): Value {
  return copyOf(cursor, source, node, variable, mayHaveHoles(cursor.session, source));
}

function copyInto(
  cursor: Cursor,
  type: Type,
  source: Value,
  node: ts.Node,
  variable: Variable | null,
  isSpread = false,
): Value {
  const { block } = cursor;
  const whole = { kind: "copy", source, from: block.constant(0), to: block.length(source, originOf(node)) } as const;
  const initial = isSpread ? { ...whole, spread: true as const } : whole;
  return allocated(cursor, block.allocate(type, initial, originOf(node, variable)));
}

// ---- Objects ------------------------------------------------------------------------------------------

export function lowerObjectLiteral(cursor: Cursor, node: ts.ObjectLiteralExpression, variable: Variable | null): Value {
  const expected = expectedType(cursor, node);
  if (expected !== null && isDictionary(expected) && !isOnlyChecked(node) && !node.properties.some(isFunction))
    return lowerDictionaryLiteral(cursor, node, expected, variable);
  const parts = noParts();
  const { values, functions, leftOut, keys } = parts;
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      if (spreadObject(cursor, property.expression, parts) === null) return poison(cursor, node);
      continue;
    }
    const key = keyOf(cursor, property.name);
    if (key === null) return refused(cursor, property, "EZ2010", { kind: "computed" });
    const isAccessor = ts.isAccessor(property);
    if (!isAccessor || !isAccessorOf(functions.get(key))) functions.delete(key);
    if (!isAccessor) functions.delete(setterName(key));
    leftOut.delete(key);
    keys.delete(key);
    if (ts.isPropertyAssignment(property)) values.set(key, lowerExpression(cursor, property.initializer));
    else if (ts.isShorthandPropertyAssignment(property)) values.set(key, lowerExpression(cursor, property.name));
    else {
      values.delete(key);
      const name = ts.isSetAccessorDeclaration(property) ? setterName(key) : key;
      functions.set(name, { kind: "closure", node: property, scope: cursor.scope, thisValue: null });
    }
  }
  if (isPoisoned(cursor, ...values.values())) return poison(cursor, node);
  return objectOf(cursor, node, parts, variable);
}

/** A getter, which a setter stands beside. */
const isAccessorOf = (held: Callable | undefined): boolean => held !== undefined && isGetter(held);

/** A table of functions is known by what stands in it. */
function isFunction(one: ts.ObjectLiteralElementLike): boolean {
  const value = ts.isPropertyAssignment(one) ? unwrapped(one.initializer) : one;
  return ts.isMethodDeclaration(value) || ts.isArrowFunction(value) || ts.isFunctionExpression(value);
}

/** The object of a literal. Where a field is one of several things, so is the object: one for each of them. */
function objectOf(
  cursor: Cursor,
  node: ts.ObjectLiteralExpression,
  given: ObjectParts,
  variable: Variable | null,
  settledHere: ReadonlySet<string> = new Set(),
): Value {
  const [parts, functions] = [new Map(given.values), new Map(given.functions)];
  for (const [key, value] of parts) {
    if (!isMixedValue(value)) continue;
    const known = settled(cursor, value);
    if (isMixedValue(known)) {
      return eachWay(cursor, known, node, (at, one) =>
        objectOf(
          at,
          node,
          { ...given, values: new Map(parts).set(key, one) },
          variable,
          new Set([...settledHere, key]),
        ),
      );
    }
    parts.set(key, known);
  }
  for (const [key, value] of parts) {
    const held = heldAside(cursor.session, value);
    if (held === null) continue;
    functions.set(key, held);
    parts.delete(key);
  }
  const own = withFunctions(cursor, recordTypeOf(cursor, node, parts, given), functions);
  // Its declared name says less than is known.
  const type = settledHere.size === 0 ? own : { ...own, name: null };
  noteSettledFields(cursor, type, settledHere);
  const values = type.fields.map((one) => {
    const value = parts.get(one.name);
    if (value !== undefined) noteField(cursor, one, value, node);
    return value ?? cursor.block.constant(undefined);
  });
  for (const [name, part] of parts) if (!given.leftOut.has(name)) notePerhapsUndefined(cursor, name, part, node, type);
  const value = cursor.block.allocate(type, madeOf(type, values, given.keys), originOf(node, variable));
  if (!node.properties.some(ts.isSpreadAssignment)) cursor.session.complete.add(value);
  noteKnownFields(cursor, value, values);
  noteLiteralKeys(cursor, value, parts, given.leftOut);
  noteCopyOf(cursor, given.sources, type, node);
  return allocated(cursor, value);
}

/** `{ a: 1 } satisfies Record<string, number>` keeps a type of its own. */
function isOnlyChecked({ parent }: ts.Node): boolean {
  const isInside =
    ts.isParenthesizedExpression(parent) || ts.isPropertyAssignment(parent) || ts.isObjectLiteralExpression(parent);
  return isInside ? isOnlyChecked(parent) : ts.isSatisfiesExpression(parent);
}

/** The type of an object that holds functions: they are known by it. */
export function withFunctions(
  { session }: Cursor,
  type: RecordType,
  functions: ReadonlyMap<string, Callable>,
): RecordType {
  if (functions.size === 0) return type;
  const fields = type.fields.filter(({ name }) => !functions.has(name));
  const computed = new Set(functions.keys());
  const instance = { hidden: new Set<string>(), computed, takesFields: false, identity: {} };
  const own: RecordType = { kind: "record", name: null, fields, instance };
  session.functionFields.set(own, functions);
  return own;
}

function keyOf(cursor: Cursor, name: ts.PropertyName): string | null {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  if (!ts.isComputedPropertyName(name)) return null;
  const type = typeOfKey(cursor.session, name.expression);
  return type.isStringLiteral() || type.isNumberLiteral() ? String(type.value) : null;
}

/** The record that an object is meant to be: of a union the member that it fits. */
function expectedRecord(cursor: Cursor, node: ts.ObjectLiteralExpression): RecordType | null {
  const { checker, types } = cursor.session;
  const expected = expectedType(cursor, node);
  if (expected?.kind !== "record" || expected.members === undefined)
    return expected?.kind === "record" ? expected : null;
  const contextual = checker.getContextualType(node);
  const own = checker.getTypeAtLocation(node);
  for (const one of contextual?.isUnion() === true ? contextual.types : []) {
    const member = checker.isTypeAssignableTo(own, one) ? typeOf(one, types) : null;
    if (member?.kind === "record") return member;
  }
  return null;
}

/** `...(c && { rate: 2 })`: part of the object that is wanted. */
function isSpread({ parent }: ts.Node): boolean {
  const isInside =
    ts.isParenthesizedExpression(parent) || ts.isBinaryExpression(parent) || ts.isConditionalExpression(parent);
  return isInside ? isSpread(parent) : ts.isSpreadAssignment(parent);
}

/** What is known of the fields that are given, if the object may lack others. */
function partsOf(type: RecordType | null): RecordType | null {
  const fields = type?.fields.map(({ name, type: held }) => ({
    name,
    type: held.kind === "optional" ? held.of : held,
  }));
  return fields === undefined ? null : { kind: "record", name: null, fields };
}

/** Fields in the order written; each as wide as it is declared, if it is. */
function recordTypeOf(
  cursor: Cursor,
  node: ts.ObjectLiteralExpression,
  parts: ReadonlyMap<string, Value>,
  { leftOut, keys }: ObjectParts,
): RecordType {
  const { session } = cursor;
  const declared = isSpread(node) ? partsOf(expectedRecord(cursor, node)) : expectedRecord(cursor, node);
  const own = checkedType(cursor, node);
  const inferred = own?.kind === "record" ? own : null;
  const typeOfField = (name: string, value: Value): Pick<Field, "type" | "isConst"> => {
    // No declared type tells which functions it holds.
    if (carriesFunctions(session, value)) return { type: value.type };
    for (const known of [declared, inferred]) {
      const field = known?.fields.find((one) => one.name === name);
      if (field === undefined || !isAssignable(value.type, field.type, true)) continue;
      // A pattern with a default asks for less than there is.
      if (mayBeNull(value.type) && !mayBeNull(field.type)) continue;
      if (isText(value.type) && isVague(field.type)) return { type: { kind: "opaque", text: "string" } };
      return { type: field.type, ...(field.isConst === true ? { isConst: true } : {}) };
    }
    return { type: value.type.kind === "integer" ? numberType : value.type };
  };
  /** Where it goes, no undefined may stand, and so none is where it comes from. */
  const isWanted = (name: string): boolean => {
    const wanted = declared?.fields.find((one) => one.name === name);
    return wanted?.isExact === true && isStrict(session.types);
  };
  const fields: Field[] = [...parts].map(([name, value]) => ({
    name,
    ...typeOfField(name, value),
    ...(leftOut.has(name) ? { mayBeLeftOut: true } : {}),
    ...(leftOut.has(name) && (!keys.has(name) || isWanted(name)) ? { isExact: true } : {}),
  }));
  // Optional fields that are left out stay known, so that they can be asked for and set.
  for (const one of declared?.fields ?? []) {
    const mayLack = one.mayBeLeftOut === true && (one.type.kind === "optional" || isText(one.type));
    if (!parts.has(one.name) && mayLack) fields.push(one);
  }
  for (const one of laterFields(cursor, node)) if (!fields.some(({ name }) => name === one.name)) fields.push(one);
  const shape = shapeOfLiteral(node, [...parts.keys()]);
  const fieldsOf = (own: RecordType): readonly Field[] => {
    const later = givenLater(session, shape, own).filter((one) => !fields.some(({ name }) => name === one.name));
    return [...fields.map((one) => ({ ...one, type: heldLater(session, shape, own, one) })), ...later];
  };
  // `links[i] ?? { l: 0 }` may have less than the links have
  const isGiven = (one: Field): boolean => one.mayBeLeftOut === true || fields.some(({ name }) => name === one.name);
  const isNamed = declared !== null && declared.fields.every(isGiven) && !session.laterMembers.has(shape);
  const type = shapedType(session, shape, fieldsOf, isNamed ? declared.name : null);
  noteMadeWith(session, shape, type);
  return type;
}

// ---- new ------------------------------------------------------------------------------------------------

export function lowerNew(cursor: Cursor, node: ts.NewExpression, variable: Variable | null): Value {
  const callee = unwrapped(node.expression);
  const name = ts.isIdentifier(callee) ? callee.text : "";
  const storage = arrayConstructor(cursor, callee);
  if (storage !== null) {
    return newArray(cursor, node, storage, node.arguments ?? [], variable);
  }
  if (/Error$/.test(name) && isGlobal(cursor.session, callee, name)) {
    const made = isJavaScript(node.getSourceFile().fileName) ? madeError(cursor.session, node) : null;
    return lowerError(cursor, node, made === null ? null : errorText(made));
  }
  if (name === "Date" && isGlobal(cursor.session, callee, name)) return lowerNewDate(cursor, node, variable);
  if (name === "RegExp" && isGlobal(cursor.session, callee, name))
    return lowerNewPattern(cursor, node.arguments ?? [], node, variable);
  const map = lowerNewMap(cursor, node, variable);
  if (map !== null) return map;
  const held = constructorCalled(cursor, callee);
  const ofArray = held?.kind === "class" && typeof held.of === "string" ? storageNamed(held.of) : null;
  if (ofArray !== null) return newArray(cursor, node, ofArray, node.arguments ?? [], variable);
  return lowerInstance(cursor, node, held, variable);
}

/** `new Float64Array(n)`, `new Float64Array(other)`, `new Array(n)`, `Array(n)`. */
export function newArray(
  cursor: Cursor,
  node: ts.NewExpression | ts.CallExpression,
  storage: Storage,
  args: readonly ts.Expression[],
  variable: Variable | null,
): Value {
  const type = newArrayType(cursor, node, storage);
  const [first, second] = args;
  if (first === undefined && storage === "Array") return emptyArray(cursor, type, node, variable);
  if (first === undefined)
    return allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable)));
  if (storage === "Array" && second !== undefined) {
    const parts = args.map((one) => lowerExpression(cursor, one));
    return allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts }, originOf(node, variable)));
  }
  if (second !== undefined)
    return refused(cursor, node, "EZ2001", { what: "a view of a buffer", advice: "copy the elements" });
  const given = lowerExpression(cursor, first);
  const value = isMap(given.type) ? listed(cursor, given, first) : given;
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  if (value.type.kind === "array" || value.type.kind === "tuple") {
    if (storage !== "Array" && isReference(elementTypeOf(value.type) ?? numberType))
      return refused(cursor, node, "EZ2001", { what: `\`${node.getText()}\``, advice: "give it an array of numbers" });
    if (storage !== "Array") return copyInto(cursor, type, value, node, variable);
    return allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts: [value] }, originOf(node, variable)));
  }
  if (value.type.kind === "opaque")
    return refused(cursor, node, "EZ2001", { what: "a view of a buffer", advice: "copy the elements" });
  const length = numericOperand(cursor, value, first);
  if (!isNonNegative(cursor.session, first)) mustBeLength(cursor, length, storage !== "Array", first);
  if (storage === "Array") noteUnfilled(cursor.session, node);
  const initial = { kind: "zeros", length, ...(storage === "Array" ? { holes: true as const } : {}) } as const;
  return allocated(cursor, cursor.block.allocate(type, initial, originOf(node, variable)));
}

/** `new Array()`: as `[]`. */
function emptyArray(cursor: Cursor, type: Type, node: ts.Node, variable: Variable | null): Value {
  const array = allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable)));
  noteCount(cursor, array, 0);
  return array;
}

function newArrayType(cursor: Cursor, node: ts.Expression, storage: Storage): ArrayType {
  if (storage !== "Array") {
    const floating = storage === "Float64Array" || storage === "Float32Array";
    return { kind: "array", element: floating ? numberType : integerType, storage };
  }
  const expected = expectedType(cursor, node);
  if (expected?.kind === "array") return { ...expected, storage: "Array" };
  const own = checkedType(cursor, node);
  if (own?.kind === "array") return own;
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) {
    const found = writtenType(cursor, parent.name);
    if (found !== null) return found;
  }
  return pendingArray(cursor.session);
}

/** `const a = new Array(n)` is any[]: its elements are what is written to it. */
function writtenType(cursor: Cursor, name: ts.Identifier): ArrayType | null {
  const symbol = symbolAt(cursor.session, name);
  const visit = (at: ts.Node): ArrayType | undefined => {
    const isUse =
      ts.isIdentifier(at) && at.text === name.text && at !== name && symbolAt(cursor.session, at) === symbol;
    return (isUse ? pushedType(cursor, at) : null) ?? ts.forEachChild(at, visit);
  };
  const body = ts.findAncestor(name, ts.isFunctionLike);
  return (body === undefined ? undefined : visit(body)) ?? null;
}

/** A value that nothing else refers to, of a type that is given. */
export const valueOf = (type: Type, node: ts.Node): Value => makeValue(type, originOf(node));
