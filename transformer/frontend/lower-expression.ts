/** Expressions, evaluated exactly as often and in the order in which JavaScript does. */
import ts from "typescript";
import { isReference, isText, type Type, type Value, type Variable } from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { sameType } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isAnyType, mayBeNothing, typeOf } from "../syntax/type-of.js";
import { isAssignmentOperator, isWrapper, resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { environmentMode, isEnvironmentMode } from "./environment-mode.js";
import { branches, isPoisoned, originOf, poison, refused, type Cursor, type Slot } from "./environment.js";
import { joinSides } from "./escape.js";
import { lowerAssignment, lowerUpdate } from "./lower-assignment-expression.js";
import { elementLocation, literalKey, lowerReference, refuseKey } from "./lower-assignment.js";
import { lowerCall } from "./lower-call.js";
import { argumentAt, isArguments, lowerAllArguments, lowerArgumentsRead } from "./lower-arguments.js";
import { languageClass, namedClass, newTarget } from "./class-value.js";
import { isRefusedHere } from "./fence.js";
import { functionValue } from "./function-value.js";
import { joinedType } from "./join-functions.js";
import { givenParts } from "./given-list.js";
import { contentsOf } from "./grown-list.js";
import { unchangedParts } from "./unchanged-list.js";
import { isElementThere } from "./known-bounds.js";
import { knownKey, possibleKeys, readKeyed, readOneOf } from "./keyed-member.js";
import { isAbsent, lowerCondition, truthy } from "./lower-condition.js";
import { unwrapTo } from "./lower-function.js";
import { lowerArrayLiteral, lowerNew, lowerObjectLiteral } from "./lower-literal.js";
import { lowerBinaryOperator, lowerPrefix, typeofText } from "./lower-operator.js";
import { lowerOpaqueText } from "./lower-opaque.js";
import { lowerPatternLiteral, patternConstant } from "./lower-pattern.js";
import { characterOf } from "./lower-text.js";
import { memberOfMark } from "./loaded-mark.js";
import { eachWay, settled, settledByChecker } from "./lower-mixed.js";
import { canBeMixed, isMixedValue } from "./mixed-value.js";
import { memberName, readMember, selfOf } from "./open-object.js";
import { resolveCallable } from "./resolve-callable.js";
import { scratchVariable } from "./scratch-variable.js";
import { settleTogether } from "./pending-elements.js";
import { isInChain, lowerChainOr, lowerOptionalChain } from "./optional-chain.js";
import { isAskedInVain, lowerProperty } from "./lower-property.js";
import { globalConstant, isModuleValue, markModuleValue, moduleConstant, settledMember } from "./module-constants.js";

/** The value of an expression; `variable` is what it is about to be assigned to. */
export function lowerExpression(
  cursor: Cursor,
  node: ts.Expression,
  variable: Variable | null = null,
  discarded = false,
): Value {
  return narrowed(cursor, node, lowerMaybe(cursor, node, variable, discarded));
}

/** After a test, `T | undefined` is `T`, and a union is one of its members: the checker knows where. */
export function narrowed(cursor: Cursor, node: ts.Expression, value: Value): Value {
  if (isMixedValue(value)) return settledByChecker(cursor, node, value);
  const { type } = value;
  if (type.kind !== "optional") return narrowedMember(cursor, node, value);
  const narrow = cursor.session.checker.getTypeAtLocation(node);
  if (isAnyType(narrow) || mayBeNothing(narrow)) return value;
  const there = unwrapTo(cursor, value, type.of);
  if (!ts.isNonNullExpression(node)) cursor.session.certain.add(there);
  return narrowedMember(cursor, node, there);
}

function narrowedMember(cursor: Cursor, node: ts.Expression, value: Value): Value {
  const { type } = value;
  if (type.kind !== "record" || type.members === undefined) return value;
  const narrow = checkedType(cursor, node);
  if (narrow?.kind !== "record" || sameType(narrow, type) || !isAssignable(narrow, type, false)) return value;
  return unwrapTo(cursor, value, narrow);
}

/** The value under its own type, undefined included: what tests for absence look at. */
export function lowerMaybe(
  cursor: Cursor,
  node: ts.Expression,
  variable: Variable | null = null,
  discarded = false,
): Value {
  const { block, session, frame } = cursor;
  if (isRefusedHere(session, node)) return poison(cursor, node);
  const ahead = frame.ahead?.get(node);
  if (ahead !== undefined) return ahead;
  if (ts.isNonNullExpression(node)) {
    const value = lowerMaybe(cursor, node.expression, variable);
    if (value.type.kind !== "optional") return value;
    const there = unwrapTo(cursor, value, value.type.of);
    session.asserted.set(there, value);
    return there;
  }
  if (isWrapper(node)) return lowerMaybe(cursor, node.expression, variable, discarded);
  if (ts.isNumericLiteral(node)) return block.constant(Number(node.text), originOf(node, variable));
  if (ts.isStringLiteralLike(node)) return block.constant(node.text, originOf(node, variable));
  if (ts.isRegularExpressionLiteral(node)) return lowerPatternLiteral(cursor, node, variable);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return block.constant(true, originOf(node, variable));
  if (node.kind === ts.SyntaxKind.FalseKeyword) return block.constant(false, originOf(node, variable));
  if (node.kind === ts.SyntaxKind.NullKeyword) return block.constant(null, originOf(node, variable));
  if (node.kind === ts.SyntaxKind.ThisKeyword) {
    return selfOf(cursor) ?? refused(cursor, node, "EZ2011", { name: frame.declaration.name?.getText() ?? "it" });
  }
  if (ts.isIdentifier(node)) return lowerIdentifier(cursor, node);
  if (ts.isPrefixUnaryExpression(node)) {
    return isUpdate(node.operator) ? lowerUpdate(cursor, node, true) : lowerPrefix(cursor, node, variable);
  }
  if (ts.isPostfixUnaryExpression(node)) return lowerUpdate(cursor, node, !discarded ? false : true);
  if (ts.isBinaryExpression(node)) return lowerBinary(cursor, node, variable);
  if (ts.isConditionalExpression(node)) return lowerConditional(cursor, node, variable);
  if (ts.isPropertyAccessExpression(node)) return lowerProperty(cursor, node, variable);
  if (ts.isElementAccessExpression(node)) return lowerElement(cursor, node, variable);
  if (ts.isCallExpression(node)) {
    if (isInChain(cursor, node)) return lowerOptionalChain(cursor, node, variable);
    return lowerCall(cursor, node, variable) ?? nothing(cursor, node, discarded);
  }
  if (ts.isNewExpression(node)) return lowerNew(cursor, node, variable);
  if (ts.isArrayLiteralExpression(node)) return lowerArrayLiteral(cursor, node, variable);
  if (ts.isObjectLiteralExpression(node)) return lowerObjectLiteral(cursor, node, variable);
  if (ts.isTemplateExpression(node)) return lowerOpaqueText(cursor, node, variable);
  if (ts.isMetaProperty(node)) return newTarget(cursor, node);
  if (ts.isTypeOfExpression(node)) return typeofText(cursor, lowerMaybe(cursor, node.expression), node);
  if (ts.isVoidExpression(node)) {
    lowerEffect(cursor, node.expression);
    return block.constant(undefined, originOf(node, variable));
  }
  if (ts.isFunctionExpression(node) || ts.isArrowFunction(node)) {
    const closure = { kind: "closure", node, scope: cursor.scope, thisValue: selfOf(cursor) } as const;
    return functionValue(cursor, closure, node);
  }
  return refused(cursor, node, "EZ2001", {
    what: `\`${ts.SyntaxKind[node.kind]}\``,
    advice: "write it in another way",
  });
}

const isUpdate = (operator: ts.PrefixUnaryOperator): boolean =>
  operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;

/** A call without a result where a value is wanted. */
function nothing(cursor: Cursor, node: ts.Expression, discarded: boolean): Value {
  const value = cursor.block.constant(undefined, originOf(node));
  // TypeScript has said that there is none.
  if (!discarded && !isJavaScript(node.getSourceFile().fileName)) cursor.session.poisoned.add(value);
  return value;
}

function lowerIdentifier(cursor: Cursor, node: ts.Identifier): Value {
  const { session, env } = cursor;
  const name: ts.Node = node;
  if (isArguments(session, name)) return lowerAllArguments(cursor, name);
  const symbol = symbolAt(session, node);
  const binding = symbol === null ? null : cursor.scope.get(symbol);
  if (binding?.kind === "variable") {
    const { slot } = binding;
    const value = env.get(slot);
    return value === undefined ? refused(cursor, node, "EZ2121", { name: node.text }) : settled(cursor, value);
  }
  if (binding?.kind === "function") return functionValue(cursor, binding.callable, node);
  const declared = symbol === null ? undefined : resolveAlias(session, symbol).declarations?.find(isFunctionAtTop);
  if (declared !== undefined) {
    return functionValue(cursor, { kind: "closure", node: declared, scope: null, thisValue: null }, node);
  }
  const global = globalConstant(cursor, node);
  if (global !== null) return global;
  const ofClass = namedClass(cursor, node) ?? languageClass(cursor, node);
  if (ofClass !== null) return functionValue(cursor, ofClass, node);
  const callable = isFunctionTyped(cursor, node) ? resolveCallable(cursor, node) : null;
  if (callable !== null) return functionValue(cursor, callable, node);
  if (symbol === null) return undeclaredRead(cursor, node) ?? refused(cursor, node, "EZ1017", { name: node.text });
  return patternConstant(cursor, symbol, node) ?? moduleConstant(cursor, node, symbol);
}

/** `V` of `V = e + d`, which is declared nowhere; null: nothing that the function has given a value. */
function undeclaredRead(cursor: Cursor, node: ts.Identifier): Value | null {
  const slot = scratchVariable(cursor, node);
  return slot === null ? null : (cursor.env.get(slot) ?? null);
}

export const isFunctionTyped = ({ session }: Cursor, node: ts.Expression): boolean =>
  session.checker.getTypeAtLocation(node).getCallSignatures().length > 0;

const isFunctionAtTop = (node: ts.Node): node is ts.FunctionDeclaration =>
  ts.isFunctionDeclaration(node) && node.body !== undefined && ts.isSourceFile(node.parent);

function lowerElement(cursor: Cursor, node: ts.ElementAccessExpression, variable: Variable | null): Value {
  const argument = lowerArgumentsRead(cursor, node);
  if (argument !== null) return argument;
  if (isInChain(cursor, node)) return lowerOptionalChain(cursor, node, variable);
  if (isEnvironmentMode(cursor.session, node)) return environmentMode(cursor, node);
  const settled = isLiteralKey(node) ? settledMember(cursor, node) : null;
  if (settled !== null) return settled;
  return elementOf(cursor, lowerReference(cursor, node.expression), node, variable);
}

export function elementOf(
  cursor: Cursor,
  of: Value,
  node: ts.ElementAccessExpression,
  variable: Variable | null,
): Value {
  const base = contentsOf(cursor, of);
  if (isMixedValue(base)) return eachWay(cursor, base, node, (at, one) => elementOf(at, one, node, variable));
  const own = readMember(cursor, base, node) ?? elementOfMark(cursor, base, node);
  if (own !== null) return own;
  if (base.type.kind === "record" && !isPoisoned(cursor, base)) return keyedMember(cursor, base, node);
  const key = unwrapped(node.argumentExpression);
  if (ts.isStringLiteralLike(key) && isAskedInVain(cursor, base, key.text, node)) {
    return cursor.block.constant(undefined, originOf(node));
  }
  const given = givenPart(cursor, base, node);
  if (given !== null) return given;
  const { session, block } = cursor;
  if (session.argumentObjects.has(base)) {
    const index = lowerExpression(cursor, node.argumentExpression);
    return isPoisoned(cursor, index)
      ? poison(cursor, node)
      : (argumentAt(cursor, base, index, node) ?? refuseKey(cursor, base, node));
  }
  if (isText(base.type)) return characterOf(cursor, base, node, variable);
  const at = elementLocation(cursor, base, node.argumentExpression, node);
  if (at === null) return poison(cursor, node);
  const value = block.load(at, originOf(node, variable));
  if (value.type.kind !== "optional") session.elements.add(value);
  if (isElementThere(session, node)) session.certain.add(value);
  return isModuleValue(cursor, base) && isReference(value.type) ? markModuleValue(cursor, value) : value;
}

/** An element of something that is there once the modules are loaded; null: it is none, or its key is not known. */
function elementOfMark(cursor: Cursor, base: Value, node: ts.ElementAccessExpression): Value | null {
  if (!cursor.session.loadedMarks.has(base)) return null;
  const key = cursor.block.literalOf(lowerExpression(cursor, node.argumentExpression));
  if (typeof key === "number" || typeof key === "string") return memberOfMark(cursor, base, String(key), node);
  return refused(cursor, node, "EZ2065", { name: node.expression.getText() });
}

/** `point[key]` */
function keyedMember(cursor: Cursor, base: Value, node: ts.ElementAccessExpression): Value {
  const index = lowerExpression(cursor, node.argumentExpression);
  const key = knownKey(cursor, index) ?? literalKey(cursor, node.argumentExpression)?.toString() ?? null;
  if (key === null && !isPoisoned(cursor, index)) {
    const names = possibleKeys(cursor, index, node.argumentExpression);
    const one = names === null ? null : readOneOf(cursor, base, index, names, node);
    if (one !== null) return one;
  }
  const value = key === null || isPoisoned(cursor, index) ? null : readKeyed(cursor, base, key, node);
  return value ?? (isPoisoned(cursor, index) ? poison(cursor, node) : refuseKey(cursor, base, node));
}

const isLiteralKey = ({ argumentExpression }: ts.ElementAccessExpression): boolean =>
  ts.isStringLiteralLike(unwrapped(argumentExpression));

/** `args[0]` of a list that holds what a call has handed over; nothing is behind its end. null: it is none. */
function givenPart(cursor: Cursor, base: Value, node: ts.ElementAccessExpression): Value | null {
  const { session, block, scope, env } = cursor;
  const at = unwrapped(node.argumentExpression);
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const binding = symbol === null ? null : scope.get(symbol);
  const held = binding?.kind === "variable" ? env.get(binding.slot) : undefined;
  const position = Number(memberName(node) ?? (held === undefined ? NaN : block.literalOf(held)));
  const isPosition = Number.isInteger(position);
  const parts = isPosition ? (givenParts(cursor, base, node.expression) ?? unchangedParts(cursor, base)) : null;
  return parts === null ? null : (parts[position] ?? block.constant(undefined, originOf(node)));
}

// ---- Choice -------------------------------------------------------------------------------------

/** The value of one of two sides, only that one evaluated. */
export function choose(
  cursor: Cursor,
  test: Value,
  then: (at: Cursor) => Value,
  otherwise: (at: Cursor) => Value,
  node: ts.Node,
  variable: Variable | null,
): Value {
  const known = cursor.block.literalOf(test);
  if (known === true) return then(cursor);
  if (known === false) return otherwise(cursor);
  const [a, b] = branches(cursor, test);
  const [left, right] = [then(a), otherwise(b)];
  settleTogether(cursor.session, left.type, right.type);
  const constant = sameConstant(cursor, a, left, b, right);
  if (constant !== null) return constant;
  const contextual = ts.isExpression(node) ? cursor.session.checker.getContextualType(node) : undefined;
  const declared = contextual === undefined ? checkedType(cursor, node) : typeOf(contextual, cursor.session.types);
  const isEither = declared !== null && [left, right].every((one) => isAssignable(one.type, declared, false));
  const type = joinedType(cursor.session, left, right, declared) ?? (isEither ? declared : null);
  if (type === null && !isPoisoned(cursor, left, right) && !canBeMixed(left, right)) {
    return refused(cursor, node, "EZ2026", {
      type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node)),
    });
  }
  // Both sides the same value: it stands outside already.
  if (left === right) {
    joinSides(cursor, test, a, b);
    return left;
  }
  const slot: Slot = { variable, key: {}, type, late: true, shared: false };
  a.env.set(slot, left);
  b.env.set(slot, right);
  joinSides(cursor, test, a, b);
  const joined = cursor.env.get(slot);
  cursor.env.delete(slot);
  if (joined === undefined) return poison(cursor, node);
  // A side that was left has no value.
  const result = joined.type.kind === "optional" && type?.kind !== "optional" ? present(cursor, joined) : joined;
  if (isPoisoned(cursor, left, right)) cursor.session.poisoned.add(result);
  return result;
}

