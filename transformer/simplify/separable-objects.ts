/**
 * Which objects `scalarReplacement` can take apart: small ones that nobody sees but loads and stores, whose cells are all
 * named by a constant index or a field, and keep a number as it is (no Float32Array).
 */
import type { Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { isAssignable } from "../ir/assignable.js";
import { appendTo } from "../ir/grouped.js";
import {
  isReference,
  type AllocateOp,
  type IRFunction,
  type Location,
  type Op,
  type Region,
  type Type,
  type Value,
} from "../ir/ir.js";
import { exitOperands, operandsOf, regionsOf, someOperation } from "../ir/traverse.js";

/** Cells of one object up to which it is taken apart. */
const maximalCells = 16;

/** A field's name, or the constant index of an element. */
export type CellKey = string | number;

/** The cells of one object: their keys, in order. */
export interface Shape {
  readonly keys: readonly CellKey[];
}

/** One cell of an object, by its position among its keys. */
export interface Cell {
  readonly object: Value;
  readonly position: number;
}

export interface SeparableObjects {
  /** What is taken apart: every value that is such an object. */
  readonly shapes: ReadonlyMap<Value, Shape>;
  /** The key of the cell that a location is; null: its index is not constant. */
  keyOf(at: Location): CellKey | null;
  /** Cells that are written within an operation, of objects made outside of it. */
  writtenIn(op: Op): readonly Cell[];
}

/** The objects of a function that can be taken apart. */
export function findSeparableObjects(fn: IRFunction, aliases: Aliases): SeparableObjects {
  const candidates = new Candidates(aliases, someOperation(fn.body, mayAskForAbsence));
  candidates.collect(fn.body, []);
  const shapes = candidates.shapes();
  const written = candidates.writtenCells(shapes);
  return {
    shapes,
    keyOf: (at) => candidates.keyOf(at),
    writtenIn: (op) => {
      const [region] = regionsOf(op);
      return region === undefined ? [] : [...(written.get(region)?.values() ?? [])];
    },
  };
}

/** May an operation see that a number is not there? Arithmetic cannot: it makes NaN of it. */
const mayAskForAbsence = (op: Op): boolean =>
  op.kind === "isAbsent" ||
  op.kind === "call" ||
  (op.kind === "opaque" && op.operands.some(({ type }) => type.kind === "number" || type.kind === "optional"));

class Candidates {
  private readonly refused = new Set<MemoryClass>();
  private readonly members = new Map<MemoryClass, Value[]>();
  private readonly allocations = new Map<Value, AllocateOp>();
  /** The stores into each object, with the operations around the store. */
  private readonly stores: { readonly at: Location; readonly owners: readonly Op[] }[] = [];
  private readonly accesses: Location[] = [];
  private readonly depthOf = new Map<Value, number>();

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
    appendTo(this.members, this.aliases.classOf(value), value);
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
    const keysOf = new Map<MemoryClass, readonly CellKey[]>();
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
    return shapes;
  }

  /** By the operation that they are written in, which is known by its first region: its operands are replaced. */
  writtenCells(shapes: ReadonlyMap<Value, Shape>): ReadonlyMap<Region, ReadonlyMap<string, Cell>> {
    const written = new Map<Region, Map<string, Cell>>();
    const numbers = new Map<Value, number>();
    const numberOf = (object: Value): number => {
      const number = numbers.get(object) ?? numbers.size;
      numbers.set(object, number);
      return number;
    };
    for (const { at, owners } of this.stores) {
      const shape = shapes.get(at.base);
      if (shape === undefined) continue;
      const position = shape.keys.indexOf(this.keyOf(at) ?? "");
      for (const owner of owners.slice(this.depthOf.get(at.base) ?? 0)) {
        const [region] = regionsOf(owner);
        if (region === undefined) continue;
        const cells = written.get(region) ?? new Map<string, Cell>();
        written.set(region, cells);
        cells.set(`${numberOf(at.base)}.${position}`, { object: at.base, position });
      }
    }
    return written;
  }

  keyOf(at: Location): CellKey | null {
    if (at.kind === "field") return at.field;
    const index = this.aliases.definitions.literalOf(at.index);
    return typeof index === "number" ? index : null;
  }

  /** The cells that all objects of a class have; null where they differ or are too many. */
  private keysOf(values: readonly Value[]): readonly CellKey[] | null {
    let keys: readonly CellKey[] | null = null;
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

  private keysOfValue(value: Value): readonly CellKey[] | null {
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

/** The types of the cells of an object that has so many. */
export function cellTypes(type: Type, count: number): readonly (Type | undefined)[] {
  if (type.kind === "record") return type.fields.map((field) => field.type);
  if (type.kind === "tuple") return type.elements;
  return Array.from({ length: count }, () => (type.kind === "array" ? type.element : undefined));
}
