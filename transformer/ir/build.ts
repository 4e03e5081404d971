/**
 * Builds regions operation by operation. With `fold`, trivia that only derivative code produces
 * (`1 * d`, `d + 0`, `--d`) never comes into being; primal code is built without it, as the user wrote it.
 */
import {
  booleanType,
  integerType,
  inventedOrigin,
  numberType,
  type Checkpoint,
  type Exit,
  type Initial,
  type Literal,
  type Location,
  type Op,
  type Origin,
  type Range,
  type Region,
  type Type,
  type Value,
} from "./ir.js";
import { elementTypeOf, writable } from "./join-types.js";
import { primitives, type Primitive } from "./primitives.js";

/** A new value. */
export const makeValue = (type: Type, origin: Origin = inventedOrigin): Value => ({ type, origin });

export const typeOfLiteral = (value: Literal): Type =>
  typeof value === "number"
    ? Number.isSafeInteger(value) && !Object.is(value, -0)
      ? integerType
      : numberType
    : typeof value === "boolean"
      ? booleanType
      : typeof value === "string"
        ? { kind: "opaque", text: "string" }
        : { kind: "opaque", text: value === null ? "null" : "undefined" };

const keepsIntegers: ReadonlySet<Primitive> = new Set(["add", "sub", "mul", "neg", "abs", "max", "min", "mod"]);

/** The type of a primitive's result. Integers stay integers under ring arithmetic. */
export function typeOfApplication(primitive: Primitive, args: readonly Value[]): Type {
  const { result } = primitives[primitive];
  const allIntegers = args.length > 0 && args.every((arg) => arg.type.kind === "integer");
  switch (result) {
    case "boolean":
      return booleanType;
    case "integer":
      return integerType;
    case "number":
      return allIntegers && keepsIntegers.has(primitive) ? integerType : numberType;
    case "like-operands": {
      const [, a, b] = args;
      if (a === undefined || b === undefined) return numberType;
      return a.type.kind === b.type.kind || b.type.kind === "integer" ? a.type : b.type;
    }
  }
}

/** What a location holds. Throws on an impossible location: a fault of ours, never of the user. */
export function typeAt(at: Location): Type {
  const { type } = at.base;
  if (at.kind === "element") {
    const element = elementTypeOf(type);
    if (element !== null) return element;
  } else if (type.kind === "record") {
    const field = type.fields.find(({ name }) => name === at.field);
    if (field !== undefined) return field.type;
  } else if (type.kind === "tuple" && typeof at.field === "number") {
    const element = type.elements[at.field];
    if (element !== undefined) return element;
  }
  throw new Error(`no ${at.kind === "element" ? "element" : at.field} in a value of type ${type.kind}`);
}

/** A region under construction. */
export class Block {
  private operations: Op[] = [];
  private literals = new Map<Value, Literal>();

  constructor(
    readonly fold: boolean,
    private outer: Block | null = null,
  ) {}

  get ops(): readonly Op[] {
    return this.operations;
  }

  /** A block for a region nested in this one. */
  inner(): Block {
    return new Block(this.fold, this);
  }

  /** Hands what was built so far to a new block; this one goes on, empty, as a block for a region nested in that. */
  split(): Block {
    const before = new Block(this.fold, this.outer);
    before.operations = this.operations;
    before.literals = this.literals;
    this.operations = [];
    this.literals = new Map();
    this.outer = before;
    return before;
  }

  /** Goes on where another block stands. */
  resume(at: Block): void {
    this.operations = at.operations;
    this.literals = at.literals;
    this.outer = at.outer;
  }

  /** What was built here and around since a value was computed; null: it was not computed in a block that this one is in. */
  opsSince(value: Value): readonly Op[] | null {
    const made = this.operations.findIndex((op) => op.results.includes(value));
    if (made >= 0) return this.operations.slice(made + 1);
    const around = this.outer?.opsSince(value) ?? null;
    return around === null ? null : [...around, ...this.operations];
  }

  append(op: Op): void {
    this.operations.push(op);
    const [result] = op.results;
    if (op.kind === "constant" && result !== undefined) this.literals.set(result, op.value);
  }

  /** The literal that a value is known to be in this block or around it, or undefined. */
  literalOf(value: Value): Literal {
    return this.literals.has(value) ? this.literals.get(value) : this.outer?.literalOf(value);
  }

