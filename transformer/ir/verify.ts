/**
 * Checks that a function is sound: one definition for each value, uses in scope, counts and types that agree.
 * Run after every pass in tests; a failure is a fault of that pass, never of the user.
 */
import { isAssignable } from "./assignable.js";
import { typeAt, typeOfApplication } from "./build.js";
import {
  assertNever,
  booleanType,
  integerType,
  isDictionary,
  isMap,
  isReference,
  numberType,
  type AllocateOp,
  type ApplyOp,
  type CallOp,
  type Exit,
  type IRFunction,
  type LoopOp,
  type Op,
  type Region,
  type Type,
  type Value,
} from "./ir.js";
import { nameValues, print, printType } from "./print.js";
import { primitives } from "./primitives.js";
import { exitOperands, operandsOf } from "./traverse.js";

/** Throws `invalid IR after <pass>: ...`, with the function as text and the operation marked in it. */
export function verify(fn: IRFunction, after: string, functions?: ReadonlyMap<string, IRFunction>): void {
  new Verifier(fn, after, functions ?? null).run();
}

class Verifier {
  private readonly defined = new Set<Value>();
  private readonly visible = new Set<Value>();
  private current: Op | null = null;
  private names: ((value: Value) => string) | null = null;

  constructor(
    private readonly fn: IRFunction,
    private readonly after: string,
    private readonly functions: ReadonlyMap<string, IRFunction> | null,
  ) {}

  run(): void {
    const { fn } = this;
    for (const { value } of fn.params) this.define(value);
    this.region(fn.body, (exit, diverges) => {
      if (exit.kind === "yield" && !diverges) this.fail("a function's body ends in return or throw");
      if (exit.kind === "return") this.types("returned value", exit.values, fn.results, true);
    });
  }

  private fail(message: string): never {
    const here = this.current;
    const text = print(this.fn, (subject) => (subject === here ? "<-- here" : null));
    throw new Error(`invalid IR after ${this.after}: ${message}\n${text}`);
  }

  private name(value: Value): string {
    this.names ??= nameValues(this.fn);
    return this.names(value);
  }

  private define(value: Value): void {
    if (this.defined.has(value)) this.fail(`value ${this.name(value)} is defined twice`);
    this.defined.add(value);
    this.visible.add(value);
  }

  private use(value: Value): void {
    if (this.visible.has(value)) return;
    this.fail(
      this.defined.has(value)
        ? `value ${this.name(value)} used outside its region`
        : `value ${this.name(value)} used before its definition, or never defined`,
    );
  }

  private assign(what: string, value: Value, to: Type, narrowing = false): void {
    if (isAssignable(value.type, to, narrowing)) return;
    this.fail(`${what} ${this.name(value)} has type ${printType(value.type)}, not ${printType(to)}`);
  }

  /** May a value hold something of this type? */
  private accept(what: string, type: Type, value: Value): void {
    if (isAssignable(type, value.type, false)) return;
    this.fail(`${what} ${this.name(value)} has type ${printType(type)}, not ${printType(value.type)}`);
  }

  private copied(from: Type, to: Type): void {
    if (!isAssignable(from, to, true)) this.fail(`copied element has type ${printType(from)}, not ${printType(to)}`);
  }

  private types(what: string, values: readonly Value[], types: readonly Type[], narrowing = false): void {
    if (values.length !== types.length) this.fail(`${values.length} ${what}(s), expected ${types.length}`);
    values.forEach((value, k) => {
      const type = types[k];
      if (type !== undefined) this.assign(what, value, type, narrowing);
    });
  }

  /** Checks a region; what it defines is out of sight afterwards. Answers whether it never reaches its exit. */
  private region(region: Region, checkExit: (exit: Exit, diverges: boolean) => void): void {
    const own: Value[] = [];
    const define = (value: Value): void => {
      this.define(value);
      own.push(value);
    };
    region.params.forEach(define);
    let diverges = false;
    for (const op of region.ops) {
      this.current = op;
      if (diverges) this.fail("an operation stands after an `if` whose branches both throw");
      operandsOf(op).forEach((value) => this.use(value));
      this.operation(op);
      this.current = op;
      op.results.forEach(define);
      diverges = op.kind === "if" && neverEnds(op.then) && neverEnds(op.else);
    }
    exitOperands(region.exit).forEach((value) => this.use(value));
    checkExit(region.exit, diverges);
    for (const value of own) this.visible.delete(value);
  }

  private results(op: Op, ...types: readonly (Type | null)[]): void {
    if (op.results.length !== types.length)
      this.fail(`${op.kind} has ${op.results.length} result(s), expected ${types.length}`);
    op.results.forEach((value, k) => {
      const type = types[k] ?? null;
      if (type !== null) this.accept("result", type, value);
    });
  }

