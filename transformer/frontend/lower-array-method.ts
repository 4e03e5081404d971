/** Methods of arrays: those with a callback become loops with the callback's body in them. */
import ts from "typescript";
import { isAssignable } from "../ir/assignable.js";
import { isAbsence } from "../ir/join-types.js";
import { element } from "../ir/build.js";
import {
  numberType,
  type ArrayType,
  type Range,
  type Storage,
  type Type,
  type Value,
  type Variable,
  isReference,
} from "../ir/ir.js";
import { elementTypeOf } from "../ir/join-types.js";
import { unwrapped } from "./assigned-symbols.js";
import { isTakenAtOnce } from "./array-walk.js";
import { isPoisoned, originOf, poison, refused, type Callable, type Cursor, type Slot } from "./environment.js";
import { noteNarrowing } from "./declared-const.js";
import { pendingArray, settleElements, settleTogether } from "./pending-elements.js";
import { reportMixed } from "./lower-mixed.js";
import { fork, leaf } from "./flow.js";
import { inner } from "./environment.js";
import { givenParts } from "./given-list.js";
import { mustNot } from "./implicit-throws.js";
import { isThere, leavingHoles, mayHaveHoles, mustBeDense } from "./holes.js";
import { isNonNegative } from "./known-bounds.js";
import { copyWithin, flat, flatMap, pop, set, shift, sort, splice, subarray, unshift } from "./lower-array-resize.js";
import { find, findPosition, position, search } from "./lower-array-search.js";
import { lowerReference } from "./lower-assignment.js";
import { carriesFunctions, functionField, functionValue } from "./function-value.js";
import { contentsOf, pushFunctions, whileWalked } from "./grown-list.js";
import { keepsMaps } from "./known-where-made.js";
import { callCallable, lowerArguments, type Argument } from "./lower-call.js";
import { negate, truthy } from "./lower-condition.js";
import { checkedType, choose } from "./lower-expression.js";
import { listOfMark } from "./loaded-mark.js";
import { allocated, appendAll, copyOf, expectedType, isVague, spreadOf } from "./lower-literal.js";
import { runLoop, overPositions } from "./lower-loop.js";
import { callMethod, callOnEach } from "./lower-method.js";
import { isMixedValue } from "./mixed-value.js";
import { makesAnother } from "./array-class.js";
import { findMember } from "./class-members.js";
import { exactClassOf } from "./lower-instance.js";
import { apply, numericOperand } from "./lower-operator.js";
import { opaqueText } from "./lower-opaque.js";
import { isEmptyLiteral } from "./native-path.js";
import { slicedParts } from "./sliced-parts.js";
import { throwWhere } from "./throw-where.js";
import { partsInTurn } from "./tuple-parts.js";
import { unrolledMethod } from "./unrolled-list.js";

export interface ArrayCall {
  readonly cursor: Cursor;
  readonly array: Value;
  readonly elementType: Type;
  readonly args: readonly Argument[];
  readonly node: ts.CallExpression;
  readonly variable: Variable | null;
}

/** `[].concat(a, b)`: an empty array of what the first of the others holds; null: it begins with something. */
function begunEmpty({ cursor, args, node, variable }: ArrayCall): Value | null {
  const callee = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(callee) || !isEmptyLiteral.Array(callee.expression)) return null;
  const lists = args.flatMap((one) => {
    if (one.kind === "function" || one.value.type.kind !== "array") return [];
    const { type: held } = one.value;
    return one.kind === "value" ? [held] : held.element.kind === "array" ? [held.element] : [];
  });
  const element = lists[0]?.element;
  if (element === undefined || cursor.session.placeholders.has(element)) return null;
  const type: Type = { kind: "array", element: element.kind === "integer" ? numberType : element, storage: "Array" };
  return allocated(cursor, cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable)));
}

