/** What there is while modules are loaded: numbers, text, objects, functions, and what is not known. */
import type ts from "typescript";

/** Something that is not known. An object that is known and was never leaked is none of it. */
export const unknown: unique symbol = Symbol("unknown");

export type LoadedPrimitive = undefined | null | boolean | number | string;
export type LoadedValue = LoadedPrimitive | LoadedObject | typeof unknown | OneOf;

/** One of some objects, or a number, a text and so on. */
export interface OneOf {
  readonly objects: ReadonlySet<LoadedObject>;
  /** Or something else that is not known. */
  readonly orUnknown: boolean;
}

export type LoadedMember =
  | { readonly kind: "data"; readonly value: LoadedValue; readonly isListed: boolean }
  /** A name that a module exports. */
  | { readonly kind: "binding"; readonly cell: LoadedCell }
  | { readonly kind: "accessor"; readonly get: LoadedObject | null; readonly set: LoadedObject | null };

/** A function of the program, with the variables around it. */
export interface LoadedCode {
  readonly kind: "code";
  readonly node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;
  readonly scope: LoadedScope;
  /** Where `super` is looked for: the object that a method was written in. */
  readonly home: LoadedObject | null;
}
/** A function of the language, by its path: `Math.sqrt`, `Array.prototype.map`. */
export interface LoadedNative {
  readonly kind: "native";
  readonly path: string;
}
export interface LoadedBound {
  readonly kind: "bound";
  readonly target: LoadedObject;
  readonly thisValue: LoadedValue;
  readonly given: readonly LoadedValue[];
}
/** `require` of one file. */
export interface LoadedRequire {
  readonly kind: "require";
}

export interface LoadedObject {
  readonly id: number;
  /** What made it: a literal, a call, a declaration. */
  readonly node: ts.Node | null;
  readonly members: Map<string, LoadedMember>;
  /** The elements of an array, and the kind of array. */
  readonly elements: LoadedValue[] | null;
  readonly storage: string | null;
  /** What a map or a set holds. */
  readonly entries: LoadedEntries | null;
  prototype: LoadedObject | null;
  readonly run: LoadedCode | LoadedNative | LoadedBound | LoadedRequire | null;
  /** What `new` ran. */
  readonly maker: LoadedObject | null;
  /** May it have other members than these, or other values in them? */
  isOpen: boolean;
  /** Nobody can give it other members, or these other values. */
  isFrozen: boolean;
  /** Can it be reached by ways that are not followed? */
  isLeaked: boolean;
}

export interface LoadedEntries {
  /** Its members are the values, by names of the keys. */
  readonly store: LoadedObject;
  readonly keys: Map<string, LoadedValue>;
}

export interface LoadedCell {
  readonly id: number;
  value: LoadedValue;
  /** May it hold anything? */
  isOpen: boolean;
}

/** The variables of one run of a function, a block or a file. */
export interface LoadedScope {
  readonly node: ts.Node;
  readonly outer: LoadedScope | null;
  readonly cells: Map<string, LoadedCell>;
  /** null: that of the scope around. */
  readonly activation: LoadedActivation | null;
  /** Was it made while modules were loaded? */
  readonly isLoaded: boolean;
  /** May its variables hold anything, also those that are declared from now on? */
  isOpen: boolean;
}

export interface LoadedActivation {
  readonly thisValue: LoadedValue;
  readonly home: LoadedObject | null;
  readonly given: readonly LoadedValue[] | null;
  /** What `super(...)` has made. */
  readonly code: LoadedObject | null;
}

export const isOneOf = (value: LoadedValue): value is OneOf =>
  typeof value === "object" && value !== null && "objects" in value;
export const isObject = (value: LoadedValue): value is LoadedObject =>
  typeof value === "object" && value !== null && !("objects" in value);
export const isFunction = (value: LoadedValue): value is LoadedObject => isObject(value) && value.run !== null;
export const isVague = (value: LoadedValue): value is typeof unknown | OneOf => value === unknown || isOneOf(value);
export const isPrimitive = (value: LoadedValue): value is LoadedPrimitive => !isVague(value) && !isObject(value);

/** The objects that a value may be. */
export const objectsOf = (value: LoadedValue): Iterable<LoadedObject> =>
  isOneOf(value) ? value.objects : isObject(value) ? [value] : [];

/** How the evaluation of a statement ends. */
export type Completion =
  | { readonly kind: "normal" }
  | { readonly kind: "return"; readonly value: LoadedValue }
  | { readonly kind: "break" | "continue"; readonly label: string | null }
  /** Perhaps it has left the loop, or the function, perhaps not. */
  | { readonly kind: "perhaps"; readonly leaves: "loop" | "function" };

export const normal: Completion = { kind: "normal" };

/** What is followed throws for certain. */
export class Thrown extends Error {}

/** There is no telling what loading a program does. */
export class GivenUp extends Error {}
