/** What the names of a program mean while it is lowered. */
import type ts from "typescript";
import { makeValue, type Block } from "../ir/build.js";
import { isText, type IRFunction, type Origin, type Type, type Value, type Variable } from "../ir/ir.js";
import { joinTypes } from "../ir/join-types.js";
import { spanOf } from "../syntax/span.js";
import { typeOf } from "../syntax/type-of.js";
import type { Box } from "./captured-boxes.js";
import type { Maker } from "./class-members.js";
import type { LoadedScope } from "./loading/values.js";
import type { Flow } from "./flow.js";
import type { Instead } from "./other-instance.js";
import { refuse, type LoweringSession } from "./session.js";

/** A variable of the program, once for each time that its scope is entered. */
export interface Slot {
  /** null: a value in passing, without a name. */
  readonly variable: Variable | null;
  /** Its symbol: what is learnt about the variable in one pass over a loop is kept under it. */
  readonly key: object;
  readonly type: Type | null;
  /** Its type as annotated, where it is. */
  readonly declared?: ts.Type | undefined;
  /** Set on some paths only (the value of a `return`): where a path lacks it, anything will do. */
  readonly late: boolean;
  /** Assigned in an inner function: any call may change it. */
  readonly shared: boolean;
}

/** The version of each variable that is current. */
export type Environment = Map<Slot, Value>;

/** A function that is known at build time, with the scope it was written in; null: the top level of its file. */
export interface Closure {
  readonly kind: "closure";
  readonly node: ts.FunctionLikeDeclaration;
  readonly scope: Scope | null;
  readonly thisValue: Value | null;
  /** A function in a field of an instance that keeps its `this`, which is that instance. */
  readonly isOfInstance?: true;
  /** `f.bind(self)`: nobody gives it another `this`. */
  readonly isBound?: true;
}
/** One of several functions, the first whose test holds; `otherwise` null: there may be none, and calling it throws. */
export interface Choice {
  readonly kind: "choice";
  readonly ways: readonly { readonly test: Value; readonly callable: Callable }[];
  readonly otherwise: Callable | null;
}
/** A call of the macro: the derivative that it asks for. `scope`: what its primal captures is found there. */
export interface DerivativeCallable {
  readonly kind: "derivative";
  readonly macro: ts.CallExpression;
  readonly scope: Scope;
}
/** The pullback that a derivative of mode vjp has given: closed over its tape, where it has one. */
export interface PullbackCallable {
  readonly kind: "pullback";
  readonly fn: IRFunction;
  readonly tape: Value | null;
}
/** A class as a value: what `new` runs, or one of the language by its name. */
export interface ClassCallable {
  readonly kind: "class";
  readonly of: Maker | string;
}
/** `Number.isNaN`; `isConverting`: the function of the same name that makes a number of its argument first. */
export interface OfNumber {
  readonly kind: "ofNumber";
  readonly name: string;
  readonly isConverting: boolean;
}
/** A list of functions in a field of an object: not called itself, but known where the object goes, as functions are. */
export interface ListCallable {
  readonly kind: "list";
  readonly list: Value;
}
export type Callable =
  | Closure
  | { readonly kind: "math"; readonly name: string }
  | OfNumber
  | Choice
  | DerivativeCallable
  | PullbackCallable
  | ClassCallable
  | ListCallable;

export type Binding =
  { readonly kind: "variable"; readonly slot: Slot } | { readonly kind: "function"; readonly callable: Callable };

/** The names of one function (or of one instance of an inner function), and those around it. */
export class Scope {
  private readonly bindings = new Map<ts.Symbol, Binding>();

  /** `loaded`: the variables that a function which was made while its module was loaded has around it. */
  constructor(
    private readonly outer: Scope | null,
    readonly loaded: LoadedScope | null = outer?.loaded ?? null,
  ) {}

  get(symbol: ts.Symbol): Binding | null {
    return this.bindings.get(symbol) ?? this.outer?.get(symbol) ?? null;
  }

  set(symbol: ts.Symbol, binding: Binding): void {
    this.bindings.set(symbol, binding);
  }
}

/** A way of leaving a stretch of statements; compared by identity. */
export interface Outcome {
  readonly name: string;
  /** Ends the function that is lowered: afterwards its variables are of no interest. */
  readonly final: boolean;
}
export const outcome = (name: string, final = false): Outcome => ({ name, final });

/** Where `break` and `continue` lead, innermost first. */
export interface Targets {
  readonly label: ts.Symbol | string | null;
  readonly breakTo: Outcome;
  /** null: not a loop. */
  readonly continueTo: Outcome | null;
  readonly plainBreak: boolean;
  readonly outer: Targets | null;
}

/** Where a `throw` inside of a `try` leads. */
export interface Handler {
  readonly caught: Outcome;
  /** Takes what was thrown; null: nobody asks. */
  readonly error: Slot | null;
}

/** A way out of the middle of an expression: where `test` holds (or not), it ends as `way`; what follows stands behind it. */
export interface Escape {
  readonly block: Block;
  readonly env: Environment;
  readonly test: Value;
  readonly holds: boolean;
  readonly way: Flow;
}

/** What takes what a generator yields: a loop, or an array that is filled. */
export interface Consumer {
  /** Where the loop stands: its names, and where it leads. */
  readonly cursor: Cursor;
  /** null: an array, which changes no variable. */
  readonly node: ts.ForOfStatement | null;
  /** Lowers the body of the loop for one value; it ends in `after`, or leaves. */
  readonly body: (at: Cursor, value: Value, after: Outcome) => Flow;
}

/** What a call hands over: so many values, or the elements of one list. */
export type GivenArguments =
  { readonly kind: "parts"; readonly parts: readonly Value[] } | { readonly kind: "list"; readonly list: Value };