/** `all.concat(...lists)`: what is in each of the lists, one after the other; false: they are no lists. */
function concatAll(cursor: Cursor, result: Value, lists: Value, node: ts.Node): boolean {
  const { type } = lists;
  if (type.kind !== "array" || type.element.kind !== "array" || result.type.kind !== "array") return false;
  if (!isAssignable(type.element.element, result.type.element, true)) return false;
  runLoop(cursor, node, overPositions(cursor, lists, node), (at, { counter, again }) => {
    const list = at.block.load(element(lists, counter), originOf(node));
    mustBeDense(at, list, "concat", node);
    appendAll(at, result, list, node);
    return leaf(at, again);
  });
  return true;
}

/** A method of an array; undefined where the object is none. */
export function lowerArrayMethod(
  cursor: Cursor,
  callee: ts.PropertyAccessExpression,
  node: ts.CallExpression,
  variable: Variable | null,
): Value | null | undefined {
  const type = checkedType(cursor, callee.expression);
  const kind = type?.kind === "optional" ? type.of.kind : type?.kind;
  if (kind !== undefined && kind !== "array" && kind !== "tuple" && kind !== "opaque") return undefined;
  if (kind === "opaque" || callee.expression.kind === ts.SyntaxKind.SuperKeyword) return undefined;
  if (!isArrayObject(cursor, callee.expression)) return undefined;
  const given = lowerReference(cursor, callee.expression);
  const array = listOfMark(cursor, given, callee.expression) ?? contentsOf(cursor, given);
  if (isMixedValue(array)) return callOnEach(cursor, array, callee, node, variable);
  const args = lowerArguments(cursor, node);
  if (isPoisoned(cursor, array)) return poison(cursor, node);
  if (array.type.kind !== "array" && array.type.kind !== "tuple") {
    // An object with a method `length`, or one of which the checker knows nothing.
    return callMethod(cursor, callee, node, array, args, variable);
  }
  const declared = cursor.session.checker.getTypeAtLocation(callee.expression);
  const name = callee.name.text;
  if (name === "push") {
    const pushed = args.flatMap((one) => (one.kind === "spread" ? [] : [asValue(cursor, one)]));
    const length = pushed.length < args.length ? undefined : pushFunctions(cursor, given, pushed, node);
    if (length !== undefined) return length;
  }
  const member = functionField(cursor, array, name);
  if (member !== null) return callCallable(cursor, member, args, node, variable);
  const exact = exactClassOf(cursor, array);
  if (findMember(cursor.session, declared, exact, name, "method") !== null) {
    return callMethod(cursor, callee, node, array, args, variable);
  }
  if (exact !== null && makesAnother(name)) {
    const type = `${exact.name?.text ?? "a class"}, which makes another instance,`;
    return refused(cursor, node, "EZ2014", { name, type });
  }
  if (cursor.session.argumentObjects.has(array)) return refused(cursor, node, "EZ2014", { name, type: "`arguments`" });
  const call = { array, owner: callee.expression, args, node, variable };
  return whileWalked(cursor.session, given, () => callArrayMethod(cursor, name, call));
}

/** What is handed over, a function too. */
const asValue = (cursor: Cursor, one: Exclude<Argument, { readonly kind: "spread" }>): Value =>
  one.kind === "function" ? functionValue(cursor, one.callable, one.node) : one.value;

/** Calls a method of arrays on one; `owner` is how it is written. */
export function callArrayMethod(
  cursor: Cursor,
  name: string,
  { array, owner, args, node, variable }: Omit<ArrayCall, "cursor" | "elementType"> & { readonly owner: ts.Expression },
): Value | null {
  const elementType = elementTypeOf(array.type);
  const method = methods[name];
  if (method === undefined || !Object.hasOwn(methods, name)) {
    return refused(cursor, node, "EZ2014", { name, type: "an array" });
  }
  if (args.some((one) => one.kind !== "function" && isPoisoned(cursor, one.value))) return poison(cursor, node);
  const call: ArrayCall = { cursor, array, elementType: elementType ?? numberType, args, node, variable };
  const parts = givenParts(cursor, array, owner);
  const part = name === "slice" ? slicedParts(call, parts) : null;
  if (part !== null) return part;
  const each = partsInTurn(cursor, array, parts, node);
  const unrolled = each === null ? undefined : unrolledMethod(call, name, each);
  if (unrolled !== undefined) return unrolled;
  if (movesElements.has(name)) mustBeDense(cursor, array, name, node);
  const isUnlike = elementType === null && array.type.kind === "tuple" && array.type.elements.length > 0;
  return isUnlike ? refused(cursor, node, "EZ2014", { name, type: "a tuple of unlike things" }) : method(call);
}

