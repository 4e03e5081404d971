/**
 * Loops: one `loop` operation each. What the body assigns is carried; how it ends becomes `stop` and, where it leaves
 * for further away than the loop's end, one flag for each such way.
 *
 *   while (t) { if (c) break; B }   =>
 *     loop carrying v { stop, v' = if t { stop, v' = if c { yield true v } else { B; yield false v' }; yield ... } else { yield true v } }
 */
import ts from "typescript";
import { element, makeValue } from "../ir/build.js";
import { booleanType, integerType, inventedOrigin, type Range, type Type, type Value } from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { substitute } from "../ir/traverse.js";
import { joinTypes } from "../syntax/type-of.js";
import { assignedSymbols, containsReturn, isAssignmentOperator, unwrapped } from "./assigned-symbols.js";
import { bindPattern } from "./bind-pattern.js";
import { inner, originOf, outcome, placeholder, refused, type Cursor, type Outcome, type Slot } from "./environment.js";
import { continueAt, dispatch, fork, gather, leaf, outcomesOf, thrown, type Flag, type Flow } from "./flow.js";
import { lowerTarget, writeTarget } from "./lower-assignment.js";
import { lowerCondition, lowerEffect, lowerExpression } from "./lower-expression.js";
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
  if (returnSlot !== null && !env.has(returnSlot) && containsReturn(node)) {
    env.set(returnSlot, placeholder(cursor.block, returnSlot.type ?? { kind: "number" }, inventedOrigin, 0));
  }
  const slots = carriedSlots(cursor, node);
  for (let attempt = 0; ; attempt++) {
    const types = slots.map(({ slot, initial }) => carriedType(cursor, slot, initial.type));
    const params = slots.map(({ slot, initial }, k) =>
      makeValue(types[k] ?? initial.type, { ...originOf(node, slot.variable) }),
    );
    slots.forEach(({ initial }, k) => {
      const param = params[k];
      if (param !== undefined && session.growable.has(initial)) session.growable.add(param);
    });
    const counter = makeValue(range?.from.type ?? integerType, inventedOrigin);
    const at = inner(cursor);
    slots.forEach(({ slot }, k) => {
      const param = params[k];
      if (param !== undefined) at.env.set(slot, param);
    });
    const round: Round = { counter, again: outcome("again"), stop: outcome("stop") };
    const flow = body(at, round);
    const exits = [...outcomesOf(flow)].filter((one) => one !== round.again);
    // A ranged loop may also end by itself, so that a lone exit still needs its flag.
    const lone = range === null && exits.length === 1;
    const far = lone ? [] : exits.filter((one) => one !== round.stop);
    const gathered = gather(flow, [(one) => one !== round.again, ...far.map((exit) => (one: Outcome) => one === exit)]);
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
      return leaf(cursor, next);
    }
    const finals = slots.map(({ slot, initial }) => at.env.get(slot) ?? initial);
    if (attempt < 50 && widen(session.widened, slots, params, finals)) continue;
    const flags = closeLoop(cursor, range, slots, params, finals, at, counter, gathered.flags, far.length);
    const [lonely] = exits;
    if (lone && lonely !== undefined) return leaf(cursor, lonely === round.stop ? next : lonely);
    return dispatch(cursor, far, flags, (place) => leaf(place, next));
  }
}

interface Carried {
  readonly slot: Slot;
  readonly initial: Value;
}

/** Variables that exist before the loop and may change in it. */
function carriedSlots(cursor: Cursor, node: ts.Node): readonly Carried[] {
  const { session, env, scope, frame } = cursor;
  const slots = new Set<Slot>();
  for (const symbol of assignedSymbols(session, node)) {
    const binding = scope.get(symbol);
    if (binding?.kind === "variable" && env.has(binding.slot)) slots.add(binding.slot);
  }
  for (const slot of env.keys()) if (slot.shared) slots.add(slot);
  if (frame.returnSlot !== null && env.has(frame.returnSlot) && containsReturn(node)) slots.add(frame.returnSlot);
  const carried: Carried[] = [];
  for (const slot of slots) {
    const initial = env.get(slot);
    if (initial !== undefined) carried.push({ slot, initial });
  }
  return carried;
}

function carriedType(cursor: Cursor, slot: Slot, initial: Type): Type {
  const widened = cursor.session.widened.get(slot.key);
  return widened === undefined ? initial : (joinTypes(initial, widened) ?? initial);
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
    if (param === undefined || final === undefined || isAssignable(final.type, param.type, false)) return;
    const type = joinTypes(param.type, final.type);
    if (type === null) return;
    widened.set(slot.key, type);
    wider = true;
  });
  return wider;
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
  );
  return after;
}

