/**
 * Loops: one `loop` operation each. What the body assigns is carried; how it ends becomes `stop` and, where it leaves
 * for further away than the loop's end, one flag for each such way.
 *
 *   while (t) { if (c) break; B }   =>
 *     loop carrying v { stop, v' = if t { stop, v' = if c { yield true v } else { B; yield false v' }; yield ... } else { yield true v } }
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import {
  booleanType,
  carriesDerivative,
  integerType,
  isReference,
  inventedOrigin,
  numberType,
  type Checkpoint,
  type Range,
  type Type,
  type Value,
} from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { substitute } from "../ir/traverse.js";
import { isAbsence, isTrueOf, joinTypes } from "../ir/join-types.js";
import { isMark } from "./open-object.js";
import type { LoweringSession } from "./session.js";
import { checkpointOf } from "../syntax/checkpoint.js";
import { assignedSymbols, containsReturn, isAssignmentOperator, unwrapped } from "./assigned-symbols.js";
import {
  branches,
  inner,
  originOf,
  outcome,
  placeholder,
  report,
  resumed,
  type Cursor,
  type Outcome,
  type Slot,
} from "./environment.js";
import { adopt, escaped, settle } from "./escape.js";
import { continueAt, dispatch, fork, gather, leaf, missing, outcomesOf, thrown, type Flag, type Flow } from "./flow.js";
import { lowerKnownRounds } from "./known-rounds.js";
import { lowerCondition } from "./lower-condition.js";
import { consumerSlots } from "./lower-generator.js";
import { reportMixed } from "./lower-mixed.js";
import { startOf, takeBack } from "./start-again.js";
import { carriedParts, carriedSlotsOf, composeParts, learnKinds, splitParts } from "./mixed-in-loops.js";
import { isMixedValue } from "./mixed-value.js";
import { changedList } from "./grown-list.js";
import { lowerEffect } from "./lower-expression.js";
import { lowerDeclarations, lowerStatement } from "./lower-statement.js";

/** What a loop's body is given: its round's counter, and where its ends lead. */
export interface Round {
  readonly counter: Value;
  readonly again: Outcome;
  readonly stop: Outcome;
}

const labelOf = (node: ts.Node): string | null => (ts.isLabeledStatement(node.parent) ? node.parent.label.text : null);

