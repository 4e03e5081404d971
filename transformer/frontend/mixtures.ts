/** Values that are one thing after one branch, and another after the other. */
import { isAssignable } from "../ir/assignable.js";
import type { Region } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { LoweringSession } from "./session.js";

/** Reports what no type holds: nobody asked what it is before the branches joined. */
export function reportMixtures(session: LoweringSession, body: Region): void {
  walk(body, (op) => {
    if (op.kind !== "if") return;
    op.results.forEach((result, k) => {
      const fits = [op.then, op.else].every(({ exit }) => {
        const value = exit.kind === "yield" ? exit.values[k] : undefined;
        return value === undefined || isAssignable(value.type, result.type, true) || session.poisoned.has(value);
      });
      if (fits) return;
      session.failures++;
      const name = result.origin.variable?.name;
      session.compilation.report("EZ2026", result.origin.span, { type: name ?? "one of two objects" });
    });
  });
}
