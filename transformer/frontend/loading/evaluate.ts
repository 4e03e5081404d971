/** Expressions, while modules are loaded. */
import ts from "typescript";
import { isJavaScript } from "../../syntax/javascript.js";
import { isAssignmentOperator, unwrapped } from "../assigned-symbols.js";
import { assignTo, update } from "./assign.js";
import { isCopyHelper } from "../compiled-helpers.js";
import { builtin, globals, isBuiltinName, isGlobalName } from "./builtins.js";
import { activationOf, argumentsOf, baseOf, call, callMember, construct, constructBase } from "./call.js";
import { accessor, initializeFields, makeClass, makeFunction } from "./classes.js";
import { isCounter } from "./counters.js";
import { leak, leakElements, open } from "./leaks.js";
import {
  anyOf,
  cellOf,
  define,
  either,
  makeArray,
  makeObject,
  makeScope,
  perhaps,
  step,
  declare,
  type Machine,
} from "./machine.js";
import { get, keysOf, keyText, memberOf, ownMember } from "./members.js";
import { handOver } from "./modules.js";
import { callNative } from "./natives.js";
import { combine, compare, typeOfValue } from "./operators.js";
import { elementsOf } from "./patterns.js";
import { makePattern, partsOfLiteral } from "./regular-expressions.js";
import {
  isObject,
  isOneOf,
  isVague,
  objectsOf,
  Thrown,
  unknown,
  type LoadedObject,
  type LoadedScope,
  type LoadedValue,
} from "./values.js";

export function evaluate(machine: Machine, scope: LoadedScope, node: ts.Expression): LoadedValue {
  step(machine);
  const at = unwrapped(node);
  if (ts.isIdentifier(at)) return evaluateName(machine, scope, at);
  if (ts.isNumericLiteral(at)) return Number(at.text);
  if (ts.isStringLiteralLike(at)) return at.text;
  switch (at.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return true;
    case ts.SyntaxKind.FalseKeyword:
      return false;
    case ts.SyntaxKind.NullKeyword:
      return null;
    case ts.SyntaxKind.ThisKeyword: {
      const activation = activationOf(scope);
      return activation === null ? unknown : activation.thisValue;
    }
    default:
  }
  if (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at)) return evaluateMember(machine, scope, at);
  if (ts.isCallExpression(at)) return evaluateCall(machine, scope, at);
  if (ts.isBinaryExpression(at)) return evaluateBinary(machine, scope, at);
  if (ts.isFunctionExpression(at)) {
    if (at.name === undefined) return makeFunction(machine, at, scope);
    const inside = makeScope(machine, at.name, scope);
    const made = makeFunction(machine, at, inside);
    declare(machine, inside, at.name.text, made);
    return made;
  }
  if (ts.isArrowFunction(at)) return makeFunction(machine, at, scope);
  if (ts.isClassExpression(at)) return makeClass(machine, at, scope);
  if (ts.isObjectLiteralExpression(at)) return evaluateObject(machine, scope, at);
  if (ts.isArrayLiteralExpression(at)) {
    const elements = spreadOut(machine, scope, at.elements);
    const made = makeArray(machine, at, elements ?? []);
    if (elements === null) made.isOpen = true;
    return made;
  }
  if (ts.isConditionalExpression(at)) return evaluateConditional(machine, scope, at);
  if (ts.isNewExpression(at)) {
    const callee = evaluate(machine, scope, at.expression);
    return construct(machine, callee, spreadOut(machine, scope, at.arguments ?? []), at);
  }
  if (ts.isPrefixUnaryExpression(at)) return evaluatePrefix(machine, scope, at);
  if (ts.isPostfixUnaryExpression(at)) {
    const before = numeric(evaluate(machine, scope, at.operand));
    update(machine, scope, at.operand, at.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1);
    return before;
  }
  if (ts.isTypeOfExpression(at)) return evaluateTypeof(machine, scope, at);
  if (ts.isVoidExpression(at)) {
    evaluate(machine, scope, at.expression);
    return undefined;
  }
  if (ts.isTemplateExpression(at)) {
    let text: string | null = at.head.text;
    for (const span of at.templateSpans) {
      const value = evaluate(machine, scope, span.expression);
      const part = keyText(value);
      if (part === null) leakAsText(machine, value);
      text = text === null || part === null ? null : text + part + span.literal.text;
    }
    return text ?? unknown;
  }
  if (ts.isDeleteExpression(at)) return evaluateDelete(machine, scope, unwrapped(at.expression));
  if (ts.isSpreadElement(at)) return unknown;
  if (ts.isRegularExpressionLiteral(at)) return makePattern(machine, at, ...partsOfLiteral(at));
  if (ts.isTaggedTemplateExpression(at)) return evaluateTagged(machine, scope, at);
  // `await`, `yield`, and whatever else there may be.
  ts.forEachChild(at, (child) => {
    if (ts.isExpression(child)) leak(machine, evaluate(machine, scope, child));
  });
  return unknown;
}

