/** `a.b`: lengths, fields, constants of `Math`, of namespaces and of enums. */
import ts from "typescript";
import { element, field } from "../ir/build.js";
import {
  integerType,
  isDictionary,
  isMap,
  isReference,
  isText,
  type RecordType,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { pure, readsOnly } from "../ir/effects.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isVagueText } from "../syntax/type-of.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { constructorOf, staticMember } from "./class-value.js";
import { compiledEnumMember } from "./compiled-enum.js";
import { environmentMode, isEnvironmentMode } from "./environment-mode.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { lengthOfArguments, lowerArgumentsRead } from "./lower-arguments.js";
import { entityOf } from "./entity.js";
import { memberOfFunction } from "./function-members.js";
import { lowerGetter, lowerSuperGetter } from "./lower-method.js";
import { exactClassOf } from "./lower-instance.js";
import { sharedMember } from "./prototype-constant.js";
import { fieldRead, isWritten, knownField } from "./known-fields.js";
import { literalOfText } from "../ir/literal-text.js";
import { numberExtension } from "./number-extension.js";
import { checkedType, isFunctionTyped } from "./lower-expression.js";
import { isInChain, lowerOptionalChain } from "./optional-chain.js";
import { lowerReference } from "./lower-assignment.js";
import { callableOf, functionValue, isOfFunctions } from "./function-value.js";
import { readFunction } from "./read-function.js";
import { functionLength } from "./function-length.js";
import { givenParts } from "./given-list.js";
import { contentsOf } from "./grown-list.js";
import { resolveCallable } from "./resolve-callable.js";
import { opaque } from "./lower-opaque.js";
import { lowerMapSize } from "./lower-map.js";
import { eachWay } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { memberOfMark } from "./loaded-mark.js";
import { absentMember, fieldName, readMember } from "./open-object.js";
import {
  isGlobal,
  isModuleValue,
  markModuleValue,
  mathConstants,
  moduleConstant,
  numberConstants,
  settledMember,
} from "./module-constants.js";
import { inlineCall } from "./inline-call.js";
import { unchangedCount, unchangedParts } from "./unchanged-list.js";

export function lowerProperty(
  cursor: Cursor,
  node: ts.PropertyAccessExpression,
  variable: Variable | null,
  given: Value | null = null,
): Value {
  const { session, block } = cursor;
  const name = fieldName(node.name.text);
  if (given === null) {
    if (isInChain(cursor, node)) return lowerOptionalChain(cursor, node, variable);
    const constant =
      lowerArgumentsRead(cursor, node) ??
      libraryConstant(cursor, node) ??
      enumConstant(cursor, node) ??
      moduleProperty(cursor, node);
    if (constant !== null) return constant;
  }
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword) return lowerSuperGetter(cursor, node);
  const base = contentsOf(cursor, given ?? lowerReference(cursor, node.expression));
  if (isMixedValue(base)) return eachWay(cursor, base, node, (at, one) => lowerProperty(at, node, variable, one));
  if (isPoisoned(cursor, base) || session.fenced.has(node.name)) return poison(cursor, node);
  const ofFunction = memberOfFunction(cursor, base, name);
  if (ofFunction !== null) return ofFunction;
  const called = name === "length" ? callableOf(session, base) : null;
  if (called?.kind === "closure") return block.constant(functionLength(called.node), originOf(node, variable));
  const ofClass = name === "constructor" ? constructorOf(cursor, base, node) : staticMember(cursor, base, node);
  if (ofClass !== null) return ofClass;
  const own = readMember(cursor, base, node) ?? memberOfMark(cursor, base, node.name.text, node);
  if (own !== null) return own;
  if (session.open.has(base)) {
    const computed = lowerGetter(cursor, base, node) ?? inherited(cursor, base, node);
    return computed ?? absentMember(cursor, base, node) ?? poison(cursor, node);
  }
  const { type } = base;
  const size = lowerMapSize(cursor, base, node);
  if (size !== null) return size;
  if (isDictionary(type) && !isMap(type))
    return block.load(element(base, block.constant(name)), originOf(node, variable));
  const count = name === "length" ? lengthOfArguments(cursor, base, node) : null;
  if (count !== null) return count;
  if (session.argumentObjects.has(base)) {
    // It is no array: `arguments.map` is undefined.
    if (!(name in Object.prototype) && name !== "callee") return block.constant(undefined, originOf(node, variable));
    return refused(cursor, node, "EZ2001", { what: `\`${name}\` of \`arguments\``, advice: "name the function" });
  }
  if (name === "length") {
    const parts = givenParts(cursor, base, node.expression) ?? unchangedParts(cursor, base);
    if (parts !== null) return block.constant(parts.length, originOf(node, variable));
    const fixed = type.kind === "tuple" ? type.elements.length : unchangedCount(cursor, base);
    const count = isJavaScript(node.getSourceFile().fileName) ? fixed : null;
    if (count !== null) return block.constant(count, originOf(node, variable));
    if (type.kind === "array" || type.kind === "tuple") {
      const length = block.length(base, originOf(node, variable));
      session.present.add(length);
      return length;
    }
    if (isText(type)) {
      return opaque(cursor, "$0.length", [base], integerType, node, variable, pure);
    }
  }
  if (type.kind === "array") {
    const computed = lowerGetter(cursor, base, node) ?? inherited(cursor, base, node);
    if (computed !== null) return computed;
  }
  const held = readFunction(cursor, base, name, node);
  if (held !== null) return held;
  if (type.kind === "record") {
    if (type.fields.some((one) => one.name === name)) {
      const literal = knownField(cursor, base, name) ?? literalField(cursor, base, type, name);
      if (literal !== null) return block.constant(literal, originOf(node, variable));
      const value = fieldRead(cursor, base, name, block.load(field(base, name), originOf(node, variable)));
      if (value.type.kind !== "optional") session.certain.add(value);
      return isModuleValue(cursor, base) && isReference(value.type) ? markModuleValue(cursor, value) : value;
    }
    const getter = lowerGetter(cursor, base, node);
    if (getter !== null) return getter;
    const shared = inherited(cursor, base, node);
    if (shared !== null) return shared;
    if (lacksField(cursor, base, node)) return block.constant(undefined, originOf(node, variable));
  }
  if (type.kind === "opaque") {
    const result = checkedType(cursor, node);
    if (result !== null && (result.kind === "boolean" || result.kind === "opaque")) {
      return opaque(cursor, `$0.${name}`, [base], result, node, variable, readsOnly);
    }
    return isVagueText(type.text)
      ? refused(cursor, node, "EZ1011", { name: node.expression.getText(), type: type.text })
      : refused(cursor, node, "EZ2007", { type: type.text });
  }
  if ((type.kind === "array" || type.kind === "tuple") && isTested(node) && isMethodOf(type, name)) {
    return opaque(cursor, `$0.${name}`, [base], { kind: "opaque", text: "function" }, node, variable, readsOnly);
  }
  if (isAskedInVain(cursor, base, node.name.text, node)) {
    return block.constant(undefined, originOf(node, variable));
  }
  return refused(cursor, node, "EZ2001", { what: `\`.${name}\` of such a value`, advice: "declare it in the type" });
}

