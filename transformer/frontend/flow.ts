/**
 * The ways through a stretch of statements, as a tree of regions that are still open.
 *
 * Nothing is joined before it is known what follows. What follows a statement goes on in the one branch that reaches it
 * (`if (c) return a; rest` becomes `if c { a } else { rest }`), or after the `if` where all branches do; a flag that
 * tells how a branch ended is made only where several branches of a mixed tree reach what follows.
 */
import { makeValue, type Block } from "../ir/build.js";
import { isAssignable } from "../ir/assignable.js";
import { inventedOrigin, isReference, numberType, type Origin, type Region, type Type, type Value } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { isAbsence } from "../ir/join-types.js";
import { placeholder, type Environment, type Outcome, type Slot } from "./environment.js";
import { keepClass } from "./exact-class.js";
import { functionValue } from "./function-value.js";
import { changedList } from "./grown-list.js";
import { behindBranch, capturedBehind, choiceOf, isBoundObject, joinedType, joinObjects } from "./join-functions.js";
import { isMixedValue, joinMixed, kindOf, ofPieces, piecesOf, type MixedJoin } from "./mixed-value.js";
import type { LoweringSession } from "./session.js";

interface Place {
  readonly block: Block;
  readonly env: Environment;
  readonly session: LoweringSession;
}

export interface Leaf extends Place {
  readonly kind: "leaf";
  readonly outcome: Outcome;
}
export interface Thrown extends Place {
  readonly kind: "thrown";
  readonly value: Value;
}
export interface Fork extends Place {
  readonly kind: "fork";
  readonly test: Value;
  readonly then: Flow;
  readonly else: Flow;
}
/** `block` and `env` are those in which the stretch begins, so that more can be added after it is gathered. */
export type Flow = Leaf | Thrown | Fork;

export const leaf = ({ block, env, session }: Place, outcome: Outcome): Leaf => ({
  kind: "leaf",
  block,
  env,
  session,
  outcome,
});
export const thrown = ({ block, env, session }: Place, value: Value): Thrown => ({
  kind: "thrown",
  block,
  env,
  session,
  value,
});
export const fork = ({ block, env, session }: Place, test: Value, then: Flow, otherwise: Flow): Fork => ({
  kind: "fork",
  block,
  env,
  session,
  test,
  then,
  else: otherwise,
});

/** How a flow can end, in order of appearance; throwing is not among it. */
export function outcomesOf(flow: Flow, into = new Set<Outcome>()): Set<Outcome> {
  if (flow.kind === "leaf") into.add(flow.outcome);
  else if (flow.kind === "fork") {
    outcomesOf(flow.then, into);
    outcomesOf(flow.else, into);
  }
  return into;
}

/** A flag that may be known without running. */
export type Flag = Value | boolean;

export type Gathered =
  | { readonly kind: "thrown"; readonly value: Value }
  | { readonly kind: "reached"; readonly flags: readonly Flag[]; readonly final: boolean };

/**
 * Closes all regions of a flow, so that its first block and environment go on behind it. `tests` ask how the flow ended;
 * the answers come as flags.
 */
export function gather(flow: Flow, tests: readonly ((outcome: Outcome) => boolean)[]): Gathered {
  if (flow.kind === "leaf") {
    return { kind: "reached", flags: tests.map((test) => test(flow.outcome)), final: flow.outcome.final };
  }
  if (flow.kind === "thrown") return { kind: "thrown", value: flow.value };
  const then = gather(flow.then, tests);
  const otherwise = gather(flow.else, tests);
  if (then.kind === "thrown") {
    if (otherwise.kind === "reached") {
      const flags = joinOne(flow, flow.else, otherwise, (region) => [throwing(flow.then, then.value), region]);
      return { ...otherwise, flags };
    }
    const error = makeValue({ kind: "opaque", text: "unknown" }, then.value.origin);
    const branches = [flow.then.block.yield([], [then.value]), flow.else.block.yield([], [otherwise.value])] as const;
    flow.block.if(flow.test, ...branches, [error]);
    return { kind: "thrown", value: error };
  }
  if (otherwise.kind === "thrown") {
    const flags = joinOne(flow, flow.then, then, (region) => [region, throwing(flow.else, otherwise.value)]);
    return { ...then, flags };
  }
  const lost = sideWithoutElement(flow, then.final && otherwise.final);
  if (lost === null) return joinBoth(flow, then, otherwise);
  const [left, kept, end] = lost === "then" ? [flow.then, flow.else, otherwise] : [flow.else, flow.then, then];
  const nothing = throwing(left, notThere(left));
  const flags = joinOne(flow, kept, end, (region) => (lost === "then" ? [nothing, region] : [region, nothing]));
  return { ...end, flags };
}