/** Does the checker, or what is known from a call, say that this is an array? */
function isArrayObject(cursor: Cursor, node: ts.Expression): boolean {
  const { checker } = cursor.session;
  const type = checker.getNonNullableType(checker.getTypeAtLocation(node));
  if (type.flags & ts.TypeFlags.Any) return true;
  // A vector of the user's has a length, too.
  const length = checker.getPropertyOfType(type, "length");
  return length !== undefined && length.declarations?.some((one) => ts.isClassLike(one.parent)) !== true;
}

/** What they do with holes is not followed. */
const movesElements: ReadonlySet<string> = new Set(["sort", "reverse", "shift", "unshift", "splice", "copyWithin"]);

type Method = (call: ArrayCall) => Value | null;

const methods: Readonly<Record<string, Method>> = {
  push: (call) => {
    const { cursor, array, node } = call;
    const fixed = refuseResize(call);
    if (fixed !== null) return fixed;
    let length: Value = cursor.block.constant(0);
    for (const one of call.args) {
      if (one.kind === "spread") appendAll(cursor, array, one.value, one.node);
      else if (one.kind === "value") {
        settleElements(cursor.session, array.type, one.value.type);
        if (array.type.kind === "array") settleTogether(cursor.session, one.value.type, array.type.element);
        const element = array.type.kind === "array" ? array.type.element : call.elementType;
        // Of fields that are declared Const more can be said, later on.
        const isRecord = one.value.type.kind === "record" && !carriesFunctions(cursor.session, one.value);
        const areRecords = isRecord && element.kind === "record" && keepsMaps(one.value.type) === keepsMaps(element);
        if (!areRecords && !isAssignable(one.value.type, element, true) && !isPoisoned(cursor, one.value)) {
          const type = cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(one.node));
          return refused(cursor, one.node, "EZ2025", { type });
        }
        noteNarrowing(cursor, call.elementType, one.value, one.node);
        length = cursor.block.push(array, one.value);
      } else return refused(cursor, node, "EZ2001", { what: "an array of functions", advice: "call them one by one" });
    }
    return call.args.some((one) => one.kind === "spread") ? cursor.block.length(array, originOf(node)) : length;
  },
  pop: (call) => pop(call),
  fill: (call) => {
    const { cursor, array, node } = call;
    const [value = cursor.block.constant(undefined, originOf(node))] = values(call);
    if (value === null) return refused(cursor, node, "EZ2014", { name: "fill", type: "an array" });
    const fresh = freshArray(call, value);
    if (fresh !== null) return fresh;
    const { from, to: end } = span(call, 1);
    // Beyond the end nothing is filled.
    const to = call.args.length > 2 ? apply(cursor, "min", [end, cursor.block.length(array)], node) : end;
    overRange(call, { from, to, step: 1, inclusive: false }, (at, counter) => {
      at.block.store(element(array, counter), value);
    });
    return array;
  },
  slice: (call) => {
    const { from, to } = span(call, 0);
    const { cursor, node, variable, array, elementType } = call;
    const type: Type = { kind: "array", element: elementType, storage: storageOf(array) };
    return allocated(
      cursor,
      cursor.block.allocate(type, { kind: "copy", source: array, from, to }, originOf(node, variable)),
    );
  },
  concat: (call) => {
    const { cursor, node, variable } = call;
    const begun = begunEmpty(call);
    const result = begun ?? copyOf(cursor, call.array, node, variable);
    const elementType = begun?.type.kind === "array" ? begun.type.element : call.elementType;
    for (const one of call.args) {
      if (one.kind === "spread" && concatAll(cursor, result, one.value, one.node)) continue;
      if (one.kind !== "value") return refused(cursor, node, "EZ2014", { name: "concat", type: "an array" });
      // What has no elements has no type of them either.
      if (isEmptyLiteral.Array(one.node)) continue;
      const { type } = one.value;
      const held = type.kind === "array" ? [type.element] : type.kind === "tuple" ? type.elements : [type];
      if (held.some((part) => isReference(part) !== isReference(elementType)))
        return refused(cursor, node, "EZ2025", { type: checkedText(cursor, node) });
      mustBeDense(cursor, one.value, "concat", node);
      if (type.kind === "array" || type.kind === "tuple") appendAll(cursor, result, one.value, one.node);
      else cursor.block.push(result, one.value);
    }
    return result;
  },
  at: (call) => {
    const { cursor, array, node, variable } = call;
    const [position] = values(call);
    if (position === null || position === undefined)
      return refused(cursor, node, "EZ2014", { name: "at", type: "an array" });
    const given = numericOperand(cursor, position, node);
    if (isPoisoned(cursor, given)) return poison(cursor, node);
    const value = cursor.block.load(element(array, fromStart(call, given)), originOf(node, variable));
    if (value.type.kind !== "optional") cursor.session.elements.add(value);
    return value;
  },
  map: (call) => {
    const { cursor, array, node, variable } = call;
    const fn = callback(call);
    if (fn === null) return refusedCallback(call);
    const tuple = mapTuple(call, fn);
    if (tuple !== null) return tuple;
    const { type: made } = resultType(call);
    const length = cursor.block.length(array, originOf(node));
    // What is a hole stays one.
    const holes = mayHaveHoles(cursor.session, array) ? { holes: true as const } : {};
    const initial = { kind: "zeros", length, ...holes } as const;
    const result = allocated(cursor, cursor.block.allocate(made, initial, originOf(node, variable)));
    overElements(call, { from: cursor.block.constant(0), to: length, step: 1, inclusive: false }, (at, counter) => {
      const value = run(call, at, fn, [loaded(call, at, counter), counter, array]);
      if (value !== null && !isPoisoned(at, value)) storeMapped(at, result, counter, value, node);
    });
    return result;
  },
  forEach: (call) => {
    const fn = callback(call);
    if (fn === null) return refusedCallback(call);
    everyElement(call, (at, counter) => void run(call, at, fn, [loaded(call, at, counter), counter, call.array]));
    return null;
  },
  reduce: (call) => fold(call, false),
  reduceRight: (call) => fold(call, true),
  filter: (call) => {
    const { cursor, node, variable, elementType, array } = call;
    const fn = callback(call);
    if (fn === null) return refusedCallback(call);
    if (array.type.kind === "array" && array.type.storage !== "Array") {
      return refused(cursor, node, "EZ2014", { name: "filter", type: "a typed array" });
    }
    const type: Type = { kind: "array", element: elementType, storage: "Array" };
    const result = allocated(
      cursor,
      cursor.block.allocate(type, { kind: "parts", parts: [] }, originOf(node, variable)),
    );
    runLoop(cursor, node, overPositions(cursor, array, node), (round, { counter, again }) =>
      leavingHoles(round, array, counter, again, node, (at) => {
        const value = loaded(call, at, counter);
        const test = truthy(at, run(call, at, fn, [value, counter, array]) ?? at.block.constant(false), node);
        const [then, otherwise] = [inner(at), inner(at)];
        then.block.push(result, value);
        return fork(at, test, leaf(then, again), leaf(otherwise, again));
      }),
    );
    return result;
  },
  some: (call) => search(call, { found: true, whenFound: true }),
  every: (call) => search(call, { found: false, whenFound: false }),
  findIndex: (call) => findPosition(call),
  find: (call) => find(call),
  indexOf: (call) => position(call),
  includes: (call) => {
    const at = position(call, true);
    return apply(call.cursor, "ge", [at, call.cursor.block.constant(0)], call.node, call.variable);
  },
  keys: (call) => keptIterator(call, "keys") ?? positions(call),
  values: (call) => keptIterator(call, "values") ?? spreadOf(call.cursor, call.array, call.node, call.variable),
  entries: (call) => keptIterator(call, "entries") ?? entries(call),
  reverse: (call) => reverse(call),
  sort: (call) => sort(call),
  shift: (call) => shift(call),
  unshift: (call) => unshift(call),
  splice: (call) => splice(call),
  flat: (call) => flat(call),
  flatMap: (call) => flatMap(call, resultType(call).type),
  subarray: (call) => subarray(call),
  copyWithin: (call) => copyWithin(call),
  set: (call) => set(call),
  join: ({ cursor, array, args, node, variable }) => {
    const [first] = args;
    const separator = first?.kind === "value" ? [first.value] : [];
    return opaqueText(
      cursor,
      separator.length > 0 ? "$0.join($1)" : "$0.join()",
      [array, ...separator],
      node,
      variable,
    );
  },
};

