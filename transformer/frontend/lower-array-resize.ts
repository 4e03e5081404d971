/** Methods that move elements to other positions, or change how many there are: as loops of loads and stores. */
import type ts from "typescript";
import { element } from "../ir/build.js";
import { booleanType, integerType, numberType, type ArrayType, type Type, type Value } from "../ir/ir.js";
import { joinTypes } from "../ir/join-types.js";
import { inner, originOf, refused, type Cursor } from "./environment.js";
import { fork, leaf } from "./flow.js";
import { noteShortened } from "./hole-notes.js";
import { isThere, leavingHoles, mayHaveHoles, mustBeDense } from "./holes.js";
import {
  callback,
  carriedSlot,
  overElements,
  overRange,
  refusedCallback,
  refuseResize,
  run,
  values,
  type ArrayCall,
} from "./lower-array-method.js";
import { choose } from "./lower-expression.js";
import { isUndefined, mayBeUndefined, negate } from "./lower-condition.js";
import { throwWhere } from "./throw-where.js";
import { mustNot } from "./implicit-throws.js";
import { isNonNegative } from "./known-bounds.js";
import { allocated, appendAll, copyOf } from "./lower-literal.js";
import { overPositions, runLoop } from "./lower-loop.js";
import { isModuleValue, markModuleValue } from "./module-constants.js";
import { apply, numericOperand } from "./lower-operator.js";
import { settleElements } from "./pending-elements.js";

interface Shortened extends Pick<ArrayCall, "cursor" | "array" | "elementType"> {
  readonly node: ts.Node;
}

const int32: ArrayType = { kind: "array", element: integerType, storage: "Int32Array" };

/** A copy of a whole array, or of a part of it. */
function copied(call: ArrayCall, from: Value, to: Value): Value {
  const { cursor, array, elementType, node } = call;
  const storage = array.type.kind === "array" ? array.type.storage : "Array";
  const type: Type = { kind: "array", element: elementType, storage };
  return allocated(cursor, cursor.block.allocate(type, { kind: "copy", source: array, from, to }, originOf(node)));
}

const upTo = (cursor: Cursor, to: Value, from = cursor.block.constant(0)): Parameters<typeof overRange>[1] => ({
  from,
  to,
  step: 1,
  inclusive: false,
});

/**
 * `sort`: the order is found first, by insertion, which is stable as the language asks; then the elements are put there.
 *
 *   order = positions of the elements as they will stand;   for k: array[k] = before[order[k]]
 *
 * The comparisons carry no derivative; that of the result follows the order.
 */
export function sort(call: ArrayCall): Value {
  const { cursor, array, node } = call;
  const { block } = cursor;
  if (call.args.length > 0 && callback(call) === null) return refusedCallback(call);
  const isTyped = array.type.kind === "array" && array.type.storage !== "Array" && array.type.storage !== "ArrayLike";
  if (call.args.length === 0 && !isTyped) {
    return refused(cursor, node, "EZ2001", {
      what: "`sort` without a comparison, which sorts numbers as text,",
      advice: "give it one: sort((a, b) => a - b)",
    });
  }
  const length = block.length(array, originOf(node));
  const before = copied(call, block.constant(0), length);
  const order = allocated(cursor, block.allocate(int32, { kind: "zeros", length }, originOf(node, { name: "order" })));
  overRange(call, upTo(cursor, length), (at, counter) => {
    const place = insertionPlace(call, at, before, order, counter);
    at.block.store(element(order, place), counter);
  });
  overRange(call, upTo(cursor, length), (at, counter) => {
    const position = at.block.load(element(order, counter), originOf(node));
    at.block.store(element(array, counter), at.block.load(element(before, position), originOf(node)));
  });
  return array;
}

/** Moves what is greater than an element one place up, and answers the place that becomes free. */
function insertionPlace(call: ArrayCall, cursor: Cursor, before: Value, order: Value, counter: Value): Value {
  const { node } = call;
  const slot = carriedSlot("place", null, integerType);
  cursor.env.set(slot, counter);
  const value = cursor.block.load(element(before, counter), originOf(node));
  runLoop(cursor, node, null, (at, { again, stop }) => {
    const place = at.env.get(slot) ?? counter;
    const below = apply(at, "sub", [place, at.block.constant(1)], node);
    const greater = choose(
      at,
      apply(at, "gt", [place, at.block.constant(0)], node),
      (here) => isGreater(call, here, before, here.block.load(element(order, below), originOf(node)), value),
      (here) => here.block.constant(false, originOf(node), null, booleanType),
      node,
      null,
    );
    const [then, otherwise] = [inner(at), inner(at)];
    then.block.store(element(order, place), then.block.load(element(order, below), originOf(node)));
    then.env.set(slot, below);
    return fork(at, greater, leaf(then, again), leaf(otherwise, stop));
  });
  const place = cursor.env.get(slot) ?? counter;
  cursor.env.delete(slot);
  return place;
}

