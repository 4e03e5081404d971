/**
 * What belongs to a module may be read. The frontend refuses writes to it under its own name; here writes to it in the
 * guise of something else are found: a row of a table that was put into an array of the function, and is written there.
 */
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import { analyzeAliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import { Refusal } from "../differentiate/refusal.js";
import { isReference, type IRFunction, type Value } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";

/** Of a function as it was lowered, and of the callees that it keeps. */
export function refuseWrittenModuleValues(
  fn: IRFunction,
  isOfModule: (value: Value) => boolean,
  textOf: (span: SourceSpan) => string,
  compilation: Compilation,
  seen = new Set<string>(),
): void {
  const found: Value[] = [];
  walk(fn.body, (op) => {
    found.push(...op.results.filter((one) => isReference(one.type) && isOfModule(one)));
    const callee = op.kind === "call" && !seen.has(op.callee) ? compilation.functions.get(op.callee) : undefined;
    if (op.kind !== "call" || callee === undefined) return;
    seen.add(op.callee);
    refuseWrittenModuleValues(callee, isOfModule, textOf, compilation, seen);
  });
  if (found.length === 0) return;
  const aliases = analyzeAliases(fn, compilation);
  for (const value of found) {
    if (![...aliases.reachedFrom(value)].some(({ written }) => written)) continue;
    const { span, variable } = value.origin;
    throw new Refusal("EZ2024", { name: span === null ? (variable?.name ?? "it") : textOf(span) }, span);
  }
}
