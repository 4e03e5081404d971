/** Data that all instances share: `V.prototype.isVector = true`. */
import ts from "typescript";
import type { Literal } from "../ir/ir.js";
import { baseOf, type Maker } from "./class-members.js";
import { memberOf, prototypeOf } from "./entity.js";
import { exactValue } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** undefined: there is none, or it is no number, text or boolean. */
export function prototypeConstant(session: LoweringSession, maker: Maker, name: string): Literal {
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    const prototype = prototypeOf(session, at);
    const found = prototype === null ? null : memberOf(session, prototype, name);
    if (found?.kind === "value" && ts.isExpression(found.node)) return exactValue(session, found.node);
    at = baseOf(session, at);
  }
  return undefined;
}
