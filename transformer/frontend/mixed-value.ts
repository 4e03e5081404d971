/**
 * A value that is one thing on one path, and another on another, as several values: what it is of each kind, and which
 * of them it is.
 *
 *   let r = false;  if (c) r = f(x);   =>   isNumber = c;  r = if c { f(x) } else { 0 }
 *
 * It is a mark: no memory holds it. Where it would have to, the function is refused. In a branch where it is known what
 * it is, it is that.
 */
import { isAssignable } from "../ir/assignable.js";
import { makeValue, type Block } from "../ir/build.js";
import { isMap, isText, numberType, type Literal, type Origin, type Type, type Value } from "../ir/ir.js";
import { isAbsence, joinTypes } from "../ir/join-types.js";
import type { Slot } from "./environment.js";
import { errorName } from "./error-values.js";

/** One of the things that a value may be; exactly one of the tests holds. */
export interface Way {
  readonly test: Value;
  readonly value: Value;
  /** Of an object that no memory holds: the variables of its members that have a value here. */
  readonly members?: ReadonlySet<Slot>;
}

export interface MixedValue extends Value {
  readonly ways: readonly Way[];
  /** The way that is a number holds what arithmetic makes of the value, whatever it is. */
  readonly isNumeric: boolean;
}

const mixedType: Type = { kind: "opaque", text: "one of several" };

export const isMixedValue = (value: Value): value is MixedValue => "ways" in value;

export const mixedOf = (ways: readonly Way[], isNumeric: boolean, origin: Origin): MixedValue => ({
  ...makeValue(mixedType, origin),
  ways,
  isNumeric,
});

/** The first of two is the one whose test is told. */
const kinds = ["number", "reference", "text", "boolean", "error", "undefined", "null"] as const;
type Kind = (typeof kinds)[number];

/** null: what such a value is, nobody knows. */
export function kindOf(type: Type): Kind | null {
  switch (type.kind) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
    case "tuple":
    case "record":
      return "reference";
    case "opaque":
      if (isText(type)) return "text";
      if (errorName(type) !== null) return "error";
      return type.text === "undefined" || type.text === "null" ? type.text : null;
    case "optional":
      return null;
  }
}

/** Can what is one of two values be told? */
export const canBeMixed = (...values: readonly Value[]): boolean =>
  values.every((one) => isMixedValue(one) || kindOf(one.type.kind === "optional" ? one.type.of : one.type) !== null);

/** Things in the order of their kinds. */
export const inOrderOfKinds = <T extends { readonly type: Type }>(all: readonly T[]): readonly T[] => {
  const rank = ({ type }: T): number => kinds.indexOf(kindOf(type) ?? "reference");
  return [...all].sort((a, b) => rank(a) - rank(b));
};

/** What a value is on one side of a join: a test that is known there needs no value. */
interface Side extends Pick<Way, "value" | "members"> {
  readonly test: Value | boolean;
}

/** null: it may be something of which nothing is known. */
function sidesOf(block: Block, value: Value, members?: ReadonlySet<Slot>): readonly Side[] | null {
  if (isMixedValue(value)) return value.ways;
  if (members !== undefined) return [{ test: true, value, members }];
  const { type } = value;
  if (type.kind !== "optional") return kindOf(type) === null ? null : [{ test: true, value }];
  if (type.absence === "either" || kindOf(type.of) === null) return null;
  const test = makeValue({ kind: "boolean" });
  block.append({ kind: "isAbsent", results: [test], value });
  const present = makeValue(type.of, value.origin);
  block.append({ kind: "unwrap", results: [present], value });
  const nothing = block.constant(type.absence === "null" ? null : undefined);
  return [
    { test, value: nothing },
    { test: block.apply("not", [test]), value: present },
  ];
}

/** Which way it is after the join: as the branch was taken, as told, or the other of two. */
type Flag =
  | { readonly kind: "sides"; readonly whenTrue: boolean }
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "other"; readonly than: Value };

interface Joined {
  readonly type: Type;
  readonly left: Side | null;
  readonly right: Side | null;
}

/** What takes the place of two unlike values after two branches; null: it cannot be told what it is. */
export interface MixedJoin {
  readonly then: readonly Value[];
  readonly else: readonly Value[];
  readonly results: readonly Value[];
  /** What each of the results is one of: a branch that leaves something else has a stand-in there. */
  readonly sides: readonly (readonly Value[])[];
  /** Makes the value, behind the branches. */
  readonly result: (block: Block) => MixedValue;
}

/** What a branch leaves; `members` of an object that no memory holds: the variables of those that have a value. */
interface LeftBehind extends Pick<Way, "value" | "members"> {
  readonly block: Block;
}

