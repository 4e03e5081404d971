import { analyzeAliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import type { AllocateOp, IfOp, IRFunction, Location, LoopOp, Op, Region, Type, Value, Variable } from "../ir/ir.js";
import { constantOp, rewriteRegion, Substitution, withBody, withBranches, withLoopBody, yieldedBy } from "./rewrite.js";
import { cellTypes, findSeparableObjects, type Cell, type SeparableObjects, type Shape } from "./separable-objects.js";

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
  const objects = findSeparableObjects(fn, analyzeAliases(fn, compilation));
  if (objects.shapes.size === 0) return fn;
  return withBody(fn, new Replacement(objects).region(fn.body));
}

class Replacement {
  private readonly substitution = new Substitution();
  /** The cells' values where the walk stands. */
  private readonly cells = new Map<Value, readonly Value[]>();
  private readonly variables = new Map<Value, readonly (Variable | null)[]>();

  private readonly shapes: ReadonlyMap<Value, Shape>;

  constructor(private readonly objects: SeparableObjects) {
    this.shapes = objects.shapes;
  }

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
    return shape.keys.indexOf(this.objects.keyOf(at) ?? "");
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
    const written = this.objects.writtenIn(op);
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
    const written = this.objects.writtenIn(op);
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
