/**
 * What memory a reference may denote: unification-based points-to analysis (Steensgaard 1996). There is one
 * class for each set of references that may be the same; references that flow together (through `if`, a loop,
 * a load and a store) share a class.
 *
 * Parameters are classes of their own: where the function writes one of them, the derivative checks on entry
 * that no other is the same memory. Fresh allocations are classes of their own. Callees are summarised, and
 * their summary is applied to the arguments of each call.
 */
import type { Compilation } from "../compilation.js";
import {
  isReference,
  isTape,
  isTyped,
  type CallOp,
  type Initial,
  type IRFunction,
  type Location,
  type Region,
  type Role,
  type Type,
  type Value,
} from "../ir/ir.js";
import { isRecursive, recordsIn } from "../ir/recursive.js";
import { regionsOf } from "../ir/traverse.js";
import { leadsTo } from "./calls-itself.js";
import { Definitions, type Affine } from "./definitions.js";
import {
  Node,
  closeCycles,
  collapse,
  content,
  find,
  hasPositions,
  merge,
  reach,
  unify,
  type Key,
  type MemoryClass,
} from "./memory-class.js";

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

interface Summary {
  readonly params: readonly (Node | null)[];
  readonly results: readonly (Node | null)[];
  readonly observable: boolean;
  readonly writesEverything: boolean;
}

/** Functions that call each other, while one of them is analysed. */
interface Circle {
  readonly members: Map<string, Analysis>;
  /** Functions that are called, by whether they call back. */
  readonly leadsBack: Map<string, boolean>;
}

interface CallRecord {
  readonly writes: { memory: Node; key: Key }[];
  readonly reads: { memory: Node; key: Key }[];
  readonly resizes: Node[];
  observable: boolean;
  writesEverything: boolean;
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

/** Typed arrays and tuples keep their length for life. */
export function hasFixedLength({ type }: Value): boolean {
  return type.kind === "tuple" || (type.kind === "array" && isTyped(type.storage));
}

/** Is an array as long at every time as at any other? */
export function staysAsLong(array: Value, aliases: Aliases): boolean {
  const { resized, lengthened } = aliases.classOf(array);
  return hasFixedLength(array) || !(resized || lengthened);
}

/** The keys of all elements. */
const allKeysOf = (type: Type): readonly Key[] =>
  type.kind === "tuple" ? type.elements.map((_, position) => position) : ["element"];

class Analysis implements Aliases {
  readonly definitions: Definitions;
  observable = false;
  private writesEverything = false;
  private readonly nodes = new Map<Value, Node>();
  private readonly calls = new Map<CallOp, CallRecord>();
  /** Calls of functions of the same circle, its own included. */
  private readonly inCircle: CallOp[] = [];
  private readonly resultNodes: readonly (Node | null)[];
  private readonly leaking: Node[] = [];
  private readonly stores: Location[] = [];

  constructor(
    private readonly fn: IRFunction,
    private readonly compilation: KnownFunctions,
    private readonly summaries: Map<string, Summary | null>,
    private readonly circle: Circle = { members: new Map(), leadsBack: new Map() },
  ) {
    this.definitions = new Definitions(fn);
    const isFirst = circle.members.size === 0;
    circle.members.set(fn.name, this);
    this.resultNodes = fn.results.map((type) => (isReference(type) ? new Node() : null));
    fn.params.forEach(({ value }, position) => {
      if (!isReference(value.type) || !isFirst) return;
      const node = this.node(value);
      node.escapes = true;
      node.parameters.add(position);
    });
    if (fn.derivation?.sharesMemory === true) this.shareParameters();
    if (fn.sharesArguments === true) this.shareArguments();
    this.region(fn.body);
    if (isFirst) this.finishCircle();
  }

  get summary(): Summary {
    return {
      params: this.fn.params.map(({ value }) => (isReference(value.type) ? this.node(value) : null)),
      results: this.resultNodes,
      observable: this.observable,
      writesEverything: this.writesEverything,
    };
  }

  /** Parameters that may be, or may hold, one another. */
  private shareParameters(): void {
    const references = this.fn.params.map(({ value }) => value).filter(({ type }) => isReference(type));
    const holdsReferences = references.some(
      ({ type }) =>
        type.kind === "record" &&
        (type.opened !== undefined || isTape(type)) &&
        type.fields.some((one) => isReference(one.type)),
    );
    if (!holdsReferences) return;
    for (const value of references) {
      this.join(references[0], value);
      collapse(this.node(value));
    }
  }

  /** The same for what a caller hands in twice; a shadow is never the same as what it is the shadow of. */
  private shareArguments(): void {
    const firsts = new Map<Role, Value>();
    for (const { value } of this.fn.params) {
      const { type, origin } = value;
      if (!isReference(type) || isTape(type)) continue;
      const first = firsts.get(origin.role) ?? value;
      firsts.set(origin.role, first);
      this.join(first, value);
      collapse(this.node(value));
    }
  }

