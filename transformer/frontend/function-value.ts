/**
 * Functions as values, as far as it is known at build time which one it is: kept in a variable, in a field, handed back.
 *
 *   let f = a; f = b; f(x)          const o = { f: a, k: 2 }; o.f(x)          opts.ease || linear
 *
 * The value is a mark: no memory holds it. Where it would have to (one of two after a branch, an element of an array),
 * the function is refused.
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { originOf, type Callable, type Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";

export interface FunctionValue {
  readonly callable: Callable;
  /** Where it is mentioned. */
  readonly node: ts.Node;
}

export function functionValue({ session }: Cursor, callable: Callable, node: ts.Node): Value {
  const mark = makeValue({ kind: "opaque", text: "function" }, originOf(node));
  session.functions.set(mark, { callable, node });
  session.present.add(mark);
  session.certain.add(mark);
  return mark;
}

/** The function that a field of an object holds, ready to be called on that object; null: it holds none. */
export function functionField({ session, env }: Cursor, base: Value, name: string): Callable | null {
  const slot = session.open.get(base)?.slots.get(name);
  const held = slot === undefined ? undefined : env.get(slot);
  const callable =
    (held === undefined ? undefined : session.functions.get(held)?.callable) ??
    session.functionFields.get(base.type)?.get(name);
  if (callable?.kind !== "closure") return callable ?? null;
  return ts.isArrowFunction(callable.node) ? callable : { ...callable, thisValue: base };
}

/** The function that a value stands for. */
export const callableOf = (session: LoweringSession, value: Value | undefined): Callable | null =>
  (value === undefined ? undefined : session.functions.get(value)?.callable) ?? null;
