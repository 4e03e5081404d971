/**
 * Generators that a `for-of` walks at once: the body of the loop stands where they yield.
 *
 *   function* halves(x: number) { while (x > 1) { yield x; x /= 2; } }
 *   for (const h of halves(x)) sum += h;   =>   while (x > 1) { sum += x; x /= 2; }
 */
import ts from "typescript";
import { inventedOrigin } from "../ir/ir.js";
import { containsReturn, unwrapped } from "./assigned-symbols.js";
import {
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
import { lowerArguments } from "./lower-call.js";
import { lowerExpression } from "./lower-expression.js";
import { lowerFunctionBody, makeFrame } from "./lower-function.js";
import { resolveCallable } from "./resolve-callable.js";
import { bindArguments } from "./bind-arguments.js";

/** `for (const v of generate(x))`; null: what is walked is no call of a generator. */
export function lowerWalkedGenerator(
  cursor: Cursor,
  node: ts.ForOfStatement,
  body: Consumer["body"],
  next: Outcome,
): Flow | null {
  const call = unwrapped(node.expression);
  if (!ts.isCallExpression(call)) return null;
  const closure = generatorOf(cursor, call);
  if (closure === null) return null;
  const { node: declaration } = closure;
  const { frame } = cursor;
  fenceWalked(declaration, cursor.session);
  const args = lowerArguments(cursor, call);
  const { returnSlot } = frame;
  if (returnSlot !== null && !cursor.env.has(returnSlot) && containsReturn(node.statement)) {
    cursor.env.set(returnSlot, placeholder(cursor.block, returnSlot.type ?? { kind: "number" }, inventedOrigin, 0));
  }
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
      consumer: { cursor, node, body },
    },
    targets: null,
  };
  bindArguments(here, declaration, args, call);
  return lowerFunctionBody(here, declaration);
}

function generatorOf(cursor: Cursor, call: ts.CallExpression): Closure | null {
  const callee = unwrapped(call.expression);
  if (!ts.isIdentifier(callee) && !ts.isPropertyAccessExpression(callee)) return null;
  const signature = cursor.session.checker.getResolvedSignature(call)?.declaration;
  const isGenerator = signature !== undefined && "asteriskToken" in signature && signature.asteriskToken !== undefined;
  const callable = isGenerator ? resolveCallable(cursor, callee) : null;
  if (callable?.kind !== "closure" || callable.node.asteriskToken === undefined) return null;
  return cursor.frame.inlining.includes(callable.node) ? null : callable;
}

/** `yield v;` */
export function lowerYield(cursor: Cursor, node: ts.YieldExpression, next: Outcome): Flow {
  const { consumer } = cursor.frame;
  if (consumer === undefined || node.expression === undefined || node.asteriskToken !== undefined) {
    refused(cursor, node, "EZ2006");
    return leaf(cursor, next);
  }
  const value = lowerExpression(cursor, node.expression);
  const after = outcome("taken");
  const loop: Cursor = { ...consumer.cursor, block: cursor.block, env: cursor.env, escapes: [] };
  return continueAt(consumer.body(loop, value, after), after, (place) => leaf(resumed(cursor, place), next), false);
}

/** Variables around the loops that take what is yielded here, which a loop of the generator may change. */
export function consumerSlots(cursor: Cursor, assigned: (node: ts.Node) => Iterable<ts.Symbol>): readonly Slot[] {
  const slots: Slot[] = [];
  for (let at = cursor.frame.consumer; at !== undefined; at = at.cursor.frame.consumer) {
    const { scope, frame } = at.cursor;
    for (const symbol of assigned(at.node)) {
      const binding = scope.get(symbol);
      if (binding?.kind === "variable") slots.push(binding.slot);
    }
    if (frame.returnSlot !== null && containsReturn(at.node.statement)) slots.push(frame.returnSlot);
  }
  return slots.filter((slot) => cursor.env.has(slot));
}