  private numeric(what: string, value: Value): void {
    if (value.type.kind !== "number" && value.type.kind !== "integer") {
      this.fail(`${what} ${this.name(value)} has type ${printType(value.type)}, not number`);
    }
  }

  private index(base: Value, index: Value): void {
    if (!isDictionary(base.type)) return this.numeric("index", index);
    if (index.type.kind !== "opaque" && !isMap(base.type))
      this.fail(`key ${this.name(index)} has type ${printType(index.type)}, not text`);
  }

  private arrayElement(what: string, value: Value): Type {
    if (value.type.kind === "array") return value.type.element;
    return this.fail(`${what} ${this.name(value)} has type ${printType(value.type)}, not an array`);
  }

  private located(op: Op & { readonly kind: "load" | "store" | "accumulate" }): Type {
    if (op.at.kind === "element") this.index(op.at.base, op.at.index);
    try {
      return typeAt(op.at);
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** A record of residuals holds integers among numbers: what comes out of it may be known to be one. */
  private recorded(op: Op, held: Type): Type {
    return held.kind === "number" && op.results[0]?.type.kind === "integer" ? integerType : held;
  }

  private operation(op: Op): void {
    switch (op.kind) {
      case "constant": {
        this.results(op, null);
        const [result] = op.results;
        if (result !== undefined) this.constant(op.value, result.type);
        return;
      }
      case "apply":
        return this.apply(op);
      case "allocate":
        return this.allocate(op);
      case "length": {
        const { kind } = op.array.type;
        if (kind !== "array" && kind !== "tuple") this.arrayElement("operand", op.array);
        return this.results(op, integerType);
      }
      case "load":
        return this.results(op, this.recorded(op, this.located(op)));
      case "store":
        if (op.removes === true) {
          if (!isMap(op.at.base.type)) this.fail("only a Map has keys to take out");
          this.located(op);
          return this.results(op);
        }
        this.assign("stored value", op.value, this.located(op), true);
        return this.results(op);
      case "accumulate": {
        const type = this.located(op);
        if (type.kind !== "number" && type.kind !== "integer") this.fail(`accumulation into ${printType(type)}`);
        this.numeric("accumulated value", op.value);
        return this.results(op);
      }
      case "push":
        this.assign("pushed value", op.value, this.arrayElement("operand", op.array), true);
        return this.results(op, integerType);
      case "pop":
        return this.results(op, this.recorded(op, this.arrayElement("operand", op.array)));
      case "grow":
        this.arrayElement("operand", op.array);
        this.numeric("length", op.length);
        return this.results(op, op.array.type);
      case "if": {
        this.assign("test", op.test, booleanType);
        const branch = (region: Region): void => {
          if (region.params.length > 0) this.fail("a branch has no parameters");
          this.region(region, (exit, diverges) => {
            this.current = op;
            if (exit.kind === "return") this.fail("return inside a region");
            if (exit.kind === "yield" && !diverges) {
              this.types(
                "yielded value",
                exit.values,
                op.results.map((result) => result.type),
              );
            }
          });
        };
        branch(op.then);
        branch(op.else);
        if (neverEnds(op.then) && neverEnds(op.else) && op.results.length > 0) {
          this.fail("an `if` whose branches both throw has no results");
        }
        return;
      }
      case "loop":
        return this.loop(op);
      case "call":
        return this.call(op);
      case "opaque":
        if (op.results.length > 1) this.fail("an opaque operation has one result or none");
        return;
      case "random":
        return this.results(op, numberType);
      case "isAbsent":
        return this.results(op, booleanType);
      case "unwrap":
        return this.results(op, null);
      default:
        return assertNever(op);
    }
  }

  private constant(value: unknown, type: Type): void {
    const fits =
      typeof value === "number"
        ? type.kind === "number" || (type.kind === "integer" && (Number.isInteger(value) || !Number.isFinite(value)))
        : typeof value === "boolean"
          ? type.kind === "boolean" || type.kind === "opaque"
          : type.kind === "opaque" || type.kind === "optional";
    if (!fits) this.fail(`the constant ${String(value)} has type ${printType(type)}`);
  }

  private apply(op: ApplyOp): void {
    const { arity, operands } = primitives[op.primitive];
    if (arity !== "any" && arity !== op.args.length) {
      this.fail(`${op.primitive} has ${op.args.length} operand(s), expected ${arity}`);
    }
    for (const arg of op.args) {
      if (operands === "number") this.numeric(`operand of ${op.primitive}`, arg);
      if (operands === "boolean") this.assign(`operand of ${op.primitive}`, arg, booleanType);
    }
    const [test, a, b] = op.args;
    if (op.primitive === "select" && test !== undefined && a !== undefined && b !== undefined) {
      this.assign("test", test, booleanType);
      const [result] = op.results;
      if (op.results.length !== 1 || result === undefined) return this.fail("select has one result");
      this.assign("operand", a, result.type);
      this.assign("operand", b, result.type);
      return;
    }
    // A pass may know that a division leaves no remainder: the number of an iteration from its counter.
    const isExact = op.primitive === "div" && op.args.every((arg) => arg.type.kind === "integer");
    const isInteger = isExact && op.results[0]?.type.kind === "integer";
    this.results(op, isInteger ? integerType : typeOfApplication(op.primitive, op.args));
  }

  private allocate(op: AllocateOp): void {
    const { initial } = op;
    this.results(op, null);
    const type = op.results[0]?.type ?? numberType;
    if (initial.kind === "zerosLike") {
      if (!isReference(type) || !isReference(initial.of.type)) this.fail("zerosLike is for arrays, tuples and records");
      return;
    }
    if (initial.kind === "parts") {
      if (type.kind === "array") {
        const { element } = type;
        for (const part of initial.parts) this.assign("part", part, element, true);
      } else if (type.kind === "tuple") this.types("part", initial.parts, type.elements, true);
      else if (type.kind === "record") {
        const types = type.fields.map((field) => field.type);
        this.types("part", initial.parts, types, true);
        for (const { field, test } of initial.keys ?? []) {
          this.assign("key", test, booleanType);
          if (!type.fields.some(({ name, mayBeLeftOut }) => name === field && mayBeLeftOut === true))
            this.fail(`${field} cannot be left out`);
        }
      } else this.fail(`allocation of ${printType(type)}`);
      return;
    }
    if (type.kind !== "array") this.fail(`allocation of ${printType(type)} by ${initial.kind}`);
    if (initial.kind === "copy") {
      this.numeric("start", initial.from);
      this.numeric("end", initial.to);
      const { type: source } = initial.source;
      if (source.kind === "tuple") for (const one of source.elements) this.copied(one, type.element);
      else this.copied(this.arrayElement("source", initial.source), type.element);
      return;
    }
    this.numeric("length", initial.length);
    if (initial.kind === "filled") this.assign("filling value", initial.value, type.element, true);
  }

  private loop(op: LoopOp): void {
    const { range, initial, body, results } = op;
    const [counter, ...carried] = body.params;
    if (counter === undefined) return this.fail("a loop's body has a counter");
    if (carried.length !== initial.length) {
      this.fail(`${carried.length} carried parameter(s), but ${initial.length} initial value(s)`);
    }
    this.numeric("counter", counter);
    if (range !== null) {
      this.numeric("start", range.from);
      this.numeric("end", range.to);
      if (range.step === 0 || !Number.isFinite(range.step)) this.fail("a step is finite and not zero");
      if (counter.type.kind === "integer" && (range.from.type.kind !== "integer" || !Number.isInteger(range.step))) {
        this.fail("the counter is an integer, its start or step is not");
      }
    }
    const types = carried.map((param) => param.type);
    this.types("initial value", initial, types);
    this.region(body, (exit, diverges) => {
      this.current = op;
      if (exit.kind === "return") this.fail("return inside a region");
      if (exit.kind === "yield" && !diverges) this.types("yielded value", exit.values, [booleanType, ...types]);
    });
    const [completed, started, ...finals] = results;
    if (completed === undefined || started === undefined) return this.fail("a loop's results begin with two counts");
    this.numeric("count", completed);
    this.numeric("count", started);
    if (finals.length !== types.length) {
      this.fail(`${finals.length} final value(s), but ${types.length} carried parameter(s)`);
    }
    finals.forEach((value, k) => {
      const type = types[k];
      if (type !== undefined) this.accept("result", type, value);
    });
  }

  private call(op: CallOp): void {
    if (this.functions === null) return;
    const callee = this.functions.get(op.callee);
    if (callee === undefined) return this.fail(`no function ${op.callee}`);
    this.types(
      `argument of ${op.callee}`,
      op.args,
      callee.params.map(({ value }) => value.type),
      true,
    );
    this.results(op, ...callee.results);
  }
}

/** Does control never reach the end of this region? */
function neverEnds(region: Region): boolean {
  if (region.exit.kind === "throw") return true;
  const last = region.ops.at(-1);
  return last?.kind === "if" && neverEnds(last.then) && neverEnds(last.else);
}