/** Does the element at a position come behind another one? What is undefined comes last, and nobody is asked. */
function isGreater(call: ArrayCall, at: Cursor, before: Value, position: Value, value: Value): Value {
  const { node, elementType } = call;
  const other = at.block.load(element(before, position), originOf(node));
  if (!mayBeUndefined(elementType)) return comesBehind(call, at, other, value);
  return choose(
    at,
    isUndefined(at, value, node),
    (here) => here.block.constant(false, originOf(node), null, booleanType),
    (here) =>
      choose(
        here,
        isUndefined(here, other, node),
        (last) => last.block.constant(true, originOf(node), null, booleanType),
        (both) => comesBehind(call, both, other, value),
        node,
        null,
      ),
    node,
    null,
  );
}

/** As the comparison says; without one NaN comes last. */
function comesBehind(call: ArrayCall, at: Cursor, other: Value, value: Value): Value {
  const { node } = call;
  const fn = callback(call);
  if (fn === null) {
    return choose(
      at,
      apply(at, "ne", [other, other], node),
      (here) => apply(here, "eq", [value, value], node),
      (here) => apply(here, "gt", [other, value], node),
      node,
      null,
    );
  }
  const compared = run(call, at, fn, [other, value]);
  if (compared === null) return at.block.constant(false);
  const difference = numericOperand(at, compared, node);
  return apply(at, "gt", [difference, at.block.constant(0)], node);
}

/** `pop`; a hole that is popped would look like what an empty array gives. */
export function pop(call: ArrayCall): Value {
  const { cursor, array, elementType, node, variable } = call;
  const fixed = refuseResize(call);
  if (fixed !== null) return fixed;
  noteShortened(cursor.session, array);
  if (mayHaveHoles(cursor.session, array)) {
    const length = cursor.block.length(array, originOf(node));
    const isThereOrNone = choose(
      cursor,
      apply(cursor, "gt", [length, cursor.block.constant(0)], node),
      (at) => isThere(at, array, apply(at, "sub", [length, at.block.constant(1)], node), node),
      (at) => at.block.constant(true, originOf(node), null, booleanType),
      node,
      null,
    );
    const message = "a hole of an array is popped, which a derivative cannot follow";
    throwWhere(cursor, negate(cursor, isThereOrNone, node), message, node);
  }
  return cursor.block.pop(array, elementType, originOf(node, variable));
}

/** `shift`: the first element, and all others one place down. */
export function shift(call: ArrayCall): Value {
  const { cursor, array, node, variable } = call;
  const fixed = refuseResize(call);
  if (fixed !== null) return fixed;
  const { block } = cursor;
  const first = block.load(element(array, block.constant(0)), originOf(node, variable));
  const length = block.length(array, originOf(node));
  const last = apply(cursor, "sub", [length, block.constant(1)], node);
  overRange(call, upTo(cursor, last), (at, counter) => {
    const next = apply(at, "add", [counter, at.block.constant(1)], node);
    at.block.store(element(array, counter), at.block.load(element(array, next), originOf(node)));
  });
  shorten(call, last);
  return first;
}

/**
 * `a.length = n`, which takes elements off the end. Elements that are not there have no derivative: an array is not
 * lengthened in this way.
 */
export function setLength(cursor: Cursor, array: Value, length: Value, node: ts.Node): void {
  if (cursor.block.literalOf(length) !== 0) {
    const fits = apply(cursor, "le", [length, cursor.block.length(array, originOf(node))], node);
    const message = "an array is lengthened by its length, which a derivative cannot follow";
    throwWhere(cursor, negate(cursor, fits, node), message, node);
  }
  shorten({ cursor, array, elementType: array.type.kind === "array" ? array.type.element : numberType, node }, length);
}

/** Takes elements off the end until this many are left. */
function shorten({ cursor, array, elementType, node }: Shortened, left: Value): void {
  noteShortened(cursor.session, array);
  const from = apply(cursor, "max", [left, cursor.block.constant(0)], node);
  const length = cursor.block.length(array, originOf(node));
  runLoop(cursor, node, upTo(cursor, length, from), (at, { again }) => {
    at.block.pop(array, elementType, originOf(node));
    return leaf(at, again);
  });
}

