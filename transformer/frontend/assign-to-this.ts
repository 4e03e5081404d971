/**
 * `Object.assign(this, options)` in a constructor: the fields of the instance are given what the options have.
 *
 *   class Spring { k = 1; constructor(options: Partial<Spring>) { Object.assign(this, options); } }
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { unwrapped } from "./assigned-symbols.js";
import { baseOf, type Maker } from "./class-members.js";
import { originOf, poison, refused, type Cursor } from "./environment.js";
import { functionValue } from "./function-value.js";
import { unwrapTo } from "./lower-function.js";
import { isGlobal } from "./module-constants.js";
import { fieldName, selfOf } from "./open-object.js";
import type { LoweringSession } from "./session.js";
import { noParts, spreadObject } from "./spread-object.js";

/** undefined: it is no such call, or what it assigns to is no instance that is being made. */
export function lowerAssignToThis(cursor: Cursor, node: ts.CallExpression): Value | undefined {
  const { session, env } = cursor;
  const callee = unwrapped(node.expression);
  const [target, ...sources] = node.arguments;
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== "assign") return undefined;
  if (!isGlobal(session, callee.expression, "Object") || !ts.isExpressionStatement(node.parent)) return undefined;
  // Of JavaScript's instances it is not declared which fields there are: see assign-into.
  if (isJavaScript(node.getSourceFile().fileName)) return undefined;
  if (target?.kind !== ts.SyntaxKind.ThisKeyword || node.arguments.some(ts.isSpreadElement)) return undefined;
  const self = selfOf(cursor);
  const open = self === null ? undefined : session.open.get(self);
  if (self === null || open === undefined || open.maker === null || session.closed.has(self)) return undefined;
  const { slots, maker } = open;
  const parts = noParts();
  for (const [name, slot] of slots) {
    const value = env.get(slot);
    const held = value === undefined ? undefined : session.functions.get(value);
    if (held !== undefined) parts.functions.set(name, held.callable);
    else if (value !== undefined) parts.values.set(name, value);
  }
  for (const source of sources) {
    const unset = mayBeMissing(session, source).find((name) => slots.has(name) && !isInitialized(session, maker, name));
    if (unset !== undefined) {
      const advice = "give the field a value where it is declared";
      return refused(cursor, node, "EZ2001", { what: `\`${unset}\`, which is assigned on a condition,`, advice });
    }
    if (spreadObject(cursor, source, parts) === null) return poison(cursor, node);
  }
  const other = [...parts.values.keys(), ...parts.functions.keys()].find((name) => !slots.has(name));
  if (other !== undefined) {
    const what = `\`${other}\`, which is assigned to an instance that has no such field,`;
    return refused(cursor, node, "EZ2001", { what, advice: "declare it in the class" });
  }
  for (const [name, slot] of slots) {
    const callable = parts.functions.get(name);
    const value = callable === undefined ? parts.values.get(name) : functionValue(cursor, callable, node);
    if (value === undefined || value === env.get(slot)) continue;
    // What a field always has is taken to be there: so does its type say.
    const isAlways = slot.type !== null && slot.type.kind !== "optional";
    const { type } = value;
    env.set(slot, isAlways && type.kind === "optional" ? unwrapTo(cursor, value, type.of) : value);
  }
  return cursor.block.constant(undefined, originOf(node));
}

/** The members that an object need not have, as far as the checker knows. */
function mayBeMissing({ checker }: LoweringSession, node: ts.Expression): readonly string[] {
  const type = checker.getTypeAtLocation(node);
  const present = checker.getNonNullableType(type);
  const members = present.isUnion() ? present.types : [present];
  const isSure = (name: string): boolean =>
    present === type &&
    members.every((one) => {
      const member = checker.getPropertyOfType(one, name);
      return member !== undefined && (member.flags & ts.SymbolFlags.Optional) === 0;
    });
  return members
    .flatMap((one) => checker.getPropertiesOfType(one).map(({ name }) => name))
    .filter((one) => !isSure(one));
}

/** `k = 1;` in the class or in one above it. */
function isInitialized(session: LoweringSession, maker: Maker, name: string): boolean {
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    const members = ts.isClassLike(at) ? at.members : [];
    const isGiven = members.some(
      (one) => ts.isPropertyDeclaration(one) && one.initializer !== undefined && fieldName(one.name.getText()) === name,
    );
    if (isGiven) return true;
    at = baseOf(session, at);
  }
  return false;
}
