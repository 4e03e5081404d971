/**
 * What memory a reference may denote: unification-based points-to analysis (Steensgaard 1996). There is one
 * class for each set of references that may be the same; references that flow together (through `if`, a loop,
 * a load and a store) share a class.
 *
 * Parameters are classes of their own: where the function writes one of them, the derivative checks on entry
 * that no other is the same memory. Fresh allocations are classes of their own. Callees are summarised, and
 * their summary is applied to the arguments of each call.
 */
import {
  isReference,
  isTape,
  type CallOp,
  type Exit,
  type Initial,
  type IRFunction,
  type Location,
  type LoopOp,
  type OpaqueOp,
  type Region,
  type Role,
  type Type,
  type Value,
} from "../ir/ir.js";
import { isRecursive, recordsIn } from "../ir/recursive.js";
import { regionsOf } from "../ir/traverse.js";
import { applySummary, emptyRecord, type CallRecord, type Correspondence, type Summary } from "./call-summary.js";
import { leadsTo, type KnownFunctions } from "./calls-itself.js";
import { Definitions } from "./definitions.js";
import { hasFixedLength, mayBeBehindEnd } from "./length-changes.js";
import { closeCycles, collapse, content, find, merge, Node, reach, unify, type Key } from "./memory-class.js";

/** Functions that call each other, while one of them is analysed. */
interface Circle {
  readonly members: Map<string, PointsTo>;
  /** Functions that are called, by whether they call back. */
  readonly leadsBack: Map<string, boolean>;
}

/** The keys of all elements. */
const allKeysOf = (type: Type): readonly Key[] =>
  type.kind === "tuple" ? type.elements.map((_, position) => position) : ["element"];

/** The classes of one function, as they are when all of it has been walked. */
export class PointsTo {
  readonly definitions: Definitions;
  /** Does the function itself do what may not be removed or repeated (callees included)? */
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

