/** Whether what a name holds is there whenever the function runs. */
import ts from "typescript";
import type { Type } from "../ir/ir.js";

/**
 * Of a text, a date and the like the type of the IR does not say that they may be absent: what is declared does, or a
 * default (`mayBeLeftOut`).
 */
export function isSurelyThere(type: Type, declared: ts.Type, mayBeLeftOut: boolean): boolean {
  if (type.kind === "optional") return false;
  if (type.kind !== "opaque" || type.text === "function") return true;
  return !mayBeLeftOut && !mayBeNothing(declared);
}

const mayBeNothing = (type: ts.Type): boolean =>
  (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void)) !== 0 ||
  (type.isUnion() && type.types.some(mayBeNothing));
