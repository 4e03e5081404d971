/**
 * A derivative along several directions in one sweep: what depends on the direction is computed for each, side by side;
 * the primal, the partial derivatives and all control are computed once.
 *
 *   f_forward(x, xDot):                    f_forward_width_2(x, xDot0, xDot1):
 *     c = cos x                      =>      c = cos x
 *     yDot = mul xDot c                      yDot0 = mul xDot0 c; yDot1 = mul xDot1 c
 *     return yDot                            return yDot0, yDot1
 *
 * It asks nothing of the mode: any function can be batched over any of its parameters, as long as its control does not
 * depend on them. That of a derivative does not depend on tangents and adjoints.
 */
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import { makeValue } from "../ir/build.js";
import type {
  ApplyOp,
  CallOp,
  IfOp,
  IRFunction,
  LoopOp,
  Op,
  Origin,
  Parameter,
  Region,
  Value,
  Variable,
} from "../ir/ir.js";
import { exitOperands, operandsOf, rebuild, regionsOf } from "../ir/traverse.js";
import { yieldsOf } from "./facts.js";
import { findLanes, isInLanes, type LaneMask, type Lanes } from "./lanes.js";

export interface Batch {
  readonly fn: IRFunction;
  /** Which of the parameters and results stand for several. */
  readonly mask: LaneMask;
}

/** The callee with lanes; null where the function itself is called for each direction. */
export type CalleeOf = (op: CallOp) => string | null;

/** Makes something of what depends on the direction, and leaves all else as it is. */
export type RewriteLanes = (fn: IRFunction, lanes: Lanes, calleeOf: CalleeOf) => IRFunction;

/** So many of everything that depends on the direction, side by side. */
export const several =
  (width: number): RewriteLanes =>
  (fn, lanes, calleeOf) =>
    new Rewriting(fn, lanes, width, calleeOf).run();

/** Batches functions and, as they are called, their callees: each once. */
export class Batches {
  /** What follows from what is asked for, by function and mask. */
  private readonly masks = new Map<string, LaneMask>();
  private readonly names = new Map<string, string>();
  private readonly pending: { readonly callee: string; readonly mask: LaneMask; readonly name: string }[] = [];
  /** Functions whose masks are being found, outermost first. */
  private readonly open = new Set<string>();
  /** Functions whose masks were found in this round. */
  private readonly done = new Set<string>();
  private readonly aliases = new Map<IRFunction, Aliases>();
  /** How often a mask was found to be larger than it had been known to be. */
  private growths = 0;
  private readonly apart: ReadonlyMap<string, IRFunction>;

  constructor(
    private readonly rewrite: RewriteLanes,
    private readonly compilation: Compilation,
    /** A free name for a callee along several directions. */
    private readonly nameFor: (callee: string) => string,
  ) {
    this.apart = new Map([...compilation.functions].map(([name, fn]) => [name, withoutSharing(fn)]));
  }

  batch(fn: IRFunction, asked: LaneMask, name: string): Batch {
    const lanes = this.settledLanes(fn, asked);
    const rewritten = this.rewrite(fn, lanes, (op) => this.calleeOf(op, lanes));
    return { fn: { ...rewritten, name }, mask: lanes.mask };
  }

  /** Functions that call each other: what one has follows from what the others have, until nothing is new. */
  private settledLanes(fn: IRFunction, asked: LaneMask): Lanes {
    for (;;) {
      const before = this.growths;
      this.done.clear();
      const lanes = this.lanesOf(fn, asked);
      if (this.growths === before) return lanes;
    }
  }

  /** The callees that were needed on the way, batched; `register` is told of each before the next one is made. */
  callees(register: (fn: IRFunction) => void): readonly IRFunction[] {
    const made: IRFunction[] = [];
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) {
      const { fn } = this.batch(this.functionCalled(next.callee), next.mask, next.name);
      register(fn);
      made.push(fn);
    }
    return made;
  }

  private lanesOf(fn: IRFunction, asked: LaneMask): Lanes {
    const aliases = this.aliases.get(fn) ?? analyzeAliases(withoutSharing(fn), { functions: this.apart });
    this.aliases.set(fn, aliases);
    return findLanes(fn, asked, aliases, (op, mask) => this.maskOf(op, mask));
  }

  private maskOf({ callee, results }: CallOp, asked: LaneMask): LaneMask {
    const fn = this.functionCalled(callee);
    // What is not looked into is called once for each direction.
    if (fn.external !== undefined) return { params: asked.params, results: new Set(results.keys()) };
    const key = keyOf(callee, asked);
    const known = this.masks.get(key) ?? asked;
    if (this.open.has(key) || this.done.has(key)) return known;
    this.open.add(key);
    const { mask } = this.lanesOf(fn, joined(known, asked));
    this.open.delete(key);
    this.done.add(key);
    const found = joined(mask, known);
    if (found.params.size + found.results.size > known.params.size + known.results.size) this.growths++;
    this.masks.set(key, found);
    return found;
  }

  private calleeOf(op: CallOp, lanes: Lanes): string | null {
    if (this.functionCalled(op.callee).external !== undefined) return null;
    const positions = (values: readonly Value[]): ReadonlySet<number> =>
      new Set(values.flatMap((value, position) => (lanes.has(value) ? [position] : [])));
    const mask: LaneMask = { params: positions(op.args), results: positions(op.results) };
    const key = keyOf(op.callee, mask);
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const name = this.nameFor(op.callee);
    this.names.set(key, name);
    this.pending.push({ callee: op.callee, mask, name });
    return name;
  }

  private functionCalled(name: string): IRFunction {
    const fn = this.compilation.functions.get(name);
    if (fn === undefined) throw new Error(`the callee ${name} is not known`);
    return fn;
  }
}

