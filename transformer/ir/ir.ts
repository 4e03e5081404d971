// source -> (syntax, frontend) -> IR -> simplify / analyze -> differentiate -> IR -> simplify -> (emit) -> source
//
// One representation before and after differentiation: structured regions, every value assigned
// once, memory touched only through explicit operations. There is no "reverse" in it: the derivative
// of a function is an ordinary function, so derivatives nest.
//
// Values are compared by identity. They carry no number: the printer numbers them in the order in
// which they are defined, so text is deterministic and no counter is shared between passes.

import type { SourceSpan } from "../diagnostics/diagnostic.js";
import type { Primitive } from "./primitives.js";

// ---- Types ------------------------------------------------------------------

export type Type =
  | NumberType
  | { readonly kind: "boolean" }
  | ArrayType
  | TupleType
  | RecordType
  | OptionalType
  /** Strings, callbacks, dates: carried along, never looked into, never active. */
  | OpaqueType;

export interface OpaqueType {
  readonly kind: "opaque";
  readonly text: string;
  /** Of text, for printing only: how it may be absent, as its declaration says. To all others any text may be. */
  readonly absence?: "undefined" | "null" | "either";
}

export interface NumberType {
  /** An integer is provably one (or not finite): a counter, an index, a length. It never carries a derivative. */
  readonly kind: "number" | "integer";
  /** Declared as one of these (`1 | 2`), for printing only: TypeScript objects to comparing it with others. */
  readonly literals?: readonly number[];
}

/** `T | undefined`; `absence` says where it is `T | null`, or both. */
export interface OptionalType {
  readonly kind: "optional";
  readonly of: Type;
  readonly absence?: "null" | "either";
}

export interface TupleType {
  readonly kind: "tuple";
  readonly elements: readonly Type[];
  /** Declared so that nobody may write to it, for printing only: it is not given away as one that may be written. */
  readonly isReadonly?: true;
  /** Declared `[number, number?]`, for printing only: how many elements at the end may be left out. */
  readonly leftOut?: number;
  /** Of one with such elements, for printing only: if they are there they are not undefined. */
  readonly isExact?: true;
}

export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  readonly storage: Storage;
  /** As of a tuple. */
  readonly isReadonly?: true;
  /** Of a Map: what its keys are. */
  readonly keys?: Type;
  /** Of instances of a class that extends `Array`: what their methods are known by. */
  readonly identity?: object;
}

/**
 * A structural object type. `name` is how the user calls it (an interface or class), for printing only. A type that
 * holds itself, as a list or a tree does, is a graph that leads back: whoever walks through fields has to notice.
 */
export interface RecordType {
  readonly kind: "record";
  readonly name: string | null;
  /** Of a union: those of all members; what some members lack is optional. */
  readonly fields: readonly Field[];
  /** `Circle | Rectangle`: a value is one of these; `unwrap` takes it for one of them after a test. */
  readonly members?: readonly RecordType[];
  /** Of an abstract class or an interface with methods: the members are the classes below, and have more than its type says. */
  readonly isBase?: true;
  /** Of a base: its own type tells of no numbers, as those of the classes below may. */
  readonly tellsNothing?: boolean;
  /** Of a shadow: what the user calls the type that it is the shadow of. */
  readonly mirrors?: string;
  /** Of an instance of the class `name`: how one is made, for printing only. */
  readonly instance?: Instance;
  /** It has getters of numbers, for printing only: TypeScript takes them for fields, also of the gradient of its type. */
  readonly computes?: true;
  /** Of several members of a union that have the same keys, for printing only: to TypeScript its gradient is one for each. */
  readonly ofUnion?: true;
  /** What an augmented primal keeps for its reverse pass: opaque, under its name, to all that only carry it. */
  readonly isTape?: true;
  /** Of a type of the package: how every file can name it. */
  readonly spelling?: string;
  /** A tape that is differentiated in its turn, and so looked into, or its shadow: printed as an interface. */
  readonly opened?: "tape" | "shadow";
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  /** Declared `x?: T`: it need not be there. Undefined is not the same to the strictest checks. */
  readonly mayBeLeftOut?: true;
  /** Of one that may be left out, for printing only: if it is there it is not undefined. */
  readonly isExact?: true;
  /** Declared `Const<T>`: what it holds takes no derivative along, whatever its type. */
  readonly isConst?: true;
}

