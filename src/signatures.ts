/**
 * What `enzyme(fn, mode, options)` takes and returns, as types. Everything follows from the declared types of `fn`,
 * the literal mode and the literal options; never from the body of `fn`.
 */

// ---- Declaring activity -------------------------------------------------------------------------------------------

declare const constBrand: unique symbol;
declare const intBrand: unique symbol;
declare const errorBrand: unique symbol;

/** Marks a type that carries no derivative. The mark is optional, so that plain values stay assignable. */
export interface ConstBrand {
  readonly [constBrand]?: true;
}

/** Marks an integer: an index, a bound, a count, a bit pattern. */
export interface IntBrand extends ConstBrand {
  readonly [intBrand]?: true;
}

/** A value that no derivative is asked for. `f(w: Float64Array, data: Const<Float64Array>)` */
export type Const<T> = T & (ConstBrand | null | undefined);

/** An integer: never carries a derivative. `f(x: number, n: int)` */
export type int = number & IntBrand;

/** A type whose name says what is wrong: shown by the editor where `enzyme` is used wrongly. */
export interface EnzymeError<Message extends string> {
  readonly [errorBrand]: Message;
}

// ---- Which types carry a derivative ---------------------------------------------------------------------------------

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;
type IsNever<T> = [T] extends [never] ? true : false;

/** `number` itself: neither a literal, nor an enum (whose template type is narrower). */
type IsNumber<T> = [T] extends [number] ? (`${number}` extends `${T}` ? true : false) : false;
type IsConst<T> = typeof constBrand extends keyof NonNullable<T> ? true : false;

type FloatArray = {
  readonly [Symbol.toStringTag]: "Float64Array" | "Float32Array";
  readonly BYTES_PER_ELEMENT: number;
};
type OtherBuffer = { readonly BYTES_PER_ELEMENT: number } | ArrayBuffer | DataView | { readonly byteLength: number };
type Callable = (...args: never[]) => unknown;
type Constructor = abstract new (...args: never[]) => unknown;
type Carrier<T> =
  ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | WeakMap<WeakKey, unknown> | WeakSet<WeakKey> | T;
/** Objects that hold no numbers of ours. */
type Closed = Carrier<Date | RegExp | Promise<unknown> | Error | Callable | Constructor>;
type Primitive = string | boolean | bigint | symbol | null | undefined;

/**
 * The members of a union that carry a derivative, each as it is; `never` where there is none. An object carries one if
 * something inside does; what is nested deeper than `Depth` lets us look is taken to.
 */
type Carriers<T, Depth extends readonly unknown[] = Levels> =
  IsConst<T> extends true
    ? never
    : T extends Primitive
      ? never
      : T extends number
        ? IsNumber<T> extends true
          ? T
          : never
        : T extends FloatArray
          ? T
          : T extends OtherBuffer | Closed
            ? never
            : Depth extends readonly [unknown, ...infer Deeper]
              ? T extends readonly (infer E)[]
                ? IsNever<E> extends true
                  ? never
                  : HasSlot<E, Deeper> extends true
                    ? T
                    : never
                : T extends object
                  ? HoldsSlot<T, Deeper> extends true
                    ? T
                    : never
                  : never
              : T;

/** How deep is looked for something that carries a derivative. Where a member of a union does, the others are `{}`. */
type Levels = [0, 0, 0, 0];

type HasSlot<T, Depth extends readonly unknown[] = Levels> =
  IsAny<T> extends true
    ? false
    : IsUnknown<T> extends true
      ? false
      : IsNever<Carriers<T, Depth>> extends true
        ? false
        : true;

/** Is there a field with a slot, or may there be one that is private? Only a class with such members is more than its mapped type. */
type HoldsSlot<T, Depth extends readonly unknown[]> = true extends { [K in keyof T]-?: HasSlot<T[K], Depth> }[keyof T]
  ? true
  : { [K in keyof T]: T[K] } extends T
    ? false
    : true;

type KeyWithSlot<K, V> = HasSlot<V> extends true ? K : never;

/** `ArrayLike<number>` itself: what every array of numbers can be passed for. */
type IsArrayLike<T> = readonly number[] extends T
  ? T extends { readonly length: number; readonly [n: number]: number }
    ? true
    : false
  : false;

