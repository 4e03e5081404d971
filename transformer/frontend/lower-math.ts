/** `Math` and `Number`. */
import type ts from "typescript";
import { element, makeValue } from "../ir/build.js";
import { isReference, numberType, type Value, type Variable } from "../ir/ir.js";
import { isPrimitive, primitives, type Primitive } from "../ir/primitives.js";
import { isPoisoned, originOf, poison, refused, type Cursor, type Slot } from "./environment.js";
import { leaf } from "./flow.js";
import { functionsIn } from "./function-value.js";
import { isVagueText } from "../syntax/type-of.js";
import { isAbsent, negate } from "./lower-condition.js";
import { type Argument } from "./lower-call.js";
import { unwrapTo } from "./lower-function.js";
import { exactClassOf } from "./lower-instance.js";
import { runLoop, overPositions } from "./lower-loop.js";
import { apply, numericOperand } from "./lower-operator.js";
import { parsedFloat, parsedInt } from "./number-text.js";
import { plainArguments } from "./bind-arguments.js";

/** Names of `Math` that are primitives under the same name; `pow` too, and `random` apart. */
const functions: ReadonlySet<string> = new Set(
  (
    "abs acos acosh asin asinh atan atan2 atanh cbrt ceil clz32 cos cosh exp expm1 floor fround hypot imul log log10 " +
    "log1p log2 max min pow round sign sin sinh sqrt tan tanh trunc"
  ).split(" "),
);