  private node(value: Value): Node {
    const known = this.nodes.get(value);
    if (known !== undefined) return find(known);
    const made = new Node();
    this.nodes.set(value, made);
    if ([...recordsIn(value.type)].some(isRecursive)) closeCycles(made, value.type);
    return find(made);
  }

  private join(a: Value | undefined, b: Value | undefined): void {
    if (a !== undefined && b !== undefined && isReference(a.type) && isReference(b.type))
      unify(this.node(a), this.node(b));
  }

  private contentAt(at: Location): Node {
    const base = this.node(at.base);
    if (at.kind === "field") return content(base, at.field);
    if (at.base.type.kind !== "tuple") return content(base, "element");
    const index = this.definitions.literalOf(at.index);
    return typeof index === "number" ? content(base, index) : merge(base);
  }

  private keysAt(at: Location): readonly Key[] {
    if (at.kind === "field") return [at.field];
    const { type } = at.base;
    if (type.kind !== "tuple") return ["element"];
    const index = this.definitions.literalOf(at.index);
    return typeof index === "number" ? [index] : allKeysOf(type);
  }

  private region(region: Region): void {
    for (const op of region.ops) {
      const [result] = op.results;
      switch (op.kind) {
        case "constant":
        case "isAbsent":
        case "length":
          break;
        case "random":
          this.observable = true;
          break;
        case "apply":
          if (result !== undefined && isReference(result.type)) {
            for (const arg of op.args) if (isReference(arg.type)) this.join(result, arg);
          }
          break;
        case "unwrap":
          this.join(result, op.value);
          break;
        case "grow":
          this.join(result, op.array);
          this.node(op.array).writtenKeys.add("element");
          this.node(op.array).resized = true;
          break;
        case "allocate":
          if (result !== undefined) this.allocation(result, op.initial);
          break;
        case "load":
          this.keysAt(op.at).forEach((key) => this.node(op.at.base).readKeys.add(key));
          if (result !== undefined && isReference(result.type)) unify(this.node(result), this.contentAt(op.at));
          break;
        case "store":
        case "accumulate":
          this.keysAt(op.at).forEach((key) => this.node(op.at.base).writtenKeys.add(key));
          if (op.at.kind === "element" && !hasFixedLength(op.at.base)) this.stores.push(op.at);
          if (isReference(op.value.type)) unify(this.node(op.value), this.contentAt(op.at));
          break;
        case "push":
          this.node(op.array).resized = true;
          this.node(op.array).writtenKeys.add("element");
          if (isReference(op.value.type)) unify(this.node(op.value), content(this.node(op.array), "element"));
          break;
        case "pop":
          this.node(op.array).resized = true;
          this.node(op.array).writtenKeys.add("element");
          this.node(op.array).readKeys.add("element");
          if (result !== undefined && isReference(result.type)) {
            unify(this.node(result), content(this.node(op.array), "element"));
          }
          break;
        case "if":
          for (const branch of [op.then, op.else]) {
            const { exit } = branch;
            if (exit.kind === "yield") op.results.forEach((value, k) => this.join(value, exit.values[k]));
          }
          break;
        case "loop": {
          const { exit, params } = op.body;
          // A variable may begin as null, which is no reference: what it holds later meets in the parameter.
          op.initial.forEach((initial, k) => {
            const param = params[k + 1];
            this.join(param, initial);
            this.join(param, op.results[k + 2]);
            if (exit.kind === "yield") this.join(param, exit.values[k + 1]);
          });
          break;
        }
        case "call":
          this.call(op);
          break;
        case "opaque": {
          this.observable ||= op.effects.observable;
          this.writesEverything ||= op.effects.writes;
          const references = [...op.operands, ...op.results].filter(({ type }) => isReference(type));
          const [first] = references;
          if (first === undefined) break;
          // what it gives may be what it was given, or be reachable from there
          const isOwn = op.detached === true || op.fresh === true;
          if (!isOwn && (op.effects.writes || op.results.some(({ type }) => isReference(type)))) {
            for (const other of references) unify(this.node(first), this.node(other));
            collapse(this.node(first));
          }
          for (const other of references) {
            const node = this.node(other);
            this.leaking.push(node);
            if (op.effects.writes) reach(node, (one) => one.writtenKeys.add("element"));
            if (op.effects.writes) reach(node, (one) => (one.resized = true));
            reach(node, (one) => one.readKeys.add("element"));
          }
          break;
        }
      }
      regionsOf(op).forEach((inner) => this.region(inner));
    }
    if (region.exit.kind === "throw") {
      this.observable = true;
      if (isReference(region.exit.value.type)) this.leaking.push(this.node(region.exit.value));
    } else if (region.exit.kind === "return") {
      region.exit.values.forEach((value, k) => {
        const node = this.resultNodes[k];
        if (node !== undefined && node !== null && isReference(value.type)) unify(node, this.node(value));
      });
    }
  }