/** Stores what a function has made of an element in the new array, which holds such things from there on. */
export function storeMapped(at: Cursor, result: Value, counter: Value, value: Value, node: ts.Node): void {
  const { type } = result;
  if (type.kind !== "array") return;
  settleElements(at.session, type, value.type);
  settleTogether(at.session, value.type, type.element);
  if (isMixedValue(value)) reportMixed(at, value);
  else if (isAssignable(value.type, type.element, true)) at.block.store(element(result, counter), value);
  else refused(at, node, "EZ2025", { type: checkedText(at, node) });
}

const checkedText = ({ session: { checker } }: Cursor, node: ts.Node): string =>
  checker.typeToString(checker.getTypeAtLocation(node));

const nameOf = (node: ts.CallExpression): ts.Node =>
  ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node;

/** The arrays that a derivative is asked for keep their lengths. */
export function refuseResize({ cursor, array, node }: ArrayCall): Value | null {
  if (array.type.kind === "tuple") {
    return refused(cursor, nameOf(node), "EZ2001", {
      what: "changing the length of a tuple",
      advice: "copy it into an array first: `const list: number[] = [...pair]`",
    });
  }
  const name = cursor.session.fixedParameters.get(array);
  return name === undefined ? null : refused(cursor, nameOf(node), "EZ1022", { name });
}

