/** What is done to a primal, and to the callees that it keeps, before anything is derived from it. */
import { analyzeAliases } from "../analyze/aliases.js";
import { writtenDetached } from "../analyze/detached.js";
import { markSeenInstances } from "../analyze/seen-instances.js";
import type { Compilation } from "../compilation.js";
import { Refusal } from "../differentiate/refusal.js";
import type { IRFunction } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { simplifyPrimal } from "./stages.js";

/** Instances that others see are made as such; one that cannot be is refused. */
export function makeSeen(fn: IRFunction, compilation: Compilation, isCallee = false): IRFunction {
  const aliases = analyzeAliases(fn, compilation);
  const { fn: made, nameless } = markSeenInstances(fn, aliases, compilation.functions, isCallee);
  const [first] = nameless;
  if (first === undefined) return made;
  const name = first.type.kind === "record" ? first.type.name : null;
  throw new Refusal("EZ2070", { what: name === null ? "an instance" : `an instance of ${name}` }, first.origin.span);
}

/** A constant view of memory is one only while nobody writes there. */
export function refuseWrittenDetached(fn: IRFunction, compilation: Compilation, isCallee: boolean): void {
  const [written] = writtenDetached(fn, analyzeAliases(fn, compilation), isCallee);
  if (written !== undefined) throw new Refusal("EZ2035", {}, written.origin.span);
}

/** Callees that stay calls are simplified once, before anything is derived from them. */
export function prepareCallees(
  fn: IRFunction,
  compilation: Compilation,
  originals: Map<string, IRFunction>,
  done = new Set<string>(),
): void {
  const prepare = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    const callee = compilation.functions.get(name);
    if (callee === undefined) return;
    if (callee.external !== undefined) {
      const { rule } = callee.external;
      for (const part of [rule?.reverse, rule?.forward, rule?.partials]) if (typeof part === "string") prepare(part);
      return;
    }
    if (!originals.has(name)) originals.set(name, callee);
    const simplified = simplifyPrimal(callee, compilation);
    refuseWrittenDetached(simplified, compilation, true);
    const made = makeSeen(simplified, compilation, true);
    compilation.functions.set(name, made);
    prepareCallees(made, compilation, originals, done);
  };
  walk(fn.body, (op) => {
    if (op.kind === "call") prepare(op.callee);
  });
}