/** Lowers a loop; its end goes to `next`. */
export function lowerLoop(
  cursor: Cursor,
  node: ts.Node,
  range: Range | null,
  body: (at: Cursor, round: Round) => Flow,
  next: Outcome,
): Flow {
  const { session, env, frame } = cursor;
  const { returnSlot } = frame;
  const error = cursor.handler?.error ?? null;
  if (error !== null && !env.has(error)) {
    env.set(error, placeholder(cursor.block, error.type ?? { kind: "opaque", text: "unknown" }, inventedOrigin, 0));
  }
  const isReturning = returnSlot !== null && !env.has(returnSlot) && containsReturn(node);
  // What is returned is taken for a number, until it turns out to be something else.
  let returned: "guessed" | "sought" | "known" = isReturning ? "guessed" : "known";
  if (isReturning) {
    env.set(returnSlot, placeholder(cursor.block, returnSlot.type ?? { kind: "number" }, inventedOrigin, 0));
  }
  const start = startOf(session);
  for (let attempt = 0; ; attempt++) {
    const whole = carriedSlots(cursor, node);
    const mixed = whole.flatMap(({ slot, initial }) => carriedParts(cursor, slot, initial) ?? []);
    const slots = [
      ...whole.filter(({ slot }) => !mixed.some((one) => one.slot === slot)),
      ...mixed.flatMap(carriedSlotsOf),
    ];
    const types = slots.map(({ slot, initial }) => carriedType(cursor, slot, initial.type));
    const params = slots.map(({ slot, initial }, k) =>
      makeValue(types[k] ?? initial.type, { ...originOf(node, slot.variable) }),
    );
    slots.forEach(({ slot, initial }, k) => {
      const param = params[k];
      if (param === undefined) return;
      carryPresence(session, slot, initial, param);
    });
    const counter = makeValue(range?.from.type ?? integerType, inventedOrigin);
    const at = inner(cursor);
    slots.forEach(({ slot }, k) => {
      const param = params[k];
      if (param !== undefined) at.env.set(slot, param);
    });
    for (const one of mixed) composeParts(one, at);
    const round: Round = { counter, again: outcome("again"), stop: outcome("stop") };
    session.loopDepth++;
    const flow = escaped(at, body(at, round));
    session.loopDepth--;
    const exits = [...outcomesOf(flow)].filter((one) => one !== round.again);
    // A ranged loop may also end by itself, so that a lone exit still needs its flag.
    const lone = range === null && exits.length === 1;
    const far = lone ? [] : exits.filter((one) => one !== round.stop);
    const gathered = gather(flow, [(one) => one !== round.again, ...far.map((exit) => (one: Outcome) => one === exit)]);
    adopt(at, flow);
    if (gathered.kind === "thrown") {
      const region = at.block.region([counter, ...params], { kind: "throw", value: gathered.value });
      const results = [
        makeValue(integerType),
        makeValue(integerType),
        ...params.map((param) => makeValue(param.type, param.origin)),
      ];
      cursor.block.loop(
        range,
        slots.map(({ initial }) => initial),
        region,
        results,
      );
      slots.forEach(({ slot }, k) => {
        const result = results[k + 2];
        if (result !== undefined) env.set(slot, result);
      });
      for (const one of mixed) composeParts(one, cursor);
      return leaf(cursor, next);
    }
    reportChangedMarks(cursor, at, node);
    if (returnSlot !== null && returned !== "known") {
      const value = at.env.get(returnSlot);
      if (returned === "sought") {
        returned = "known";
        env.set(returnSlot, missing(cursor.block, returnSlot, value));
        continue;
      }
      returned = "known";
      if (value !== undefined && (isMixedValue(value) || joinTypes(value.type, numberType) === null)) {
        returned = "sought";
        env.delete(returnSlot);
        continue;
      }
    }
    const unsplit = mixed.filter((one) => !splitParts(one, at));
    const finals = slots.map(({ slot, initial }) => at.env.get(slot) ?? initial);
    const wider = widen(session.widened, slots, params, finals);
    const leaving = slots.filter(({ slot }, k) => learnAbsence(session, slot, params[k], finals[k])).length > 0;
    const kinds = [
      ...slots.filter(({ slot, initial }, k) => isUnlike(at, slot, params[k], finals[k], initial)),
      ...unsplit.filter(({ slot, like }) =>
        learnKinds(session, slot, { block: at.block, value: at.env.get(slot) ?? like }),
      ),
    ];
    if (attempt < 50 && (wider || leaving || kinds.length > 0)) {
      // What was refused may be right for what the variables are.
      takeBack(session, start);
      continue;
    }
    for (const { like } of unsplit) reportMixed(cursor, like);
    const flags = closeLoop(
      cursor,
      range,
      slots,
      params,
      finals,
      at,
      counter,
      gathered.flags,
      far.length,
      checkpointOf(node),
    );
    for (const one of mixed) composeParts(one, cursor);
    const [lonely] = exits;
    if (lone && lonely !== undefined) return leaf(cursor, lonely === round.stop ? next : lonely);
    return dispatch(cursor, far, flags, (place) => leaf(place, next));
  }
}

/** A loop in the middle of an expression. */
export function runLoop(
  cursor: Cursor,
  node: ts.Node,
  range: Range | null,
  body: (at: Cursor, round: Round) => Flow,
): void {
  settle(cursor, lowerLoop(cursor, node, range, body, outcome("done")));
}

interface Carried {
  readonly slot: Slot;
  readonly initial: Value;
}

/** Variables that exist before the loop and may change in it. */
function carriedSlots(cursor: Cursor, node: ts.Node): readonly Carried[] {
  const { session, env, scope, frame, handler } = cursor;
  const slots = new Set<Slot>();
  if (handler?.error != null) slots.add(handler.error);
  for (const symbol of assignedSymbols(session, node)) {
    const binding = scope.get(symbol);
    if (binding?.kind === "variable" && env.has(binding.slot)) slots.add(binding.slot);
  }
  for (const slot of env.keys()) if (slot.shared) slots.add(slot);
  if (frame.returnSlot !== null && env.has(frame.returnSlot) && containsReturn(node)) slots.add(frame.returnSlot);
  for (const slot of consumerSlots(cursor, (one) => assignedSymbols(session, one))) slots.add(slot);
  const carried: Carried[] = [];
  for (const slot of slots) {
    const initial = env.get(slot);
    if (initial !== undefined && !isNoMemory(session, initial)) carried.push({ slot, initial });
  }
  return carried;
}

