/**
 * Activity: what is varied (depends differentiably on an active input) and useful (influences an
 * active output). Active is both (Griewank & Walther, ch. 6.2; Hascoët, Naumann & Pascual 2005).
 *
 * One graph: its nodes are numbers and memory cells (a memory class with a field), its edges lead
 * from what is read to what is computed, where the rule is not null. Varied is what the inputs
 * reach, useful is what reaches the outputs. Memory is flow-insensitive, scalars are exact (SSA).
 */
import { appendTo } from "../ir/grouped.js";
import { regionsOf, walk } from "../ir/traverse.js";
import {
  carriesDerivative,
  heldFields,
  isReference,
  isScalar,
  type IRFunction,
  type Location,
  type Op,
  type Region,
  type Type,
  type Value,
} from "../ir/ir.js";
import { scalarRules } from "../rules/scalar.js";
import { argument, resultTerm } from "../rules/term.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";

export interface Activity {
  isVaried(value: Value): boolean;
  /** Is anything varied in the memory that a reference leads to? */
  holdsVaried(reference: Value): boolean;
  isUseful(value: Value): boolean;
  /** For a number: varied and useful. For a reference: does it need a shadow? */
  isActive(value: Value): boolean;
  /** Why a value is not active, or is. */
  why(value: Value): string;
}

export interface ActivityQuestion {
  /** Are the contents of duplicated parameters seeds too (`reverse` with out parameters), or the results only? */
  readonly outputsInMemory: boolean;
  /**
   * Do others go on with what is returned? They may make it active; so where results share memory, or hold some, its shadow
   * is made beside it, not for each result anew.
   */
  readonly handsOut?: boolean;
}

interface Cell {
  readonly memory: MemoryClass;
  readonly field: string | number;
}
type Node = Value | Cell;

