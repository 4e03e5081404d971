import type { IRFunction } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";

/** What a call may name: the functions of a compilation. */
export interface KnownFunctions {
  readonly functions: Pick<ReadonlyMap<string, IRFunction>, "get">;
}

/** Does a function call itself, directly or by way of others? */
export const callsItself = (name: string, compilation: KnownFunctions): boolean => leadsTo(name, name, compilation);

/** Does a function call another one, directly or by way of others? */
export function leadsTo(name: string, target: string, compilation: KnownFunctions): boolean {
  const called = new Set<string>();
  const pending = [name];
  for (let caller = pending.pop(); caller !== undefined; caller = pending.pop()) {
    const fn = compilation.functions.get(caller);
    if (fn === undefined) continue;
    walk(fn.body, (op) => {
      if (op.kind !== "call" || called.has(op.callee)) return;
      called.add(op.callee);
      pending.push(op.callee);
    });
  }
  return called.has(target);
}