/**
 * A function that asks for an element in order to find out what it was given goes on with another kind of thing where the
 * element is not there. That is left to those who hand over something else: an array that is merely too short ends here.
 *
 *   typeof rows[0][0] !== "undefined" ? copy(rows) : rows.map((x) => [x])      of rows: number[][]
 */
function sideWithoutElement(flow: Fork, final: boolean): "then" | "else" | null {
  const { session, test } = flow;
  const absent = session.elementTests.get(test);
  if (absent === undefined) return null;
  const isUnlike = joinedSlots(flow, final).some((slot) => {
    const [left, right] = [flow.then.env.get(slot), flow.else.env.get(slot)];
    if (left === undefined || right === undefined || left === right) return false;
    const areReferences = [left, right].every((one) => !isMixedValue(one) && kindOf(one.type) === "reference");
    return areReferences && joinedType(session, left, right, slot.type) === null;
  });
  return isUnlike ? (absent ? "then" : "else") : null;
}

function notThere({ block }: Flow): Value {
  const error: Value = makeValue({ kind: "opaque", text: "RangeError" });
  const message = "an array is too short to tell what it holds, which a derivative cannot follow";
  block.append({
    kind: "opaque",
    results: [error],
    template: `new RangeError(${JSON.stringify(message)})`,
    operands: [],
    effects: pure,
  });
  return error;
}

type Reached = Gathered & { readonly kind: "reached" };

const throwing = (flow: Flow, value: Value): Region => flow.block.region([], { kind: "throw", value });

/** The other branch throws: what this one leaves behind is what is there afterwards. */
function joinOne(
  flow: Fork,
  branch: Flow,
  reached: Reached,
  arrange: (region: Region) => readonly [Region, Region],
): readonly Flag[] {
  const yields: Value[] = [];
  const results: Value[] = [];
  const carried: { readonly slot: Slot; readonly value: Value; readonly pieces: readonly Value[] }[] = [];
  const flags = reached.flags.map((flag) => {
    if (typeof flag === "boolean") return flag;
    yields.push(flag);
    const result = makeValue(flag.type);
    results.push(result);
    return result;
  });
  const handOut = (value: Value, origin = value.origin): Value => {
    const result = makeValue(value.type, origin);
    yields.push(value);
    results.push(result);
    return result;
  };
  const { session } = flow;
  const kept = [...branch.env.keys()].filter((slot) => flow.env.has(slot) || slot.late);
  const captured = capturedBehind(session, branch.env, flow.env, kept);
  const members = membersBehind(branch, flow.env, kept);
  for (const slot of new Set([...kept, ...captured, ...members])) {
    const value = branch.env.get(slot);
    if (value === undefined || flow.env.get(slot) === value) continue;
    const fn = functionBehind(branch, value, handOut);
    if (fn !== null) {
      flow.env.set(slot, fn);
      continue;
    }
    // What stands for an object that no memory holds needs no handing out; its members are variables.
    if (session.open.has(value) && !session.closed.has(value)) {
      flow.env.set(slot, value);
      continue;
    }
    for (const piece of piecesOf(value)) refuseBound(branch, piece);
    if (session.functionLists.has(value)) {
      flow.env.set(slot, value);
      continue;
    }
    const pieces = piecesOf(value).map((piece) => {
      const result = handOut(piece, { ...piece.origin, variable: slot.variable });
      keepClass(session, result, [piece]);
      return result;
    });
    carried.push({ slot, value, pieces });
  }
  flow.block.if(flow.test, ...arrange(branch.block.yield([], yields)), results);
  for (const { slot, value, pieces } of carried) flow.env.set(slot, ofPieces(flow.block, value, pieces));
  return flags;
}

