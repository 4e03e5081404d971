/**
 * Which inputs each number depends on: a derivative in forward mode, read once more with sets of columns in the place of
 * tangents. It is linear in them, so that a sum holds the columns of its terms, and a factor changes nothing:
 *
 *   f_forward(x, xDot):                       f_pattern(x, xColumns, sets):
 *     yDot = add (mul xDot[i] c) xDot[j]   =>   yColumns = sets.union(xColumns[i], xColumns[j])
 *
 * A set is known by its number (`ColumnSets` of the package), and 0 is the empty one, as 0 is the tangent of what depends
 * on nothing. Indices and control are the program's own, whatever they are: the pattern is that of the way it takes.
 */
import type { CallOp, IRFunction, IfOp, LoopOp, Op, Origin, Region, Type, Value } from "../ir/ir.js";
import { inventedOrigin, isReference, numberType } from "../ir/ir.js";
import { Block, makeValue } from "../ir/build.js";
import { exitOperands, rebuild } from "../ir/traverse.js";
import type { Compilation } from "../compilation.js";
import type { CalleeOf, RewriteLanes } from "./batch.js";
import { yieldsOf } from "./facts.js";
import { isInLanes, type Lanes } from "./lanes.js";
import { Refusal } from "./refusal.js";

export const setsType: Type = { kind: "opaque", text: 'import("enzyme-ts/sparse").ColumnSets' };

export const setsOrigin: Origin = { span: null, variable: { name: "sets" }, role: "primal" };

/** With sets of columns where tangents have lanes; the last parameter is what knows the sets. */
export const withColumns =
  (compilation: Compilation): RewriteLanes =>
  (fn, lanes, calleeOf) =>
    new Pattern(fn, lanes, calleeOf, compilation).run();

const refuse = (what: string): never => {
  throw new Refusal("EZ2081", { what });
};

class Pattern {
  private readonly values = new Map<Value, Value>();
  private readonly sets = makeValue(setsType, setsOrigin);

  constructor(
    private readonly fn: IRFunction,
    private readonly lanes: Lanes,
    private readonly calleeOf: CalleeOf,
    private readonly compilation: Compilation,
  ) {}

  run(): IRFunction {
    const { fn } = this;
    const params = fn.params.map((param) => {
      const value = this.look(param.value);
      return value === param.value ? param : { ...param, value, typeText: null };
    });
    const sets = { value: this.sets, name: "sets", activity: "const", typeText: null } as const;
    const results = fn.results.map((type, k) => (this.lanes.mask.results.has(k) ? withDoubles(type) : type));
    const block = this.ops(fn.body);
    const { exit } = fn.body;
    const values = exitOperands(exit).map((value, k) =>
      this.lanes.mask.results.has(k) ? this.column(value, block) : value,
    );
    const body = block.region([], exit.kind === "return" ? { kind: "return", values } : exit);
    return { ...fn, params: [...params, sets], results, body };
  }

  /** What stands for a value: itself, or its sets. */
  private look(value: Value): Value {
    if (!this.lanes.has(value)) return value;
    const known = this.values.get(value);
    if (known !== undefined) return known;
    const { variable } = value.origin;
    const made = makeValue(withDoubles(value.type), {
      span: null,
      variable: variable === null ? null : { name: `${variable.name}Columns` },
      role: "primal",
    });
    this.values.set(value, made);
    return made;
  }

  /** The same where a set is wanted: what does not depend on the direction has the empty one. */
  private column(value: Value, block: Block): Value {
    if (this.lanes.has(value)) return this.look(value);
    if (value.type.kind !== "number" && value.type.kind !== "integer") return value;
    return block.constant(0, inventedOrigin, null, numberType);
  }

  private union(sets: readonly Value[], origin: Origin, block: Block): Value {
    const [first, ...others] = [...new Set(sets)];
    if (first === undefined) return block.constant(0, origin, null, numberType);
    return others.reduce((one, other) => {
      const both = makeValue(numberType, origin);
      const effects = { reads: false, writes: false, observable: false };
      const operands = [this.sets, one, other];
      block.append({ kind: "opaque", results: [both], template: "$0.union($1, $2)", operands, effects });
      return both;
    }, first);
  }

  private ops(region: Region): Block {
    const block = new Block(false);
    for (const op of region.ops) this.visit(op, block);
    return block;
  }

  /** `like`: what the values that a region yields become, where they have sets. */
  private region(region: Region, like: readonly (Value | undefined)[]): Region {
    const block = this.ops(region);
    const { exit } = region;
    const params = region.params.map((param) => this.look(param));
    if (exit.kind === "throw") return block.region(params, exit);
    const values = exit.values.map((value, k) => this.as(like[k], value, block));
    return block.region(params, { kind: exit.kind, values });
  }

  private as(like: Value | undefined, value: Value, block: Block): Value {
    return like !== undefined && this.lanes.has(like) ? this.column(value, block) : value;
  }