/**
 * The derivative of a number with respect to a `T`: the same container, with what carries no derivative left out.
 *
 *   Gradient<{ x: number; name: string; w: readonly number[] }>   is   { x: number; w: number[] }
 */
export type Gradient<T> =
  IsAny<T> extends true
    ? EnzymeError<"a value of type `any` has no derivative: declare its type">
    : IsUnknown<T> extends true
      ? EnzymeError<"a value of type `unknown` has no derivative: declare its type">
      : IsConst<T> extends true
        ? Extract<T, null | undefined>
        : IsNumber<T> extends true
          ? number
          : T extends null | undefined
            ? T
            : T extends { readonly [Symbol.toStringTag]: "Float64Array" }
              ? Float64Array
              : T extends { readonly [Symbol.toStringTag]: "Float32Array" }
                ? Float32Array
                : T extends readonly unknown[]
                  ? GradientOfArray<T>
                  : IsArrayLike<T> extends true
                    ? number[] | Float64Array | Float32Array
                    : IsNever<Carriers<T, []>> extends true
                      ? IsNumber<T> extends true
                        ? number
                        : never
                      : T extends number
                        ? number
                        : { -readonly [K in keyof T as KeyWithSlot<K, T[K]>]: Gradient<T[K]> };

type GradientOfArray<T extends readonly unknown[]> = number extends T["length"]
  ? HasSlot<T[number]> extends true
    ? Gradient<T[number]>[]
    : never
  : { -readonly [K in keyof T]: HasSlot<T[K]> extends true ? Gradient<T[K]> : undefined };

// ---- Parameters ----------------------------------------------------------------------------------------------------

/**
 * Positions as the user writes them, and what they leave differentiable; `width`: how many directions, or seeds, are
 * computed in one sweep; `sparse`: a Jacobian or a Hessian in compressed rows.
 */
export type Options = (
  | { readonly const: readonly number[]; readonly wrt?: never }
  | { readonly wrt: readonly number[]; readonly const?: never }
  | { readonly const?: never; readonly wrt?: never }
) & { readonly width?: number; readonly sparse?: true };

type Positions<T> = T extends readonly number[] ? `${T[number]}` : never;

/** Is the parameter at this position asked for by the options? */
type IsWanted<O, Position extends string> = O extends { readonly wrt: infer W extends readonly number[] }
  ? Position extends Positions<W>
    ? true
    : false
  : O extends { readonly const: infer C extends readonly number[] }
    ? Position extends Positions<C>
      ? false
      : true
    : true;

type IsActiveNumber<T> = IsNumber<Carriers<T>>;

/**
 * One parameter: `f` is a tuple of one that keeps its label (optional or not), `g` its gradient, `kind` its activity.
 */
interface Parameter {
  readonly f: readonly unknown[];
  readonly g: unknown;
  readonly kind: "const" | "active" | "duplicated";
  readonly optional: boolean;
  readonly rest: boolean;
}

type Describe<
  F extends readonly unknown[],
  T,
  Optional extends boolean,
  Rest extends boolean,
  Wanted extends boolean,
> = {
  readonly f: F;
  readonly g: Gradient<T>;
  readonly kind: Wanted extends false
    ? "const"
    : HasSlot<T> extends false
      ? "const"
      : IsActiveNumber<T> extends true
        ? "active"
        : "duplicated";
  readonly optional: Optional;
  readonly rest: Rest;
};

/** The parameters one by one, each with its activity. */
type Parameters<P extends readonly unknown[], O, Done extends readonly Parameter[] = []> = P extends readonly []
  ? Done
  : P extends readonly [infer H, ...infer T]
    ? Parameters<
        T,
        O,
        [
          ...Done,
          Describe<P extends readonly [...infer F, ...T] ? F : [H], H, false, false, IsWanted<O, `${Done["length"]}`>>,
        ]
      >
    : "0" extends keyof P
      ? P extends readonly [(infer H)?, ...infer T]
        ? Parameters<
            T,
            O,
            [
              ...Done,
              Describe<
                P extends readonly [...infer F, ...T] ? F : [H?],
                H | undefined,
                true,
                false,
                IsWanted<O, `${Done["length"]}`>
              >,
            ]
          >
        : Done
      : [...Done, Describe<P, P, false, true, IsWanted<O, `${Done["length"]}`>>];