/** `c && false` where nothing happens on either side: false, whatever c is. */
function sameConstant(cursor: Cursor, a: Cursor, left: Value, b: Cursor, right: Value): Value | null {
  const [one, other] = [a.block.literalOf(left), b.block.literalOf(right)];
  if (typeof one !== "boolean" || one !== other || a.escapes.length + b.escapes.length > 0) return null;
  const isIdle = [...a.block.ops, ...b.block.ops].every(({ kind }) => kind === "constant" || kind === "apply");
  const isSame = [...cursor.env].every(([slot, value]) => a.env.get(slot) === value && b.env.get(slot) === value);
  return isIdle && isSame ? cursor.block.constant(one) : null;
}

function lowerConditional(cursor: Cursor, node: ts.ConditionalExpression, variable: Variable | null): Value {
  return choose(
    cursor,
    lowerCondition(cursor, node.condition),
    (at) => lowerExpression(at, node.whenTrue, variable),
    (at) => lowerExpression(at, node.whenFalse, variable),
    node,
    variable,
  );
}

function lowerBinary(cursor: Cursor, node: ts.BinaryExpression, variable: Variable | null): Value {
  const { kind } = node.operatorToken;
  if (isAssignmentOperator(kind)) return lowerAssignment(cursor, node);
  const chosen = kind === ts.SyntaxKind.QuestionQuestionToken ? lowerChainOr(cursor, node, variable) : null;
  if (chosen !== null) return chosen;
  switch (kind) {
    case ts.SyntaxKind.CommaToken:
      lowerEffect(cursor, node.left);
      return lowerExpression(cursor, node.right, variable);
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.QuestionQuestionToken:
      return lowerLogical(
        cursor,
        kind,
        lowerMaybe(cursor, node.left),
        (at) => lowerExpression(at, node.right),
        node,
        variable,
      );
    default:
      return lowerBinaryOperator(cursor, node, variable);
  }
}