function joinBoth(flow: Fork, then: Reached, otherwise: Reached): Reached {
  const yields: { then: Value; else: Value; result: Value }[] = [];
  const mixed: { readonly slot: Slot; readonly join: MixedJoin }[] = [];
  const [a, b] = [flow.then, flow.else];
  const final = then.final && otherwise.final;
  const handOut = (value: Value, isThen: boolean): Value => {
    const result = makeValue(value.type, value.origin);
    const nothing = (block: Block): Value => placeholder(block, value.type, inventedOrigin, 0);
    yields.push({ then: isThen ? value : nothing(a.block), else: isThen ? nothing(b.block) : value, result });
    return result;
  };
  const joined = joinedSlots(flow, final);
  const members = new Set([a, b].flatMap((branch) => membersBehind(branch, flow.env, joined)));
  const nothing = (block: Block, slot: Slot, like: Value | undefined): Value =>
    members.has(slot) ? block.constant(undefined) : missing(block, slot, like);
  for (const slot of new Set([...joined, ...members])) {
    const before = flow.env.get(slot);
    const [left, right] = [a.env.get(slot), b.env.get(slot)];
    if (left === right) {
      if (left !== undefined && left !== before) flow.env.set(slot, left);
      continue;
    }
    const fn = joinedFunction(flow, left, right, handOut) ?? unlikeLists(flow, left, right);
    if (fn !== null) {
      flow.env.set(slot, fn);
      continue;
    }
    for (const piece of left === undefined ? [] : piecesOf(left)) refuseBound(a, piece);
    for (const piece of right === undefined ? [] : piecesOf(right)) refuseBound(b, piece);
    const one = left ?? nothing(a.block, slot, right);
    const other = right ?? nothing(b.block, slot, left);
    const type = isMixedValue(one) || isMixedValue(other) ? null : joinedType(flow.session, one, other, slot.type);
    const origin = { ...(left ?? other).origin, variable: slot.variable };
    const join = type === null ? joinUnlike(flow, slot, one, other, origin) : null;
    if (join !== null) {
      join.results.forEach((result, k) => {
        const [first, second] = [join.then[k], join.else[k]];
        keepClass(flow.session, result, join.sides[k] ?? []);
        if (first !== undefined && second !== undefined) yields.push({ then: first, else: second, result });
      });
      mixed.push({ slot, join });
      continue;
    }
    const result = makeValue(type ?? slot.type ?? one.type, origin);
    joinObjects(flow.session, flow.test, one, other, result);
    keepClass(
      flow.session,
      result,
      [left, right].flatMap((side) => side ?? []),
    );
    yields.push({ then: one, else: other, result });
    flow.env.set(slot, result);
  }
  const empty = yields.length === 0 && a.block.ops.length === 0 && b.block.ops.length === 0;
  const flags = then.flags.map((flag, k): Flag => {
    const other = otherwise.flags[k] ?? false;
    if (flag === other) return flag;
    if (empty && flag === true && other === false) return flow.test;
    const literal = (block: Block, one: Flag): Value => (typeof one === "boolean" ? block.constant(one) : one);
    const result = makeValue({ kind: "boolean" });
    yields.unshift({ then: literal(a.block, flag), else: literal(b.block, other), result });
    return result;
  });
  if (yields.length > 0 || a.block.ops.length > 0 || b.block.ops.length > 0) {
    flow.block.if(
      flow.test,
      a.block.yield(
        [],
        yields.map((one) => one.then),
      ),
      b.block.yield(
        [],
        yields.map((one) => one.else),
      ),
      yields.map((one) => one.result),
    );
  }
  for (const one of yields) noteRuling(flow, one);
  for (const { slot, join } of mixed) flow.env.set(slot, join.result(flow.block));
  return { kind: "reached", flags, final };
}

/**
 * What a test tells that a branch has answered: behind `if (a) return true; return b;` both have failed where the answer
 * is false.
 */