/** `copyWithin`: what is copied is taken before any of it is overwritten. */
export function copyWithin(call: ArrayCall): Value {
  const { cursor, array, node } = call;
  const { block } = cursor;
  const given = plain(values(call));
  if (given === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const zero = block.constant(0);
  const length = block.length(array, originOf(node));
  const [target = zero, start = zero, end = length] = given;
  const to = position(call, target, length);
  const from = position(call, start, length);
  const source = copied(call, from, apply(cursor, "max", [position(call, end, length), from], node));
  // What would stand behind the end is dropped.
  const room = apply(cursor, "sub", [length, to], node);
  const count = apply(cursor, "min", [block.length(source), room], node);
  overRange(call, upTo(cursor, count), (at, counter) => {
    const index = apply(at, "add", [to, counter], node);
    at.block.store(element(array, index), at.block.load(element(source, counter), originOf(node)));
  });
  return array;
}

/**
 * `set`: as if what is copied were taken before any of it is overwritten. A view may be of the memory that is written;
 * `resolveViews` drops the copy where it is not.
 */
export function set(call: ArrayCall): Value | null {
  const { cursor, array, node } = call;
  const { block, session } = cursor;
  const [given, offset = null] = values(call);
  if (given === null || given === undefined || (given.type.kind !== "array" && given.type.kind !== "tuple")) {
    return refused(cursor, node, "EZ2014", { name: "set", type: "an array" });
  }
  const isBeyond = (): Value => {
    const from = offset ?? block.constant(0);
    const end = apply(cursor, "add", [from, block.length(given)], node);
    const isTooLong = apply(cursor, "gt", [end, block.length(array)], node);
    return apply(cursor, "or", [isTooLong, apply(cursor, "lt", [from, block.constant(0)], node)], node);
  };
  mustNot(cursor, isBeyond, "RangeError", "offset is out of bounds", node);
  let source = given;
  if (session.views.has(given)) {
    source = copied({ ...call, array: given }, block.constant(0), block.length(given, originOf(node)));
    session.copiesForSet.set(source, { target: array, offset });
  }
  runLoop(cursor, node, overPositions(cursor, source, node), (at, { counter, again }) => {
    const index = offset === null ? counter : apply(at, "add", [offset, counter], node);
    at.block.store(element(array, index), at.block.load(element(source, counter), originOf(node)));
    return leaf(at, again);
  });
  return null;
}

/** `subarray`: another array in the same memory, see `resolveViews`. */
export function subarray(call: ArrayCall): Value {
  const { cursor, array, node } = call;
  const { block, session } = cursor;
  const given = plain(values(call));
  const storage = array.type.kind === "array" ? array.type.storage : "Array";
  if (given === null || storage === "Array" || storage === "ArrayLike") {
    return refused(cursor, node, "EZ2014", { name: "subarray", type: "such an array" });
  }
  const length = block.length(array, originOf(node));
  const [start = block.constant(0), end = length] = given;
  const from = position(call, start, length);
  const last = position(call, end, length);
  // Where it ends with the array, or begins with it, it cannot end before it begins.
  const to = last === length || block.literalOf(from) === 0 ? last : apply(cursor, "max", [last, from], node);
  const view = copied(call, from, to);
  session.views.set(view, node);
  session.viewCount++;
  return isModuleValue(cursor, array) ? markModuleValue(cursor, view) : view;
}

/** A position as methods take it: whole, from the end where it is negative, and within the array. */
function position(call: ArrayCall, value: Value, length: Value): Value {
  const { cursor, node } = call;
  if (value === length) return length;
  const literal = cursor.block.literalOf(value);
  if (literal === 0) return value;
  const whole = apply(cursor, "trunc", [numericOperand(cursor, value, node)], node);
  const fromStart = (at: Cursor): Value => apply(at, "min", [whole, length], node);
  if (typeof literal === "number" && literal >= 0) return fromStart(cursor);
  const argument = node.arguments[values(call).indexOf(value)];
  if (argument !== undefined && isNonNegative(cursor.session, argument)) return fromStart(cursor);
  return choose(
    cursor,
    apply(cursor, "lt", [whole, cursor.block.constant(0)], node),
    (at) => apply(at, "max", [apply(at, "add", [length, whole], node), at.block.constant(0)], node),
    fromStart,
    node,
    null,
  );
}

/** `splice` and `unshift`: what stands behind is taken off, and put back behind what is new. */
function replace(call: ArrayCall, from: Value, to: Value, items: readonly Value[]): Value {
  const { cursor, array, node } = call;
  const { block } = cursor;
  const removed = copied(call, from, to);
  const behind = copied(call, to, block.length(array, originOf(node)));
  shorten(call, from);
  for (const item of items) block.push(array, item);
  appendAll(cursor, array, behind, node);
  return removed;
}

export function unshift(call: ArrayCall): Value {
  const { cursor, array, node } = call;
  const fixed = refuseResize(call);
  if (fixed !== null) return fixed;
  const items = plain(values(call));
  if (items === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const zero = cursor.block.constant(0);
  replace(call, zero, zero, items);
  return cursor.block.length(array, originOf(node));
}

export function splice(call: ArrayCall): Value {
  const { cursor, array, node } = call;
  const { block } = cursor;
  const fixed = refuseResize(call);
  if (fixed !== null) return fixed;
  const given = plain(values(call));
  if (given === null) return refused(cursor, node, "EZ2010", { kind: "spread" });
  const [start = block.constant(0), count, ...items] = given;
  const length = block.length(array, originOf(node));
  const clamp = (value: Value, low: Value, high: Value): Value =>
    apply(cursor, "min", [apply(cursor, "max", [value, low], node), high], node);
  const zero = block.constant(0);
  const from = position(call, start, length);
  if (count === undefined) return replace(call, from, given.length === 0 ? from : length, items);
  const taken = apply(cursor, "trunc", [numericOperand(cursor, count, node)], node);
  const rest = apply(cursor, "sub", [length, from], node);
  return replace(call, from, apply(cursor, "add", [from, clamp(taken, zero, rest)], node), items);
}

function plain(given: readonly (Value | null)[]): readonly Value[] | null {
  const found: Value[] = [];
  for (const one of given) {
    if (one === null) return null;
    found.push(one);
  }
  return found;
}

/** `flatMap`: the arrays that the callback answers, one behind the other. */
export function flatMap(call: ArrayCall, made: ArrayType): Value {
  const { cursor, array, node, variable } = call;
  const fn = callback(call);
  if (fn === null) return refusedCallback(call);
  const result = allocated(cursor, cursor.block.allocate(made, { kind: "parts", parts: [] }, originOf(node, variable)));
  overElements(call, upTo(cursor, cursor.block.length(array, originOf(node))), (at, counter) => {
    const value = run(call, at, fn, [at.block.load(element(array, counter), originOf(node)), counter, array]);
    if (value === null) return;
    if (value.type.kind === "array" || value.type.kind === "tuple") {
      if (value.type.kind === "array") settleElements(at.session, made, value.type.element);
      mustBeDense(at, value, "flatMap", node);
      appendAll(at, result, value, node);
      return;
    }
    settleElements(at.session, made, value.type);
    at.block.push(result, value);
  });
  return result;
}

/** `flat()`: the elements of the arrays inside, one behind the other. */
export function flat(call: ArrayCall): Value {
  const { cursor, args, node } = call;
  const [given] = args;
  const depth = given === undefined ? 1 : given.kind === "value" ? cursor.block.literalOf(given.value) : undefined;
  if (typeof depth !== "number") {
    return refused(cursor, node, "EZ2014", { name: "flat", type: "an array, with a depth that is not known," });
  }
  let { array } = call;
  for (let level = 0; level < depth; level++) {
    const { type } = array;
    const inside = type.kind === "array" ? type.element : null;
    if (inside === null) return refused(cursor, node, "EZ2014", { name: "flat", type: "an array of unlike things" });
    if (inside.kind !== "array" && inside.kind !== "tuple") break;
    array = flatOnce({ ...call, array });
  }
  return array === call.array ? copyOf(cursor, array, node, call.variable) : array;
}

function flatOnce({ cursor, array, node, variable }: ArrayCall): Value {
  const inside = array.type.kind === "array" ? array.type.element : array.type;
  const parts = inside.kind === "tuple" ? inside.elements : inside.kind === "array" ? [inside.element] : [];
  const held = parts.reduce<Type | null>(
    (all, one, k) => (k === 0 ? one : all === null ? null : joinTypes(all, one)),
    null,
  );
  if (held === null) return refused(cursor, node, "EZ2014", { name: "flat", type: "an array of unlike things" });
  const type: Type = { kind: "array", element: held.kind === "integer" ? numberType : held, storage: "Array" };
  const result = allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable)));
  runLoop(cursor, node, overPositions(cursor, array, node), (round, { counter, again }) =>
    leavingHoles(round, array, counter, again, node, (at) => {
      const row = at.block.load(element(array, counter), originOf(node));
      at.session.certain.add(row);
      mustBeDense(at, row, "flat", node);
      appendAll(at, result, row, node);
      return leaf(at, again);
    }),
  );
  return result;
}