export function lowerMath(
  cursor: Cursor,
  name: string,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value {
  const { block } = cursor;
  if (name === "random") {
    const result = makeValue(numberType, originOf(node, variable));
    block.append({ kind: "random", results: [result] });
    cursor.session.present.add(result);
    return result;
  }
  if (!functions.has(name) || !isPrimitive(name)) return refused(cursor, node, "EZ2009", { name });
  const { arity } = primitives[name];
  if (arity === "any") return variadic(cursor, name, args, node, variable);
  const values = plainArguments(args);
  if (values === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const operands = values.slice(0, arity).map((value, k) => numericOperand(cursor, value, args[k]?.node ?? node));
  if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
  // What is missing is undefined, hence NaN.
  while (operands.length < arity) operands.push(block.constant(NaN));
  return apply(cursor, name, operands, node, variable);
}

/** `Math.max(a, ...xs, b)`: folded from the left, as the language does; `hypot`, too, where it is not known how many there are. */
function variadic(
  cursor: Cursor,
  name: Primitive,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value {
  const values = plainArguments(args);
  if (values !== null) {
    const operands = values.map((value, k) => numericOperand(cursor, value, args[k]?.node ?? node));
    if (isPoisoned(cursor, ...operands)) return poison(cursor, node);
    const [only] = operands;
    // Of one argument, the largest is itself.
    if (operands.length === 1 && only !== undefined && name !== "hypot") return only;
    if (operands.length === 0) return cursor.block.constant(name === "max" ? -Infinity : name === "min" ? Infinity : 0);
    return apply(cursor, name, operands, node, variable);
  }
  if (name !== "max" && name !== "min" && name !== "hypot") return refused(cursor, node, "EZ2010", { kind: "spread" });
  const none = name === "hypot" ? 0 : name === "max" ? -Infinity : Infinity;
  let all: Value = cursor.block.constant(none, originOf(node, variable));
  for (const one of args) {
    if (one.kind === "function") return refused(cursor, node, "EZ2013", { name: one.node.getText() });
    if (isPoisoned(cursor, one.value)) return poison(cursor, node);
    all =
      one.kind === "value"
        ? apply(cursor, name, [all, numericOperand(cursor, one.value, one.node)], node, variable)
        : foldArray(cursor, name, all, one.value, one.node, variable);
  }
  return all;
}

function foldArray(
  cursor: Cursor,
  name: "max" | "min" | "hypot",
  initial: Value,
  array: Value,
  node: ts.Node,
  variable: Variable | null,
): Value {
  if (array.type.kind !== "array" && array.type.kind !== "tuple")
    return refused(cursor, node, "EZ2010", { kind: "spread" });
  // Of itself, the largest of nothing and one number is that number.
  const slot: Slot = { variable: variable ?? { name }, key: {}, type: numberType, late: false, shared: true };
  cursor.env.set(slot, initial);
  runLoop(cursor, node, overPositions(cursor, array, node), (at, { counter, again }) => {
    const value = at.block.load(element(array, counter), originOf(node));
    const before = at.env.get(slot) ?? initial;
    at.env.set(slot, apply(at, name, [before, numericOperand(at, value, node)], node, slot.variable));
    return leaf(at, again);
  });
  const result = cursor.env.get(slot) ?? initial;
  cursor.env.delete(slot);
  return result;
}

/** `Number.isNaN` and its like, and the global functions of the same names. */
export function lowerNumberFunction(
  cursor: Cursor,
  name: string,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
  isConverting = false,
): Value {
  const [value] = plainArguments(args) ?? [];
  if (value === undefined)
    return refused(cursor, node, "EZ2001", { what: `\`${name}\` without an argument`, advice: "give it one" });
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  switch (name) {
    case "isNaN":
    case "isFinite":
    case "isInteger": {
      const known = knownAnswer(cursor, name, value, isConverting, node);
      if (known !== null) return known;
      const primitive = name === "isNaN" && isConverting ? "becomesNaN" : name;
      return apply(cursor, primitive, [numericOperand(cursor, value, node)], node, variable);
    }
    case "isSafeInteger": {
      const known = knownAnswer(cursor, name, value, isConverting, node);
      if (known !== null) return known;
      const operand = numericOperand(cursor, value, node);
      const whole = apply(cursor, "isInteger", [operand], node);
      const size = apply(cursor, "abs", [operand], node);
      const small = apply(cursor, "le", [size, cursor.block.constant(Number.MAX_SAFE_INTEGER)], node);
      return apply(cursor, "and", [whole, small], node, variable);
    }
    case "parseFloat":
      return parsedFloat(cursor, value, node, variable);
    case "parseInt":
      return parsedInt(cursor, value, plainArguments(args)?.[1] ?? null, node, variable);
    default:
      return refused(cursor, node, "EZ2016", { name });
  }
}

/**
 * What is known of a value that is no number. `Number.isNaN` and its like are false of it; `isConverting`: the functions
 * of the same name make a number of it first.
 */
function knownAnswer(cursor: Cursor, name: string, value: Value, isConverting: boolean, node: ts.Node): Value | null {
  const { block, session } = cursor;
  const answer = (is: boolean): Value => block.constant(is, originOf(node));
  const { type } = value;
  if (type.kind === "number" || type.kind === "integer") return null;
  if (!isConverting) {
    if (type.kind === "opaque") return isVagueText(type.text) ? null : answer(false);
    if (type.kind !== "optional") return answer(false);
    if (name !== "isNaN" || isReference(type.of)) return isReference(type.of) ? answer(false) : null;
    // Undefined is not NaN.
    const number = unwrapTo(cursor, value, type.of);
    const there = negate(cursor, isAbsent(cursor, value, node), node);
    return apply(cursor, "and", [there, apply(cursor, "isNaN", [numericOperand(cursor, number, node)], node)], node);
  }
  const literal = block.literalOf(value);
  if (typeof literal === "string") return answer(name === "isNaN" ? isNaN(Number(literal)) : isFinite(Number(literal)));
  if (type.kind === "opaque" && (type.text === "undefined" || type.text === "null")) {
    return answer((name === "isNaN") === (type.text === "undefined"));
  }
  if (type.kind === "opaque" && type.text === "function") return answer(name === "isNaN");
  // Without methods of its own it is "[object Object]", which is no number.
  const isPlain = type.kind === "record" && session.complete.has(value) && exactClassOf(cursor, value) === null;
  return isPlain && functionsIn(session, value) === undefined ? answer(name === "isNaN") : null;
}
