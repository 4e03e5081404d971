/** Places that can be assigned; the base and the index of one are evaluated once. */
import ts from "typescript";
import { element, field } from "../ir/build.js";
import {
  fieldOf,
  isDictionary,
  isInteger,
  isMap,
  isOpenRecord,
  type Location,
  type Type,
  type Value,
} from "../ir/ir.js";
import { elementTypeOf, joinTypes } from "../ir/join-types.js";
import { isAssignable } from "../ir/assignable.js";
import { printType } from "../ir/print.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { copyFrom, loadField, loadPosition, withDefault } from "./bind-pattern.js";
import { isPoisoned, originOf, poison, refused, report, type Cursor, type Slot } from "./environment.js";
import { typeOfKey } from "./key-type.js";
import { unwrapTo } from "./lower-function.js";
import { presentText } from "./present-text.js";
import { noteAssignment, noteField, noteNarrowing } from "./declared-const.js";
import { noteGivenLater } from "./given-later.js";
import { appends } from "./append-store.js";
import { noteStore } from "./holes.js";
import { isElementThere } from "./known-bounds.js";
import { isScratchVariable, scratchVariable } from "./scratch-variable.js";
import { noteFieldWrite } from "./known-fields.js";
import { notePerhapsUndefined } from "./undefined-keys.js";
import { possibleNames, readOneOf, writeOneOf, knownKey } from "./keyed-member.js";
import { literalOfText } from "../ir/literal-text.js";
import { setLength } from "./lower-array-resize.js";
import { lowerKey } from "./lower-dictionary.js";
import { mustBeThere } from "./implicit-throws.js";
import { reportMixed, settledThere } from "./lower-mixed.js";
import { makerOf } from "./class-members.js";
import { givenByConstructor } from "./prototype-constant.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isMixedValue } from "./mixed-value.js";
import { lowerExpression, lowerMaybe } from "./lower-expression.js";
import { numericOperand } from "./lower-operator.js";
import { setterOf } from "./function-value.js";
import { readFunction } from "./read-function.js";
import { hasSetter, lowerGetter, lowerSetter } from "./lower-method.js";
import { assignedMember, giveFunction } from "./function-members.js";
import { absentMember, fieldName, memberSlot, readSlot } from "./open-object.js";
import { isModuleValue } from "./module-constants.js";
import { settleElements, settleTogether } from "./pending-elements.js";

export type Target =
  | { readonly kind: "variable"; readonly slot: Slot; readonly node: ts.Node }
  /** Of an object whose members are variables. */
  | { readonly kind: "member"; readonly slot: Slot; readonly base: Value; readonly node: ts.Expression }
  /** A member of a record that a key names, which is one of some. */
  | {
      readonly kind: "keyed";
      readonly base: Value;
      readonly key: Value;
      readonly names: readonly string[];
      readonly node: ts.ElementAccessExpression;
    }
  /** A member that the object was not made with. */
  | {
      readonly kind: "later";
      readonly base: Value;
      readonly name: string;
      readonly node: ts.Expression;
    }
  | { readonly kind: "setter"; readonly base: Value; readonly node: ts.PropertyAccessExpression }
  /** Of an array. */
  | { readonly kind: "length"; readonly array: Value; readonly node: ts.PropertyAccessExpression }
  | { readonly kind: "location"; readonly at: Location; readonly node: ts.Node }
  | { readonly kind: "pattern"; readonly node: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression }
  | { readonly kind: "nothing"; readonly node: ts.Node };

