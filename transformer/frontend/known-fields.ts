/** What is known of fields: texts, lists and nothing in objects that nobody writes to, `{ format: "[lat,lon]" }`, and which of several things. */
import ts from "typescript";
import type { Literal, Type, Value } from "../ir/ir.js";
import { isAbsence } from "../ir/join-types.js";
import { unwrapped } from "./assigned-symbols.js";
import type { Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";
import { writesIn } from "./writes.js";

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

/** Does any file of the program give a member of this name to something that is made already? */
const isWritten = (session: LoweringSession, name: string): boolean =>
  session.program
    .getSourceFiles()
    .some((file) => !file.isDeclarationFile && file.text.includes(name) && isWrittenIn(session, file, name));

function isWrittenIn(session: LoweringSession, file: Parameters<typeof writesIn>[1], name: string): boolean {
  const { named, merged } = writesIn(session, file);
  // What is copied into a new object changes none that is there.
  const isChanged = merged.some(({ owner }) => !ts.isObjectLiteralExpression(unwrapped(owner)));
  return isChanged || (named.get(name) ?? []).some(({ target }) => target.kind !== ts.SyntaxKind.Identifier);
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
