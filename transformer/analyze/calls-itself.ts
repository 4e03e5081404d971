import type { Compilation } from "../compilation.js";
import { walk } from "../ir/traverse.js";

/** Does a function call itself, directly or by way of others? */
export function callsItself(name: string, compilation: Compilation): boolean {
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
  return called.has(name);
}