export interface Instance {
  /** Members that only the class itself may name: `private`, `protected`. */
  readonly hidden: ReadonlySet<string>;
  /** Members that no field holds, functions and getters: a place that may lack them would lose them. */
  readonly computed?: ReadonlySet<string>;
  /** Its constructor takes just the fields, in their order, and does nothing else. */
  readonly takesFields: boolean;
  /** What its methods are known by, where its type is all that tells them: two such types are alike only if it is the same. */
  readonly identity?: object;
  /** The class that it is of, and those above it. Left out where none of them has methods. */
  readonly lineage?: readonly object[];
}

/**
 * `"ArrayLike"`: the container is known only at run time (`ArrayLike<number>`, `number[] | Float64Array`).
 * `"Dictionary"`: an object with open keys (`Record<string, number>`); its indices are text, and it has no length.
 * `"Map"`: the same, with indices of a type of its own.
 */
export type Storage = "Array" | "ArrayLike" | "Dictionary" | "Map" | FloatStorage | IntegerStorage;
export type FloatStorage = "Float64Array" | "Float32Array";
export type IntegerStorage =
  "Int8Array" | "Uint8Array" | "Uint8ClampedArray" | "Int16Array" | "Uint16Array" | "Int32Array" | "Uint32Array";

// ---- Values -----------------------------------------------------------------

/** Something computed once. Identity is the object itself. */
export interface Value {
  readonly type: Type;
  readonly origin: Origin;
}

/** A variable of the user's program (or a generated one); its versions are values that share this object. */
export interface Variable {
  readonly name: string;
  /** Which of several directions it belongs to, where there are several side by side: `xDot0`, `xDot1`. */
  readonly lane?: number;
}

/** Where a value comes from; read by diagnostics and by the namer, never by a pass for its meaning. */
export interface Origin {
  /** null: the transformer invented it. */
  readonly span: SourceSpan | null;
  /** Versions of one variable share one emitted `let` where their lifetimes allow it. */
  readonly variable: Variable | null;
  /** adjoint prints as `dX`, tangent as `xDot`, residual as `xBefore`. */
  readonly role: Role;
}
export type Role = "primal" | "tangent" | "adjoint" | "residual";

// ---- Regions and functions ----------------------------------------------------

/** A straight run of operations. It sees values of the regions around it; its own leave only through its exit. */
export interface Region {
  readonly params: readonly Value[];
  readonly ops: readonly Op[];
  readonly exit: Exit;
}

/**
 * `yield` hands values to the operation that owns the region; `return` ends the function and stands
 * only at the end of a function's body; `throw` leaves the function from wherever it stands.
 * `break`, `continue`, early `return` do not exist here: the frontend turns them into `if`s and the
 * `stop` of a loop.
 */
export type Exit =
  | { readonly kind: "yield"; readonly values: readonly Value[] }
  | { readonly kind: "return"; readonly values: readonly Value[] }
  | { readonly kind: "throw"; readonly value: Value };

export interface IRFunction {
  readonly name: string;
  readonly params: readonly Parameter[];
  /** Types of what it returns: none for void, several for derivatives that answer with a tuple. */
  readonly results: readonly Type[];
  readonly body: Region;
  readonly derivation: Derivation | null;
  readonly span: SourceSpan | null;
  /** It writes what a caller hands it twice: any two of its parameters may be one array or object, or hold one. */
  readonly sharesArguments?: true;
  /** What the loops of its derivative keep is to fit into so many bytes: `@enzyme memory 64MB`. */
  readonly memory?: number;
  /** A helper of ours whose name says what it does: it stays a call. Its documentation. */
  readonly helper?: string;
  /** It stays what it is: called by name, never looked into. Its body says only what it does to memory. */
  readonly external?: External;
}

export interface External {
  /** How the file of the derivative calls it. */
  readonly text: string;
  /** The derivative that the user gives for it; null: there is none. */
  readonly rule: Rule | null;
  /** Positions of the parameters that it writes into: arrays or objects of numbers. */
  readonly written: readonly number[];
}

/** A derivative of the user's own: names of functions in the compilation's table, null where there is none. */
export interface Rule {
  /** Takes and gives what the mode `reverse` does. */
  readonly reverse: string | null;
  /** Takes and gives what the mode `forward` does. */
  readonly forward: string | null;
  /** Takes what the function takes; gives the partials with respect to its numbers, a tuple where there are several. */
  readonly partials: string | null;
}

export interface Parameter {
  readonly value: Value;
  readonly name: string;
  readonly activity: Activity;
  /** The declared type as the user wrote it, for the emitted signature; null: print from the IR type. */
  readonly typeText: string | null;
  /** Takes all arguments that are left. */
  readonly rest?: true;
  /** A tuple that is only read: printed `readonly [number, number]`. */
  readonly isReadonly?: true;
  /** The seed of the result, behind all arguments: it belongs to none of them. */
  readonly isSeed?: true;
}

