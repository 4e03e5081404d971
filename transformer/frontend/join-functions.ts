/**
 * Functions behind a branch: which one it is, is asked again where it is called.
 *
 *   let f = a; if (c) f = b; f(x)   =>   c ? b(x) : a(x)
 *
 * The variables that a function captures of the branch it was made in live on behind it.
 */
import ts from "typescript";
import type { Block } from "../ir/build.js";
import type { RecordType, Type, Value } from "../ir/ir.js";
import { isAssignable } from "../ir/assignable.js";
import { joinTypes } from "../ir/join-types.js";
import { symbolAt } from "./assigned-symbols.js";
import type { Binding, Callable, Choice, Environment, Scope, Slot } from "./environment.js";
import { noteAlternatives } from "./given-later.js";
import { functionsIn } from "./function-value.js";
import type { LoweringSession } from "./session.js";

/** The functions that a value stands for, or that an object holds. */
function heldBy(session: LoweringSession, value: Value | undefined): readonly Callable[] {
  if (value === undefined) return [];
  const type = value.type.kind === "optional" ? value.type.of : value.type;
  const own = session.functions.get(value)?.callable;
  const fields = session.joinedFunctions.get(value) ?? session.functionFields.get(type);
  const generator = session.generators.get(value)?.closure;
  const list: Callable[] = session.grownLists.has(value) ? [{ kind: "list", list: value }] : [];
  const parts = session.functionLists.has(value) ? (session.givenLists.get(value) ?? []) : [];
  return [
    ...(own === undefined ? [] : [own]),
    ...(fields === undefined ? [] : fields.values()),
    ...(generator === undefined ? [] : [generator]),
    ...list,
    ...parts.flatMap((one) => heldBy(session, one)),
  ];
}

const contentsSlot = ({ grownLists }: LoweringSession, list: Value): readonly Slot[] => {
  const grown = grownLists.get(list);
  return grown === undefined ? [] : [grown.contents];
};

/** What a function finds in the scope it was written in. */
function bindingsOf(session: LoweringSession, node: ts.Node, scope: Scope | null): readonly Binding[] {
  if (scope === null) return [];
  const found = new Set<Binding>();
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at)) {
      const symbol = symbolAt(session, at);
      const binding = symbol === null ? null : scope.get(symbol);
      if (binding !== null) found.add(binding);
    }
    if (!ts.isTypeNode(at)) ts.forEachChild(at, visit);
  };
  visit(node);
  return [...found];
}

/** Calls `see` for a function and for all that it calls in its turn, by name, and gives the variables that they see. */
function walkCallables(
  session: LoweringSession,
  callable: Callable,
  see: (one: Callable) => void,
  seen: Callable[] = [],
): readonly Slot[] {
  see(callable);
  const through = (bindings: readonly Binding[]): readonly Slot[] =>
    bindings.flatMap((one) => (one.kind === "variable" ? [one.slot] : walkCallables(session, one.callable, see, seen)));
  switch (callable.kind) {
    case "math":
    case "ofNumber":
    case "pullback":
    case "class":
      return [];
    case "list":
      return contentsSlot(session, callable.list);
    case "choice":
      return [...callable.ways.map((one) => one.callable), callable.otherwise].flatMap((one) =>
        one === null ? [] : walkCallables(session, one, see, seen),
      );
    case "closure":
    case "derivative": {
      if (seen.some((one) => isSame(one, callable))) return [];
      seen.push(callable);
      const node = callable.kind === "closure" ? callable.node : callable.macro;
      return through(bindingsOf(session, node, callable.scope));
    }
  }
}

/** Variables of a branch that are seen behind it only by functions which leave it, in the variables given. */
export function capturedBehind(
  session: LoweringSession,
  branch: Environment,
  around: Environment,
  leaving: Iterable<Slot>,
): readonly Slot[] {
  const found = new Set<Slot>();
  const pending = [...leaving];
  for (let slot = pending.pop(); slot !== undefined; slot = pending.pop()) {
    const value = branch.get(slot);
    if (value === around.get(slot)) continue;
    for (const callable of heldBy(session, value)) {
      for (const captured of walkCallables(session, callable, () => undefined)) {
        if (found.has(captured) || around.has(captured) || !branch.has(captured)) continue;
        found.add(captured);
        pending.push(captured);
      }
    }
  }
  return [...found];
}

/** Values that a function was made with, besides variables. */
function valuesOf(callable: Callable): readonly Value[] {
  switch (callable.kind) {
    case "math":
    case "ofNumber":
    case "derivative":
    case "class":
    case "list":
      return [];
    case "closure":
      return callable.thisValue === null ? [] : [callable.thisValue];
    case "pullback":
      return callable.tape === null ? [] : [callable.tape];
    case "choice":
      return callable.ways.map(({ test }) => test);
  }
}

const isMadeIn = (block: Block, value: Value): boolean => block.ops.some(({ results }) => results.includes(value));