const storageOf = (array: Value): Storage => (array.type.kind === "array" ? array.type.storage : "Array");

export const values = (call: ArrayCall): readonly (Value | null)[] =>
  call.args.map((one) => (one.kind === "value" ? one.value : null));

export function callback(call: ArrayCall): Callable | null {
  const [first] = call.args;
  return first?.kind === "function" ? first.callable : null;
}

export const refusedCallback = (call: ArrayCall): Value =>
  refused(call.cursor, call.node, "EZ2013", { name: call.node.arguments[0]?.getText() ?? "the callback" });

export function loaded(call: ArrayCall, at: Cursor, counter: Value): Value {
  const value = at.block.load(element(call.array, counter), originOf(call.node));
  at.session.certain.add(value);
  return value;
}

/** How many of its arguments a callback looks at. A function of Math takes its first as a number, also the position. */
function taken(fn: Callable): number {
  if (fn.kind === "math" || fn.kind === "ofNumber") return 1;
  // It stands in the place of its primal, whose type says how many arguments it takes.
  if (fn.kind === "derivative" || fn.kind === "pullback" || fn.kind === "class" || fn.kind === "list") return 1;
  if (fn.kind === "closure") {
    const { parameters } = fn.node;
    return parameters.some((one) => one.dotDotDotToken !== undefined) ? Infinity : Math.max(parameters.length, 1);
  }
  const all = [...fn.ways.map(({ callable }) => callable), ...(fn.otherwise === null ? [] : [fn.otherwise])];
  return all.some(({ kind }) => kind === "math") ? 1 : Math.max(...all.map(taken));
}

