/** What is known of fields: the texts in objects that nobody writes to, as `{ format: "[lat,lon]" }`, and which of several things. */
import ts from "typescript";
import type { Literal, Type, Value } from "../ir/ir.js";
import type { Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";
import { writesIn } from "./writes.js";

/** Notes what is in an object that was just made; `parts` in the order of its fields. */
export function noteKnownFields({ session, block }: Cursor, object: Value, parts: readonly Value[]): void {
  const { type } = object;
  if (type.kind !== "record") return;
  const texts = type.fields.flatMap(({ name }, k) => {
    const part = parts[k];
    return part !== undefined && typeof block.literalOf(part) === "string" ? [[name, part] as const] : [];
  });
  if (texts.length > 0) session.knownFields.set(object, new Map(texts));
}

/** The text that a field of an object holds; undefined: it is not known. */
export function knownField({ session, block }: Cursor, object: Value, name: string): Literal {
  const part = session.knownFields.get(object)?.get(name);
  if (part === undefined || (!session.moduleValues.has(object) && isWritten(session, name))) return undefined;
  return block.literalOf(part);
}

/** Does any file of the program give a member of this name to something that is made already? */
const isWritten = (session: LoweringSession, name: string): boolean =>
  session.program
    .getSourceFiles()
    .some((file) => !file.isDeclarationFile && file.text.includes(name) && isWrittenIn(session, file, name));

function isWrittenIn(session: LoweringSession, file: Parameters<typeof writesIn>[1], name: string): boolean {
  const { named, merged } = writesIn(session, file);
  return merged.length > 0 || (named.get(name) ?? []).some(({ target }) => target.kind !== ts.SyntaxKind.Identifier);
}

/** Notes the fields of objects of a type that were one of several things, and are now known to be of one kind. */
export function noteSettledFields({ session }: Pick<Cursor, "session">, type: Type, names: ReadonlySet<string>): void {
  if (names.size > 0) session.settledFields.set(type, names);
}

/** What was read from a field: of what is known to be of one kind it needs not be asked whether it is there. */
export function fieldRead({ session }: Pick<Cursor, "session">, base: Value, name: string, value: Value): Value {
  if (session.settledFields.get(base.type)?.has(name) === true) session.present.add(value);
  return value;
}
