import type { Definitions } from "../analyze/definitions.js";
import type { Value } from "../ir/ir.js";
import { yieldedBy } from "./rewrite.js";

/** Notes the values that decide whether a loop stops: its stop, and what the `if`s yield that it comes from. */
export function noteStops(stop: Value | undefined, definitions: Definitions, found: Set<Value>): void {
  const pending = stop === undefined ? [] : [stop];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (found.has(value) || definitions.opOf(value)?.kind === "constant") continue;
    found.add(value);
    const definition = definitions.of(value);
    if (definition?.kind !== "result" || definition.op.kind !== "if") continue;
    for (const branch of [definition.op.then, definition.op.else]) {
      const inner = yieldedBy(branch)?.[definition.position];
      if (inner !== undefined) pending.push(inner);
    }
  }
}
