/**
 * `{ ...defaults, ...options }`: what the later object has counts, and what it does not have is left as it was.
 *
 *   { rate: 2, ...options }   =>   rate: "rate" in options ? options.rate : 2
 */
import ts from "typescript";
import { field } from "../ir/build.js";
import { booleanType, isText, type Field, type Type, type Value } from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { isNothing, presentOpaque } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import { mayBeNothing } from "../syntax/type-of.js";
import { unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, refused, type Callable, type Cursor } from "./environment.js";
import { givenFunctions } from "./function-members.js";
import { functionsIn, isSetter } from "./function-value.js";
import { fieldRead, knownField, keysOfLiteral, mayLackKey, type KeySource } from "./known-fields.js";
import { keyOfCopy } from "./key-of-copy.js";
import { isAbsent, lowerCondition } from "./lower-condition.js";
import { choose, lowerMaybe, narrowed } from "./lower-expression.js";
import { unwrapTo } from "./lower-function.js";
import { opaque } from "./lower-opaque.js";
import { isMark } from "./open-object.js";
import { assertedText } from "./present-text.js";
import { askGetters } from "./spread-getters.js";

/** What an object is made of. */
export interface ObjectParts {
  readonly values: Map<string, Value>;
  readonly functions: Map<string, Callable>;
  /** Keys that come from objects that need not have them, and which objects these are. */
  readonly leftOut: Map<string, readonly KeySource[]>;
  /** What was spread. */
  readonly sources: Value[];
  /** Tests whether these keys are there, where their values do not tell. */
  readonly keys: Map<string, Value>;
}

export const noParts = (): ObjectParts => ({
  values: new Map(),
  functions: new Map(),
  leftOut: new Map(),
  keys: new Map(),
  sources: [],
});

/** Puts the fields of an object among `parts`; null where that was refused. */
export const spreadObject = (cursor: Cursor, node: ts.Expression, parts: ObjectParts): Value | null =>
  spreadValue(cursor, spreadSource(cursor, node), node, parts);

/** The same of an object that is known. */
export function spreadValue(
  cursor: Cursor,
  source: Value,
  node: ts.Expression,
  { values, functions, leftOut, keys, sources }: ObjectParts,
): Value | null {
  // Nothing has no fields.
  if (isNothing(source.type)) return source;
  const type = source.type.kind === "optional" ? source.type.of : source.type;
  // Of what stands for an object that is not written where it is needed, the fields are not known.
  if (type.kind !== "record" || isMark(cursor.session, source)) {
    if (!isPoisoned(cursor, source)) refused(cursor, node, "EZ2010", { kind: "spread" });
    return null;
  }
  const own = functionsIn(cursor.session, source);
  const answers = askGetters(cursor, source, own ?? new Map<string, Callable>(), node);
  if (answers === null) return null;
  const unknown = functionNames(cursor, node).find(
    (name) => (functions.has(name) || values.has(name)) && (own?.has(name) !== true || source.type.kind === "optional"),
  );
  if (unknown !== undefined) {
    const advice = "write the condition inside of the function";
    refused(cursor, node, "EZ2001", { what: `a function (\`${unknown}\`) that is spread on a condition`, advice });
    return null;
  }
  for (const [name, held] of [...(own ?? []), ...givenFunctions(cursor, source)]) {
    if (answers.has(name) || isSetter(held)) continue;
    functions.set(name, held);
    values.delete(name);
  }
  for (const [name, answer] of answers) {
    functions.delete(name);
    leftOut.delete(name);
    keys.delete(name);
    values.set(name, answer);
  }
  sources.push(source);
  const isMissing = whetherMissing(cursor, source, node);
  const has = keysIfKnown(cursor, source);
  for (const one of type.fields) {
    if (has(one.name) === false) continue;
    const before = values.get(one.name) ?? null;
    const isSure = has(one.name) === true;
    const held = (at: Cursor): Value => fieldOver(at, source, type, one, isSure ? null : before, node);
    const value =
      isMissing === null
        ? held(cursor)
        : choose(cursor, isMissing, (at) => before ?? at.block.constant(undefined, originOf(node)), held, node, null);
    functions.delete(one.name);
    const isInAll = type.members?.every(({ fields }) => fields.some(({ name }) => name === one.name)) !== false;
    if ((one.mayBeLeftOut !== true || isSure) && isMissing === null && isInAll) {
      leftOut.delete(one.name);
      keys.delete(one.name);
    } else if (before === null || leftOut.has(one.name)) {
      const earlier = before === null ? null : (keys.get(one.name) ?? before);
      const test = keyOfCopy(cursor, { object: source, field: one, isMissing, earlier }, node);
      if (test !== null) keys.set(one.name, test);
      const from = mayLackKey(one) && !isSure ? [{ object: source, isThere: isMissing === null }] : [];
      leftOut.set(one.name, [...(leftOut.get(one.name) ?? []), ...from]);
    }
    values.set(one.name, value);
  }
  return source;
}

