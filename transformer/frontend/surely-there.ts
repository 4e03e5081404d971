/** Whether what a name holds is there whenever the function runs. */
import type ts from "typescript";
import type { Type } from "../ir/ir.js";
import { mayBeNothing } from "../syntax/type-of.js";

/**
 * Of a text, a date and the like the type of the IR does not say that they may be absent: what is declared does, or a
 * default (`mayBeLeftOut`).
 */
export function isSurelyThere(type: Type, declared: ts.Type, mayBeLeftOut: boolean): boolean {
  if (type.kind === "optional") return false;
  if (type.kind !== "opaque" || type.text === "function") return true;
  return !mayBeLeftOut && !mayBeNothing(declared);
}
