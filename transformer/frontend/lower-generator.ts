/**
 * Generators that are walked, by a `for-of` or to fill an array: the body of the loop stands where they yield.
 *
 *   function* halves(x: number) { while (x > 1) { yield x; x /= 2; } }
 *   for (const h of halves(x)) sum += h;   =>   while (x > 1) { sum += x; x /= 2; }
 */
import ts from "typescript";
import { element } from "../ir/build.js";
import { inventedOrigin, isDictionary, type Value } from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { containsReturn, symbolAt, unwrapped } from "./assigned-symbols.js";
import { memberOfMaker, type Member } from "./class-members.js";
import {
  isPoisoned,
  originOf,
  outcome,
  placeholder,
  refused,
  resumed,
  Scope,
  type Closure,
  type Consumer,
  type Cursor,
  type Outcome,
  type Slot,
} from "./environment.js";
import { fenceWalked } from "./fence.js";
import { continueAt, leaf, type Flow } from "./flow.js";
import { runInside } from "./escape.js";
import { lowerReference } from "./lower-assignment.js";
import { takeGenerator } from "./kept-generator.js";
import { lowerArguments, type Argument } from "./lower-call.js";
import { lowerExpression } from "./lower-expression.js";
import { exactClassOf } from "./lower-instance.js";
import { lowerFunctionBody, makeFrame } from "./lower-function.js";
import { lowerLoop, overPositions } from "./lower-loop.js";
import { reportMixed } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { selfOf } from "./open-object.js";
import { pendingArray, settleElements } from "./pending-elements.js";
import { resolveCallable } from "./resolve-callable.js";
import { bindArguments } from "./bind-arguments.js";

/** `for (const v of generate(x))`; null: what is walked is no call of a generator. */
export function lowerWalkedGenerator(
  cursor: Cursor,
  node: ts.ForOfStatement,
  body: Consumer["body"],
  next: Outcome,
  given: Value | null = null,
): Flow | null {
  const call = given === null ? generatorCall(cursor, node.expression) : keptCall(cursor, given);
  if (call === null) return null;
  const { returnSlot } = cursor.frame;
  if (returnSlot !== null && !cursor.env.has(returnSlot) && containsReturn(node.statement)) {
    cursor.env.set(returnSlot, placeholder(cursor.block, returnSlot.type ?? { kind: "number" }, inventedOrigin, 0));
  }
  return generate(cursor, call, { cursor, node, body }, next);
}

/** `[...generate(x)]`, `Array.from(generate(x))`: all that it yields, in an array; null: it is no call of a generator. */
export function lowerCollected(cursor: Cursor, node: ts.Expression): Value | null {
  const call = generatorCall(cursor, node);
  return call === null ? null : collected(cursor, call, node);
}

/** The same of a generator that was made before. */
export function collectedFrom(cursor: Cursor, value: Value, node: ts.Node): Value | null {
  const call = keptCall(cursor, value);
  return call === null ? null : collected(cursor, call, node);
}

function collected(cursor: Cursor, call: GeneratorCall, node: ts.Node): Value {
  const type = pendingArray(cursor.session);
  const list = cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, { name: "values" }));
  cursor.session.present.add(list);
  cursor.session.certain.add(list);
  const body: Consumer["body"] = (at, value, after) => {
    if (isMixedValue(value)) reportMixed(at, value);
    else if (!isPoisoned(at, value)) {
      settleElements(at.session, type, value.type);
      if (isAssignable(value.type, type.element, true)) at.block.push(list, value);
      else refused(at, node, "EZ2026", { type: "what the generator yields" });
    }
    return leaf(at, after);
  };
  runInside(cursor, (at) => generate(at, call, { cursor: at, node: null, body }, outcome("collected")));
  return list;
}

interface GeneratorCall {
  /** null: nothing is handed over. */
  readonly call: ts.CallExpression | null;
  readonly closure: Closure;
  /** What was handed over already. */
  readonly args?: readonly Argument[];
}

function keptCall(cursor: Cursor, value: Value | null): GeneratorCall | null {
  const kept = takeGenerator(cursor, value);
  return kept === null ? null : { call: null, closure: kept.closure, args: kept.args };
}

function generatorCall(cursor: Cursor, node: ts.Expression): GeneratorCall | null {
  const at = unwrapped(node);
  if (!ts.isCallExpression(at)) {
    const held = heldBy(cursor, at);
    return keptCall(cursor, held) ?? iteratorOf(cursor, held);
  }
  const closure = generatorOf(cursor, at);
  return closure === null ? null : { call: at, closure };
}

/** The statements of a generator; what it yields goes to the consumer. */
function generate(
  cursor: Cursor,
  { call, closure, args: given }: GeneratorCall,
  consumer: Consumer,
  next: Outcome,
): Flow {
  const { node: declaration } = closure;
  const { frame } = cursor;
  fenceWalked(declaration, cursor.session);
  const args = given ?? (call === null ? [] : lowerArguments(cursor, call));
  const here: Cursor = {
    ...cursor,
    scope: new Scope(closure.scope),
    frame: {
      ...makeFrame(
        declaration,
        "nothing",
        false,
        [...frame.inlining, declaration],
        frame.outputFile,
        closure.thisValue,
      ),
      // Its end is the end of the loop.
      returned: next,
      consumer,
    },
    targets: null,
  };
  bindArguments(here, declaration, args, call ?? declaration);
  return lowerFunctionBody(here, declaration);
}

