/** What may be the same memory, and what calls do to it: the questions that `points-to.ts` has the answers to. */
import { isReference, type CallOp, type IRFunction, type Location, type Type, type Value } from "../ir/ir.js";
import type { KnownFunctions } from "./calls-itself.js";
import type { Affine, Definitions } from "./definitions.js";
import { content, find, hasPositions, Node, reach, type Key, type MemoryClass } from "./memory-class.js";
import { PointsTo } from "./points-to.js";

/** A cell: which class, which field, and for elements at which index (`root + offset`). */
export interface Cell {
  readonly memory: MemoryClass;
  /** null: any of a tuple's fields, at an index that is not constant. */
  readonly key: Key | null;
  readonly index: Affine | null;
}

export interface CallEffects {
  readonly writes: readonly { readonly memory: MemoryClass; readonly key: Key }[];
  readonly reads: readonly { readonly memory: MemoryClass; readonly key: Key }[];
  readonly resizes: readonly MemoryClass[];
  /** May throw, draws random numbers, does what the outside sees, or may not end: never removed or repeated. */
  readonly observable: boolean;
  /** May write whatever is visible outside. */
  readonly writesEverything: boolean;
}

export interface Aliases {
  readonly definitions: Definitions;
  /** The class of every value that is a reference. */
  classOf(reference: Value): MemoryClass;
  /** The class of the references stored in a field; null where a class is not known to hold any. */
  contentOf(memory: MemoryClass, key: Key): MemoryClass | null;
  cellOf(at: Location): Cell;
  /**
   * May the two be one cell? Both are evaluated at one time: `a[i]` and `a[i + 1]` are different cells. For
   * cells of different iterations ask `mayEverOverlap`.
   */
  mayOverlap(a: Location, b: Location): boolean;
  /** May the two be one cell, whatever the iterations in which they are evaluated? */
  mayEverOverlap(a: Location, b: Location): boolean;
  /** The same base and the same index or field, as values. */
  mustEqual(a: Location, b: Location): boolean;
  /** May a store there lengthen a plain array? Never an argument's: changing its length is refused. */
  mayLengthen(at: Location): boolean;
  effectsOfCall(op: CallOp): CallEffects;
  /** Is the callee called as it is? Then its results alone depend on its arguments. */
  isExternal(op: CallOp): boolean;
  /** All memory that can be reached from a reference, its own included. */
  reachedFrom(reference: Value): ReadonlySet<MemoryClass>;
  /** Does the function itself do what may not be removed or repeated (callees included)? */
  readonly observable: boolean;
}

/** Can two references of these types be the same object? Arrays of different elements or storage cannot. */
export function typesMayAlias(a: Type, b: Type): boolean {
  if (a.kind === "optional") return typesMayAlias(a.of, b);
  if (b.kind === "optional") return typesMayAlias(a, b.of);
  if (a.kind === "array" && b.kind === "array") {
    if (a.storage === "ArrayLike" || b.storage === "ArrayLike") return true;
    return a.storage === b.storage && isReference(a.element) === isReference(b.element);
  }
  if (a.kind === "array" && b.kind === "tuple") return a.storage === "Array" || a.storage === "ArrayLike";
  if (a.kind === "tuple" && b.kind === "array") return typesMayAlias(b, a);
  return a.kind === b.kind;
}

class Answers implements Aliases {
  readonly definitions: Definitions;
  readonly observable: boolean;

  constructor(
    private readonly points: PointsTo,
    private readonly compilation: KnownFunctions,
  ) {
    this.definitions = points.definitions;
    this.observable = points.observable;
  }

  classOf(reference: Value): MemoryClass {
    return this.points.node(reference);
  }

  reachedFrom(reference: Value): ReadonlySet<MemoryClass> {
    const reached = new Set<MemoryClass>();
    reach(this.points.node(reference), (one) => reached.add(one));
    return reached;
  }

  mayLengthen(at: Location): boolean {
    const { parameters, isMadeHere } = this.points.node(at.base);
    return (parameters.size === 0 || isMadeHere) && this.points.reachesBehindEnd(at);
  }

  contentOf(memory: MemoryClass, key: Key): MemoryClass | null {
    if (!(memory instanceof Node)) return null;
    const root = find(memory);
    // asked after the analysis, which merges nothing any more
    return key === "element" && !root.collapsed && hasPositions(root) && !root.contents.has(key)
      ? null
      : content(root, key);
  }

  cellOf(at: Location): Cell {
    const memory = this.points.node(at.base);
    if (memory.collapsed) return { memory, key: null, index: null };
    if (at.kind === "field") return { memory, key: memory.keyOf(at.field), index: null };
    const index = this.definitions.affine(at.index);
    if (at.base.type.kind !== "tuple") return { memory, key: "element", index };
    return { memory, key: index.root === null ? memory.keyOf(index.offset) : null, index: null };
  }

  private overlap(a: Location, b: Location, atOneTime: boolean): boolean {
    const [left, right] = [this.cellOf(a), this.cellOf(b)];
    if (left.memory !== right.memory) return false;
    if (!typesMayAlias(a.base.type, b.base.type)) return false;
    if (left.key !== null && right.key !== null && left.key !== right.key) return false;
    if (left.index === null || right.index === null) return true;
    if (left.index.root !== right.index.root) return true;
    return left.index.offset === right.index.offset || (left.index.root !== null && !atOneTime);
  }

  mayOverlap(a: Location, b: Location): boolean {
    return this.overlap(a, b, true);
  }

  mayEverOverlap(a: Location, b: Location): boolean {
    return this.overlap(a, b, false);
  }

  mustEqual(a: Location, b: Location): boolean {
    if (a.base !== b.base) return false;
    if (a.kind === "field") return b.kind === "field" && a.field === b.field;
    if (b.kind === "field") return false;
    if (a.index === b.index) return true;
    const [left, right] = [this.definitions.affine(a.index), this.definitions.affine(b.index)];
    return left.root === right.root && left.offset === right.offset;
  }

  isExternal({ callee }: CallOp): boolean {
    return this.compilation.functions.get(callee)?.external !== undefined;
  }

  effectsOfCall(op: CallOp): CallEffects {
    const record = this.points.recordOf(op);
    if (record === null) {
      return { writes: [], reads: [], resizes: [], observable: true, writesEverything: true };
    }
    const resolve = ({ memory, key }: { memory: Node; key: Key }): { memory: Node; key: Key } => ({
      memory: find(memory),
      key: find(memory).keyOf(key),
    });
    return {
      writes: record.writes.map(resolve),
      reads: record.reads.map(resolve),
      resizes: record.resizes.map(find),
      observable: record.observable,
      writesEverything: record.writesEverything,
    };
  }
}

/** What the references of a function may denote. */
export function analyzeAliases(fn: IRFunction, compilation: KnownFunctions): Aliases {
  return new Answers(new PointsTo(fn, compilation, new Map()), compilation);
}
