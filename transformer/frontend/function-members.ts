/**
 * Functions and arrays that carry members: `interpolate.distance = d; return interpolate;`
 *
 * While a function is lowered they are variables, as those of an object that is not made yet are. They belong to a
 * function that another one has made, or to an array of a literal; what a function of a module is given lasts, and is
 * refused where it is assigned. An array that was kept somewhere in between is not known to be the one with the members:
 * who asks it for one of these names is refused.
 */
import type { Value } from "../ir/ir.js";
import type { Callable, Cursor, Slot } from "./environment.js";
import { callableOf } from "./function-value.js";
import type { LoweringSession } from "./session.js";

/** The variable of a member that is assigned; null: the value is no function, or one of a module, and no array made here. */
export function assignedMember({ session }: Cursor, base: Value, name: string): Slot | null {
  const owner = ownerOf(session, base, name);
  if (owner === null) return null;
  if (owner === base && !session.arrayMembers.has(name)) {
    session.arrayMembers.add(name);
    // Somebody was told already that no array has it: the function is lowered once more.
    if (session.askedInVain.has(name)) {
      session.learnt++;
      return null;
    }
  }
  const members = session.functionMembers.get(owner) ?? new Map<string, Slot>();
  session.functionMembers.set(owner, members);
  const known = members.get(name);
  if (known !== undefined) return known;
  const slot: Slot = { variable: { name }, key: {}, type: null, late: false, shared: true };
  members.set(name, slot);
  return slot;
}

/** What is given the member: the function, whatever stands for it, or the array. */
function ownerOf(session: LoweringSession, base: Value, name: string): Callable | Value | null {
  const callable = callableOf(session, base);
  if (callable !== null) return isMadeHere(callable) ? callable : null;
  const isOfArray = session.literalCounts.has(base) && !(name in Array.prototype) && !/^\d/.test(name);
  return isOfArray ? base : null;
}

/** What a member of a function or an array holds on the way that leads here; null: it is not known to have one. */
export function memberOfFunction({ session, env }: Cursor, base: Value, name: string): Value | null {
  const slot = session.functionMembers.get(callableOf(session, base) ?? base)?.get(name);
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
    case "ofNumber":
    case "class":
    case "derivative":
    case "pullback":
      return false;
  }
}