  private allocation(result: Value, initial: Initial): void {
    const node = this.node(result);
    node.isMadeHere = true;
    switch (initial.kind) {
      case "zeros":
        return;
      case "zerosLike":
        // its shape is read, and for nested values what is shared inside
        reach(this.node(initial.of), (one) => one.contents.forEach((_, key) => one.readKeys.add(key)));
        return;
      case "parts":
        initial.parts.forEach((part, k) => {
          if (!isReference(part.type)) return;
          const { type } = result;
          const key = type.kind === "record" ? type.fields[k]?.name : type.kind === "tuple" ? k : "element";
          if (key !== undefined) unify(content(node, key), this.node(part));
        });
        return;
      case "filled":
        if (isReference(initial.value.type)) unify(content(node, "element"), this.node(initial.value));
        return;
      case "copy":
        allKeysOf(initial.source.type).forEach((key) => this.node(initial.source).readKeys.add(key));
        if (result.type.kind === "array" && isReference(result.type.element)) {
          const source = this.node(initial.source);
          unify(
            content(node, "element"),
            initial.source.type.kind === "tuple" ? merge(source) : content(source, "element"),
          );
        }
        return;
    }
  }

  private call(op: CallOp): void {
    const record: CallRecord = { writes: [], reads: [], resizes: [], observable: false, writesEverything: false };
    this.calls.set(op, record);
    const references = [...op.args, ...op.results].filter(({ type }) => isReference(type));
    op.args.forEach((arg) => {
      if (isReference(arg.type)) this.leaking.push(this.node(arg));
    });
    const member = this.memberOfCircle(op.callee);
    if (member !== null) {
      // one set of classes for all depths of the recursion
      op.args.forEach((arg, k) => {
        const param = member.fn.params[k]?.value;
        if (param !== undefined && isReference(param.type) && isReference(arg.type))
          unify(this.node(arg), member.node(param));
      });
      op.results.forEach((result, k) => {
        const node = member.resultNodes[k];
        if (node !== undefined && node !== null && isReference(result.type)) unify(node, this.node(result));
      });
      this.inCircle.push(op);
      return;
    }
    const summary = this.summarize(op.callee);
    if (summary === null) {
      const [first] = references;
      if (first !== undefined) {
        for (const other of references) unify(this.node(first), this.node(other));
        collapse(this.node(first));
        const node = this.node(first);
        node.escapes = true;
        node.resized = true;
        node.writtenKeys.add("element");
        node.readKeys.add("element");
      }
      record.observable = true;
      record.writesEverything = true;
      this.observable = true;
      this.writesEverything = true;
      return;
    }
    record.observable = summary.observable;
    record.writesEverything = summary.writesEverything;
    this.observable ||= summary.observable;
    this.writesEverything ||= summary.writesEverything;
    const map = new Map<Node, Node>();
    const pending: [Node, Node][] = [];
    op.args.forEach((arg, k) => {
      const theirs = summary.params[k];
      if (theirs !== undefined && theirs !== null && isReference(arg.type)) pending.push([theirs, this.node(arg)]);
    });
    op.results.forEach((result, k) => {
      const theirs = summary.results[k];
      if (theirs !== undefined && theirs !== null && isReference(result.type))
        pending.push([theirs, this.node(result)]);
    });
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      const theirs = find(pair[0]);
      const ours = find(pair[1]);
      const known = map.get(theirs);
      if (known !== undefined) {
        unify(known, ours);
        continue;
      }
      map.set(theirs, ours);
      if (theirs.collapsed) collapse(ours);
      if (theirs.merged) merge(ours);
      for (const [key, inner] of theirs.contents) pending.push([inner, content(ours, key)]);
    }
    for (const [theirs, mapped] of map) {
      const ours = find(mapped);
      for (const key of theirs.writtenKeys) {
        ours.writtenKeys.add(key);
        record.writes.push({ memory: ours, key });
      }
      for (const key of theirs.readKeys) {
        ours.readKeys.add(key);
        record.reads.push({ memory: ours, key });
      }
      if (theirs.resized) ours.resized = true;
      if (theirs.lengthened) ours.lengthened = true;
      if (theirs.resized || theirs.lengthened) record.resizes.push(ours);
    }
  }

  /** The callee, where it calls this function in its turn: such functions are analysed as if they were one. */
  private memberOfCircle(name: string): Analysis | null {
    const { members, leadsBack } = this.circle;
    const known = members.get(name);
    if (known !== undefined) return known;
    const isMember = leadsBack.get(name) ?? leadsTo(name, this.fn.name, this.compilation);
    leadsBack.set(name, isMember);
    const callee = isMember ? this.compilation.functions.get(name) : undefined;
    return callee === undefined ? null : new Analysis(callee, this.compilation, this.summaries, this.circle);
  }

