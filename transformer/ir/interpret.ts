/**
 * Runs IR on real JavaScript values: the meaning of every operation, in one place. Tests compare passes and emitted
 * code with it, and count what was executed.
 */
import {
  assertNever,
  heldFields,
  isDictionary,
  isTyped,
  isMap,
  isReference,
  type AllocateOp,
  type ApplyOp,
  type ArrayType,
  type Exit,
  type Field,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type FloatStorage,
  type IntegerStorage,
  type Type,
  type Value,
} from "./ir.js";
import { primitives } from "./primitives.js";

export interface InterpretOptions {
  /** The callees of `call` operations. */
  readonly functions?: ReadonlyMap<string, IRFunction>;
  readonly random?: () => number;
  /** The meaning of opaque operations. */
  readonly opaque?: (template: string, operands: readonly unknown[]) => unknown;
  /** Throws after so many operations: a guard against loops that do not end. */
  readonly limit?: number;
}

export interface Interpretation {
  /** What was returned, one for each of the function's results. */
  readonly results: readonly unknown[];
  /** How often each kind of operation ran (`load`, `apply`, ...), and each primitive (`mul`, ...). */
  readonly counts: ReadonlyMap<string, number>;
}

/** What an IR function throws is thrown as it is. */
export function interpret(fn: IRFunction, args: readonly unknown[], options: InterpretOptions = {}): Interpretation {
  const interpreter = new Interpreter(options);
  return { results: interpreter.run(fn, args), counts: interpreter.counts };
}

type Numbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

const makers: Readonly<Record<FloatStorage | IntegerStorage, (from: number | readonly number[]) => Numbers>> = {
  Float64Array: (from) => (typeof from === "number" ? new Float64Array(from) : Float64Array.from(from)),
  Float32Array: (from) => (typeof from === "number" ? new Float32Array(from) : Float32Array.from(from)),
  Int8Array: (from) => (typeof from === "number" ? new Int8Array(from) : Int8Array.from(from)),
  Uint8Array: (from) => (typeof from === "number" ? new Uint8Array(from) : Uint8Array.from(from)),
  Uint8ClampedArray: (from) => (typeof from === "number" ? new Uint8ClampedArray(from) : Uint8ClampedArray.from(from)),
  Int16Array: (from) => (typeof from === "number" ? new Int16Array(from) : Int16Array.from(from)),
  Uint16Array: (from) => (typeof from === "number" ? new Uint16Array(from) : Uint16Array.from(from)),
  Int32Array: (from) => (typeof from === "number" ? new Int32Array(from) : Int32Array.from(from)),
  Uint32Array: (from) => (typeof from === "number" ? new Uint32Array(from) : Uint32Array.from(from)),
};

type Indexed = Record<PropertyKey, unknown> & { readonly length: number };
const isObject = (value: unknown): value is Record<PropertyKey, unknown> => typeof value === "object" && value !== null;
const isTypedArray = (value: unknown): value is Numbers => ArrayBuffer.isView(value) && !(value instanceof DataView);

function toIndexed(value: unknown): Indexed {
  if (isIndexed(value)) return value;
  throw new TypeError(`not an array: ${String(value)}`);
}
const isIndexed = (value: unknown): value is Indexed => isObject(value) && typeof value["length"] === "number";

/** Values of numeric type; `undefined` from outside an array behaves as in JavaScript's arithmetic. */
function toNumber(value: unknown): number {
  return typeof value === "number" ? value : Number(value);
}

class Interpreter {
  readonly counts = new Map<string, number>();
  private steps = 0;

  constructor(private readonly options: InterpretOptions) {}