export function joinMixed(test: Value, left: LeftBehind, right: LeftBehind, origin: Origin): MixedJoin | null {
  const a = sidesOf(left.block, left.value, left.members);
  const b = sidesOf(right.block, right.value, right.members);
  if (a === null || b === null) return null;
  const groups = grouped(a, b);
  if (groups.length < 2) return null;
  const isNumeric = groups.every(({ type }) => isPlain(type));
  const yields: { then: Value; else: Value; result: Value; sides: readonly Value[] }[] = [];
  const through = (one: Value, other: Value, type: Type, sides: readonly Value[] = [one, other]): Value => {
    const result = makeValue(type, origin);
    yields.push({ then: one, else: other, result, sides });
    return result;
  };
  const literal = (block: Block, one: Value | boolean): Value => (typeof one === "boolean" ? block.constant(one) : one);
  const flags: Flag[] = [];
  for (const group of groups) {
    const [one, other] = [group.left?.test ?? false, group.right?.test ?? false];
    const [first] = flags;
    if (typeof one === "boolean" && typeof other === "boolean") flags.push({ kind: "sides", whenTrue: one });
    else if (groups.length === 2 && first?.kind === "value") flags.push({ kind: "other", than: first.value });
    else {
      const value = through(literal(left.block, one), literal(right.block, other), { kind: "boolean" });
      flags.push({ kind: "value", value });
    }
  }
  const values = groups.map((group) => {
    const mark = markOf(group);
    if (mark !== null) return mark;
    const known = sameLiteral(left.block, group.left, right.block, group.right);
    if (known !== null) return { known: known.literal, type: group.type };
    const one = group.left?.value ?? standIn(left.block, group.type, isNumeric ? a : []);
    const other = group.right?.value ?? standIn(right.block, group.type, isNumeric ? b : []);
    const sides = [group.left, group.right].flatMap((side) => (side === null ? [] : [side.value]));
    return through(one, other, group.type, sides);
  });
  const testOf = (block: Block, flag: Flag): Value => {
    if (flag.kind === "value") return flag.value;
    if (flag.kind === "other") return block.apply("not", [flag.than]);
    return flag.whenTrue ? test : block.apply("not", [test]);
  };
  const result = (block: Block): MixedValue => {
    const ways = flags.flatMap((flag, k): readonly Way[] => {
      const value = values[k];
      if (value === undefined) return [];
      if ("members" in value) return [{ ...value, test: testOf(block, flag) }];
      const held = "known" in value ? block.constant(value.known, origin, null, value.type) : value;
      return [{ test: testOf(block, flag), value: held }];
    });
    return mixedOf(ways, isNumeric, origin);
  };
  return {
    then: yields.map((one) => one.then),
    else: yields.map((one) => one.else),
    results: yields.map((one) => one.result),
    sides: yields.map((one) => one.sides),
    result,
  };
}

/** The one way that a type has room for, where there is one: whoever declares it knows which it is. */
export function settledAs(value: MixedValue, type: Type): Value {
  // what is known by its members alone, as what a module keeps to work in, has a type without fields
  const fits = (way: Way): boolean => !isHeld(way) || isAssignable(withoutClass(way.value.type), type, false);
  const [only, another] = value.ways.filter(fits);
  return only === undefined || another !== undefined ? value : only.value;
}

/** TypeScript takes an instance for one of another class that has the same members; to it a Map is a Map. */
function withoutClass(type: Type): Type {
  if (type.kind !== "record") return type;
  if (type.instance === undefined && !type.fields.some((one) => isMap(one.type))) return type;
  const { instance: _, ...rest } = type;
  const fields = type.fields.map((one) => (isMap(one.type) ? { ...one, type: outsideMap } : one));
  return { ...rest, fields };
}

const outsideMap: Type = { kind: "opaque", text: "Map" };

/** The values that a value is made of: itself, where it is one. Of two ways the one test tells the other. */
export const piecesOf = (value: Value): readonly Value[] =>
  isMixedValue(value) ? [...toldTests(value), ...value.ways.filter(isHeld).map((way) => way.value)] : [value];

const isHeld = ({ members }: Way): boolean => members === undefined;

const toldTests = ({ ways }: MixedValue): readonly Value[] =>
  (ways.length === 2 ? ways.slice(0, 1) : ways).map((way) => way.test);

/** The same value, of other pieces. */
export function ofPieces(block: Block, value: Value, pieces: readonly Value[]): Value {
  if (!isMixedValue(value)) return pieces[0] ?? value;
  const told = toldTests(value).length;
  const [first] = pieces;
  const held = value.ways.filter(isHeld);
  const ways = value.ways.map((way, k) => ({
    ...way,
    test: k < told || first === undefined ? (pieces[k] ?? way.test) : block.apply("not", [first]),
    value: isHeld(way) ? (pieces[told + held.indexOf(way)] ?? way.value) : way.value,
  }));
  return mixedOf(ways, value.isNumeric, value.origin);
}