export function run(call: ArrayCall, at: Cursor, fn: Callable, args: readonly Value[]): Value | null {
  const given = args.slice(0, taken(fn));
  return callCallable(
    at,
    fn,
    given.map((value): Argument => ({ kind: "value", value, node: call.node })),
    call.node,
    null,
  );
}

export function overRange(call: ArrayCall, range: Range, body: (at: Cursor, counter: Value) => void): void {
  runLoop(call.cursor, call.node, range, (at, { counter, again }) => {
    body(at, counter);
    return leaf(at, again);
  });
}

/** As `overRange`, for methods that leave holes out. */
export function overElements(call: ArrayCall, range: Range, body: (at: Cursor, counter: Value) => void): void {
  const { cursor, array, node } = call;
  runLoop(cursor, node, range, (round, { counter, again }) =>
    leavingHoles(round, array, counter, again, node, (at) => {
      body(at, counter);
      return leaf(at, again);
    }),
  );
}

const everyElement = (call: ArrayCall, body: (at: Cursor, counter: Value) => void): void =>
  overElements(call, overPositions(call.cursor, call.array, call.node), body);

/** Tuples up to this length are mapped one element after the other. */
const longestTuple = 8;

/** `v.map((x) => s * x) as Vec3` of a tuple: a tuple again; null: it is none, or none is wanted. */
function mapTuple(call: ArrayCall, fn: Callable): Value | null {
  const { cursor, array, node, variable } = call;
  const wanted = expectedType(cursor, node);
  if (array.type.kind !== "tuple" || wanted?.kind !== "tuple") return null;
  const { length } = array.type.elements;
  if (length !== wanted.elements.length || length > longestTuple) return null;
  const parts = array.type.elements.map((_, k) => {
    const position = cursor.block.constant(k);
    return run(call, cursor, fn, [loaded(call, cursor, position), position, array]) ?? poison(cursor, node);
  });
  if (isPoisoned(cursor, ...parts)) return poison(cursor, node);
  const isFitting = parts.every(({ type }, k) => isAssignable(type, wanted.elements[k] ?? type, true));
  const { checker } = cursor.session;
  const own = checker.typeToString(checker.getTypeAtLocation(node));
  if (!isFitting) return refused(cursor, node, "EZ2025", { type: own });
  return allocated(cursor, cursor.block.allocate(wanted, { kind: "parts", parts }, originOf(node, variable)));
}

/** What `map` makes: the checker knows, or what is put in tells; a typed array stays what it is. */
function resultType(call: ArrayCall): { readonly type: ArrayType } {
  const { array } = call;
  if (array.type.kind === "array" && array.type.storage !== "Array" && array.type.storage !== "ArrayLike") {
    return { type: array.type };
  }
  const checked = checkedType(call.cursor, call.node);
  if (checked?.kind === "array" && !isVague(checked)) {
    return { type: checked.element.kind === "integer" ? { ...checked, element: numberType } : checked };
  }
  return { type: pendingArray(call.cursor.session) };
}