/** Whatever stands in the template is handed to the tag. */
function evaluateTagged(machine: Machine, scope: LoadedScope, node: ts.TaggedTemplateExpression): LoadedValue {
  leak(machine, evaluate(machine, scope, node.tag));
  const spans = ts.isTemplateExpression(node.template) ? node.template.templateSpans : [];
  for (const { expression } of spans) leak(machine, evaluate(machine, scope, expression));
  return unknown;
}

/** What turns an object into text may do whatever it likes with it, but for what the language brings along. */
function leakAsText(machine: Machine, value: LoadedValue): void {
  const isPlain = (one: LoadedObject): boolean =>
    !one.isOpen &&
    one.elements === null &&
    ["toString", "valueOf"].every((name) => {
      const method = memberOf(machine, one, name)?.member;
      return method?.kind === "data" && isObject(method.value) && method.value.run?.kind === "native";
    });
  for (const one of objectsOf(value)) if (!isPlain(one)) leak(machine, one);
}

function evaluateName(machine: Machine, scope: LoadedScope, node: ts.Identifier): LoadedValue {
  const { text } = node;
  if (text === "arguments") return argumentsOf(machine, scope, node);
  const cell = cellOf(scope, text);
  if (cell !== null) return cell.value;
  if (text === "undefined") return undefined;
  if (text === "NaN") return NaN;
  if (text === "Infinity") return Infinity;
  if (isGlobalName(text)) return globals(machine);
  return isBuiltinName(text) ? builtin(machine, text) : get(machine, globals(machine), text);
}

function evaluateTypeof(machine: Machine, scope: LoadedScope, node: ts.TypeOfExpression): LoadedValue {
  const at = unwrapped(node.expression);
  if (ts.isIdentifier(at) && cellOf(scope, at.text) === null && !isBuiltinName(at.text)) {
    const isNothing = ["define", "exports", "module", "require", "undefined"].includes(at.text);
    return isNothing || isSwitch(machine, at) ? "undefined" : unknown;
  }
  return typeOfValue(evaluate(machine, scope, at));
}

/** `GLMAT_ARRAY_TYPE`: how a page would set up what it loads. A program that does so declares it. */
const isSwitch = ({ program }: Machine, node: ts.Identifier): boolean =>
  /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(node.text) && program.getTypeChecker().getSymbolAtLocation(node) === undefined;

/** The key between brackets, or in a literal; null: not known. */
export function evaluateKey(
  machine: Machine,
  scope: LoadedScope,
  name: ts.PropertyName | ts.Identifier,
): string | null {
  if (ts.isComputedPropertyName(name)) return keyText(evaluate(machine, scope, name.expression));
  return ts.isNumericLiteral(name) ? String(Number(name.text)) : name.text;
}

function evaluateMember(
  machine: Machine,
  scope: LoadedScope,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): LoadedValue {
  return memberAt(machine, scope, node).value;
}

interface Found {
  readonly base: LoadedValue;
  readonly value: LoadedValue;
}