/** Gradients of the differentiable parameters, in order. */
type Slots<D extends readonly Parameter[]> = D extends readonly [
  infer H extends Parameter,
  ...infer T extends readonly Parameter[],
]
  ? H["kind"] extends "const"
    ? Slots<T>
    : [H["g"], ...Slots<T>]
  : [];

/** Adjoints that `reverse` returns: those of active numbers, in order. */
type ActiveSlots<D extends readonly Parameter[]> = D extends readonly [
  infer H extends Parameter,
  ...infer T extends readonly Parameter[],
]
  ? H["kind"] extends "active"
    ? [H["g"], ...ActiveSlots<T>]
    : ActiveSlots<T>
  : [];

/** One of a kind stands alone; several are a tuple. */
type Bare<T extends readonly unknown[], None> = T extends readonly [] ? None : T extends readonly [infer One] ? One : T;

/** The number of directions, where the options give one; else null. */
type WidthOf<O> = O extends { readonly width: infer W extends number } ? W : null;

/** `[T, T, T]`: one for each direction. */
type Tuple<T, W extends number, Done extends T[] = []> = number extends W
  ? T[]
  : Done["length"] extends W | MostDirections
    ? Done
    : Tuple<T, W, [...Done, T]>;
type MostDirections = 32;

/** What is given for each direction, and what is taken for each. */
type Several<T, W> = W extends number ? (T extends void ? T : Tuple<T, W>) : T;
type OptionalDirections<T, W> = W extends number ? Directions<Exclude<T, undefined>, W> | undefined : T;
type Directions<T, W> = W extends number ? Readonly<Tuple<T, W>> : T;

/** The parameters, each of the wanted kinds followed by its shadow. */
type Interleaved<D extends readonly Parameter[], Kinds, W = null> = D extends readonly [
  infer H extends Parameter,
  ...infer T extends readonly Parameter[],
]
  ? H["kind"] extends Kinds
    ? H["optional"] extends true
      ? [...H["f"], ...OptionalShadow<OptionalDirections<H["g"], W>>, ...Interleaved<T, Kinds, W>]
      : [...H["f"], ...Shadow<Directions<H["g"], W>>, ...Interleaved<T, Kinds, W>]
    : [...H["f"], ...Interleaved<T, Kinds, W>]
  : [];
type Shadow<G> = [shadow: G];
type OptionalShadow<G> = [shadow?: G];

/** The seed of the result: optional for a number (1), owed for anything else, absent where there is no result. */
type Seed<R> = IsNumber<R> extends true ? [seed?: number] : HasSlot<R> extends true ? [seed: Gradient<R>] : [];

/** The tangent of the result. */
type Tangent<R> = IsNumber<R> extends true ? number : HasSlot<R> extends true ? Gradient<R> : void;

// ---- Modes -----------------------------------------------------------------------------------------------------------

export type Mode =
  | "gradient"
  | "valueAndGradient"
  | "reverse"
  | "reverseWithPrimal"
  | "forward"
  | "forwardWithPrimal"
  | "vjp"
  | "jacobian"
  | "hessian"
  | "hvp";

/** The Jacobian of an `R` with respect to a parameter whose gradient is `G`: the result's index outermost. */
type Jacobian<R, G> =
  IsNumber<R> extends true
    ? G
    : R extends FloatArray
      ? G[]
      : R extends readonly unknown[]
        ? number extends R["length"]
          ? Jacobian<R[number], G>[]
          : { -readonly [K in keyof R]: Jacobian<R[K], G> }
        : { -readonly [K in keyof R as KeyWithSlot<K, R[K]>]: Jacobian<R[K], G> };
/**
 * A matrix in compressed rows: row i has the numbers `values[k]` in the columns `columns[k]`, which ascend, for k from
 * `rowStart[i]` up to, not including, `rowStart[i + 1]`. All others are 0.
 */
export interface SparseMatrix {
  /** How many rows: the length of the result. */
  height: number;
  /** How many columns: the length of the argument. */
  width: number;
  rowStart: Int32Array;
  columns: Int32Array;
  values: Float64Array;
}

/** With respect to an array the Jacobian is a sparse matrix; with respect to a number it is its only column. */
type SparseJacobians<R, S extends readonly unknown[]> = {
  [K in keyof S]: IsNumber<S[K]> extends true ? Jacobian<R, S[K]> : SparseMatrix;
};
type IsSparse<O> = O extends { readonly sparse: true } ? true : false;

