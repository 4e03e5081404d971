/** What is known of fields: texts, lists and nothing in objects that nobody writes to, `{ format: "[lat,lon]" }`, and which of several things. */
import ts from "typescript";
import { isText, type Field, type Literal, type Type, type Value } from "../ir/ir.js";
import { isAbsence } from "../ir/join-types.js";
import { refused, type Cursor } from "./environment.js";
import { functionsIn } from "./function-value.js";
import type { LoweringSession } from "./session.js";

/** Notes what is in an object that was just made; `parts` in the order of its fields. */
export function noteKnownFields({ session, block }: Cursor, object: Value, parts: readonly Value[]): void {
  const { type } = object;
  if (type.kind !== "record") return;
  const isKnown = (part: Value): boolean => typeof block.literalOf(part) === "string" || isConstant(session, part);
  const known = type.fields.flatMap(({ name }, k) => {
    const part = parts[k];
    return part !== undefined && isKnown(part) ? [[name, part] as const] : [];
  });
  if (known.length > 0) session.knownFields.set(object, new Map(known));
}

/** The keys that a literal gives to its object for certain, and the fields of its type that it leaves out. */
export interface LiteralKeys {
  readonly given: ReadonlySet<string>;
  readonly leftOut: ReadonlySet<string>;
  /** Keys that it has where the objects that were copied have them. */
  readonly copied: ReadonlyMap<string, readonly KeySource[]>;
}

/** An object that was copied. */
export interface KeySource {
  readonly object: Value;
  /** Is it one for certain, and not nothing? */
  readonly isThere: boolean;
}

/** May an object of a type with this field be without it? */
export const mayLackKey = ({ type, mayBeLeftOut }: Field): boolean => type.kind === "optional" || mayBeLeftOut === true;

/** Notes which keys an object of a literal has; `parts`: what it is given, `perhaps` those that it need not have. */
export function noteLiteralKeys(
  { session }: Cursor,
  object: Value,
  parts: ReadonlyMap<string, Value>,
  perhaps: ReadonlyMap<string, readonly KeySource[]>,
): void {
  const { type } = object;
  if (type.kind !== "record") return;
  const names = type.fields.map(({ name }) => name);
  const isThere = (value: Value | undefined): boolean =>
    value !== undefined && value.type.kind !== "optional" && value.type.kind !== "opaque";
  session.literalKeys.set(object, {
    given: new Set(
      names.filter((name) => !perhaps.has(name) && (isThere(parts.get(name)) || isTextual(parts.get(name)))),
    ),
    leftOut: new Set(names.filter((name) => !parts.has(name))),
    copied: perhaps,
  });
}

const isTextual = (value: Value | undefined): boolean => value !== undefined && isText(value.type);

/** A key of an object: one that it has for certain, or one that it may have. */
export interface LiteralKey {
  readonly name: string;
  readonly isSure: boolean;
}

/** The keys that an object has, in the order of its fields; null: it may have others. */
export function keysOfLiteral({ session }: Cursor, object: Value): readonly LiteralKey[] | null {
  const { type } = object;
  if (type.kind !== "record" || !session.complete.has(object)) return null;
  // Functions are keys too, and so is what an instance inherits from the prototype of a function.
  const maker = session.makers.get(type);
  if (
    functionsIn(session, object) !== undefined ||
    session.functionMembers.has(object) ||
    (maker !== undefined && !ts.isClassLike(maker))
  )
    return null;
  const known = session.literalKeys.get(object);
  const keys: LiteralKey[] = [];
  for (const { name, type: held, mayBeLeftOut } of type.fields) {
    const isSure = (held.kind !== "optional" && mayBeLeftOut !== true) || known?.given.has(name) === true;
    const isLeftOut = known?.leftOut.has(name) === true && !isWritten(session, object, name);
    if (!isLeftOut) keys.push({ name, isSure });
  }
  // Keys that look like positions come first.
  return keys.some(({ name }) => /^\d/.test(name)) ? null : keys;
}

/** Which object to ask for a key of a copy: `"b" in { ...p }` is `"b" in p`, as long as neither is written. */
export function holderOfKey(session: LoweringSession, object: Value, name: string): Value {
  const [source, ...others] = session.literalKeys.get(object)?.copied.get(name) ?? [];
  if (source?.isThere !== true || others.length > 0) return object;
  if (isWritten(session, object, name) || isWritten(session, source.object, name)) return object;
  return holderOfKey(session, source.object, name);
}

/** The text that a field of an object holds; undefined: it is not known. */
export function knownField({ session, block }: Cursor, object: Value, name: string): Literal {
  const part = session.knownFields.get(object)?.get(name);
  if (part === undefined || (!session.moduleValues.has(object) && isWritten(session, object, name))) return undefined;
  return block.literalOf(part);
}

/** Nothing, or a list of a module, of which the elements are known: nobody writes it. */
const isConstant = ({ givenLists, moduleValues }: LoweringSession, value: Value): boolean =>
  isAbsence(value.type) || (givenLists.has(value) && moduleValues.has(value));

/** The objects that a field of some name is written in, or is known of, by the keys of their types: `a b? c`; null: any. */
export type FieldWrites = Map<string, Set<string | null>>;

/**
 * Is a member of this name given to something that is made already, by what the function calls? As long as nothing of that
 * kind was lowered, it is taken for granted that nothing is.
 */
export function isWritten(session: LoweringSession, object: Value, name: string): boolean {
  const { writtenFields, unwrittenFields } = session;
  const known = madeAs(session, object.type);
  if (writtenFields.has(anyField) || [...(writtenFields.get(name) ?? [])].some((into) => mayBe(known, into)))
    return true;
  unwrittenFields.set(name, (unwrittenFields.get(name) ?? new Set()).add(known));
  return false;
}

/** Functions of which the source is not read may write any. */
export const anyField = "*";

/** Notes that a field of an object is written. Where it was taken for granted that none is, all is lowered once more. */
export function noteFieldWrite(cursor: Cursor, name: string, node: ts.Node, into: Type | null = null): void {
  const { session } = cursor;
  const { writtenFields, unwrittenFields } = session;
  const written = into === null ? null : madeAs(session, into);
  if (writtenFields.get(name)?.has(written) === true) return;
  writtenFields.set(name, (writtenFields.get(name) ?? new Set()).add(written));
  const known = name === anyField ? [...unwrittenFields.values()] : [unwrittenFields.get(name) ?? []];
  if (!known.some((objects) => [...objects].some((one) => mayBe(one, written)))) return;
  session.learnt++;
  // What is learnt takes back that it was refused.
  refused(cursor, node, "EZ2001", {
    what: `\`${node.getText()}\`, which changes a text,`,
    advice: "make a new object",
  });
}

/** The keys of what a literal or a constructor makes; null: of any other type it is not known what it stands for. */
function madeAs({ shapes }: LoweringSession, type: Type): string | null {
  if (type.kind !== "record" || type.members !== undefined || !shapes.has(type)) return null;
  return type.fields
    .map((one) => `${one.name}${mayLackKey(one) ? "?" : ""}`)
    .sort()
    .join("\n");
}

/** May an object stand where another type is expected? It may have more members than that tells of. */
function mayBe(object: string | null, as: string | null): boolean {
  if (object === null || as === null) return true;
  const names = new Set(object.split("\n").map((one) => one.replace(/\?$/, "")));
  return as.split("\n").every((one) => one === "" || one.endsWith("?") || names.has(one));
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
  if (part !== undefined && isConstant(session, part) && !isWritten(session, base, name)) return part;
  if (session.settledFields.get(base.type)?.has(name) === true) session.present.add(value);
  return value;
}
