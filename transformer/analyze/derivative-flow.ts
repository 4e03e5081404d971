/**
 * How derivatives flow through a function: a graph whose nodes are numbers and memory cells (a memory class with a
 * field), and whose edges lead from what is read to what is computed, where the rule is not null. Memory is
 * flow-insensitive, scalars are exact (SSA).
 */
import { appendTo } from "../ir/grouped.js";
import {
  carriesDerivative,
  heldFields,
  isReference,
  isScalar,
  type AllocateOp,
  type ApplyOp,
  type CallOp,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Type,
  type Value,
} from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { scalarRules } from "../rules/scalar.js";
import { argument, resultTerm } from "../rules/term.js";
import type { Aliases } from "./aliases.js";
import type { Key, MemoryClass } from "./memory-class.js";

export interface Cell {
  readonly memory: MemoryClass;
  readonly field: Key;
}
export type Node = Value | Cell;

/** A scalar, or perhaps none. */
export const isPlain = (type: Type): boolean => isScalar(type) || (type.kind === "optional" && isPlain(type.of));

/** What flows where in one function, all of it. */
export class DerivativeFlow {
  private readonly users = new Map<Node, Node[]>();
  private readonly sources = new Map<Node, Node[]>();
  private readonly cells = new Map<MemoryClass, Map<Key, Cell>>();

  constructor(
    fn: IRFunction,
    private readonly aliases: Aliases,
  ) {
    walk(fn.body, (op) => this.operation(op));
  }

  /** Lets cells of tuples flow together that are reached at any index, too, or as those of an array; when all are known. */
  joinElements(): void {
    for (const fields of this.cells.values()) {
      const any = fields.get("element");
      if (any === undefined) continue;
      for (const cell of fields.values()) {
        if (typeof cell.field !== "number") continue;
        this.edge(any, cell);
        this.edge(cell, any);
      }
    }
  }

  /** All that depends on these, and they themselves. */
  reachedFrom(inputs: readonly Node[]): ReadonlySet<Node> {
    return reach(inputs, this.users);
  }

  /** All that these depend on, and they themselves. */
  leadingTo(outputs: readonly Node[]): ReadonlySet<Node> {
    return reach(outputs, this.sources);
  }

  /** The nodes that stand for a value: itself, or the cells that it reaches. */
  nodesOf(value: Value): readonly Node[] {
    return isPlain(value.type) ? [value] : isReference(value.type) ? this.cellsOf(value) : [];
  }

  /** Every numeric cell that a reference reaches; not those of fields declared `Const`. */
  cellsOf(reference: Value): readonly Cell[] {
    return this.cellsUnder(this.aliases.classOf(reference), reference.type);
  }

  /** The same of memory that something of a type is; of all memory that has come to be one with it. */
  cellsIn(memory: MemoryClass, types: Iterable<Type>): readonly Cell[] {
    if (memory.collapsed) return [...(this.cells.get(memory)?.values() ?? [])];
    return [...types].flatMap((type) => this.cellsUnder(memory, type));
  }

  private cellsUnder(memory: MemoryClass, type: Type, seen = new Map<MemoryClass, Set<Type>>()): readonly Cell[] {
    // one class may be an object and what it holds
    const types = seen.get(memory) ?? new Set<Type>();
    if (types.has(type)) return [];
    seen.set(memory, types.add(type));
    return partsOf(type).flatMap(({ field, type: part }) => {
      if (isPlain(part)) return carriesDerivative(part) ? [this.cell(memory, field)] : [];
      const content = this.aliases.contentOf(memory, field);
      return content === null ? [] : this.cellsUnder(content, part, seen);
    });
  }

  private cell(memory: MemoryClass, field: Key): Cell {
    const fields = this.cells.get(memory) ?? new Map<Key, Cell>();
    this.cells.set(memory, fields);
    const cell = fields.get(field) ?? { memory, field };
    fields.set(field, cell);
    return cell;
  }

  private cellAt(at: Location): Cell {
    return this.cell(this.aliases.classOf(at.base), at.kind === "field" ? at.field : "element");
  }

  private elementsOf(array: Value): Cell {
    return this.cell(this.aliases.classOf(array), "element");
  }

  private edge(from: Node, to: Node): void {
    appendTo(this.users, from, to);
    appendTo(this.sources, to, from);
  }

  /** An edge between two values where the result can carry a derivative itself (a number, not a reference). */
  private flows(from: Value | undefined, to: Value | undefined): void {
    if (from !== undefined && to !== undefined && isPlain(from.type) && isPlain(to.type)) this.edge(from, to);
  }