type Jacobians<R, S extends readonly unknown[]> = { [K in keyof S]: Jacobian<R, S[K]> };
type Hessians<S extends readonly unknown[]> = { [K in keyof S]: Bare<Jacobians<S[K], S>, never> };

type Pullback<R, S extends readonly unknown[], W> = W extends number
  ? (seeds: Directions<IsNumber<R> extends true ? number : Gradient<R>, W>) => Several<Bare<S, void>, W>
  : (...seed: Seed<R>) => Bare<S, void>;

type EachAlong<S extends readonly unknown[], W> = S extends readonly [infer H, ...infer T]
  ? [direction: Directions<H, W>, ...EachAlong<T, W>]
  : [];

type WithGradient<R, S extends readonly unknown[]> = S extends readonly []
  ? { value: R }
  : { value: R; gradient: Bare<S, never> };

/** What returns nothing has no tangent of its own either. */
type WithTangent<R, W> = [R] extends [void] ? void : { value: R; tangent: Several<Tangent<R>, W> };

/** The type of the derivative of `(...args: P) => R`. */
export type Derivative<P extends readonly unknown[], R, M extends Mode, O> = DerivativeOf<
  P,
  Parameters<P, O>,
  R,
  M,
  WidthOf<O>,
  IsSparse<O>
>;

type DerivativeOf<P extends readonly unknown[], D extends readonly Parameter[], R, M extends Mode, W, Sparse> = {
  gradient: (...args: P) => Bare<Slots<D>, never>;
  valueAndGradient: (...args: P) => { value: number; gradient: Bare<Slots<D>, never> };
  reverse: (...args: [...Interleaved<D, "duplicated">, ...Seed<R>]) => Bare<ActiveSlots<D>, void>;
  reverseWithPrimal: (...args: [...Interleaved<D, "duplicated">, ...Seed<R>]) => WithGradient<R, ActiveSlots<D>>;
  forward: (...args: Interleaved<D, "active" | "duplicated", W>) => Several<Tangent<R>, W>;
  forwardWithPrimal: (...args: Interleaved<D, "active" | "duplicated", W>) => WithTangent<R, W>;
  vjp: (...args: P) => { value: R; pullback: Pullback<R, Slots<D>, W> };
  jacobian: (
    ...args: P
  ) => Sparse extends true ? Bare<SparseJacobians<R, Slots<D>>, never> : Bare<Jacobians<R, Slots<D>>, never>;
  hessian: (
    ...args: P
  ) => Sparse extends true ? SparseMatrix : Slots<D> extends readonly [infer G] ? Jacobian<G, G> : Hessians<Slots<D>>;
  hvp: (...args: [...P, ...EachAlong<Slots<D>, W>]) => Several<Bare<Slots<D>, never>, W>;
}[M];

// ---- Wrong uses -------------------------------------------------------------------------------------------------------

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;
type HasRest<D extends readonly Parameter[]> = true extends D[number]["rest"] ? true : false;
type HasVague<P extends readonly unknown[]> = true extends {
  [K in keyof P]: IsAny<P[K]> extends true ? true : IsUnknown<P[K]>;
}[number]
  ? true
  : false;

type ScalarMode = "gradient" | "valueAndGradient" | "hessian" | "hvp";
type FlatMode = "reverse" | "reverseWithPrimal" | "forward" | "forwardWithPrimal" | "hvp";
type ReturningMode = "jacobian" | "vjp";

/** `unknown` where the mode fits the function; otherwise an error that says what to do. */
export type CheckMode<P extends readonly unknown[], R, M extends Mode, O> =
  IsUnion<M> extends true
    ? EnzymeError<"unknown mode: use one of the literals 'gradient', 'valueAndGradient', 'reverse', 'reverseWithPrimal', 'forward', 'forwardWithPrimal', 'vjp', 'jacobian', 'hessian', 'hvp'">
    : HasVague<P> extends true
      ? EnzymeError<"a parameter of the function is `any` or `unknown`: declare its type">
      : IsAny<R> extends true
        ? EnzymeError<"the function returns `any`: declare the type of its result">
        : // A wrong option is reported at the options.
          unknown extends CheckOptions<P, M, O>
          ? IsSparse<O> extends true
            ? CheckSparse<Slots<Parameters<P, O>>, R, M>
            : CheckSlots<Parameters<P, O>, R, M>
          : unknown;

