/** Methods that look for an element: loops that stop where they have found it. */
import type ts from "typescript";
import { booleanType, integerType, isScalar, isText, type Type, type Value } from "../ir/ir.js";
import { joinTypes, optionalOf } from "../ir/join-types.js";
import { inner, originOf, poison, refused, type Cursor } from "./environment.js";
import { fork, leaf } from "./flow.js";
import { leavingHoles } from "./holes.js";
import { callback, carriedSlot, loaded, refusedCallback, run, values, type ArrayCall } from "./lower-array-method.js";
import { truthy } from "./lower-condition.js";
import { runLoop, overPositions } from "./lower-loop.js";
import { apply, lowerEquality } from "./lower-operator.js";

/** `some` and `every`: stops at the first element that decides. */
export function search(
  call: ArrayCall,
  { found, whenFound }: { readonly found: boolean; readonly whenFound: boolean },
): Value {
  const { cursor, array, node, variable } = call;
  const fn = callback(call);
  if (fn === null) return refusedCallback(call);
  const slot = carriedSlot(found ? "found" : "all", variable, booleanType);
  cursor.env.set(slot, cursor.block.constant(!whenFound));
  runLoop(cursor, node, overPositions(cursor, array, node), (round, { counter, again, stop }) =>
    leavingHoles(round, array, counter, again, node, (at) => {
      const value = run(call, at, fn, [loaded(call, at, counter), counter, array]);
      const test = truthy(at, value ?? at.block.constant(false), node);
      const [then, otherwise] = [inner(at), inner(at)];
      const hit = found ? then : otherwise;
      hit.env.set(slot, hit.block.constant(whenFound));
      return fork(at, test, leaf(then, found ? stop : again), leaf(otherwise, found ? again : stop));
    }),
  );
  const result = cursor.env.get(slot);
  cursor.env.delete(slot);
  return result ?? poison(cursor, node);
}

function firstPosition(call: ArrayCall, decide: (at: Cursor, counter: Value) => Value): Value {
  const { cursor, array, node, variable } = call;
  const slot = carriedSlot("position", variable, integerType);
  cursor.env.set(slot, cursor.block.constant(-1, originOf(node, slot.variable)));
  runLoop(cursor, node, overPositions(cursor, array, node), (at, { counter, again, stop }) => {
    const test = decide(at, counter);
    const [then, otherwise] = [inner(at), inner(at)];
    then.env.set(slot, counter);
    return fork(at, test, leaf(then, stop), leaf(otherwise, again));
  });
  const result = cursor.env.get(slot);
  cursor.env.delete(slot);
  return result ?? poison(cursor, node);
}

/** The first element that a callback accepts, or undefined. */
export function find(call: ArrayCall): Value {
  const { cursor, array, node, variable, elementType } = call;
  const fn = callback(call);
  if (fn === null) return refusedCallback(call);
  const nothing: Type = { kind: "opaque", text: "undefined" };
  const type = joinTypes(elementType, nothing) ?? optionalOf(elementType);
  const slot = carriedSlot("found", variable, type);
  cursor.env.set(slot, cursor.block.constant(undefined, originOf(node, slot.variable), null, type));
  runLoop(cursor, node, overPositions(cursor, array, node), (at, { counter, again, stop }) => {
    const value = loaded(call, at, counter);
    const test = truthy(at, run(call, at, fn, [value, counter, array]) ?? at.block.constant(false), node);
    const [then, otherwise] = [inner(at), inner(at)];
    then.env.set(slot, value);
    return fork(at, test, leaf(then, stop), leaf(otherwise, again));
  });
  const result = cursor.env.get(slot);
  cursor.env.delete(slot);
  return result ?? poison(cursor, node);
}

export function findPosition(call: ArrayCall): Value {
  const fn = callback(call);
  if (fn === null) return refusedCallback(call);
  return firstPosition(call, (at, counter) =>
    truthy(
      at,
      run(call, at, fn, [loaded(call, at, counter), counter, call.array]) ?? at.block.constant(false),
      call.node,
    ),
  );
}

/** `indexOf` and `includes`, which finds NaN too. */
export function position(call: ArrayCall, findsNaN = false): Value {
  const [sought] = values(call);
  const { cursor, node, elementType } = call;
  if (sought === null || sought === undefined || !(isScalar(elementType) || isText(elementType))) {
    return refused(cursor, node, "EZ2014", { name: "indexOf", type: "an array of objects" });
  }
  const isLenient = findsNaN && mayBeNaN(cursor, elementType, sought);
  return firstPosition(call, (at, counter) => {
    const one = loaded(call, at, counter);
    return isLenient ? isSame(at, one, sought, node) : lowerEquality(at, one, sought, false, node);
  });
}

function mayBeNaN({ block }: Cursor, elementType: Type, sought: Value): boolean {
  const literal = block.literalOf(sought);
  const isNumber = elementType.kind === "number" && sought.type.kind === "number";
  return isNumber && (literal === undefined || Number.isNaN(literal));
}

/** The language's SameValueZero, of numbers. */
function isSame(at: Cursor, one: Value, sought: Value, node: ts.Node): Value {
  const bothNaN = apply(at, "and", [apply(at, "ne", [sought, sought], node), apply(at, "ne", [one, one], node)], node);
  return apply(at, "or", [lowerEquality(at, one, sought, false, node), bothNaN], node);
}