/** What stands for a function, or for an object that is not made yet, is no memory that a loop could carry. */
const isNoMemory = (session: LoweringSession, value: Value): boolean =>
  session.functions.has(value) || isMark(session, value);

/** Reports where a loop would have to carry one. */
function reportChangedMarks(cursor: Cursor, at: Cursor, node: ts.Node): void {
  for (const [slot, value] of cursor.env) {
    if (!isNoMemory(cursor.session, value) || at.env.get(slot) === value) continue;
    if (cursor.session.functionLists.has(value)) {
      const isReported = cursor.session.poisoned.has(at.env.get(slot) ?? value);
      if (!isReported) report(cursor, "EZ2001", node, changedList);
      continue;
    }
    report(cursor, "EZ2013", node, { name: slot.variable?.name ?? "it" });
  }
}

function carriedType(cursor: Cursor, slot: Slot, initial: Type): Type {
  const widened = cursor.session.widened.get(slot.key);
  // `let best: T | null = null`: what is assigned in the loop is known from the declaration.
  const declared = isAbsence(initial) ? declaredWith(slot.type, initial) : initial;
  if (widened === undefined) return declared;
  return joinTypes(declared, widened) ?? (isAssignable(declared, widened, false) ? widened : declared);
}

/** What a variable may hold that begins as null or undefined. */
function declaredWith(type: Type | null, initial: Type): Type {
  if (type?.kind === "optional") return type;
  return type?.kind === "opaque" ? (joinTypes(type, initial) ?? initial) : initial;
}

/** Learns that a variable needs a wider type than it began with; then the body is lowered once more. */
function widen(
  widened: Map<object, Type>,
  slots: readonly Carried[],
  params: readonly Value[],
  finals: readonly Value[],
): boolean {
  let wider = false;
  slots.forEach(({ slot }, k) => {
    const [param, final] = [params[k], finals[k]];
    if (param === undefined || final === undefined || isHeldBy(param.type, final.type)) return;
    const declared = slot.type;
    const isDeclared = declared !== null && [param, final].every((one) => isAssignable(one.type, declared, false));
    const type = joinTypes(param.type, final.type) ?? (isDeclared ? declared : null);
    if (type === null) return;
    widened.set(slot.key, type);
    wider = true;
  });
  return wider;
}

/**
 * Texts and what is carried along pass for one another, but what is nothing at first is a text, or nothing, later on. An
 * instance of a class with more fields needs another type, so does one of several classes, and what has numbers where what was there had none.
 */
function isHeldBy(type: Type, value: Type): boolean {
  if (type.kind === "record" && value.kind === "record") {
    const isOneOf = type.members === undefined && value.members !== undefined;
    const hasMore =
      type.instance !== undefined && value.instance !== undefined && value.fields.length > type.fields.length;
    if (isOneOf || hasMore || (carriesDerivative(value) && !carriesDerivative(type))) return false;
  }
  if (type.kind !== "opaque" || value.kind !== "opaque")
    return isAssignable(value, type, false) && isTrueOf(type, value);
  const both = joinTypes(type, value);
  return both?.kind !== "opaque" || both.text === type.text;
}

/** Learns that a variable is one thing before a round, and another after it. */
function isUnlike(
  { session, block }: Cursor,
  slot: Slot,
  param: Value | undefined,
  final: Value | undefined,
  initial: Value,
): boolean {
  if (param === undefined || final === undefined) return false;
  const learn = (): boolean => learnKinds(session, slot, { block, value: initial }, { block, value: final });
  if (isMixedValue(final)) return learn();
  const { type } = slot;
  const isDeclared = type !== null && [param, final].every((one) => isAssignable(one.type, type, false));
  const isAlike = isAssignable(final.type, param.type, false) || joinTypes(param.type, final.type) !== null;
  return !isDeclared && !isAlike && learn();
}

