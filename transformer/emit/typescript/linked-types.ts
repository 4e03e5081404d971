/**
 * Types that hold themselves and have no name, as what JavaScript makes of its literals: the output declares an interface.
 *
 *   { value, next: null }, and later: node.next = { value, next: null }
 *   =>   interface Linked { value: number; next: Linked | null }
 */
import type { IRFunction, RecordType, Type } from "../../ir/ir.js";
import { printType as printIrType } from "../../ir/print.js";
import { insideOf, recordsIn } from "../../ir/recursive.js";
import { walk } from "../../ir/traverse.js";
import { namedType, printMembers, type TypeNames } from "./types.js";

export interface LinkedTypes {
  readonly nameOf: TypeNames["linked"];
  /** The declarations. */
  readonly texts: readonly string[];
}

/** `isVisible`: the names of types that the file knows. `reserve` gives a name that is free, and takes it. */
export function linkedTypes(
  functions: readonly IRFunction[],
  isVisible: (name: string) => boolean,
  reserve: (name: string) => string,
): LinkedTypes {
  const known = new Map<string, { readonly name: string; readonly type: RecordType }>();
  const nameOf = (type: RecordType): string | undefined => known.get(printIrType(type))?.name;
  const note = (type: Type): void => {
    for (const record of recordsIn(type)) {
      if (record.members !== undefined || !isCircle(record, { isVisible, linked: nameOf })) continue;
      known.set(printIrType(record), { name: reserve("Linked"), type: record });
    }
  };
  for (const { params, results, body } of functions) {
    params.forEach(({ value }) => note(value.type));
    results.forEach(note);
    walk(body, (op) => op.results.forEach(({ type }) => note(type)));
  }
  const texts = [...known.values()].map(
    ({ name, type }) => `interface ${name} {\n${printMembers(type, { isVisible, linked: nameOf })}}\n`,
  );
  return { nameOf, texts };
}

/** Does a type lead back to itself through types that all have to be spelt out? */
function isCircle(record: RecordType, names: TypeNames): boolean {
  const seen = new Set<Type>();
  const leadsBack = (one: Type): boolean => {
    if (one.kind === "record" && namedType(one, names, [record]) !== null) return false;
    if (one === record) return true;
    if (seen.has(one)) return false;
    seen.add(one);
    return insideOf(one).some(leadsBack);
  };
  return namedType(record, names) === null && insideOf(record).some(leadsBack);
}