  /** The class of a reference. */
  node(value: Value): Node {
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
          for (const arg of op.args) this.join(result, arg);
          break;
        case "unwrap":
          this.join(result, op.value);
          break;
        case "grow":
          this.join(result, op.array);
          this.resize(op.array);
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
          this.resize(op.array);
          if (isReference(op.value.type)) unify(this.node(op.value), content(this.node(op.array), "element"));
          break;
        case "pop":
          this.resize(op.array);
          this.node(op.array).readKeys.add("element");
          if (result !== undefined && isReference(result.type)) {
            unify(this.node(result), content(this.node(op.array), "element"));
          }
          break;
        case "if":
          for (const { exit } of [op.then, op.else]) {
            if (exit.kind === "yield") op.results.forEach((value, k) => this.join(value, exit.values[k]));
          }
          break;
        case "loop":
          this.loop(op);
          break;
        case "call":
          this.call(op);
          break;
        case "opaque":
          this.opaque(op);
          break;
      }
      regionsOf(op).forEach((inner) => this.region(inner));
    }
    this.exit(region.exit);
  }

  private exit(exit: Exit): void {
    if (exit.kind === "throw") {
      this.observable = true;
      if (isReference(exit.value.type)) this.leaking.push(this.node(exit.value));
    } else if (exit.kind === "return") this.joinResults(exit.values, this.resultNodes);
  }

  /** What a function gives, and what stands for that inside it or where it is called. */
  private joinResults(values: readonly Value[], nodes: readonly (Node | null)[]): void {
    values.forEach((value, k) => {
      const node = nodes[k];
      if (node !== undefined && node !== null && isReference(value.type)) unify(node, this.node(value));
    });
  }

  private resize(array: Value): void {
    this.node(array).resized = true;
    this.node(array).writtenKeys.add("element");
  }

  /** A variable may begin as null, which is no reference: what it holds later meets in the parameter. */
  private loop({ initial, body, results }: LoopOp): void {
    initial.forEach((first, k) => {
      const param = body.params[k + 1];
      this.join(param, first);
      this.join(param, results[k + 2]);
      if (body.exit.kind === "yield") this.join(param, body.exit.values[k + 1]);
    });
  }

  private opaque(op: OpaqueOp): void {
    const { observable, writes } = op.effects;
    this.observable ||= observable;
    this.writesEverything ||= writes;
    const references = [...op.operands, ...op.results].filter(({ type }) => isReference(type));
    const [first] = references;
    if (first === undefined) return;
    // what it gives may be what it was given, or be reachable from there
    const isOwn = op.detached === true || op.fresh === true;
    if (!isOwn && (writes || op.results.some(({ type }) => isReference(type)))) {
      for (const other of references) unify(this.node(first), this.node(other));
      collapse(this.node(first));
    }
    for (const other of references) {
      const node = this.node(other);
      this.leaking.push(node);
      reach(node, (one) => {
        one.readKeys.add("element");
        if (!writes) return;
        one.writtenKeys.add("element");
        one.resized = true;
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
    const record = emptyRecord();
    this.calls.set(op, record);
    op.args.forEach((arg) => {
      if (isReference(arg.type)) this.leaking.push(this.node(arg));
    });
    const member = this.memberOfCircle(op.callee);
    const summary = member === null ? this.summarize(op.callee) : null;
    if (member !== null) this.callMember(op, member);
    else if (summary === null) this.callUnknown(op, record);
    else this.callKnown(op, summary, record);
  }

  /** One set of classes for all depths of the recursion; what the call does is settled last, by `finishCalls`. */
  private callMember(op: CallOp, member: PointsTo): void {
    op.args.forEach((arg, k) => {
      const param = member.fn.params[k]?.value;
      if (param !== undefined && isReference(param.type) && isReference(arg.type))
        unify(this.node(arg), member.node(param));
    });
    this.joinResults(op.results, member.resultNodes);
    this.inCircle.push(op);
  }

  /** Everything may be done to what it is given, and to all that the outside sees. */
  private callUnknown(op: CallOp, record: CallRecord): void {
    const references = [...op.args, ...op.results].filter(({ type }) => isReference(type));
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
  }

  private callKnown(op: CallOp, summary: Summary, record: CallRecord): void {
    record.observable = summary.observable;
    record.writesEverything = summary.writesEverything;
    this.observable ||= summary.observable;
    this.writesEverything ||= summary.writesEverything;
    const pair = (value: Value, theirs: Node | null | undefined): readonly Correspondence[] =>
      theirs !== undefined && theirs !== null && isReference(value.type) ? [[theirs, this.node(value)]] : [];
    const args = op.args.flatMap((arg, k) => pair(arg, summary.params[k]));
    const results = op.results.flatMap((result, k) => pair(result, summary.results[k]));
    applySummary([...args, ...results], record);
  }

  /** The callee, where it calls this function in its turn: such functions are analysed as if they were one. */
  private memberOfCircle(name: string): PointsTo | null {
    const { members, leadsBack } = this.circle;
    const known = members.get(name);
    if (known !== undefined) return known;
    const isMember = leadsBack.get(name) ?? leadsTo(name, this.fn.name, this.compilation);
    leadsBack.set(name, isMember);
    const callee = isMember ? this.compilation.functions.get(name) : undefined;
    return callee === undefined ? null : new PointsTo(callee, this.compilation, this.summaries, this.circle);
  }

  /** What a callee does to its arguments; null where that is not known. */
  private summarize(name: string): Summary | null {
    const known = this.summaries.get(name);
    if (known !== undefined) return known;
    const callee = this.compilation.functions.get(name);
    const summary = callee === undefined ? null : new PointsTo(callee, this.compilation, this.summaries).summary;
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
    for (const at of this.stores) if (this.reachesBehindEnd(at)) this.node(at.base).lengthened = true;
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

  /** May a store there reach behind the end of a plain array? */
  reachesBehindEnd(at: Location): boolean {
    if (at.kind === "field" || hasFixedLength(at.base)) return false;
    return this.node(at.base).resized || mayBeBehindEnd(at, this.definitions);
  }

  /** What a call does; null: it is none of this function's. */
  recordOf(op: CallOp): CallRecord | null {
    return this.calls.get(op) ?? null;
  }
}
