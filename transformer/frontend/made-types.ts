/** The types of objects that JavaScript makes: of instances by what makes them, of literals by their keys. */
import type { Field, RecordType, Type } from "../ir/ir.js";
import { sameType } from "../ir/join-types.js";
import type { Maker } from "./class-members.js";
import type { Shape } from "./given-later.js";
import type { LoweringSession } from "./session.js";

/** Fields of an object; `own`: its type, which one of them may hold. */
export type FieldsOf = (own: RecordType) => readonly Field[];

/** A type that is being made: it may hold itself. */
type Unfinished = RecordType & { fields: readonly Field[] };

/** One type for all instances that have the same fields, by which their methods are found wherever they go. */
export function madeType(session: LoweringSession, maker: Maker, fieldsOf: FieldsOf): RecordType {
  const known = session.madeTypes.get(maker) ?? [];
  const found = known.find((type) => hasFields(session, type, fieldsOf(type)));
  if (found !== undefined) return found;
  const type = newType(session, maker, fieldsOf);
  session.madeTypes.set(maker, [...(session.madeTypes.get(maker) ?? []), type]);
  return type;
}

export function newType(session: LoweringSession, maker: Maker, fieldsOf: FieldsOf): RecordType {
  const instance = { hidden: new Set<string>(), takesFields: false, identity: {} };
  const type: Unfinished = { kind: "record", name: null, fields: [], instance };
  session.makers.set(type, maker);
  session.shapes.set(type, maker);
  type.fields = fieldsOf(type);
  return type;
}

/** The type of objects of a literal. */
export function shapedType(
  session: LoweringSession,
  shape: Shape,
  fieldsOf: FieldsOf,
  name: string | null = null,
): RecordType {
  const type: Unfinished = { kind: "record", name, fields: [] };
  session.shapes.set(type, shape);
  type.fields = fieldsOf(type);
  return type;
}

/** The type of an object that is there once modules are loaded; `maker` null: of no class. */
export function instanceType(session: LoweringSession, maker: Maker | null, fields: readonly Field[]): RecordType {
  return maker === null ? { kind: "record", name: null, fields } : madeType(session, maker, () => fields);
}

function hasFields(session: LoweringSession, type: RecordType, fields: readonly Field[]): boolean {
  // An empty list of a node of a tree will hold nodes, as the others do.
  const isOfNodes = (known: Type, open: Type): boolean =>
    known.kind === "array" && known.element === type && session.pendingElements.has(open);
  const isSame = (one: Field, other: Field | undefined): boolean =>
    other?.name === one.name && (isIdentical(one.type, other.type) || isOfNodes(other.type, one.type));
  return type.fields.length === fields.length && fields.every((one, k) => isSame(one, type.fields[k]));
}

/** Types that stand for each other, also to whoever looks at how text and functions are called. */
export function isIdentical(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind === "record" || b.kind === "record") return false;
  if (a.kind === "opaque") return b.kind === "opaque" && a.text === b.text;
  if (a.kind === "optional" && b.kind === "optional") return a.absence === b.absence && isIdentical(a.of, b.of);
  if (a.kind === "array" && b.kind === "array") {
    const areKeys = a.keys === b.keys || (a.keys !== undefined && b.keys !== undefined && isIdentical(a.keys, b.keys));
    return a.storage === b.storage && areKeys && isIdentical(a.element, b.element);
  }
  return sameType(a, b);
}