/** Evaluates what a target needs, from left to right, without reading or writing it. */
export function lowerTarget(cursor: Cursor, node: ts.Expression): Target {
  const at = unwrapped(node);
  if (ts.isIdentifier(at)) return variableTarget(cursor, at);
  if (ts.isElementAccessExpression(at)) {
    const base = lowerReference(cursor, at.expression);
    const own = memberSlot(cursor, base, at);
    if (own !== null) return { kind: "member", slot: own, base, node: at };
    if (cursor.session.open.has(base)) {
      const key = knownKey(cursor, lowerExpression(cursor, at.argumentExpression));
      const named = key === null ? null : memberSlot(cursor, base, at, fieldName(key));
      if (named !== null) return { kind: "member", slot: named, base, node: at };
      absentMember(cursor, base, at);
      return { kind: "nothing", node: at };
    }
    const keyed = keyedTarget(cursor, base, at) ?? laterTarget(cursor, base, at);
    if (keyed !== null) return keyed;
    const location = elementLocation(cursor, base, at.argumentExpression, at);
    const into = location === null ? null : fieldOf(location);
    // Which text a field of a type of TypeScript holds, and whether it holds nothing, is followed by its name.
    const isTyped = into?.type.kind === "opaque" && !isJavaScript(at.getSourceFile().fileName);
    if (isTyped && literalKey(cursor, at.argumentExpression) === null) {
      refuseKey(cursor, base, at);
      return { kind: "nothing", node: at };
    }
    return location === null ? { kind: "nothing", node: at } : checked(cursor, location, at);
  }
  if (ts.isPropertyAccessExpression(at)) {
    if (isOfAllInstances(cursor, at)) return { kind: "nothing", node: at };
    const base = lowerReference(cursor, at.expression);
    if (isPoisoned(cursor, base) || cursor.session.fenced.has(at.name)) return { kind: "nothing", node: at };
    const isSet = cursor.session.open.has(base) && hasSetter(cursor, base, at);
    const own = isSet ? null : memberSlot(cursor, base, at);
    if (own !== null) return { kind: "member", slot: own, base, node: at };
    const name = fieldName(at.name.text);
    const ofFunction = assignedMember(cursor, base, name);
    if (ofFunction !== null) return { kind: "member", slot: ofFunction, base, node: at };
    if (base.type.kind === "record" && base.type.fields.some((one) => one.name === name)) {
      return checked(cursor, field(base, name), at);
    }
    if (isOpenRecord(base.type)) return checked(cursor, element(base, cursor.block.constant(name)), at);
    if (setterOf(cursor.session, base, name) !== null) return { kind: "setter", base, node: at };
    if (hasSetter(cursor, base, at)) return { kind: "setter", base, node: at };
    if (name === "length" && mayShorten(cursor, base)) return { kind: "length", array: base, node: at };
    return { kind: "later", base, name, node: at };
  }
  if (ts.isArrayLiteralExpression(at) || ts.isObjectLiteralExpression(at)) return { kind: "pattern", node: at };
  refused(cursor, at, "EZ2010", { kind: "such a" });
  return { kind: "nothing", node: at };
}

/** The member of an object that has a name, where no expression of its own says it: `Object.assign(base, { name })` */
export function memberTarget(cursor: Cursor, base: Value, name: string, node: ts.Expression): Target {
  const slot = memberSlot(cursor, base, node, name) ?? assignedMember(cursor, base, name);
  if (slot !== null) return { kind: "member", slot, base, node };
  if (base.type.kind === "record" && base.type.fields.some((one) => one.name === name)) {
    return checked(cursor, field(base, name), node);
  }
  return { kind: "later", base, name, node };
}

/** Does a constructor give the prototype of its class what all instances have? There it is known where it is read. */
function isOfAllInstances({ session }: Cursor, node: ts.PropertyAccessExpression): boolean {
  const owner = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(owner) || owner.name.text !== "prototype") return false;
  if (!isJavaScript(node.getSourceFile().fileName)) return false;
  const maker = makerOf(session, owner.expression);
  return maker !== null && givenByConstructor(session, maker, node.name.text) !== undefined;
}

/** `p[axis] = v` where the axis is one of the names of its fields; null: it is not known, or it is known which one. */
function keyedTarget(cursor: Cursor, base: Value, node: ts.ElementAccessExpression): Target | null {
  const { type } = base;
  if (type.kind !== "record" || type.members !== undefined || isPoisoned(cursor, base) || isModuleValue(cursor, base))
    return null;
  if (cursor.session.frozen.has(base)) return null;
  if (literalKey(cursor, node.argumentExpression) !== null) return null;
  const names = possibleNames(cursor, node.argumentExpression);
  if (names === null || names.length < 2) return null;
  const fields = names.map((name) => type.fields.find((one) => one.name === name));
  // Which text a field holds is followed by its name.
  if (fields.some((one) => one === undefined || one.type.kind === "opaque")) return null;
  const key = lowerExpression(cursor, node.argumentExpression);
  if (isPoisoned(cursor, key)) return { kind: "nothing", node };
  const known = knownKey(cursor, key);
  return { kind: "keyed", base, key, names: known !== null && names.includes(known) ? [known] : names, node };
}