  /** What a callee does to its arguments; null where that is not known. */
  private summarize(name: string): Summary | null {
    const known = this.summaries.get(name);
    if (known !== undefined) return known;
    const callee = this.compilation.functions.get(name);
    const summary = callee === undefined ? null : new Analysis(callee, this.compilation, this.summaries).summary;
    this.summaries.set(name, summary);
    return summary;
  }

  private finishCircle(): void {
    const members = [...this.circle.members.values()];
    const [observable, writesEverything] = [
      members.some((one) => one.observable),
      members.some((one) => one.writesEverything),
    ];
    for (const member of members) {
      member.observable = observable;
      member.writesEverything = writesEverything;
      member.finish();
    }
    for (const member of members) member.finishCalls();
  }

  private finish(): void {
    for (const node of this.leaking) reach(node, (one) => (one.escapes = true));
    for (const node of this.resultNodes) if (node !== null) reach(node, (one) => (one.escapes = true));
    const inherit = (start: Node): void => {
      const positions = [...find(start).parameters];
      reach(start, (one) => {
        one.escapes = true;
        positions.forEach((position) => one.parameters.add(position));
      });
    };
    for (const { value } of this.fn.params) if (isReference(value.type)) inherit(this.node(value));
    if (this.writesEverything) {
      for (const { value } of this.fn.params) {
        if (!isReference(value.type)) continue;
        reach(this.node(value), (one) => {
          one.writtenKeys.add("element");
          one.resized = true;
        });
      }
    }
    for (const at of this.stores) if (this.isBeyond(at)) this.node(at.base).lengthened = true;
  }

  /** What calls within the circle do: what any of its functions does to what it is given. */
  private finishCalls(): void {
    for (const op of this.inCircle) {
      const record = this.calls.get(op);
      const member = this.circle.members.get(op.callee);
      if (record === undefined || member === undefined) continue;
      record.observable = this.observable;
      record.writesEverything = this.writesEverything;
      const reached = new Set<Node>();
      for (const { value } of member.fn.params)
        if (isReference(value.type)) reach(member.node(value), (one) => reached.add(one));
      for (const memory of reached) {
        memory.writtenKeys.forEach((key) => record.writes.push({ memory, key }));
        memory.readKeys.forEach((key) => record.reads.push({ memory, key }));
        if (memory.resized || memory.lengthened) record.resizes.push(memory);
      }
    }
  }

  /** Is the index not known to be below the array's length? Other properties (-1, NaN) lengthen nothing. */
  private isBeyond(at: Location): boolean {
    if (at.kind === "field" || hasFixedLength(at.base)) return false;
    if (this.node(at.base).resized) return true;
    const { root, offset } = this.definitions.affine(at.index);
    let top: Affine = { root, offset: offset + 1 };
    const definition = root === null ? null : this.definitions.of(root);
    if (definition?.kind === "body" && definition.position === 0 && definition.loop.range !== null) {
      const { from, to, step, inclusive } = definition.loop.range;
      const last = this.definitions.affine(step > 0 ? to : from);
      top = { root: last.root, offset: last.offset + offset + (step > 0 && !inclusive ? 0 : 1) };
    }
    const source = top.root === null ? null : this.definitions.opOf(top.root);
    if (source?.kind === "length" && source.array === at.base) return top.offset > 0;
    const made = this.definitions.opOf(at.base);
    if (made?.kind !== "allocate") return true;
    if (made.initial.kind === "parts") return top.root !== null || top.offset > made.initial.parts.length;
    if (made.initial.kind !== "zeros" && made.initial.kind !== "filled") return true;
    const length = this.definitions.affine(made.initial.length);
    return length.root !== top.root || top.offset > length.offset;
  }

  mayLengthen(at: Location): boolean {
    const { parameters, isMadeHere } = this.node(at.base);
    return (parameters.size === 0 || isMadeHere) && this.isBeyond(at);
  }

  classOf(reference: Value): Node {
    return this.node(reference);
  }

  reachedFrom(reference: Value): ReadonlySet<MemoryClass> {
    const reached = new Set<MemoryClass>();
    reach(this.node(reference), (one) => reached.add(one));
    return reached;
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
    const memory = this.classOf(at.base);
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
    const record = this.calls.get(op);
    if (record === undefined) {
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

/** What a call may name. */
export interface KnownFunctions {
  readonly functions: Pick<Compilation["functions"], "get">;
}

export function analyzeAliases(fn: IRFunction, compilation: KnownFunctions): Aliases {
  return new Analysis(fn, compilation, new Map());
}