function noteRuling(
  { session: { rulings }, test, then, else: otherwise }: Fork,
  sides: { readonly then: Value; readonly else: Value; readonly result: Value },
): void {
  if (sides.result.type.kind !== "boolean") return;
  const [yes, no] = [then.block.literalOf(sides.then), otherwise.block.literalOf(sides.else)];
  const literal = typeof yes === "boolean" ? yes : no;
  if (typeof literal !== "boolean") return;
  const asked = rulings.get(test);
  if (asked !== undefined && typeof yes === "boolean" && no === !yes) {
    rulings.set(sides.result, yes ? asked : { whenTrue: asked.whenFalse, whenFalse: asked.whenTrue });
    return;
  }
  // The answer that only the other side gives.
  const tested = typeof yes === "boolean" ? asked?.whenFalse : asked?.whenTrue;
  const other = rulings.get(typeof yes === "boolean" ? sides.else : sides.then);
  const told = [...(tested ?? []), ...((literal ? other?.whenFalse : other?.whenTrue) ?? [])];
  if (told.length === 0) return;
  rulings.set(sides.result, literal ? { whenTrue: [], whenFalse: told } : { whenTrue: told, whenFalse: [] });
}

/** Two values without a type in common; null: the variable has one that holds both, or it cannot be told what it is. */
function joinUnlike(
  { test, then, else: otherwise }: Fork,
  slot: Slot,
  one: Value,
  other: Value,
  origin: Origin,
): MixedJoin | null {
  const { type } = slot;
  if (type !== null && [one, other].every((side) => !isMixedValue(side) && isAssignable(side.type, type, true)))
    return null;
  return joinMixed(test, leftBehind(then, one), leftBehind(otherwise, other), origin);
}

/** What a branch leaves, with the members that it has given an object which no memory holds. */
function leftBehind({ block, env, session }: Place, value: Value): Parameters<typeof joinMixed>[1] {
  const slots = session.open.get(value)?.slots;
  if (slots === undefined) return { block, value };
  const given = [...slots.values()].filter((slot) => {
    const held = env.get(slot)?.type;
    return held !== undefined && held.kind !== "optional" && !isAbsence(held);
  });
  return { block, value, members: new Set(given) };
}

/** The variables of members of objects that no memory holds, where such an object leaves the branch it was first named in. */
function membersBehind({ env, session }: Place, around: Environment, leaving: Iterable<Slot>): readonly Slot[] {
  return [...leaving].flatMap((slot) => {
    const value = env.get(slot);
    if (value === undefined || value === around.get(slot)) return [];
    const objects = isMixedValue(value) ? value.ways.map((way) => way.value) : [value];
    return objects
      .flatMap((one) => [...(session.open.get(one)?.slots.values() ?? [])])
      .filter((member) => env.has(member) && !around.has(member));
  });
}

/** Variables that both branches may leave different; after the end of the function only what it returns. */
function joinedSlots(flow: Fork, final: boolean): readonly Slot[] {
  const slots = new Set<Slot>();
  if (!final) for (const slot of flow.env.keys()) slots.add(slot);
  for (const branch of [flow.then, flow.else]) {
    for (const slot of branch.env.keys()) if (slot.late) slots.add(slot);
  }
  for (const branch of [flow.then, flow.else]) {
    for (const slot of capturedBehind(flow.session, branch.env, flow.env, slots)) slots.add(slot);
  }
  return [...slots];
}

/** What stands for a function, as it is known behind a branch; null: it is none, or needs what only the branch knows. */
function functionBehind({ block, session }: Flow, value: Value, handOut: (test: Value) => Value): Value | null {
  const held = session.functions.get(value);
  const callable = held === undefined ? null : behindBranch(session, held.callable, block, handOut);
  return held === undefined || callable === null ? null : functionValue({ session }, callable, held.node);
}