/** `r[key] = v` in JavaScript, where it is known which key it is, and the object was not made with it. */
function laterTarget(cursor: Cursor, base: Value, node: ts.ElementAccessExpression): Target | null {
  const { type } = base;
  const key = unwrapped(node.argumentExpression);
  // Only a name can be looked at twice: anything else might do something.
  if (type.kind !== "record" || !(ts.isIdentifier(key) || ts.isStringLiteralLike(key))) return null;
  if (!isJavaScript(node.getSourceFile().fileName) || isPoisoned(cursor, base)) return null;
  const name = knownKey(cursor, lowerExpression(cursor, key));
  if (name === null || type.fields.some((one) => one.name === fieldName(name))) return null;
  return { kind: "later", base, name: fieldName(name), node };
}

/** Is it an array whose length can be set? */
function mayShorten({ session }: Cursor, base: Value): boolean {
  const isPlain = base.type.kind === "array" && base.type.storage === "Array" && !isDictionary(base.type);
  return isPlain && !session.fixedParameters.has(base);
}

function refuseField(cursor: Cursor, base: Value, { name, node }: Extract<Target, { kind: "later" }>): void {
  const parameter = cursor.session.fixedParameters.get(base);
  if (base.type.kind === "array" && name === "length" && parameter !== undefined) {
    refused(cursor, node, "EZ1022", { name: parameter });
  } else if (base.type.kind === "array" && name === "length") {
    refused(cursor, node, "EZ2001", { what: "setting the length of an array", advice: "make a new array" });
  } else {
    refused(cursor, node, "EZ2001", {
      what: `assigning \`${name}\` of such a value`,
      advice: "declare it in the type",
    });
  }
}

function variableTarget(cursor: Cursor, node: ts.Identifier): Target {
  const symbol = symbolAt(cursor.session, node);
  const binding = symbol === null ? null : cursor.scope.get(symbol);
  if (binding?.kind === "variable") return { kind: "variable", slot: binding.slot, node };
  const scratch = (binding ?? null) === null ? scratchVariable(cursor, node) : null;
  if (scratch !== null) return { kind: "variable", slot: scratch, node };
  if (binding?.kind === "function") refused(cursor, node, "EZ2013", { name: node.text });
  else refused(cursor, node, "EZ2015", { name: node.text });
  return { kind: "nothing", node };
}

/** Memory of the module is not written, for its derivative would be lost; nor is what was frozen. */
function checked(cursor: Cursor, at: Location, node: ts.Node): Target {
  if (isModuleValue(cursor, at.base)) {
    refused(cursor, node, "EZ2024", { name: node.getText() });
    return { kind: "nothing", node };
  }
  if (cursor.session.frozen.has(at.base)) {
    refused(cursor, node, "EZ2151", { name: node.getText() });
    return { kind: "nothing", node };
  }
  return { kind: "location", at, node };
}

/** An array or object that is read from or written to: never undefined. */
export function lowerReference(cursor: Cursor, node: ts.Expression): Value {
  // Inside of a `try`, `a!.b` throws where `a` is not there.
  const asked = cursor.handler !== null && ts.isNonNullExpression(node);
  const base = asked ? lowerMaybe(cursor, node.expression) : lowerExpression(cursor, node);
  if (isMixedValue(base)) return settledThere(base);
  mustBeThere(cursor, base, node);
  return base.type.kind === "optional" ? unwrapTo(cursor, base, base.type.of) : presentText(cursor, base, node);
}

