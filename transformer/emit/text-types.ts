/** What variables of text are declared as: which texts they are (`told-texts.ts`), and whether they may be nothing (`absent-texts.ts`). */
import type { Type } from "../ir/ir.js";
import { absenceInText, settleAbsentTexts } from "./absent-texts.js";
import { findToldTexts } from "./told-texts.js";
import type { Block, Local } from "./tree.js";

export interface TextTypes {
  readonly body: Block;
  /** The type to declare a variable with: of those that are no text it is their own. */
  readonly typeOf: (local: Local) => Type;
}

/** Settles what each variable of text is declared as. */
export function settleTexts(params: readonly Local[], body: Block, uncheckedIndexedAccess: boolean): TextTypes {
  const { body: settled, absences } = settleAbsentTexts(params, body, uncheckedIndexedAccess);
  const told = findToldTexts(params, settled);
  const typeOf = (local: Local): Type => {
    if (local.type.kind !== "opaque") return local.type;
    const texts = told.get(local);
    const own = texts === undefined ? "no" : absenceInText(local.type);
    const absence = absences.get(local) ?? (own === "no" ? undefined : own);
    // What else is read of a variable of text is there, where the user's own tests say so.
    return { kind: "opaque", text: texts ?? local.type.text, ...(absence === undefined ? {} : { absence }) };
  };
  return { body: settled, typeOf };
}