const inLoop = (at: Cursor, node: ts.Node, breakTo: Outcome, continueTo: Outcome): Cursor => ({
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
  const [then, otherwise] = [inner(at), inner(at)];
  return fork(at, value, inside(then), leaf(otherwise, round.stop));
}

export function lowerWhile(cursor: Cursor, node: ts.WhileStatement, next: Outcome): Flow {
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
          const here = { ...at, ...place };
          const value = lowerCondition(here, node.expression);
          const known = here.block.literalOf(value);
          if (typeof known === "boolean") return leaf(here, known ? round.again : round.stop);
          const stop = here.block.apply("not", [value], originOf(node.expression));
          return fork(here, stop, leaf(inner(here), round.stop), leaf(inner(here), round.again));
        },
        false,
      );
    },
    next,
  );
}

export function lowerFor(cursor: Cursor, node: ts.ForStatement, next: Outcome): Flow {
  const { initializer, incrementor } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerDeclarations(cursor, initializer);
    else lowerEffect(cursor, initializer);
  }
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
          lowerEffect({ ...then, ...place }, incrementor);
          return leaf(place, round.again);
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

/** Changes the length of an array while it is being walked. */
const resizing = new Set(["push", "pop", "shift", "unshift", "splice"]);
function resizes(node: ts.Node): boolean {
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    resizing.has(node.expression.name.text)
  ) {
    return true;
  }
  return ts.forEachChild(node, (child) => resizes(child) || undefined) === true;
}

/** `array.entries()` of an array: positions are bound too. */
function entriesOf(node: ts.Expression): ts.Expression | null {
  const at = unwrapped(node);
  if (!ts.isCallExpression(at) || !ts.isPropertyAccessExpression(at.expression)) return null;
  return at.expression.name.text === "entries" && at.arguments.length === 0 ? at.expression.expression : null;
}

export function lowerForOf(cursor: Cursor, node: ts.ForOfStatement, next: Outcome): Flow {
  const entries = entriesOf(node.expression);
  const array = lowerExpression(cursor, entries ?? node.expression);
  const { type } = array;
  const elementType = type.kind === "array" ? type.element : type.kind === "tuple" ? type.elements[0] : undefined;
  if (elementType === undefined) {
    refused(cursor, node.expression, "EZ2001", { what: "`for-of` over such a value", advice: "loop over an array" });
    return leaf(cursor, next);
  }
  if (resizes(node.statement) && ts.isIdentifier(unwrapped(node.expression))) {
    const walked = unwrapped(node.expression).getText();
    if (node.statement.getText().includes(`${walked}.`)) {
      refused(cursor, node, "EZ2001", {
        what: "an array that may change its length while `for-of` walks it",
        advice: "loop with an index",
      });
    }
  }
  return lowerLoop(
    cursor,
    node,
    overPositions(cursor, array, node.expression),
    (at, round) => {
      const here = inLoop(at, node, round.stop, round.again);
      const value = here.block.load(element(array, round.counter), originOf(node.initializer, loopVariable(node)));
      if (entries === null) bindLoopVariable(here, node, value);
      else bindEntry(here, node, round.counter, value);
      return lowerStatement(here, node.statement, round.again);
    },
    next,
  );
}

function loopVariable(node: ts.ForOfStatement | ts.ForInStatement): { readonly name: string } | null {
  const { initializer } = node;
  if (!ts.isVariableDeclarationList(initializer)) return null;
  const name = initializer.declarations[0]?.name;
  return name !== undefined && ts.isIdentifier(name) ? { name: name.text } : null;
}

function bindLoopVariable(here: Cursor, node: ts.ForOfStatement | ts.ForInStatement, value: Value): void {
  const { initializer } = node;
  if (ts.isVariableDeclarationList(initializer)) {
    for (const { name } of initializer.declarations) bindPattern(here, name, value, null);
  } else writeTarget(here, lowerTarget(here, initializer), value, node);
}

function bindEntry(here: Cursor, node: ts.ForOfStatement, counter: Value, value: Value): void {
  const { initializer } = node;
  const name = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0]?.name : undefined;
  if (name === undefined || !ts.isArrayBindingPattern(name)) {
    refused(here, initializer, "EZ2010", { kind: "entry" });
    return;
  }
  [counter, value].forEach((part, k) => {
    const one = name.elements[k];
    if (one !== undefined && ts.isBindingElement(one)) bindPattern(here, one.name, part, one.initializer ?? null);
  });
}

/** `for (const i in array)`: the positions; as text in JavaScript, which only matters where they are not used as positions. */
export function lowerForIn(cursor: Cursor, node: ts.ForInStatement, next: Outcome): Flow {
  refused(cursor, node, "EZ2001", { what: "`for-in`", advice: "loop with an index, or use `for-of`" });
  return leaf(cursor, next);
}