/** `new Array(n).fill(v)`: made filled. */
function freshArray(call: ArrayCall, value: Value): Value | null {
  const { cursor, node, variable, args } = call;
  const owner = ts.isPropertyAccessExpression(node.expression) ? unwrapped(node.expression.expression) : null;
  if (owner === null || args.length > 1) return null;
  if (!ts.isNewExpression(owner) && !ts.isCallExpression(owner)) return null;
  const last = cursor.block.ops.at(-1);
  const made = cursor.block.ops.find((op) => op.kind === "allocate" && op.results[0] === call.array);
  if (last === undefined || made?.kind !== "allocate" || made.initial.kind !== "zeros") return null;
  const { type } = call.array;
  if (type.kind !== "array") return null;
  const { length } = made.initial;
  const known = [checkedType(cursor, node), expectedType(cursor, node)].find(
    (one) => one?.kind === "array" && type.storage === "Array" && one.element.kind !== "opaque",
  );
  // What is only walked holds nothing: `Array(n).fill().map(f)`.
  const isOpen = cursor.session.pendingElements.has(type) && (!isAbsence(value.type) || isWalkedAtOnce(node));
  const element = known?.kind === "array" ? known.element : isOpen ? value.type : type.element;
  const of = element.kind === "integer" && type.storage === "Array" ? numberType : element;
  if (!isAssignable(value.type, of, true)) {
    return refused(cursor, node, "EZ2025", {
      type: cursor.session.checker.typeToString(cursor.session.checker.getTypeAtLocation(node)),
    });
  }
  return allocated(
    cursor,
    cursor.block.allocate({ ...type, element: of }, { kind: "filled", length, value }, originOf(node, variable)),
  );
}

/** Does nobody but a method that goes through it see what a call makes? */
export const isWalkedAtOnce = ({ parent }: ts.Node): boolean =>
  ts.isPropertyAccessExpression(parent) &&
  ts.isCallExpression(parent.parent) &&
  /^(?:map|forEach|reduce|flatMap)$/.test(parent.name.text);

/** Start and end as `slice` and `fill` take them: from the end where negative, and within the array. */
function span(call: ArrayCall, first: number): { readonly from: Value; readonly to: Value } {
  const { cursor, array, node } = call;
  const length = cursor.block.length(array, originOf(node));
  const bound = (position: number, otherwise: Value): Value => {
    const value = values(call)[position];
    const argument = node.arguments[position];
    if (value === null || value === undefined || argument === undefined) return otherwise;
    const operand = numericOperand(cursor, value, node);
    const literal = cursor.block.literalOf(operand);
    if (typeof literal === "number") return literal >= 0 ? operand : fromEnd(cursor, length, operand, node);
    if (isNonNegative(cursor.session, argument)) return operand;
    return choose(
      cursor,
      apply(cursor, "lt", [operand, cursor.block.constant(0)], node),
      (at) => fromEnd(at, length, operand, node),
      () => operand,
      node,
      null,
    );
  };
  const from = bound(first, cursor.block.constant(0));
  return { from, to: bound(first + 1, length) };
}

/** A position as `at` takes it: one below 0 is counted from the end. */
function fromStart({ cursor, array, node }: ArrayCall, given: Value): Value {
  const { block, session } = cursor;
  const position = given.type.kind === "integer" ? given : apply(cursor, "trunc", [given], node);
  const counted = (at: Cursor): Value => apply(at, "add", [at.block.length(array), position], node);
  const literal = block.literalOf(position);
  if (typeof literal === "number") return literal >= 0 ? position : counted(cursor);
  const [argument] = node.arguments;
  if (argument !== undefined && isNonNegative(session, argument)) return position;
  const isBelow = apply(cursor, "lt", [position, block.constant(0)], node);
  return choose(cursor, isBelow, counted, () => position, node, null);
}

const fromEnd = (cursor: Cursor, length: Value, operand: Value, node: ts.Node): Value =>
  apply(cursor, "max", [apply(cursor, "add", [length, operand], node), cursor.block.constant(0)], node);

export function carriedSlot(name: string, variable: Variable | null, type: Type | null): Slot {
  return { variable: variable ?? { name }, key: {}, type, late: false, shared: true };
}

