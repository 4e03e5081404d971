/** Calls of derivatives inside of functions that are differentiated: `enzyme(energy, "gradient")(x)`. */
import type ts from "typescript";
import { isAssignable } from "../ir/assignable.js";
import { makeValue } from "../ir/build.js";
import type { Value, Variable } from "../ir/ir.js";
import { originOf, poison, refused, type Cursor, type DerivativeCallable } from "./environment.js";
import type { Argument } from "./lower-call.js";
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
  const { fn, captured } = derived;
  const given = [...args];
  const operands: Value[] = [];
  for (const [position, param] of fn.params.entries()) {
    const { type } = param.value;
    const capture = captured.get(position);
    if (capture !== undefined) {
      const binding = scope.get(capture);
      const value = binding?.kind === "variable" ? cursor.env.get(binding.slot) : undefined;
      if (value === undefined) return refused(cursor, node, "EZ2021", { name: fn.name, captured: capture.name });
      operands.push(value);
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
