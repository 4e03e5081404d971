/** `Array.from`, `Array.of`, `Array.isArray` and their like for typed arrays. */
import ts from "typescript";
import { numberType, type ArrayType, type Value, type Variable } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { mayHaveHoles } from "./holes.js";
import { isWalkedAtOnce, loaded, overRange, run, storeMapped, type ArrayCall } from "./lower-array-method.js";
import { argumentsAsArray } from "./lower-arguments.js";
import { lowerReference } from "./lower-assignment.js";
import { isListedAnew, lowerIterable } from "./lower-iterable.js";
import { lowerArgument } from "./lower-call.js";
import { checkedType, lowerExpression } from "./lower-expression.js";
import { allocated, isVague } from "./lower-literal.js";
import { containerTest, numericOperand } from "./lower-operator.js";
import { isGlobal } from "./module-constants.js";
import { pendingArray } from "./pending-elements.js";

export function lowerArrayStatic(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value {
  const owner = unwrapped(callee.expression).getText();
  const name = callee.name.text;
  if (name === "isArray") {
    const [first] = node.arguments;
    const value = first === undefined ? poison(cursor, node) : lowerExpression(cursor, first);
    return containerTest(cursor, value, "Array", "Array.isArray($0)", node);
  }
  if (name === "of") {
    const parts = node.arguments.map((one) => lowerExpression(cursor, one));
    const type = staticType(cursor, node, owner);
    return allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts }, originOf(node, variable)));
  }
  if (name === "apply" && owner === "Array") return arrayApplied(cursor, node, variable);
  if (name !== "from") return refused(cursor, node, "EZ2014", { name, type: owner });
  return arrayFrom(cursor, node, owner, variable);
}

/** `ArrayBuffer.isView(a)`: is it a typed array? */
export function lowerIsView(cursor: Cursor, node: ts.CallExpression): Value {
  const [first] = node.arguments;
  const value = first === undefined ? poison(cursor, node) : lowerExpression(cursor, first);
  const type = value.type.kind === "optional" ? value.type.of : value.type;
  const isTyped = type.kind === "array" && !["Array", "ArrayLike", "Dictionary", "Map"].includes(type.storage);
  return containerTest(cursor, value, isTyped ? type.storage : "ArrayBuffer", "ArrayBuffer.isView($0)", node);
}

function staticType(cursor: Cursor, node: ts.CallExpression, owner: string): ArrayType {
  const checked = checkedType(cursor, node);
  if (checked?.kind === "array") {
    return checked.element.kind === "integer" && owner === "Array" ? { ...checked, element: numberType } : checked;
  }
  return { kind: "array", element: numberType, storage: "Array" };
}

/** What a function makes of each element: where the checker does not know, it is what is stored first. */
function mappedType(cursor: Cursor, node: ts.CallExpression, owner: string): ArrayType {
  const checked = checkedType(cursor, node);
  return (checked?.kind === "array" && !isVague(checked)) || owner !== "Array"
    ? staticType(cursor, node, owner)
    : pendingArray(cursor.session);
}

/** What is copied into a typed array has no holes: NaN stands where its source has one. */
const spreadMark = ({ session }: Cursor, { storage }: ArrayType, source: Value): { readonly spread?: true } =>
  storage === "Array" && mayHaveHoles(session, source) ? { spread: true } : {};

