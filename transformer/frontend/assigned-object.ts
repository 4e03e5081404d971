/**
 * Objects that are made of others: `Object.assign({}, defaults, options)`, and what compilers write for `{ ...a, ...b }` and
 * `const { x, ...rest } = o` in older JavaScript. Also `Object.freeze`, which gives back what it is given.
 */
import ts from "typescript";
import { isDictionary, numberType, type Field, type Value } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { unwrapped } from "./assigned-symbols.js";
import { assignInto, sourcesOf } from "./assign-into.js";
import { otherFields } from "./bind-pattern.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { entityOf } from "./entity.js";
import { callableOf } from "./function-value.js";
import { givenLater, heldLater, noteMadeWith } from "./given-later.js";
import { madeOf, noteCopyOf } from "./key-of-copy.js";
import { notePerhapsUndefined } from "./undefined-keys.js";
import { noteKnownFields, noteLiteralKeys } from "./known-fields.js";
import { shapedType } from "./made-types.js";
import { makeEmpty } from "./lower-dictionary.js";
import { lowerExpression } from "./lower-expression.js";
import { isCopyHelper, isRestHelper } from "./compiled-helpers.js";
import { expectedType, withFunctions } from "./lower-literal.js";
import { isGlobal, markModuleValue } from "./module-constants.js";
import { isMixedValue } from "./mixed-value.js";
import { nativePath } from "./native-path.js";
import { noParts, spreadValue } from "./spread-object.js";

/** undefined: it is none of these. */
export function lowerAssignedObject(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const name = helperOf(cursor, unwrapped(node.expression));
  const [first, second] = node.arguments;
  if (name === null || first === undefined || node.arguments.some(ts.isSpreadElement)) return undefined;
  switch (name) {
    case "assign":
      return isFresh(cursor, first) ? assigned(cursor, node, node.arguments) : assignInto(cursor, node);
    case "create":
      return first.kind === ts.SyntaxKind.NullKeyword && second === undefined ? emptyObject(cursor, node) : undefined;
    case "freeze": {
      const object = lowerExpression(cursor, first);
      if (object.type.kind !== "record") return markModuleValue(cursor, object);
      // its fields keep what they hold; what they hold is no other than before
      cursor.session.frozen.add(object);
      return object;
    }
    case "seal":
    case "preventExtensions":
      return lowerExpression(cursor, first);
    case "rest": {
      const keys = second === undefined ? null : keysIn(cursor, second);
      if (keys === null) return undefined;
      const whole = lowerExpression(cursor, first);
      return isPoisoned(cursor, whole) ? poison(cursor, node) : otherFields(cursor, node, whole, new Set(keys));
    }
  }
}

type Helper = "assign" | "create" | "freeze" | "seal" | "preventExtensions" | "rest";

const ofObject: ReadonlySet<string> = new Set(["assign", "create", "freeze", "seal", "preventExtensions"]);
const isHelper = (name: string): name is Helper => ofObject.has(name);

function helperOf(cursor: Cursor, callee: ts.Expression): Helper | null {
  if (ts.isPropertyAccessExpression(callee) && isGlobal(cursor.session, callee.expression, "Object")) {
    return isHelper(callee.name.text) ? callee.name.text : null;
  }
  if (!isJavaScript(callee.getSourceFile().fileName)) return null;
  const text = ts.isIdentifier(callee) ? callee.text : ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
  // How compilers call them.
  if (isCopyHelper(text)) return "assign";
  if (isRestHelper(text)) return "rest";
  const path = ts.isIdentifier(callee) ? nativePath(cursor, callee) : null;
  const name = path?.startsWith("Object.") === true ? path.slice("Object.".length) : "";
  return isHelper(name) ? name : null;
}

/** An object that nobody else has a name for: what is assigned to it may as well make another one. */
function isFresh(cursor: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isObjectLiteralExpression(at)) return true;
  return ts.isCallExpression(at) && helperOf(cursor, unwrapped(at.expression)) === "assign";
}

/** `Object.create(null)`: as `{}`, but that it has nothing by a prototype. */
function emptyObject(cursor: Cursor, node: ts.CallExpression): Value {
  const expected = expectedType(cursor, node);
  if (expected !== null && isDictionary(expected)) return makeEmpty(cursor, expected, node, null);
  const made = assigned(cursor, node, []);
  cursor.session.bare.add(made.type);
  return made;
}

function assigned(cursor: Cursor, node: ts.CallExpression, from: readonly ts.Expression[]): Value {
  const parts = noParts();
  const sources = sourcesOf(cursor, from);
  if (!sources.every(({ value, at }) => spreadValue(cursor, value, at, parts) !== null)) return poison(cursor, node);
  const { values, functions, leftOut, keys } = parts;
  const { session } = cursor;
  for (const [name, value] of values) {
    const held = callableOf(session, value);
    if (held === null) continue;
    functions.set(name, held);
    values.delete(name);
  }
  if ([...values.values()].some(isMixedValue)) {
    return refused(cursor, node, "EZ2001", {
      what: `\`${node.expression.getText()}\` of such an object`,
      advice: "write the object as a literal",
    });
  }
  const fields = [...values].map(([name, { type }]): Field => ({
    name,
    type: type.kind === "integer" ? numberType : type,
    ...(leftOut.has(name) ? { mayBeLeftOut: true } : {}),
  }));
  // Members may be given to it later, as to the object of a literal.
  const shaped = shapedType(session, node, (own) => [
    ...fields.map((one) => ({ ...one, type: heldLater(session, node, own, one) })),
    ...givenLater(session, node, own).filter((one) => !values.has(one.name)),
  ]);
  noteMadeWith(session, node, shaped);
  const type = withFunctions(cursor, shaped, functions);
  const made = type.fields.map(({ name }) => values.get(name) ?? cursor.block.constant(undefined));
  for (const [name, part] of values) if (!leftOut.has(name)) notePerhapsUndefined(cursor, name, part, node, type);
  const object = cursor.block.allocate(type, madeOf(type, made, keys), originOf(node));
  session.present.add(object);
  const isWhole =
    isJavaScript(node.getSourceFile().fileName) || parts.sources.every((one) => session.complete.has(one));
  if (isWhole) session.complete.add(object);
  noteCopyOf(cursor, parts.sources, type, node);
  noteKnownFields(cursor, object, made);
  noteLiteralKeys(cursor, object, values, leftOut);
  return object;
}

/** `["a", "b"]`, also of a constant; null: it is not known. */
function keysIn({ session }: Cursor, node: ts.Expression): readonly string[] | null {
  const at = unwrapped(node);
  const list = ts.isArrayLiteralExpression(at) ? at : entityOf(session, at)?.node;
  if (list === undefined || !ts.isArrayLiteralExpression(list)) return null;
  const keys = list.elements.flatMap((one) => (ts.isStringLiteralLike(one) ? [one.text] : []));
  return keys.length === list.elements.length ? keys : null;
}
