/** The count of a module that cannot be named where the derivative stands: nothing may be left that asks for it. */
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import type { IRFunction, OpaqueOp } from "./ir.js";
import { walk } from "./traverse.js";

/** The template of an operation that stands for such a count begins with it; its name follows. */
export const uncounted = "uncounted ";

/** What a function still asks for, that was removed from every function that does not need it. */
export function uncountedIn(fn: IRFunction): { readonly name: string; readonly span: SourceSpan | null } | null {
  const found: OpaqueOp[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "opaque" && op.template.startsWith(uncounted)) found.push(op);
  });
  const [first] = found;
  return first === undefined
    ? null
    : { name: first.template.slice(uncounted.length), span: first.results[0]?.origin.span ?? null };
}
