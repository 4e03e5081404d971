/** What all instances share: `V.prototype.isVector = true`, and methods that are read as values. */
import ts from "typescript";
import type { Literal } from "../ir/ir.js";
import { baseOf, memberOfMaker, type Maker, type Member } from "./class-members.js";
import { memberOf, prototypeOf } from "./entity.js";
import { loadedFunction, loadedProgram } from "./loading/loading.js";
import { get } from "./loading/members.js";
import { isPrimitive } from "./loading/values.js";
import { exactValue } from "./module-constants.js";
import type { LoweringSession } from "./session.js";
import { writesTo } from "./writes.js";

export type SharedMember =
  | { readonly kind: "constant"; readonly value: Literal }
  | { readonly kind: "method"; readonly member: Member }
  | { readonly kind: "none" }
  /** There may be one. */
  | { readonly kind: "unknown" };

/** What an instance of exactly this class or function inherits under a name. */
export function sharedMember(session: LoweringSession, maker: Maker, name: string): SharedMember {
  let isOpen = false;
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    const prototype = prototypeOf(session, at);
    const found = prototype === null ? null : memberOf(session, prototype, name);
    if (found?.kind === "value" && ts.isExpression(found.node)) {
      const value = exactValue(session, found.node);
      if (value !== undefined) return { kind: "constant", value };
    }
    const given = givenByConstructor(session, at, name);
    if (given !== undefined) return { kind: "constant", value: given };
    if (prototype === null || writesTo(session, prototype, name)?.length !== 0) isOpen = true;
    at = baseOf(session, at);
  }
  const member = memberOfMaker(session, maker, name, "method");
  if (member !== null) return { kind: "method", member };
  const held = loadedMember(session, maker, name);
  if (held !== undefined) return held;
  return isOpen ? { kind: "unknown" } : { kind: "none" };
}

/**
 * What a constructor gives the prototype of its own class, each time the same: whoever has an instance finds it there.
 *
 *   class V { constructor() { V.prototype.isVector = true; } }
 */
export function givenByConstructor(session: LoweringSession, maker: Maker, name: string): Literal {
  const prototype = prototypeOf(session, maker);
  const writes = prototype === null ? null : writesTo(session, prototype, name);
  const [first, ...others] = writes ?? [];
  if (first === undefined) return undefined;
  const value = exactValue(session, first);
  const isOwn = (node: ts.Node): boolean => {
    const within = ts.findAncestor(node, ts.isFunctionLike);
    return within === maker || (within !== undefined && ts.isConstructorDeclaration(within) && within.parent === maker);
  };
  const isSame = others.every((one) => exactValue(session, one) === value);
  return isSame && [first, ...others].every(isOwn) ? value : undefined;
}

/** The same, as it is once the modules are loaded; undefined: the program says nothing. */
function loadedMember(session: LoweringSession, maker: Maker, name: string): SharedMember | undefined {
  const machine = loadedProgram(session);
  const fn = loadedFunction(session, maker);
  if (machine === null || fn === null) return undefined;
  const value = get(machine, get(machine, fn, "prototype"), name);
  if (value === undefined) return { kind: "none" };
  return isPrimitive(value) ? { kind: "constant", value } : { kind: "unknown" };
}
