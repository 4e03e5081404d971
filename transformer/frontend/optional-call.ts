/** `f?.(x)`, `options.log?.(x)`: undefined where there is no such function, and then nothing of the call is evaluated. */
import type ts from "typescript";
import type { Value, Variable } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { isPoisoned, originOf, poison, refused, type Callable, type Cursor } from "./environment.js";
import { callableOf } from "./function-value.js";
import { isAbsent } from "./lower-condition.js";
import { callCallable, lowerArguments } from "./lower-call.js";
import { choose, lowerMaybe } from "./lower-expression.js";
import { settled } from "./lower-mixed.js";
import { resolveCallable } from "./resolve-callable.js";

export function lowerOptionalCall(cursor: Cursor, node: ts.CallExpression, variable: Variable | null): Value | null {
  const callee = unwrapped(node.expression);
  const nothing = (at: Cursor): Value => at.block.constant(undefined, originOf(node, variable));
  const call = (at: Cursor, callable: Callable): Value =>
    callCallable(at, callable, lowerArguments(at, node), node, variable) ?? nothing(at);
  const known = resolveCallable(cursor, callee);
  if (known !== null && (known.kind !== "choice" || known.otherwise !== null)) return call(cursor, known);
  if (known?.kind === "choice") {
    const [first, ...others] = known.ways.map(({ test }) => test);
    if (first === undefined) return nothing(cursor);
    const isThere = others.reduce((all, one) => cursor.block.apply("or", [all, one], originOf(node)), first);
    return choose(cursor, isThere, (at) => call(at, known), nothing, node, variable);
  }
  const value = lowerMaybe(cursor, callee);
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  return choose(
    cursor,
    isAbsent(cursor, value, node),
    nothing,
    (at) => {
      const callable = callableOf(at.session, settled(at, value));
      return callable === null ? refused(at, node, "EZ2013", { name: callee.getText() }) : call(at, callable);
    },
    node,
    variable,
  );
}
