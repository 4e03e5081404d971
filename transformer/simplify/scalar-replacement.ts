import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import type { Compilation } from "../compilation.js";
import { isAssignable } from "../ir/assignable.js";
import {
  isReference,
  type AllocateOp,
  type IfOp,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { exitOperands, operandsOf, regionsOf, someOperation } from "../ir/traverse.js";
import { constantOp, rewriteRegion, Substitution, withBody, withBranches, withLoopBody, yieldedBy } from "./rewrite.js";

/** Cells of one object up to which it is taken apart. */
const maximalCells = 16;

/**
 * Takes small local arrays, tuples and records apart: their cells become values.
 *
 *   p = allocate parts x y; store p.x z; r = load p.x          =>   r := z
 *   p = allocate parts x; for i { t = load p.x; store p.x t' } =>   for i carrying pX = x { ...; yield t' }
 *
 * The object must not escape, and all its cells must be named by a constant index or a field. What is written in
 * branches and loops is carried through them (SSA construction on structured code). Objects that are never written
 * may flow through branches and loops themselves: each result of such a type becomes one for each cell.
 * Safe because nobody can see the object but these loads and stores, and a cell keeps a number as it is (no
 * Float32Array).
 */
export function scalarReplacement(fn: IRFunction, compilation: Compilation): IRFunction {
  const candidates = new Candidates(analyzeAliases(fn, compilation), someOperation(fn.body, mayAskForAbsence));
  candidates.collect(fn.body, []);
  const shapes = candidates.shapes();
  if (shapes.size === 0) return fn;
  return withBody(fn, new Replacement(shapes, candidates).region(fn.body));
}

/** May an operation see that a number is not there? Arithmetic cannot: it makes NaN of it. */
const mayAskForAbsence = (op: Op): boolean =>
  op.kind === "isAbsent" ||
  op.kind === "call" ||
  (op.kind === "opaque" && op.operands.some(({ type }) => type.kind === "number" || type.kind === "optional"));

/** The cells of one object: their keys and types. */
interface Shape {
  readonly keys: readonly (string | number)[];
}

interface Cell {
  readonly object: Value;
  readonly position: number;
}

class Candidates {
  private readonly refused = new Set<MemoryClass>();
  private readonly members = new Map<MemoryClass, Value[]>();
  private readonly allocations = new Map<Value, AllocateOp>();
  /** The stores into each object, with the operations around the store. */
  private readonly stores: { readonly at: Location; readonly owners: readonly Op[] }[] = [];
  private readonly accesses: Location[] = [];
  private readonly numbers = new Map<Value, number>();
  private readonly depthOf = new Map<Value, number>();
  /** Cells that are written within an operation (known by its first region), of objects made outside of it. */
  readonly written = new Map<Region, Map<string, Cell>>();

  /** `asksForAbsence`: does something in the function tell a number from what is not there? */
  constructor(
    private readonly aliases: Aliases,
    private readonly asksForAbsence: boolean,
  ) {}

  private refuse(value: Value): void {
    if (isReference(value.type)) this.refused.add(this.aliases.classOf(value));
  }

  private member(value: Value, depth: number): void {
    this.depthOf.set(value, depth);
    const memory = this.aliases.classOf(value);
    const list = this.members.get(memory);
    if (list === undefined) this.members.set(memory, [value]);
    else list.push(value);
  }

  collect(region: Region, owners: readonly Op[]): void {
    const define = (value: Value): void => {
      if (isReference(value.type)) this.member(value, owners.length);
    };
    region.params.forEach(define);
    for (const op of region.ops) {
      op.results.forEach(define);
      switch (op.kind) {
        case "allocate":
          this.allocate(op);
          break;
        case "load":
          op.results.forEach((value) => this.refuse(value));
          this.access(op.at, op.results[0] ?? null, null);
          break;
        case "store":
        case "accumulate":
          this.refuse(op.value);
          this.access(op.at, null, op.value);
          this.stores.push({ at: op.at, owners });
          break;
        case "length":
          if (op.array.type.kind === "record") this.refuse(op.array);
          break;
        case "if":
        case "loop":
          break;
        default:
          operandsOf(op).forEach((value) => this.refuse(value));
          op.results.forEach((value) => this.refuse(value));
      }
      regionsOf(op).forEach((inner) => this.collect(inner, [...owners, op]));
    }
    if (region.exit.kind !== "yield") exitOperands(region.exit).forEach((value) => this.refuse(value));
  }

  private allocate(op: AllocateOp): void {
    const [result] = op.results;
    if (result === undefined) return;
    this.allocations.set(result, op);
    const { initial } = op;
    const { type } = result;
    const keepsNumbers = type.kind !== "array" || type.storage === "Array" || type.storage === "Float64Array";
    if (!keepsNumbers) this.refuse(result);
    switch (initial.kind) {
      case "parts":
        initial.parts.forEach((part, k) => {
          this.refuse(part); // an object within waits until the outer one is taken apart
          const cell = cellTypes(type, initial.parts.length)[k];
          if (cell === undefined || !isAssignable(part.type, cell, false)) this.refuse(result);
        });
        return;
      case "zeros":
      case "filled": {
        if (initial.kind === "filled") this.refuse(initial.value);
        // a cell begins as 0, a hole as undefined
        else if (initial.holes === true && this.asksForAbsence) this.refuse(result);
        const length = this.aliases.definitions.literalOf(initial.length);
        const isSmall = typeof length === "number" && Number.isInteger(length) && length >= 0 && length <= maximalCells;
        if (!isSmall || type.kind !== "array") this.refuse(result);
        else if (initial.kind === "zeros" ? type.element.kind !== "number" : isReference(initial.value.type)) {
          this.refuse(result);
        } else if (initial.kind === "filled" && !isAssignable(initial.value.type, type.element, false)) {
          this.refuse(result);
        }
        return;
      }
      default:
        operandsOf(op).forEach((value) => this.refuse(value));
        this.refuse(result);
    }
  }

  private access(at: Location, loaded: Value | null, stored: Value | null): void {
    this.accesses.push(at);
    const { type } = at.base;
    const index = at.kind === "element" ? this.aliases.definitions.literalOf(at.index) : at.field;
    if (type.kind === "array" ? typeof index !== "number" : index === undefined) return this.refuse(at.base);
    if (type.kind !== "array" && type.kind !== "tuple" && type.kind !== "record") return this.refuse(at.base);
    const cell =
      type.kind === "array"
        ? type.element
        : type.kind === "tuple"
          ? typeof index === "number"
            ? type.elements[index]
            : undefined
          : type.fields.find(({ name }) => name === index)?.type;
    if (cell === undefined) return this.refuse(at.base);
    if (loaded !== null && !isAssignable(cell, loaded.type, false)) this.refuse(at.base);
    if (stored !== null && !isAssignable(stored.type, cell, false)) this.refuse(at.base);
  }

  /** What is taken apart: every value of such a class, with its cells. */
  shapes(): ReadonlyMap<Value, Shape> {
    const shapes = new Map<Value, Shape>();
    const keysOf = new Map<MemoryClass, readonly (string | number)[]>();
    for (const [memory, values] of this.members) {
      if (this.refused.has(memory) || memory.escapes || memory.resized) continue;
      if (memory.written && values.length > 1) continue;
      const keys = this.keysOf(values);
      if (keys === null) continue;
      keysOf.set(memory, keys);
      for (const value of values) shapes.set(value, { keys });
    }
    // an index behind the end lengthens a plain array, and reads undefined
    const isInside = (at: Location): boolean => {
      const keys = keysOf.get(this.aliases.classOf(at.base));
      return keys === undefined || keys.includes(this.keyOf(at) ?? "");
    };
    for (const at of this.accesses) {
      if (isInside(at)) continue;
      for (const value of this.members.get(this.aliases.classOf(at.base)) ?? []) shapes.delete(value);
    }
    for (const { at, owners } of this.stores) {
      if (!shapes.has(at.base)) continue;
      const position = shapes.get(at.base)?.keys.indexOf(this.keyOf(at) ?? "") ?? -1;
      for (const owner of owners.slice(this.depthOf.get(at.base) ?? 0)) {
        const region = regionsOf(owner)[0];
        if (region === undefined) continue;
        const cells = this.written.get(region) ?? new Map<string, Cell>();
        this.written.set(region, cells);
        cells.set(`${this.numberOf(at.base)}.${position}`, { object: at.base, position });
      }
    }
    return shapes;
  }

  private numberOf(value: Value): number {
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    this.numbers.set(value, this.numbers.size);
    return this.numbers.size - 1;
  }

  keyOf(at: Location): string | number | null {
    if (at.kind === "field") return at.field;
    const index = this.aliases.definitions.literalOf(at.index);
    return typeof index === "number" ? index : null;
  }

  /** The cells that all objects of a class have; null where they differ or are too many. */
  private keysOf(values: readonly Value[]): readonly (string | number)[] | null {
    let keys: readonly (string | number)[] | null = null;
    let kind: Type["kind"] | null = null;
    for (const value of values) {
      kind ??= value.type.kind;
      if (value.type.kind !== kind) return null;
      const own = this.keysOfValue(value);
      if (own === null) continue; // an array that flows through a branch has the length of those it comes from
      if (keys !== null && (own.length !== keys.length || own.some((key, k) => key !== keys?.[k]))) return null;
      keys = own;
    }
    return keys !== null && keys.length <= maximalCells ? keys : null;
  }

  private keysOfValue(value: Value): readonly (string | number)[] | null {
    const { type } = value;
    if (type.kind === "record") return type.fields.map(({ name }) => name);
    if (type.kind === "tuple") return [...type.elements.keys()];
    const op = this.allocations.get(value);
    if (op === undefined) return null;
    if (op.initial.kind === "parts") return [...op.initial.parts.keys()];
    const length =
      op.initial.kind === "zeros" || op.initial.kind === "filled"
        ? this.aliases.definitions.literalOf(op.initial.length)
        : undefined;
    return typeof length === "number" ? [...Array(length).keys()] : null;
  }
}

function cellTypes(type: Type, count: number): readonly (Type | undefined)[] {
  if (type.kind === "record") return type.fields.map((field) => field.type);
  if (type.kind === "tuple") return type.elements;
  return Array.from({ length: count }, () => (type.kind === "array" ? type.element : undefined));
}

class Replacement {
  private readonly substitution = new Substitution();
  /** The cells' values where the walk stands. */
  private readonly cells = new Map<Value, readonly Value[]>();
  private readonly variables = new Map<Value, readonly (Variable | null)[]>();

  constructor(
    private readonly shapes: ReadonlyMap<Value, Shape>,
    private readonly candidates: Candidates,
  ) {}

  region(region: Region): Region {
    return rewriteRegion(region, this.substitution, (op, out) => this.operation(op, out));
  }

  private operation(op: Op, out: Op[]): void {
    const [result] = op.results;
    switch (op.kind) {
      case "allocate": {
        const shape = result === undefined ? undefined : this.shapes.get(result);
        if (result === undefined || shape === undefined) return void out.push(op);
        this.cells.set(result, this.begin(op, result, shape, out));
        return;
      }
      case "load": {
        const position = this.positionOf(op.at);
        const value = position === null ? undefined : this.cells.get(op.at.base)?.[position];
        if (value === undefined || result === undefined) return void out.push(op);
        this.substitution.replace(result, value);
        return;
      }
      case "store":
      case "accumulate": {
        const position = this.positionOf(op.at);
        if (position === null) return void out.push(op);
        if (op.kind === "store") return this.set(op.at.base, position, op.value);
        const before = this.cells.get(op.at.base)?.[position];
        if (before === undefined) return;
        const sum = this.fresh(op.at.base, position, { kind: "number" });
        out.push({ kind: "apply", results: [sum], primitive: "add", args: [before, op.value] });
        return this.set(op.at.base, position, sum);
      }
      case "length": {
        const shape = this.shapes.get(op.array);
        if (shape === undefined || result === undefined) return void out.push(op);
        out.push(constantOp(shape.keys.length, result));
        return;
      }
      case "if":
        return void out.push(this.branch(op));
      case "loop":
        return void out.push(this.loop(op));
      default:
        out.push(op);
    }
  }

  private positionOf(at: Location): number | null {
    const shape = this.shapes.get(at.base);
    if (shape === undefined) return null;
    return shape.keys.indexOf(this.candidates.keyOf(at) ?? "");
  }

  private set(object: Value, position: number, value: Value): void {
    const before = this.cells.get(object) ?? [];
    this.cells.set(
      object,
      before.map((old, k) => (k === position ? value : old)),
    );
  }

  private begin(op: AllocateOp, result: Value, shape: Shape, out: Op[]): readonly Value[] {
    const { initial } = op;
    if (initial.kind === "parts") return initial.parts;
    if (initial.kind === "filled") return shape.keys.map(() => initial.value);
    return shape.keys.map((_, k) => {
      const zero = constantOp(0, this.fresh(result, k, { kind: "number" }));
      out.push(zero);
      return zero.results[0];
    });
  }

  /** A new value for a cell, named after the object and the field. */
  private fresh(object: Value, position: number, type: Type): Value {
    let variables = this.variables.get(object);
    if (variables === undefined) {
      const keys = this.shapes.get(object)?.keys ?? [];
      const base = object.origin.variable?.name ?? null;
      variables = keys.map((key) => nameOf(base, key, keys.length));
      this.variables.set(object, variables);
    }
    return {
      type,
      origin: { span: object.origin.span, variable: variables[position] ?? null, role: object.origin.role },
    };
  }

  private typeOf(object: Value, position: number): Type {
    const { type } = object;
    const cell = cellTypes(type, position + 1)[position];
    if (cell === undefined) throw new Error("scalarReplacement: a cell without a type");
    return cell;
  }

  /** The values that a result or carried value is replaced by: itself, or its cells. */
  private expand(value: Value): readonly Value[] {
    return this.shapes.has(value) ? (this.cells.get(value) ?? []) : [value];
  }

  /** New values for the cells of an object that a branch or a loop hands on. */
  private define(value: Value): readonly Value[] {
    const shape = this.shapes.get(value);
    if (shape === undefined) return [value];
    const cells = shape.keys.map((_, k) => this.fresh(value, k, this.typeOf(value, k)));
    this.cells.set(value, cells);
    return cells;
  }

  private writtenIn(op: Op): readonly Cell[] {
    const [region] = regionsOf(op);
    return region === undefined ? [] : [...(this.candidates.written.get(region)?.values() ?? [])];
  }

  private current({ object, position }: Cell): Value {
    const value = this.cells.get(object)?.[position];
    if (value === undefined) throw new Error("scalarReplacement: a cell without a value");
    return value;
  }

  private handOn(region: Region, written: readonly Cell[], ahead: readonly Value[]): Region {
    const yielded = yieldedBy(region);
    if (yielded === null) return region;
    const values = [...ahead, ...written.map((cell) => this.current(cell))];
    return { ...region, exit: { kind: "yield", values } };
  }

  private branch(op: IfOp): Op {
    const written = this.writtenIn(op);
    const touched = op.results.some((result) => this.shapes.has(result));
    if (written.length === 0 && !touched) {
      return withBranches(op, this.region(op.then), this.region(op.else));
    }
    const before = written.map((cell) => this.current(cell));
    const walk = (region: Region): Region => {
      const inner = this.region(region);
      const yielded = yieldedBy(inner) ?? [];
      const next = this.handOn(
        inner,
        written,
        yielded.flatMap((value) => this.expand(value)),
      );
      written.forEach(({ object, position }, k) =>
        this.set(object, position, before[k] ?? this.current({ object, position })),
      );
      return next;
    };
    const then = walk(op.then);
    const otherwise = walk(op.else);
    const results = op.results.flatMap((result) => this.define(result));
    if (yieldedBy(then) === null && yieldedBy(otherwise) === null) return { ...op, then, else: otherwise };
    const finals = written.map(({ object, position }) => {
      const value = this.fresh(object, position, this.typeOf(object, position));
      this.set(object, position, value);
      return value;
    });
    return { ...op, then, else: otherwise, results: [...results, ...finals] };
  }

  private loop(op: LoopOp): Op {
    const written = this.writtenIn(op);
    const [counter, ...carried] = op.body.params;
    const touched = carried.some((param) => this.shapes.has(param));
    if (counter === undefined || (written.length === 0 && !touched)) return withLoopBody(op, this.region(op.body));
    const before = written.map((cell) => this.current(cell));
    const initial = [...op.initial.flatMap((value) => this.expand(value)), ...before];
    const params = carried.flatMap((param) => this.define(param));
    const own = written.map(({ object, position }) => {
      const param = this.fresh(object, position, this.typeOf(object, position));
      this.set(object, position, param);
      return param;
    });
    const inner = this.region(op.body);
    const [stop, ...yielded] = yieldedBy(inner) ?? [];
    const body = this.handOn(
      inner,
      written,
      stop === undefined ? [] : [stop, ...yielded.flatMap((value) => this.expand(value))],
    );
    const [completed, started, ...finals] = op.results;
    if (completed === undefined || started === undefined) return op;
    const results = finals.flatMap((result) => this.define(result));
    const last = written.map(({ object, position }) => {
      const value = this.fresh(object, position, this.typeOf(object, position));
      this.set(object, position, value);
      return value;
    });
    return {
      ...op,
      initial,
      body: { ...body, params: [counter, ...params, ...own] },
      results: [completed, started, ...results, ...last],
    };
  }
}

function nameOf(base: string | null, key: string | number, count: number): Variable | null {
  if (base === null) return typeof key === "string" ? { name: key } : null;
  if (count === 1) return { name: base };
  return { name: typeof key === "number" ? `${base}${key}` : `${base}${key.charAt(0).toUpperCase()}${key.slice(1)}` };
}
