/**
 * How many bodies are lowered for one function of the user's. Where types have to be found out, callees are lowered once
 * for each guess, and their callees for each of those: in a package without types that may have no end.
 */
import type ts from "typescript";
import { spanOf } from "../syntax/span.js";
import type { LoweringSession } from "./session.js";

/** Bodies of callees lowered by themselves since the function of the user's was begun. */
export interface Effort {
  bodies: number;
}

/** Ten times what the largest functions of packages were seen to take. */
const mostBodies = 300;

export const isExhausted = ({ effort }: LoweringSession): boolean => effort.bodies > mostBodies;

/** Notes that one more body is lowered; false: it is not worth it. */
export function spend(session: LoweringSession): boolean {
  if (!isExhausted(session)) session.effort.bodies++;
  return !isExhausted(session);
}

/** Says so, of the function that was begun with. */
export function reportExhausted(session: LoweringSession, declaration: ts.FunctionLikeDeclaration): void {
  session.failures++;
  session.compilation.report("EZ2001", spanOf(declaration.name ?? declaration), {
    what: "a function whose callees, and theirs, take types that have to be found out again and again",
    advice: "give these functions types, or differentiate a part that calls fewer of them",
  });
}