/** `base[index]`; null where it was refused. */
export function elementLocation(cursor: Cursor, base: Value, indexNode: ts.Expression, node: ts.Node): Location | null {
  if (isPoisoned(cursor, base)) {
    lowerExpression(cursor, indexNode);
    return null;
  }
  if (cursor.session.open.has(base)) {
    lowerExpression(cursor, indexNode);
    if (ts.isExpression(node)) absentMember(cursor, base, node);
    return null;
  }
  const { type } = base;
  if (isMap(type)) {
    refused(cursor, node, "EZ2001", { what: "a member of a Map", advice: "write `get` and `set`" });
    return null;
  }
  if (isDictionary(type)) return element(base, lowerKey(cursor, indexNode));
  const written = literalKey(cursor, indexNode);
  const index = written === null ? lowerExpression(cursor, indexNode) : null;
  const key = index === null ? null : knownKey(cursor, index);
  const literal = written ?? (key !== null && type.kind === "tuple" && /^\d+$/.test(key) ? Number(key) : key);
  if (index !== null && isPoisoned(cursor, index)) return null;
  if (type.kind === "record") {
    if (literal !== null && type.fields.some(({ name }) => name === String(literal)))
      return field(base, String(literal));
  } else if (type.kind === "tuple") {
    if (typeof literal === "number" && literal >= 0 && literal < type.elements.length) return field(base, literal);
    const [first] = type.elements;
    const areAlike = first !== undefined && type.elements.every((one) => isAssignable(one, first, false));
    if (areAlike && elementTypeOf(type) !== null) {
      return element(base, numericIndex(cursor, index, indexNode));
    }
  } else if (type.kind === "array") {
    const position = numericIndex(cursor, index, indexNode);
    if (cursor.session.views.has(base) && ts.isElementAccessExpression(node)) noteInView(cursor, node, base, position);
    return element(base, position);
  }
  refuseKey(cursor, base, node);
  return null;
}

/** The index as a number; null: it is a literal that was not lowered yet. */
const numericIndex = (cursor: Cursor, index: Value | null, node: ts.Expression): Value =>
  numericOperand(cursor, index ?? lowerExpression(cursor, node), node);

export const refuseKey = (cursor: Cursor, { type }: Value, node: ts.Node): Value =>
  refused(cursor, node, "EZ2001", {
    what: type.kind === "record" ? "a field whose name is computed" : "indexing such a value",
    advice: "use an array, or name the field",
  });

export function literalKey(cursor: Cursor, node: ts.Expression): string | number | null {
  const at = unwrapped(node);
  if (ts.isNumericLiteral(at)) return Number(at.text);
  if (ts.isStringLiteralLike(at)) return at.text;
  const type = typeOfKey(cursor.session, at);
  // Only a name can be skipped: anything else might do something.
  return ts.isIdentifier(at) && (type.isNumberLiteral() || type.isStringLiteral()) ? type.value : null;
}

/** Notes that an index lies in a view, where the source says so. */
function noteInView({ session }: Cursor, node: ts.ElementAccessExpression, view: Value, index: Value): void {
  if (!isElementThere(session, node)) return;
  const known = session.inViews.get(index) ?? new Set();
  session.inViews.set(index, known.add(view));
}

export function readTarget(cursor: Cursor, target: Target): Value {
  switch (target.kind) {
    case "variable": {
      const code = isScratchVariable(cursor, target.slot) ? "EZ2015" : "EZ2121";
      return cursor.env.get(target.slot) ?? refused(cursor, target.node, code, { name: target.node.getText() });
    }
    case "member":
      return readSlot(cursor, target.slot, target.base, target.node);
    case "length":
      return cursor.block.length(target.array, originOf(target.node));
    case "location":
      return cursor.block.load(target.at, originOf(target.node));
    case "setter":
      return (
        readFunction(cursor, target.base, fieldName(target.node.name.text), target.node) ??
        lowerGetter(cursor, target.base, target.node) ??
        refused(cursor, target.node, "EZ2010", { kind: "read" })
      );
    case "keyed":
      return (
        readOneOf(cursor, target.base, target.key, target.names, target.node) ??
        refuseKey(cursor, target.base, target.node)
      );
    case "later":
      return cursor.block.constant(undefined, originOf(target.node));
    case "pattern":
      return refused(cursor, target.node, "EZ2010", { kind: "read" });
    case "nothing":
      return poison(cursor, target.node);
  }
}