/** const: no derivative asked or possible; active: a number whose adjoint is returned; duplicated: comes with a shadow. */
export type Activity = "const" | "active" | "duplicated";

export interface Derivation {
  readonly of: string;
  readonly mode: Mode;
  /** A reverse pass is handed references by its caller and by its tape: any two of them may be the same memory. */
  readonly sharesMemory?: true;
}
export type Mode =
  | "gradient"
  | "valueAndGradient"
  | "reverse"
  | "reverseWithPrimal"
  | "forward"
  | "forwardWithPrimal"
  | "augmentedPrimal"
  | "reversePass";

// ---- Operations -----------------------------------------------------------------

/** What a memory operation touches: `a[i]`, or `p.x`; for a tuple the field is its position. */
export type Location =
  | { readonly kind: "element"; readonly base: Value; readonly index: Value }
  | { readonly kind: "field"; readonly base: Value; readonly field: string | number };

/**
 * Snapshots of a loop in place of records: so many at a time (`@enzyme checkpoint 20` above it), or as many as fit into so
 * many bytes (`@enzyme memory 64MB` on its function).
 */
export type Checkpoint =
  { readonly snapshots: number; readonly span: SourceSpan | null } | { readonly bytes: number; readonly span: null };

export type HiddenFields = "left out" | "private";

/** What made an instance: to the function itself its fields are enough, to others that see it they are not. */
export interface InstanceMaker {
  /** How the output file names the class; null: it has no name for it. */
  readonly name: string | null;
  /** May anybody else see the instance? Then it has to be one of its class. */
  readonly isSeen?: true;
  /** How the class of that name is declared: fields of the instance are left out, or are private there. */
  readonly hides?: HiddenFields;
  /** What tests of its class are known by: its class and those above it. Left out where these are not all known. */
  readonly classes?: ReadonlySet<object>;
}

/** Whether an object that is made has a field. */
export interface KeyTest {
  readonly field: string;
  readonly test: Value;
}

/** How a fresh array, tuple or record begins. */
export type Initial =
  /**
   * `new Float64Array(n)`, `new Array(n).fill(0)`; of references: unset entries, written before they are read.
   * `holes`: `new Array(n)`, with nothing in it until something is stored.
   */
  | { readonly kind: "zeros"; readonly length: Value; readonly holes?: true }
  /**
   * `[a, b]`, `{ x: a, y: b }`: one part an element or field, in order.
   * `keys`: fields that are there where a test says so, also with undefined in them, as in a copy. Of the others that may be
   * left out their value tells.
   */
  | {
      readonly kind: "parts";
      readonly parts: readonly Value[];
      readonly maker?: InstanceMaker;
      readonly keys?: readonly KeyTest[];
    }
  /** `new Array(n).fill(v)` */
  | { readonly kind: "filled"; readonly length: Value; readonly value: Value }
  /** `source.slice(from, to)`, shallow; the storages may differ (`new Float64Array(numbers)`). */
  | {
      readonly kind: "copy";
      readonly source: Value;
      readonly from: Value;
      readonly to: Value;
      /** Made by us to remember values: it shares its source's shadow. */
      readonly snapshot?: true;
      /** `[...source]`: where the source has a hole, this has an element that is undefined. */
      readonly spread?: true;
    }
  /** All zeros in the shape of another value, nested, keeping what it shares: how shadows are made. */
  | { readonly kind: "zerosLike"; readonly of: Value };

/** The counted range of a loop: from, from + step, ... while before `to` (or at it, if inclusive). */
export interface Range {
  readonly from: Value;
  readonly to: Value;
  /** Not zero; its sign is the direction. */
  readonly step: number;
  readonly inclusive: boolean;
}

export interface Effects {
  readonly reads: boolean;
  readonly writes: boolean;
  /** May leave by throwing, or does something the outside sees (console): never moved, removed or repeated. */
  readonly observable: boolean;
}

interface Common {
  readonly results: readonly Value[];
}
export type Literal = number | boolean | string | null | undefined;