/** `Array.from(xs, f)` and `Array.from({ length: n }, (_, i) => f(i))`. */
function arrayFrom(cursor: Cursor, node: ts.CallExpression, owner: string, variable: Variable | null): Value {
  const { block } = cursor;
  const [sourceNode, fnNode] = node.arguments;
  if (sourceNode === undefined) return refused(cursor, node, "EZ2014", { name: "from", type: owner });
  const type = fnNode === undefined ? staticType(cursor, node, owner) : mappedType(cursor, node, owner);
  const counted = lengthOf(unwrapped(sourceNode));
  const given = counted === null ? lowerIterable(cursor, sourceNode) : null;
  const source = given === null ? null : argumentsAsArray(cursor, given, sourceNode);
  // It is an array of its own already.
  const isNew = source !== given || isListedAnew(cursor, sourceNode);
  if (source !== null && isNew && fnNode === undefined && owner === "Array") return source;
  if (source !== null && source.type.kind !== "array" && source.type.kind !== "tuple") {
    return isPoisoned(cursor, source) ? source : refused(cursor, node, "EZ2014", { name: "from", type: owner });
  }
  const lengthNode = counted ?? sourceNode;
  const length =
    source === null
      ? numericOperand(cursor, lowerExpression(cursor, lengthNode), lengthNode)
      : block.length(source, originOf(node));
  if (isPoisoned(cursor, length)) return poison(cursor, node);
  if (fnNode === undefined) {
    const initial =
      source === null
        ? ({ kind: "zeros", length } as const)
        : ({ kind: "copy", source, from: block.constant(0), to: length, ...spreadMark(cursor, type, source) } as const);
    return allocated(cursor, block.allocate(type, initial, originOf(node, variable)));
  }
  const fn = lowerArgument(cursor, fnNode);
  if (fn.kind !== "function") return refused(cursor, node, "EZ2013", { name: fnNode.getText() });
  const result = allocated(cursor, block.allocate(type, { kind: "zeros", length }, originOf(node, variable)));
  const call: ArrayCall = {
    cursor,
    array: source ?? result,
    elementType: type.element,
    args: [fn],
    node,
    variable: null,
  };
  overRange(call, { from: block.constant(0), to: length, step: 1, inclusive: false }, (at, counter) => {
    const item = source === null ? at.block.constant(undefined) : loaded(call, at, counter);
    const value = run(call, at, fn.callable, [item, counter]);
    if (value !== null && !isPoisoned(at, value)) storeMapped(at, result, counter, value, node);
  });
  return result;
}

/**
 * `Array.apply(null, arguments)`: what is handed over, in an array of its own; `Array.apply(null, Array(n)).map(f)`: n times
 * nothing. A single number would be the length.
 */
function arrayApplied(cursor: Cursor, node: ts.CallExpression, variable: Variable | null): Value {
  const { block } = cursor;
  const list = node.arguments[1] === undefined ? null : unwrapped(node.arguments[1]);
  const isMade = list !== null && (ts.isNewExpression(list) || ts.isCallExpression(list));
  const ofArray = isMade && isGlobal(cursor.session, list.expression, "Array") && list.arguments?.length === 1;
  const counted = list === null ? null : (lengthOf(list) ?? (ofArray ? (list.arguments[0] ?? null) : null));
  if (counted !== null && isWalkedAtOnce(node)) {
    const length = numericOperand(cursor, lowerExpression(cursor, counted), counted);
    if (isPoisoned(cursor, length)) return poison(cursor, node);
    const value = block.constant(undefined, originOf(node));
    const type: ArrayType = { kind: "array", element: value.type, storage: "Array" };
    return allocated(cursor, block.allocate(type, { kind: "filled", length, value }, originOf(node, variable)));
  }
  const given = list === null || counted !== null ? null : lowerReference(cursor, list);
  const copy = given === null ? null : argumentsAsArray(cursor, given, node);
  const parts = copy === null ? undefined : cursor.session.givenLists.get(copy);
  const isList = copy !== given && parts !== undefined && parts.length !== 1;
  return copy !== null && isList ? copy : refused(cursor, node, "EZ2014", { name: "apply", type: "Array" });
}

/** The n of `{ length: n }`. */
function lengthOf(node: ts.Expression): ts.Expression | null {
  if (!ts.isObjectLiteralExpression(node) || node.properties.length !== 1) return null;
  const [property] = node.properties;
  if (property === undefined || property.name?.getText() !== "length") return null;
  if (ts.isPropertyAssignment(property)) return property.initializer;
  return ts.isShorthandPropertyAssignment(property) ? property.name : null;
}
