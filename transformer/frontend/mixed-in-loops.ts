/**
 * Values that are one of several things, carried by loops: as a variable for each of their parts.
 *
 *   let r = false;  while (t) { r = x; }   =>   loop carrying isNumber = false, r = 0 { yield true x }
 */
import type { Block } from "../ir/build.js";
import { booleanType, numberType, type Literal, type Type, type Value } from "../ir/ir.js";
import { sameType } from "../ir/join-types.js";
import type { Cursor, Slot } from "./environment.js";
import {
  inOrderOfKinds,
  isMixedValue,
  joinedAlike,
  kindOf,
  knownLiteral,
  ofPieces,
  piecesOf,
  waysOf,
  type MixedValue,
} from "./mixed-value.js";
import type { LoweringSession } from "./session.js";

/** One of the things that a variable is around a loop; `key` is what is learnt about it in one pass kept under. */
export interface CarriedKind {
  readonly type: Type;
  readonly key: object;
  /** null: it is not always one. */
  readonly literal: { readonly literal: Literal } | null;
}

/** A variable of the program, and those that carry what it is. */
interface CarriedParts {
  readonly slot: Slot;
  readonly kinds: readonly CarriedKind[];
  /** null: a literal, which nobody carries. */
  readonly parts: readonly { readonly slot: Slot | null; readonly initial: Value }[];
  readonly like: MixedValue;
}

/** The parts of a variable that is one of several things around a loop; null: it is one thing. */
export function carriedParts({ session, block }: Cursor, slot: Slot, initial: Value): CarriedParts | null {
  if (isMixedValue(initial)) learnKinds(session, slot, { block, value: initial });
  const kinds = session.widenedKinds.get(slot.key);
  const like = kinds === undefined ? null : waysOf(block, initial, typesOf(kinds));
  if (kinds === undefined || like === null) return null;
  const pieces = piecesOf(like);
  const tests = pieces.length - kinds.length;
  const parts = pieces.map((piece, k) => {
    const kind = kinds[k - tests];
    if (kind === undefined) return { slot: partSlot(null, {}, booleanType), initial: piece };
    const { type, key, literal } = kind;
    if (literal === null) return { slot: partSlot(slot, key, type), initial: piece };
    return { slot: null, initial: block.constant(literal.literal, undefined, null, type) };
  });
  return { slot, kinds, parts, like };
}

const partSlot = (of: Slot | null, key: object, type: Type): Slot => ({
  variable: of?.variable ?? null,
  key,
  type,
  late: false,
  shared: false,
});

const typesOf = (kinds: readonly CarriedKind[]): readonly Type[] => kinds.map(({ type }) => type);

/** The variables that a loop carries for them. */
export const carriedSlotsOf = ({ parts }: CarriedParts): readonly { readonly slot: Slot; readonly initial: Value }[] =>
  parts.flatMap(({ slot, initial }) => (slot === null ? [] : [{ slot, initial }]));

/** The variable is what its parts say. */
export function composeParts({ slot, parts, like }: CarriedParts, { env, block }: Pick<Cursor, "env" | "block">): void {
  const pieces = parts.map((part) => (part.slot === null ? undefined : env.get(part.slot)) ?? part.initial);
  for (const part of parts) if (part.slot !== null) env.delete(part.slot);
  env.set(slot, ofPieces(block, like, pieces));
}

/** The parts say what the variable is; false: it is something that they have no place for. */
export function splitParts({ slot, kinds, parts }: CarriedParts, { env, block }: Cursor): boolean {
  const value = env.get(slot);
  const whole = value === undefined ? null : waysOf(block, value, typesOf(kinds));
  if (value === undefined || whole === null) return false;
  const found = kindsOf([{ block, value }]) ?? [];
  const isLiteral = ({ type, literal }: CarriedKind): boolean =>
    literal === null ||
    found.every((one) => joinedAlike(one.type, type) === null || one.literal?.literal === literal.literal);
  if (!kinds.every(isLiteral)) return false;
  piecesOf(whole).forEach((piece, k) => {
    const part = parts[k]?.slot ?? null;
    if (part !== null) env.set(part, piece);
  });
  return true;
}

interface Placed {
  readonly block: Block;
  readonly value: Value;
}

/** Learns that a variable is one of several things; then the body is lowered once more. */
export function learnKinds({ widenedKinds }: LoweringSession, slot: Slot, ...values: readonly Placed[]): boolean {
  const found = kindsOf(values);
  if (found === null) return false;
  const known = widenedKinds.get(slot.key) ?? [];
  const kinds = [...known];
  for (const one of found) {
    const k = kinds.findIndex((kind) => joinedAlike(kind.type, one.type) !== null);
    const kind = kinds[k];
    const type = kind === undefined ? null : joinedAlike(kind.type, one.type);
    if (kind === undefined || type === null) kinds.push({ ...one, key: {} });
    else
      kinds[k] = { type, key: kind.key, literal: kind.literal?.literal === one.literal?.literal ? kind.literal : null };
  }
  const ordered = inOrderOfKinds(kinds);
  const isSame = (one: CarriedKind, k: number): boolean =>
    known[k] !== undefined && known[k].literal === one.literal && sameType(known[k].type, one.type);
  if (ordered.length < 2 || ordered.every(isSame)) return false;
  widenedKinds.set(slot.key, ordered);
  return true;
}

/** The kinds of things that values are, together; null: of one of them nothing is known. */
function kindsOf(values: readonly Placed[]): readonly Omit<CarriedKind, "key">[] | null {
  const kinds: Omit<CarriedKind, "key">[] = [];
  for (const { block, value } of values) {
    for (const one of isMixedValue(value) ? value.ways.map((way) => way.value) : [value]) {
      const { type } = one;
      if (type.kind !== "optional") kinds.push({ type, literal: knownLiteral(block, one) });
      else if (type.absence === "either") return null;
      else {
        const isNull = type.absence === "null";
        kinds.push({ type: type.of, literal: null });
        kinds.push({
          type: { kind: "opaque", text: isNull ? "null" : "undefined" },
          literal: { literal: isNull ? null : undefined },
        });
      }
    }
  }
  if (kinds.some(({ type }) => kindOf(type) === null)) return null;
  return kinds.map((one) => (one.type.kind === "integer" ? { ...one, type: numberType } : one));
}
