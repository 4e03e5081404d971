/**
 * Functions that run on an object of somebody else, and with a list of arguments.
 *
 *   f.call(self, x)   f.apply(self, arguments)   [].slice.call(arguments, 1)   Array.prototype.push.apply(all, more)
 */
import ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { saysNothing, unwrapped } from "./assigned-symbols.js";
import { findMember, makerOf } from "./class-members.js";
import { isPoisoned, poison, refused, type Callable, type Closure, type Cursor } from "./environment.js";
import { givenParts, listOf } from "./given-list.js";
import { argumentsAsArray } from "./lower-arguments.js";
import { callArrayMethod } from "./lower-array-method.js";
import { lowerReference } from "./lower-assignment.js";
import { callCallable, lowerArgument, type Argument } from "./lower-call.js";
import { lowerExpression } from "./lower-expression.js";
import { exactClassOf } from "./lower-instance.js";
import { lowerMath } from "./lower-math.js";
import { functionField, functionValue, keepsThis } from "./function-value.js";
import { isGlobal } from "./module-constants.js";
import { prototypeMethod } from "./native-path.js";
import { selfOf } from "./open-object.js";
import { resolveCallable } from "./resolve-callable.js";
import { spreadOut } from "./bind-arguments.js";

type Way = "call" | "apply";

/** undefined: it is no such call. */
export function lowerBorrowedCall(
  cursor: Cursor,
  callee: ts.Expression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null | undefined {
  if (!ts.isPropertyAccessExpression(callee) || node.arguments.some(ts.isSpreadElement)) return undefined;
  const { text } = callee.name;
  const way: Way | null = text === "call" || text === "apply" ? text : null;
  if (way === null) return undefined;
  const math = mathFunctionOf(cursor, callee.expression, node);
  if (math !== null) return lowerMath(cursor, math, restOf(cursor, way, node), node, variable);
  const method = prototypeMethod(cursor, "Array", callee.expression);
  if (method !== null) return lowerBorrowedMethod(cursor, method, way, node, variable);
  const maker = makerOf(cursor.session, callee.expression);
  const callable: Callable | null =
    maker !== null && !ts.isClassLike(maker)
      ? { kind: "closure", node: maker, scope: null, thisValue: null }
      : resolveCallable(cursor, callee.expression);
  if (callable?.kind !== "closure") return undefined;
  const on = borrowedFor(cursor, callable, node);
  return callCallable(cursor, on, restOf(cursor, way, node), node, variable);
}

/** The function as a method of the object it is borrowed for. */
function borrowedFor(cursor: Cursor, callable: Closure, { arguments: [first] }: ts.CallExpression): Closure {
  if (first === undefined) return callable;
  // A function outside of any object hands on that it has none.
  if (first.kind === ts.SyntaxKind.ThisKeyword && cursor.frame.thisValue === null) return callable;
  const self = lowerArgument(cursor, first);
  if (keepsThis(callable)) return callable;
  // Functions have members, too.
  if (self.kind === "function") return { ...callable, thisValue: functionValue(cursor, self.callable, self.node) };
  const isObject = self.kind === "value" && self.value.type.kind !== "opaque";
  return { ...callable, thisValue: isObject ? self.value : callable.thisValue };
}

/** `f.bind(this)`: the function, which runs on that object wherever it goes; null: it is no such call. */
export function boundFunction(cursor: Cursor, node: ts.CallExpression): Callable | null {
  const callee = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== "bind") return null;
  if (node.arguments.length > 1 || node.arguments.some(ts.isSpreadElement)) return null;
  const callable = resolveCallable(cursor, callee.expression) ?? methodAt(cursor, callee.expression);
  return callable?.kind === "closure" ? { ...borrowedFor(cursor, callable, node), isBound: true } : null;
}

/** `this.f`: of the instance, as it is known by its value. */
function methodAt(cursor: Cursor, node: ts.Expression): Callable | null {
  const { session } = cursor;
  const at = unwrapped(node);
  const self = selfOf(cursor);
  if (self === null || !ts.isPropertyAccessExpression(at) || at.expression.kind !== ts.SyntaxKind.ThisKeyword)
    return null;
  const declared = session.checker.getTypeAtLocation(at.expression);
  const found = findMember(session, declared, exactClassOf(cursor, self), at.name.text, "method");
  if (found?.kind === "found") return { kind: "closure", node: found.member, scope: null, thisValue: self };
  return functionField(cursor, self, at.name.text);
}

/** What stands behind the object. */
function restOf(cursor: Cursor, way: Way, node: ts.CallExpression): readonly Argument[] {
  const [, ...rest] = node.arguments;
  if (way === "call")
    return spreadOut(
      cursor,
      rest.map((one) => lowerArgument(cursor, one)),
    );
  const list = rest[0] === undefined ? undefined : unwrapped(rest[0]);
  if (list === undefined) return [];
  if (ts.isArrayLiteralExpression(list) && !list.elements.some(ts.isOmittedExpression)) {
    return spreadOut(
      cursor,
      list.elements.map((one) => lowerArgument(cursor, one)),
    );
  }
  if (saysNothing(list)) return [];
  return spreadOut(cursor, [{ kind: "spread", value: lowerReference(cursor, list), node: list }]);
}

/** `max` of `Math.max.apply` and `Math.max.call`, where nobody looks at the object. */
function mathFunctionOf(
  cursor: Cursor,
  callee: ts.Expression,
  { arguments: [self] }: ts.CallExpression,
): string | null {
  const of = unwrapped(callee);
  if (self !== undefined && !ts.isIdentifier(self) && !ts.isToken(self)) return null;
  return ts.isPropertyAccessExpression(of) && isGlobal(cursor.session, of.expression, "Math") ? of.name.text : null;
}

const changing = new Set("push pop shift unshift splice sort reverse fill copyWithin".split(" "));

/** A method of arrays on what looks like one. */
function lowerBorrowedMethod(
  cursor: Cursor,
  name: string,
  way: Way,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null {
  const { session, block } = cursor;
  const [first] = node.arguments;
  if (first === undefined) return refused(cursor, node, "EZ2014", { name, type: "nothing" });
  const self = lowerExpression(cursor, first);
  const args = restOf(cursor, way, node);
  if (isPoisoned(cursor, self)) return poison(cursor, node);
  if (session.argumentObjects.has(self) && changing.has(name)) {
    return refused(cursor, first, "EZ2012", { why: `that \`${name}\` changes` });
  }
  const parts = name === "slice" ? givenParts(cursor, self, first) : null;
  const bounds = args.map((one) => (one.kind === "value" ? block.literalOf(one.value) : undefined));
  if (parts !== null && bounds.every((one) => typeof one === "number")) {
    return listOf(cursor, parts.slice(bounds[0], bounds[1]), node);
  }
  // Other methods leave the list as it is.
  const given = session.argumentObjects.get(self)?.given;
  const array = given?.kind === "list" ? given.list : argumentsAsArray(cursor, self, first);
  if (array.type.kind !== "array" && array.type.kind !== "tuple") {
    return refused(cursor, node, "EZ2014", { name, type: first.getText() });
  }
  return callArrayMethod(cursor, name, { array, owner: first, args, node, variable });
}