/** A member, with the object that it is a member of. */
function memberAt(
  machine: Machine,
  scope: LoadedScope,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): Found {
  const isSuper = node.expression.kind === ts.SyntaxKind.SuperKeyword;
  const base = isSuper ? superOf(scope) : evaluate(machine, scope, node.expression);
  const key = ts.isPropertyAccessExpression(node)
    ? node.name.text
    : keyText(evaluate(machine, scope, node.argumentExpression));
  if (node.questionDotToken !== undefined && (base === undefined || base === null)) return { base, value: undefined };
  const self = isSuper ? (activationOf(scope)?.thisValue ?? unknown) : base;
  if (key === null) {
    const isPosition = ts.isElementAccessExpression(node) && isCounter(machine, node.argumentExpression);
    return { base: self, value: (isPosition ? anyElement(machine, base) : null) ?? anyMember(machine, base) };
  }
  return { base: self, value: get(machine, base, key) };
}

function superOf(scope: LoadedScope): LoadedValue {
  const home = activationOf(scope)?.home;
  return home?.prototype ?? unknown;
}

/** An element of a list of which all are known; null: something else may be there. */
function anyElement(machine: Machine, base: LoadedValue): LoadedValue | null {
  if (!isObject(base) || base.storage !== "Array" || base.isOpen) return null;
  const { elements } = base;
  const isKnown = elements !== null && elements.length > 0 && !elements.some(isVague);
  // Behind the end nothing is.
  return isKnown ? anyOf(machine, [...elements, undefined]) : null;
}

/** A member of which the name is not known: one of all. */
export function anyMember(machine: Machine, base: LoadedValue): LoadedValue {
  const values: LoadedValue[] = [unknown];
  for (const owner of objectsOf(base)) {
    if (owner.run?.kind === "native") continue;
    values.push(...(owner.elements ?? []));
    for (let at: LoadedObject | null = owner; at !== null && at.run?.kind !== "native"; at = at.prototype) {
      for (const member of at.members.values()) {
        if (member.kind === "data") values.push(member.value);
        else if (member.kind === "binding") values.push(member.cell.value);
      }
    }
  }
  return anyOf(machine, values);
}

/** Elements and arguments; null: how many there are is not known. */
export function spreadOut(
  machine: Machine,
  scope: LoadedScope,
  nodes: readonly ts.Expression[],
): readonly LoadedValue[] | null {
  const values: LoadedValue[] = [];
  let isKnown = true;
  for (const node of nodes) {
    if (ts.isSpreadElement(node)) {
      const list = evaluate(machine, scope, node.expression);
      const elements = elementsOf(list);
      if (elements === null) {
        leakElements(machine, list);
        isKnown = false;
      } else values.push(...elements);
    } else values.push(ts.isOmittedExpression(node) ? undefined : evaluate(machine, scope, node));
  }
  if (!isKnown) for (const value of values) leak(machine, value);
  return isKnown ? values : null;
}

function evaluateCall(machine: Machine, scope: LoadedScope, node: ts.CallExpression): LoadedValue {
  const callee = unwrapped(node.expression);
  if (callee.kind === ts.SyntaxKind.SuperKeyword) {
    const activation = activationOf(scope);
    const code = activation?.code ?? null;
    const args = spreadOut(machine, scope, node.arguments);
    if (activation === null || code === null || !isObject(activation.thisValue)) return unknown;
    constructBase(machine, baseOf(code), activation.thisValue, args);
    const { run } = code;
    if (run?.kind === "code" && ts.isClassLike(run.node)) {
      initializeFields(machine, run.node, run.scope, activation.thisValue);
    }
    return undefined;
  }
  if (callee.kind === ts.SyntaxKind.ImportKeyword) {
    handOver(machine, node.arguments[0]);
    return unknown;
  }
  let base: LoadedValue = undefined;
  let fn: LoadedValue;
  if (ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee)) {
    const found = memberAt(machine, scope, callee);
    base = found.base;
    fn = found.value;
  } else fn = evaluate(machine, scope, callee);
  const isOptional = node.questionDotToken !== undefined || ts.isOptionalChain(node);
  if (isOptional && (fn === undefined || fn === null || base === null)) return undefined;
  const args = spreadOut(machine, scope, node.arguments);
  const isHelper = isJavaScript(node.getSourceFile().fileName) && isCopyHelper(nameOf(callee));
  if (args !== null && isHelper) return callNative(machine, "Object.assign", undefined, args, node);
  const name = memberNameOf(callee);
  if (name !== null && isOneOf(base)) return callMember(machine, base, name, args, node);
  return call(machine, fn, base, args, node);
}