type CheckSlots<D extends readonly Parameter[], R, M extends Mode> =
  IsNever<Exclude<D[number]["kind"], "const">> extends true
    ? EnzymeError<"the function has no differentiable parameter: declare one as number, an array of numbers, or an object">
    : M extends ScalarMode
      ? IsNumber<R> extends true
        ? M extends FlatMode
          ? CheckRest<D, M>
          : unknown
        : EnzymeError<`'${M}' needs a function that returns a number; use 'vjp' or 'jacobian', or 'reverse' and seed the result`>
      : M extends ReturningMode
        ? HasSlot<R> extends true
          ? unknown
          : EnzymeError<`'${M}' needs a function that returns what is differentiated; return the array instead of writing to a parameter`>
        : CheckRest<D, M>;

/** Arrays of numbers in, an array of numbers out. */
type CheckSparse<S extends readonly unknown[], R, M extends Mode> =
  IsNever<Exclude<S[number], number | FlatArray>> extends false
    ? EnzymeError<"a sparse matrix needs arrays of numbers as arguments: name with `wrt` what is differentiated, or leave out `sparse`">
    : M extends "hessian"
      ? IsNumber<R> extends true
        ? S extends readonly [FlatArray]
          ? unknown
          : EnzymeError<"a sparse Hessian is that of one array: name it with `wrt`">
        : EnzymeError<"'hessian' needs a function that returns a number; use 'jacobian'">
      : R extends FloatArray | readonly number[]
        ? IsNever<Extract<S[number], FlatArray>> extends true
          ? EnzymeError<"a sparse matrix needs an array as argument; leave out `sparse`">
          : unknown
        : EnzymeError<"a sparse matrix needs a function that returns an array of numbers; leave out `sparse`">;
type FlatArray = FloatArray | number[];

type CheckRest<D extends readonly Parameter[], M extends Mode> =
  HasRest<D> extends true
    ? EnzymeError<`'${M}' cannot follow a rest parameter by its shadow: pass an array instead`>
    : unknown;

/** Positions that exist: "0", "1", ... */
type PositionsOf<D extends readonly unknown[]> = Extract<keyof D, `${number}`>;
type NamedPositions<O> = O extends { readonly wrt: infer W extends readonly number[] }
  ? Positions<W>
  : O extends { readonly const: infer C extends readonly number[] }
    ? Positions<C>
    : never;

type KindAt<D extends readonly Parameter[], K> = K extends keyof D
  ? D[K] extends Parameter
    ? D[K]["kind"]
    : never
  : never;

type WideMode = "forward" | "forwardWithPrimal" | "hvp" | "vjp";

/** `unknown` where the options fit; otherwise an error that says what to do. */
export type CheckOptions<P extends readonly unknown[], M extends Mode, O> =
  WidthOf<O> extends null
    ? IsSparse<O> extends true
      ? M extends "jacobian" | "hessian"
        ? CheckPositions<P, O>
        : EnzymeError<`'${M}' has no sparse form: 'jacobian' and 'hessian' do`>
      : CheckPositions<P, O>
    : M extends WideMode
      ? number extends WidthOf<O>
        ? EnzymeError<"the width must be a literal, so that it is known at build time: { width: 4 }">
        : CheckPositions<P, O>
      : EnzymeError<`'${M}' takes no width: 'forward', 'forwardWithPrimal', 'hvp' and 'vjp' do`>;

/** `unknown` where every position names a parameter. */
type CheckPositions<P extends readonly unknown[], O> =
  IsNever<NamedPositions<O>> extends true
    ? unknown
    : `${number}` extends NamedPositions<O>
      ? EnzymeError<"the positions must be literals, so that they are known at build time: { wrt: [0] }">
      : NamedPositions<O> extends PositionsOf<Parameters<P, O>>
        ? O extends { readonly wrt: readonly number[] }
          ? "const" extends KindAt<Parameters<P, O>, NamedPositions<O>>
            ? EnzymeError<"a parameter named by `wrt` carries no derivative">
            : unknown
          : unknown
        : EnzymeError<"a position is out of range: positions count the parameters from 0">;