type LogicalOperator =
  ts.SyntaxKind.AmpersandAmpersandToken | ts.SyntaxKind.BarBarToken | ts.SyntaxKind.QuestionQuestionToken;

/** `a && b`, `a || b`, `a ?? b` between values of any type. */
export function lowerLogical(
  cursor: Cursor,
  kind: LogicalOperator,
  left: Value,
  right: (at: Cursor) => Value,
  node: ts.Node,
  variable: Variable | null,
): Value {
  if (kind === ts.SyntaxKind.QuestionQuestionToken) {
    const test = isAbsent(cursor, left, node);
    return untoldBeside(
      cursor,
      left,
      choose(cursor, test, right, (at) => present(at, left), node, variable),
    );
  }
  const test = truthy(cursor, left, node);
  if (kind === ts.SyntaxKind.AmpersandAmpersandToken) {
    const boolean = left.type.kind === "boolean";
    return choose(
      cursor,
      test,
      right,
      (at) => (boolean ? at.block.constant(false) : falsy(at, settled(at, left), node)),
      node,
      variable,
    );
  }
  const boolean = left.type.kind === "boolean";
  return untoldBeside(
    cursor,
    left,
    choose(cursor, test, (at) => (boolean ? at.block.constant(true) : present(at, left)), right, node, variable),
  );
}