/** A value as one of these kinds of things, each in its place; null: it may be something else. */
export function waysOf(block: Block, value: Value, types: readonly Type[]): MixedValue | null {
  const sides = sidesOf(block, value);
  if (sides === null) return null;
  if (sides.some((side) => side.members !== undefined)) return null;
  const placed = types.map((type) => sides.find((side) => joinedAlike(type, side.value.type) !== null) ?? null);
  if (sides.some((side) => !placed.includes(side))) return null;
  const isNumeric = types.every(isPlain) && (!isMixedValue(value) || value.isNumeric);
  const ways = types.map((type, k): Way => {
    const side = placed[k] ?? null;
    const test = side?.test ?? false;
    return {
      test: typeof test === "boolean" ? block.constant(test) : test,
      value: side?.value ?? standIn(block, type, isNumeric ? sides : []),
    };
  });
  return mixedOf(ways, isNumeric, value.origin);
}

/** What is a number to arithmetic. */
const isPlain = (type: Type): boolean => !["text", "reference"].includes(kindOf(type) ?? "");

/** The sides side by side, where they are of one type. */
function grouped(left: readonly Side[], right: readonly Side[]): readonly Joined[] {
  const groups: Joined[] = left.map((one) => ({ type: one.value.type, left: one, right: null }));
  for (const one of right) {
    const { type } = one.value;
    const isAlike = ({ left: other, right: taken, type: of }: Joined): boolean =>
      taken === null &&
      (one.members === undefined && other?.members === undefined
        ? joinedAlike(of, type) !== null
        : one.value === other?.value);
    const k = groups.findIndex(isAlike);
    const group = groups[k];
    const joined = group === undefined ? null : joinedAlike(group.type, type);
    if (group === undefined || joined === null) groups.push({ type, left: null, right: one });
    else groups[k] = { ...group, type: joined, right: one };
  }
  return inOrderOfKinds(groups).map((group) => {
    const isPartial = group.left === null || group.right === null;
    return isPartial && group.type.kind === "integer" ? { ...group, type: numberType } : group;
  });
}

/** An object that no memory holds needs no value of its own; only what both sides gave it is there. */
function markOf({ left, right }: Joined): Required<Pick<Way, "value" | "members">> | null {
  const [one, other] = [left ?? right, right ?? left];
  if (one?.members === undefined || other?.members === undefined) return null;
  const { members } = other;
  return { value: one.value, members: new Set([...one.members].filter((slot) => members.has(slot))) };
}

/** One type for two values of one kind; null: they are unlike. */
export function joinedAlike(a: Type, b: Type): Type | null {
  const kind = kindOf(a);
  return kind !== null && kind === kindOf(b) ? joinTypes(a, b) : null;
}

/** What a way holds on all paths, if that is one literal. */
function sameLiteral(
  left: Block,
  one: Side | null,
  right: Block,
  other: Side | null,
): { readonly literal: Literal } | null {
  const literals = [
    ...(one === null ? [] : [knownLiteral(left, one.value)]),
    ...(other === null ? [] : [knownLiteral(right, other.value)]),
  ];
  const [first] = literals;
  return first == null || literals.some((at) => at?.literal !== first.literal) ? null : first;
}

/** null, undefined, true, false and text; a number is what arithmetic makes of the other ways, too. */
export function knownLiteral(block: Block, value: Value): { readonly literal: Literal } | null {
  if (isAbsence(value.type)) return { literal: kindOf(value.type) === "null" ? null : undefined };
  const literal = block.literalOf(value);
  return literal === undefined || typeof literal === "number" ? null : { literal };
}

/** What a way holds where the value is something else: for a number, what arithmetic makes of that. */
function standIn(block: Block, type: Type, others: readonly Side[]): Value {
  switch (type.kind) {
    case "number":
    case "integer":
      return asNumber(block, others);
    case "boolean":
      return block.constant(false);
    default: {
      const result = makeValue(type);
      const nothing = block.constant(undefined, undefined, null, { kind: "optional", of: type });
      block.append({ kind: "unwrap", results: [result], value: nothing });
      return result;
    }
  }
}

/** null and false are 0 in arithmetic, true is 1, undefined and errors are NaN. */
function asNumber(block: Block, sides: readonly Side[]): Value {
  const [first, ...others] = sides;
  if (first === undefined) return block.constant(0, undefined, null, numberType);
  const number = (): Value => {
    const { value } = first;
    const kind = kindOf(value.type);
    if (kind === "undefined" || kind === "error") return block.constant(NaN, undefined, null, numberType);
    if (kind !== "boolean") return block.constant(0, undefined, null, numberType);
    const literal = block.literalOf(value);
    if (typeof literal === "boolean") return block.constant(Number(literal), undefined, null, numberType);
    return block.apply("toNumber", [value]);
  };
  if (others.length === 0 || first.test === true) return number();
  const rest = asNumber(block, others);
  if (typeof first.test === "boolean") return rest;
  const result = makeValue(numberType);
  const [then, otherwise] = [block.inner(), block.inner()];
  const one = number();
  block.if(first.test, then.yield([], [one]), otherwise.yield([], [rest]), [result]);
  return result;
}