/** What a call hands over: arrays so many deep, and so many things; null: it is not known how many. */
export interface Handed {
  readonly nesting: number;
  readonly count: number | null;
  /** Of which classes the things were that it was handed, in this call and in those around it. */
  readonly classes: readonly (readonly (object | null)[])[];
}

/** One function that is being lowered, or one inlined instance of an inner function. */
export interface Frame {
  readonly declaration: ts.FunctionLikeDeclaration;
  readonly returned: Outcome;
  /** null: it returns nothing. */
  readonly returnSlot: Slot | null;
  readonly thisValue: Value | null;
  /** Of a constructor that `new` runs. */
  readonly instead?: Instead | null;
  /** The types of what it returns, where these are to be found out. */
  readonly answers?: Type[];
  /** The arguments of the call that the function stands in the place of; null: there may be any. */
  readonly given: GivenArguments | null;
  /** Of a generator that a loop walks. */
  readonly consumer?: Consumer;
  /** What holds variables of the functions around it that it assigns, and where it puts them back. */
  readonly boxes?: Box[];
  /** Functions that are being inlined at this point: none may appear twice. */
  readonly inlining: readonly ts.Node[];
  /** Those of them that stand in the place of a call of an inner function: one text may make several functions. */
  readonly entered?: readonly Closure[];
  /** What functions were handed that stand in the place of a call: the innermost of each. */
  readonly handed?: ReadonlyMap<ts.Node, Handed>;
  /** The file in which the derivative will stand: what it can name. */
  readonly outputFile: ts.SourceFile;
  /** Expressions that were evaluated ahead, inside of the one that is being lowered: `a.b` of `a.b?.norm()`. */
  readonly ahead?: ReadonlyMap<ts.Expression, Value>;
}

/** Where lowering stands: the block that grows, the versions of variables, the meaning of names. */
export interface Cursor {
  readonly block: Block;
  readonly env: Environment;
  readonly scope: Scope;
  readonly frame: Frame;
  readonly targets: Targets | null;
  /** null: a `throw` leaves the function. */
  readonly handler: Handler | null;
  /** Ways out of the statement that is being lowered, found in its expressions, outermost first. */
  readonly escapes: Escape[];
  readonly session: LoweringSession;
}

/** A cursor in a region nested in this one; what it assigns stays inside. */
export const inner = (cursor: Cursor): Cursor => ({
  ...cursor,
  block: cursor.block.inner(),
  env: new Map(cursor.env),
  escapes: [],
});

/** The tests of ways that cannot hold where a test came out as one or the other: see `lower-mixed.ts`. */
export interface Ruling {
  readonly whenTrue: readonly Value[];
  readonly whenFalse: readonly Value[];
}

/** Cursors in the two branches of a test; each knows what the test tells. */
export function branches(cursor: Cursor, test: Value): readonly [Cursor, Cursor] {
  const [then, otherwise] = [inner(cursor), inner(cursor)];
  const ruling = cursor.session.rulings.get(test);
  for (const one of ruling?.whenTrue ?? []) then.block.assume(one, false);
  for (const one of ruling?.whenFalse ?? []) otherwise.block.assume(one, false);
  return [then, otherwise];
}

/** The same, where a flow goes on. */
export const resumed = (cursor: Cursor, { block, env }: Pick<Cursor, "block" | "env">): Cursor => ({
  ...cursor,
  block,
  env,
  escapes: [],
});

export const originOf = (node: ts.Node, variable: Variable | null = null): Origin => ({
  span: spanOf(node),
  variable,
  role: "primal",
});

export function report(
  cursor: Cursor,
  ...args: Parameters<typeof refuse> extends [unknown, ...infer A] ? A : never
): void {
  refuse(cursor.session, ...args);
}

/** A value in the place of something that was refused, so that lowering can go on to the next problem. */
export function poison(cursor: Cursor, node: ts.Node): Value {
  cursor.session.failures++;
  const type = typeOf(cursor.session.checker.getTypeAtLocation(node), cursor.session.types);
  const value = makeValue(type ?? { kind: "number" }, originOf(node));
  // Never verified: a function with errors is not handed on.
  cursor.block.append({ kind: "constant", results: [value], value: undefined, text: null });
  cursor.session.poisoned.add(value);
  return value;
}

export const isPoisoned = (cursor: Cursor, ...values: readonly Value[]): boolean =>
  values.some((value) => cursor.session.poisoned.has(value));

/** Reports, and gives a value to go on with. */
export function refused(
  cursor: Cursor,
  node: ts.Node,
  ...args: Parameters<typeof refuse> extends [unknown, infer C, unknown, ...infer D] ? [C, ...D] : never
): Value {
  const [code, ...details] = args;
  if (!cursor.session.fenced.has(node)) refuse(cursor.session, code, node, ...details);
  return poison(cursor, node);
}

const nothing: Type = { kind: "opaque", text: "undefined" };

/** What a variable holds before anything is assigned to it. */
export function placeholder(block: Block, type: Type, origin: Origin, unset: number): Value {
  switch (type.kind) {
    case "number":
      return block.constant(unset, origin, null, type);
    case "integer":
      return block.constant(0, origin, null, type);
    case "boolean":
      return block.constant(false, origin);
    case "opaque":
      return block.constant(undefined, origin, null, isText(type) ? (joinTypes(type, nothing) ?? type) : type);
    case "optional":
      return block.constant(type.absence === "null" ? null : undefined, origin, null, type);
    case "array":
    case "tuple":
    case "record":
      return block.constant(undefined, origin, null, { kind: "optional", of: type });
  }
}