export function analyzeActivity(fn: IRFunction, aliases: Aliases, question: ActivityQuestion): Activity {
  const users = new Map<Node, Node[]>();
  const sources = new Map<Node, Node[]>();
  const cells = new Map<MemoryClass, Map<string | number, Cell>>();

  const cellOf = (memory: MemoryClass, field: string | number): Cell => {
    const fields = cells.get(memory) ?? new Map<string | number, Cell>();
    cells.set(memory, fields);
    const cell = fields.get(field) ?? { memory, field };
    fields.set(field, cell);
    return cell;
  };
  const cellAt = (at: Location): Cell => cellOf(aliases.classOf(at.base), at.kind === "field" ? at.field : "element");
  const edge = (from: Node, to: Node): void => {
    appendTo(users, from, to);
    appendTo(sources, to, from);
  };
  /** An edge between two values where the result can carry a derivative itself (a number, not a reference). */
  const flows = (from: Value | undefined, to: Value | undefined): void => {
    if (from !== undefined && to !== undefined && isPlain(from.type) && isPlain(to.type)) edge(from, to);
  };
  const stores = (at: Location, value: Value): void => {
    if (isPlain(value.type)) edge(value, cellAt(at));
  };
  const allCells = (reference: Value): readonly Cell[] => cellsUnder(aliases.classOf(reference), reference.type);

  /** Every numeric cell that a reference reaches; not those of fields declared `Const`. */
  function cellsUnder(memory: MemoryClass, type: Type, seen = new Map<MemoryClass, Set<Type>>()): readonly Cell[] {
    // one class may be an object and what it holds
    const types = seen.get(memory) ?? new Set<Type>();
    if (types.has(type)) return [];
    seen.set(memory, types.add(type));
    return partsOf(type).flatMap(({ field, type: part }) => {
      if (isPlain(part)) return carriesDerivative(part) ? [cellOf(memory, field)] : [];
      const content = aliases.contentOf(memory, field);
      return content === null ? [] : cellsUnder(content, part, seen);
    });
  }

  const visit = (op: Op): void => {
    const [result] = op.results;
    switch (op.kind) {
      case "apply": {
        const scales = scalarRules[op.primitive](
          op.args.map((_, index) => argument(index)),
          resultTerm,
        );
        op.args.forEach((arg, index) => {
          if (scales[index] !== null) flows(arg, result);
        });
        return;
      }
      case "load":
        if (result !== undefined && isPlain(result.type)) edge(cellAt(op.at), result);
        return;
      case "store":
      case "accumulate":
        return stores(op.at, op.value);
      case "push":
        return stores({ kind: "element", base: op.array, index: op.array }, op.value);
      case "pop":
        if (result !== undefined && isPlain(result.type)) edge(cellOf(aliases.classOf(op.array), "element"), result);
        return;
      case "allocate": {
        if (result === undefined) return;
        const { initial } = op;
        if (initial.kind === "parts") {
          const parts = fieldsOf(result.type);
          initial.parts.forEach((part, index) => {
            if (isPlain(part.type)) edge(part, cellOf(aliases.classOf(result), parts?.[index] ?? "element"));
          });
        } else if (initial.kind === "filled") {
          if (isPlain(initial.value.type)) edge(initial.value, cellOf(aliases.classOf(result), "element"));
        } else if (initial.kind === "copy") {
          edge(cellOf(aliases.classOf(initial.source), "element"), cellOf(aliases.classOf(result), "element"));
        }
        return;
      }
      case "grow":
        if (result !== undefined) {
          edge(cellOf(aliases.classOf(op.array), "element"), cellOf(aliases.classOf(result), "element"));
        }
        return;
      case "if":
        for (const region of [op.then, op.else]) {
          if (region.exit.kind === "yield")
            region.exit.values.forEach((value, index) => flows(value, op.results[index]));
        }
        return;
      case "loop": {
        const yielded = yieldedOf(op.body);
        op.initial.forEach((value, index) => {
          const param = op.body.params[index + 1];
          flows(value, param);
          flows(value, op.results[index + 2]);
          flows(yielded[index + 1], param);
          flows(yielded[index + 1], op.results[index + 2]);
        });
        return;
      }
      case "call": {
        const numbers = op.args.filter((arg) => isPlain(arg.type));
        const reached = op.args.filter((arg) => isReference(arg.type)).flatMap(allCells);
        // What is called as it is writes what it is said to write.
        const { writes } = aliases.effectsOfCall(op);
        const written = aliases.isExternal(op)
          ? reached.filter((cell) => writes.some(({ memory }) => memory === cell.memory))
          : reached;
        const targets: Node[] = [...op.results.filter(({ type }) => isPlain(type)), ...written];
        targets.push(...op.results.filter(({ type }) => isReference(type)).flatMap(allCells));
        for (const from of [...numbers, ...reached]) for (const to of targets) edge(from, to);
        return;
      }
      case "unwrap":
        return flows(op.value, result);
      case "constant":
      case "length":
      case "opaque":
      case "random":
      case "isAbsent":
        return;
    }
  };
  walk(fn.body, visit);

  const inputs: Node[] = [];
  const outputs: Node[] = [];
  for (const param of fn.params) {
    if (param.activity === "const") continue;
    const nodes = isPlain(param.value.type) ? [param.value] : allCells(param.value);
    inputs.push(...nodes);
    if (question.outputsInMemory && isReference(param.value.type)) outputs.push(...nodes);
  }
  if (fn.body.exit.kind === "return") {
    for (const value of fn.body.exit.values)
      outputs.push(...(isPlain(value.type) ? [value] : isReference(value.type) ? allCells(value) : []));
  }
  // a tuple whose elements are reached at any index, or as those of an array
  for (const fields of cells.values()) {
    const any = fields.get("element");
    if (any === undefined) continue;
    for (const cell of fields.values()) {
      if (typeof cell.field !== "number") continue;
      edge(any, cell);
      edge(cell, any);
    }
  }
  const varied = reach(inputs, users);
  const useful = reach(outputs, sources);

  const handedOut = new Set<MemoryClass>();
  if (question.handsOut === true && fn.body.exit.kind === "return") {
    const results = fn.body.exit.values.filter(({ type }) => isReference(type) && carriesDerivative(type));
    const held = results.map((result) => new Set(allCells(result).map(({ memory }) => memory)));
    results.forEach((result, index) => {
      const isShared = (memory: MemoryClass): boolean => held.some((one, at) => at !== index && one.has(memory));
      const own = held[index] ?? new Set();
      const isFlat = own.size === 1 && own.has(aliases.classOf(result)) && !aliases.classOf(result).collapsed;
      if (!isFlat || [...own].some(isShared)) own.forEach((memory) => handedOut.add(memory));
    });
  }

  // The same memory has several types: a circle and a square are members of one union. It has a shadow for all or for none.
  const types = typesOfMemory(fn, aliases);
  const activeMemory = new Map<MemoryClass, boolean>();
  const needsShadow = (memory: MemoryClass): boolean => {
    const known = activeMemory.get(memory);
    if (known !== undefined) return known;
    const inside = memory.collapsed
      ? [...(cells.get(memory)?.values() ?? [])]
      : [...(types.get(memory) ?? [])].flatMap((type) => cellsUnder(memory, type));
    const needed = inside.some((cell) => handedOut.has(cell.memory) || (varied.has(cell) && useful.has(cell)));
    activeMemory.set(memory, needed);
    return needed;
  };
  const isActive = (value: Value): boolean => {
    if (!carriesDerivative(value.type)) return false;
    if (isReference(value.type)) return needsShadow(aliases.classOf(value));
    return varied.has(value) && useful.has(value);
  };
  return {
    isVaried: (value) => varied.has(value),
    holdsVaried: (reference) => allCells(reference).some((cell) => varied.has(cell)),
    isUseful: (value) => useful.has(value),
    isActive,
    why: (value) =>
      isActive(value)
        ? "active"
        : !carriesDerivative(value.type)
          ? "const: its type carries no derivative"
          : isReference(value.type)
            ? "const: holds nothing active"
            : !varied.has(value)
              ? "const: does not depend on an active input"
              : "const: does not influence the result",
  };
}