function generatorOf(cursor: Cursor, call: ts.CallExpression): Closure | null {
  const callee = unwrapped(call.expression);
  if (!ts.isIdentifier(callee) && !ts.isPropertyAccessExpression(callee)) return null;
  const signature = cursor.session.checker.getResolvedSignature(call)?.declaration;
  const isGenerator = signature !== undefined && "asteriskToken" in signature && signature.asteriskToken !== undefined;
  const callable = isGenerator ? resolveCallable(cursor, callee) : null;
  if (callable?.kind === "closure") return onlyGenerator(cursor, callable);
  if (!ts.isPropertyAccessExpression(callee)) return null;
  return memberOfHeld(cursor, heldBy(cursor, callee.expression), callee.name.text);
}

const onlyGenerator = ({ frame }: Cursor, closure: Closure): Closure | null =>
  closure.node.asteriskToken === undefined || frame.inlining.includes(closure.node) ? null : closure;

/** The instance that a variable or `this` is, without evaluating anything; null: it is neither. */
function heldBy(cursor: Cursor, node: ts.Expression): Value | null {
  const at = unwrapped(node);
  if (at.kind === ts.SyntaxKind.ThisKeyword) return selfOf(cursor);
  const symbol = ts.isIdentifier(at) ? symbolAt(cursor.session, at) : null;
  const binding = symbol === null ? null : cursor.scope.get(symbol);
  return binding?.kind === "variable" ? (cursor.env.get(binding.slot) ?? null) : null;
}

/** `matrix.entries()` of an instance whose class is known. */
function memberOfHeld(cursor: Cursor, self: Value | null, name: string): Closure | null {
  const node = self === null ? null : methodOfInstance(cursor, self, name);
  return node === null ? null : onlyGenerator(cursor, { kind: "closure", node, scope: null, thisValue: self });
}

function methodOfInstance(cursor: Cursor, self: Value, name: string): Member | null {
  const exact = isThere(cursor, self) ? exactClassOf(cursor, self) : null;
  return exact === null ? null : memberOfMaker(cursor.session, exact, name, "method");
}

const isThere = ({ session }: Cursor, self: Value): boolean =>
  self.type.kind === "record" && !isMixedValue(self) && !session.open.has(self);

/** `for (const row of matrix)`, where its class has `*[Symbol.iterator]()`, or one that hands on a generator of the instance. */
function iteratorOf(cursor: Cursor, self: Value | null): GeneratorCall | null {
  const method = self === null ? null : methodOfInstance(cursor, self, "[Symbol.iterator]");
  if (self === null || method === null) return null;
  const closure = onlyGenerator(cursor, { kind: "closure", node: method, scope: null, thisValue: self });
  if (closure !== null) return { call: null, closure };
  const [only, ...others] = method.body !== undefined && ts.isBlock(method.body) ? method.body.statements : [];
  const given = only !== undefined && ts.isReturnStatement(only) ? only.expression : undefined;
  const callee =
    given !== undefined && ts.isCallExpression(given) && given.arguments.length === 0 ? given.expression : null;
  if (others.length > 0 || callee === null || !ts.isPropertyAccessExpression(callee)) return null;
  if (callee.expression.kind !== ts.SyntaxKind.ThisKeyword) return null;
  const handedOn = memberOfHeld(cursor, self, callee.name.text);
  return handedOn === null ? null : { call: null, closure: handedOn };
}

/** `yield v;` and `yield* vs;` */
export function lowerYield(cursor: Cursor, node: ts.YieldExpression, next: Outcome): Flow {
  const { consumer } = cursor.frame;
  if (consumer === undefined || node.expression === undefined) {
    refused(cursor, node, "EZ2006");
    return leaf(cursor, next);
  }
  if (node.asteriskToken !== undefined) return lowerYieldAll(cursor, node.expression, consumer, next);
  return consume(cursor, consumer, lowerExpression(cursor, node.expression), next);
}

function consume(cursor: Cursor, consumer: Consumer, value: Value, next: Outcome): Flow {
  const after = outcome("taken");
  const loop: Cursor = { ...consumer.cursor, block: cursor.block, env: cursor.env, escapes: [] };
  return continueAt(consumer.body(loop, value, after), after, (place) => leaf(resumed(cursor, place), next), false);
}

/** What another generator yields, or the elements of an array, one after the other. */
function lowerYieldAll(cursor: Cursor, node: ts.Expression, consumer: Consumer, next: Outcome): Flow {
  const call = generatorCall(cursor, node);
  if (call !== null) return generate(cursor, call, consumer, next);
  const array = lowerReference(cursor, node);
  if (array.type.kind !== "array" || isDictionary(array.type)) {
    if (!isPoisoned(cursor, array)) refused(cursor, node, "EZ2006");
    return leaf(cursor, next);
  }
  return lowerLoop(
    cursor,
    node,
    overPositions(cursor, array, node),
    (at, round) => {
      const value = at.block.load(element(array, round.counter), originOf(node));
      at.session.certain.add(value);
      return consume(at, consumer, value, round.again);
    },
    next,
  );
}

/** Variables around the loops that take what is yielded here, which a loop of the generator may change. */
export function consumerSlots(cursor: Cursor, assigned: (node: ts.Node) => Iterable<ts.Symbol>): readonly Slot[] {
  const slots: Slot[] = [];
  for (let at = cursor.frame.consumer; at !== undefined; at = at.cursor.frame.consumer) {
    const { scope, frame } = at.cursor;
    if (at.node === null) continue;
    for (const symbol of assigned(at.node)) {
      const binding = scope.get(symbol);
      if (binding?.kind === "variable") slots.push(binding.slot);
    }
    if (frame.returnSlot !== null && containsReturn(at.node.statement)) slots.push(frame.returnSlot);
  }
  return slots.filter((slot) => cursor.env.has(slot));
}
