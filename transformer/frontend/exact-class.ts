/** Values that are known to be instances of one class and of none below it, behind branches that all leave such a one. */
import type { Value } from "../ir/ir.js";
import type { LoweringSession } from "./session.js";

/** `sides`: what the value is one of. */
export function keepClass({ exactClasses }: LoweringSession, result: Value, sides: readonly Value[]): void {
  const [first, ...others] = sides.map((one) => exactClasses.get(one));
  if (first !== undefined && others.every((one) => one === first)) exactClasses.set(result, first);
}
