/** What a function does with a table in which it remembers its answers: see `memo-table.ts`. */
import type ts from "typescript";
import { isPoisoned, refused, type Cursor } from "./environment.js";
import { lowerExpression } from "./lower-expression.js";
import { memoStep } from "./memo-table.js";
import { kindOf } from "./mixed-value.js";

/** Is a statement left out, because what it looks up or keeps is computed anew? Numbers alone are. */
export function isLeftOut(cursor: Cursor, statement: ts.Statement): boolean {
  const step = memoStep(cursor.session, statement);
  if (step === null) return false;
  for (const node of step.value === null ? [step.key] : [step.key, step.value]) {
    const value = lowerExpression(cursor, node);
    if (!isPoisoned(cursor, value) && kindOf(value.type) !== "number")
      refused(cursor, step.table, "EZ2024", { name: step.table.text });
  }
  return true;
}