/** `grows`: a plain assignment, which may make an array longer. */
export function writeTarget(cursor: Cursor, target: Target, value: Value, node: ts.Node, grows = true): void {
  switch (target.kind) {
    case "variable":
      cursor.env.set(target.slot, value);
      if (target.slot.declared !== undefined) {
        noteAssignment(cursor, target.slot.declared, target.node.getText(), value, node);
      }
      return;
    case "member":
      cursor.env.set(target.slot, asKept(cursor, target.base, value, node));
      return;
    case "length":
      if (isPoisoned(cursor, value)) return;
      if (isModuleValue(cursor, target.array)) refused(cursor, node, "EZ2024", { name: target.node.getText() });
      else setLength(cursor, target.array, numericOperand(cursor, value, node), node);
      return;
    case "location":
      if (!isPoisoned(cursor, value)) storeAt(cursor, target.at, value, node, grows ? target.node : null);
      return;
    case "keyed":
      if (isPoisoned(cursor, value)) return;
      writeOneOf(cursor, target.key, target.names, target.node, (at, name) =>
        storeAt(at, field(target.base, name), value, node, null),
      );
      return;
    case "later":
      if (giveFunction(cursor, target.base, target.name, value)) return;
      // What is learnt takes back that it was refused.
      noteGivenLater(cursor, target.base, target.name, value);
      refuseField(cursor, target.base, target);
      return;
    case "pattern":
      assignPattern(cursor, target.node, value);
      return;
    case "setter":
      if (!lowerSetter(cursor, target.base, target.node, value))
        refused(cursor, target.node, "EZ2011", { name: target.node.getText() });
      return;
    case "nothing":
      return;
  }
}

/** What an object that no memory holds makes of a value that it is given. */
function asKept(cursor: Cursor, base: Value, value: Value, node: ts.Node): Value {
  if (cursor.session.open.get(base)?.isSingle !== true || isPoisoned(cursor, value)) return value;
  const number = numericOperand(cursor, value, node);
  return isPoisoned(cursor, number) ? number : cursor.block.apply("fround", [number], originOf(node));
}

function storeAt(cursor: Cursor, at: Location, value: Value, node: ts.Node, growing: ts.Node | null): void {
  if (at.kind === "field") noteFieldWrite(cursor, String(at.field), node, at.base.type);
  if (at.kind === "field") notePerhapsUndefined(cursor, String(at.field), value, node, at.base.type);
  if (isMixedValue(value)) return reportMixed(cursor, value);
  if (at.kind === "element") settleElements(cursor.session, at.base.type, value.type);
  const expected = expectedAt(at);
  if (expected !== null) settleTogether(cursor.session, value.type, expected);
  if (at.base.type.kind === "record" && cursor.session.makers.has(at.base.type) && changesText(expected, value.type)) {
    if (at.kind === "field") noteGivenLater(cursor, at.base, String(at.field), value);
    report(cursor, "EZ2025", node, {
      type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node)),
    });
    return;
  }
  const learns = at.kind === "field" && isJavaScript(node.getSourceFile().fileName);
  if (
    learns &&
    expected !== null &&
    isWidened(expected, value.type) &&
    noteGivenLater(cursor, at.base, String(at.field), value)
  ) {
    // What is learnt takes back that it was refused.
    report(cursor, "EZ2025", node, {
      type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node)),
    });
    return;
  }
  if (expected !== null && !isAssignable(value.type, expected, true)) {
    if (value.type.kind === "optional" && isAssignable(value.type.of, expected, true)) {
      cursor.block.store(at, unwrapTo(cursor, value, value.type.of));
      return;
    }
    if (value.type.kind === "boolean" && (expected.kind === "integer" || expected.kind === "number")) {
      cursor.block.store(at, cursor.block.apply("toNumber", [value], originOf(node)));
      return;
    }
    if (at.kind === "field") noteGivenLater(cursor, at.base, String(at.field), value);
    report(cursor, "EZ2025", node, {
      type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node)),
    });
    return;
  }
  const into = fieldOf(at);
  if (into !== null) noteField(cursor, into, value, node);
  else if (at.base.type.kind !== "array" || !isInteger(at.base.type.storage))
    noteNarrowing(cursor, expected, value, node);
  if (growing !== null && appends(cursor, at, value, growing)) return;
  if (growing !== null && at.kind === "element") noteStore(cursor.session, at.base, growing);
  cursor.block.store(at, value);
}