  private visit(op: Op, block: Block): void {
    if (op.kind === "if") return block.append(this.visitIf(op));
    if (op.kind === "loop") return block.append(this.visitLoop(op, block));
    if (!isInLanes(op, this.lanes)) return block.append(op);
    const value = (one: Value): Value => this.look(one);
    const plain = { value, result: value, region: (inner: Region): Region => inner };
    const [result] = op.results;
    switch (op.kind) {
      case "apply": {
        if (result === undefined) return;
        if (isReference(result.type)) return block.append(rebuild(op, plain));
        if (result.type.kind !== "number") return refuse("a decision depends on the tangent itself");
        if (op.primitive === "orZero") return block.append(rebuild(op, plain));
        const sets = op.args.filter((arg) => this.lanes.has(arg)).map(value);
        this.values.set(result, this.union(sets, this.look(result).origin, block));
        return;
      }
      case "accumulate": {
        if (!this.lanes.has(op.value)) return;
        const at = { ...op.at, base: value(op.at.base) };
        const before = block.load(at);
        return block.store(at, this.union([before, value(op.value)], inventedOrigin, block));
      }
      case "store":
        if (op.removes === true) return block.remove({ ...op.at, base: value(op.at.base) });
        return block.store({ ...op.at, base: value(op.at.base) }, this.as(op.at.base, op.value, block));
      case "push":
        return block.append({ ...op, array: value(op.array), value: this.as(op.array, op.value, block) });
      case "allocate":
        return this.visitAllocation(op, block);
      case "call":
        return this.visitCall(op, block);
      default:
        return block.append(rebuild(op, plain));
    }
  }

  private visitAllocation(op: Extract<Op, { kind: "allocate" }>, block: Block): void {
    const { initial } = op;
    const [result] = op.results;
    if (result === undefined) return;
    const results = [this.look(result)];
    const part = (one: Value): Value => this.as(result, one, block);
    switch (initial.kind) {
      case "parts":
        return block.append({ ...op, results, initial: { ...initial, parts: initial.parts.map(part) } });
      case "filled":
        return block.append({ ...op, results, initial: { ...initial, value: part(initial.value) } });
      case "copy": {
        const copied = { ...initial, source: this.look(initial.source) };
        if (!this.lanes.has(result) || this.lanes.has(initial.source))
          return block.append({ ...op, results, initial: copied });
        const of = block.allocate(result.type, copied);
        return this.allocateLike(op, of, result, block);
      }
      case "zerosLike":
        return this.allocateLike(op, this.look(initial.of), result, block);
      case "zeros":
        return block.append({ ...op, results });
    }
  }

  /** Zeros are made by the type of what they are like: sets need doubles. */
  private allocateLike(op: Extract<Op, { kind: "allocate" }>, of: Value, result: Value, block: Block): void {
    const results = [this.look(result)];
    const isFlat = result.type.kind === "array" && !isReference(result.type.element);
    if (isFlat) block.append({ ...op, results, initial: { kind: "zeros", length: block.length(of) } });
    else if (this.lanes.has(result) && withDoubles(of.type) !== of.type)
      refuse("a Float32Array is kept inside of an array or object");
    else block.append({ ...op, results, initial: { kind: "zerosLike", of } });
  }

  private visitIf(op: IfOp): Op {
    return {
      ...op,
      results: op.results.map((result) => this.look(result)),
      then: this.region(op.then, op.results),
      else: this.region(op.else, op.results),
    };
  }

  private visitLoop(op: LoopOp, block: Block): Op {
    const { params } = op.body;
    return {
      ...op,
      results: op.results.map((result) => this.look(result)),
      initial: op.initial.map((initial, k) => this.as(params[k + 1], initial, block)),
      // the first is whether it stops
      body: this.region(
        op.body,
        yieldsOf(op.body.exit).map((_, k) => (k === 0 ? undefined : params[k])),
      ),
    };
  }

  private visitCall(op: CallOp, block: Block): void {
    const callee = this.calleeOf(op);
    if (callee !== null) {
      const args = [...op.args.map((arg) => this.look(arg)), this.sets];
      return block.append({ kind: "call", results: op.results.map((one) => this.look(one)), callee, args });
    }
    const isOfNumbers = [...op.args.filter((arg) => this.lanes.has(arg)), ...op.results].every(
      ({ type }) => type.kind === "number",
    );
    if (!isOfNumbers || this.compilation.functions.get(op.callee)?.external?.written.length !== 0)
      return refuse(`\`${op.callee}\` has a rule of its own, and takes or gives arrays or objects`);
    const sets = op.args.filter((arg) => this.lanes.has(arg)).map((arg) => this.look(arg));
    for (const result of op.results) this.values.set(result, this.union(sets, this.look(result).origin, block));
  }
}

/** Sets have numbers that a Float32Array cannot hold. */
function withDoubles(type: Type): Type {
  switch (type.kind) {
    case "array": {
      const element = withDoubles(type.element);
      if (element === type.element && type.storage !== "Float32Array") return type;
      return { ...type, element, storage: type.storage === "Float32Array" ? "Float64Array" : type.storage };
    }
    case "tuple": {
      const elements = type.elements.map(withDoubles);
      return elements.every((one, k) => one === type.elements[k]) ? type : { ...type, elements };
    }
    case "optional": {
      const of = withDoubles(type.of);
      return of === type.of ? type : { ...type, of };
    }
    default:
      return type;
  }
}
