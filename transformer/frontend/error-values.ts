/**
 * Errors that functions answer with, as they answer with a number otherwise: `if (bad) return num;`
 *
 * They are carried along, like text. What tells them from numbers is `instanceof Error`; to arithmetic they are NaN.
 */
import ts from "typescript";
import type { Type } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { isGlobal } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

const errors: ReadonlySet<string> = new Set(
  "Error EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(" "),
);

/** An error of the language, and of no class that a program declares. */
export const errorText = (name: string): string => `globalThis.${name}`;

/** The class of such an error; null: it may be anything. */
export function errorName(type: Type): string | null {
  const name =
    type.kind === "opaque" && type.text.startsWith("globalThis.") ? type.text.slice("globalThis.".length) : "";
  return errors.has(name) ? name : null;
}

/** `new RangeError("...")`: the class; null: it is something else. */
export function madeError(session: LoweringSession, node: ts.Expression): string | null {
  const at = unwrapped(node);
  if (!(ts.isNewExpression(at) || ts.isCallExpression(at)) || !ts.isIdentifier(at.expression)) return null;
  const name = at.expression.text;
  return errors.has(name) && isGlobal(session, at.expression, name) ? name : null;
}