/**
 * Two parameters may be one array where a caller hands in one array twice: then it has lanes in both or in neither, and
 * the caller is who knows. So they are taken for two.
 */
function withoutSharing(fn: IRFunction): IRFunction {
  const { sharesArguments, derivation, ...rest } = fn;
  if (sharesArguments !== true && derivation?.sharesMemory !== true) return fn;
  return { ...rest, derivation: derivation === null ? null : { of: derivation.of, mode: derivation.mode } };
}

const keyOf = (callee: string, { params, results }: LaneMask): string =>
  [callee, [...params].sort().join(","), [...results].sort().join(",")].join(" ");

const joined = (one: LaneMask, other: LaneMask): LaneMask => ({
  params: new Set([...one.params, ...other.params]),
  results: new Set([...one.results, ...other.results]),
});

/** A product with a factor that all directions share. */
interface Scaled {
  readonly of: Value;
  readonly by: Value;
}

/** One function, rewritten. */
class Rewriting {
  private readonly values = new Map<Value, readonly Value[]>();
  private readonly variables = new Map<Variable, readonly Variable[]>();
  private readonly scaled = new Map<Value, Scaled>();
  private readonly uses = new Map<Value, number>();

  constructor(
    private readonly fn: IRFunction,
    private readonly lanes: Lanes,
    private readonly width: number,
    private readonly calleeOf: CalleeOf,
  ) {
    this.count(fn.body);
  }

  private count({ ops, exit }: Region): void {
    const use = (value: Value): void => void this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
    for (const op of ops) {
      operandsOf(op).forEach(use);
      regionsOf(op).forEach((inner) => this.count(inner));
    }
    exitOperands(exit).forEach(use);
  }

  run(): IRFunction {
    const { fn } = this;
    const params = fn.params.flatMap((param): readonly Parameter[] =>
      this.lanes.has(param.value) ? this.lanesOf(param.value).map((value) => ({ ...param, value })) : [param],
    );
    const isMany = (k: number): boolean => this.lanes.mask.results.has(k);
    const results = fn.results.flatMap((type, k) => Array.from({ length: isMany(k) ? this.width : 1 }, () => type));
    const body = this.region(fn.body);
    const { exit } = fn.body;
    if (exit.kind !== "return") return { ...fn, params, results, body };
    const values = exit.values.flatMap((value, k) => (isMany(k) ? this.eachOf(value) : [value]));
    return { ...fn, params, results, body: { ...body, exit: { kind: "return", values } } };
  }

  /** What stands for a value: itself, or its lanes. */
  private spread(value: Value): readonly Value[] {
    return this.lanes.has(value) ? this.lanesOf(value) : [value];
  }

  private lanesOf(value: Value): readonly Value[] {
    const known = this.values.get(value);
    if (known !== undefined) return known;
    const made = Array.from({ length: this.width }, (_, lane) =>
      makeValue(value.type, this.inLane(value.origin, lane)),
    );
    this.values.set(value, made);
    return made;
  }

  private inLane(origin: Origin, lane: number): Origin {
    const { variable } = origin;
    if (variable === null) return origin;
    const known =
      this.variables.get(variable) ?? Array.from({ length: this.width }, (_, k) => ({ ...variable, lane: k }));
    this.variables.set(variable, known);
    return { ...origin, variable: known[lane] ?? variable };
  }

  private at(value: Value, lane: number): Value {
    return this.lanes.has(value) ? (this.lanesOf(value)[lane] ?? value) : value;
  }

  private region(region: Region): Region {
    const ops = region.ops.flatMap((op) => this.visit(op));
    const { exit } = region;
    const params = region.params.flatMap((param) => this.spread(param));
    if (exit.kind === "throw") return { params, ops, exit };
    return { params, ops, exit: { kind: exit.kind, values: exit.values.flatMap((value) => this.spread(value)) } };
  }