export type ConstantOp = Common & {
  readonly kind: "constant";
  readonly value: Literal;
  /** How to print it where the user gave it a name that the output can see: `Math.PI`, `GRAVITY`. */
  readonly text: string | null;
};
export type ApplyOp = Common & {
  readonly kind: "apply";
  readonly primitive: Primitive;
  readonly args: readonly Value[];
};
export type AllocateOp = Common & { readonly kind: "allocate"; readonly initial: Initial };
export type LengthOp = Common & { readonly kind: "length"; readonly array: Value };
export type LoadOp = Common & { readonly kind: "load"; readonly at: Location };
export type StoreOp = Common & {
  readonly kind: "store";
  readonly at: Location;
  readonly value: Value;
  /** Of a Map: the key is taken out. The value is undefined, which is what is read under it from then on. */
  readonly removes?: true;
};
/** `at += value`, of numbers. On a shadow it destroys nothing, so it never needs recording. */
export type AccumulateOp = Common & { readonly kind: "accumulate"; readonly at: Location; readonly value: Value };
/** Appends; one result, the new length. */
export type PushOp = Common & { readonly kind: "push"; readonly array: Value; readonly value: Value };
/** Removes the last element and gives it. */
export type PopOp = Common & { readonly kind: "pop"; readonly array: Value };
/** `array` if it is as long as `length`, else a copy at least twice as long: how a record of unknown length grows. Consumes its operand. */
export type GrowOp = Common & { readonly kind: "grow"; readonly array: Value; readonly length: Value };
export type IfOp = Common & { readonly kind: "if"; readonly test: Value; readonly then: Region; readonly else: Region };
/**
 * Every loop. The body's parameters are [counter, ...carried]; without a range the counter counts
 * iterations from 0. The body yields [stop, ...carried]; when stop is true the loop ends after this
 * iteration, with the values just yielded. Results are [completed, started, ...carried]: how many
 * iterations ended without a stop, and how many began (equal where nothing stopped; otherwise
 * started = completed + 1). Without a range the loop ends only by a stop.
 */
export type LoopOp = Common & {
  readonly kind: "loop";
  readonly range: Range | null;
  readonly initial: readonly Value[];
  readonly body: Region;
  /** Snapshots of some iterations are kept in place of records of all. */
  readonly checkpoint?: Checkpoint;
};
/** Callee by name, in the compilation's table of functions. */
export type CallOp = Common & { readonly kind: "call"; readonly callee: string; readonly args: readonly Value[] };
/**
 * Source text carried along: `template` has `$0`, `$1` for its operands. Never active.
 * E.g. `console.log($0)`, `$0 === "up"`, `new Error("bad n")`.
 */
export type OpaqueOp = Common & {
  readonly kind: "opaque";
  readonly template: string;
  readonly operands: readonly Value[];
  readonly effects: Effects;
  /** What it gives counts as memory of its own, although it may be what it was given: neither is written afterwards. */
  readonly detached?: true;
  /** What it gives is new, and nobody else knows it. */
  readonly fresh?: true;
  /** All that it writes is the elements of this operand, by its position. */
  readonly writesInto?: number;
  /** What keeps a number without its derivative: an operand that carries one is refused. */
  readonly keeps?: string;
  /** Of what keeps a number as a key: nothing is lost where the keys are never listed. */
  readonly isKey?: true;
  /** Lists the keys of an object or a Map. */
  readonly listsKeys?: true;
  /** The class that its one operand is asked for: `$0 instanceof Disc`. See `InstanceMaker.classes`. */
  readonly asksFor?: object;
};
/** What the package exports for generated text, and where; the template of an opaque operation names it `$sharesMemory`. */
export const packageHelpers: Readonly<Record<string, string>> = {
  sharesMemory: "enzyme-ts/shadow",
  copyOf: "enzyme-ts/shadow",
  ColumnSets: "enzyme-ts/sparse",
};
/** `Math.random()`: drawn once, never repeated. */
export type RandomOp = Common & { readonly kind: "random" };
/** Is an optional value undefined or null? */
export type IsAbsentOp = Common & { readonly kind: "isAbsent"; readonly value: Value };
/** The same value under a narrower type: `x!`, or after a test. */
export type UnwrapOp = Common & { readonly kind: "unwrap"; readonly value: Value };

export type Op =
  | ConstantOp
  | ApplyOp
  | AllocateOp
  | LengthOp
  | LoadOp
  | StoreOp
  | AccumulateOp
  | PushOp
  | PopOp
  | GrowOp
  | IfOp
  | LoopOp
  | CallOp
  | OpaqueOp
  | RandomOp
  | IsAbsentOp
  | UnwrapOp;

export type OpOf<K extends Op["kind"]> = Extract<Op, { readonly kind: K }>;

// ---- Small helpers -----------------------------------------------------------------

/** All that values of a type may hold: of a union, what each member has, whatever others keep under the same name. */
export const heldFields = (type: RecordType): readonly Field[] =>
  type.members === undefined ? type.fields : type.members.flatMap(heldFields);

/** Can all that members of a union hold be read without knowing which member it is? */
export const isMerged = (type: RecordType): boolean =>
  heldFields(type).every(({ name }) => type.fields.some((field) => field.name === name));

