/**
 * Variables of text that are given nothing, too: they are declared so, and marked as present where only text may stand.
 *
 *   let name: string = undefined; for (..) { names[i] = name; }
 *   =>   let name: string | undefined = undefined; for (..) { names[i] = name!; }
 *
 * TypeScript forgets what the user's own tests have said where the value goes through such a variable.
 */
import { isText, type Type } from "../ir/ir.js";
import { bothAbsences, presentOpaque } from "../ir/join-types.js";
import { elementOf, heldIn, typeOfPart } from "./literal-types.js";
import {
  assignedBy,
  eachStatement,
  mapParts,
  mapStatement,
  partsOf,
  type Block,
  type Expression,
  type Local,
  type Place,
  type Statement,
} from "./tree.js";

type Absence = "undefined" | "null" | "either";

export interface AbsentTexts {
  readonly body: Block;
  /** How such a variable is absent. */
  readonly absences: ReadonlyMap<Local, Absence>;
}

/**
 * Marks texts as present where they have to be, and finds how each variable may be nothing. `uncheckedIndexedAccess`: a
 * character of a text may be undefined to TypeScript.
 */
export function settleAbsentTexts(params: readonly Local[], body: Block, uncheckedIndexedAccess: boolean): AbsentTexts {
  const isUnchecked = (one: Expression): boolean => uncheckedIndexedAccess && isCharacter(one);
  const absences = findAbsences(params, body, isUnchecked);
  if (absences.size === 0 && !uncheckedIndexedAccess) return { body, absences };
  const isAbsent = (one: Expression): boolean =>
    isUnchecked(one) ||
    (one.kind === "local" && absences.has(one.local)) ||
    (one.kind === "conditional" && (isAbsent(one.then) || isAbsent(one.otherwise)));
  const mark = (one: Expression): Expression =>
    isAbsent(one) ? { kind: "unwrap", value: one, as: null, isUnrelated: false, isOfClass: false } : one;
  /** The value as it goes where a `to` stands, also in parts of what is made right there. */
  const given = (to: Type | undefined, value: Expression): Expression => {
    if (to === undefined || isOnlyText(to)) return to === undefined ? value : mark(value);
    if (value.kind !== "allocate" || value.fresh.kind !== "parts") return value;
    const { type, fresh } = value;
    const partTo = (k: number): Type | undefined =>
      type.kind === "record" ? fieldType(to, type.fields[k]?.name) : typeOfPart(to, k);
    return { ...value, fresh: { ...fresh, parts: fresh.parts.map((part, k) => given(partTo(k), part)) } };
  };
  const keyed = (place: Place): Place => (place.kind === "element" ? { ...place, index: mark(place.index) } : place);
  const expression = (one: Expression): Expression => {
    const inner = mapParts(one, expression);
    if (inner.kind === "load") return { ...inner, place: keyed(inner.place) };
    if (inner.kind === "allocate" && inner.fresh.kind === "parts") {
      const { type, fresh } = inner;
      return { ...inner, fresh: { ...fresh, parts: fresh.parts.map((part, k) => given(typeOfPart(type, k), part)) } };
    }
    if (inner.kind === "push") return { ...inner, value: given(elementOf(inner.array), inner.value) };
    if (inner.kind !== "opaque") return inner;
    // `$0.length`: a member of it is asked for. Where its type says that it may be nothing, the mark stands there already.
    const isAsked = (k: number): boolean => inner.template.includes(`$${k}.`) || inner.template.includes(`$${k}[`);
    const isSilent = (part: Expression): boolean =>
      part.kind === "local" && absences.has(part.local) && presentOpaque(part.local.type) === null;
    return { ...inner, operands: inner.operands.map((part, k) => (isSilent(part) && isAsked(k) ? mark(part) : part)) };
  };
  const block = (statements: Block): Block =>
    statements.map((statement): Statement => {
      const inner = mapStatement(statement, { expression, block, local: (local) => local });
      if (inner.kind !== "store") return inner;
      if (inner.removes === true) return { ...inner, place: keyed(inner.place) };
      return { ...inner, place: keyed(inner.place), value: given(heldIn(inner.place), inner.value) };
    });
  return { body: block(body), absences };
}

/** `text[k]` */
const isCharacter = (one: Expression): boolean => one.kind === "opaque" && one.template === "$0[$1]";

/** The variables that are given nothing, or another such variable. */
function findAbsences(
  params: readonly Local[],
  body: Block,
  isUnchecked: (value: Expression) => boolean,
): ReadonlyMap<Local, Absence> {
  const given = new Map<Local, Expression[]>();
  eachStatement(body, (statement) => {
    const isGiven = statement.kind === "assign" || statement.kind === "declare";
    if (isGiven && statement.value !== null)
      for (const local of assignedBy(statement))
        if (isText(presentOpaque(local.type) ?? local.type))
          given.set(local, [...(given.get(local) ?? []), statement.value]);
  });
  const absences = new Map<Local, Absence>();
  for (const [local, values] of given) {
    // Of a constant TypeScript remembers what a test has told.
    const own = values.length > 1 ? absenceInText(local.type) : "no";
    if (own !== "no") absences.set(local, own);
  }
  for (const one of params) {
    const absence = one.type.kind === "opaque" && isText(one.type) ? one.type.absence : undefined;
    if (absence !== undefined && [...given.values()].some((all) => all.some((value) => reads(value, one))))
      absences.set(one, absence);
  }
  const absenceGiven = (value: Expression): Absence | "no" => {
    if (value.kind === "literal") return value.value === undefined ? "undefined" : value.value === null ? "null" : "no";
    if (isUnchecked(value)) return "undefined";
    if (value.kind === "conditional") return bothAbsences(absenceGiven(value.then), absenceGiven(value.otherwise));
    return value.kind === "local" ? (absences.get(value.local) ?? "no") : "no";
  };
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const [local, values] of given) {
      const all = values.map(absenceGiven).reduce(bothAbsences, absences.get(local) ?? "no");
      if (all === "no" || all === absences.get(local)) continue;
      absences.set(local, all);
      isSettled = false;
    }
  }
  return absences;
}

const reads = (value: Expression, local: Local): boolean =>
  (value.kind === "local" && value.local === local) ||
  (value.kind === "conditional" && partsOf(value).some((part) => reads(part, local)));

/** A text, and no place for nothing. */
const isOnlyText = (type: Type | undefined): boolean =>
  type?.kind === "opaque" && isText(type) && type.absence === undefined;

/** `string | null`: how a value of the type is absent. */
export function absenceInText(type: Type): Absence | "no" {
  if (type.kind !== "opaque" || presentOpaque(type) === null) return "no";
  const parts = type.text.split(" | ");
  const isNull = parts.includes("null");
  return isNull && parts.includes("undefined") ? "either" : isNull ? "null" : "undefined";
}

const fieldType = (type: Type, name: string | undefined): Type | undefined =>
  type.kind === "record" ? type.fields.find((one) => one.name === name)?.type : undefined;
