/**
 * Functions and arrays that carry members: `interpolate.distance = d; return interpolate;`. Objects that are given a
 * function after they were made: `const fit = { slope }; fit.predict = (x) => ...; return fit;`
 *
 * While a function is lowered they are variables, as those of an object that is not made yet are. They belong to a
 * function that another one has made, or to an array of a literal; what a function of a module is given lasts, and is
 * refused where it is assigned. An array that was kept somewhere in between is not known to be the one with the members:
 * who asks it for one of these names is refused.
 */
import type { Block } from "../ir/build.js";
import { isDictionary, type Value } from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import type { Callable, Cursor, Slot } from "./environment.js";
import { callableOf } from "./function-value.js";

/** The variable of a member that is assigned; null: the value is no function, or one of a module, and no array made here. */
export function assignedMember(cursor: Cursor, base: Value, name: string): Slot | null {
  const { session } = cursor;
  const owner = ownerOf(cursor, base, name);
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
function ownerOf({ session, block }: Cursor, base: Value, name: string): Callable | Value | null {
  const callable = callableOf(session, base);
  if (callable !== null) return isMadeHere(callable) ? callable : null;
  if (base.type.kind !== "array" && base.type.kind !== "tuple") return null;
  if (name in Array.prototype || /^\d/.test(name)) return null;
  // Under any other value it would not be known for the same array. Instances of classes may have setters.
  const isPlain = base.type.kind === "tuple" || base.type.identity === undefined;
  return session.literalCounts.has(base) || (isPlain && isMadeBy(block, base)) ? base : null;
}

/** Does a block make an object, or each way of a branch another one, for which nobody has another value? */
function isMadeBy({ ops }: Pick<Block, "ops">, value: Value): boolean {
  const op = ops.find(({ results }) => results.includes(value));
  if (op?.kind === "allocate") return true;
  if (op?.kind !== "if") return false;
  return regionsOf(op).every(({ ops: inside, exit }) => {
    if (exit.kind !== "yield") return false;
    const own = exit.values[op.results.indexOf(value)];
    return own !== undefined && exit.values.filter((one) => one === own).length === 1 && isMadeBy({ ops: inside }, own);
  });
}

/**
 * Gives an object a function as a member that it was not made with; false: it is none, or others may know the object by
 * another value, or it is given the function on some paths only.
 */
export function giveFunction(cursor: Cursor, base: Value, name: string, value: Value): boolean {
  const { session, block, env } = cursor;
  if (callableOf(session, value) === null || base.type.kind !== "record" || isDictionary(base.type)) return false;
  if (!session.complete.has(base) || session.moduleValues.has(base) || name in Object.prototype) return false;
  if (!isMadeBy(block, base)) return false;
  const members = session.functionMembers.get(base) ?? new Map<string, Slot>();
  session.functionMembers.set(base, members);
  const slot = members.get(name) ?? { variable: { name }, key: {}, type: null, late: false, shared: true };
  members.set(name, slot);
  env.set(slot, value);
  return true;
}

/** The functions that an object was given after it was made. */
export function givenFunctions({ session, env }: Cursor, base: Value): ReadonlyMap<string, Callable> {
  const found = new Map<string, Callable>();
  if (base.type.kind !== "record") return found;
  for (const [name, slot] of session.functionMembers.get(base) ?? []) {
    const callable = callableOf(session, env.get(slot));
    if (callable !== null) found.set(name, callable);
  }
  return found;
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
    case "list":
    case "derivative":
    case "pullback":
      return false;
  }
}