/** What is surely there when a loop begins, and after each round, is there in all of them. */
function carryPresence(session: LoweringSession, slot: Slot, initial: Value, param: Value): void {
  if (!isReference(initial.type) || !isReference(param.type) || session.perhapsAbsent.has(slot.key)) return;
  if (session.certain.has(initial)) session.certain.add(param);
  if (session.present.has(initial)) session.present.add(param);
}

/** Notes where a round leaves something of which that is not sure; then the body is lowered again. */
function learnAbsence(
  session: LoweringSession,
  slot: Slot,
  param: Value | undefined,
  final: Value | undefined,
): boolean {
  if (param === undefined || final === undefined || session.perhapsAbsent.has(slot.key)) return false;
  const isLost = [session.certain, session.present].some((sure) => sure.has(param) && !sure.has(final));
  if (isLost) session.perhapsAbsent.add(slot.key);
  return isLost;
}

/** Appends the loop; answers the flags as they are after it. */
function closeLoop(
  cursor: Cursor,
  range: Range | null,
  slots: readonly Carried[],
  params: readonly Value[],
  finals: readonly Value[],
  at: Cursor,
  counter: Value,
  flags: readonly Flag[],
  farCount: number,
  checkpoint: Checkpoint | null,
): readonly Flag[] {
  const { block } = at;
  const value = (flag: Flag): Value => (typeof flag === "boolean" ? block.constant(flag) : flag);
  const [stop, ...far] = flags;
  const unchanged = new Map<Value, Value>();
  const kept: { param: Value; initial: Value; final: Value; slot: Slot | null }[] = [];
  slots.forEach(({ slot, initial }, k) => {
    const [param, final] = [params[k], finals[k]];
    if (param === undefined || final === undefined) return;
    if (param === final) unchanged.set(param, initial);
    else kept.push({ param, initial, final, slot });
  });
  const stopValue = value(stop ?? false);
  for (let k = 0; k < farCount; k++) {
    kept.push({
      param: makeValue(booleanType),
      initial: cursor.block.constant(false),
      final: value(far[k] ?? false),
      slot: null,
    });
  }
  const region = substitute(
    block.yield([counter, ...kept.map((one) => one.param)], [stopValue, ...kept.map((one) => one.final)]),
    unchanged,
  );
  const after: Flag[] = [];
  const results = kept.map(({ param, slot }) => {
    const result = makeValue(param.type, param.origin);
    if (slot === null) after.push(result);
    else cursor.env.set(slot, result);
    return result;
  });
  cursor.block.loop(
    range,
    kept.map((one) => one.initial),
    region,
    [makeValue(integerType), makeValue(integerType), ...results],
    checkpoint,
  );
  return after;
}

export const inLoop = (at: Cursor, node: ts.Node, breakTo: Outcome, continueTo: Outcome): Cursor => ({
  ...at,
  targets: { label: labelOf(node), breakTo, continueTo, plainBreak: true, outer: at.targets },
});

/** `if t { inside } else { stop }`; a test that is always true is not asked. */
function whileTrue(at: Cursor, test: ts.Expression | undefined, round: Round, inside: (at: Cursor) => Flow): Flow {
  if (test === undefined) return inside(at);
  const value = lowerCondition(at, test);
  const known = at.block.literalOf(value);
  if (known === true) return inside(at);
  if (known === false) return leaf(at, round.stop);
  const [then, otherwise] = branches(at, value);
  return fork(at, value, inside(then), leaf(otherwise, round.stop));
}

export function lowerWhile(cursor: Cursor, node: ts.WhileStatement, next: Outcome): Flow {
  const asLoop = (at: Cursor): Flow => whileLoop(at, node, next);
  return lowerKnownRounds(cursor, node, next, asLoop) ?? asLoop(cursor);
}

function whileLoop(cursor: Cursor, node: ts.WhileStatement, next: Outcome): Flow {
  return lowerLoop(
    cursor,
    node,
    null,
    (at, round) =>
      whileTrue(at, node.expression, round, (then) =>
        lowerStatement(inLoop(then, node, round.stop, round.again), node.statement, round.again),
      ),
    next,
  );
}