/** Does a field hold more than its type tells once it is given a value: nothing, nothing of another kind, another text? */
function isWidened(expected: Type, given: Type): boolean {
  const both = joinTypes(expected, given);
  // What the types are called does not matter.
  const text = (type: Type): string => printType(type).replace(/record [\w$]+ /g, "record ");
  return both !== null && text(both) !== text(expected);
}

/** Would a field that is read as one text hold another one? */
const changesText = (expected: Value["type"] | null, given: Value["type"]): boolean =>
  expected?.kind === "opaque" &&
  literalOfText(expected.text) !== null &&
  !(given.kind === "opaque" && given.text === expected.text);

function expectedAt(at: Location): Value["type"] | null {
  const { type } = at.base;
  if (at.kind === "element") return elementTypeOf(type);
  if (type.kind === "record") return fieldOf(at)?.type ?? null;
  return type.kind === "tuple" && typeof at.field === "number" ? (type.elements[at.field] ?? null) : null;
}

/**
 * `[a, b[i]] = value`. The right side was evaluated before, so that a swap works:
 * `[a, b] = [b, a]` reads both, then writes both.
 */
function assignPattern(
  cursor: Cursor,
  pattern: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression,
  value: Value,
): void {
  if (isPoisoned(cursor, value)) return;
  mustBeThere(cursor, value, pattern);
  if (ts.isArrayLiteralExpression(pattern)) {
    pattern.elements.forEach((one, position) => {
      if (ts.isOmittedExpression(one)) return;
      if (ts.isSpreadElement(one)) assignOne(cursor, one.expression, copyFrom(cursor, value, position, one));
      else assignOne(cursor, one, loadPosition(cursor, value, position, one));
    });
    return;
  }
  for (const one of pattern.properties) {
    if (ts.isShorthandPropertyAssignment(one)) {
      const part = loadField(cursor, value, one.name.text, one);
      const given = one.objectAssignmentInitializer;
      const target = variableTarget(cursor, one.name);
      writeTarget(cursor, target, given === undefined ? part : withDefault(cursor, part, given), one);
    } else if (ts.isPropertyAssignment(one) && !ts.isComputedPropertyName(one.name)) {
      assignOne(cursor, one.initializer, loadField(cursor, value, one.name.text, one));
    } else refused(cursor, one, "EZ2010", { kind: "computed" });
  }
}

function assignOne(cursor: Cursor, node: ts.Expression, value: Value): void {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    writeTarget(cursor, lowerTarget(cursor, node.left), withDefault(cursor, value, node.right), node);
  } else writeTarget(cursor, lowerTarget(cursor, node), value, node);
}

/** `[a, b] = [b, a]` without an array: the parts are read first, then written in order. */
export function assignParts(cursor: Cursor, node: ts.BinaryExpression): boolean {
  const [left, right] = [unwrapped(node.left), unwrapped(node.right)];
  if (!ts.isArrayLiteralExpression(left) || !ts.isArrayLiteralExpression(right)) return false;
  const plain = (list: ts.ArrayLiteralExpression): boolean =>
    list.elements.every((one) => !ts.isSpreadElement(one) && !ts.isOmittedExpression(one));
  if (!plain(left) || !plain(right) || left.elements.length > right.elements.length) return false;
  const values = right.elements.map((one) => lowerExpression(cursor, one));
  left.elements.forEach((one, k) => {
    const value = values[k];
    if (value !== undefined) assignOne(cursor, one, value);
  });
  return true;
}