/** `list.reduce` where it is only asked whether it is there. */
const isTested = (node: ts.Node, { parent } = node): boolean =>
  ts.isPrefixUnaryExpression(parent) ||
  ts.isTypeOfExpression(parent) ||
  (ts.isIfStatement(parent) && parent.expression === node) ||
  (ts.isBinaryExpression(parent) && tests.has(parent.operatorToken.kind)) ||
  (ts.isConditionalExpression(parent) && parent.condition === node);

const tests: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken]);

const isMethodOf = (type: Type, name: string): boolean => {
  const isTyped = type.kind === "array" && type.storage !== "Array" && type.storage !== "ArrayLike";
  const prototype: object = isTyped ? Float64Array.prototype : Array.prototype;
  return typeof Reflect.get(prototype, name) === "function";
};

/** `x.length` of a number, `xs.elements` of an array: JavaScript asks to find out what it was given. */
export function isAskedInVain({ session }: Cursor, { type }: Value, text: string, node: ts.Node): boolean {
  if (!isJavaScript(node.getSourceFile().fileName)) return false;
  if (type.kind === "number" || type.kind === "integer") {
    return !(text in Number.prototype) && numberExtension(session, text) === null;
  }
  if (type.kind !== "array" && type.kind !== "tuple") return false;
  // It may be one that was given such a member: see function-members.ts.
  if (session.arrayMembers.has(text)) return false;
  session.askedInVain.add(text);
  return !(text in Array.prototype) && !(text in Float64Array.prototype) && !/^\d/.test(text);
}

/** The text that a field of an instance of JavaScript always holds. */
function literalField({ session }: Cursor, base: Value, type: RecordType, name: string): string | null {
  if (!session.makers.has(type)) return null;
  const held = type.fields.find((one) => one.name === name)?.type;
  const text = held?.kind === "opaque" ? literalOfText(held.text) : null;
  return text === null || isWritten(session, base, name) ? null : text;
}

/** `this.kind` where `C.prototype.kind = "circle"`, `v.add` of a method `add`; null: the instances of its class share nothing. */
function inherited(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression): Value | null {
  const exact = exactClassOf(cursor, base);
  if (exact === null || !isJavaScript(exact.getSourceFile().fileName)) return null;
  const shared = sharedMember(cursor.session, exact, node.name.text);
  switch (shared.kind) {
    case "constant":
      return cursor.block.constant(shared.value, originOf(node));
    case "method":
      return functionValue(cursor, { kind: "closure", node: shared.member, scope: null, thisValue: base }, node);
    case "none":
      return null;
    case "unknown":
      return refused(cursor, node, "EZ2024", { name: node.getText() });
  }
}

/** A field that an object of a literal does not have is undefined. Other objects may have more than their types say. */
export const lacksField = (cursor: Cursor, base: Value, node: ts.Node): boolean =>
  cursor.session.complete.has(base) &&
  (isJavaScript(node.getSourceFile().fileName) ||
    isOfFunctions(cursor.session, cursor.session.checker.getTypeAtLocation(node)));

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
    if (owner === "Math" && isFunctionTyped(cursor, node)) return functionValue(cursor, { kind: "math", name }, node);
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
  if (isEnvironmentMode(session, node)) return environmentMode(cursor, node);
  const computed = staticGetter(cursor, node);
  if (computed !== null) return computed;
  const callable = isFunctionTyped(cursor, node) ? resolveCallable(cursor, node) : null;
  if (callable !== null) return functionValue(cursor, callable, node);
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

/** `Constants.RADIUS`, which a class of JavaScript computes. */
function staticGetter(cursor: Cursor, node: ts.PropertyAccessExpression): Value | null {
  const owner = entityOf(cursor.session, node.expression)?.node;
  if (owner === undefined || !ts.isClassLike(owner)) return null;
  const getter = owner.members.find(
    (one): one is ts.GetAccessorDeclaration =>
      ts.isGetAccessor(one) && isStatic(one) && one.name.getText() === node.name.text,
  );
  if (getter?.body === undefined) return null;
  return inlineCall(cursor, { kind: "closure", node: getter, scope: null, thisValue: null }, [], node);
}

const isStatic = (node: ts.Declaration): boolean => (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;

const isWrapped = (node: ts.Node): boolean =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node);