/** The field that a location is, of a record. */
export function fieldOf(at: Location): Field | null {
  if (at.kind !== "field" || at.base.type.kind !== "record") return null;
  return at.base.type.fields.find(({ name }) => name === at.field) ?? null;
}

/** Has the shadow of what a location is in a place for it? Not for an `int`, or what is declared `Const`. */
export function hasShadowCell(at: Location): boolean {
  const field = fieldOf(at);
  if (field !== null) return fieldCarries(field);
  const { type } = at.base;
  const part = at.kind === "field" && type.kind === "tuple" ? type.elements[Number(at.field)] : undefined;
  return part === undefined || carriesDerivative(part);
}

/** For the end of a switch over all kinds: not to know one is an error of types. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}

export const numberType: Type = { kind: "number" };
export const integerType: Type = { kind: "integer" };
export const booleanType: Type = { kind: "boolean" };
export const float64Array: ArrayType = { kind: "array", element: numberType, storage: "Float64Array" };

/** A value of the transformer's own, without a name of the user's. */
export const inventedOrigin: Origin = { span: null, variable: null, role: "primal" };

/** Is it a value that variables and typed arrays hold, without memory of its own? */
export const isScalar = ({ kind }: Type): boolean => kind === "number" || kind === "integer" || kind === "boolean";

/** `string`, or texts that are known: `"up" | "down"`. */
export const isText = (type: Type): boolean => type.kind === "opaque" && /^(?:string$|".*"$)/s.test(type.text);

/** `"up" | "down"`: one of some texts, not any. */
export const isOneOfSomeTexts = (type: Type): boolean =>
  isText(type) && type.kind === "opaque" && type.text !== "string";

/** Have two instances no class in common? What runs as a method of one does not as one of the other, whatever their fields are. */
export const areUnrelated = (a: Instance | undefined, b: Instance | undefined): boolean => {
  const [own, other] = [a?.lineage, b?.lineage];
  return own !== undefined && other !== undefined && !own.some((one) => other.includes(one));
};

/** Is it a tape, to who looks into it? */
export const isTape = (type: Type): type is RecordType => type.kind === "record" && type.isTape === true;

/** Does it stand for memory: an array, tuple or object, or perhaps one? */
export const isReference = (type: Type): boolean =>
  type.kind === "array" ||
  type.kind === "tuple" ||
  type.kind === "record" ||
  (type.kind === "optional" && isReference(type.of));

/** Is it a typed array, whose length is fixed and whose elements are numbers? */
export const isTyped = (storage: Storage): storage is FloatStorage | IntegerStorage =>
  storage !== "Array" && storage !== "ArrayLike" && storage !== "Dictionary" && storage !== "Map";

/** Is it a typed array of integers? */
export const isInteger = (storage: Storage): storage is IntegerStorage =>
  isTyped(storage) && storage !== "Float64Array" && storage !== "Float32Array";

export type DictionaryType = ArrayType & { readonly storage: "Dictionary" | "Map" };

/** Has it open keys? */
export const isDictionary = (type: Type): type is DictionaryType =>
  type.kind === "array" && (type.storage === "Dictionary" || type.storage === "Map");

/** Is it an object with open keys, and no Map? */
export const isOpenRecord = (type: Type): type is DictionaryType => isDictionary(type) && !isMap(type);

export type MapType = ArrayType & { readonly storage: "Map" };

export const isMap = (type: Type): type is MapType => type.kind === "array" && type.storage === "Map";

/** Has a field a place in the shadow of its record? */
export const fieldCarries = (field: Field, seen = new Set<Type>()): boolean =>
  field.isConst !== true && carriesDerivative(field.type, seen);

/**
 * Can a value of this type carry a derivative? Numbers can; integers, booleans and opaque values
 * cannot; containers can if anything inside can.
 */
export function carriesDerivative(type: Type, seen = new Set<Type>()): boolean {
  switch (type.kind) {
    case "number":
      return true;
    case "integer":
    case "boolean":
    case "opaque":
      return false;
    case "array":
      return !isInteger(type.storage) && carriesDerivative(type.element, seen);
    case "tuple":
      return type.elements.some((one) => carriesDerivative(one, seen));
    case "record":
      if (seen.has(type)) return false;
      seen.add(type);
      return type.members === undefined
        ? type.fields.some((field) => fieldCarries(field, seen))
        : type.members.some((one) => carriesDerivative(one, seen));
    case "optional":
      return carriesDerivative(type.of, seen);
    default:
      return assertNever(type);
  }
}