export function lowerDo(cursor: Cursor, node: ts.DoStatement, next: Outcome): Flow {
  return lowerLoop(
    cursor,
    node,
    null,
    (at, round) => {
      const test = outcome("test");
      const flow = lowerStatement(inLoop(at, node, round.stop, test), node.statement, test);
      return continueAt(
        flow,
        test,
        (place) => {
          const here = resumed(at, place);
          const value = lowerCondition(here, node.expression);
          const known = here.block.literalOf(value);
          if (typeof known === "boolean") return escaped(here, leaf(here, known ? round.again : round.stop));
          const stop = here.block.apply("not", [value], originOf(node.expression));
          return escaped(here, fork(here, stop, leaf(inner(here), round.stop), leaf(inner(here), round.again)));
        },
        false,
      );
    },
    next,
  );
}

export function lowerFor(cursor: Cursor, node: ts.ForStatement, next: Outcome): Flow {
  const { initializer } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerDeclarations(cursor, initializer);
    else lowerEffect(cursor, initializer);
  }
  const asLoop = (at: Cursor): Flow => forLoop(at, node, next);
  return lowerKnownRounds(cursor, node, next, asLoop) ?? asLoop(cursor);
}

/** All of a `for` but what stands first in it. */
function forLoop(cursor: Cursor, node: ts.ForStatement, next: Outcome): Flow {
  const { incrementor } = node;
  return lowerLoop(
    cursor,
    node,
    null,
    (at, round) =>
      whileTrue(at, node.condition, round, (then) => {
        if (incrementor === undefined) {
          return lowerStatement(inLoop(then, node, round.stop, round.again), node.statement, round.again);
        }
        const updated = outcome("update");
        const flow = lowerStatement(inLoop(then, node, round.stop, updated), node.statement, updated);
        const update = (place: { readonly block: Cursor["block"]; readonly env: Cursor["env"] }): Flow => {
          const here = resumed(then, place);
          lowerEffect(here, incrementor);
          return escaped(here, leaf(here, round.again));
        };
        const reached = [...outcomesOf(flow)];
        if (reached.length > 1 && reached.includes(updated) && isHarmless(node, incrementor)) {
          return updateAlways(flow, updated, update);
        }
        return continueAt(flow, updated, update, false);
      }),
    next,
  );
}

/** Counts on also where the loop ends: nobody sees it, and the count stays easy to recognise. */
function updateAlways(flow: Flow, updated: Outcome, update: (place: Flow) => Flow): Flow {
  const others = [...outcomesOf(flow)].filter((one) => one !== updated);
  const gathered = gather(
    flow,
    others.map((other) => (one: Outcome) => one === other),
  );
  if (gathered.kind === "thrown") return thrown(flow, gathered.value);
  const again = update(flow);
  return again.kind === "leaf" ? dispatch(flow, others, gathered.flags, (place) => leaf(place, again.outcome)) : again;
}

/** Only counts variables that the `for` declares itself: `i++`, `i += 2, j--`. */
function isHarmless(node: ts.ForStatement, update: ts.Expression): boolean {
  const { initializer } = node;
  if (initializer === undefined || !ts.isVariableDeclarationList(initializer)) return false;
  if (!(initializer.flags & ts.NodeFlags.BlockScoped)) return false;
  const names = new Set(initializer.declarations.map(({ name }) => (ts.isIdentifier(name) ? name.text : "")));
  const own = (at: ts.Expression): boolean => ts.isIdentifier(at) && names.has(at.text);
  const step = (at: ts.Expression): boolean => {
    const bare = unwrapped(at);
    if (ts.isPostfixUnaryExpression(bare)) return own(bare.operand);
    if (ts.isPrefixUnaryExpression(bare)) return own(bare.operand);
    if (!ts.isBinaryExpression(bare)) return false;
    if (bare.operatorToken.kind === ts.SyntaxKind.CommaToken) return step(bare.left) && step(bare.right);
    return (
      isAssignmentOperator(bare.operatorToken.kind) &&
      own(bare.left) &&
      (ts.isIdentifier(bare.right) || ts.isNumericLiteral(bare.right))
    );
  };
  return step(update);
}

/** A loop over positions 0, 1, ... of an array; used for `for-of` and array methods. */
export function overPositions(cursor: Cursor, array: Value, node: ts.Node): Range {
  return {
    from: cursor.block.constant(0),
    to: cursor.block.length(array, originOf(node)),
    step: 1,
    inclusive: false,
  };
}