  private stores(cell: Cell, value: Value): void {
    if (isPlain(value.type)) this.edge(value, cell);
  }

  private loads(cell: Cell, result: Value | undefined): void {
    if (result !== undefined && isPlain(result.type)) this.edge(cell, result);
  }

  private operation(op: Op): void {
    const [result] = op.results;
    switch (op.kind) {
      case "apply":
        return this.apply(op, result);
      case "load":
        return this.loads(this.cellAt(op.at), result);
      case "store":
      case "accumulate":
        return this.stores(this.cellAt(op.at), op.value);
      case "push":
        return this.stores(this.elementsOf(op.array), op.value);
      case "pop":
        return this.loads(this.elementsOf(op.array), result);
      case "allocate":
        if (result !== undefined) this.allocate(op, result);
        return;
      case "grow":
        if (result !== undefined) this.edge(this.elementsOf(op.array), this.elementsOf(result));
        return;
      case "if":
        for (const { exit } of [op.then, op.else]) {
          if (exit.kind === "yield") exit.values.forEach((value, index) => this.flows(value, op.results[index]));
        }
        return;
      case "loop":
        return this.loop(op);
      case "call":
        return this.call(op);
      case "unwrap":
        return this.flows(op.value, result);
      case "constant":
      case "length":
      case "opaque":
      case "random":
      case "isAbsent":
        return;
    }
  }

  private apply({ primitive, args }: ApplyOp, result: Value | undefined): void {
    const terms = args.map((_, index) => argument(index));
    const scales = scalarRules[primitive](terms, resultTerm);
    args.forEach((arg, index) => {
      if (scales[index] !== null) this.flows(arg, result);
    });
  }

  private allocate({ initial }: AllocateOp, result: Value): void {
    if (initial.kind === "parts") {
      const fields = fieldsOf(result.type);
      initial.parts.forEach((part, index) => {
        if (isPlain(part.type)) this.edge(part, this.cell(this.aliases.classOf(result), fields?.[index] ?? "element"));
      });
    } else if (initial.kind === "filled") {
      if (isPlain(initial.value.type)) this.edge(initial.value, this.elementsOf(result));
    } else if (initial.kind === "copy") this.edge(this.elementsOf(initial.source), this.elementsOf(result));
  }

  private loop({ initial, body, results }: LoopOp): void {
    const yielded = body.exit.kind === "yield" ? body.exit.values : [];
    initial.forEach((value, index) => {
      for (const target of [body.params[index + 1], results[index + 2]]) {
        this.flows(value, target);
        this.flows(yielded[index + 1], target);
      }
    });
  }

  private call(op: CallOp): void {
    const isNumber = ({ type }: Value): boolean => isPlain(type);
    const cellsOf = (values: readonly Value[]): readonly Cell[] =>
      values.filter(({ type }) => isReference(type)).flatMap((value) => this.cellsOf(value));
    const reached = cellsOf(op.args);
    // What is called as it is writes what it is said to write.
    const { writes } = this.aliases.effectsOfCall(op);
    const written = this.aliases.isExternal(op)
      ? reached.filter((cell) => writes.some(({ memory }) => memory === cell.memory))
      : reached;
    const targets = [...op.results.filter(isNumber), ...written, ...cellsOf(op.results)];
    for (const from of [...op.args.filter(isNumber), ...reached]) for (const to of targets) this.edge(from, to);
  }
}

/** Names of the parts of a tuple or record, in order; null for arrays, whose cells are one. */
function fieldsOf(type: Type): readonly Key[] | null {
  if (type.kind === "record") return type.fields.map(({ name }) => name);
  if (type.kind === "tuple") return type.elements.map((_, index) => index);
  return type.kind === "optional" ? fieldsOf(type.of) : null;
}

/** What the memory of a type holds, a kind of cell each. */
function partsOf(type: Type): readonly { readonly field: Key; readonly type: Type }[] {
  switch (type.kind) {
    case "array":
      return [{ field: "element", type: type.element }];
    case "tuple":
      return type.elements.map((element, index) => ({ field: index, type: element }));
    case "record":
      return heldFields(type).flatMap((one) => (one.isConst === true ? [] : [{ field: one.name, type: one.type }]));
    case "optional":
      return partsOf(type.of);
    case "number":
    case "integer":
    case "boolean":
    case "opaque":
      return [];
  }
}

function reach(from: readonly Node[], edges: ReadonlyMap<Node, readonly Node[]>): ReadonlySet<Node> {
  const seen = new Set(from);
  for (const node of seen) for (const next of edges.get(node) ?? []) seen.add(next);
  return seen;
}
