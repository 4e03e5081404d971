/**
 * Functions as values, as far as it is known at build time which one it is: kept in a variable, in a field, handed back.
 *
 *   let f = a; f = b; f(x)          const o = { f: a, k: 2 }; o.f(x)          opts.ease || linear
 *
 * The value is a mark: no memory holds it. Where it would have to (one of two after a branch, an element of an array),
 * the function is refused.
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { insideOf } from "../ir/recursive.js";
import { typeOf } from "../syntax/type-of.js";
import { originOf, type Callable, type Closure, type Cursor } from "./environment.js";
import type { LoweringSession } from "./session.js";

export interface FunctionValue {
  readonly callable: Callable;
  /** Where it is mentioned. */
  readonly node: ts.Node;
}

export function functionValue({ session }: Pick<Cursor, "session">, callable: Callable, node: ts.Node): Value {
  const mark = makeValue({ kind: "opaque", text: "function" }, originOf(node));
  session.functions.set(mark, { callable, node });
  session.present.add(mark);
  session.certain.add(mark);
  return mark;
}

/** The function that a field of an object holds, ready to be called on that object; null: it holds none. */
export function functionField(cursor: Cursor, base: Value, name: string): Callable | null {
  const { session, env } = cursor;
  const own = callableOf(session, base);
  const members = session.open.get(base)?.slots ?? session.functionMembers.get(own ?? base);
  const slot = members?.get(name);
  const held = slot === undefined ? undefined : env.get(slot);
  const found =
    (held === undefined ? undefined : session.functions.get(held)?.callable) ??
    functionsIn(session, base)?.get(name) ??
    null;
  // What a getter answers is asked for first.
  const callable = found === null || isGetter(found) || found.kind === "list" ? null : found;
  return callable === null ? null : onObject(callable, base);
}

/** A getter in the literal of an object: whoever reads the member gets what it answers. */
export const isGetter = (callable: Callable): boolean =>
  callable.kind === "closure"
    ? ts.isGetAccessorDeclaration(callable.node)
    : callable.kind === "choice" &&
      callable.otherwise !== null &&
      [...callable.ways.map((one) => one.callable), callable.otherwise].every(isGetter);

/** What a setter in the literal of an object is kept under: beside the getter of its member. */
export const setterName = (name: string): string => `set ${name}`;

export const isSetter = (callable: Callable): boolean =>
  callable.kind === "closure" && ts.isSetAccessorDeclaration(callable.node);

/** The setter of a member, ready to be called on the object; null: it has none of its own. */
export function setterOf(session: LoweringSession, base: Value, name: string): Callable | null {
  const held = functionsIn(session, base)?.get(setterName(name));
  return held === undefined ? null : onObject(held, base);
}

/** An arrow function, whose `this` is that of the code around it, or one that is bound. */
export const keepsThis = ({ node, isBound }: Closure): boolean => ts.isArrowFunction(node) || isBound === true;

/** A function as a method of an object. */
export function onObject(callable: Callable, base: Value): Callable {
  switch (callable.kind) {
    case "closure": {
      const { kind, node, scope, isOfInstance } = callable;
      // From here on it is that of this instance, wherever it is kept.
      if (isOfInstance === true) return { kind, node, scope, thisValue: base, isBound: true };
      return keepsThis(callable) ? callable : { ...callable, thisValue: base };
    }
    case "choice": {
      const ways = callable.ways.map((one) => ({ test: one.test, callable: onObject(one.callable, base) }));
      return { kind: "choice", ways, otherwise: callable.otherwise && onObject(callable.otherwise, base) };
    }
    case "math":
    case "ofNumber":
    case "derivative":
    case "pullback":
    case "class":
    case "list":
      return callable;
  }
}

/** The functions in the fields of an object, by their names. */
export const functionsIn = (session: LoweringSession, object: Value): ReadonlyMap<string, Callable> | undefined =>
  session.joinedFunctions.get(object) ?? session.functionFields.get(object.type);

/** Does a value hold functions, at any depth, so that only who sees where it was made can call them? */
export const carriesFunctions = (session: LoweringSession, value: Value): boolean =>
  session.functions.has(value) ||
  session.functionLists.has(value) ||
  session.joinedFunctions.has(value) ||
  session.functionMembers.has(value) ||
  holdsFunctions(session, value.type);

/** Is something in a value of this type known by the functions that it holds? */
export function holdsFunctions(session: LoweringSession, held: Type): boolean {
  const seen = new Set<Type>();
  const visit = (type: Type): boolean => {
    if (seen.has(type)) return false;
    seen.add(type);
    return session.functionFields.has(type) || insideOf(type).some(visit);
  };
  return visit(held);
}

/**
 * Does a type tell of functions: `(x: number) => number`, `{ f: (x: number) => number }`, lists of such? Methods of
 * classes are found by the class.
 */
export function isOfFunctions(session: LoweringSession, of: ts.Type): boolean {
  const { checker } = session;
  const type = checker.getNonNullableType(of);
  if (type.isUnion()) return type.types.some((one) => isOfFunctions(session, one));
  if (isFunctionType(type)) return true;
  if (checker.isArrayType(type) || checker.isTupleType(type)) {
    return checker.getTypeArguments(type as ts.TypeReference).some((one) => isOfFunctions(session, one));
  }
  if (!(type.flags & ts.TypeFlags.Object) || isOfClasses(session, type)) return false;
  return checker
    .getPropertiesOfType(type)
    .some((one) => isOwnMember(one) && isFunctionType(checker.getTypeOfSymbol(one)));
}

/** A function, or a class. */
export const isFunctionType = (type: ts.Type): boolean =>
  type.getCallSignatures().length + type.getConstructSignatures().length > 0;

/** An instance of a class, or an interface that classes implement. */
function isOfClasses({ types }: LoweringSession, type: ts.Type): boolean {
  const read = typeOf(type, types);
  return type.isClass() || (read?.kind === "record" && (read.members !== undefined || read.instance !== undefined));
}

/** Written in the program, and not in a class. */
const isOwnMember = ({ declarations = [] }: ts.Symbol): boolean =>
  declarations.some((one) => !one.getSourceFile().isDeclarationFile && !ts.isClassLike(one.parent));

/** What the field of an object holds that no memory does: a function, or a list of them. null: it is kept in memory. */
export const heldAside = (session: LoweringSession, value: Value): Callable | null =>
  session.functionLists.has(value) ? { kind: "list", list: value } : callableOf(session, value);

/** The function that a value stands for. */
export const callableOf = (session: LoweringSession, value: Value | undefined): Callable | null =>
  (value === undefined ? undefined : session.functions.get(value)?.callable) ?? null;
