/** Calls of derivatives inside of functions that are differentiated: `enzyme(energy, "gradient")(x)`. */
import type ts from "typescript";
import { isAssignable } from "../ir/assignable.js";
import { field, makeValue } from "../ir/build.js";
import { someOperation } from "../ir/traverse.js";
import { numberType, type IRFunction, type Op, type Value, type Variable } from "../ir/ir.js";
import {
  isPoisoned,
  originOf,
  poison,
  refused,
  type Cursor,
  type DerivativeCallable,
  type PullbackCallable,
} from "./environment.js";
import { functionValue } from "./function-value.js";
import type { Argument } from "./lower-call.js";
import { objectOfParts } from "./open-object.js";
import { unwrapTo } from "./lower-function.js";

/**
 * The derivative is a function like any other: its arguments are what is handed over, and what its primal captures
 * from the functions around it. Nothing of it is const here, so that no perturbation is lost or confused.
 *
 *   enzyme((y) => x * y, "gradient")(z)   =>   call inline_gradient z x
 */
export function callDerivative(
  cursor: Cursor,
  { macro, scope }: DerivativeCallable,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const { session, frame } = cursor;
  const derived = session.derivativeOf(macro, frame.outputFile);
  // What stands in its way was said where it is asked for.
  if (derived === null) return poison(cursor, node);
  const { fn, captured, pullback } = derived;
  if (pullback !== null && someOperation(fn.body, keepsCopy))
    return refused(cursor, node, "EZ2083", { what: "keeps copies of objects or rows" });
  const around = new Map<number, Value>();
  for (const [position, capture] of captured) {
    const binding = scope.get(capture);
    const value = binding?.kind === "variable" ? cursor.env.get(binding.slot) : undefined;
    if (value === undefined) return refused(cursor, node, "EZ2021", { name: fn.name, captured: capture.name });
    around.set(position, value);
  }
  const result = callWith(cursor, fn, around, args, node, pullback === null ? variable : null);
  if (pullback === null || result === null || isPoisoned(cursor, result)) return result;
  const given = (position: number): Value => {
    const value = cursor.block.load(field(result, position), originOf(node));
    if (value.type.kind !== "optional") cursor.session.certain.add(value);
    return value;
  };
  const value = given(0);
  const tape = pullback.params.length > 1 ? given(1) : null;
  const called = functionValue(cursor, { kind: "pullback", fn: pullback, tape }, node);
  return objectOfParts(
    cursor,
    node,
    new Map([
      ["value", value],
      ["pullback", called],
    ]),
  );
}

const keepsCopy = (op: Op): boolean => op.kind === "opaque" && op.template.startsWith("$copyOf(");

/** `pullback(seed)`, for `const { pullback } = enzyme(f, "vjp")(x)`: the reverse sweep is a call like any other. */
export function callPullback(
  cursor: Cursor,
  { fn, tape }: PullbackCallable,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const known = new Map(tape === null ? [] : [[0, tape]]);
  const seed = fn.params.length - 1;
  const [given] = args;
  if (given === undefined && fn.params[seed]?.value.type.kind === "number")
    known.set(seed, cursor.block.constant(1, originOf(node), null, numberType));
  if (given?.kind === "value" && given.value.type.kind === "optional")
    return refused(cursor, given.node, "EZ2083", { what: "takes a seed that may be left out" });
  return callWith(cursor, fn, known, args, node, variable);
}

/** `known`: what some parameters take, by position; the others take the arguments, in order. */
function callWith(
  cursor: Cursor,
  fn: IRFunction,
  known: ReadonlyMap<number, Value>,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null {
  const { session } = cursor;
  const given = [...args];
  const operands: Value[] = [];
  for (const [position, param] of fn.params.entries()) {
    const { type } = param.value;
    const own = known.get(position);
    if (own !== undefined) {
      operands.push(own);
      continue;
    }
    const argument = given.shift();
    if (argument === undefined && type.kind === "optional") {
      operands.push(cursor.block.constant(undefined, originOf(node), null, type));
      continue;
    }
    if (argument?.kind !== "value" || param.rest === true) {
      const what = `calling a derivative with ${param.rest === true ? "a rest parameter" : "functions or spread arguments"}`;
      return refused(cursor, argument?.node ?? node, "EZ2001", {
        what,
        advice: "hand over numbers, arrays or objects",
      });
    }
    const { value } = argument;
    const fitted = value.type.kind === "optional" && type.kind !== "optional" ? unwrapTo(cursor, value, type) : value;
    if (!isAssignable(fitted.type, type, false)) {
      const what = "an argument whose type is not the one that the derivative takes";
      return refused(cursor, argument.node, "EZ2001", { what, advice: "give both the same type" });
    }
    operands.push(fitted);
  }
  const results = fn.results.map((type) => makeValue(type, originOf(node, variable)));
  cursor.block.append({ kind: "call", results, callee: fn.name, args: operands });
  for (const one of results) if (one.type.kind !== "optional") session.certain.add(one);
  return results[0] ?? null;
}