/** The member that is called, where its name is written; null: of `super`, or another. */
function memberNameOf(callee: ts.Expression): string | null {
  const isAccess = ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee);
  if (!isAccess || callee.expression.kind === ts.SyntaxKind.SuperKeyword) return null;
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  const key = unwrapped(callee.argumentExpression);
  return ts.isStringLiteralLike(key) || ts.isNumericLiteral(key) ? key.text : null;
}

/** `f`, and the `f` of `m.f` */
const nameOf = (callee: ts.Expression): string =>
  ts.isIdentifier(callee) ? callee.text : ts.isPropertyAccessExpression(callee) ? callee.name.text : "";

function evaluateObject(machine: Machine, scope: LoadedScope, node: ts.ObjectLiteralExpression): LoadedValue {
  const made = makeObject(machine, node, { prototype: builtin(machine, "Object.prototype") });
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      const source = evaluate(machine, scope, property.expression);
      const keys = source === undefined || source === null ? [] : keysOf(machine, source);
      if (keys === null) {
        leak(machine, source);
        open(machine, made);
      }
      for (const key of keys ?? []) define(machine, made, key, data(get(machine, source, key)));
      continue;
    }
    const key = evaluateKey(machine, scope, property.name);
    const value = ts.isPropertyAssignment(property)
      ? evaluate(machine, scope, property.initializer)
      : ts.isShorthandPropertyAssignment(property)
        ? evaluateName(machine, scope, property.name)
        : makeFunction(machine, property, scope, made);
    if (key === null) {
      leak(machine, value);
      open(machine, made);
    } else if (ts.isAccessor(property) && isObject(value)) {
      made.members.set(key, accessor(ownMember(machine, made, key), value, ts.isGetAccessor(property)));
    } else if (key === "__proto__" && ts.isPropertyAssignment(property))
      made.prototype = isObject(value) ? value : null;
    else define(machine, made, key, data(value));
  }
  return made;
}

const data = (value: LoadedValue) => ({ kind: "data", value, isListed: true }) as const;

/** Is a value taken for true? null: not known. */
export const truthOf = (value: LoadedValue): boolean | null =>
  isVague(value) ? null : isObject(value) ? true : Boolean(value);

function evaluateConditional(machine: Machine, scope: LoadedScope, node: ts.ConditionalExpression): LoadedValue {
  const test = truthOf(evaluate(machine, scope, node.condition));
  if (test !== null) return evaluate(machine, scope, test ? node.whenTrue : node.whenFalse);
  return oneOf(machine, scope, node.whenTrue, node.whenFalse);
}

/** Follows what may be evaluated; null where it throws. */
function evaluatePerhaps(
  machine: Machine,
  scope: LoadedScope,
  node: ts.Expression,
): { readonly value: LoadedValue } | null {
  try {
    return { value: perhaps(machine, () => evaluate(machine, scope, node)) };
  } catch (error) {
    if (error instanceof Thrown) return null;
    throw error;
  }
}

function oneOf(machine: Machine, scope: LoadedScope, a: ts.Expression, b: ts.Expression): LoadedValue {
  const [left, right] = [evaluatePerhaps(machine, scope, a), evaluatePerhaps(machine, scope, b)];
  if (left === null || right === null) return left?.value ?? right?.value;
  return either(machine, left.value, right.value);
}

