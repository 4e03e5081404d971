/**
 * Methods that are not those of the object: TypeScript takes an instance for one of any class that has the same members.
 *
 *   for (const curve of curves) curve.at(x)        of curves: Linear[], where one of them is a Wave
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { classesAbove, type Member } from "./class-members.js";
import type { Cursor } from "./environment.js";
import { exactClassOf } from "./lower-instance.js";

/** Does a method belong to a class that has nothing to do with the one of the object? */
export function isOfOtherClass(cursor: Cursor, base: Value, { parent }: Member): boolean {
  const lineage = base.type.kind === "record" ? base.type.instance?.lineage : undefined;
  if (lineage === undefined || !ts.isClassLike(parent) || exactClassOf(cursor, base) !== null) return false;
  const above: ReadonlySet<object> = classesAbove(cursor.session, parent) ?? new Set([parent]);
  return !lineage.some((one) => above.has(one));
}
