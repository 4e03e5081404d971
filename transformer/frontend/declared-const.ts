/** What is declared `int` or `Const` takes no derivative along: an active value in such a place would be cut, silently. */
import type ts from "typescript";
import { analyzeActivity } from "../analyze/activity.js";
import { analyzeAliases } from "../analyze/aliases.js";
import type { IRFunction, Type, Value } from "../ir/ir.js";
import { brandOf } from "../syntax/type-of.js";
import type { Cursor } from "./environment.js";
import { refuse, type LoweringSession } from "./session.js";

/** A value that went into a place of such a declaration. */
export interface ConstSink {
  readonly value: Value;
  readonly name: string;
  readonly declared: string;
  readonly node: ts.Node;
}

/** Notes what is assigned to a variable that is declared `int` or `Const`. */
export function noteAssignment(cursor: Cursor, type: ts.Type, name: string, value: Value, node: ts.Node): void {
  const brand = brandOf(type);
  if (brand === null) return;
  cursor.session.sinks.push({ value, name, declared: brand === "int" ? "int" : "Const", node });
}

/** Notes a number that is stored where integers are kept: an `int[]`, a field of type `int`. */
export function noteNarrowing(cursor: Cursor, expected: Type | null, value: Value, node: ts.Node): void {
  if (expected?.kind !== "integer" || value.type.kind !== "number") return;
  cursor.session.sinks.push({ value, name: node.getText(), declared: "int", node });
}

/** Reports the sinks that an active value reaches, in a primal and all it calls; false if there is one. */
export function checkSinks(session: LoweringSession): boolean {
  let clean = true;
  for (const { fn, sinks } of session.lowered.splice(0)) {
    if (sinks.length === 0) continue;
    const activity = activityOf(fn, session);
    for (const { value, name, declared, node } of sinks) {
      if (!activity.isVaried(value)) continue;
      refuse(session, "EZ1012", node, { name, type: declared });
      clean = false;
    }
  }
  return clean;
}

function activityOf(fn: IRFunction, session: LoweringSession): ReturnType<typeof analyzeActivity> {
  const { compilation } = session;
  return analyzeActivity(fn, analyzeAliases(fn, compilation), { outputsInMemory: true });
}