function evaluateBinary(machine: Machine, scope: LoadedScope, node: ts.BinaryExpression): LoadedValue {
  const operator = node.operatorToken.kind;
  if (isAssignmentOperator(operator)) return assignTo(machine, scope, node);
  switch (operator) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.QuestionQuestionToken: {
      const left = evaluate(machine, scope, node.left);
      const decided = goesOn(operator, left);
      if (decided === true) return evaluate(machine, scope, node.right);
      if (decided === false) return left;
      const right = evaluatePerhaps(machine, scope, node.right);
      return right === null ? left : either(machine, left, right.value);
    }
    case ts.SyntaxKind.CommaToken:
      evaluate(machine, scope, node.left);
      return evaluate(machine, scope, node.right);
    case ts.SyntaxKind.InstanceOfKeyword: {
      const a: LoadedValue = evaluate(machine, scope, node.left);
      const b: LoadedValue = evaluate(machine, scope, node.right);
      return isInstance(machine, a, b);
    }
    case ts.SyntaxKind.InKeyword: {
      const key = keyText(evaluate(machine, scope, node.left));
      const owner = evaluate(machine, scope, node.right);
      if (key === null || !isObject(owner) || owner.isOpen) return unknown;
      return memberOf(machine, owner, key) !== null;
    }
    default: {
      const a: LoadedValue = evaluate(machine, scope, node.left);
      const b: LoadedValue = evaluate(machine, scope, node.right);
      return compare(operator, a, b) ?? combine(operator, a, b);
    }
  }
}

/** Does the right side of `&&`, `||`, `??` count? null: not known. */
export function goesOn(operator: ts.SyntaxKind, left: LoadedValue): boolean | null {
  if (operator === ts.SyntaxKind.QuestionQuestionToken || operator === ts.SyntaxKind.QuestionQuestionEqualsToken) {
    return isVague(left) ? null : left === undefined || left === null;
  }
  const truth = truthOf(left);
  const isAnd =
    operator === ts.SyntaxKind.AmpersandAmpersandToken || operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken;
  return truth === null ? null : truth === isAnd;
}

function isInstance(machine: Machine, value: LoadedValue, of: LoadedValue): LoadedValue {
  if (!isObject(of) || isVague(value)) return unknown;
  if (!isObject(value)) return false;
  const prototype = get(machine, of, "prototype");
  if (!isObject(prototype)) return unknown;
  for (let at = value.prototype; at !== null; at = at.prototype) if (at === prototype) return true;
  return value.isOpen && value.prototype === null ? unknown : false;
}

export const numeric = (value: LoadedValue): LoadedValue =>
  isVague(value) || isObject(value) ? unknown : Number(value);

function evaluatePrefix(machine: Machine, scope: LoadedScope, node: ts.PrefixUnaryExpression): LoadedValue {
  if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
    return update(machine, scope, node.operand, node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1);
  }
  const value = evaluate(machine, scope, node.operand);
  if (node.operator === ts.SyntaxKind.ExclamationToken) {
    const truth = truthOf(value);
    return truth === null ? unknown : !truth;
  }
  const number = numeric(value);
  if (typeof number !== "number") return unknown;
  if (node.operator === ts.SyntaxKind.MinusToken) return -number;
  return node.operator === ts.SyntaxKind.TildeToken ? ~number : number;
}

function evaluateDelete(machine: Machine, scope: LoadedScope, node: ts.Expression): LoadedValue {
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return unknown;
  const owner = evaluate(machine, scope, node.expression);
  const key = ts.isPropertyAccessExpression(node)
    ? node.name.text
    : keyText(evaluate(machine, scope, node.argumentExpression));
  if (!isObject(owner)) return unknown;
  if (key !== null && owner.id >= machine.weakBelow && owner.elements === null && !owner.isOpen) {
    owner.members.delete(key);
    return true;
  }
  if (key === null || owner.elements !== null) open(machine, owner);
  else define(machine, owner, key, data(unknown));
  return unknown;
}