  run(fn: IRFunction, args: readonly unknown[]): readonly unknown[] {
    const frame = new Map<Value, unknown>();
    fn.params.forEach(({ value }, k) => frame.set(value, args[k]));
    return this.region(fn.body, frame);
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Runs a region; answers what it yields or returns. */
  private region(region: Region, frame: Map<Value, unknown>): readonly unknown[] {
    for (const op of region.ops) this.operation(op, frame);
    return this.exit(region.exit, frame);
  }

  private exit(exit: Exit, frame: Map<Value, unknown>): readonly unknown[] {
    if (exit.kind === "throw") throw this.get(exit.value, frame);
    return exit.values.map((value) => this.get(value, frame));
  }

  private get(value: Value, frame: Map<Value, unknown>): unknown {
    if (!frame.has(value)) throw new Error(`a value of type ${value.type.kind} is used before it is computed`);
    return frame.get(value);
  }

  private number(value: Value, frame: Map<Value, unknown>): number {
    return toNumber(this.get(value, frame));
  }

  private cell(at: Location, frame: Map<Value, unknown>): { base: Record<PropertyKey, unknown>; key: PropertyKey } {
    const base = this.get(at.base, frame);
    if (!isObject(base)) throw new TypeError(`no elements or fields in ${String(base)}`);
    if (at.kind === "field") return { base, key: at.field };
    if (isDictionary(at.base.type)) return { base, key: String(this.get(at.index, frame)) };
    return { base, key: this.number(at.index, frame) };
  }

  private operation(op: Op, frame: Map<Value, unknown>): void {
    this.count(op.kind);
    if (++this.steps > (this.options.limit ?? Infinity)) throw new Error("too many operations");
    const one = (result: unknown): void => {
      const [value] = op.results;
      if (value !== undefined) frame.set(value, result);
    };
    const several = (results: readonly unknown[]): void =>
      op.results.forEach((value, k) => frame.set(value, results[k]));
    switch (op.kind) {
      case "constant":
        return one(op.value);
      case "apply":
        this.count(op.primitive);
        return one(this.apply(op, frame));
      case "allocate":
        return one(this.allocate(op, frame));
      case "length":
        return one(toIndexed(this.get(op.array, frame)).length);
      case "load": {
        if (op.at.kind === "element" && isMap(op.at.base.type))
          return one(this.map(op.at.base, frame).get(this.get(op.at.index, frame)));
        const { base, key } = this.cell(op.at, frame);
        return one(base[key]);
      }
      case "store": {
        if (op.at.kind === "element" && isMap(op.at.base.type)) {
          const [map, key] = [this.map(op.at.base, frame), this.get(op.at.index, frame)];
          if (op.removes === true) map.delete(key);
          else map.set(key, this.get(op.value, frame));
          return;
        }
        const { base, key } = this.cell(op.at, frame);
        base[key] = this.get(op.value, frame);
        return;
      }
      case "accumulate": {
        const { base, key } = this.cell(op.at, frame);
        base[key] = toNumber(base[key]) + this.number(op.value, frame);
        return;
      }
      case "push":
        return one(this.plainArray(op.array, frame).push(this.get(op.value, frame)));
      case "pop":
        return one(this.plainArray(op.array, frame).pop());
      case "grow":
        return one(grown(this.get(op.array, frame), this.number(op.length, frame)));
      case "if":
        return several(this.region(this.get(op.test, frame) === true ? op.then : op.else, frame));
      case "loop":
        return several(this.loop(op, frame));
      case "call": {
        const callee = this.options.functions?.get(op.callee);
        if (callee === undefined) throw new Error(`no function ${op.callee}`);
        const args = op.args.map((arg) => this.get(arg, frame));
        return several(this.run(callee, args));
      }
      case "opaque": {
        if (this.options.opaque === undefined) throw new Error(`no meaning given for ${op.template}`);
        const operands = op.operands.map((operand) => this.get(operand, frame));
        return one(this.options.opaque(op.template, operands));
      }
      case "random":
        return one((this.options.random ?? Math.random)());
      case "isAbsent":
        return one((this.get(op.value, frame) ?? null) === null);
      case "unwrap":
        return one(this.get(op.value, frame));
      default:
        return assertNever(op);
    }
  }

  private map(value: Value, frame: Map<Value, unknown>): Map<unknown, unknown> {
    const map = this.get(value, frame);
    if (!(map instanceof Map)) throw new TypeError("a Map is wanted");
    return map;
  }

  private plainArray(array: Value, frame: Map<Value, unknown>): unknown[] {
    const value = this.get(array, frame);
    if (!Array.isArray(value)) throw new TypeError("only a plain array grows and shrinks");
    return value;
  }

  private apply(op: ApplyOp, frame: Map<Value, unknown>): unknown {
    const args = op.args.map((arg) => this.get(arg, frame));
    if (op.primitive === "select") return args[0] === true ? args[1] : args[2];
    if (op.primitive === "orZero") return args[0] ?? 0;
    if (op.primitive === "eq") return args[0] === args[1];
    if (op.primitive === "ne") return args[0] !== args[1];
    if (op.primitive === "isNaN") return Number.isNaN(args[0]);
    const { evaluate, result } = primitives[op.primitive];
    const answer = evaluate(...args.map(toNumber));
    return result === "boolean" ? answer !== 0 : answer;
  }

  private allocate(op: AllocateOp, frame: Map<Value, unknown>): unknown {
    const { initial } = op;
    const type = op.results[0]?.type ?? initialType;
    switch (initial.kind) {
      case "zeros":
        if (initial.holes === true) return new Array<unknown>(this.number(initial.length, frame));
        return zeros(type, this.number(initial.length, frame));
      case "filled": {
        const length = this.number(initial.length, frame);
        const value = this.get(initial.value, frame);
        return collect(type, new Array<unknown>(length).fill(value), null);
      }
      case "parts": {
        const parts = initial.parts.map((part) => this.get(part, frame));
        if (type.kind === "record") {
          const isKey = ({ name, mayBeLeftOut }: Field, k: number): boolean => {
            const key = initial.keys?.find(({ field }) => field === name);
            if (key !== undefined) return this.get(key.test, frame) === true;
            return mayBeLeftOut !== true || parts[k] !== undefined;
          };
          const entries = type.fields.map((one, k) => [one.name, isKey(one, k), parts[k]] as const);
          return Object.fromEntries(entries.flatMap(([name, is, part]) => (is ? [[name, part] as const] : [])));
        }
        return collect(type, parts, null);
      }
      case "copy": {
        const source = toIndexed(this.get(initial.source, frame));
        const [from, to] = [this.number(initial.from, frame), this.number(initial.to, frame)];
        const copied: unknown[] = Array.prototype.slice.call(source, from, to);
        return collect(type, copied, source);
      }
      case "zerosLike":
        return zerosLike(this.get(initial.of, frame), type, new Map());
      default:
        return assertNever(initial);
    }
  }

  private loop(op: LoopOp, frame: Map<Value, unknown>): readonly unknown[] {
    const { range, body } = op;
    const [counterParam, ...params] = body.params;
    const to = range === null ? Infinity : this.number(range.to, frame);
    let counter = range === null ? 0 : this.number(range.from, frame);
    let carried: readonly unknown[] = op.initial.map((value) => this.get(value, frame));
    let completed = 0;
    let started = 0;
    while (range === null || isBefore(counter, to, range.step, range.inclusive)) {
      started++;
      if (counterParam !== undefined) frame.set(counterParam, counter);
      params.forEach((param, k) => frame.set(param, carried[k]));
      const [stop, ...next] = this.region(body, frame);
      carried = next;
      if (stop === true) break;
      completed++;
      counter += range?.step ?? 1;
    }
    return [completed, started, ...carried];
  }
}

const initialType: Type = { kind: "number" };

function isBefore(counter: number, to: number, step: number, inclusive: boolean): boolean {
  if (step > 0) return inclusive ? counter <= to : counter < to;
  return inclusive ? counter >= to : counter > to;
}

function zeros(type: Type, length: number): unknown {
  if (type.kind !== "array") throw new TypeError(`zeros of type ${type.kind}`);
  if (type.storage === "ArrayLike") return new Float64Array(length);
  if (isTyped(type.storage)) return makers[type.storage](length);
  if (isDictionary(type)) return isMap(type) ? new Map() : {};
  const array = new Array<unknown>(length);
  return isReference(type.element) ? array : array.fill(type.element.kind === "boolean" ? false : 0);
}

/** Values in a fresh container; one of unknown kind takes after `like`. */
function collect(type: Type, values: readonly unknown[], like: unknown): unknown {
  if (type.kind !== "array" || type.storage === "Array") return [...values];
  if (isDictionary(type)) return isMap(type) ? new Map() : {};
  const numbers = values.map(toNumber);
  if (isTyped(type.storage)) return makers[type.storage](numbers);
  if (isTypedArray(like)) return like instanceof Float32Array ? Float32Array.from(numbers) : Float64Array.from(numbers);
  return Array.isArray(like) ? numbers : Float64Array.from(numbers);
}

/** All zeros in the shape of `value`, so far as `type` speaks of it; what is shared stays shared. */
function zerosLike(value: unknown, type: Type, made: Map<unknown, unknown>): unknown {
  if (value === undefined || value === null) return undefined;
  if (!isReference(type)) return 0;
  const known = made.get(value);
  if (known !== undefined) return known;
  switch (type.kind) {
    case "optional":
      return zerosLike(value, type.of, made);
    case "array":
      return zeroArray(value, type, made);
    case "tuple": {
      const shadow: unknown[] = [];
      made.set(value, shadow);
      const source = toIndexed(value);
      type.elements.forEach((element, k) => shadow.push(zerosLike(source[k], element, made)));
      return shadow;
    }
    case "record": {
      const shadow: Record<string, unknown> = {};
      made.set(value, shadow);
      if (!isObject(value)) throw new TypeError("not an object");
      const ofOneMember = ({ name, type: of }: Field): boolean =>
        name in value && (of.kind === "number") === (typeof value[name] === "number");
      const fields = type.members === undefined ? type.fields : heldFields(type).filter(ofOneMember);
      for (const field of fields) shadow[field.name] = zerosLike(value[field.name], field.type, made);
      return shadow;
    }
    default:
      return 0;
  }
}

function zeroArray(value: unknown, type: ArrayType, made: Map<unknown, unknown>): unknown {
  const { length } = toIndexed(value);
  if (isTypedArray(value)) {
    const shadow = value instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
    made.set(value, shadow);
    return shadow;
  }
  const shadow: unknown[] = [];
  made.set(value, shadow);
  const source = toIndexed(value);
  for (let k = 0; k < length; k++) shadow.push(zerosLike(source[k] ?? 0, type.element, made));
  return shadow;
}

/** The array itself if it is long enough, else a copy of at least twice its length. */
function grown(value: unknown, length: number): unknown {
  const source = toIndexed(value);
  if (source.length >= length) return value;
  const longer = Math.max(length, 2 * source.length);
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice();
    copy.length = longer;
    return copy;
  }
  if (!isTypedArray(value)) throw new TypeError("only records of residuals grow");
  const copy = makers[value[Symbol.toStringTag]](longer);
  copy.set(value);
  return copy;
}
