/**
 * `Object.assign(target, ...sources)` where the target is there already, and its like: what a source has is written to it.
 *
 *   Object.assign(this, defaults, options)   =>   this.rate = defaults.rate;  if ("rate" in options) this.rate = options.rate;
 */
import type ts from "typescript";
import { field } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { saysNothing, unwrapped } from "./assigned-symbols.js";
import { findMember } from "./class-members.js";
import { branches, isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import { joinSides } from "./escape.js";
import { callableOf, functionValue, setterOf } from "./function-value.js";
import { mayLackKey } from "./known-fields.js";
import { lowerReference, memberTarget, writeTarget, type Target } from "./lower-assignment.js";
import { isAbsent, negate } from "./lower-condition.js";
import { unwrapTo } from "./lower-function.js";
import { exactClassOf } from "./lower-instance.js";
import { isMark } from "./open-object.js";
import { noParts, spreadSource, spreadValue } from "./spread-object.js";

/** undefined: the target is none whose members can be given so. */
export function assignInto(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const [into, ...others] = node.arguments;
  if (into === undefined) return undefined;
  const target = lowerReference(cursor, into);
  if (isPoisoned(cursor, target)) return poison(cursor, node);
  if (!hasMembers(cursor, target)) return undefined;
  const sources = sourcesOf(cursor, others);
  return sources.every((one) => assignFrom(cursor, target, one, node)) ? target : poison(cursor, node);
}

/** What is assigned from: all of it is there before the first member is given. */
export interface Source {
  readonly value: Value;
  readonly at: ts.Expression;
}

export const sourcesOf = (cursor: Cursor, nodes: readonly ts.Expression[]): readonly Source[] =>
  nodes.filter((at) => !saysNothing(unwrapped(at))).map((at) => ({ value: spreadSource(cursor, at), at }));

/** What a class declares to be there is taken to be. */
function asDeclared(cursor: Cursor, target: Target, value: Value): Value {
  const declared = target.kind === "member" ? target.slot.type : null;
  if (declared === null || declared.kind === "optional" || value.type.kind !== "optional") return value;
  return unwrapTo(cursor, value, value.type.of);
}

function hasMembers({ session }: Cursor, target: Value): boolean {
  const isObject = target.type.kind === "record" && target.type.members === undefined;
  return isObject || callableOf(session, target) !== null;
}

function assignFrom(cursor: Cursor, target: Value, { value: source, at }: Source, node: ts.CallExpression): boolean {
  const parts = noParts();
  const before = membersOf(cursor, target, node);
  for (const [name, value] of before) parts.values.set(name, value);
  if (spreadValue(cursor, source, at, parts) === null) return false;
  const given = new Map([...parts.values].filter(([name, value]) => before.get(name) !== value));
  for (const [name, callable] of parts.functions) given.set(name, functionValue(cursor, callable, node));
  for (const [name, value] of given) {
    if (hasSetterNamed(cursor, target, name, node)) {
      refused(cursor, node, "EZ2001", { what: `\`${name}\`, which a setter takes,`, advice: "assign it by itself" });
      return false;
    }
    const write = (to: Cursor): void => {
      const member = memberTarget(to, target, name, node);
      writeTarget(to, member, asDeclared(to, member, value), node, false);
    };
    if (mayLackMember(cursor, target, name) && parts.leftOut.has(name))
      writeIf(cursor, parts.keys.get(name) ?? negate(cursor, isAbsent(cursor, value, node), node), write);
    else write(cursor);
  }
  return true;
}

/** A member that is not there, and that the source has not, is not there afterwards. */
function writeIf(cursor: Cursor, test: Value, write: (to: Cursor) => void): void {
  const [then, otherwise] = branches(cursor, test);
  write(then);
  joinSides(cursor, test, then, otherwise);
}

function mayLackMember({ session }: Cursor, target: Value, name: string): boolean {
  const { type } = target;
  const found = type.kind === "record" ? type.fields.find((one) => one.name === name) : undefined;
  return found !== undefined && mayLackKey(found) && !session.open.has(target) && callableOf(session, target) === null;
}

/** What the members hold now: it stays where a source need not have one. */
function membersOf(cursor: Cursor, target: Value, node: ts.Node): ReadonlyMap<string, Value> {
  const { session, env, block } = cursor;
  const isThere = (value: Value | undefined): value is Value =>
    value !== undefined && !(value.type.kind === "opaque" && value.type.text === "undefined");
  const slots = session.open.get(target)?.slots ?? session.functionMembers.get(callableOf(session, target) ?? target);
  if (slots !== undefined) {
    return new Map(
      [...slots].flatMap(([name, slot]) => {
        const value = env.get(slot);
        return isThere(value) && callableOf(session, value) === null ? [[name, value] as const] : [];
      }),
    );
  }
  if (target.type.kind !== "record" || isMark(session, target)) return new Map();
  return new Map(
    target.type.fields
      .filter(({ name }) => !mayLackMember(cursor, target, name))
      .map(({ name }) => [name, block.load(field(target, name), originOf(node))] as const),
  );
}

function hasSetterNamed(cursor: Cursor, target: Value, name: string, node: ts.CallExpression): boolean {
  const [into] = node.arguments;
  if (into === undefined || target.type.kind !== "record") return false;
  if (setterOf(cursor.session, target, name) !== null) return true;
  const declared = cursor.session.checker.getTypeAtLocation(into);
  return findMember(cursor.session, declared, exactClassOf(cursor, target), name, "set") !== null;
}