/** One of two functions, or the one that is there where a path has none. */
function joinedFunction(
  flow: Fork,
  left: Value | undefined,
  right: Value | undefined,
  handOut: (test: Value, isThen: boolean) => Value,
): Value | null {
  const { session, test } = flow;
  if ([left, right].some((one) => one !== undefined && !session.functions.has(one))) return null;
  const then = left === undefined ? null : functionBehind(flow.then, left, (one) => handOut(one, true));
  const otherwise = right === undefined ? null : functionBehind(flow.else, right, (one) => handOut(one, false));
  if (left === undefined || right === undefined) return then ?? otherwise;
  const [a, b] = [then, otherwise].map((one) => (one === null ? undefined : session.functions.get(one)));
  if (a === undefined || b === undefined) return null;
  return functionValue({ session }, choiceOf(test, a.callable, b.callable), a.node);
}

/** An object must not take functions out of a branch that need what only the branch knows. */
function refuseBound({ block, session }: Flow, value: Value): void {
  if (!isBoundObject(session, value, block)) return;
  session.failures++;
  session.compilation.report("EZ2120", value.origin.span, {});
  session.poisoned.add(value);
}

/** A list of functions that is another one on each side, which is reported; null: it is none. */
function unlikeLists({ session, block }: Flow, left: Value | undefined, right: Value | undefined): Value | null {
  const list = [left, right].find((one) => one !== undefined && session.functionLists.has(one));
  if (list === undefined || left === undefined || right === undefined) return null;
  session.failures++;
  session.compilation.report("EZ2001", list.origin.span, changedList);
  const nothing = placeholder(block, numberType, list.origin, 0);
  session.poisoned.add(nothing);
  return nothing;
}

/** A value that is never read, in the place of one that this path does not have. */
export function missing(block: Block, slot: Slot, like: Value | undefined): Value {
  if (like !== undefined && isMixedValue(like)) {
    const pieces = piecesOf(like).map((piece) => missing(block, slot, piece));
    return ofPieces(block, like, pieces);
  }
  const type: Type = like?.type ?? slot.type ?? { kind: "number" };
  // Absent as the variable may be: of the answer of a function its type is declared.
  if (isReference(type) && type.kind !== "optional" && slot.type?.kind === "optional")
    return placeholder(block, { ...slot.type, of: type }, inventedOrigin, 0);
  if (type.kind !== "opaque") return placeholder(block, type, inventedOrigin, 0);
  // Never read, but it has to pass for the type that the variable has.
  const result = makeValue(type);
  const nothing = block.constant(undefined, inventedOrigin, null, { kind: "optional", of: type });
  block.append({ kind: "unwrap", results: [result], value: nothing });
  return result;
}

/**
 * Goes on with `rest` wherever the flow ends in `outcome`. `small`: the rest may be written several times rather than
 * be reached by a flag.
 */
export function continueAt(flow: Flow, outcome: Outcome, rest: (place: Place) => Flow, small: boolean): Flow {
  const reached = outcomesOf(flow);
  if (!reached.has(outcome) || flow.kind === "thrown") return flow;
  if (flow.kind === "leaf") return rest(flow);
  if (reached.size === 1) {
    gather(flow, []);
    return rest(flow);
  }
  const both = outcomesOf(flow.then).has(outcome) && outcomesOf(flow.else).has(outcome);
  if (small || !both) {
    return {
      ...flow,
      then: continueAt(flow.then, outcome, rest, small),
      else: continueAt(flow.else, outcome, rest, small),
    };
  }
  const others = [...reached].filter((one) => one !== outcome);
  const gathered = gather(
    flow,
    others.map((other) => (one: Outcome) => one === other),
  );
  if (gathered.kind === "thrown") return thrown(flow, gathered.value);
  return dispatch(flow, others, gathered.flags, rest);
}

/** Goes by flags to one of several outcomes, and to `otherwise` where none is set. */
export function dispatch(
  place: Place,
  outcomes: readonly Outcome[],
  flags: readonly Flag[],
  otherwise: (place: Place) => Flow,
): Flow {
  const [first, ...others] = outcomes;
  const [flag, ...flagsOfOthers] = flags;
  if (first === undefined || flag === undefined) return otherwise(place);
  if (flag === true) return leaf(place, first);
  if (flag === false) return dispatch(place, others, flagsOfOthers, otherwise);
  const nested = (): Place => ({ ...place, block: place.block.inner(), env: new Map(place.env) });
  return fork(place, flag, leaf(nested(), first), dispatch(nested(), others, flagsOfOthers, otherwise));
}