  private visit(op: Op): readonly Op[] {
    switch (op.kind) {
      case "if":
        return [this.visitIf(op)];
      case "loop":
        return [this.visitLoop(op)];
      case "call":
        return this.visitCall(op);
      case "length":
        // It is the same in all lanes.
        return [rebuild(op, this.laneOf(0))];
      case "apply":
        return isInLanes(op, this.lanes) ? this.visitApply(op) : [op];
      case "allocate":
        // Of the shape of something with lanes there can be a single one.
        if (!op.results.some((result) => this.lanes.has(result))) return [rebuild(op, this.laneOf(0))];
        return this.forEachLane(op);
      default:
        return isInLanes(op, this.lanes) ? this.forEachLane(op) : [op];
    }
  }

  /** How an operation is rebuilt for one lane. What it gives without lanes (the new length, of a push) comes from the first. */
  private laneOf(lane: number): Parameters<typeof rebuild>[1] {
    return {
      value: (value) => this.at(value, lane),
      region: (region) => region,
      result: (value) =>
        this.lanes.has(value) || lane === 0 ? this.at(value, lane) : makeValue(value.type, value.origin),
    };
  }

  private forEachLane(op: Op): readonly Op[] {
    return Array.from({ length: this.width }, (_, lane) => rebuild(op, this.laneOf(lane)));
  }

  private visitIf(op: IfOp): Op {
    const [then, otherwise] = [op.then, op.else].map((branch) => this.branch(branch, op.results));
    if (then === undefined || otherwise === undefined) throw new Error("a branch is lost");
    return { ...op, results: op.results.flatMap((result) => this.spread(result)), then, else: otherwise };
  }

  /** A branch may hand out what all lanes share where the other hands out lanes. */
  private branch(region: Region, results: readonly Value[]): Region {
    const inner = this.region(region);
    if (inner.exit.kind === "throw") return inner;
    const values = yieldsOf(region.exit).flatMap((value, k) => this.spreadAs(results[k], value));
    return { ...inner, exit: { kind: "yield", values } };
  }

  private spreadAs(like: Value | undefined, value: Value): readonly Value[] {
    return like === undefined || !this.lanes.has(like) ? [value] : this.eachOf(value);
  }

  /** A value for each lane: what all share is the same in each. */
  private eachOf(value: Value): readonly Value[] {
    return Array.from({ length: this.width }, (_, lane) => this.at(value, lane));
  }

  private visitLoop(op: LoopOp): Op {
    const { params } = op.body;
    const inner = this.region(op.body);
    if (inner.exit.kind === "throw") return { ...op, body: inner };
    const [stop, ...carried] = yieldsOf(op.body.exit);
    if (stop === undefined) throw new Error("a loop does not say when it stops");
    const values = [stop, ...carried.flatMap((value, k) => this.spreadAs(params[k + 1], value))];
    return {
      ...op,
      results: op.results.flatMap((result) => this.spread(result)),
      initial: op.initial.flatMap((initial, k) => this.spreadAs(params[k + 1], initial)),
      body: { ...inner, exit: { kind: "yield", values } },
    };
  }

  private visitCall(op: CallOp): readonly Op[] {
    if (!isInLanes(op, this.lanes)) return [op];
    const callee = this.calleeOf(op);
    if (callee === null) return this.forEachLane(op);
    const spread = (value: Value): readonly Value[] => this.spread(value);
    return [{ kind: "call", results: op.results.flatMap(spread), callee, args: op.args.flatMap(spread) }];
  }

  /**
   * Factors that all directions share are multiplied first: (xDot * a) * b => xDot * (a * b).
   */
  private visitApply(op: ApplyOp): readonly Op[] {
    const [result] = op.results;
    const factors = op.primitive === "mul" ? this.factorsOf(op.args) : null;
    if (result === undefined || factors === null) return this.forEachLane(op);
    const inner = this.uses.get(factors.of) === 1 ? this.scaled.get(factors.of) : undefined;
    if (inner === undefined) {
      this.scaled.set(result, factors);
      return this.forEachLane(op);
    }
    const origin: Origin = { ...result.origin, variable: null };
    const product = makeValue(result.type, origin);
    this.scaled.set(result, { of: inner.of, by: product });
    const scale: Op = { kind: "apply", results: [product], primitive: "mul", args: [inner.by, factors.by] };
    return [scale, ...this.forEachLane({ ...op, args: [inner.of, product] })];
  }

  private factorsOf([a, b]: readonly Value[]): Scaled | null {
    if (a === undefined || b === undefined || this.lanes.has(a) === this.lanes.has(b)) return null;
    return this.lanes.has(a) ? { of: a, by: b } : { of: b, by: a };
  }
}