/** Does a function need a value that only its branch knows? */
function isBound(session: LoweringSession, callable: Callable, block: Block): boolean {
  let bound = false;
  walkCallables(session, callable, (one) => {
    bound ||= valuesOf(one).some((value) => isMadeIn(block, value));
  });
  return bound;
}

/** Do the functions in an object need what only the branch knows that the object comes from? */
export const isBoundObject = (session: LoweringSession, value: Value, block: Block): boolean =>
  !session.functions.has(value) &&
  (heldBy(session, value).some((one) => isBound(session, one, block)) || holdsBound(session, value, block));

/** Does a list hold an object that only the branch knows? */
const holdsBound = (session: LoweringSession, list: Value, block: Block): boolean =>
  session.functionLists.has(list) && session.givenLists.get(list)?.some((one) => isMadeIn(block, one)) === true;

/** A function as it is known behind a branch; null: it is not. `handOut` gives a test of the branch to those behind it. */
export function behindBranch(
  session: LoweringSession,
  callable: Callable,
  block: Block,
  handOut: (test: Value) => Value,
): Callable | null {
  if (callable.kind !== "choice") return isBound(session, callable, block) ? null : callable;
  const ways: Choice["ways"][number][] = [];
  for (const way of callable.ways) {
    const one = behindBranch(session, way.callable, block, handOut);
    if (one === null) return null;
    ways.push({ test: isMadeIn(block, way.test) ? handOut(way.test) : way.test, callable: one });
  }
  const otherwise = callable.otherwise === null ? null : behindBranch(session, callable.otherwise, block, handOut);
  if (otherwise === null && callable.otherwise !== null) return null;
  return { kind: "choice", ways, otherwise };
}

/** The type of one of two objects that hold functions under the same names, without them; null: they are none. */
function joinedObject(session: LoweringSession, a: Value, b: Value): RecordType | null {
  const [left, right] = [functionsIn(session, a), functionsIn(session, b)];
  if (left === undefined || right === undefined || a.type.kind !== "record" || b.type.kind !== "record") return null;
  if (a.type === b.type && left === right) return null;
  if (left.size !== right.size || [...left.keys()].some((name) => !right.has(name))) return null;
  const plain = ({ fields }: RecordType): RecordType => ({ kind: "record", name: null, fields });
  const type = joinTypes(plain(a.type), plain(b.type));
  return type?.kind === "record" ? type : null;
}

/** The narrowest type of two values that a branch decides between, or null. `declared`: what they are declared to be. */
export function joinedType(session: LoweringSession, a: Value, b: Value, declared: Type | null): Type | null {
  if (session.open.has(a) || session.open.has(b)) return null;
  const own = joinedObject(session, a, b);
  if (own !== null) return own;
  // What holds other functions is another thing.
  const areRecords = a.type.kind === "record" && b.type.kind === "record";
  if (areRecords && functionsIn(session, a) !== functionsIn(session, b)) return null;
  // Instances of unlike classes that happen to have the same fields stay instances.
  const isUnion = declared?.kind === "record" && declared.members !== undefined && a.type !== b.type;
  const isOfClasses = isUnion && [a, b].every(({ type }) => isInstance(type) && isAssignable(type, declared, false));
  const joined = isOfClasses ? declared : joinTypes(a.type, b.type);
  noteAlternatives(session, a.type, b.type, joined);
  return joined;
}

const isInstance = (type: Type): boolean =>
  type.kind === "record" && (type.instance !== undefined || type.members !== undefined);

/** One of two objects that hold functions: which functions those are is asked where they are called. */
export function joinObjects(session: LoweringSession, test: Value, then: Value, otherwise: Value, result: Value): void {
  if (joinedObject(session, then, otherwise) === null) return;
  const [left, right] = [functionsIn(session, then), functionsIn(session, otherwise)];
  const joined = new Map<string, Callable>();
  for (const [name, callable] of left ?? []) {
    const other = right?.get(name);
    if (other !== undefined) joined.set(name, choiceOf(test, callable, other));
  }
  session.joinedFunctions.set(result, joined);
}

/** The first where a test holds, the other elsewhere. */
export function choiceOf(test: Value, callable: Callable, otherwise: Callable): Callable {
  if (isSame(callable, otherwise)) return callable;
  return otherwise.kind === "choice"
    ? { ...otherwise, ways: [{ test, callable }, ...otherwise.ways] }
    : { kind: "choice", ways: [{ test, callable }], otherwise };
}

function isSame(a: Callable, b: Callable): boolean {
  if (a === b) return true;
  if (a.kind === "math") return b.kind === "math" && a.name === b.name;
  if (a.kind === "ofNumber") return b.kind === "ofNumber" && a.name === b.name && a.isConverting === b.isConverting;
  if (a.kind === "class") return b.kind === "class" && a.of === b.of;
  if (a.kind === "list") return b.kind === "list" && a.list === b.list;
  if (a.kind !== "closure" || b.kind !== "closure") return false;
  return a.node === b.node && a.scope === b.scope && a.thisValue === b.thisValue;
}
