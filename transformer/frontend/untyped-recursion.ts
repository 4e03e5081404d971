/**
 * Functions that call themselves, and whose types say too little: each is lowered once for the types that it is given.
 * What it answers is seen in its body. It is taken for a number first; where it is none, the body is lowered again.
 *
 *   function merge(a, b) { ... return merge(...) }   of arrays of numbers   =>   merge(a: numbers, b: numbers): numbers
 */
import ts from "typescript";
import { printType } from "../ir/print.js";
import { numberType, type Type, type Value } from "../ir/ir.js";
import { insideOf } from "../ir/recursive.js";
import { joinTypes, sameType } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import type { Cursor } from "./environment.js";
import { carriesFunctions } from "./function-value.js";
import { declaredResult, lowerCallee, variantKey, type Given } from "./lower-function.js";
import { isMixedValue } from "./mixed-value.js";
import { isMark } from "./open-object.js";
import type { CalleeSignature, LoweringSession } from "./session.js";
import { undoOf } from "./undo.js";

/** What a parameter is given whose type says too little. */
export interface UntypedGiven {
  readonly kind: "untyped";
  readonly type: Type;
  /** Is it there for certain? */
  readonly isThere: boolean;
  /** Nothing but data: whoever calls the function as it is written can hand that over. */
  readonly isPlain: boolean;
  readonly key: string;
}

export type Answer = Type | "nothing";

/** In how many variants a function may call itself: some are given another type in each call. */
const mostVariants = 8;

export const isUntyped = (given: Given): given is UntypedGiven => typeof given !== "string" && given.kind === "untyped";

/** null: a value that no parameter can take. */
export function untypedGiven(session: LoweringSession, value: Value): UntypedGiven | null {
  if (isMark(session, value) || isMixedValue(value) || carriesFunctions(session, value)) return null;
  const type = value.type.kind === "integer" ? numberType : value.type;
  if (!isSettled(session, type)) return null;
  const isThere = session.present.has(value) || session.certain.has(value);
  const isPlain = identitiesIn(session, type).length === 0;
  return { kind: "untyped", type, isThere, isPlain, key: `${shapeKey(session, type)}${isThere ? "" : "?"}` };
}

/** Tells types apart that a function is lowered for. */
export const shapeKey = (session: LoweringSession, type: Type): string =>
  [printType(type), ...identitiesIn(session, type)].join(" ");

/** Arrays of which it is not known yet what they hold cannot be handed over. */
export function isSettled(session: LoweringSession, type: Type, seen = new Set<Type>()): boolean {
  if (session.pendingElements.has(type) || session.placeholders.has(type)) return false;
  if (seen.has(type)) return true;
  seen.add(type);
  return insideOf(type).every((one) => isSettled(session, one, seen));
}

/** Types that are known by themselves, not by their fields: what made instances is known by their type. */
function identitiesIn(session: LoweringSession, type: Type): readonly number[] {
  const found: number[] = [];
  const seen = new Set<Type>();
  const visit = (one: Type): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const isKnown =
      session.makers.has(one) ||
      session.settledFields.has(one) ||
      (one.kind === "array" && one.identity !== undefined) ||
      (one.kind === "record" && (one.instance !== undefined || one.members !== undefined));
    if (isKnown) found.push(identityOf(session, one));
    insideOf(one).forEach(visit);
  };
  visit(type);
  return found;
}

function identityOf({ identities }: LoweringSession, type: Type): number {
  const known = identities.get(type) ?? identities.size;
  identities.set(type, known);
  return known;
}

/** Lowers a function for what it is given; null: it cannot be lowered by itself. */
export function lowerUntyped(
  declaration: ts.FunctionLikeDeclaration,
  name: string,
  given: readonly Given[],
  outputFile: ts.SourceFile,
  session: LoweringSession,
): CalleeSignature | null {
  const key = variantKey(given, outputFile);
  const known = session.callees.get(declaration)?.get(key);
  if (known !== undefined) return known;
  if (session.hopeless.get(declaration)?.has(key) === true) return null;
  if ((session.callees.get(declaration)?.size ?? 0) >= mostVariants) return null;
  const declared = declaredResult(declaration, session);
  // What made an instance, no declaration tells.
  const isSaid = typeof declared === "string" || !isJavaScript(declaration.getSourceFile().fileName);
  let assumed = firstAnswer(declaration, isSaid || !holdsRecord(declared) ? declared : "unknown");
  for (let attempt = 0; attempt < 3; attempt++) {
    const undo = undoOf(session);
    const signature = lowerCallee(declaration, name, given, outputFile, session, null, assumed);
    const { found } = signature;
    const isAsAssumed = assumed === null || assumed === "nothing" || (found !== null && isSame(found, assumed));
    if (signature.usable && isAsAssumed) return signature;
    undo();
    if (isAsAssumed || found === null) break;
    assumed = found;
  }
  session.hopeless.set(declaration, new Set([...(session.hopeless.get(declaration) ?? []), key]));
  return null;
}

const holdsRecord = (type: Type, seen = new Set<Type>()): boolean => {
  if (type.kind === "record") return true;
  if (seen.has(type)) return false;
  seen.add(type);
  return insideOf(type).some((one) => holdsRecord(one, seen));
};

/** Also absent in the same way: undefined, null, or both. */
const isSame = (a: Type, b: Type): boolean => sameType(a, b) && printType(a) === printType(b);

/** What a function is taken to answer at first; null: what it is declared to. */
function firstAnswer(declaration: ts.FunctionLikeDeclaration, declared: Answer | "unknown"): Answer | null {
  if (declared !== "unknown") return null;
  return hasAnswer(declaration) ? numberType : "nothing";
}

/** Does a function return anything? */
function hasAnswer({ body }: ts.FunctionLikeDeclaration): boolean {
  if (body === undefined || !ts.isBlock(body)) return true;
  const returns = (node: ts.Node): boolean =>
    (ts.isReturnStatement(node) && node.expression !== undefined) ||
    (!ts.isFunctionLike(node) && ts.forEachChild(node, (child) => returns(child) || undefined) === true);
  return returns(body);
}

/** What a body answers, in place of what it was taken to; null: there is no telling. */
export function foundAnswer(
  { session }: Cursor,
  assumed: Answer,
  value: Value,
  returned: readonly Type[],
  isSound: boolean,
): Type | null {
  const widened = (type: Type): Type => (type.kind === "integer" ? numberType : type);
  if (isMark(session, value)) return null;
  if (isSound && !isMixedValue(value)) return widened(value.type);
  const joined = (types: readonly Type[]): Type | null =>
    types.reduce<Type | null>((a, b) => (a === null ? null : joinTypes(a, b)), types[0] ?? null);
  const others = returned.filter((one) => assumed === "nothing" || !sameType(widened(one), assumed));
  const all = joined(returned) ?? joined(others);
  return all === null ? null : widened(all);
}