/** An object, or nothing: `...(weights && { weights })`, `...(c ? { rate: 2 } : {})`. */
export function spreadSource(cursor: Cursor, node: ts.Expression): Value {
  const at = unwrapped(node);
  const nothing = (inner: Cursor): Value => inner.block.constant(undefined, originOf(node));
  const object = (of: ts.Expression) => (inner: Cursor) => spreadSource(inner, of);
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
    return choose(cursor, lowerCondition(cursor, at.left), object(at.right), nothing, node, null);
  if (ts.isConditionalExpression(at) && (isEmpty(at.whenTrue) || isEmpty(at.whenFalse))) {
    const [then, otherwise] = [at.whenTrue, at.whenFalse].map((one) => (isEmpty(one) ? nothing : object(one)));
    if (then !== undefined && otherwise !== undefined && !(isEmpty(at.whenTrue) && isEmpty(at.whenFalse)))
      return choose(cursor, lowerCondition(cursor, at.condition), then, otherwise, node, null);
  }
  // `options ?? {}`
  if (ts.isBinaryExpression(at) && isEither(at.operatorToken.kind) && isEmpty(at.right)) {
    return spreadSource(cursor, at.left);
  }
  const given = lowerMaybe(cursor, node);
  return given.type.kind === "optional" ? given : narrowed(cursor, node, given);
}

/**
 * Whether the object is not there; null: it is. Whatever the type of `list.at(k)` says, and of a variable that holds what
 * that gave: it may lie outside of its array.
 */
function whetherMissing(cursor: Cursor, source: Value, node: ts.Expression): Value | null {
  if (source.type.kind === "optional") return isAbsent(cursor, source, node);
  const at = unwrapped(node);
  const hasDefault = ts.isBinaryExpression(at) && isEither(at.operatorToken.kind) && isEmpty(at.right);
  if (!hasDefault && !mayBeNothing(cursor.session.checker.getTypeAtLocation(node))) return null;
  const test = isAbsent(cursor, source, node);
  return cursor.block.literalOf(test) === false ? null : test;
}

const isEither = (kind: ts.SyntaxKind): boolean =>
  kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;

/** `{}`, which has nothing to give. */
function isEmpty(node: ts.Expression): boolean {
  const at = unwrapped(node);
  return ts.isObjectLiteralExpression(at) && at.properties.length === 0;
}

/** Whether an object has a key, as far as that is known. */
function keysIfKnown(cursor: Cursor, object: Value): (name: string) => boolean | null {
  const keys = cursor.session.literalKeys.has(object) ? keysOfLiteral(cursor, object) : null;
  return (name) => {
    if (keys === null) return null;
    const found = keys.find((one) => one.name === name);
    return found === undefined ? false : found.isSure ? true : null;
  };
}

/** A field of an object that is there, over what was there before. */
function fieldOver(
  cursor: Cursor,
  source: Value,
  type: Type,
  { name, type: held, mayBeLeftOut }: Field,
  before: Value | null,
  node: ts.Expression,
): Value {
  const object = source.type.kind === "optional" ? unwrapTo(cursor, source, type) : source;
  const load = (at: Cursor): Value => {
    const text = knownField(at, object, name);
    if (text !== undefined) return at.block.constant(text, originOf(node));
    return fieldRead(at, object, name, at.block.load(field(object, name), originOf(node)));
  };
  if (before === null || mayBeLeftOut !== true) return load(cursor);
  const test = opaque(cursor, `${JSON.stringify(name)} in $0`, [object], booleanType, node, null, readsOnly);
  // What has a default is taken to be there: so does its type say.
  const given = (at: Cursor): Value => {
    const value = load(at);
    if (held.kind === "optional") return unwrapTo(at, value, held.of);
    return isText(presentOpaque(held) ?? held) && !isJavaScript(node.getSourceFile().fileName)
      ? assertedText(at, value, node)
      : value;
  };
  return choose(cursor, test, given, () => before, node, null);
}

/** Members of what is spread that are functions, as far as the checker knows. */
function functionNames({ session: { checker } }: Cursor, node: ts.Expression): readonly string[] {
  const type = checker.getNonNullableType(checker.getTypeAtLocation(node));
  return (type.isUnion() ? type.types : [type]).flatMap((one) =>
    one
      .getProperties()
      .filter((member) => checker.getTypeOfSymbolAtLocation(member, node).getCallSignatures().length > 0)
      .map(({ name }) => name),
  );
}