/** `reduce` and `reduceRight`. */
function fold(call: ArrayCall, fromRight: boolean): Value | null {
  const { cursor, array, node, variable } = call;
  const { block } = cursor;
  const fn = callback(call);
  if (fn === null) return refusedCallback(call);
  const second = call.args[1];
  const length = block.length(array, originOf(node));
  const last = (): Value => apply(cursor, "sub", [length, block.constant(1)], node);
  const given = second?.kind === "value" ? second.value : null;
  let start = fromRight ? last() : block.constant(0);
  // Without a first value the first element is it; of an empty array JavaScript then throws, and we read NaN.
  if (given === null) {
    const isEmpty = (): Value => apply(cursor, "eq", [length, block.constant(0)], node);
    mustNot(cursor, isEmpty, "TypeError", "Reduce of empty array with no initial value", node);
  }
  if (given === null && mayHaveHoles(cursor.session, array)) {
    const message = "`reduce` without a start over an array that begins with a hole, which a derivative cannot follow";
    throwWhere(cursor, negate(cursor, isThere(cursor, array, start, node), node), message, node);
  }
  const initial = given ?? block.load(element(array, start), originOf(node));
  if (given === null) start = fromRight ? apply(cursor, "sub", [start, block.constant(1)], node) : block.constant(1);
  const slot = carriedSlot("accumulator", variable, null);
  cursor.env.set(slot, initial);
  const range: Range = fromRight
    ? { from: start, to: block.constant(0), step: -1, inclusive: true }
    : { from: start, to: length, step: 1, inclusive: false };
  overElements(call, range, (at, counter) => {
    const before = at.env.get(slot) ?? initial;
    const next = run(call, at, fn, [before, loaded(call, at, counter), counter, array]);
    if (next !== null) at.env.set(slot, next);
  });
  const result = cursor.env.get(slot) ?? initial;
  cursor.env.delete(slot);
  return result;
}

/** Refuses an iterator that is not walked where it is made. */
const keptIterator = ({ cursor, node }: ArrayCall, name: string): Value | null =>
  isTakenAtOnce(node) ? null : refused(cursor, node, "EZ2014", { name, type: "an array, kept as an iterator," });

/** `[...xs.keys()]`: who walks the positions may walk a list of them. */
const positions = (call: ArrayCall): Value => listOfEach(call, numberType, (_, counter) => counter);

/** `[...xs.entries()]`: pairs of a position and what is there. */
function entries(call: ArrayCall): Value {
  const pair: Type = { kind: "tuple", elements: [numberType, call.elementType] };
  return listOfEach(call, pair, (at, counter) => {
    const parts = [counter, loaded(call, at, counter)];
    return at.block.allocate(pair, { kind: "parts", parts }, originOf(call.node));
  });
}

/** A new list with a part for each position of an array. */
function listOfEach(call: ArrayCall, part: Type, make: (at: Cursor, counter: Value) => Value): Value {
  const { cursor, array, node, variable } = call;
  const length = cursor.block.length(array, originOf(node));
  const type: Type = { kind: "array", element: part, storage: "Array" };
  const made = allocated(cursor, cursor.block.allocate(type, { kind: "zeros", length }, originOf(node, variable)));
  overRange(call, { from: cursor.block.constant(0), to: length, step: 1, inclusive: false }, (at, counter) =>
    at.block.store(element(made, counter), make(at, counter)),
  );
  return made;
}

/** In place, from both ends to the middle. */
function reverse(call: ArrayCall): Value {
  const { cursor, array, node } = call;
  const { block } = cursor;
  const length = block.length(array, originOf(node));
  const half = apply(cursor, "shr", [length, block.constant(1)], node);
  overRange(call, { from: block.constant(0), to: half, step: 1, inclusive: false }, (at, counter) => {
    const mirrored = apply(at, "sub", [apply(at, "sub", [length, at.block.constant(1)], node), counter], node);
    const [a, b] = [loaded(call, at, counter), loaded(call, at, mirrored)];
    at.block.store(element(array, counter), b);
    at.block.store(element(array, mirrored), a);
  });
  return array;
}
