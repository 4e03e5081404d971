/** What is known of fields: texts, lists and nothing in objects that nobody writes to, `{ format: "[lat,lon]" }`, and which of several things. */
import type ts from "typescript";
import type { Literal, Type, Value } from "../ir/ir.js";
import { isAbsence } from "../ir/join-types.js";
import { refused, type Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";

/** Notes what is in an object that was just made; `parts` in the order of its fields. */
export function noteKnownFields({ session, block }: Cursor, object: Value, parts: readonly Value[]): void {
  const { type } = object;
  if (type.kind !== "record") return;
  const isKnown = (part: Value): boolean => typeof block.literalOf(part) === "string" || isConstant(session, part);
  const known = type.fields.flatMap(({ name, type: held }, k) => {
    const part = parts[k];
    // What may be given later is optional.
    const isOpen = part !== undefined && isAbsence(part.type) && held.kind === "optional";
    return part !== undefined && !isOpen && isKnown(part) ? [[name, part] as const] : [];
  });
  if (known.length > 0) session.knownFields.set(object, new Map(known));
}

/** The text that a field of an object holds; undefined: it is not known. */
export function knownField({ session, block }: Cursor, object: Value, name: string): Literal {
  const part = session.knownFields.get(object)?.get(name);
  if (part === undefined || (!session.moduleValues.has(object) && isWritten(session, name))) return undefined;
  return block.literalOf(part);
}

/** Nothing, or a list of a module, of which the elements are known: nobody writes it. */
const isConstant = ({ givenLists, moduleValues }: LoweringSession, value: Value): boolean =>
  isAbsence(value.type) || (givenLists.has(value) && moduleValues.has(value));

/**
 * Is a member of this name given to something that is made already, by what the function calls? As long as nothing of that
 * kind was lowered, it is taken for granted that nothing is.
 */
function isWritten({ writtenFields, unwrittenFields }: LoweringSession, name: string): boolean {
  if (writtenFields.has(name) || writtenFields.has(anyField)) return true;
  unwrittenFields.add(name);
  return false;
}

/** Functions of which the source is not read may write any. */
export const anyField = "*";

/** Notes that a field of an object is written. Where it was taken for granted that none is, all is lowered once more. */
export function noteFieldWrite(cursor: Cursor, name: string, node: ts.Node): void {
  const { writtenFields, unwrittenFields } = cursor.session;
  if (writtenFields.has(name)) return;
  writtenFields.add(name);
  if (name === anyField ? unwrittenFields.size === 0 : !unwrittenFields.has(name)) return;
  cursor.session.learnt++;
  // What is learnt takes back that it was refused.
  refused(cursor, node, "EZ2001", {
    what: `\`${node.getText()}\`, which changes a text,`,
    advice: "make a new object",
  });
}

/** Notes the fields of objects of a type that were one of several things, and are now known to be of one kind. */
export function noteSettledFields({ session }: Pick<Cursor, "session">, type: Type, names: ReadonlySet<string>): void {
  if (names.size > 0) session.settledFields.set(type, names);
}

/**
 * What was read from a field: a list of a module and nothing as such; and of what is known to be of one kind it needs not be asked
 * whether it is there.
 */
export function fieldRead({ session }: Pick<Cursor, "session">, base: Value, name: string, value: Value): Value {
  const part = session.knownFields.get(base)?.get(name);
  if (part !== undefined && isConstant(session, part) && !isWritten(session, name)) return part;
  if (session.settledFields.get(base.type)?.has(name) === true) session.present.add(value);
  return value;
}
