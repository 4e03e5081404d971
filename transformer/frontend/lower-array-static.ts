/** `Array.from`, `Array.of`, `Array.isArray` and their like for typed arrays. */
import ts from "typescript";
import { numberType, type ArrayType, type Value, type Variable } from "../ir/ir.js";
import { isWalkOf } from "./array-walk.js";
import { unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { element } from "../ir/build.js";
import { mayHaveHoles } from "./holes.js";
import { loaded, overRange, run, type ArrayCall } from "./lower-array-method.js";
import { argumentsAsArray } from "./lower-arguments.js";
import { lowerIterable } from "./lower-assignment.js";
import { lowerArguments } from "./lower-call.js";
import { checkedType, lowerExpression } from "./lower-expression.js";
import { allocated } from "./lower-literal.js";
import { containerTest, numericOperand } from "./lower-operator.js";

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

/** What is copied into a typed array has no holes: NaN stands where its source has one. */
const spreadMark = ({ session }: Cursor, { storage }: ArrayType, source: Value): { readonly spread?: true } =>
  storage === "Array" && mayHaveHoles(session, source) ? { spread: true } : {};

/** `Array.from(xs, f)` and `Array.from({ length: n }, (_, i) => f(i))`. */
function arrayFrom(cursor: Cursor, node: ts.CallExpression, owner: string, variable: Variable | null): Value {
  const { block } = cursor;
  const [sourceNode, fnNode] = node.arguments;
  if (sourceNode === undefined) return refused(cursor, node, "EZ2014", { name: "from", type: owner });
  const type = staticType(cursor, node, owner);
  const counted = lengthOf(unwrapped(sourceNode));
  const given = counted === null ? lowerIterable(cursor, sourceNode) : null;
  const source = given === null ? null : argumentsAsArray(cursor, given, sourceNode);
  // It is an array of its own already.
  const isNew = source !== given || isWalkOf(cursor, sourceNode);
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
  const fn = lowerArguments(cursor, node)[1];
  if (fn?.kind !== "function") return refused(cursor, node, "EZ2013", { name: fnNode.getText() });
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
    if (value !== null && !isPoisoned(at, value)) at.block.store(element(result, counter), value);
  });
  return result;
}

/** The n of `{ length: n }`. */
function lengthOf(node: ts.Expression): ts.Expression | null {
  if (!ts.isObjectLiteralExpression(node) || node.properties.length !== 1) return null;
  const [property] = node.properties;
  if (property === undefined || property.name?.getText() !== "length") return null;
  if (ts.isPropertyAssignment(property)) return property.initializer;
  return ts.isShorthandPropertyAssignment(property) ? property.name : null;
}