/** The types by which values of a function lead to each memory. */
function typesOfMemory(fn: IRFunction, aliases: Aliases): ReadonlyMap<MemoryClass, ReadonlySet<Type>> {
  const types = new Map<MemoryClass, Set<Type>>();
  const note = (values: readonly Value[]): void => {
    for (const value of values) {
      if (!isReference(value.type) || !carriesDerivative(value.type)) continue;
      const memory = aliases.classOf(value);
      types.set(memory, (types.get(memory) ?? new Set<Type>()).add(value.type));
    }
  };
  note(fn.params.map(({ value }) => value));
  walk(fn.body, (op) => {
    note(op.results);
    for (const { params } of regionsOf(op)) note(params);
  });
  return types;
}

/** A scalar, or perhaps none. */
const isPlain = (type: Type): boolean => isScalar(type) || (type.kind === "optional" && isPlain(type.of));

/** Names of the parts of a tuple or record, in order; null for arrays, whose cells are one. */
function fieldsOf(type: Type): readonly (string | number)[] | null {
  if (type.kind === "record") return type.fields.map(({ name }) => name);
  if (type.kind === "tuple") return type.elements.map((_, index) => index);
  return type.kind === "optional" ? fieldsOf(type.of) : null;
}

function partsOf(type: Type): readonly { readonly field: string | number; readonly type: Type }[] {
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

const yieldedOf = (region: Region): readonly Value[] => (region.exit.kind === "yield" ? region.exit.values : []);

function reach(from: readonly Node[], edges: ReadonlyMap<Node, readonly Node[]>): ReadonlySet<Node> {
  const seen = new Set(from);
  for (const node of seen) for (const next of edges.get(node) ?? []) seen.add(next);
  return seen;
}
