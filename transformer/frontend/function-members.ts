/**
 * Functions that carry members: `interpolate.distance = d; return interpolate;`
 *
 * While a function is lowered they are variables, as those of an object that is not made yet are. They belong to a
 * function that another one has made; what a function of a module is given lasts, and is refused where it is assigned.
 */
import type { Value } from "../ir/ir.js";
import type { Callable, Cursor, Slot } from "./environment.js";
import { callableOf } from "./function-value.js";

/** The variable of a member that is assigned; null: the value is no function, or one of a module. */
export function assignedMember({ session }: Cursor, base: Value, name: string): Slot | null {
  const callable = callableOf(session, base);
  if (callable === null || !isMadeHere(callable)) return null;
  const members = session.functionMembers.get(callable) ?? new Map<string, Slot>();
  session.functionMembers.set(callable, members);
  const known = members.get(name);
  if (known !== undefined) return known;
  const slot: Slot = { variable: { name }, key: {}, type: null, late: false, shared: true };
  members.set(name, slot);
  return slot;
}

/** What a member of a function holds on the way that leads here; null: it is not known to have one. */
export function memberOfFunction({ session, env }: Cursor, base: Value, name: string): Value | null {
  const callable = callableOf(session, base);
  const slot = callable === null ? undefined : session.functionMembers.get(callable)?.get(name);
  return slot === undefined ? null : (env.get(slot) ?? null);
}

function isMadeHere(callable: Callable): boolean {
  switch (callable.kind) {
    case "closure":
      return callable.scope !== null && callable.scope.loaded === null;
    case "choice":
      return [...callable.ways.map((one) => one.callable), callable.otherwise].every(
        (one) => one !== null && isMadeHere(one),
      );
    case "math":
    case "class":
    case "derivative":
    case "pullback":
      return false;
  }
}