  /** Inside this block a value is known to be a literal. */
  assume(value: Value, literal: Literal): void {
    this.literals.set(value, literal);
  }

  /** Gives the value another origin, if the operation that makes it is the last one; nobody has used it yet. */
  rename(value: Value, origin: Origin): Value {
    const last = this.operations.at(-1);
    if (last?.results.length !== 1 || last.results[0] !== value || last.kind === "constant") return value;
    const renamed = makeValue(value.type, origin);
    this.operations[this.operations.length - 1] = { ...last, results: [renamed] };
    return renamed;
  }

  private one(op: (results: readonly Value[]) => Op, type: Type, origin: Origin): Value {
    const result = makeValue(type, origin);
    this.append(op([result]));
    return result;
  }

  constant(
    value: Literal,
    origin: Origin = inventedOrigin,
    text: string | null = null,
    type = typeOfLiteral(value),
  ): Value {
    return this.one((results) => ({ kind: "constant", results, value, text }), type, origin);
  }

  apply(primitive: Primitive, args: readonly Value[], origin: Origin = inventedOrigin): Value {
    const folded = this.fold ? this.foldTrivia(primitive, args) : null;
    if (folded !== null) return folded;
    return this.one(
      (results) => ({ kind: "apply", results, primitive, args }),
      typeOfApplication(primitive, args),
      origin,
    );
  }

  private foldTrivia(primitive: Primitive, args: readonly Value[]): Value | null {
    const [a, b] = args;
    if (a === undefined || b === undefined) return null;
    const [left, right] = [this.literalOf(a), this.literalOf(b)];
    switch (primitive) {
      case "add":
        return left === 0 ? b : right === 0 ? a : null;
      case "sub":
        return right === 0 ? a : left === 0 ? this.apply("neg", [b]) : null;
      case "mul":
        if (left === 1) return b;
        if (right === 1) return a;
        if (left === -1) return this.apply("neg", [b]);
        return right === -1 ? this.apply("neg", [a]) : null;
      case "div":
        return right === 1 ? a : null;
      default:
        return null;
    }
  }

  allocate(type: Type, initial: Initial, origin: Origin = inventedOrigin): Value {
    return this.one((results) => ({ kind: "allocate", results, initial }), writable(type), origin);
  }

  length(array: Value, origin: Origin = inventedOrigin): Value {
    return this.one((results) => ({ kind: "length", results, array }), integerType, origin);
  }

  load(at: Location, origin: Origin = inventedOrigin, type = typeAt(at)): Value {
    return this.one((results) => ({ kind: "load", results, at }), type, origin);
  }

  store(at: Location, value: Value): void {
    this.append({ kind: "store", results: [], at, value });
  }

  /** Takes a key out of a Map. */
  remove(at: Location): void {
    this.append({ kind: "store", results: [], at, value: this.constant(undefined), removes: true });
  }

  accumulate(at: Location, value: Value): void {
    this.append({ kind: "accumulate", results: [], at, value });
  }

  push(array: Value, value: Value): Value {
    return this.one((results) => ({ kind: "push", results, array, value }), integerType, inventedOrigin);
  }

  pop(array: Value, type: Type, origin: Origin = inventedOrigin): Value {
    return this.one((results) => ({ kind: "pop", results, array }), type, origin);
  }

  grow(array: Value, length: Value, origin: Origin = inventedOrigin): Value {
    return this.one((results) => ({ kind: "grow", results, array, length }), array.type, origin);
  }

  /** An `if` whose regions were built with `inner()`; one result for each pair of yielded values. */
  if(test: Value, then: Region, otherwise: Region, results: readonly Value[]): void {
    this.append({ kind: "if", results, test, then, else: otherwise });
  }

  /** Results are [completed, started, ...carried]. */
  loop(
    range: Range | null,
    initial: readonly Value[],
    body: Region,
    results: readonly Value[],
    checkpoint: Checkpoint | null = null,
  ): void {
    this.append({ kind: "loop", results, range, initial, body, ...(checkpoint === null ? {} : { checkpoint }) });
  }

  region(params: readonly Value[], exit: Exit): Region {
    return { params, ops: this.operations, exit };
  }

  yield(params: readonly Value[], values: readonly Value[]): Region {
    return this.region(params, { kind: "yield", values });
  }
}

export const element = (base: Value, index: Value): Location => ({ kind: "element", base, index });
export const field = (base: Value, name: string | number): Location => ({ kind: "field", base, field: name });