/** To the checker, what a default is for is there: an element may lie behind the end of its array nevertheless. */
function untoldBeside({ session }: Cursor, left: Value, chosen: Value): Value {
  if (isMixedValue(chosen) && isReference(left.type) && left.type.kind !== "optional")
    for (const way of chosen.ways) session.untold.add(way.value);
  return chosen;
}

/** What `a && b` is where a is falsy: for an object that is there it cannot happen. */
function falsy(cursor: Cursor, value: Value, node: ts.Node): Value {
  const { type } = value;
  return type.kind === "optional" && isReference(type.of) ? cursor.block.constant(undefined, originOf(node)) : value;
}

const present = (cursor: Cursor, value: Value): Value =>
  value.type.kind === "optional" ? unwrapTo(cursor, value, value.type.of) : settled(cursor, value);

// ---- Effects -------------------------------------------------------------------------------------

/** An expression for what it does; its value is not used. */
export function lowerEffect(cursor: Cursor, node: ts.Expression): void {
  const at = unwrapped(node);
  if (ts.isBinaryExpression(at)) {
    const { kind } = at.operatorToken;
    if (kind === ts.SyntaxKind.CommaToken) {
      lowerEffect(cursor, at.left);
      lowerEffect(cursor, at.right);
      return;
    }
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) {
      const test = lowerCondition(cursor, at.left);
      const isAnd = kind === ts.SyntaxKind.AmpersandAmpersandToken;
      branch(cursor, test, isAnd ? at.right : null, isAnd ? null : at.right);
      return;
    }
    if (kind === ts.SyntaxKind.QuestionQuestionToken) {
      branch(cursor, isAbsent(cursor, lowerMaybe(cursor, at.left), at), at.right, null);
      return;
    }
  }
  if (ts.isConditionalExpression(at)) {
    branch(cursor, lowerCondition(cursor, at.condition), at.whenTrue, at.whenFalse);
    return;
  }
  lowerMaybe(cursor, at, null, true);
}

function branch(cursor: Cursor, test: Value, then: ts.Expression | null, otherwise: ts.Expression | null): void {
  const known = cursor.block.literalOf(test);
  const run = (at: Cursor, node: ts.Expression | null): void => {
    if (node !== null) lowerEffect(at, node);
  };
  if (typeof known === "boolean") return run(cursor, known ? then : otherwise);
  const [a, b] = branches(cursor, test);
  run(a, then);
  run(b, otherwise);
  joinSides(cursor, test, a, b);
}

/** The IR type that the checker gives to an expression, or null. */
export const checkedType = (cursor: Cursor, node: ts.Node): Type | null =>
  typeOf(cursor.session.checker.getTypeAtLocation(node), cursor.session.types);
